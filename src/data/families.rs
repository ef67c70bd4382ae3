//! Families of ids: one dense numbering for all columns that speak of the same thing.

use std::collections::BTreeMap;

use polars::prelude::*;

use super::encode::IdColumn;
use super::ids::{Ids, NONE, Values, unify};
use super::schema::{self, Holds};
use crate::error::{Error, Result};

/// The family of a column.
pub(crate) fn family_of(column: &'static str) -> &'static str {
    match column {
        "parent" => "group",
        other => other,
    }
}

/// The id columns of a table, in the schema's order.
///
/// # Errors
/// [`Error::Schema`] for a type that cannot be an id.
pub(crate) fn id_columns(
    table: &'static str,
    frame: &DataFrame,
    columns: &[schema::Column],
) -> Result<Vec<(&'static str, IdColumn)>> {
    columns
        .iter()
        .filter(|(_, _, holds)| *holds == Holds::Id)
        .filter_map(|(name, ..)| Some((*name, frame.column(name).ok()?)))
        .map(|(name, column)| Ok((name, IdColumn::new(table, column)?)))
        .collect()
}

/// The local codes of one id column of a small table.
#[derive(Debug)]
pub(crate) struct Codes<'a> {
    local: Vec<u32>,
    family: &'static str,
    range: usize,
    values: std::marker::PhantomData<&'a ()>,
}

/// Distinct values on their way to a common numbering.
#[derive(Debug, Default)]
pub(crate) struct Gathering<'a> {
    ranges: BTreeMap<&'static str, Vec<Values<'a>>>,
    /// The table of each range.
    tables: BTreeMap<&'static str, Vec<&'static str>>,
    codes: Vec<((&'static str, &'static str), Codes<'a>)>,
}

impl<'a> Gathering<'a> {
    /// Adds the distinct values of a range; the answer is its place in the family.
    pub(crate) fn add(
        &mut self,
        table: &'static str,
        family: &'static str,
        values: Values<'a>,
    ) -> usize {
        self.tables.entry(family).or_default().push(table);
        let ranges = self.ranges.entry(family).or_default();
        ranges.push(values);
        ranges.len() - 1
    }

    /// Numbers a whole column of a small table.
    pub(crate) fn add_column(
        &mut self,
        table: &'static str,
        column: &'static str,
        ids: &'a IdColumn,
    ) {
        let (local, values) = ids.encode_all();
        let family = family_of(column);
        let range = self.add(table, family, values);
        let codes = Codes {
            local,
            family,
            range,
            values: std::marker::PhantomData,
        };
        self.codes.push(((table, column), codes));
    }

    /// Numbers every family.
    ///
    /// # Errors
    /// As [`unify`].
    pub(crate) fn finish(self) -> Result<Families<'a>> {
        let mut ids = BTreeMap::new();
        for (family, ranges) in self.ranges {
            let tables = self.tables.get(family).map_or(&[][..], Vec::as_slice);
            ids.insert(family, unify(family, tables, &ranges)?);
        }
        Ok(Families {
            ids,
            codes: self.codes,
        })
    }
}

/// The ids of every family and the numbering of every column.
#[derive(Debug)]
pub(crate) struct Families<'a> {
    ids: BTreeMap<&'static str, (Ids, Vec<Vec<u32>>)>,
    codes: Vec<((&'static str, &'static str), Codes<'a>)>,
}

impl Families<'_> {
    /// The ids of a family; empty if no table has any.
    pub(crate) fn ids(&self, family: &str) -> Ids {
        self.ids
            .get(family)
            .map_or_else(Ids::default, |(ids, _)| ids.clone())
    }

    /// From the local values of a range to dense ids.
    pub(crate) fn map(&self, family: &str, range: usize) -> &[u32] {
        self.ids
            .get(family)
            .and_then(|(_, maps)| maps.get(range))
            .map_or(&[], Vec::as_slice)
    }

    /// The codes of a column.
    ///
    /// # Errors
    /// [`Error::Schema`] if the table has no such column.
    pub(crate) fn codes(&self, table: &'static str, column: &'static str) -> Result<&Codes<'_>> {
        self.codes
            .iter()
            .find(|(key, _)| *key == (table, column))
            .map(|(_, codes)| codes)
            .ok_or_else(|| Error::schema(table, format!("column `{column}` is missing")))
    }

    /// The dense id of a row, or why it has none.
    pub(crate) fn dense(&self, codes: &Codes<'_>, row: usize) -> u32 {
        let code = codes.local.get(row).copied().unwrap_or(NONE);
        let map = self.map(codes.family, codes.range);
        map.get(code as usize).copied().unwrap_or(NONE)
    }

    /// The dense ids of all rows of a column.
    pub(crate) fn dense_all(&self, codes: &Codes<'_>) -> Vec<u32> {
        (0..codes.local.len())
            .map(|row| self.dense(codes, row))
            .collect()
    }
}
