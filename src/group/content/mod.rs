//! What many learners together tell about content: item analysis, options chosen, learning
//! curves, struggle.
//!
//! Kernels on plain arrays. What they find is about a group of learners, so it may be shown only
//! after the gate; none of it is public by itself.

mod curves;
mod items;
mod moments;
mod options;
mod struggle;

#[cfg(test)]
mod tests;
