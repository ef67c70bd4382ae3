//! Tables about a sealed period: each row with the moment that it is of, put together and cut
//! from tables that were released before.

use polars::prelude::{Column, DataFrame, DataType, TimeUnit, TimeZone};

use crate::Result;
use crate::group::certificate::Certificate;

use super::Released;

/// The column that tells which moment a row is of.
pub(super) const AS_OF: &str = "as_of";

/// Where rows come from.
pub(in crate::group) enum Rows<'a> {
    /// They stay.
    Own,
    /// From another table, those of the same group; what has none there stays.
    From(&'a Released),
    /// They are taken away.
    Gone,
}

/// The table, all of whose rows are of one moment.
pub(in crate::group) fn dated(table: Released, moment: i64) -> Result<Released> {
    let moments = vec![Some(moment); table.frame.height()];
    dated_by(table, moments)
}

/// The table, each row of which is of a moment of its own.
pub(super) fn dated_by(table: Released, moments: Vec<Option<i64>>) -> Result<Released> {
    let Released {
        mut frame,
        certificates,
    } = table;
    let moments = Column::new(AS_OF.into(), moments);
    let utc = DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC));
    frame.with_column(moments.cast(&utc)?)?;
    Ok(Released {
        frame,
        certificates,
    })
}

/// The table with the rows of some groups from elsewhere or taken away; `from` is asked with the
/// group, and the other one where a row compares two. Certificates are for the caller to choose.
pub(in crate::group) fn sift<'a>(
    table: &Released,
    from: impl Fn(&str, Option<&str>) -> Rows<'a>,
    keep: impl Fn(&Certificate) -> bool,
) -> Result<Released> {
    let keys = keys(&table.frame)?;
    let mut frame = table.frame.clear();
    let mut put = |rows: DataFrame| frame.vstack_mut_owned(rows).map(|_| ());
    let mut at = 0;
    for run in keys.chunk_by(|a, b| a == b) {
        let own = || table.frame.slice(i64::try_from(at).unwrap_or(0), run.len());
        if let Some(key) = run.first() {
            match from(&key.0, key.1.as_deref()) {
                Rows::Own => put(own())?,
                Rows::Gone => {}
                Rows::From(source) => {
                    let theirs = rows_of(source, key)?;
                    let fits = theirs.height() > 0 && theirs.schema() == table.frame.schema();
                    put(if fits { theirs } else { own() })?;
                }
            }
        }
        at += run.len();
    }
    frame.rechunk_mut();
    let certificates = table.certificates.iter().filter(|c| keep(c));
    Ok(Released {
        frame,
        certificates: certificates.cloned().collect(),
    })
}

/// The table, with certificates of other tables besides its own.
pub(in crate::group) fn vouched(mut table: Released, more: Vec<Certificate>) -> Released {
    for certificate in more {
        if !table.certificates.contains(&certificate) {
            table.certificates.push(certificate);
        }
    }
    table
}

/// Which groups each row is about.
type Key = (String, Option<String>);

fn keys(frame: &DataFrame) -> Result<Vec<Key>> {
    let texts = |name: &str| -> Result<Vec<Option<String>>> {
        let column = frame.column(name)?.cast(&DataType::String)?;
        let texts = column.str()?;
        Ok(texts.iter().map(|text| text.map(str::to_string)).collect())
    };
    let groups = texts("group")?;
    let others = match frame.column("other") {
        Ok(_) => texts("other")?,
        Err(_) => vec![None; groups.len()],
    };
    let groups = groups.into_iter().map(Option::unwrap_or_default);
    Ok(groups.zip(others).collect())
}

/// The rows of a table about certain groups.
fn rows_of(table: &Released, key: &Key) -> Result<DataFrame> {
    let mut rows = table.frame.clear();
    let mut at = 0;
    for run in keys(&table.frame)?.chunk_by(|a, b| a == b) {
        if run.first() == Some(key) {
            let start = i64::try_from(at).unwrap_or(0);
            rows.vstack_mut_owned(table.frame.slice(start, run.len()))?;
        }
        at += run.len();
    }
    Ok(rows)
}
