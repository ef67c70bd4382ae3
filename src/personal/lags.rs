//! The pauses between a learner's accesses to the same content.

#![expect(
    clippy::indexing_slicing,
    reason = "ranks index arrays made for all of them"
)]

use std::ops::Range;

/// The lags of a learner's contents.
#[derive(Debug, Default)]
pub(super) struct Lags {
    /// The rank of the content and the length of each, as they come.
    pub(super) found: Vec<(u32, i64)>,
    /// Lengths by rank.
    placed: Vec<i64>,
    /// Where those of each rank begin, and where the last end.
    from: Vec<usize>,
}

impl Lags {
    /// Puts the lags of each rank together.
    pub(super) fn place(&mut self, ranks: usize) {
        let Self {
            found,
            placed,
            from,
        } = self;
        from.clear();
        from.resize(ranks + 2, 0);
        for (rank, _) in found.iter() {
            from[*rank as usize + 2] += 1;
        }
        for rank in 2..from.len() {
            from[rank] += from[rank - 1];
        }
        placed.clear();
        placed.resize(found.len(), 0);
        // Where the next lag of a rank goes is where those of the next rank begin, in the end.
        for (rank, lag) in found.iter() {
            let next = &mut from[*rank as usize + 1];
            placed[*next] = *lag;
            *next += 1;
        }
    }

    /// Those of some ranks, by length.
    pub(super) fn of(&mut self, ranks: Range<usize>) -> &[i64] {
        let own = &mut self.placed[self.from[ranks.start]..self.from[ranks.end]];
        own.sort_unstable();
        own
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lags_are_those_of_their_content_by_length(
            found in prop::collection::vec((0_u32..6, 0_i64..50), 0..40),
            from in 0_usize..6,
            width in 0_usize..6,
        ) {
            let ranks = from..(from + width).min(6);
            let here = |(rank, _): &&(u32, i64)| ranks.contains(&(*rank as usize));
            let mut expected: Vec<i64> = found.iter().filter(here).map(|(_, lag)| *lag).collect();
            expected.sort_unstable();
            let mut lags = Lags { found, ..Lags::default() };
            lags.place(6);
            prop_assert_eq!(lags.of(ranks), &expected);
        }
    }
}
