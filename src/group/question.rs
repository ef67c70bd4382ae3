//! Every question that reference groups answer with a table. Those that need nothing of the
//! asker's own make up the snapshot of a period.

use super::funnel::Funnel;
use super::metric::{Between, Blank, Metric, Skill, Steps, Test};
use super::{ReferenceGroups, Released, release, wording};
use crate::Result;

/// Seconds of a stretch of video, where nobody asks for others.
pub(super) const WIDTH: u32 = 5;

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Question {
    Rosters,
    Summary,
    ActiveLearners,
    Distribution(Metric),
    Quantiles(Metric),
    /// Where the bands of a metric lie, for [`ReferenceGroups::compare`].
    Bands(Metric),
    DropOff(Steps),
    Hazard(Steps),
    Survival,
    LogRank(Between),
    Items(Test, Blank),
    Reliability(Test, Blank),
    Options(Test),
    /// Pass marks are in steps of 5 %; `None`: what the log states.
    Struggle(Option<u8>),
    Curves(Skill, Option<u8>),
    Rates(Skill, Option<u8>),
    FeatureUsage,
    PopularContent,
    Collaboration,
    ReplyNetwork,
    /// Stretches are in seconds.
    VideoSeconds(u32),
    RewatchPeaks(u32),
    Funnel(Funnel),
}

impl Question {
    /// Every question that needs nothing of the asker's own, as [`Self::is_free`] tells.
    pub(super) fn standard() -> Vec<Self> {
        let metrics = Metric::ALL.into_iter();
        let tests = || [Test::Course, Test::Module].into_iter();
        let items = tests().flat_map(|test| [(test, Blank::Skip), (test, Blank::Zero)]);
        let alone = [
            Self::Rosters,
            Self::Summary,
            Self::ActiveLearners,
            Self::Survival,
            Self::Struggle(None),
            Self::FeatureUsage,
            Self::PopularContent,
            Self::Collaboration,
            Self::ReplyNetwork,
            Self::VideoSeconds(WIDTH),
            Self::RewatchPeaks(WIDTH),
        ];
        let mut all = Vec::from(alone);
        all.extend(
            metrics.flat_map(|m| [Self::Distribution(m), Self::Quantiles(m), Self::Bands(m)]),
        );
        let steps = [Steps::Content, Steps::Module, Steps::Week];
        all.extend(
            steps
                .into_iter()
                .flat_map(|by| [Self::DropOff(by), Self::Hazard(by)]),
        );
        all.extend([Between::Pairs, Between::All].map(Self::LogRank));
        all.extend(items.flat_map(|(by, b)| [Self::Items(by, b), Self::Reliability(by, b)]));
        all.extend(tests().map(Self::Options));
        let skills = [Skill::Topic, Skill::Module].into_iter();
        all.extend(skills.flat_map(|by| [Self::Curves(by, None), Self::Rates(by, None)]));
        all
    }

    /// Whether it has a part that the asker chose freely.
    #[cfg(test)]
    pub(super) fn is_free(&self) -> bool {
        match self {
            Self::Funnel(_) => true,
            Self::VideoSeconds(width) | Self::RewatchPeaks(width) => *width != WIDTH,
            Self::Struggle(mark) | Self::Curves(_, mark) | Self::Rates(_, mark) => mark.is_some(),
            Self::Rosters
            | Self::Summary
            | Self::ActiveLearners
            | Self::Distribution(_)
            | Self::Quantiles(_)
            | Self::Bands(_)
            | Self::DropOff(_)
            | Self::Hazard(_)
            | Self::Survival
            | Self::LogRank(_)
            | Self::Items(..)
            | Self::Reliability(..)
            | Self::Options(_)
            | Self::FeatureUsage
            | Self::PopularContent
            | Self::Collaboration
            | Self::ReplyNetwork => false,
        }
    }

    /// Whether it is told by attempts.
    pub(super) fn is_of_attempts(&self) -> bool {
        matches!(
            self,
            Self::Items(..)
                | Self::Reliability(..)
                | Self::Options(_)
                | Self::Struggle(_)
                | Self::Curves(..)
                | Self::Rates(..)
        )
    }

    /// What it is called in ledgers.
    pub(super) fn name(&self) -> String {
        wording::question(self)
    }

    /// The table, from what is known now.
    ///
    /// # Errors
    /// [`crate::Error::Polars`] if the table cannot be built, [`crate::Error::Cancelled`].
    pub(super) fn make(&self, own: &ReferenceGroups) -> Result<Released> {
        match self {
            Self::Rosters => release::rosters(own),
            Self::Summary => release::summary(own),
            Self::ActiveLearners => release::active_learners(own),
            Self::Distribution(metric) => release::distribution(own, *metric),
            Self::Quantiles(metric) => release::quantiles(own, *metric),
            Self::Bands(metric) => release::bands(own, *metric),
            Self::DropOff(by) => release::drop_off(own, *by),
            Self::Hazard(by) => release::hazard(own, *by),
            Self::Survival => release::survival(own),
            Self::LogRank(between) => release::log_rank(own, *between),
            Self::Items(by, blank) => release::items(own, *by, *blank),
            Self::Reliability(by, blank) => release::reliability(own, *by, *blank),
            Self::Options(by) => release::options(own, *by),
            Self::Struggle(mark) => release::struggle(own, *mark),
            Self::Curves(by, mark) => release::curves(own, *by, *mark),
            Self::Rates(by, mark) => release::rates(own, *by, *mark),
            Self::FeatureUsage => release::feature_usage(own),
            Self::PopularContent => release::popular_content(own),
            Self::Collaboration => release::collaboration(own),
            Self::ReplyNetwork => release::reply_network(own),
            Self::VideoSeconds(width) => release::video_seconds(own, *width),
            Self::RewatchPeaks(width) => release::rewatch_peaks(own, *width),
            Self::Funnel(funnel) => release::funnel(own, funnel),
        }
    }
}
