//! JSON objects to blocks: one a line, or in arrays.

use std::collections::HashMap;
use std::fmt;
use std::io::Read;
use std::path::Path;

use polars::prelude::*;
use serde::Deserialize as _;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::columns::{Block, Plan};
use crate::error::Result;
use crate::ingest::batch::{Fault, fault};
use crate::ingest::paths::failed;
use crate::ingest::records::{Records, split};

/// The objects of one JSON file.
pub(super) struct Objects<R> {
    records: Records<R>,
    /// The columns that keys stand for; keys that are not wanted are remembered, too.
    places: HashMap<String, Option<usize>>,
    width: usize,
}

/// The most keys that are remembered.
const KEYS: usize = 10_000;

impl<R: Read> Objects<R> {
    pub(super) fn new(from: R, plan: &Plan) -> Self {
        Self {
            records: Records::new(from, &[]),
            places: HashMap::new(),
            width: plan.len(),
        }
    }

    /// The next objects, or `None` at the end.
    ///
    /// # Errors
    /// What reading returns.
    pub(super) fn block(&mut self, path: &Path, plan: &Plan) -> Result<Option<Block>> {
        let Some(found) = self.records.block().map_err(|e| failed(path, e))? else {
            return Ok(None);
        };
        let new = |_| StringChunkedBuilder::new(PlSmallStr::EMPTY, 0);
        let mut columns: Vec<StringChunkedBuilder> = (0..self.width).map(new).collect();
        let (mut rows, mut broken) = (0, Vec::new());
        for record in found.records() {
            let inside: Vec<&[u8]> = if record.starts_with(b"[") {
                split(record, &[]).collect()
            } else {
                vec![record]
            };
            for object in inside {
                match self.object(object, plan) {
                    Ok(cells) => {
                        for (column, cell) in columns.iter_mut().zip(cells) {
                            column.append_option(cell);
                        }
                    }
                    Err(fault) => {
                        broken.push((rows, fault));
                        columns
                            .iter_mut()
                            .for_each(StringChunkedBuilder::append_null);
                    }
                }
                rows += 1;
            }
        }
        Ok(Some(Block {
            rows,
            columns: columns
                .into_iter()
                .map(|column| Some(column.finish()))
                .collect(),
            broken,
        }))
    }

    fn object(
        &mut self,
        text: &[u8],
        plan: &Plan,
    ) -> std::result::Result<Vec<Option<String>>, Fault> {
        if text.is_empty() {
            return Err(fault("row", "TooLarge"));
        }
        if !text.trim_ascii_start().starts_with(b"{") {
            return Err(fault("row", "NotAnObject"));
        }
        if self.places.len() > KEYS {
            self.places.clear();
        }
        let mut row = Row {
            plan,
            places: &mut self.places,
            cells: vec![None; self.width],
            ranks: vec![usize::MAX; self.width],
            prefix: "",
        };
        let mut json = serde_json::Deserializer::from_slice(text);
        let read = json.deserialize_map(&mut row).and_then(|()| json.end());
        let cells = row.cells;
        read.map(|()| cells).map_err(|_| fault("row", "NotJson"))
    }
}

/// One object on its way to cells.
struct Row<'a> {
    plan: &'a Plan,
    places: &'a mut HashMap<String, Option<usize>>,
    cells: Vec<Option<String>>,
    /// How good the name was that filled each cell.
    ranks: Vec<usize>,
    /// Of a wrapped object.
    prefix: &'static str,
}

impl Row<'_> {
    fn fill(&mut self, key: &str, value: Value) {
        let text = match value {
            Value::Null => None,
            Value::String(text) => Some(text),
            Value::Number(number) => Some(whole(&number.to_string()).to_owned()),
            other => Some(other.to_string()),
        };
        if let Some((place, rank)) = self.plan.place(key)
            && let (Some(cell), Some(best)) = (self.cells.get_mut(place), self.ranks.get_mut(place))
            && rank < *best
        {
            *best = rank;
            *cell = text;
        }
    }
}

/// `5.0`, which some tools write for 5, is 5.
fn whole(number: &str) -> &str {
    number.strip_suffix(".0").unwrap_or(number)
}

impl<'de> Visitor<'de> for &mut Row<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if self.prefix.is_empty() && matches!(key.as_str(), "key" | "value") {
                self.prefix = if key == "key" { "key." } else { "value." };
                let read = map.next_value_seed(Wrapped(&mut *self));
                self.prefix = "";
                read?;
                continue;
            }
            let key = format!("{}{key}", self.prefix);
            let known = self.places.get(&key).copied();
            let place = known.unwrap_or_else(|| self.plan.place(&key).map(|(place, _)| place));
            if known.is_none() {
                self.places.insert(key.clone(), place);
            }
            if place.is_some() {
                let value = map.next_value()?;
                self.fill(&key, value);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// The object that an export wraps its columns in.
struct Wrapped<'a, 'b>(&'a mut Row<'b>);

impl<'de> DeserializeSeed<'de> for Wrapped<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> std::result::Result<(), D::Error> {
        if let Value::Object(inner) = Value::deserialize(from)? {
            for (key, value) in inner {
                let key = format!("{}{key}", self.0.prefix);
                self.0.fill(&key, value);
            }
        }
        Ok(())
    }
}
