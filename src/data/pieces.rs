//! The values of a stretch of rows, wherever the chunks of the column begin and end.

#![expect(clippy::indexing_slicing, reason = "bounds are those of the chunk")]

use polars::prelude::*;

use super::encode::Rows;

/// The pieces of some rows of a numeric column: chunk by chunk, with the nulls if there are any.
pub(crate) fn pieces<T: PolarsNumericType>(
    column: &ChunkedArray<T>,
    rows: Rows,
) -> impl Iterator<Item = Piece<'_, T::Native>> {
    let mut skip = rows.first;
    let mut left = rows.len;
    column.downcast_iter().map(move |array| {
        let from = skip.min(array.len());
        let to = (from + left).min(array.len());
        skip -= from;
        left -= to - from;
        Piece {
            values: &array.values()[from..to],
            valid: array
                .validity()
                .filter(|bits| bits.unset_bits() > 0)
                .map(|bits| -> Valid<'_> {
                    Box::new(move |i| bits.get(from + i).unwrap_or(false))
                }),
        }
    })
}

/// Whether the value at a place of a piece is there.
pub(crate) type Valid<'a> = Box<dyn Fn(usize) -> bool + 'a>;

/// Values of one chunk, and which are there if not all are.
pub(crate) struct Piece<'a, N> {
    pub(crate) values: &'a [N],
    pub(crate) valid: Option<Valid<'a>>,
}

/// The values of some rows of a numeric column.
pub(crate) fn ints<T>(column: &ChunkedArray<T>, rows: Rows) -> impl Iterator<Item = Option<i64>>
where
    T: PolarsNumericType<Native: Into<i64>>,
{
    pieces(column, rows).flat_map(|piece| {
        let valid = piece.valid;
        piece.values.iter().enumerate().map(move |(i, value)| {
            let there = valid.as_ref().is_none_or(|valid| valid(i));
            there.then(|| (*value).into())
        })
    })
}

/// The values of some rows, nulls as 0: borrowed where they lie in one chunk.
pub(crate) fn values(column: &Int64Chunked, rows: Rows) -> std::borrow::Cow<'_, [i64]> {
    let mut found = pieces(column, rows).filter(|piece| !piece.values.is_empty());
    match (found.next(), found.next()) {
        (Some(piece), None) if piece.valid.is_none() => piece.values.into(),
        _ => {
            let mut all = Vec::with_capacity(rows.len);
            for piece in pieces(column, rows) {
                match piece.valid {
                    None => all.extend_from_slice(piece.values),
                    Some(valid) => {
                        let values = piece.values.iter().enumerate();
                        all.extend(values.map(|(i, value)| if valid(i) { *value } else { 0 }));
                    }
                }
            }
            all.into()
        }
    }
}
