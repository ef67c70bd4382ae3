//! Identifiers: as they came outside, dense numbers in the order of their values inside.

use polars::prelude::*;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::optional::optional;
use super::quality::Reason;
use crate::error::{Error, Result};

/// "No such thing" among dense ids.
pub(crate) const NONE: u32 = u32::MAX;
/// Dense ids stay below; numbers above say why a value has none.
pub(crate) const LIMIT: u32 = u32::MAX - 8;
pub(crate) const BAD: u32 = u32::MAX - 1;
pub(crate) const LARGE: u32 = u32::MAX - 2;

/// The reason a value has no dense id.
pub(crate) fn fault(code: u32) -> Reason {
    match code {
        BAD => Reason::BadId,
        LARGE => Reason::TooLarge,
        _ => Reason::NullId,
    }
}

/// An identifier as a caller writes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Id {
    /// An integer id.
    Int(i64),
    /// A text id.
    Text(String),
}

impl From<i64> for Id {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<&str> for Id {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Id {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Int(value) => write!(f, "{value}"),
            Self::Text(value) => f.write_str(value),
        }
    }
}

/// The distinct ids of one family (learners, contents, ...), sorted; the index is the dense id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ids {
    Ints(Vec<i64>),
    Texts(Vec<String>),
}

impl Default for Ids {
    fn default() -> Self {
        Self::Texts(Vec::new())
    }
}

impl Ids {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Ints(values) => values.len(),
            Self::Texts(values) => values.len(),
        }
    }

    /// The dense id of an id, compared as bytes after NFC.
    pub(crate) fn find(&self, id: &Id) -> Option<u32> {
        let at = match (self, id) {
            (Self::Ints(values), Id::Int(id)) => values.binary_search(id).ok(),
            (Self::Texts(values), Id::Text(id)) => {
                let id: String = id.nfc().collect();
                values.binary_search(&id).ok()
            }
            _ => None,
        };
        at.and_then(|at| u32::try_from(at).ok())
    }

    /// The id behind a dense id.
    pub(crate) fn get(&self, dense: u32) -> Option<Id> {
        let at = dense as usize;
        match self {
            Self::Ints(values) => values.get(at).copied().map(Id::Int),
            Self::Texts(values) => values.get(at).cloned().map(Id::Text),
        }
    }

    /// The ids behind some dense ids, numbered anew in the same order.
    pub(crate) fn pick(&self, dense: impl Iterator<Item = u32>) -> Self {
        match self {
            Self::Ints(values) => Self::Ints(
                dense
                    .filter_map(|d| values.get(d as usize).copied())
                    .collect(),
            ),
            Self::Texts(values) => Self::Texts(
                dense
                    .filter_map(|d| values.get(d as usize).cloned())
                    .collect(),
            ),
        }
    }

    /// Empties the texts behind all other dense ids.
    pub(crate) fn keep_only(&mut self, dense: impl Iterator<Item = u32>) {
        if let Self::Texts(values) = self {
            let mut kept = vec![String::new(); values.len()];
            for id in dense {
                let place = kept.get_mut(id as usize).zip(values.get_mut(id as usize));
                if let Some((kept, value)) = place.filter(|(kept, _)| kept.is_empty()) {
                    *kept = std::mem::take(value);
                }
            }
            *values = kept;
        }
    }

    /// A column of the ids behind dense ids; null for [`NONE`].
    pub(crate) fn column(&self, name: &str, dense: &[u32]) -> Column {
        match self {
            Self::Ints(values) => {
                let id = |d: &u32| values.get(*d as usize).copied();
                // A column without nulls needs no place for them.
                if dense.iter().all(|d| (*d as usize) < values.len()) {
                    let ids = dense.iter().map(|d| id(d).unwrap_or_default());
                    Int64Chunked::from_vec(name.into(), ids.collect())
                } else {
                    optional::<Int64Type>(name, dense.iter().map(id))
                }
                .into_column()
            }
            Self::Texts(values) => texts(values, name, dense),
        }
    }
}

/// A column of texts, by their places in a list; null behind its end.
fn texts(values: &[String], name: &str, places: &[u32]) -> Column {
    let known = || {
        places
            .iter()
            .filter(|place| (**place as usize) < values.len())
    };
    let Some((least, most)) = known().min().zip(known().max()) else {
        return Series::full_null(name.into(), places.len(), &DataType::String).into_column();
    };
    // Where many rows have few texts, each is written once and pointed to. What lies outside the
    // range of the rows does not travel with them.
    let list = values.get(*least as usize..=*most as usize);
    let list = list.filter(|list| list.len() <= places.len());
    let taken = list.and_then(|list| {
        let list = StringChunked::from_slice(name.into(), list);
        let own = places.iter().map(|place| {
            let known = (*place as usize) < values.len();
            known.then(|| place - least)
        });
        list.take(&optional::<IdxType>(name, own)).ok()
    });
    let column = taken.unwrap_or_else(|| {
        let own = places.iter().map(|place| values.get(*place as usize));
        StringChunked::from_iter_options(name.into(), own)
    });
    column.into_column()
}

/// The distinct values of one range of rows, in order of first appearance.
#[derive(Debug)]
pub(crate) enum Values<'a> {
    Ints(Vec<i64>),
    Texts(Vec<&'a str>),
}

impl Values<'_> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Ints(values) => values.len(),
            Self::Texts(values) => values.len(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// One dense numbering for several ranges and tables: the ids, and for each range the dense id
/// (or the fault) of each of its local values.
///
/// # Errors
/// [`Error::Schema`] if some tables hold integers and others texts, or values look like e-mail
/// addresses.
pub(crate) fn unify(
    family: &'static str,
    tables: &[&'static str],
    ranges: &[Values<'_>],
) -> Result<(Ids, Vec<Vec<u32>>)> {
    let is_int = |values: &&Values<'_>| matches!(values, Values::Ints(_));
    let texts = ranges.iter().any(|v| !is_int(&v) && !v.is_empty());
    let ints = ranges.iter().filter(is_int).any(|v| !v.is_empty());
    // Without a single value, a column of integers still says what ids will be.
    if !ints && (texts || !ranges.iter().any(|v| is_int(&v))) {
        return unify_texts(family, tables, ranges);
    }
    if texts {
        let of = |wanted: bool| {
            let mut all = tables.iter().zip(ranges);
            let found = all.find(|(_, values)| is_int(values) == wanted && !values.is_empty());
            found.map_or("events", |(table, _)| *table)
        };
        return Err(Error::schema(
            of(false),
            format!(
                "`{family}` is a string here and an integer in `{}`; give it one type in all \
                 tables (polars: .cast(pl.String), pandas: .astype(str))",
                of(true)
            ),
        ));
    }
    let slices = ranges.iter().map(|range| match range {
        Values::Ints(values) => values.as_slice(),
        Values::Texts(_) => &[],
    });
    let slices: Vec<&[i64]> = slices.collect();
    let (distinct, maps) = number(&slices);
    Ok((Ids::Ints(distinct), maps))
}

fn unify_texts(
    family: &'static str,
    tables: &[&'static str],
    ranges: &[Values<'_>],
) -> Result<(Ids, Vec<Vec<u32>>)> {
    let mut clean: Vec<Vec<std::borrow::Cow<'_, str>>> = Vec::with_capacity(ranges.len());
    let mut faults: Vec<Vec<u32>> = Vec::with_capacity(ranges.len());
    let (mut addresses, mut told) = (0_usize, "events");
    for (range, table) in ranges.iter().zip(tables) {
        let Values::Texts(values) = range else {
            clean.push(Vec::new());
            faults.push(Vec::new());
            continue;
        };
        let (mut texts, mut codes) = (Vec::new(), Vec::with_capacity(values.len()));
        for value in values {
            match check(value) {
                Ok(text) => {
                    if looks_like_address(&text) {
                        addresses += 1;
                        told = table;
                    }
                    texts.push(text);
                    codes.push(0);
                }
                Err(code) => codes.push(code),
            }
        }
        clean.push(texts);
        faults.push(codes);
    }
    if addresses > 0 {
        return Err(Error::schema(
            told,
            format!(
                "`{family}` holds {addresses} values that look like e-mail addresses; \
                 a Personal Identifier must not come in: give pseudonyms instead"
            ),
        ));
    }
    let slices: Vec<&[std::borrow::Cow<'_, str>]> = clean.iter().map(Vec::as_slice).collect();
    let (distinct, good) = number(&slices);
    for (codes, good) in faults.iter_mut().zip(good) {
        let mut good = good.into_iter();
        for code in codes.iter_mut().filter(|code| **code == 0) {
            *code = good.next().unwrap_or(NONE);
        }
    }
    let distinct = distinct.into_iter().map(std::borrow::Cow::into_owned);
    Ok((Ids::Texts(distinct.collect()), faults))
}

/// Numbers the distinct values of all ranges in their own order.
fn number<T: Ord + Clone + Sync + Send>(ranges: &[&[T]]) -> (Vec<T>, Vec<Vec<u32>>) {
    let mut all: Vec<(&T, u32, u32)> = Vec::with_capacity(ranges.iter().map(|r| r.len()).sum());
    for (range, values) in (0_u32..).zip(ranges) {
        all.extend((0_u32..).zip(*values).map(|(at, value)| (value, range, at)));
    }
    rayon::slice::ParallelSliceMut::par_sort_unstable(all.as_mut_slice());
    let mut maps: Vec<Vec<u32>> = ranges.iter().map(|r| vec![NONE; r.len()]).collect();
    let mut distinct: Vec<T> = Vec::new();
    for (value, range, at) in all {
        if distinct.last() != Some(value) {
            distinct.push(value.clone());
        }
        let dense = u32::try_from(distinct.len() - 1).unwrap_or(LIMIT);
        if let Some(slot) = maps
            .get_mut(range as usize)
            .and_then(|map| map.get_mut(at as usize))
        {
            *slot = dense;
        }
    }
    (distinct, maps)
}

/// The longest id, in bytes: the addresses by which standards name activities are long.
const LONGEST: usize = 512;

/// The id in NFC, or the code of what is wrong with it.
pub(crate) fn check(value: &str) -> std::result::Result<std::borrow::Cow<'_, str>, u32> {
    if value.len() > 4 * LONGEST {
        return Err(LARGE);
    }
    // Without a branch for each byte: ids are checked by the million.
    let other = value.bytes().fold(0, |other, byte| {
        other | u8::from(byte.wrapping_sub(b' ') >= 0x5f)
    });
    if other == 0
        && value.len() <= LONGEST
        && value.bytes().next().is_some_and(|first| first > b' ')
    {
        return Ok(value.into());
    }
    if value.is_ascii() {
        let control = value.bytes().any(|byte| byte.is_ascii_control());
        if control || value.trim().is_empty() {
            return Err(BAD);
        }
        return if value.len() > LONGEST {
            Err(LARGE)
        } else {
            Ok(value.into())
        };
    }
    let text: std::borrow::Cow<'_, str> = if is_nfc(value) {
        value.into()
    } else {
        value.nfc().collect::<String>().into()
    };
    if text.len() > LONGEST {
        return Err(LARGE);
    }
    if text.trim().is_empty() || text.chars().any(invisible) {
        return Err(BAD);
    }
    Ok(text)
}

/// Controls, zero-width and bidirectional marks: two ids that look alike must be alike.
fn invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// `something@host.tld`, without white space.
fn looks_like_address(text: &str) -> bool {
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    let Some((local, host)) = text.rsplit_once('@') else {
        return false;
    };
    let tld = host.rsplit_once('.').map_or("", |(_, tld)| tld);
    !local.is_empty()
        && !text.contains(char::is_whitespace)
        && !local.contains(['/', ':', '@'])
        && tld.len() >= 2
        && tld.chars().all(char::is_alphabetic)
        && host
            .chars()
            .all(|c| c.is_alphanumeric() || c == '.' || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_numbered_in_their_own_order() {
        let ranges = [Values::Ints(vec![30, -1]), Values::Ints(vec![7, 30])];
        let (ids, maps) = unify("learner", &["events"; 3], &ranges).unwrap();
        assert_eq!(ids, Ids::Ints(vec![-1, 7, 30]));
        assert_eq!(maps, vec![vec![2, 0], vec![1, 2]]);
    }

    #[test]
    fn texts_that_nobody_needs_are_forgotten() {
        let texts = |all: &[&str]| Ids::Texts(all.iter().map(ToString::to_string).collect());
        let mut ids = texts(&["a", "b", "c"]);
        ids.keep_only([2, 0, 2, NONE].into_iter());
        assert_eq!(ids, texts(&["a", "", "c"]));
    }

    #[test]
    fn texts_are_compared_after_nfc_and_faults_keep_their_reason() {
        let long = "x".repeat(LONGEST + 1);
        let ranges = [
            Values::Texts(vec!["cafe\u{301}", "", "a\u{200b}b", &long]),
            Values::Texts(vec!["caf\u{e9}", "Caf\u{e9}"]),
        ];
        let (ids, maps) = unify("learner", &["events"; 3], &ranges).unwrap();
        assert_eq!(ids.len(), 2); // case is kept apart
        assert_eq!(maps, vec![vec![1, BAD, BAD, LARGE], vec![1, 0]]);
        assert_eq!(ids.find(&Id::from("cafe\u{301}")), Some(1));
    }

    #[test]
    fn addresses_and_mixed_types_are_refused() {
        let address = unify(
            "learner",
            &["events"],
            &[Values::Texts(vec!["mailto:ann@example.org"])],
        );
        assert!(address.unwrap_err().to_string().contains("e-mail"));
        let mixed = unify(
            "learner",
            &["events", "learners"],
            &[Values::Texts(vec!["a"]), Values::Ints(vec![1])],
        );
        assert!(mixed.unwrap_err().to_string().contains("one type"));
        assert!(!looks_like_address(
            "block-v1:edx+C1+type@video+block@b.html"
        ));
    }
}
