//! What may be asked about items: how hard they are, which options were chosen, how errors fall.

use super::metric::{Blank, Skill, Test};
use super::question::Question;
use super::{ReferenceGroups, Released, grids};
#[cfg(doc)]
use crate::Error;
use crate::Result;

impl ReferenceGroups {
    /// The contents that learners struggle with: `group, content, module, position, tried,
    /// tried_code, not_passed, not_passed_code, share, low, high, rank, n, unit, reason`, one row
    /// per assessable content of the catalog.
    ///
    /// `tried` = members with two or more attempts of whom it is known whether they passed;
    /// `not_passed` = those of them who did not. Each is rounded and coded by itself, as in
    /// [`distribution`](Self::distribution). `share` is in whole percent, where at least 2k tried;
    /// at its ends it is null and `low, high` bound it, else they are its 95 % Wilson interval.
    /// Rank 1 has the greatest share.
    ///
    /// Assessable is what the catalog calls a problem, quiz or assignment, gives a `max_score`, or
    /// tells no kind of. The pass mark is one of the public grid, in steps of 5 %.
    ///
    /// # Errors
    /// [`Error::Parameter`] for any other pass mark, [`Error::Cancelled`].
    pub fn struggle(&self, pass_mark: Option<f64>) -> Result<Released> {
        let mark = grids::pass_mark(pass_mark)?;
        self.answer(&Question::Struggle(mark))
    }

    /// Classical item analysis of the assessable contents: `group, content, module, position,
    /// answered, answered_code, facility, low, high, discrimination, point_biserial, upper_lower,
    /// efficiency, weight, hard, easy, weak, negative, n, unit, reason`.
    ///
    /// Computed from how many members have marks of at least each level at an item and at least
    /// each share of the marks at the other items of the test, each count rounded and coded by
    /// itself. Marks are those of first attempts, one mark for each content.
    ///
    /// The facility needs n >= 2k and as many answers, everything else 10k of both.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the job is stopped.
    pub fn item_analysis(&self, by: Test, blank: Blank) -> Result<Released> {
        self.answer(&Question::Items(by, blank))
    }

    /// How well the items of each test agree: `group, module, contents, used, alpha, kr20, sem, n,
    /// unit, reason`, from the same counts as [`item_analysis`](Self::item_analysis).
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the job is stopped.
    pub fn reliability(&self, by: Test, blank: Blank) -> Result<Released> {
        self.answer(&Question::Reliability(by, blank))
    }

    /// Which options were chosen first: `group, content, module, position, answered,
    /// answered_code, option, chosen, chosen_code, share, low, high, rest, discrimination, n, unit,
    /// reason`.
    ///
    /// Options are what learners responded, so one is named only if at least k members gave it
    /// first; a content without any has one row. Which are named is a function of the multiset of
    /// records, like every count: exchanging records inside atoms changes none.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the job is stopped.
    pub fn options(&self, by: Test) -> Result<Released> {
        self.answer(&Question::Options(by))
    }

    /// The error rate at the first, second, ... opportunity to use a skill: `group, skill,
    /// opportunity, answered, answered_code, errors, errors_code, error_rate, low, high, power_law,
    /// logistic, n, unit, reason`, with the two curves that [`learning_rates`](Self::learning_rates)
    /// fits.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a pass mark off the public grid, [`Error::Cancelled`].
    pub fn learning_curves(&self, by: Skill, pass_mark: Option<f64>) -> Result<Released> {
        let mark = grids::pass_mark(pass_mark)?;
        self.answer(&Question::Curves(by, mark))
    }

    /// How fast errors fall: `group, skill, contents, points, first_error, exponent, r_squared,
    /// intercept, slope, slope_se, n, unit, reason`, fitted to the points of
    /// [`learning_curves`](Self::learning_curves) that at least 2k learners stand behind.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a pass mark off the public grid, [`Error::Cancelled`].
    pub fn learning_rates(&self, by: Skill, pass_mark: Option<f64>) -> Result<Released> {
        let mark = grids::pass_mark(pass_mark)?;
        self.answer(&Question::Rates(by, mark))
    }

    /// The text of a response that may be named.
    pub(super) fn response(&self, dense: u32) -> Option<String> {
        let data = &self.data.as_ref()?.inner;
        data.responses.get(dense).map(|id| id.to_string())
    }
}
