//! Numeric kernels on tables that Python has checked and made of plain columns.

use kohort::stats::ndarray::{Array2, ArrayView2};
use kohort::stats::{self, Alternative, Graph, Subjects};
use polars::frame::DataFrame;
use polars::prelude::{Column, NamedFrom, Series};
use pyo3::prelude::*;

use crate::arrow::{Input, Table};
use crate::data::pick;
use crate::errors::to_py;

type Answer<T> = kohort::Result<T>;

/// Asks a kernel with the Python lock released.
fn ask<T: Send>(py: Python<'_>, question: impl FnOnce() -> Answer<T> + Send) -> PyResult<T> {
    py.detach(question).map_err(|e| to_py(&e))
}

fn floats(frame: &DataFrame, name: &str) -> Answer<Vec<f64>> {
    let values = frame.column(name)?.f64()?;
    // Nulls were refused before; as no number they would be refused again.
    Ok(values.iter().map(|v| v.unwrap_or(f64::NAN)).collect())
}

fn wholes(frame: &DataFrame, name: &str) -> Answer<Vec<u32>> {
    let values = frame.column(name)?.u32()?;
    Ok(values.iter().map(Option::unwrap_or_default).collect())
}

fn matrix(frame: &DataFrame) -> Answer<Array2<f64>> {
    let mut cells = Array2::zeros((frame.height(), frame.width()));
    for (mut to, column) in cells.columns_mut().into_iter().zip(frame.columns()) {
        for (cell, value) in to.iter_mut().zip(column.f64()?.iter()) {
            *cell = value.unwrap_or(f64::NAN);
        }
    }
    Ok(cells)
}

/// Subjects from the columns `time`, `event` and, where there is one, `entry`.
fn subjects(frame: &DataFrame) -> Answer<Subjects> {
    let entry = frame
        .column("entry")
        .ok()
        .map(|_| floats(frame, "entry"))
        .transpose()?;
    let (time, event) = (floats(frame, "time")?, wholes(frame, "event")?);
    Subjects::new(&time, &event, entry.as_deref())
}

fn counts<T>(name: &str, rows: &[T], count: impl Fn(&T) -> usize) -> Column {
    let values: Vec<u32> = rows
        .iter()
        .map(|row| u32::try_from(count(row)).unwrap_or(u32::MAX))
        .collect();
    Series::new(name.into(), values).into()
}

fn numbers<T>(name: &str, rows: &[T], number: impl Fn(&T) -> Option<f64>) -> Column {
    let values: Vec<Option<f64>> = rows.iter().map(number).collect();
    Series::new(name.into(), values).into()
}

#[pyfunction]
#[pyo3(signature = (subjects, confidence))]
pub(crate) fn kaplan_meier(py: Python<'_>, subjects: Input, confidence: f64) -> PyResult<Table> {
    let frame = subjects.frame("subjects", None)?;
    ask(py, || {
        let rows = stats::kaplan_meier(&self::subjects(&frame)?, confidence)?;
        let columns = vec![
            numbers("time", &rows, |r| Some(r.time)),
            counts("at_risk", &rows, |r| r.at_risk),
            counts("events", &rows, |r| r.events),
            counts("censored", &rows, |r| r.censored),
            numbers("survival", &rows, |r| Some(r.survival)),
            numbers("variance", &rows, |r| r.variance),
            numbers("lower", &rows, |r| r.lower),
            numbers("upper", &rows, |r| r.upper),
        ];
        Ok(DataFrame::new(rows.len(), columns)?.into())
    })
}

#[pyfunction]
#[pyo3(signature = (subjects, confidence))]
pub(crate) fn nelson_aalen(py: Python<'_>, subjects: Input, confidence: f64) -> PyResult<Table> {
    let frame = subjects.frame("subjects", None)?;
    ask(py, || {
        let rows = stats::nelson_aalen(&self::subjects(&frame)?, confidence)?;
        let columns = vec![
            numbers("time", &rows, |r| Some(r.time)),
            counts("at_risk", &rows, |r| r.at_risk),
            counts("events", &rows, |r| r.events),
            counts("censored", &rows, |r| r.censored),
            numbers("hazard", &rows, |r| Some(r.hazard)),
            numbers("variance", &rows, |r| Some(r.variance)),
            numbers("lower", &rows, |r| r.lower),
            numbers("upper", &rows, |r| r.upper),
        ];
        Ok(DataFrame::new(rows.len(), columns)?.into())
    })
}

#[pyfunction]
#[pyo3(signature = (subjects, kind, confidence))]
pub(crate) fn aalen_johansen(
    py: Python<'_>,
    subjects: Input,
    kind: u32,
    confidence: f64,
) -> PyResult<Table> {
    let frame = subjects.frame("subjects", None)?;
    ask(py, || {
        let rows = stats::aalen_johansen(&self::subjects(&frame)?, kind, confidence)?;
        let columns = vec![
            numbers("time", &rows, |r| Some(r.time)),
            counts("at_risk", &rows, |r| r.at_risk),
            counts("events", &rows, |r| r.events),
            counts("competing", &rows, |r| r.competing),
            counts("censored", &rows, |r| r.censored),
            numbers("incidence", &rows, |r| Some(r.incidence)),
            numbers("variance", &rows, |r| Some(r.variance)),
            numbers("lower", &rows, |r| r.lower),
            numbers("upper", &rows, |r| r.upper),
        ];
        Ok(DataFrame::new(rows.len(), columns)?.into())
    })
}

/// Mean, variance, horizon.
#[pyfunction]
#[pyo3(signature = (subjects, horizon))]
pub(crate) fn restricted_mean(
    py: Python<'_>,
    subjects: Input,
    horizon: Option<f64>,
) -> PyResult<Option<(f64, f64, f64)>> {
    let frame = subjects.frame("subjects", None)?;
    ask(py, || {
        let mean = stats::restricted_mean(&self::subjects(&frame)?, horizon)?;
        Ok(mean.map(|own| (own.mean, own.variance, own.horizon)))
    })
}

/// Chi-square, degrees of freedom, p-value, and the observed and expected events of each group.
type LogRank = (f64, usize, f64, Vec<usize>, Vec<f64>);

#[pyfunction]
#[pyo3(signature = (groups))]
pub(crate) fn log_rank(py: Python<'_>, groups: Vec<Input>) -> PyResult<Option<LogRank>> {
    let frames = groups
        .into_iter()
        .map(|group| group.frame("subjects", None));
    let frames = frames.collect::<PyResult<Vec<_>>>()?;
    ask(py, || {
        let groups = frames.iter().map(subjects).collect::<Answer<Vec<_>>>()?;
        let test = stats::log_rank(&groups)?;
        Ok(test.map(|own| {
            (
                own.chi_square,
                own.degrees_of_freedom,
                own.p_value,
                own.observed,
                own.expected,
            )
        }))
    })
}

#[pyfunction]
#[pyo3(signature = (successes, trials, confidence))]
pub(crate) fn wilson(
    successes: Vec<u64>,
    trials: Vec<u64>,
    confidence: f64,
) -> PyResult<Vec<Option<(f64, f64)>>> {
    let pairs = successes.into_iter().zip(trials);
    pairs
        .map(|(successes, trials)| stats::wilson(successes, trials, confidence))
        .collect::<Answer<_>>()
        .map_err(|e| to_py(&e))
}

#[pyfunction]
#[pyo3(signature = (successes, trials, probability, alternative))]
pub(crate) fn binomial_test(
    py: Python<'_>,
    successes: u64,
    trials: u64,
    probability: f64,
    alternative: &str,
) -> PyResult<f64> {
    let words = [
        ("greater", Alternative::Greater),
        ("less", Alternative::Less),
    ];
    let side = pick(alternative, &words)?;
    ask(py, || {
        stats::binomial_test(successes, trials, probability, side)
    })
}

#[pyfunction]
#[pyo3(signature = (p_values))]
pub(crate) fn benjamini_hochberg(py: Python<'_>, p_values: Input) -> PyResult<Table> {
    let frame = p_values.frame("p_values", None)?;
    ask(py, || {
        let adjusted = stats::benjamini_hochberg(&floats(&frame, "p_values")?)?;
        let column = numbers("adjusted", &adjusted, |p| Some(*p));
        Ok(DataFrame::new(adjusted.len(), vec![column])?.into())
    })
}

/// A number from one column or two, by the name of the kernel.
#[pyfunction]
#[pyo3(signature = (kernel, columns))]
pub(crate) fn from_columns(py: Python<'_>, kernel: &str, columns: Input) -> PyResult<Option<f64>> {
    type Kernel = fn(&[f64], &[f64]) -> Answer<Option<f64>>;
    let kernels: [(&str, Kernel); 4] = [
        ("entropy", |x, _| stats::entropy(x)),
        ("jensen_shannon", stats::jensen_shannon),
        ("pearson", stats::pearson),
        ("spearman", stats::spearman),
    ];
    let kernel = pick(kernel, &kernels)?;
    let frame = columns.frame("columns", None)?;
    ask(py, || {
        let first = frame.columns().first().map(Column::name);
        let last = frame.columns().last().map(Column::name);
        let (Some(first), Some(last)) = (first, last) else {
            return Ok(None);
        };
        kernel(&floats(&frame, first)?, &floats(&frame, last)?)
    })
}

/// A number from a table of persons and items, by the name of the kernel.
#[pyfunction]
#[pyo3(signature = (kernel, items))]
pub(crate) fn from_items(py: Python<'_>, kernel: &str, items: Input) -> PyResult<Option<f64>> {
    type Kernel = fn(ArrayView2<'_, f64>) -> Answer<Option<f64>>;
    let kernels: [(&str, Kernel); 3] = [
        ("cronbach_alpha", stats::cronbach_alpha),
        ("kr20", stats::kr20),
        (
            "standard_error_of_measurement",
            stats::standard_error_of_measurement,
        ),
    ];
    let kernel = pick(kernel, &kernels)?;
    let frame = items.frame("items", None)?;
    ask(py, || kernel(matrix(&frame)?.view()))
}

#[pyfunction]
#[pyo3(signature = (values, period))]
pub(crate) fn periodicity(py: Python<'_>, values: Input, period: f64) -> PyResult<f64> {
    let frame = values.frame("values", None)?;
    ask(py, || {
        stats::periodicity(&floats(&frame, "values")?, period)
    })
}

/// The cluster of each row, the centers row by row, the cost.
#[pyfunction]
#[pyo3(signature = (points, k, restarts, seed))]
pub(crate) fn kmeans_l1(
    py: Python<'_>,
    points: Input,
    k: usize,
    restarts: usize,
    seed: u64,
) -> PyResult<(Vec<usize>, Vec<Vec<f64>>, f64)> {
    let frame = points.frame("points", None)?;
    ask(py, || {
        let found = stats::k_medians(matrix(&frame)?.view(), k, restarts, seed)?;
        let centers = found.centers.rows().into_iter().map(|row| row.to_vec());
        Ok((found.cluster, centers.collect(), found.cost))
    })
}

fn graph(edges: &DataFrame, nodes: u32) -> Answer<Graph> {
    let (source, target) = (wholes(edges, "source")?, wholes(edges, "target")?);
    let edges: Vec<(u32, u32)> = source.into_iter().zip(target).collect();
    Graph::new(nodes, &edges)
}

/// In- and out-degree of each node.
#[pyfunction]
#[pyo3(signature = (edges, nodes))]
pub(crate) fn degrees(py: Python<'_>, edges: Input, nodes: u32) -> PyResult<Vec<(u32, u32)>> {
    let frame = edges.frame("edges", None)?;
    ask(py, || {
        let degrees = stats::degrees(&graph(&frame, nodes)?);
        Ok(degrees.iter().map(|d| (d.incoming, d.outgoing)).collect())
    })
}

#[pyfunction]
#[pyo3(signature = (edges, nodes))]
pub(crate) fn reciprocity(py: Python<'_>, edges: Input, nodes: u32) -> PyResult<Option<f64>> {
    let frame = edges.frame("edges", None)?;
    ask(py, || Ok(stats::reciprocity(&graph(&frame, nodes)?)))
}

#[pyfunction]
#[pyo3(signature = (edges, nodes, normalized))]
pub(crate) fn betweenness(
    py: Python<'_>,
    edges: Input,
    nodes: u32,
    normalized: bool,
) -> PyResult<Option<Vec<f64>>> {
    let frame = edges.frame("edges", None)?;
    ask(py, || {
        Ok(stats::betweenness(&graph(&frame, nodes)?, normalized))
    })
}
