//! The clicks of the virtual learning environment, one row for each learner, site and day.

use std::path::Path;

use rayon::prelude::*;

use super::presentations::Presentations;
use super::source::{Field, Holds, load};
use crate::error::Result;
use crate::ingest::paths::failed;

const COLUMNS: &[Field] = &[
    ("code_module", false, Holds::Text),
    ("code_presentation", false, Holds::Text),
    ("id_student", false, Holds::Whole),
    ("id_site", false, Holds::Whole),
    ("date", false, Holds::Whole),
    ("sum_click", false, Holds::Whole),
];

/// How many values name a row: course, learner, day, site.
const KEYS: usize = 4;

/// What a learner did on a site on one day.
pub(super) struct Click {
    pub(super) course: u32,
    pub(super) learner: i64,
    pub(super) time: i64,
    pub(super) site: i64,
    pub(super) count: i64,
}

/// Sums the clicks of each (course, learner, day, site), sorted by them; and the rows read.
///
/// The dataset has several rows of the same key, and rows that are equal in all columns: all of
/// them are clicks.
pub(super) fn read(folder: &Path, courses: &Presentations) -> Result<(Vec<Click>, u64)> {
    let mut rows: Vec<([i64; KEYS], i64)> = Vec::new();
    for part in load(folder, "studentVle", COLUMNS)? {
        let places = courses.places(&part)?;
        let learners = part.ints("id_student")?.iter().flatten();
        let sites = part.ints("id_site")?.iter().flatten();
        let days = part.ints("date")?.iter().flatten();
        let counts = part.ints("sum_click")?.iter().flatten();
        rows.reserve(places.len());
        let ids = learners.zip(sites).zip(days.zip(counts));
        for (row, (place, ((learner, site), (day, count)))) in
            places.into_iter().zip(ids).enumerate()
        {
            if courses.instant(place, day).is_none() {
                return Err(part.bad(row, "date", "is not a day near the course"));
            }
            if count < 0 {
                return Err(part.bad(row, "sum_click", "is below zero"));
            }
            rows.push(([i64::from(place), learner, day, site], count));
        }
    }
    let read = rows.len() as u64;
    let packing = Packing::new(&rows).ok_or_else(|| failed(folder, "ids lie too far apart"))?;
    let summed = if packing.bits() <= u64::BITS {
        sum(
            rows,
            &packing,
            |key| u64::try_from(key).unwrap_or(u64::MAX),
            u128::from,
        )
    } else {
        sum(rows, &packing, |key| key, |key| key)
    };
    let too_many = || failed(folder, "clicks of one learner on one day exceed 2^63");
    let clicks =
        summed
            .ok_or_else(too_many)?
            .into_iter()
            .map(|([place, learner, day, site], count)| {
                let course = u32::try_from(place).unwrap_or(u32::MAX);
                let time = courses.instant(course, day).unwrap_or_default();
                Click {
                    course,
                    learner,
                    time,
                    site,
                    count,
                }
            });
    Ok((clicks.collect(), read))
}

type Row = ([i64; KEYS], i64);

/// Sums equal keys; `None` if a sum overflows. `shrink` and `widen` are inverse on packed keys.
fn sum<K: Copy + Ord + Send>(
    rows: Vec<Row>,
    packing: &Packing,
    shrink: impl Fn(u128) -> K,
    widen: impl Fn(K) -> u128,
) -> Option<Vec<Row>> {
    let mut packed: Vec<(K, i64)> = rows
        .into_iter()
        .map(|(keys, count)| (shrink(packing.pack(keys)), count))
        .collect();
    packed.par_sort_unstable_by_key(|(key, _)| *key);
    let mut summed = Vec::new();
    for same in packed.chunk_by(|(a, _), (b, _)| a == b) {
        if let Some((key, _)) = same.first() {
            let count = same
                .iter()
                .try_fold(0_i64, |sum, (_, count)| sum.checked_add(*count))?;
            summed.push((packing.unpack(widen(*key)), count));
        }
    }
    Some(summed)
}

/// Several integers in one, in the same order: each takes the bits that its range needs.
struct Packing {
    low: [i64; KEYS],
    bits: [u32; KEYS],
}

impl Packing {
    /// `None` if the ranges need more than 128 bits together.
    fn new(rows: &[Row]) -> Option<Self> {
        let mut low = [i64::MAX; KEYS];
        let mut high = [i64::MIN; KEYS];
        for (keys, _) in rows {
            for ((key, low), high) in keys.iter().zip(&mut low).zip(&mut high) {
                *low = (*low).min(*key);
                *high = (*high).max(*key);
            }
        }
        let mut bits = [0; KEYS];
        for ((bits, low), high) in bits.iter_mut().zip(low).zip(high) {
            *bits = u64::BITS - high.max(low).abs_diff(low).leading_zeros();
        }
        let packing = Self { low, bits };
        (packing.bits() <= u128::BITS).then_some(packing)
    }

    fn bits(&self) -> u32 {
        self.bits.iter().sum()
    }

    fn pack(&self, keys: [i64; KEYS]) -> u128 {
        let places = keys.iter().zip(self.low).zip(self.bits);
        places.fold(0, |packed, ((key, low), bits)| {
            (packed << bits) | u128::from(key.abs_diff(low))
        })
    }

    fn unpack(&self, mut packed: u128) -> [i64; KEYS] {
        let mut keys = self.low;
        for (key, bits) in keys.iter_mut().zip(self.bits).rev() {
            let value = packed & ((1 << bits) - 1);
            *key = key.wrapping_add_unsigned(u64::try_from(value).unwrap_or(u64::MAX));
            packed >>= bits;
        }
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_keys_keep_their_order_and_come_back() {
        let keys = [
            [0, -5, 3, 9],
            [0, 7, -10, 4],
            [0, 7, 3, 9],
            [2, i64::MIN, 0, 0],
        ];
        let rows: Vec<Row> = keys.map(|key| (key, 1)).to_vec();
        let packing = Packing::new(&rows).unwrap();
        let packed = keys.map(|key| packing.pack(key));
        assert!(packed.is_sorted());
        assert_eq!(packed.map(|key| packing.unpack(key)), keys);
        let wide = [
            ([0, i64::MIN, 0, i64::MIN], 1),
            ([1, i64::MAX, 0, i64::MAX], 1),
        ];
        assert!(Packing::new(&wide).is_none());
    }

    #[test]
    fn equal_keys_are_summed_in_64_bits() {
        let rows = vec![
            ([0, 1, 2, 3], i64::from(i32::MAX)),
            ([0, 0, 2, 3], 1),
            ([0, 1, 2, 3], 1),
        ];
        let packing = Packing::new(&rows).unwrap();
        let summed = sum(rows, &packing, |key| key, |key| key).unwrap();
        assert_eq!(summed, [([0, 0, 2, 3], 1), ([0, 1, 2, 3], 1 << 31)]);
        let rows = vec![([0; KEYS], i64::MAX), ([0; KEYS], 1)];
        let packing = Packing::new(&rows).unwrap();
        assert!(sum(rows, &packing, |key| key, |key| key).is_none());
    }
}
