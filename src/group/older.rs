//! Below the coverage floor, the last sealed release: a group whose roster covers too few of its
//! members now is shown as it was in the newest earlier period in which it was shown, with the
//! date of that. Only bytes that were released then are shown again, and which they are is
//! settled when the period is sealed.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::bundle::{Head, Place};
use super::ledger::{Asked, Seal};
use super::planner::Outcome;
use super::question::Question;
use super::release::{self, Rows};
use super::{Certificate, Group, ReferenceGroups, Released};
use crate::Result;

/// A group that is withheld now, and where it was shown last.
pub(super) struct Older {
    label: String,
    seal: Seal,
    head: Arc<Head>,
    /// What stands behind it there.
    certificate: Certificate,
}

impl ReferenceGroups {
    /// Where the groups below the floor were shown last, by the same question of an earlier
    /// period.
    pub(super) fn olders(&self, asked: &Asked) -> Result<Vec<Older>> {
        let low = |group: &&Group| group.outcome == Outcome::LowCoverage;
        let mut low: Vec<&Group> = self.groups.iter().filter(low).collect();
        let mut found = Vec::new();
        if low.is_empty() {
            return Ok(found);
        }
        let earlier = self.ledger.transact(None, |book| {
            Ok(book.sealed_before(&asked.scope, asked.begin, &asked.question))
        })?;
        for seal in earlier {
            for head in self.heads(&[seal])? {
                let head = Arc::new(head);
                low.retain(|group| {
                    let place = head.place(&group.label).filter(|p| p.part == group.part);
                    let shown = place.and_then(|place| head.behind(place));
                    found.extend(shown.map(|certificate| Older {
                        label: group.label.clone(),
                        seal,
                        head: Arc::clone(&head),
                        certificate: certificate.clone(),
                    }));
                    shown.is_none()
                });
            }
            if low.is_empty() {
                break;
            }
        }
        Ok(found)
    }

    /// A table with the rows of such groups as they were sealed then.
    pub(super) fn with_older(
        &self,
        question: &Question,
        made: Released,
        olders: &[Older],
    ) -> Result<Released> {
        let mut tables: BTreeMap<&str, Released> = BTreeMap::new();
        for older in olders {
            if let Some(part) = older.head.part_of(&question.name()) {
                let bytes = self.ledger.parts(&[(older.seal, part)])?;
                let table = bytes
                    .first()
                    .and_then(|bytes| older.head.table(part, bytes));
                tables.insert(&older.label, table.ok_or_else(|| self.unreadable())?);
            }
        }
        if tables.is_empty() {
            return Ok(made);
        }
        let from = |group: &str, other: Option<&str>| {
            let theirs = tables.get(group);
            let theirs = theirs.or_else(|| other.and_then(|other| tables.get(other)));
            theirs.map_or(Rows::Own, Rows::From)
        };
        let made = release::sift(&made, from, |_| true)?;
        let again = olders
            .iter()
            .filter(|o| tables.contains_key(o.label.as_str()));
        let again = again.map(|older| older.certificate.clone());
        Ok(release::vouched(made, again.collect()))
    }

    /// The groups as they stand, those below the floor as they were shown last, and what stands
    /// behind them.
    pub(super) fn places(&self, olders: &[Older]) -> (Vec<Place>, Vec<Certificate>) {
        let (mut places, mut certificates) = self.standing();
        for older in olders {
            let same = |place: &Place| place.row && place.label == older.label;
            if let Some(at) = places.iter().position(same) {
                if let Some(place) = places.get_mut(at) {
                    place.certificate = Some(certificates.len());
                    place.used = Some(at);
                }
                certificates.push(older.certificate.clone());
            }
        }
        (places, certificates)
    }
}
