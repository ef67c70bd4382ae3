//! What many learners together tell about content: item analysis, options chosen, learning
//! curves, struggle, ignored features, reply networks.
//!
//! Exact kernels on plain arrays. Those of assessment are the truth that released numbers are
//! measured against, in tests. What they find is about a group of learners, so it may be shown only
//! after the gate; none of it is public by itself.

#[cfg(test)]
mod curves;
mod features;
#[cfg(test)]
mod items;
#[cfg(test)]
mod moments;
mod network;
#[cfg(test)]
mod options;
#[cfg(test)]
mod struggle;

#[cfg(test)]
mod accuracy;
#[cfg(test)]
mod tests;
