//! The optional columns of the log, as plain vectors beside time and item.

use std::cmp::Ordering;

/// An optional column of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(usize)]
pub(crate) enum Field {
    Verb,
    Session,
    Duration,
    Position,
    PositionTo,
    Speed,
    Length,
    Score,
    Success,
    Progress,
    Segments,
    Attempt,
    Response,
    Count,
    Received,
}

/// How many optional columns there are.
pub(crate) const FIELDS: usize = Field::Received as usize + 1;

/// The values of one optional column; each type has a value that stands for null and sorts first.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Lane {
    /// Words and flags; [`NO_WORD`] is null.
    Words(Vec<u8>),
    /// Dense ids and whole numbers; `u32::MAX` is null.
    Wholes(Vec<u32>),
    /// Microseconds; `i64::MIN` is null.
    Micros(Vec<i64>),
    /// Numbers; NaN is null.
    Numbers(Vec<f64>),
}

/// Null among words.
pub(crate) const NO_WORD: u8 = u8::MAX;
/// Null among microseconds.
pub(crate) const NO_TIME: i64 = i64::MIN;

impl Lane {
    pub(crate) fn words<T: Copy>(values: Vec<Option<T>>, code: impl Fn(T) -> u8) -> Self {
        let codes = values.into_iter().map(|v| v.map_or(NO_WORD, &code));
        Self::Words(codes.collect())
    }

    pub(crate) fn numbers(values: Vec<Option<f64>>) -> Self {
        Self::Numbers(values.into_iter().map(|v| v.unwrap_or(f64::NAN)).collect())
    }

    pub(crate) fn micros(values: impl IntoIterator<Item = Option<i64>>) -> Self {
        Self::Micros(values.into_iter().map(|v| v.unwrap_or(NO_TIME)).collect())
    }

    pub(crate) fn wholes(values: Vec<Option<u32>>) -> Self {
        Self::Wholes(values.into_iter().map(|v| v.unwrap_or(u32::MAX)).collect())
    }

    /// The values of some rows, in their order.
    pub(crate) fn take(&self, rows: impl Iterator<Item = u32>) -> Self {
        fn pick<T: Copy>(values: &[T], rows: impl Iterator<Item = u32>, null: T) -> Vec<T> {
            rows.map(|row| values.get(row as usize).copied().unwrap_or(null))
                .collect()
        }
        match self {
            Self::Words(values) => Self::Words(pick(values, rows, NO_WORD)),
            Self::Wholes(values) => Self::Wholes(pick(values, rows, u32::MAX)),
            Self::Micros(values) => Self::Micros(pick(values, rows, NO_TIME)),
            Self::Numbers(values) => Self::Numbers(pick(values, rows, f64::NAN)),
        }
    }

    /// Puts the values of a lane of the same type behind these.
    pub(crate) fn append(&mut self, more: Self) {
        match (self, more) {
            (Self::Words(values), Self::Words(more)) => values.extend(more),
            (Self::Wholes(values), Self::Wholes(more)) => values.extend(more),
            (Self::Micros(values), Self::Micros(more)) => values.extend(more),
            (Self::Numbers(values), Self::Numbers(more)) => values.extend(more),
            _ => {}
        }
    }

    /// Compares two rows; null comes first.
    pub(crate) fn compare(&self, a: u32, b: u32) -> Ordering {
        let (a, b) = (a as usize, b as usize);
        match self {
            // The null of these is the greatest value; one more wraps to the least.
            Self::Words(values) => {
                let key = |i| values.get(i).map(|v: &u8| v.wrapping_add(1));
                key(a).cmp(&key(b))
            }
            Self::Wholes(values) => {
                let key = |i| values.get(i).map(|v: &u32| v.wrapping_add(1));
                key(a).cmp(&key(b))
            }
            Self::Micros(values) => values.get(a).cmp(&values.get(b)),
            Self::Numbers(values) => {
                let key = |i| values.get(i).copied().filter(|v: &f64| !v.is_nan());
                key(a).partial_cmp(&key(b)).unwrap_or(Ordering::Equal)
            }
        }
    }
}

/// All optional columns, absent ones `None`.
pub(crate) type Lanes = [Option<Lane>; FIELDS];

/// Compares two rows in every optional column, in the schema's order.
pub(crate) fn compare(lanes: &Lanes, a: u32, b: u32) -> Ordering {
    lanes
        .iter()
        .flatten()
        .map(|lane| lane.compare(a, b))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nulls_sort_first_in_every_type() {
        let lanes = [
            Lane::words(vec![Some(0_u8), None], |w| w),
            Lane::wholes(vec![Some(0), None]),
            Lane::micros([Some(-5), None]),
            Lane::numbers(vec![Some(-1.0), None]),
        ];
        for lane in lanes {
            assert_eq!(lane.compare(1, 0), Ordering::Less, "{lane:?}");
            assert_eq!(lane.compare(0, 0), Ordering::Equal);
        }
    }
}
