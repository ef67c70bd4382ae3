//! The attack suite on tables whose releases, metrics and learners are numbers.

use kohort::attack::{
    self as suite, Cell, Facts, Finding, History, Limits, Score, Statistic, Truth,
};
use polars::frame::DataFrame;
use polars::prelude::{Column, NamedFrom, Series};
use pyo3::prelude::*;

use crate::arrow::{Input, Table};
use crate::run::run;

type Answer<T> = kohort::Result<T>;

/// Findings, whom each is about, scores, small groups, and what was left out.
type Tables = (Table, Table, Table, Table, Vec<String>);

#[pyfunction]
#[pyo3(signature = (releases, metrics, rosters, cells, truth, k, width))]
#[expect(
    clippy::too_many_arguments,
    reason = "each is a table or a number of its own"
)]
pub(crate) fn attack(
    py: Python<'_>,
    releases: Vec<String>,
    metrics: Input,
    rosters: Input,
    cells: Input,
    truth: Input,
    k: usize,
    width: f64,
) -> PyResult<Tables> {
    let metrics = metrics.frame("metrics", None)?;
    let rosters = rosters.frame("rosters", None)?;
    let cells = cells.frame("cells", None)?;
    let truth = truth.frame("truth", None)?;
    run(py, None, |job| {
        let history = History {
            releases,
            metrics: facts(&metrics)?,
            rosters: wholes(&rosters, "release")?
                .into_iter()
                .zip(wholes(&rosters, "learner")?)
                .collect(),
            cells: said(&cells)?,
        };
        let limits = Limits {
            k,
            width,
            ..Limits::default()
        };
        let report = suite::attack(&history, &limits, &|| job.advance(1))?;
        let (scores, right) = suite::score(&history, &report.findings, &known(&truth)?);
        let groups = &report.groups;
        let small = vec![
            words("evidence", groups, |g| g.evidence.clone()),
            places("metric", groups, |g| Some(g.metric)),
            places("learners", groups, |g| Some(size(g.learners))),
            places("solutions", groups, |g| Some(size(g.solutions))),
            column("complete", groups, |g| Some(g.complete)),
        ];
        Ok((
            findings(&report.findings, &right)?,
            about(&report.findings)?,
            summary(&scores)?,
            frame(groups.len(), small)?,
            report.unsearched,
        ))
    })
}

fn frame(height: usize, columns: Vec<Column>) -> Answer<Table> {
    Ok(DataFrame::new(height, columns)?.into())
}

fn findings(found: &[Finding], right: &[Option<bool>]) -> Answer<Table> {
    let sets = |f: &Finding| {
        let set = |values: &Vec<f64>| {
            let shown: Vec<String> = values.iter().map(ToString::to_string).collect();
            shown.join(", ")
        };
        let sets: Vec<String> = f.solutions.iter().map(set).collect();
        Some(sets.join("; ")).filter(|text| !text.is_empty())
    };
    let columns = vec![
        words("attack", found, |f| f.attack.name().to_owned()),
        words("inferred", found, |f| f.inferred.name().to_owned()),
        places("metric", found, |f| f.metric),
        places("release", found, |f| f.release),
        places("learners", found, |f| Some(size(f.learners.len()))),
        numbers("low", found, |f| Some(f.low)),
        numbers("high", found, |f| Some(f.high)),
        column("exact", found, |f| Some(f.exact)),
        Series::new("right".into(), right).into(),
        Series::new("values".into(), found.iter().map(sets).collect::<Vec<_>>()).into(),
        words("evidence", found, |f| f.evidence.clone()),
    ];
    frame(found.len(), columns)
}

/// Pairs of a finding, by its place, and a learner.
fn about(found: &[Finding]) -> Answer<Table> {
    let of = |(at, finding): (u32, &Finding)| {
        let learners = finding.learners.clone().into_iter();
        learners
            .map(move |learner| (at, learner))
            .collect::<Vec<_>>()
    };
    let pairs: Vec<(u32, u32)> = (0..).zip(found).flat_map(of).collect();
    let columns = vec![
        places("finding", &pairs, |p| Some(p.0)),
        places("learner", &pairs, |p| Some(p.1)),
    ];
    frame(pairs.len(), columns)
}

fn summary(scores: &[Score]) -> Answer<Table> {
    let columns = vec![
        words("attack", scores, |s| s.attack.name().to_owned()),
        places("metric", scores, |s| s.metric),
        places("exact", scores, |s| Some(size(s.exact))),
        places("narrowed", scores, |s| Some(size(s.narrowed))),
        places("others", scores, |s| Some(size(s.others))),
        places("checked", scores, |s| Some(size(s.checked))),
        places("right", scores, |s| Some(size(s.right))),
        numbers("blind", scores, |s| s.blind),
    ];
    frame(scores.len(), columns)
}

fn facts(frame: &DataFrame) -> Answer<Vec<Facts>> {
    let names = frame.column("name")?.str()?;
    let (low, high) = (floats(frame, "low")?, floats(frame, "high")?);
    let resolution = floats(frame, "resolution")?;
    let rows = names.iter().zip(low.into_iter().zip(high)).zip(resolution);
    let one = |((name, (low, high)), resolution): ((Option<&str>, _), _)| Facts {
        name: name.unwrap_or_default().to_owned(),
        low: Option::unwrap_or(low, f64::NEG_INFINITY),
        high: Option::unwrap_or(high, f64::INFINITY),
        resolution,
    };
    Ok(rows.map(one).collect())
}

fn said(frame: &DataFrame) -> Answer<Vec<Cell>> {
    let releases = wholes(frame, "release")?;
    let metrics = frame.column("metric")?.u32()?;
    let statistics = frame.column("statistic")?.str()?;
    let arguments = floats(frame, "argument")?;
    let (low, high) = (floats(frame, "low")?, floats(frame, "high")?);
    let asked = statistics.iter().zip(arguments);
    let ends = low.into_iter().zip(high);
    let rows = releases
        .into_iter()
        .zip(metrics.iter())
        .zip(asked)
        .zip(ends);
    rows.map(
        |(((release, metric), (statistic, argument)), (low, high))| {
            Ok(Cell {
                release,
                metric,
                statistic: Statistic::named(statistic.unwrap_or_default(), argument)?,
                low: low.unwrap_or(f64::NAN),
                high: high.unwrap_or(f64::NAN),
            })
        },
    )
    .collect()
}

fn known(frame: &DataFrame) -> Answer<Vec<Truth>> {
    let who = wholes(frame, "learner")?.into_iter();
    let what = wholes(frame, "metric")?
        .into_iter()
        .zip(floats(frame, "value")?);
    let one = |(learner, (metric, value)): (u32, (u32, Option<f64>))| {
        let value = value?;
        Some(Truth {
            learner,
            metric,
            value,
        })
    };
    Ok(who.zip(what).filter_map(one).collect())
}

fn wholes(frame: &DataFrame, name: &str) -> Answer<Vec<u32>> {
    let values = frame.column(name)?.u32()?;
    // Nulls were refused before; as a place that there is not they are refused again.
    Ok(values.iter().map(|v| v.unwrap_or(u32::MAX)).collect())
}

fn floats(frame: &DataFrame, name: &str) -> Answer<Vec<Option<f64>>> {
    Ok(frame.column(name)?.f64()?.iter().collect())
}

fn size(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn words<T>(name: &str, rows: &[T], word: impl Fn(&T) -> String) -> Column {
    let values: Vec<String> = rows.iter().map(word).collect();
    Series::new(name.into(), values).into()
}

fn places<T>(name: &str, rows: &[T], place: impl Fn(&T) -> Option<u32>) -> Column {
    let values: Vec<Option<u32>> = rows.iter().map(place).collect();
    Series::new(name.into(), values).into()
}

fn numbers<T>(name: &str, rows: &[T], number: impl Fn(&T) -> Option<f64>) -> Column {
    let values: Vec<Option<f64>> = rows.iter().map(number).collect();
    Series::new(name.into(), values).into()
}

fn column<T>(name: &str, rows: &[T], flag: impl Fn(&T) -> Option<bool>) -> Column {
    let values: Vec<Option<bool>> = rows.iter().map(flag).collect();
    Series::new(name.into(), values).into()
}
