//! Numeric kernels on slices; they know nothing of learning.
//!
//! A kernel that has too little data gives `None`, one that is asked outside of what it is
//! defined on an error; none ever gives a number that is not finite. The same input gives the
//! same bytes.

mod binomial;
mod check;
mod correlation;
mod graph;
mod information;
mod k_medians;
mod linear;
mod logistic;
mod moments;
mod multiple;
mod peaks;
mod periodicity;
mod power_law;
mod quantiles;
mod reliability;
mod smoothing;
mod survival;
mod wilson;

pub use binomial::{Alternative, binomial_test};
pub use correlation::{pearson, ranks, spearman};
pub use graph::{Degree, Graph, betweenness, degrees, reciprocity};
pub(crate) use information::divergence_part;
pub use information::{entropy, jensen_shannon};
pub use k_medians::{Clusters, k_medians};
pub use logistic::{Design, Logistic, logistic_counts, logistic_regression};
pub use moments::{mean, moments, variance};
pub use multiple::benjamini_hochberg;
/// The matrices that the kernels take, in the version they take.
pub use ndarray;
pub use peaks::{Peak, peaks};
pub(crate) use periodicity::Wheel;
pub use periodicity::{periodicity, periodicity_of_times};
pub use power_law::{PowerLaw, power_law};
pub use quantiles::{median, median_absolute_deviation, median_floor, quantile};
pub use reliability::{cronbach_alpha, kr20, point_biserial, standard_error_of_measurement};
pub use smoothing::smooth;
pub use survival::{
    HazardStep, IncidenceStep, LogRank, RestrictedMean, Subjects, SurvivalStep, aalen_johansen,
    kaplan_meier, log_rank, nelson_aalen, restricted_mean,
};
pub use wilson::wilson;
