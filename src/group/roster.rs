//! Rosters: who a release is about. Sorted dense learner numbers, facts of enrollment
//! and membership only. A family is the groups of one course with the course itself
//! as their parent.

/// Learners of one group, sorted and distinct.
pub(crate) type Members = Vec<u32>;

/// A registered group and its members.
#[derive(Debug, Clone)]
pub(crate) struct Roster {
    /// What the group is called in tables.
    pub(crate) label: String,
    /// Its members, sorted and distinct.
    pub(crate) members: Members,
}

/// Groups of one course (or over all courses) that are planned together.
#[derive(Debug, Clone)]
pub(crate) struct Family {
    /// What tells this family from another one in a table: the course.
    pub(crate) label: String,
    /// Whose values: those in one course, or those over all courses.
    pub(crate) course: Option<u32>,
    /// Everybody in the course; without it the children stand alone.
    pub(crate) parent: Option<Members>,
    /// The groups inside, in the order of their ids.
    pub(crate) children: Vec<Roster>,
    /// Whether the parent itself is asked for (`by="course"`) or only kept free.
    pub(crate) show_parent: bool,
}

/// Members in order, each once.
pub(super) fn tidy(mut members: Members) -> Members {
    if !members.is_sorted() {
        members.sort_unstable();
    }
    members.dedup();
    members
}

/// Whether any learner is on two of them.
pub(super) fn overlap(rosters: &[&[u32]]) -> bool {
    let mut all: Vec<u32> = rosters.concat();
    all.sort_unstable();
    all.windows(2).any(|two| two.first() == two.last())
}

/// Learners in any of them.
pub(super) fn union<'a>(rosters: impl IntoIterator<Item = &'a Members>) -> Members {
    tidy(rosters.into_iter().flatten().copied().collect())
}

/// Learners of `from` that are not in `without`.
pub(super) fn difference(from: &[u32], without: &[u32]) -> Members {
    // Both ascending: one walk over large ones, few steps for a small one.
    if from.len() < without.len() / 16 {
        let keep = |l: &&u32| without.binary_search(l).is_err();
        return from.iter().filter(keep).copied().collect();
    }
    let mut without = without.iter().peekable();
    let keep = |learner: &&u32| {
        while without.next_if(|w| w < learner).is_some() {}
        without.peek() != Some(learner)
    };
    from.iter().filter(keep).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_behave_as_sets() {
        assert_eq!(tidy(vec![2, 1, 2]), [1, 2]);
        assert_eq!(union([&vec![1, 3], &vec![2, 3]]), [1, 2, 3]);
        assert!(overlap(&[&[1, 3], &[3]]) && !overlap(&[&[1, 3], &[2]]));
        assert_eq!(difference(&[1, 2, 3], &[2]), [1, 3]);
        let many: Vec<u32> = (0..100).map(|l| l * 2).collect();
        assert_eq!(difference(&[3, 4, 5], &many), [3, 5]);
        let odd: Vec<u32> = (0..50).map(|l| l * 2 + 1).collect();
        let all: Vec<u32> = (0..100).collect();
        assert_eq!(difference(&all, &many), odd);
    }
}
