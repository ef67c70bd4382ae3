//! The certificate of a private table: what is guaranteed, by which parameters.

use serde::{Deserialize, Serialize};

use super::budget::Spent;
use super::mechanism::Mechanism;
use crate::group::{Guarantee, Unit};

/// What stands behind one private table, with a hash over all of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Certificate {
    guarantee: Guarantee,
    table: String,
    purpose: String,
    year: i16,
    as_of: i64,
    contributions: u32,
    scale: f64,
    threshold: Option<i64>,
    engine: String,
    hash: String,
}

impl Certificate {
    pub(super) fn new(table: &str, spent: &Spent, mechanism: &Mechanism, as_of: i64) -> Self {
        let mut made = Self {
            guarantee: Guarantee::DifferentiallyPrivate {
                epsilon: spent.loss.epsilon(),
                delta: spent.loss.delta(),
                unit: Unit::Learner,
            },
            table: table.to_string(),
            purpose: spent.purpose.word().to_string(),
            year: spent.year,
            as_of,
            contributions: mechanism.bound,
            scale: mechanism.scale,
            threshold: mechanism.threshold,
            engine: env!("CARGO_PKG_VERSION").to_string(),
            hash: String::new(),
        };
        made.hash = made.digest();
        made
    }

    /// What is promised.
    pub fn guarantee(&self) -> Guarantee {
        self.guarantee
    }

    /// Whether nothing in it was changed since it was issued.
    pub fn verify(&self) -> bool {
        self.hash == self.digest()
    }

    /// As JSON, to be kept beside the table.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// BLAKE3 over every field but the hash itself.
    fn digest(&self) -> String {
        let bare = Self {
            hash: String::new(),
            ..self.clone()
        };
        blake3::hash(bare.to_json().as_bytes()).to_string()
    }
}
