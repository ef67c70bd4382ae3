//! How a group changes from period to period, as far as its roster is the same.

use polars::prelude::{Column, DataType, TimeUnit, TimeZone};

use crate::Result;
use crate::group::certificate::Certificate;
use crate::group::metric::Metric;

use super::{Kind, Released, Row};

/// Statistics of the sealed summary, in its order.
const STATISTICS: [&str; 4] = ["q25", "median", "q75", "mean"];

/// First moment of a period and that of the next one, its summary, and what stands behind it.
pub(in crate::group) type Period = ((i64, i64), Released, Certificate);

/// A group in the periods in which its roster was the same, oldest first.
pub(in crate::group) struct Course {
    pub(in crate::group) label: String,
    pub(in crate::group) periods: Vec<Period>,
    /// Why it is withheld, in which period.
    pub(in crate::group) withheld: Option<(&'static str, (i64, i64))>,
}

/// `group, metric, begin, until, q25, median, q75, mean, change, n, unit, reason`.
pub(in crate::group) fn trend(
    courses: Vec<Course>,
    metric: Metric,
    integer: bool,
) -> Result<Released> {
    let (mut rows, mut certificates, mut spans) = (Vec::new(), Vec::new(), Vec::new());
    for course in courses {
        if let Some((reason, span)) = course.withheld {
            rows.push(Row {
                group: course.label.clone(),
                texts: vec![Some(metric.name().to_string())],
                values: vec![None; STATISTICS.len() + 1],
                n: None,
                unit: metric.unit(),
                reason: Some(reason.to_string()),
            });
            spans.push(span);
        }
        let mut before: Option<f64> = None;
        for (span, summary, certificate) in course.periods {
            let Some(mut row) = sealed(&summary, &course.label, metric)? else {
                continue;
            };
            let median = row.values.get(1).copied().flatten();
            row.values
                .push(median.zip(before).map(|(now, then)| now - then));
            before = median;
            rows.push(row);
            spans.push(span);
            certificates.push(certificate);
        }
    }
    let value = |name| (name, Kind::Value);
    let mut layout = vec![("metric", Kind::Text)];
    layout.extend(STATISTICS.map(value));
    layout.push(value("change"));
    let mut table = Released::new(&layout, rows, integer, certificates)?;
    let utc = DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC));
    let moments = |name: &str, of: fn(&(i64, i64)) -> i64| {
        let all: Vec<i64> = spans.iter().map(of).collect();
        Column::new(name.into(), all).cast(&utc)
    };
    let frame = &mut table.frame;
    frame.insert_column(2, moments("begin", |span| span.0)?)?;
    frame.insert_column(3, moments("until", |span| span.1)?)?;
    Ok(table)
}

/// The row of a sealed summary about a metric of a group.
fn sealed(summary: &Released, label: &str, metric: Metric) -> Result<Option<Row>> {
    let frame = &summary.frame;
    let groups = frame.column("group")?.cast(&DataType::String)?;
    let (groups, metrics) = (groups.str()?, frame.column("metric")?.str()?);
    let same =
        |row: &usize| groups.get(*row) == Some(label) && metrics.get(*row) == Some(metric.name());
    let Some(row) = (0..frame.height()).find(same) else {
        return Ok(None);
    };
    let mut values = Vec::with_capacity(STATISTICS.len() + 1);
    for name in STATISTICS {
        values.push(frame.column(name)?.f64()?.get(row));
    }
    let reason = frame.column("reason")?.str()?.get(row);
    Ok(Some(Row {
        group: label.to_string(),
        texts: vec![Some(metric.name().to_string())],
        values,
        n: frame.column("n")?.u32()?.get(row),
        unit: metric.unit(),
        reason: reason.map(str::to_string),
    }))
}
