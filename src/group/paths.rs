//! Questions about how members stay, and which paths they take.

use super::funnel::Funnel;
use super::metric::Between;
use super::question::Question;
use super::{ReferenceGroups, Released};
use crate::data::{SECOND, show_span};
use crate::{Error, Result};

impl ReferenceGroups {
    /// Whether groups of a course stay equally long: `group, other, chi_square, df, p_value,
    /// adjusted, hazard_ratio, code, n_other, n, unit, reason`; see [`Between`].
    ///
    /// Log-rank test (Mantel 1966) over what is released of [`survival`](Self::survival)'s weeks:
    /// leaving is the event, who completed or was last seen is censored. `adjusted` is the
    /// p-value after Benjamini and Hochberg among the pairs of a course, `hazard_ratio` how much
    /// faster `group` leaves than `other`, (O / E) / (O' / E'). Groups need 10 k learners (and 20
    /// times the base), and where fewer than k have left in the weeks that can be compared, `code`
    /// is `few` instead of `count`. Counts are rounded, so that groups that are alike differ at the
    /// 5 % level in 4 to 8 tests of 100, the more the smaller they are.
    ///
    /// # Errors
    /// [`Error::Polars`] if the table cannot be built.
    pub fn log_rank(&self, between: Between) -> Result<Released> {
        self.answer(&Question::LogRank(between))
    }

    /// How many come from step to step: `group, step, place, learners, code, conversion,
    /// conversion_low, conversion_high, conversion_n, overall, overall_low, overall_high,
    /// overall_n, n, unit, reason`.
    ///
    /// learners(j) = members who reached step j or more of [`Funnel`]'s steps at best, each rounded
    /// and coded by itself. `conversion` is their share of those of the step before (at the first
    /// step, of the group), `overall` of those of the first step; as in
    /// [`struggle`](Self::struggle), in whole percent where at least 2k stand behind it, and at its
    /// ends null and bounded by `low, high`, which else are its 95 % Wilson interval.
    ///
    /// The steps may be chosen freely: whatever they are, the counts are a function of the
    /// multiset of the members' records, so that they give away no more about who is who.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the job is stopped.
    pub fn funnel(&self, funnel: &Funnel) -> Result<Released> {
        self.answer(&Question::Funnel(funnel.clone()))
    }

    /// What members watch of each video, in stretches of `width` microseconds: `group, content,
    /// second, viewers, viewers_code, rewatchers, rewatchers_code, reached, reached_code, drop_off,
    /// low, high, starters, drop_off_again, low_again, high_again, starters_again, n, unit, reason`.
    ///
    /// One row per stretch of the length that the catalog tells. viewers = members who passed it,
    /// rewatchers = those who passed it twice or more (however often, a learner counts once),
    /// reached = those whose first viewing came there or further. `drop_off` is the share of all
    /// who started whose first viewing ended before; the last four columns say the same of all
    /// later viewings together.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a width that is not whole seconds from 1 s to 1 h,
    /// [`Error::Cancelled`].
    pub fn video_seconds(&self, width: i64) -> Result<Released> {
        let seconds = whole_seconds(width)?;
        self.answer(&Question::VideoSeconds(seconds))
    }

    /// Where members watch a video again more than around: `group, content, rank, start, apex, end,
    /// prominence, learners, code, n, unit, reason`, three rows per video, most prominent first;
    /// `code` is `none` where there is no such peak.
    ///
    /// Peaks of the rewatchers that [`video_seconds`](Self::video_seconds) releases, smoothed; the
    /// apex exceeds the local median by three robust standard deviations. `learners` are those who
    /// watched any of it twice or more.
    ///
    /// # Errors
    /// As for [`video_seconds`](Self::video_seconds).
    pub fn rewatch_peaks(&self, width: i64) -> Result<Released> {
        let seconds = whole_seconds(width)?;
        self.answer(&Question::RewatchPeaks(seconds))
    }

    /// Which features of the platform members use: `group, feature, learners, code, ignored, low,
    /// high, n, unit, reason`.
    ///
    /// learners = members who used it once or more; `ignored` is the share of those who never did,
    /// counted and coded by itself.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the job is stopped.
    pub fn feature_usage(&self) -> Result<Released> {
        self.answer(&Question::FeatureUsage)
    }

    /// How many members engaged with each content of the catalog: `group, content, module,
    /// position, learners, code, share, low, high, n, unit, reason`.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the job is stopped.
    pub fn popular_content(&self) -> Result<Released> {
        self.answer(&Question::PopularContent)
    }

    /// How members write with each other: `group, measure, none, none_low, none_high, q25, median,
    /// q75, mean, n, unit, reason`.
    ///
    /// Each member's own counts (`posts`, `replies`, `comments`, `threads`), and her place among the
    /// learners of the released groups of her course: `peers` who write in the same threads, whom
    /// she `answers`, who is `answered_by` her turn, how many of these ties are `mutual`, and her
    /// betweenness (`centrality`, of up to 5,000 learners). Who is on no roster ties nobody. `none`
    /// is the share of members with 0. Group sums such as a centralization are not shown: one
    /// learner could make them up alone.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the job is stopped.
    pub fn collaboration(&self) -> Result<Released> {
        self.answer(&Question::Collaboration)
    }

    /// The network of replies in three numbers: `group, alone, alone_low, alone_high, reciprocity,
    /// reciprocity_low, reciprocity_high, answering, density, n, unit, reason`.
    ///
    /// alone = share of members without a peer; reciprocity = share of those who answer anybody
    /// (`answering` many) whom at least one of these answers back; density = mean of the released
    /// distribution of peers, over the others of the course that there could be.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the job is stopped.
    pub fn reply_network(&self) -> Result<Released> {
        self.answer(&Question::ReplyNetwork)
    }
}

/// A width of stretches of video, in seconds.
fn whole_seconds(width: i64) -> Result<u32> {
    let seconds = u32::try_from(width / SECOND).unwrap_or(u32::MAX);
    if width % SECOND == 0 && (1..=3600).contains(&seconds) {
        return Ok(seconds);
    }
    let expected = "whole seconds, from 1s to 1h";
    Err(Error::parameter("width", expected, show_span(width)))
}
