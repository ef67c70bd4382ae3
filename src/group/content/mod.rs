//! What many learners together tell about content: item analysis, options chosen, learning
//! curves, struggle.
//!
//! Exact kernels on plain arrays. Those of assessment are the truth that released numbers are
//! measured against, in tests. What they find is about a group of learners, so it may be shown only
//! after the gate; none of it is public by itself.

mod accuracy;
mod curves;
mod items;
mod moments;
mod options;
mod struggle;
mod tests;
