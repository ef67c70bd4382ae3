//! Which options learners chose, and how good they are otherwise: the table of distractors.

use std::collections::BTreeMap;

use super::moments::correlation;

/// One option of an item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Chosen {
    pub(crate) option: u32,
    /// Learners who chose it, of `of` who chose any.
    pub(crate) n: usize,
    pub(crate) of: usize,
    /// Mean score at the other items of those who chose it.
    pub(crate) mean_rest: f64,
    /// Correlation of choosing it with the score at the other items: a good distractor's is
    /// negative, the key's positive.
    pub(crate) discrimination: Option<f64>,
}

/// The options of an item, in order; `rest` are the learners' scores at the other items.
pub(crate) fn options(chosen: &[Option<u32>], rest: &[f64]) -> Vec<Chosen> {
    let answered: Vec<(u32, f64)> = chosen
        .iter()
        .zip(rest)
        .filter_map(|(option, rest)| Some(((*option)?, *rest)))
        .collect();
    let scores: Vec<f64> = answered.iter().map(|(_, rest)| *rest).collect();
    let mut by_option: BTreeMap<u32, (usize, f64)> = BTreeMap::new();
    for (option, rest) in &answered {
        let (n, sum) = by_option.entry(*option).or_default();
        *n += 1;
        *sum += rest;
    }
    let row = |(option, (n, sum)): (u32, (usize, f64))| {
        let own = answered
            .iter()
            .map(|(other, _)| f64::from(u8::from(*other == option)));
        Chosen {
            option,
            n,
            of: answered.len(),
            mean_rest: sum / n as f64,
            discrimination: correlation(&own.collect::<Vec<_>>(), &scores),
        }
    };
    by_option.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_chosen_by_the_good_and_the_distractor_by_the_weak() {
        let chosen = [Some(1), Some(1), Some(2), None, Some(2), Some(3)];
        let rest = [4.0, 3.0, 1.0, 9.0, 0.0, 2.0];
        let table = options(&chosen, &rest);
        let told: Vec<_> = table
            .iter()
            .map(|c| (c.option, c.n, c.of, c.mean_rest))
            .collect();
        assert_eq!(told, [(1, 2, 5, 3.5), (2, 2, 5, 0.5), (3, 1, 5, 2.0)]);
        // Key: (3.5 - 1.333) / sd 1.414 * sqrt(0.4 * 0.6) = 0.866; the mean option tells nothing.
        let d: Vec<f64> = table.iter().filter_map(|c| c.discrimination).collect();
        assert!((d[0] - 0.75_f64.sqrt()).abs() < 1e-12 && (d[0] + d[1]).abs() < 1e-12);
        assert!(d[2].abs() < 1e-12);
    }

    #[test]
    fn an_item_that_nobody_answered_has_no_options() {
        assert!(options(&[None, None], &[1.0, 2.0]).is_empty());
    }
}
