//! The table of course modules: what can be studied, with kind, section and place.

use polars::prelude::*;

use crate::data::schema::listed;
use crate::error::{Error, Result};

/// What sites and exports call a column of the list; the first is ours.
const ID: &[&str] = &["id", "cmid", "coursemoduleid"];
const COURSE: &[&str] = &["course", "courseid"];
const MODULE: &[&str] = &["modname", "modulename", "module"];
const SECTION: &[&str] = &["section", "sectionid"];
const POSITION: &[&str] = &["position", "sectionnum", "sectionnumber"];

/// The catalog of a list of course modules. `module` may hold the names of modules (`quiz`); their
/// numbers differ from site to site and tell no kind.
///
/// # Errors
/// [`Error::Schema`] for a column that must be there and is not, and for an id that is missing.
pub(in crate::ingest) fn catalog(list: &DataFrame) -> Result<DataFrame> {
    let ids = required(list, ID)?;
    let courses = required(list, COURSE)?;
    let kinds = texts(list, MODULE)?.map(|names| {
        let kind = |name: &str| {
            let number = name.bytes().all(|byte| byte.is_ascii_digit());
            (!number).then(|| super::kind(name).word())
        };
        let kinds = names.iter().map(|name| kind(name?));
        StringChunked::from_iter_options("kind".into(), kinds).into_column()
    });
    let sections = texts(list, SECTION)?.map(|ids| {
        let modules = ids.iter().map(|id| Some(format!("section:{}", id?)));
        StringChunked::from_iter_options("module".into(), modules).into_column()
    });
    let positions = find(list, POSITION).map(|column| {
        let series = column.as_materialized_series();
        let numbers = series.strict_cast(&DataType::Float64).map_err(|_| {
            Error::schema("modules", format!("`{}` must hold numbers", column.name()))
        });
        numbers.map(|numbers| numbers.with_name("position".into()).into_column())
    });
    let contents = ids.iter().map(|id| Some(format!("cm:{}", id?)));
    let mut columns = vec![
        StringChunked::from_iter_options("content".into(), contents).into_column(),
        courses.with_name("course".into()).into_column(),
    ];
    columns.extend(sections);
    columns.extend(kinds);
    columns.extend(positions.transpose()?);
    Ok(DataFrame::new(list.height(), columns)?)
}

fn find<'a>(list: &'a DataFrame, names: &[&str]) -> Option<&'a Column> {
    let mut names = names.iter();
    names.find_map(|name| {
        let mut columns = list.columns().iter();
        columns.find(|column| column.name().trim().eq_ignore_ascii_case(name))
    })
}

fn texts(list: &DataFrame, names: &[&str]) -> Result<Option<StringChunked>> {
    let Some(column) = find(list, names) else {
        return Ok(None);
    };
    let mut series = column.as_materialized_series().clone();
    if series.dtype().is_float() {
        series = series
            .strict_cast(&DataType::Int64)
            .map_err(|_| Error::schema("modules", format!("`{}` must hold ids", column.name())))?;
    }
    Ok(Some(series.cast(&DataType::String)?.str()?.clone()))
}

fn required(list: &DataFrame, names: &[&str]) -> Result<StringChunked> {
    let found = texts(list, names)?;
    let has = list.get_column_names();
    let found = found.ok_or_else(|| {
        let name = names.first().copied().unwrap_or_default();
        let has = listed(has.iter().map(|name| name.as_str()));
        Error::schema(
            "modules",
            format!("column `{name}` is missing; the table has {has}"),
        )
    })?;
    if found.null_count() > 0 {
        let problem = format!("`{}` is empty in {} rows", found.name(), found.null_count());
        return Err(Error::schema("modules", problem));
    }
    Ok(found)
}

/// The course of each course module.
pub(super) fn courses(list: &DataFrame) -> Result<std::collections::HashMap<String, String>> {
    let (ids, courses) = (required(list, ID)?, required(list, COURSE)?);
    let pairs = ids.iter().zip(courses.iter());
    let pairs = pairs.filter_map(|(id, course)| Some((id?.to_owned(), course?.to_owned())));
    Ok(pairs.collect())
}
