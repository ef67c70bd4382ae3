//! From tables to Learning Data, step by step.

use std::sync::Arc;

use polars::prelude::*;

use super::calendar::Zone;
use super::catalog::{self, Catalog, Items};
use super::columns::Reader;
use super::encode::IdColumn;
use super::events::EventReader;
use super::facts::Facts;
use super::families::{Families, Gathering, id_columns};
use super::ids::LIMIT;
use super::job::Job;
use super::lanes::{Field, Lane};
use super::learning_data::{Duplicates, Inner, Options, Resolution, Tables};
use super::numbering::{Admission, LogIds};
use super::partition::{Log, Partitioned, partition};
use super::quality::Quality;
use super::schema::{self, Column, Extra, conform};
use super::span::{DAY, show_span};
use crate::error::{Error, Result};

/// A table beside the log, with its id columns.
type SmallTable = (&'static str, DataFrame, Vec<(&'static str, IdColumn)>);

/// Validates, numbers and orders everything.
pub(crate) fn build(events: &DataFrame, tables: &Tables, options: &Options) -> Result<Inner> {
    let idle = Job::default();
    let job = options.job.as_deref().unwrap_or(&idle);
    let zone = options.tz.as_deref().map(Zone::new).transpose()?;
    let mut quality = Quality::default();
    quality.source(&options.source);
    let log = checked(events, options)?;
    job.expect(log.height() * 2);
    let small = small_tables(tables, options)?;

    let mut gathering = Gathering::default();
    let ids = LogIds::new(&log)?;
    let mut numbering = ids.number(&mut gathering, job)?;
    for (table, _, columns) in &small {
        for (name, ids) in columns {
            gathering.add_column(table, name, ids);
        }
    }
    let families = gathering.finish()?;
    let (facts, entries) = facts(&small, &families, zone.as_ref(), &mut quality)?;
    let (items, item_maps) = Items::new(&numbering.pairs(&families), entries);

    let mut admission = Admission::new(log.height());
    let mut reader = EventReader::new(&log, zone.as_ref(), options, &mut quality);
    let time = reader.time()?;
    let (lanes, segments) = reader.lanes(&families)?;
    admission.refuse(reader.finish(&ids.content, &lanes));
    admission.refuse(numbering.resolve(&families, &item_maps, &facts.under_age));
    admission.find_duplicates(&ids, &numbering, &time, &lanes);
    admission.apply(&mut numbering);

    let learners = families.ids("learner");
    let ordered = partition(
        &Log {
            time: &time,
            lanes: &lanes,
            identified: admission.identified.as_deref(),
            learners: learners.len(),
            cap: options.max_events_per_day,
            drop_identical: options.duplicates == Duplicates::Drop,
        },
        numbering.blocks,
        job,
    )?;
    let Partitioned {
        partitions, shift, ..
    } = ordered;
    let kept: usize = partitions.iter().map(|p| p.time.len()).sum();
    quality.find("events", "rows read", log.height() as u64);
    quality.find("events", "rows kept", kept as u64);
    quality.find("events", "repeated ids, dropped", admission.repeated);
    quality.find("events", "identical rows, dropped", ordered.dropped);
    let identical = ordered.identical - ordered.dropped;
    quality.find("events", "identical rows, kept", identical);
    if items.known {
        let events = partitions.iter().flat_map(|p| p.item.iter().copied());
        let unknown = events.filter(|item| items.get(*item).is_none()).count();
        quality.find(
            "events",
            "content not in the catalog of the course",
            unknown as u64,
        );
    }
    admission.rejects.extend(ordered.rejects);
    quality.reject("events", admission.rejects);
    let mut responses = families.ids("response");
    responses.keep_only(used_responses(&partitions));
    let zone = zone.unwrap_or_else(Zone::utc);
    let resolution = options.resolution;
    let resolution = resolution.unwrap_or_else(|| detect(&partitions, &zone));
    if resolution == Resolution::Day {
        quality.find("events", "times have day resolution", kept as u64);
    }
    Ok(Inner {
        // An empty log still has enrollments to tell of.
        newest: newest(&partitions).or_else(|| {
            let rows = facts.enrollments.iter().flatten();
            rows.filter_map(|row| row.start).max()
        }),
        partitions,
        shift,
        learners,
        contents: Arc::new(families.ids("content")),
        courses: Arc::new(families.ids("course")),
        segments: Arc::new(segments),
        modules: Arc::new(families.ids("module")),
        groups: Arc::new(families.ids("group")),
        persons: Arc::new(families.ids("person")),
        responses: Arc::new(responses),
        items: Arc::new(items),
        facts,
        zone,
        day_start: options.day_start,
        resolution,
        quality,
        tables: small.iter().map(|(table, ..)| *table).collect(),
        slot: std::sync::OnceLock::new(),
        denies: false,
    })
}

/// The responses of events that were kept; what a refused row said is forgotten.
fn used_responses(partitions: &[super::runs::Partition]) -> impl Iterator<Item = u32> {
    let lanes = partitions.iter().filter_map(|p| {
        let lane = p.lanes.get(Field::Response as usize)?;
        match lane {
            Some(Lane::Wholes(codes)) => Some(codes),
            _ => None,
        }
    });
    lanes.flatten().copied()
}

/// The log under the schema's names, after the options that concern it.
fn checked(events: &DataFrame, options: &Options) -> Result<DataFrame> {
    if !(0..DAY).contains(&options.day_start) {
        let got = show_span(options.day_start);
        let expected = "a time of day from 00:00 to 23:59";
        return Err(Error::parameter("day_start", expected, got));
    }
    let Options { columns, extra, .. } = options;
    let log = conform("events", events, schema::EVENTS, columns, *extra)?;
    if log.height() > LIMIT as usize {
        let problem = "more than 4,294,967,287 rows; split the log by learner";
        return Err(Error::schema("events", problem));
    }
    Ok(log)
}

/// Reads the tables beside the log.
fn facts(
    small: &[SmallTable],
    families: &Families<'_>,
    zone: Option<&Zone>,
    quality: &mut Quality,
) -> Result<(Facts, Option<Catalog>)> {
    let mut facts = Facts::default();
    let mut entries = None;
    for (table, frame, _) in small {
        let reader = Reader {
            table,
            frame,
            zone,
            epoch: i64::MIN,
            rejects: Vec::new(),
        };
        match *table {
            "catalog" => entries = Some(catalog::read(reader, families, quality)?),
            "courses" => facts.read_courses(reader, families, quality)?,
            "enrollments" => facts.read_enrollments(reader, families, quality)?,
            "memberships" => facts.read_memberships(reader, families, quality)?,
            "learners" => facts.read_learners(reader, families, quality)?,
            "consents" => facts.read_consents(reader, families, quality)?,
            _ => facts.read_roles(reader, families, quality)?,
        }
    }
    facts.forget_under_age();
    Ok((facts, entries))
}

fn small_tables(tables: &Tables, options: &Options) -> Result<Vec<SmallTable>> {
    let given: [(&'static str, &Option<DataFrame>, &[Column]); 7] = [
        ("catalog", &tables.catalog, schema::CATALOG),
        ("courses", &tables.courses, schema::COURSES),
        ("enrollments", &tables.enrollments, schema::ENROLLMENTS),
        ("memberships", &tables.memberships, schema::MEMBERSHIPS),
        ("learners", &tables.learners, schema::LEARNERS),
        ("consents", &tables.consents, schema::CONSENTS),
        ("roles", &tables.roles, schema::ROLES),
    ];
    given
        .into_iter()
        .filter_map(|(table, frame, columns)| Some((table, frame.as_ref()?, columns)))
        .map(|(table, frame, columns)| {
            let extra: Extra = options.extra;
            let frame = conform(table, frame, columns, &options.columns, extra)?;
            let ids = id_columns(table, &frame, columns)?;
            Ok((table, frame, ids))
        })
        .collect()
}

/// Day resolution: at least two events, and every one at midnight (UTC, or local).
fn detect(partitions: &[super::runs::Partition], zone: &Zone) -> Resolution {
    let times = || partitions.iter().flat_map(|p| p.time.iter().copied());
    if times().nth(1).is_none() {
        return Resolution::Instant;
    }
    let midnight = |t: i64| t.rem_euclid(DAY) == 0;
    let local = |t: i64| midnight(t + zone.stretch(t).offset);
    if times().all(midnight) || times().all(local) {
        return Resolution::Day;
    }
    Resolution::Instant
}

/// The newest instant that the log knows of, of events and of their coming in.
pub(super) fn newest(partitions: &[super::runs::Partition]) -> Option<i64> {
    let times = partitions.iter().flat_map(|p| {
        let received = p
            .lanes
            .get(Field::Received as usize)
            .and_then(Option::as_ref);
        let received = match received {
            Some(Lane::Micros(values)) => values.iter().copied().max(),
            _ => None,
        };
        p.span().map(|(_, last)| last).into_iter().chain(received)
    });
    times.filter(|t| *t != super::lanes::NO_TIME).max()
}
