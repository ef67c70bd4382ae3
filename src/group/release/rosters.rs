//! Which group answers for which.

use polars::prelude::{Column, DataFrame, DataType};

use crate::Result;
use crate::group::certificate::Certificate;
use crate::group::planner::Part;
use crate::group::{Group, ReferenceGroups};

use super::Released;
use super::tables::released;

/// `group, used, n, coverage, reason`.
pub(in crate::group) fn rosters(groups: &ReferenceGroups) -> Result<Released> {
    let (mut names, mut answering) = (Vec::new(), Vec::new());
    let (mut n, mut coverage, mut reason) = (Vec::new(), Vec::new(), Vec::new());
    let mut certificates = Vec::new();
    for (group, used) in groups.rungs().filter(|(group, _)| group.part != Part::Pool) {
        let members = used.and_then(|used| released(used).ok());
        let count = members.map(|m| u32::try_from(m.len()).unwrap_or(u32::MAX));
        let certificate = used.and_then(|used| used.certificate.as_ref());
        names.push(group.label.as_str());
        answering.push(used.map(|used| used.label.as_str()));
        n.push(count.map(|count| groups.policy.round(count)));
        coverage.push(certificate.map(Certificate::coverage));
        reason.push(released(group).err());
        note(&mut certificates, used);
    }
    let label = |column: Column| {
        if groups.integer {
            column.cast(&DataType::Int64)
        } else {
            Ok(column)
        }
    };
    let columns = vec![
        label(Column::new("group".into(), names))?,
        label(Column::new("used".into(), answering))?,
        Column::new("n".into(), n),
        Column::new("coverage".into(), coverage),
        Column::new("reason".into(), reason),
    ];
    Ok(Released {
        frame: DataFrame::new_infer_height(columns)?,
        certificates,
    })
}

/// Adds the certificate of a group that answers, once.
pub(super) fn note(certificates: &mut Vec<Certificate>, used: Option<&Group>) {
    let certificate = used.and_then(|used| used.certificate.as_ref());
    if let Some(certificate) = certificate.filter(|c| !certificates.contains(c)) {
        certificates.push(certificate.clone());
    }
}
