//! Newline-delimited JSON: one flat object a line; a key that a line lacks is null.

use std::collections::HashMap;
use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use super::cells::{Cells, Kind, Sheet};
use super::open::{self, BUFFER, MAX_COLUMNS, MAX_ROW};
use super::paths::failed;
use crate::error::Result;

/// The columns of one file; `wanted` picks by name, other keys may hold anything.
pub(super) fn read(path: &Path, wanted: Option<&[String]>) -> Result<Sheet> {
    let mut lines = BufReader::with_capacity(BUFFER, open::text(path)?);
    let mut table = Table {
        wanted,
        places: HashMap::new(),
        columns: Vec::new(),
        rows: 0,
    };
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        let read = lines
            .by_ref()
            .take(MAX_ROW as u64)
            .read_until(b'\n', &mut line);
        match read.map_err(|e| failed(path, e))? {
            0 => break,
            MAX_ROW => return Err(failed(path, format!("line {number} is longer than 16 MiB"))),
            _ => {}
        }
        let text = line.trim_ascii();
        if text.is_empty() {
            continue;
        }
        if !text.starts_with(b"{") {
            return Err(failed(path, format!("line {number} is not a JSON object")));
        }
        let mut json = serde_json::Deserializer::from_slice(text);
        let parsed = json.deserialize_map(&mut table).and_then(|()| json.end());
        parsed.map_err(|e| {
            // serde_json counts lines within what it was given, which is one line.
            let problem = e.to_string().replace(" at line 1 column ", " at byte ");
            failed(path, format!("line {number}: {problem}"))
        })?;
        if table.columns.len() > MAX_COLUMNS {
            return Err(failed(
                path,
                format!("line {number}: too many different keys"),
            ));
        }
        table.rows += 1;
        let rows = table.rows;
        table.columns.iter_mut().for_each(|cells| cells.fill(rows));
    }
    Ok(Sheet {
        rows: table.rows,
        columns: table.columns,
    })
}

struct Table<'a> {
    wanted: Option<&'a [String]>,
    /// Where each key's column stands; `None` for keys that are not wanted.
    places: HashMap<String, Option<usize>>,
    columns: Vec<Cells>,
    rows: usize,
}

impl Table<'_> {
    fn place(&mut self, key: &str) -> Option<usize> {
        if let Some(place) = self.places.get(key) {
            return *place;
        }
        let wanted = self
            .wanted
            .is_none_or(|names| names.iter().any(|name| name == key));
        let place = wanted.then_some(self.columns.len());
        if wanted {
            let mut cells = Cells::new(key);
            cells.fill(self.rows);
            self.columns.push(cells);
        }
        self.places.insert(key.to_owned(), place);
        place
    }
}

impl<'de> Visitor<'de> for &mut Table<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<(), A::Error> {
        while let Some(place) = map.next_key_seed(Key(&mut *self))? {
            let Some(cells) = place.and_then(|place| self.columns.get_mut(place)) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if cells.len() > self.rows {
                let name = cells.name();
                return Err(A::Error::custom(format_args!(
                    "key `{name}` stands there twice"
                )));
            }
            map.next_value_seed(Cell(cells))?;
        }
        Ok(())
    }
}

/// A key, looked up without being copied.
struct Key<'a, 'b>(&'a mut Table<'b>);

impl<'de> DeserializeSeed<'de> for Key<'_, '_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(
        self,
        from: D,
    ) -> std::result::Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_, '_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> std::result::Result<Self::Value, E> {
        Ok(self.0.place(key))
    }
}

/// A value, added to its column.
struct Cell<'a>(&'a mut Cells);

impl<'de> DeserializeSeed<'de> for Cell<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> std::result::Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Cell<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "key `{}` to hold one value, not a list or an object",
            self.0.name()
        )
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<(), E> {
        self.0
            .push_kind(if value { "true" } else { "false" }, Kind::Flag);
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<(), E> {
        self.0.push_kind(&value.to_string(), Kind::Int);
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<(), E> {
        // Integers above i64 are exact as text only.
        let kind = if i64::try_from(value).is_ok() {
            Kind::Int
        } else {
            Kind::Text
        };
        self.0.push_kind(&value.to_string(), kind);
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<(), E> {
        self.0.push_kind(&format!("{value:?}"), Kind::Float);
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> std::result::Result<(), E> {
        self.0.push_kind(value, Kind::Text);
        Ok(())
    }

    fn visit_unit<E>(self) -> std::result::Result<(), E> {
        self.0.push_null();
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> std::result::Result<(), A::Error> {
        Err(A::Error::custom(format_args!(
            "expected {}",
            &self as &dyn serde::de::Expected
        )))
    }
}
