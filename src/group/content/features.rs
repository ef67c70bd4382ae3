//! How many learners leave a feature of the platform unused.

use crate::personal::participation::{FEATURES, Use};

/// A feature and its learners.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) feature: &'static str,
    pub(crate) n: u32,
    /// Learners who never used it.
    pub(crate) ignored: u32,
}

/// The features in order, over the uses of one course.
pub(crate) fn ignored(uses: &[Use]) -> Vec<Usage> {
    let count = |(at, (feature, _)): (usize, &(&'static str, _))| {
        let own = || uses.iter().filter(|own| own.feature == at);
        let none = own().filter(|own| own.events == 0).count();
        Usage {
            feature,
            n: u32::try_from(own().count()).unwrap_or(u32::MAX),
            ignored: u32::try_from(none).unwrap_or(u32::MAX),
        }
    };
    FEATURES.iter().enumerate().map(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{LearningData, Options, Tables};
    use crate::personal::PersonalOptions;
    use polars::prelude::*;

    #[test]
    fn one_of_two_learners_never_searched() {
        let events = df!(
            "learner" => ["ann", "ann", "bob"],
            "time" => ["2024-03-01T10:00Z", "2024-03-01T10:01Z", "2024-03-01T10:02Z"],
            "content" => ["x", "x", "x"],
            "verb" => ["searched", "searched", "viewed"],
        );
        let data = LearningData::new(events.unwrap(), Tables::default(), &Options::default());
        let pla = data.unwrap().personal(&PersonalOptions::default()).unwrap();
        let table = ignored(&pla.uses().unwrap());
        let search = table.iter().find(|row| row.feature == "search").unwrap();
        assert_eq!((search.n, search.ignored), (2, 1));
        assert!(table.iter().all(|row| row.n == 2));
    }
}
