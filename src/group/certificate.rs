//! The certificate of a release: what is guaranteed, about whom, under which rules.

use serde::{Deserialize, Serialize};

use super::policy::ReleasePolicy;

/// What a release promises about every learner in it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Guarantee {
    /// Her value can be swapped with that of at least `k` other learners without
    /// changing a byte of anything ever released from the same learning data.
    Exchangeable {
        /// Other learners.
        k: u32,
    },
    /// The release could have come out almost equally, up to a factor e^epsilon and a
    /// slack delta, without all data of any one unit.
    DifferentiallyPrivate {
        /// The factor, as its logarithm.
        epsilon: f64,
        /// The slack.
        delta: f64,
        /// Whose data may be thought away.
        unit: Unit,
    },
}

/// Whose data a guarantee of differential privacy is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unit {
    /// Everything of one learner: her events and her rows in all tables.
    Learner,
}

/// What stands behind one group of a release, with a hash over all of it.
///
/// The roster hash is keyed: without the key nobody can test a guessed roster. The
/// certificate's own hash is not, so anybody can [`verify`](Self::verify) it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Certificate {
    guarantee: Guarantee,
    group: String,
    roster: String,
    coverage: f64,
    as_of: i64,
    k: u32,
    base: u32,
    coverage_floor: f64,
    engine: String,
    hash: String,
}

impl Certificate {
    pub(super) fn new(
        group: &str,
        roster: [u8; 32],
        coverage: f64,
        as_of: i64,
        policy: ReleasePolicy,
    ) -> Self {
        let mut made = Self {
            guarantee: Guarantee::Exchangeable { k: policy.k() },
            group: group.to_string(),
            roster: blake3::Hash::from_bytes(roster).to_string(),
            coverage: (coverage * 20.0).floor() / 20.0,
            as_of,
            k: policy.k(),
            base: policy.base(),
            coverage_floor: policy.coverage_floor(),
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

    /// The group it speaks of.
    pub fn group(&self) -> &str {
        &self.group
    }

    /// Released roster / eligible members, down to a multiple of 5 %, so that it does
    /// not give the exact n away.
    pub fn coverage(&self) -> f64 {
        self.coverage
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edited_certificate_does_not_verify() {
        let made = Certificate::new("a", [7; 32], 20.0 / 21.0, 0, ReleasePolicy::default());
        assert!(made.verify());
        assert!((made.coverage() - 0.95).abs() < 1e-9);
        let forged = made.to_json().replace("\"k\":10", "\"k\":1");
        let forged: Certificate = serde_json::from_str(&forged).unwrap();
        assert!(!forged.verify());
        let same: Certificate = serde_json::from_str(&made.to_json()).unwrap();
        assert!(same.verify());
    }
}
