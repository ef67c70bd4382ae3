//! Logistic regression on sparse rows, with a ridge.

#![expect(
    clippy::indexing_slicing,
    reason = "columns were checked when their row was added"
)]

use ndarray::{Array1, Array2, ArrayView2};

use super::check::{finite, not_negative, paired};
use super::linear::{cholesky, inverse_diagonal, solve};
use crate::error::{Error, Result};

const MOST_STEPS: usize = 60;

/// The predictors of each outcome: rows of columns with values, everything else 0.
#[derive(Debug, Clone, Default)]
pub struct Design {
    columns: usize,
    /// Where each row begins, and where the last ends.
    offsets: Vec<usize>,
    cells: Vec<(usize, f64)>,
}

impl Design {
    /// A design without rows.
    #[must_use]
    pub fn new(columns: usize) -> Self {
        Self {
            columns,
            offsets: vec![0],
            cells: Vec::new(),
        }
    }

    /// The rows of a matrix.
    ///
    /// # Errors
    /// [`Error::Parameter`] for values that are not finite.
    pub fn from_dense(matrix: ArrayView2<'_, f64>) -> Result<Self> {
        let mut design = Self::new(matrix.ncols());
        for row in matrix.rows() {
            let cells: Vec<_> = row.iter().copied().enumerate().collect();
            design.push(&cells)?;
        }
        Ok(design)
    }

    /// Adds a row: columns with their values.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a column beyond the last, one given twice, and values that are
    /// not finite.
    pub fn push(&mut self, row: &[(usize, f64)]) -> Result<()> {
        for (place, (column, value)) in row.iter().enumerate() {
            let twice = row[..place].iter().any(|(other, _)| other == column);
            if *column >= self.columns || twice {
                let expected = format!("below {}, each once", self.columns);
                return Err(Error::parameter("column", expected, column));
            }
            finite("row", &[*value])?;
        }
        self.cells.extend(row.iter().filter(|cell| cell.1 != 0.0));
        self.offsets.push(self.cells.len());
        Ok(())
    }

    fn rows(&self) -> impl Iterator<Item = &[(usize, f64)]> {
        let bounds = self.offsets.windows(2);
        bounds.map(|bound| &self.cells[bound[0]..bound[1]])
    }
}

/// A fitted logistic regression.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Logistic {
    /// One for each column, in log odds.
    pub coefficients: Vec<f64>,
    /// Their standard errors, from the penalized information.
    pub standard_errors: Vec<f64>,
    /// Of the data, without the penalty.
    pub log_likelihood: f64,
    /// Newton steps taken.
    pub steps: usize,
}

/// Logistic regression by iteratively reweighted least squares: the coefficients `b` that
/// maximize the log likelihood of `P(outcome) = 1 / (1 + exp(-x b))` less
/// `sum ridge_j b_j^2 / 2`. `None` where there is no single finite maximum, as for outcomes that
/// a column tells perfectly, or columns that make up another, without a ridge on them.
///
/// There is no intercept but a column of ones. A ridge of its own for each column lets some
/// coefficients be drawn to 0, like those of persons, and leaves others free, as the additive
/// factors model asks (Cen, Koedinger & Junker 2006, "Learning factors analysis",
/// <https://doi.org/10.1007/11774303_17>).
///
/// Green 1984, "Iteratively reweighted least squares for maximum likelihood estimation"; ridge: le Cessie & van Houwelingen 1992,
/// doi:10.2307/2347628.
///
/// # Errors
/// [`Error::Parameter`] for outcomes or ridges that do not pair with rows or columns, and a ridge
/// that is negative or not finite.
///
/// ```
/// use kohort::stats::{Design, logistic_regression};
/// let mut design = Design::new(1);
/// for _ in 0..4 {
///     design.push(&[(0, 1.0)])?;
/// }
/// // three of four: the log odds are ln 3, their standard error 1 / sqrt(4 * 3/4 * 1/4)
/// let fit = logistic_regression(&design, &[true, true, true, false], &[0.0])?.unwrap();
/// assert!((fit.coefficients[0] - 3_f64.ln()).abs() < 1e-12);
/// assert!((fit.standard_errors[0] - (4.0_f64 / 3.0).sqrt()).abs() < 1e-12);
/// // all of four: no finite maximum
/// assert!(logistic_regression(&design, &[true; 4], &[0.0])?.is_none());
/// # Ok::<(), kohort::Error>(())
/// ```
pub fn logistic_regression(
    design: &Design,
    outcome: &[bool],
    ridge: &[f64],
) -> Result<Option<Logistic>> {
    let counts: Vec<(f64, f64)> = outcome
        .iter()
        .map(|happened| if *happened { (1.0, 0.0) } else { (0.0, 1.0) })
        .collect();
    logistic_counts(design, &counts, ridge)
}

/// The same for outcomes that come as counts: how often it happened, and how often it did not, at
/// each row of the design. Counts need not be whole.
///
/// # Errors
/// [`Error::Parameter`] for counts or ridges that do not pair with rows or columns, or that are
/// negative or not finite.
///
/// ```
/// use kohort::stats::{Design, logistic_counts};
/// let mut design = Design::new(1);
/// design.push(&[(0, 1.0)])?;
/// // 30 of 40: the log odds are ln 3
/// let fit = logistic_counts(&design, &[(30.0, 10.0)], &[0.0])?.unwrap();
/// assert!((fit.coefficients[0] - 3_f64.ln()).abs() < 1e-12);
/// # Ok::<(), kohort::Error>(())
/// ```
pub fn logistic_counts(
    design: &Design,
    outcome: &[(f64, f64)],
    ridge: &[f64],
) -> Result<Option<Logistic>> {
    let rows = design.offsets.len().saturating_sub(1);
    paired("outcome", outcome.len(), "design", rows)?;
    paired("ridge", ridge.len(), "columns", design.columns)?;
    not_negative("ridge", ridge)?;
    let counts: Vec<f64> = outcome.iter().flat_map(|(yes, no)| [*yes, *no]).collect();
    not_negative("outcome", &counts)?;
    if rows == 0 || design.columns == 0 {
        return Ok(None);
    }
    let mut own = State::at(Array1::zeros(design.columns), design, outcome, ridge);
    for steps in 0..MOST_STEPS {
        let Some(lower) = cholesky(own.information.clone()) else {
            return Ok(None);
        };
        let step = solve(&lower, own.gradient.clone());
        let reach = step.iter().fold(0.0_f64, |most, s| most.max(s.abs()));
        let size = own.b.iter().fold(1.0_f64, |most, b| most.max(b.abs()));
        if reach <= 1e-11 * size {
            return Ok(Some(Logistic {
                standard_errors: inverse_diagonal(&lower).iter().map(|v| v.sqrt()).collect(),
                coefficients: own.b.to_vec(),
                log_likelihood: own.log_likelihood,
                steps,
            }));
        }
        let Some(next) = own.step(&step, design, outcome, ridge) else {
            return Ok(None);
        };
        own = next;
    }
    Ok(None)
}

/// Where the search is, and what the likelihood looks like there.
struct State {
    b: Array1<f64>,
    log_likelihood: f64,
    penalized: f64,
    gradient: Array1<f64>,
    information: Array2<f64>,
}

impl State {
    fn at(b: Array1<f64>, design: &Design, outcome: &[(f64, f64)], ridge: &[f64]) -> Self {
        let side = b.len();
        let mut gradient = Array1::zeros(side);
        let mut information = Array2::zeros((side, side));
        let mut log_likelihood = 0.0;
        for (row, (yes, no)) in design.rows().zip(outcome) {
            let score: f64 = row.iter().map(|(column, x)| x * b[*column]).sum();
            // Both from the exponential that cannot overflow.
            let small = (-score.abs()).exp();
            let (likely, unlikely) = (1.0 / (1.0 + small), small / (1.0 + small));
            let (p, q) = if score >= 0.0 {
                (likely, unlikely)
            } else {
                (unlikely, likely)
            };
            log_likelihood -= (yes + no) * small.ln_1p();
            log_likelihood -= if score >= 0.0 { no } else { yes } * score.abs();
            let residual = yes * q - no * p;
            let weight = (yes + no) * p * q;
            for (i, x) in row {
                gradient[*i] += residual * x;
                for (j, other) in row {
                    information[[*i, *j]] += weight * x * other;
                }
            }
        }
        let mut penalty = 0.0;
        for (i, (ridge, own)) in ridge.iter().zip(&b).enumerate() {
            penalty += ridge * own * own / 2.0;
            gradient[i] -= ridge * own;
            information[[i, i]] += ridge;
        }
        Self {
            b,
            log_likelihood,
            penalized: log_likelihood - penalty,
            gradient,
            information,
        }
    }

    /// The next place: the whole step, or the longest half of a half that loses nothing.
    fn step(
        &self,
        step: &Array1<f64>,
        design: &Design,
        outcome: &[(f64, f64)],
        ridge: &[f64],
    ) -> Option<Self> {
        let mut part = 1.0;
        for _ in 0..40 {
            let next = Self::at(&self.b + &(step * part), design, outcome, ridge);
            let lost = self.penalized - next.penalized;
            if lost <= 1e-12 * self.penalized.abs().max(1.0) {
                return Some(next);
            }
            part /= 2.0;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn two_groups_get_their_log_odds() {
        // 1 of 3 without, 3 of 4 with: ln(1/2), and ln 3 - ln(1/2)
        let design = Design::from_dense(
            array![
                [1.0, 0.0],
                [1.0, 0.0],
                [1.0, 0.0],
                [1.0, 1.0],
                [1.0, 1.0],
                [1.0, 1.0],
                [1.0, 1.0]
            ]
            .view(),
        )
        .unwrap();
        let outcome = [true, false, false, true, true, true, false];
        let fit = logistic_regression(&design, &outcome, &[0.0, 0.0])
            .unwrap()
            .unwrap();
        assert!((fit.coefficients[0] - 0.5_f64.ln()).abs() < 1e-10);
        assert!((fit.coefficients[1] - 6_f64.ln()).abs() < 1e-10);
        // 1/(3 * 1/3 * 2/3) + 1/(4 * 3/4 * 1/4)
        let error = (1.5_f64 + 4.0 / 3.0).sqrt();
        assert!((fit.standard_errors[1] - error).abs() < 1e-10);
        let likelihood = (1.0_f64 / 3.0 * 4.0 / 9.0 * 27.0 / 64.0 / 4.0).ln();
        assert!((fit.log_likelihood - likelihood).abs() < 1e-12);
    }

    #[test]
    fn a_ridge_makes_the_separable_and_the_collinear_finite() {
        let design = Design::from_dense(array![[1.0, 1.0], [-1.0, -1.0]].view()).unwrap();
        let outcome = [true, false];
        assert!(
            logistic_regression(&design, &outcome, &[0.0, 0.0])
                .unwrap()
                .is_none()
        );
        let fit = logistic_regression(&design, &outcome, &[1.0, 1.0])
            .unwrap()
            .unwrap();
        let [a, b] = fit.coefficients[..] else {
            panic!()
        };
        assert!((a - b).abs() < 1e-12);
        // the score equation: 2 / (1 + e^(2b)) = b
        assert!((2.0 / (1.0 + (2.0 * b).exp()) - b).abs() < 1e-10);
    }

    #[test]
    fn a_slope_that_separates_slowly_is_no_fit() {
        let design =
            Design::from_dense(array![[1.0, 1.0], [1.0, 2.0], [1.0, 3.0], [1.0, 4.0]].view())
                .unwrap();
        let outcome = [false, false, true, true];
        let free = logistic_regression(&design, &outcome, &[0.0, 0.0]).unwrap();
        assert!(free.is_none());
    }

    #[test]
    fn counts_are_rows_that_come_often() {
        let twice = array![[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [1.0, 2.0], [1.0, 2.0]];
        let outcome = [true, false, true, false, true];
        let rows = Design::from_dense(twice.view()).unwrap();
        let rows = logistic_regression(&rows, &outcome, &[0.0, 0.5]).unwrap();
        let once = Design::from_dense(array![[1.0, 0.0], [1.0, 2.0]].view()).unwrap();
        let counts = logistic_counts(&once, &[(2.0, 1.0), (1.0, 1.0)], &[0.0, 0.5]).unwrap();
        let (rows, counts) = (rows.unwrap(), counts.unwrap());
        for (a, b) in rows.coefficients.iter().zip(&counts.coefficients) {
            assert!((a - b).abs() < 1e-12);
        }
        assert!((rows.log_likelihood - counts.log_likelihood).abs() < 1e-12);
        assert!(logistic_counts(&once, &[(1.0, -1.0), (1.0, 1.0)], &[0.0, 0.0]).is_err());
    }

    #[test]
    fn what_does_not_pair_is_refused() {
        let mut design = Design::new(2);
        assert!(design.push(&[(2, 1.0)]).is_err());
        assert!(design.push(&[(1, 1.0), (1, 2.0)]).is_err());
        assert!(design.push(&[(1, f64::NAN)]).is_err());
        design.push(&[(1, 1.0)]).unwrap();
        assert!(logistic_regression(&design, &[], &[0.0, 0.0]).is_err());
        assert!(logistic_regression(&design, &[true], &[0.0]).is_err());
        assert!(logistic_regression(&design, &[true], &[-1.0, 0.0]).is_err());
    }
}
