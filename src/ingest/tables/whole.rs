//! All blocks together: one frame or one Parquet file, with ids of one type in all tables.

use std::path::Path;

use polars::prelude::*;

use super::TableOptions;
use crate::data::Tables;
use crate::error::Result;
use crate::ingest::batch::{Batch, FactsBeside};
use crate::ingest::cells::integers;
use crate::ingest::feed::Told;
use crate::ingest::foreign::{Foreign, GROUP, Writer, tables, without_empty};
use crate::ingest::moodle::modules;
use crate::ingest::paths::failed;

type Sink<'a> = dyn FnMut(DataFrame) -> Result<()> + 'a;

/// The ids that a platform's database numbers.
const NUMBERED: [&str; 2] = ["learner", "course"];

/// Everything in memory.
pub(super) fn read(
    options: &TableOptions,
    feed: impl FnOnce(&mut Sink<'_>) -> Result<Told>,
) -> Result<Foreign> {
    let mut events = Batch::new(None).take_events()?;
    let told = feed(&mut |frame| {
        events.vstack_mut_owned(frame)?;
        Ok(())
    })?;
    let mut beside = beside(told.facts, options)?;
    let mut numbered = Numbered::new(options);
    numbered.look(&events)?;
    numbered.look_beside(&beside)?;
    let events = without_empty(numbered.number(events)?);
    numbered.number_beside(&mut beside)?;
    Ok(Foreign {
        events,
        tables: beside,
        report: told.report,
    })
}

/// The events in a file.
pub(super) fn convert(
    options: &TableOptions,
    output: &Path,
    feed: impl FnOnce(&mut Sink<'_>) -> Result<Told>,
) -> Result<Foreign> {
    let empty = Batch::new(None).take_events()?;
    let mut writer = Writer::new(output, &empty)?;
    let mut numbered = Numbered::new(options);
    let told = feed(&mut |frame| {
        numbered.look(&frame)?;
        writer.write(&frame)
    })?;
    writer.finish()?;
    let mut beside = beside(told.facts, options)?;
    numbered.look_beside(&beside)?;
    if numbered.all.contains(&true) {
        rewrite(output, &numbered, empty)?;
    }
    numbered.number_beside(&mut beside)?;
    Ok(Foreign {
        events: DataFrame::empty(),
        tables: beside,
        report: told.report,
    })
}

/// Which ids are integers throughout.
struct Numbered {
    all: [bool; 2],
}

impl Numbered {
    fn new(options: &TableOptions) -> Self {
        Self {
            all: [options.foreign.pseudonyms.is_none(), true],
        }
    }

    fn look(&mut self, frame: &DataFrame) -> Result<()> {
        for (name, all) in NUMBERED.into_iter().zip(&mut self.all) {
            if let (true, Ok(ids)) = (*all, frame.column(name)) {
                *all = integers(ids.str()?).is_some();
            }
        }
        Ok(())
    }

    fn look_beside(&mut self, tables: &Tables) -> Result<()> {
        let frames = [&tables.catalog, &tables.enrollments, &tables.memberships];
        for frame in frames.into_iter().flatten() {
            self.look(frame)?;
        }
        if let (Some(roles), [learner, _]) = (&tables.roles, &mut self.all) {
            *learner &= integers(roles.column("person")?.str()?).is_some();
        }
        Ok(())
    }

    fn number(&self, mut frame: DataFrame) -> Result<DataFrame> {
        for (name, all) in NUMBERED.into_iter().zip(self.all) {
            if all {
                number(&mut frame, name)?;
            }
        }
        Ok(frame)
    }

    fn number_beside(&self, tables: &mut Tables) -> Result<()> {
        for frame in [
            &mut tables.catalog,
            &mut tables.enrollments,
            &mut tables.memberships,
        ] {
            *frame = frame.take().map(|frame| self.number(frame)).transpose()?;
        }
        if let (Some(roles), [true, _]) = (&mut tables.roles, self.all) {
            number(roles, "person")?;
        }
        Ok(())
    }
}

fn number(frame: &mut DataFrame, name: &str) -> Result<()> {
    if let Ok(ids) = frame.column(name)
        && let Some(ids) = integers(ids.str()?)
    {
        frame.with_column(ids.with_name(name.into()).into_column())?;
    }
    Ok(())
}

/// Writes a file of events again with ids as integers.
fn rewrite(path: &Path, numbered: &Numbered, empty: DataFrame) -> Result<()> {
    let besides = path.with_extension("numbered");
    let mut writer = Writer::new(&besides, &numbered.number(empty)?)?;
    let open = || std::fs::File::open(path).map_err(|e| failed(path, e));
    let rows = ParquetReader::new(open()?).num_rows()?;
    for from in (0..rows).step_by(GROUP) {
        let part = ParquetReader::new(open()?).with_slice(Some((from, GROUP)));
        writer.write(&numbered.number(part.finish()?)?)?;
    }
    writer.finish()?;
    std::fs::rename(&besides, path).map_err(|e| failed(path, e))
}

/// The tables beside the events. The platform's own list of what can be studied goes before what
/// the log shows of it.
fn beside(facts: FactsBeside, options: &TableOptions) -> Result<Tables> {
    let mut tables = tables(facts)?;
    if let Some(list) = &options.modules {
        tables.catalog = Some(modules::catalog(list)?);
    }
    Ok(tables)
}
