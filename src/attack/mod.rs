//! What could be inferred about single learners from a history of releases.
//!
//! The suite is meant for one's own releases, made by whatever software: it takes what was
//! published, who was on each roster, and nothing else, and says what follows for sure. An
//! attacker who knows the memberships can do the same.
//!
//! - [`Attack::SmallGroup`], [`Attack::Difference`], [`Attack::Tracker`]: rosters added and
//!   subtracted until few learners are left, by exact linear algebra.
//! - [`Attack::Extremes`]: whose value a minimum or maximum is.
//! - [`Attack::Bounds`]: the least and the greatest value that agrees with everything published,
//!   by linear programs.
//! - [`Attack::Reconstruction`]: all sets of values that agree with the statistics of a small
//!   group, counted one by one.
//! - [`Attack::SampleSize`]: the number of learners that a rounded number and decimals give away.
//!
//! Work is bounded by [`Limits`]; what was left out for it stands in [`Report::unsearched`]. The
//! same history gives the same report.

mod atoms;
mod bounds;
mod edges;
mod elimination;
mod enumeration;
mod extremes;
mod field;
mod finding;
mod history;
mod interval;
mod known;
mod program;
mod reconstruction;
mod run;
mod sample_size;
mod score;
mod sums;
mod totals;
mod tracker;

#[cfg(test)]
mod tests;

pub use finding::{Attack, Finding, Inferred, Report};
pub use history::{Cell, Facts, History, Limits, Statistic};
pub use run::attack;
pub use score::{Score, Truth, score};
