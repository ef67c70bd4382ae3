//! The certificate of a release: what is guaranteed, about whom, under which rules.

use polars::prelude::*;
use serde::{Deserialize, Serialize};

use super::ledger::Proof;
use super::policy::ReleasePolicy;
use crate::{Error, Result};

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
/// certificate's own hash is not, so anybody can [`verify`](Self::verify) it: it tells that
/// nothing was changed since, by accident or by somebody who did not compute it anew. Who made
/// it is told by its `seal`, which only the ledger can make and check:
/// [`Ledger::vouches_for`](super::Ledger::vouches_for).
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
    ledger: String,
    seal: String,
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
            ledger: String::new(),
            seal: String::new(),
            hash: String::new(),
        };
        made.hash = made.digest();
        made
    }

    /// Certificates as a table, with all that [`Self::from_json`] needs.
    ///
    /// # Errors
    /// [`Error::Polars`] if the table cannot be built.
    pub fn frame(all: &[&Self]) -> Result<DataFrame> {
        let texts = |name: &str, of: fn(&Self) -> &str| {
            Column::new(
                name.into(),
                all.iter().map(|c| of(c)).collect::<Vec<&str>>(),
            )
        };
        let numbers = |name: &str, of: fn(&Self) -> u32| {
            Column::new(name.into(), all.iter().map(|c| of(c)).collect::<Vec<u32>>())
        };
        let shares = |name: &str, of: fn(&Self) -> f64| {
            Column::new(name.into(), all.iter().map(|c| of(c)).collect::<Vec<f64>>())
        };
        let as_of: Vec<i64> = all.iter().map(|c| c.as_of).collect();
        let utc = DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC));
        let columns = vec![
            texts("group", |c| &c.group),
            texts("guarantee", |c| match c.guarantee {
                Guarantee::Exchangeable { .. } => "Exchangeable",
                Guarantee::DifferentiallyPrivate { .. } => "DifferentiallyPrivate",
            }),
            numbers("k", |c| c.k),
            numbers("base", |c| c.base),
            shares("coverage_floor", |c| c.coverage_floor),
            shares("coverage", |c| c.coverage),
            Column::new("as_of".into(), as_of).cast(&utc)?,
            texts("roster", |c| &c.roster),
            texts("engine", |c| &c.engine),
            texts("ledger", |c| &c.ledger),
            texts("seal", |c| &c.seal),
            texts("hash", |c| &c.hash),
        ];
        Ok(DataFrame::new_infer_height(columns)?)
    }

    /// With the seal of a ledger, and where its chain ended.
    pub(super) fn signed(mut self, proof: &Proof) -> Self {
        self.ledger.clone_from(&proof.head);
        self.seal = self.seal_under(&proof.key);
        self.hash = self.digest();
        self
    }

    /// Whether the seal is that of a ledger with this key.
    pub(super) fn sealed_under(&self, key: &[u8; 32]) -> bool {
        self.seal == self.seal_under(key)
    }

    /// The head of the ledger when this was made.
    pub fn ledger(&self) -> &str {
        &self.ledger
    }

    /// The moment whose knowledge was released, in UTC microseconds.
    pub fn as_of(&self) -> i64 {
        self.as_of
    }

    /// A certificate from its JSON, verified or not.
    ///
    /// # Errors
    /// [`Error::Parameter`] if it is no certificate.
    pub fn from_json(text: &str) -> Result<Self> {
        let expected = "a certificate with all of its fields";
        serde_json::from_str(text).map_err(|_| Error::parameter("certificate", expected, "another"))
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

    /// The keyed hash of its roster.
    pub(super) fn roster(&self) -> &str {
        &self.roster
    }

    /// Whether nothing in it was changed since it was issued.
    pub fn verify(&self) -> bool {
        self.hash == self.digest()
    }

    /// As JSON, to be kept beside the table.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What a forger makes: the hash of what it says now.
    #[cfg(test)]
    pub(super) fn rehashed(mut self) -> Self {
        self.hash = self.digest();
        self
    }

    /// Keyed BLAKE3 over every field but the seal and the hash.
    fn seal_under(&self, key: &[u8; 32]) -> String {
        let bare = Self {
            seal: String::new(),
            hash: String::new(),
            ..self.clone()
        };
        blake3::keyed_hash(key, bare.to_json().as_bytes()).to_string()
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
