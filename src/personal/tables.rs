//! Several tables at once: one walk over each learner's events makes them all.

use polars::prelude::DataFrame;

use super::courses::{self, Per};
use super::frequency::Streaks;
use super::grid::Grid;
use super::navigation::Place;
use super::splits::Week;
use super::summary::Records;
use super::watching::Open;
use super::{
    PersonalAnalytics, assessments, delay, engagement, frequency, heat, navigation, pace,
    participation, paths, periods, progress_over_time, regularity, sessions, studied, summary,
    video, weekly_table,
};
use crate::data::WEEK;
use crate::error::{Error, Result};

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident = $word:literal),* $(,)?) => {
        /// A table of Personal Learning Analytics that can be asked for without arguments.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Table {
            $($(#[$doc])* $name),*
        }

        impl Table {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name of the method that makes it alone.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word),*
                }
            }
        }
    };
}

tables! {
    /// [`PersonalAnalytics::summary`]
    Summary = "summary",
    /// [`PersonalAnalytics::sessions`]
    Sessions = "sessions",
    /// [`PersonalAnalytics::study_time`], the total of each learner
    StudyTime = "study_time",
    /// [`PersonalAnalytics::studied_content`]
    StudiedContent = "studied_content",
    /// [`PersonalAnalytics::frequency`], all courses of a learner together
    Frequency = "frequency",
    /// [`PersonalAnalytics::regularity`], all courses of a learner together
    Regularity = "regularity",
    /// [`PersonalAnalytics::activity_calendar`]
    ActivityCalendar = "activity_calendar",
    /// [`PersonalAnalytics::activity_clock`]
    ActivityClock = "activity_clock",
    /// [`PersonalAnalytics::delay`], by content
    Delay = "delay",
    /// [`PersonalAnalytics::progress`], by course
    Progress = "progress",
    /// [`PersonalAnalytics::progress_over_time`], week by week
    ProgressOverTime = "progress_over_time",
    /// [`PersonalAnalytics::pace`]
    Pace = "pace",
    /// [`PersonalAnalytics::engagement`]
    Engagement = "engagement",
    /// [`PersonalAnalytics::drop_off`]
    DropOff = "drop_off",
    /// [`PersonalAnalytics::person_periods`], in periods of seven days
    PersonPeriods = "person_periods",
    /// [`PersonalAnalytics::weekly_features`], without a pass mark
    WeeklyFeatures = "weekly_features",
    /// [`PersonalAnalytics::video`], plays that nothing closed dropped
    Video = "video",
    /// [`PersonalAnalytics::video_segments`], in steps of a second
    VideoSegments = "video_segments",
    /// [`PersonalAnalytics::assessments`], without a pass mark
    Assessments = "assessments",
    /// [`PersonalAnalytics::responses`]
    Responses = "responses",
    /// [`PersonalAnalytics::struggle`], without a pass mark
    Struggle = "struggle",
    /// [`PersonalAnalytics::navigation`] between contents, without self-loops
    Navigation = "navigation",
    /// [`PersonalAnalytics::navigation_summary`]
    NavigationSummary = "navigation_summary",
    /// [`PersonalAnalytics::feature_usage`]
    FeatureUsage = "feature_usage",
    /// [`PersonalAnalytics::collaboration`]
    Collaboration = "collaboration",
}

impl Table {
    /// The table a word stands for.
    ///
    /// # Errors
    /// [`Error::Parameter`] with the words there are.
    pub fn parse(word: &str) -> Result<Self> {
        let found = Self::ALL.iter().find(|table| table.word() == word);
        found.copied().ok_or_else(|| {
            let words: Vec<_> = Self::ALL
                .iter()
                .map(|t| format!("`{}`", t.word()))
                .collect();
            let expected = format!("any of {}", words.join(", "));
            Error::parameter("tables", expected, format!("{word:?}"))
        })
    }

    /// What makes it of the records by course, if they are all it takes.
    fn of_records(self) -> Option<fn(&Records<'_>) -> Result<DataFrame>> {
        Some(match self {
            Self::Summary => |records| records.summary(),
            Self::StudyTime => |records| records.study_time(),
            Self::Progress => |records| records.progress_table(),
            Self::Pace => pace::table,
            Self::DropOff => |records| records.drop_off(),
            _ => return None,
        })
    }
}

impl PersonalAnalytics {
    /// Several tables at once, in the order asked for, each as its own method makes it without
    /// arguments. One walk over the learners makes all of them, and what several need (sessions,
    /// study time, records, local hours) is reckoned once.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a table asked twice, and as the methods; [`Error::Cancelled`].
    pub fn tables(&self, asked: &[Table]) -> Result<Vec<DataFrame>> {
        let mut seen = Vec::new();
        for table in asked {
            if seen.contains(table) {
                let got = format!("{:?} twice", table.word());
                return Err(Error::parameter("tables", "each table once", got));
            }
            seen.push(*table);
        }
        let walk = self.walk();
        let completion = self.completion()?;
        let positions = courses::positions(walk.data);
        let inactivity = self.options.inactivity;
        let mut order = Vec::with_capacity(asked.len());
        let mut measures = Vec::new();
        let together: Vec<Table> = asked
            .iter()
            .copied()
            .filter(|table| table.of_records().is_some())
            .collect();
        if !together.is_empty() {
            let makes = together.iter().filter_map(|table| table.of_records());
            let ground = (&completion, positions.as_slice());
            let makes = makes.collect();
            measures.push(summary::measure(&walk, ground, inactivity, makes));
            order.extend(together);
        }
        for table in asked.iter().filter(|table| table.of_records().is_none()) {
            order.push(*table);
            let walk = &walk;
            measures.push(match table {
                Table::Summary
                | Table::StudyTime
                | Table::Progress
                | Table::Pace
                | Table::DropOff => continue, // made of the records
                Table::Sessions => sessions::table(walk),
                Table::StudiedContent => studied::table(walk, &completion),
                Table::Frequency => frequency::table(walk, Per::Learner, Streaks::default()),
                Table::Regularity => regularity::table(walk, Per::Learner),
                Table::ActivityCalendar => heat::calendar(walk),
                Table::ActivityClock => heat::clock(walk),
                Table::Delay => delay::contents(walk),
                Table::ProgressOverTime => {
                    progress_over_time::table(walk, Grid::new(WEEK, Week::Iso)?, &completion)
                }
                Table::Engagement => engagement::table(walk, &completion)?,
                Table::PersonPeriods => {
                    periods::table(walk, &completion, &positions, inactivity, WEEK)
                }
                Table::WeeklyFeatures => weekly_table::measure(walk, Week::Iso, None),
                Table::Video => video::table(walk, Open::Drop),
                Table::VideoSegments => video::segments(walk, 1),
                Table::Assessments => assessments::assessments(walk, None),
                Table::Responses => assessments::responses(walk),
                Table::Struggle => assessments::struggle(walk, None),
                Table::Navigation => navigation::table(walk, Place::Content, false),
                Table::NavigationSummary => paths::table(walk),
                Table::FeatureUsage => participation::usage(walk),
                Table::Collaboration => participation::collaboration(walk),
            });
        }
        let made = walk.tables(&measures)?;
        let mut made: Vec<_> = order.into_iter().zip(made).collect();
        let place = |table: &Table| asked.iter().position(|other| other == table);
        made.sort_by_key(|(table, _)| place(table));
        Ok(made.into_iter().map(|(_, frame)| frame).collect())
    }
}
