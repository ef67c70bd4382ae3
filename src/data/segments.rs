//! What a player says was watched, as the xAPI Video Profile writes its played segments:
//! `0[.]12.5[,]30[.]31` for the seconds 0 to 12.5 and 30 to 31.

use polars::prelude::*;

use super::columns::Reader;
use super::encode::IdColumn;
use super::lanes::Lane;
use super::quality::Reason;
use crate::error::Result;

/// The longest text that is read.
const LONGEST: usize = 1 << 20;

/// The stretches of each distinct text, in the order of the texts; events hold the place.
#[derive(Debug, Clone, Default)]
pub(crate) struct Segments {
    ends: Vec<usize>,
    stretches: Vec<(f64, f64)>,
}

impl Segments {
    /// The stretches that an event tells, in seconds; `None` if it tells none.
    pub(crate) fn get(&self, code: u32) -> Option<&[(f64, f64)]> {
        let at = code as usize;
        let to = *self.ends.get(at)?;
        let from = at.checked_sub(1).and_then(|before| self.ends.get(before));
        self.stretches.get(from.copied().unwrap_or(0)..to)
    }

    /// Reads the column `segments`; a text that is none of the form is rejected.
    ///
    /// # Errors
    /// [`crate::Error::Schema`] for a column that does not hold texts.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<(Option<Lane>, Self)> {
        let Some(series) = reader.column("segments").cloned() else {
            return Ok((None, Self::default()));
        };
        let Ok(IdColumn::Texts(column)) =
            IdColumn::new(reader.table, &series.clone().into_column())
        else {
            let expected = "a text such as `0[.]12.5[,]30[.]31`";
            return Err(reader.wrong("segments", expected, series.dtype()));
        };
        let absent = |text: &&str| matches!(*text, "" | "NA");
        let mut texts: Vec<&str> = column.iter().flatten().filter(|t| !absent(t)).collect();
        texts.sort_unstable();
        texts.dedup();
        let mut all = Self::default();
        let mut faults = Vec::with_capacity(texts.len());
        for text in &texts {
            faults.push(all.add(text).err());
        }
        let mut codes = Vec::with_capacity(column.len());
        for (row, text) in column.iter().enumerate() {
            let code = text.and_then(|text| texts.binary_search(&text).ok());
            if let Some(reason) = code.and_then(|code| faults.get(code).copied().flatten()) {
                reader.reject(row, "segments", reason);
            }
            codes.push(code.and_then(|code| u32::try_from(code).ok()));
        }
        Ok((Some(Lane::wholes(codes)), all))
    }

    fn add(&mut self, text: &str) -> std::result::Result<(), Reason> {
        let known = self.stretches.len();
        let read = if text.len() > LONGEST {
            Err(Reason::TooLarge)
        } else {
            parse(text, &mut self.stretches).ok_or(Reason::BadValue)
        };
        if read.is_err() {
            self.stretches.truncate(known);
        }
        self.ends.push(self.stretches.len());
        read
    }
}

/// The stretches of a text. The last may lack its end: players write so when one has only begun,
/// after a seek; nothing of it has been watched.
fn parse(text: &str, stretches: &mut Vec<(f64, f64)>) -> Option<()> {
    let mut parts = text.split("[,]").peekable();
    while let Some(part) = parts.next() {
        let Some((from, to)) = part.split_once("[.]") else {
            second(part)?;
            return parts.peek().is_none().then_some(());
        };
        let (from, to) = (second(from)?, second(to)?);
        if to < from {
            return None;
        }
        stretches.push((from, to));
    }
    Some(())
}

fn second(text: &str) -> Option<f64> {
    let second: f64 = text.trim().parse().ok()?;
    (second.is_finite() && second >= 0.0).then_some(second + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<Vec<(f64, f64)>> {
        let mut stretches = Vec::new();
        parse(text, &mut stretches).map(|()| stretches)
    }

    #[test]
    fn stretches_come_as_written_and_the_last_may_have_only_begun() {
        assert_eq!(
            parsed("0[.]12.5[,] 30 [.]31"),
            Some(vec![(0.0, 12.5), (30.0, 31.0)])
        );
        assert_eq!(
            parsed("5[.]9[,]0[.]6[,]3"),
            Some(vec![(5.0, 9.0), (0.0, 6.0)])
        );
        assert_eq!(parsed("4"), Some(vec![]));
        assert_eq!(parsed("-0[.]0"), Some(vec![(0.0, 0.0)]));
    }

    #[test]
    fn what_is_not_of_the_form_is_no_segments() {
        for text in [
            "",
            " ",
            "[.]",
            "[,]",
            "1[.]",
            "[.]1",
            "2[.]1",
            "-1[.]2",
            "0[.]NaN",
            "0[.]inf",
            "1,2",
            "0[.]1[,]",
            "3[,]0[.]1",
            "0[.]1[.]2",
            "a[.]b",
        ] {
            assert_eq!(parsed(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_text_that_cannot_be_read_takes_no_room() {
        let mut all = Segments::default();
        let long = "0[.]1[,]".repeat(LONGEST / 8) + "0[.]1";
        let read: Vec<_> = ["0[.]1[,]2[.]1", long.as_str(), "1[.]2", "7"]
            .map(|text| all.add(text))
            .into();
        let expected = [Err(Reason::BadValue), Err(Reason::TooLarge), Ok(()), Ok(())];
        assert_eq!(read, expected);
        assert_eq!(all.get(2), Some(&[(1.0, 2.0)][..]));
        assert_eq!(all.get(3), Some(&[][..]));
        assert_eq!(all.get(u32::MAX), None);
    }
}
