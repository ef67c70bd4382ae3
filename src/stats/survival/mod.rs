//! Time to an event, under left truncation and right censoring.
//!
//! A subject is at risk on `(entry, time]`: from just after its entry (from the beginning
//! without one) up to and including the time it left, by an event or by censoring. At a shared
//! time events come before censorings, and who enters then is not yet at risk.

mod aalen_johansen;
mod kaplan_meier;
mod log_rank;
mod nelson_aalen;
mod restricted_mean;
mod subjects;

pub use aalen_johansen::{IncidenceStep, aalen_johansen};
pub use kaplan_meier::{SurvivalStep, kaplan_meier};
pub use log_rank::{LogRank, log_rank};
pub use nelson_aalen::{HazardStep, nelson_aalen};
pub use restricted_mean::{RestrictedMean, restricted_mean};
pub use subjects::Subjects;

/// The ends of a band around an estimate `e` in 0..1 on the scale of `ln(-ln e)`.
///
/// `None` at 0 and 1, where that scale ends.
fn log_log_band(estimate: f64, variance: f64, z: f64) -> Option<(f64, f64)> {
    if estimate <= 0.0 || estimate >= 1.0 {
        return None;
    }
    let log = estimate.ln();
    let reach = z * variance.sqrt() / (estimate * log).abs();
    let lower = (log * reach.exp()).exp();
    let upper = (log * (-reach).exp()).exp();
    Some((lower, upper)).filter(|(a, b)| a.is_finite() && b.is_finite())
}
