//! What becomes of one atom when its learners are divided among nested groups.
//!
//! Cells of more than k learners stand alone. Smaller ones are pooled, with the learners of
//! no group when those are 1..=k or the cells alone are too few. Every part, and what nobody
//! shows, is then empty or holds more than k, so the gate allows each of them in any order.
//!
//! A part that is still too small grows: enough learners step out of a cell that was
//! released for its group before, so that one who changes groups does not end a row; else
//! the smallest cell joins as a whole (ties: first group). The same facts asked again
//! give the same parts.

use super::roster::Members;

/// One atom, divided.
pub(super) struct Parts {
    /// Per group its members here; none is empty.
    pub(super) cells: Vec<(usize, Members)>,
    /// Learners of no group who are on the roster of the course.
    pub(super) rest: Members,
    /// How many others of the atom are on no roster today.
    pub(super) outside: usize,
}

/// The cells that stand alone, and the pool.
///
/// `part_with(group, cell, stay)` has all but `stay` step out of a cell, if they may.
pub(super) fn divide(
    parts: Parts,
    k: usize,
    part_with: impl Fn(usize, &mut Members, usize) -> Option<Members>,
) -> (Vec<(usize, Members)>, Members) {
    let few = |n: usize| (1..=k).contains(&n);
    let (mut alone, small): (Vec<_>, Vec<_>) = parts
        .cells
        .into_iter()
        .partition(|(_, cell)| cell.len() > k);
    let mut pool: Members = small.into_iter().flat_map(|(_, cell)| cell).collect();
    if few(pool.len()) || few(parts.rest.len()) {
        pool.extend(parts.rest);
    }
    // Who is outside cannot be shown, so those who must keep them company wait.
    let waits = parts.outside > 0 && (few(parts.outside) || few(pool.len()));
    let beside = if waits { parts.outside } else { 0 };
    while few(pool.len() + beside) {
        let missing = k + 1 - (pool.len() + beside);
        let stepped = alone.iter_mut().find_map(|(group, cell)| {
            let stay = cell.len().checked_sub(missing).filter(|stay| *stay > k)?;
            part_with(*group, cell, stay)
        });
        if let Some(stepped) = stepped {
            pool.extend(stepped);
            continue;
        }
        let smallest = (0..alone.len()).min_by_key(|i| alone.get(*i).map(|(_, c)| c.len()));
        let Some(smallest) = smallest else { break };
        pool.extend(alone.remove(smallest).1);
    }
    if waits || few(pool.len()) {
        pool.clear();
    }
    (alone, pool)
}
