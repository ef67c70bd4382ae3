//! Small dense symmetric systems.

#![expect(
    clippy::indexing_slicing,
    reason = "rows and columns are below the side of the square matrix"
)]

use ndarray::{Array1, Array2};

/// Below this part of the largest diagonal element a pivot is rounding.
const ROUNDING: f64 = 1e-10;

/// `b' A^- b` of a positive semi-definite matrix and a vector in its range, with the rank, by
/// pivoted elimination.
pub(super) fn semi_definite_form(mut a: Array2<f64>, mut b: Array1<f64>) -> (f64, usize) {
    let side = b.len();
    let largest = a.diag().iter().copied().fold(0.0, f64::max);
    let mut open: Vec<usize> = (0..side).collect();
    let (mut form, mut rank) = (0.0, 0);
    while let Some((place, pivot)) = best(&a, &open) {
        if a[[pivot, pivot]] <= largest * ROUNDING || a[[pivot, pivot]] <= 0.0 {
            break;
        }
        open.swap_remove(place);
        form += b[pivot] * b[pivot] / a[[pivot, pivot]];
        rank += 1;
        for row in &open {
            let factor = a[[*row, pivot]] / a[[pivot, pivot]];
            b[*row] -= factor * b[pivot];
            for column in &open {
                let part = factor * a[[pivot, *column]];
                a[[*row, *column]] -= part;
            }
        }
    }
    (form, rank)
}

/// The open row with the largest diagonal element, the first of equals.
fn best(a: &Array2<f64>, open: &[usize]) -> Option<(usize, usize)> {
    let mut best: Option<(usize, usize)> = None;
    for (place, row) in open.iter().enumerate() {
        let better = best.is_none_or(|(_, other)| {
            let (own, other_own) = (a[[*row, *row]], a[[other, other]]);
            own > other_own || (own >= other_own && *row < other)
        });
        if better {
            best = Some((place, *row));
        }
    }
    best
}

/// The lower triangle `L` with `L L' = A`; `None` unless `A` is positive definite.
pub(super) fn cholesky(mut a: Array2<f64>) -> Option<Array2<f64>> {
    let side = a.nrows();
    let largest = a.diag().iter().copied().fold(0.0, f64::max);
    for j in 0..side {
        let own = a.row(j).iter().take(j).map(|v| v * v).sum::<f64>();
        let pivot = a[[j, j]] - own;
        if !pivot.is_finite() || pivot <= largest * 1e-14 {
            return None;
        }
        let root = pivot.sqrt();
        a[[j, j]] = root;
        for i in j + 1..side {
            let dot: f64 = (0..j).map(|k| a[[i, k]] * a[[j, k]]).sum();
            a[[i, j]] = (a[[i, j]] - dot) / root;
            a[[j, i]] = 0.0;
        }
    }
    Some(a)
}

/// The `x` with `L L' x = b`.
pub(super) fn solve(l: &Array2<f64>, mut b: Array1<f64>) -> Array1<f64> {
    let side = b.len();
    for i in 0..side {
        let dot: f64 = (0..i).map(|k| l[[i, k]] * b[k]).sum();
        b[i] = (b[i] - dot) / l[[i, i]];
    }
    for i in (0..side).rev() {
        let dot: f64 = (i + 1..side).map(|k| l[[k, i]] * b[k]).sum();
        b[i] = (b[i] - dot) / l[[i, i]];
    }
    b
}

/// The diagonal of the inverse of `L L'`.
pub(super) fn inverse_diagonal(l: &Array2<f64>) -> Vec<f64> {
    let side = l.nrows();
    let mut column = vec![0.0; side];
    (0..side)
        .map(|j| {
            // Column j of the inverse of L: the diagonal is the sum of its squares.
            column[j] = 1.0 / l[[j, j]];
            for i in j + 1..side {
                let dot: f64 = (j..i).map(|k| l[[i, k]] * column[k]).sum();
                column[i] = -dot / l[[i, i]];
            }
            column[j..].iter().map(|v| v * v).sum()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn a_positive_definite_system_is_solved() {
        let l = cholesky(array![[4.0, 2.0], [2.0, 5.0]]).unwrap();
        let x = solve(&l, array![8.0, 12.0]);
        assert!((x[0] - 1.0).abs() < 1e-15 && (x[1] - 2.0).abs() < 1e-15);
        // the inverse is [5, -2; -2, 4] / 16
        let diagonal = inverse_diagonal(&l);
        assert!((diagonal[0] - 5.0 / 16.0).abs() < 1e-15);
        assert!((diagonal[1] - 0.25).abs() < 1e-15);
        assert!(cholesky(array![[1.0, 1.0], [1.0, 1.0]]).is_none());
    }

    #[test]
    fn a_singular_form_leaves_out_what_it_cannot_tell_apart() {
        // the covariance of two counts with a fixed sum
        let a = array![[2.0, -2.0], [-2.0, 2.0]];
        assert_eq!(semi_definite_form(a, array![3.0, -3.0]), (4.5, 1));
        let nothing = Array2::zeros((2, 2));
        assert_eq!(semi_definite_form(nothing, array![0.0, 0.0]), (0.0, 0));
    }
}
