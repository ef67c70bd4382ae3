//! Columns of values that need not be known.

use polars::prelude::*;

/// Values of which some are not known; without a place for nulls where all are.
pub(crate) fn optional<T: PolarsNumericType>(
    name: &str,
    values: impl Iterator<Item = Option<T::Native>>,
) -> ChunkedArray<T> {
    let (rows, _) = values.size_hint();
    let (mut all, mut known) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
    for value in values {
        known.push(u8::from(value.is_some()));
        all.push(value.unwrap_or_default());
    }
    if !known.contains(&0) {
        return ChunkedArray::from_vec(name.into(), all);
    }
    // To compare is faster than to gather bits.
    let known = UInt8Chunked::from_vec(PlSmallStr::EMPTY, known).equal(1);
    let known = known.downcast_as_array().values().clone();
    ChunkedArray::from_vec_validity(name.into(), all, Some(known))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_column_is_that_of_a_builder(values: Vec<Option<i64>>) {
            let built = Int64Chunked::from_iter_options("x".into(), values.iter().copied());
            let own = optional::<Int64Type>("x", values.into_iter());
            prop_assert!(own.into_series().equals_missing(&built.into_series()));
        }
    }
}
