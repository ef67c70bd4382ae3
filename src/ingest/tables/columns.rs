//! Which columns of a source hold what a format reads, and rows of them.

use polars::prelude::*;

use crate::data::schema::listed;
use crate::error::{Error, Result};
use crate::ingest::batch::Fault;

/// A column that a format reads.
#[derive(Debug)]
pub(in crate::ingest) struct Wanted {
    pub(in crate::ingest) name: &'static str,
    /// What other releases and exports call it.
    pub(in crate::ingest) others: &'static [&'static str],
    pub(in crate::ingest) required: bool,
}

/// A column under one name that may be absent.
pub(in crate::ingest) const fn maybe(name: &'static str) -> Wanted {
    Wanted {
        name,
        others: &[],
        required: false,
    }
}

/// A column under one name that must be there.
pub(in crate::ingest) const fn must(name: &'static str) -> Wanted {
    Wanted {
        name,
        others: &[],
        required: true,
    }
}

/// A column under several names that may be absent.
pub(in crate::ingest) const fn either(
    name: &'static str,
    others: &'static [&'static str],
) -> Wanted {
    Wanted {
        name,
        others,
        required: false,
    }
}

/// Exports of Canvas Data 2 put what identifies a row apart from the rest of it.
const WRAPPERS: [&str; 2] = ["key", "value"];

/// The names under which each wanted column may stand, the best first.
pub(super) struct Plan {
    pub(super) table: &'static str,
    names: Vec<Vec<String>>,
    required: Vec<bool>,
}

impl Plan {
    /// `columns` are the caller's own names.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a name that the format does not read.
    pub(super) fn new(
        table: &'static str,
        wanted: &[Wanted],
        columns: &[(String, String)],
    ) -> Result<Self> {
        let known = |ours: &String| wanted.iter().any(|column| column.name == *ours);
        if let Some((ours, _)) = columns.iter().find(|(ours, _)| !known(ours)) {
            return Err(Error::parameter(
                "columns",
                format!(
                    "names of {}",
                    listed(wanted.iter().map(|column| column.name))
                ),
                format!("{ours:?}"),
            ));
        }
        let names = wanted.iter().map(|column| {
            let own = columns.iter().find(|(ours, _)| column.name == *ours);
            if let Some((_, theirs)) = own {
                return vec![theirs.clone()];
            }
            let plain = std::iter::once(column.name).chain(column.others.iter().copied());
            plain
                .flat_map(|name| {
                    let wrapped = WRAPPERS.map(|wrapper| format!("{wrapper}.{name}"));
                    std::iter::once(name.to_owned()).chain(wrapped)
                })
                .collect()
        });
        Ok(Self {
            table,
            names: names.collect(),
            required: wanted.iter().map(|column| column.required).collect(),
        })
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// The wanted column that a name stands for, and how good the name is (0 is best).
    pub(super) fn place(&self, name: &str) -> Option<(usize, usize)> {
        let name = name.trim();
        self.names.iter().enumerate().find_map(|(place, names)| {
            let rank = names
                .iter()
                .position(|known| known.eq_ignore_ascii_case(name));
            Some((place, rank?))
        })
    }

    /// For each wanted column, where it stands among the names a source has.
    ///
    /// # Errors
    /// [`Error::Schema`] for a required column that is not there, and for a name of the caller's.
    pub(super) fn find(&self, has: &[String]) -> Result<Vec<Option<usize>>> {
        let mut found: Vec<Option<(usize, usize)>> = vec![None; self.len()];
        for (at, name) in has.iter().enumerate() {
            let Some((place, rank)) = self.place(name) else {
                continue;
            };
            if let Some(slot) = found.get_mut(place)
                && slot.is_none_or(|(best, _)| rank < best)
            {
                *slot = Some((rank, at));
            }
        }
        let all = self.names.iter().zip(&self.required).zip(&found);
        for ((names, required), found) in all {
            if found.is_none() && (*required || names.len() == 1) {
                return Err(Error::schema(
                    self.table,
                    format!(
                        "column `{}` is missing; the table has {}; give your name for it with \
                         `columns`",
                        names.first().map_or("", String::as_str),
                        listed(has.iter().map(String::as_str))
                    ),
                ));
            }
        }
        Ok(found
            .into_iter()
            .map(|best| best.map(|(_, at)| at))
            .collect())
    }
}

/// The cells of one row, in the order of the wanted columns; what is empty is `None`.
#[derive(Debug)]
pub(in crate::ingest) struct Line<'a>(pub(super) &'a [Option<&'a str>]);

impl<'a> Line<'a> {
    /// All cells by name: `let [id, time] = line.cells();`
    pub(in crate::ingest) fn cells<const N: usize>(&self) -> [Option<&'a str>; N] {
        self.0.try_into().unwrap_or([None; N])
    }

    /// The same of a format whose ids are numbers: `5.0`, which tools write for 5 in a column where
    /// something is absent, is 5.
    pub(in crate::ingest) fn numbered_cells<const N: usize>(&self) -> [Option<&'a str>; N] {
        self.cells().map(|cell| cell.map(whole))
    }
}

fn whole(text: &str) -> &str {
    let number = text.trim_ascii().strip_suffix(".0");
    let digits = |number: &&str| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    number.filter(digits).unwrap_or(text)
}

/// Some rows of the wanted columns.
pub(super) struct Block {
    pub(super) rows: usize,
    /// A column that the source does not have is `None`.
    pub(super) columns: Vec<Option<StringChunked>>,
    /// Rows that could not even be taken apart.
    pub(super) broken: Vec<(usize, Fault)>,
}

impl Block {
    /// Calls `row` with each row and its number in the block.
    pub(super) fn each(&self, mut row: impl FnMut(usize, std::result::Result<Line<'_>, Fault>)) {
        let mut broken = self.broken.iter().peekable();
        let mut cells = vec![None; self.columns.len()];
        for at in 0..self.rows {
            if let Some((_, fault)) = broken.next_if(|(broken, _)| *broken == at) {
                row(at, Err(*fault));
                continue;
            }
            for (cell, column) in cells.iter_mut().zip(&self.columns) {
                let text = column.as_ref().and_then(|column| column.get(at));
                *cell = text.filter(|text| !absent(text));
            }
            row(at, Ok(Line(&cells)));
        }
    }
}

/// What databases write for nothing.
fn absent(text: &str) -> bool {
    matches!(text.trim_ascii(), "" | "\\N" | "NULL")
}
