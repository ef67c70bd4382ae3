//! How groups change from one sealed period to the next.

use super::bundle::{Head, Place};
use super::ledger::Seal;
use super::question::Question;
use super::sealing::{Course, Cut, SNAPSHOT};
use super::{Metric, ReferenceGroups, Released, release};
use crate::{Error, Result};

impl ReferenceGroups {
    /// A metric from sealed period to sealed period: `group, metric, begin, until, q25, median,
    /// q75, mean, change, n, unit, reason`.
    ///
    /// For each group the periods of the same kind, policy and estimator, up to this one, whose
    /// roster is that of this one (of the release that is shown, where that is an earlier one),
    /// oldest first; `change` is that of the median since the row before. Between other rosters
    /// nothing is told: their difference would be about those who came and went. Everything is
    /// read from the sealed summaries, so that nothing new is released.
    ///
    /// # Errors
    /// [`Error::Parameter`] without a period, [`Error::Ledger`].
    pub fn trend(&self, metric: Metric) -> Result<Released> {
        let Some(cut) = &self.cut else {
            let expected = "\"week\" or \"month\": a trend is one of sealed periods";
            return Err(Error::parameter("period", expected, "none"));
        };
        let mut rows = Vec::new();
        for (course, seeing) in self.sealed.iter().zip(self.seeing()) {
            let periods = self.periods(cut, course)?;
            let places = course.head.places.iter().enumerate();
            for (at, place) in places.filter(|(at, p)| p.row && seeing.is_hers(*at)) {
                let behind = course.head.behind(place);
                let mut own = release::Course {
                    label: place.label.clone(),
                    periods: Vec::new(),
                    withheld: None,
                };
                if let Some(certificate) = behind.filter(|_| seeing.is_open(at)) {
                    own.periods = self.equals(&periods, place, certificate.roster())?;
                } else {
                    let low = place.low && behind.is_none();
                    let reason = if low { "LowCoverage" } else { "TooFew" };
                    own.withheld = Some((reason, cut.span()));
                }
                rows.push(own);
            }
        }
        release::trend(rows, metric, self.integer)
    }

    /// The sealed periods of a course up to this one, oldest first.
    fn periods(&self, cut: &Cut, course: &Course) -> Result<Vec<(Seal, Head)>> {
        let begin = cut.span().0;
        let mut seals = self.ledger.transact(None, |book| {
            Ok(book.sealed_before(&course.scope, begin, SNAPSHOT))
        })?;
        seals.reverse();
        seals.push(course.seal);
        let heads = self.heads(&seals)?;
        Ok(seals.into_iter().zip(heads).collect())
    }

    /// The summaries of the periods in which a group was shown over a roster.
    fn equals(
        &self,
        periods: &[(Seal, Head)],
        place: &Place,
        roster: &str,
    ) -> Result<Vec<release::Period>> {
        let mut found = Vec::new();
        let summary = Question::Summary.name();
        for (seal, head) in periods {
            // Below the floor the rows are those of an earlier period, which has a row itself.
            let own = head.place(&place.label);
            let own = own.filter(|own| own.part == place.part && !own.low);
            let behind = own.and_then(|own| head.behind(own));
            let behind = behind.filter(|certificate| certificate.roster() == roster);
            let Some((certificate, part)) = behind.zip(head.part_of(&summary)) else {
                continue;
            };
            let bytes = self.ledger.parts(&[(*seal, part)])?;
            let table = bytes.first().and_then(|bytes| head.table(part, bytes));
            let table = table.ok_or_else(|| self.unreadable())?;
            found.push((seal.span, table, certificate.clone()));
        }
        Ok(found)
    }
}
