//! Items: a content (or none) within a course, with what the catalog says about it, as dense arrays.

use super::columns::Reader;
use super::families::Families;
use super::ids::{LIMIT, NONE};
use super::kept::{Difference, Kept, at, known_first, time_at};
use super::quality::Quality;
use super::schema::Kind;
use crate::error::Result;

/// A row whose course id is at fault, among item codes.
pub(crate) const BAD_COURSE: u32 = u32::MAX - 3;
/// A row whose course id is too long.
pub(crate) const LARGE_COURSE: u32 = u32::MAX - 4;

/// What the catalog says about one item.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Entry {
    /// [`NONE`] without a module.
    pub(crate) module: u32,
    pub(crate) kind: Option<Kind>,
    pub(crate) position: Option<f64>,
    pub(crate) available_from: Option<i64>,
    pub(crate) due: Option<i64>,
    pub(crate) expected: Option<i64>,
    pub(crate) length: Option<f64>,
    pub(crate) max_score: Option<f64>,
    pub(crate) required: bool,
    /// Places in [`Items::topics`].
    pub(crate) topics: Vec<u32>,
}

impl Entry {
    /// How two rows about the same content of a course differ. First comes the smaller value in
    /// the first column of the schema that differs; a row that says something comes before one
    /// that does not.
    fn contradicts(&self, other: &Self) -> Difference {
        let number = |a: Option<f64>, b: Option<f64>| {
            let missing = a.is_none().cmp(&b.is_none());
            missing.then_with(|| a.unwrap_or_default().total_cmp(&b.unwrap_or_default()))
        };
        let topics = self.topics.is_empty().cmp(&other.topics.is_empty());
        let columns = [
            // No module is the highest of their numbers.
            ("module", self.module.cmp(&other.module)),
            ("kind", known_first(self.kind, other.kind)),
            ("position", number(self.position, other.position)),
            (
                "available_from",
                known_first(self.available_from, other.available_from),
            ),
            ("due", known_first(self.due, other.due)),
            (
                "expected_duration",
                known_first(self.expected, other.expected),
            ),
            ("length", number(self.length, other.length)),
            ("max_score", number(self.max_score, other.max_score)),
            ("required", other.required.cmp(&self.required)),
            (
                "topics",
                topics.then_with(|| self.topics.cmp(&other.topics)),
            ),
        ];
        columns.into_iter().find(|(_, order)| order.is_ne())
    }
}

/// All items of the log and the catalog, by course (none first), then content.
#[derive(Debug, Clone, Default)]
pub(crate) struct Items {
    /// Dense content of each item; [`NONE`] for events that touch none, such as logging in.
    pub(crate) content: Vec<u32>,
    /// Dense course of each item, or [`NONE`].
    pub(crate) course: Vec<u32>,
    pub(crate) entry: Vec<Option<Entry>>,
    pub(crate) topics: Vec<String>,
    /// Whether there is a catalog at all.
    pub(crate) known: bool,
    /// Whether it was derived from the log.
    pub(crate) derived: bool,
}

/// One row of the catalog: its pair and what it says.
type CatalogRow = ((u32, u32), Entry);

/// The catalog table as read.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    rows: Vec<CatalogRow>,
    topics: Vec<String>,
    derived: bool,
}

/// Order of items: no course comes first.
fn rank((content, course): (u32, u32)) -> (u32, u32) {
    (course.wrapping_add(1), content.wrapping_add(1))
}

impl Items {
    /// Joins the pairs of the log with the catalog; the second answer maps each range's pairs
    /// to items (or to what is wrong with them).
    pub(crate) fn new(
        ranges: &[Vec<(u32, u32)>],
        catalog: Option<Catalog>,
    ) -> (Self, Vec<Vec<u32>>) {
        let known = catalog.is_some();
        let Catalog {
            rows,
            topics,
            derived,
        } = catalog.unwrap_or_default();
        let mut only: Vec<(u32, u32)> = rows.iter().map(|(pair, _)| *pair).collect();
        only.sort_unstable();
        let settle = |(content, course): (u32, u32)| {
            if course != NONE {
                return (content, course);
            }
            let from = only.partition_point(|(other, _)| *other < content);
            let to = only.partition_point(|(other, _)| *other <= content);
            match only.get(from..to) {
                Some([pair]) => *pair,
                _ => (content, NONE),
            }
        };
        let sound = |(content, course): &(u32, u32)| {
            (*content < LIMIT || *content == NONE) && (*course < LIMIT || *course == NONE)
        };
        let log = ranges.iter().flatten().filter(|pair| sound(pair));
        let mut pairs: Vec<(u32, u32)> = log.map(|pair| settle(*pair)).collect();
        pairs.extend(&only);
        pairs.sort_unstable_by_key(|pair| rank(*pair));
        pairs.dedup();
        let find = |pair| {
            pairs
                .binary_search_by_key(&rank(pair), |pair| rank(*pair))
                .ok()
        };
        let mut entry = vec![None; pairs.len()];
        for (pair, facts) in rows {
            if let Some(slot) = find(pair).and_then(|item| entry.get_mut(item)) {
                *slot = Some(facts);
            }
        }
        let place = |pair: &(u32, u32)| {
            let (content, course) = *pair;
            if content >= LIMIT && content != NONE {
                return content;
            }
            match course {
                super::ids::BAD => return BAD_COURSE,
                super::ids::LARGE => return LARGE_COURSE,
                _ => {}
            }
            find(settle(*pair))
                .and_then(|item| u32::try_from(item).ok())
                .unwrap_or(NONE)
        };
        let maps = ranges
            .iter()
            .map(|range| range.iter().map(place).collect())
            .collect();
        let (content, course) = pairs.into_iter().unzip();
        let items = Self {
            content,
            course,
            entry,
            topics,
            known,
            derived,
        };
        (items, maps)
    }

    pub(crate) fn len(&self) -> usize {
        self.content.len()
    }

    /// The items of a course: they stand together.
    pub(crate) fn of_course(&self, course: u32) -> std::ops::Range<usize> {
        let key = course.wrapping_add(1);
        let from = self.course.partition_point(|c| c.wrapping_add(1) < key);
        let to = self.course.partition_point(|c| c.wrapping_add(1) <= key);
        from..to
    }

    pub(crate) fn get(&self, item: u32) -> Option<&Entry> {
        self.entry.get(item as usize).and_then(Option::as_ref)
    }

    pub(crate) fn kind(&self, item: u32) -> Option<Kind> {
        self.get(item).and_then(|entry| entry.kind)
    }
}

/// Reads the catalog table.
///
/// # Errors
/// [`crate::Error::Schema`] for columns of the wrong type and kinds outside the set.
pub(crate) fn read(
    mut reader: Reader<'_>,
    families: &Families,
    quality: &mut Quality,
) -> Result<Catalog> {
    let content = families.codes("catalog", "content")?;
    let course = families.codes("catalog", "course")?;
    let module = families.codes("catalog", "module").ok();
    let kind = reader.words("kind", Kind::parse, Kind::ALL.iter().map(|k| k.word()))?;
    let position = reader.numbers("position")?;
    let (available, due) = (reader.times("available_from")?, reader.times("due")?);
    let expected = reader.spans("expected_duration")?;
    let length = reader.lengths("length")?;
    reader.within("length", length.as_deref(), 0.0, f64::MAX);
    let max_score = reader.numbers("max_score")?;
    let required = reader.flags("required")?;
    let texts = reader.texts("topics")?;
    let derived = reader.flags("derived")?;
    let mut topics: Vec<String> = texts.iter().flatten().flatten().cloned().collect();
    topics.sort_unstable();
    topics.dedup();
    let mut ids = vec![("content", content, true), ("course", course, true)];
    ids.extend(module.map(|codes| ("module", codes, false)));
    let place = |topic: &String| {
        topics
            .binary_search(topic)
            .ok()
            .and_then(|at| u32::try_from(at).ok())
    };
    let entry = |row| {
        let own = texts.as_ref().and_then(|texts| texts.get(row));
        let mut own: Vec<u32> = own.into_iter().flatten().filter_map(place).collect();
        own.sort_unstable();
        own.dedup();
        Entry {
            module: module.map_or(NONE, |codes| families.dense(codes, row)),
            kind: at(kind.as_ref(), row),
            position: at(position.as_ref(), row),
            available_from: time_at(available.as_ref(), row),
            due: time_at(due.as_ref(), row),
            expected: at(expected.as_ref(), row),
            length: at(length.as_ref(), row),
            max_score: at(max_score.as_ref(), row),
            required: at(required.as_ref(), row).unwrap_or(true),
            topics: own,
        }
    };
    let pair = |row| (families.dense(content, row), families.dense(course, row));
    let mut kept = Kept::new(reader, &ids, families);
    kept.settle(pair, |a, b| entry(a).contradicts(&entry(b)));
    kept.count_turned(available.as_ref(), due.as_ref());
    let rows = kept.rows().map(|row| (pair(row), entry(row))).collect();
    kept.file(quality);
    Ok(Catalog {
        rows,
        topics,
        derived: derived.iter().flatten().any(|flag| *flag == Some(true)),
    })
}
