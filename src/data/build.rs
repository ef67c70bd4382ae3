//! From tables to Learning Data, step by step.

use std::cmp::Ordering;

use polars::prelude::*;
use rayon::prelude::*;

use super::calendar::Zone;
use super::catalog::{self, Items};
use super::columns::Reader;
use super::encode::{IdColumn, Rows, encode_pairs};
use super::facts::Facts;
use super::families::{Families, Gathering, id_columns};
use super::ids::LIMIT;
use super::job::Job;
use super::lanes::{FIELDS, Field, Lane, Lanes, compare};
use super::learning_data::{Duplicates, Inner, Options, Resolution, Tables};
use super::partition::{Log, Numbered, Partitioned, partition};
use super::quality::{Quality, Reason, Reject};
use super::schema::{self, Column, Extra, Verb, conform};
use super::span::{DAY, SECOND};
use super::{duplicates, span};
use crate::error::{Error, Result};

/// How far a clock may run ahead of `now`.
const SKEW: i64 = 600 * SECOND;

type SmallTable = (&'static str, DataFrame, Vec<(&'static str, IdColumn)>);

/// Validates, numbers and orders everything.
pub(crate) fn build(events: &DataFrame, tables: &Tables, options: &Options) -> Result<Inner> {
    if !(0..DAY).contains(&options.day_start) {
        let got = span::show_span(options.day_start);
        return Err(Error::parameter(
            "day_start",
            "a time of day from 00:00 to 23:59",
            got,
        ));
    }
    let idle = Job::default();
    let job = options.job.as_deref().unwrap_or(&idle);
    let zone = options.tz.as_deref().map(Zone::new).transpose()?;
    let mut quality = Quality::default();
    for (table, rows) in &options.source_rows {
        quality.find("source", format!("rows read: {table}"), *rows);
    }
    let log = conform(
        "events",
        events,
        schema::EVENTS,
        &options.columns,
        options.extra,
    )?;
    if log.height() > LIMIT as usize {
        return Err(Error::schema(
            "events",
            "more than 4,294,967,287 rows; split the log by learner",
        ));
    }
    job.expect(log.height() * 2);
    let small = small_tables(tables, options)?;

    let mut gathering = Gathering::default();
    let learner = IdColumn::new("events", log.column("learner")?)?;
    let content = IdColumn::new("events", log.column("content")?)?;
    let course = optional_ids(&log, "course")?;
    let ranges = Rows::split(log.height(), rayon::current_num_threads().min(16));
    let encoded: Vec<_> = ranges
        .par_iter()
        .map(|rows| {
            let learners = learner.encode(*rows);
            job.advance(rows.len / 2)?;
            let pairs = encode_pairs(&content, course.as_ref(), *rows);
            job.advance(rows.len / 2)?;
            Ok((learners, pairs))
        })
        .collect::<Result<_>>()?;
    let mut numbered = Vec::with_capacity(ranges.len());
    let mut places = Vec::with_capacity(ranges.len());
    for (rows, ((codes, values), pairs)) in ranges.iter().zip(encoded) {
        places.push((
            gathering.add("learner", values),
            gathering.add("content", pairs.contents),
            gathering.add("course", pairs.courses),
            pairs.pairs,
        ));
        numbered.push(Numbered {
            rows: *rows,
            learner: codes,
            item: pairs.codes,
        });
    }
    let session = optional_ids(&log, "session")?;
    let response = optional_ids(&log, "response")?;
    let own = [("session", &session), ("response", &response)];
    for (name, ids) in own
        .iter()
        .filter_map(|(name, ids)| Some((*name, ids.as_ref()?)))
    {
        gathering.add_column("events", name, ids);
    }
    for (table, _, columns) in &small {
        for (name, ids) in columns {
            gathering.add_column(table, name, ids);
        }
    }
    let families = gathering.finish()?;

    let utc = Zone::utc();
    let given = zone.as_ref();
    let reader = |table, frame| Reader {
        table,
        frame,
        zone: given,
        epoch: i64::MIN,
        rejects: Vec::new(),
    };
    let mut facts = Facts::default();
    let mut entries = None;
    for (table, frame, _) in &small {
        let reader = reader(table, frame);
        match *table {
            "catalog" => entries = Some(catalog::read(reader, &families, &mut quality)?),
            "courses" => facts.read_courses(reader, &families, &mut quality)?,
            "enrollments" => facts.read_enrollments(reader, &families, &mut quality)?,
            "memberships" => facts.read_memberships(reader, &families, &mut quality)?,
            "learners" => facts.read_learners(reader, &families, &mut quality)?,
            "consents" => facts.read_consents(reader, &families, &mut quality)?,
            _ => Facts::read_roles(reader, &families, &mut quality)?,
        }
    }
    facts.forget_under_age();
    let pairs: Vec<Vec<(u32, u32)>> = places
        .iter()
        .map(|(_, contents, courses, pairs)| {
            let contents = families.map("content", *contents);
            let courses = families.map("course", *courses);
            let dense = |map: &[u32], code: u32| map.get(code as usize).copied().unwrap_or(code);
            let pair = |(content, course): &(u32, u32)| {
                (dense(contents, *content), dense(courses, *course))
            };
            pairs.iter().map(pair).collect()
        })
        .collect();
    let (items, item_maps) = Items::new(&pairs, entries);

    let mut events = EventReader {
        reader: Reader {
            epoch: options.epoch,
            ..reader("events", &log)
        },
        options,
        quality: &mut quality,
    };
    let time = events.time()?;
    let lanes = events.lanes(&families)?;
    let rejects = events.reader.rejects;
    let rejects = without_content(&content, lanes.first().and_then(Option::as_ref), rejects);
    let mut skip = None;
    mark(&mut skip, log.height(), rejects.iter().map(|r| r.row));
    let unresolved: Vec<Vec<Reject>> = numbered
        .par_iter_mut()
        .zip(places.par_iter().zip(&item_maps))
        .map(|(range, ((learners, ..), items))| {
            range.resolve(families.map("learner", *learners), items, &facts.under_age)
        })
        .collect();
    let mut identified = None;
    let mut all_rejects = rejects;
    mark(
        &mut skip,
        log.height(),
        unresolved.iter().flatten().map(|r| r.row),
    );
    all_rejects.extend(unresolved.into_iter().flatten());
    let mut repeated = 0;
    if let Some(ids) = optional_ids(&log, "id")? {
        let body = |row: usize| {
            let range = numbered.partition_point(|n| n.rows.first + n.rows.len <= row);
            let range = numbered.get(range)?;
            let at = row - range.rows.first;
            Some((*range.learner.get(at)?, time.get(row), *range.item.get(at)?))
        };
        let order = |a: usize, b: usize| -> Ordering {
            let row = |row| u32::try_from(row).unwrap_or(LIMIT);
            let bodies = body(a).cmp(&body(b));
            bodies.then_with(|| compare(&lanes, row(a), row(b)))
        };
        let found = duplicates::find(&ids, skip.as_deref(), order);
        repeated = found.repeated.len() as u64;
        mark(
            &mut skip,
            log.height(),
            found.repeated.iter().map(|row| *row as u64),
        );
        mark(
            &mut skip,
            log.height(),
            found.conflicts.iter().map(|r| r.row),
        );
        all_rejects.extend(found.conflicts);
        identified = Some(has_id(&ids));
    }
    if let Some(skip) = &skip {
        for range in &mut numbered {
            range.leave_out(skip);
        }
    }
    let learners = families.ids("learner");
    let done = partition(
        &Log {
            ranges: &numbered,
            time: &time,
            lanes: &lanes,
            identified: identified.as_deref(),
            learners: learners.len(),
            cap: options.max_events_per_day,
            drop_identical: options.duplicates == Duplicates::Drop,
        },
        job,
    )?;
    let Partitioned {
        partitions,
        shift,
        rejects,
        identical,
        dropped,
    } = done;
    all_rejects.extend(rejects);
    let kept: usize = partitions.iter().map(|p| p.time.len()).sum();
    quality.find("events", "rows read", log.height() as u64);
    quality.find("events", "rows kept", kept as u64);
    quality.find("events", "repeated ids, dropped", repeated);
    quality.find("events", "identical rows, dropped", dropped);
    quality.find("events", "identical rows, kept", identical - dropped);
    quality.reject("events", all_rejects);
    let zone = zone.unwrap_or(utc);
    let resolution = options
        .resolution
        .unwrap_or_else(|| detect(&partitions, &zone));
    if resolution == Resolution::Day {
        quality.find("events", "times have day resolution", kept as u64);
    }
    let newest = newest(&partitions);
    Ok(Inner {
        partitions,
        shift,
        learners,
        contents: families.ids("content"),
        courses: families.ids("course"),
        modules: families.ids("module"),
        groups: families.ids("group"),
        items,
        facts,
        zone,
        day_start: options.day_start,
        resolution,
        newest,
        quality,
        tables: small.iter().map(|(table, ..)| *table).collect(),
        slot: std::sync::OnceLock::new(),
    })
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

fn optional_ids(log: &DataFrame, name: &str) -> Result<Option<IdColumn>> {
    let column = log.column(name).ok();
    column
        .map(|column| IdColumn::new("events", column))
        .transpose()
}

fn has_id(ids: &IdColumn) -> Vec<bool> {
    match ids {
        IdColumn::Ints(column) => column.iter().map(|id| id.is_some()).collect(),
        IdColumn::Texts(column) => column.iter().map(|id| id.is_some()).collect(),
    }
}

/// Only registrations and logging in or out may go without a content.
fn without_content(
    content: &IdColumn,
    verbs: Option<&Lane>,
    mut rejects: Vec<Reject>,
) -> Vec<Reject> {
    if content.null_count() == 0 {
        return rejects;
    }
    for (row, _) in has_id(content).iter().enumerate().filter(|(_, has)| !**has) {
        let verb = match verbs {
            Some(Lane::Words(codes)) => codes
                .get(row)
                .and_then(|code| Verb::ALL.get(usize::from(*code))),
            _ => None,
        };
        if verb.is_none_or(|verb| verb.is_engagement()) {
            rejects.push(Reject {
                row: row as u64,
                column: "content",
                reason: Reason::NullId,
            });
        }
    }
    rejects
}

/// Marks rows that must not come in.
fn mark(skip: &mut Option<Vec<bool>>, height: usize, rows: impl Iterator<Item = u64>) {
    for row in rows {
        let skip = skip.get_or_insert_with(|| vec![false; height]);
        if let Some(slot) = usize::try_from(row).ok().and_then(|row| skip.get_mut(row)) {
            *slot = true;
        }
    }
}

/// Reads the columns of the log that are not ids of learner, content or course.
struct EventReader<'a, 'q> {
    reader: Reader<'a>,
    options: &'a Options,
    quality: &'q mut Quality,
}

impl EventReader<'_, '_> {
    fn time(&mut self) -> Result<Int64Chunked> {
        let time = self.reader.times("time")?;
        let time = time.unwrap_or_else(|| Int64Chunked::full_null("time".into(), 0));
        if time.null_count() > 0 {
            let known: Vec<u64> = self.reader.rejects.iter().map(|r| r.row).collect();
            let known: std::collections::BTreeSet<u64> = known.into_iter().collect();
            let absent = time.iter().zip(0_u64..).filter(|(time, _)| time.is_none());
            for (_, row) in absent.filter(|(_, row)| !known.contains(row)) {
                self.reader.rejects.push(Reject {
                    row,
                    column: "time",
                    reason: Reason::BadTime,
                });
            }
        }
        let Some(now) = self
            .options
            .now
            .filter(|now| time.max().is_some_and(|max| max > *now))
        else {
            return Ok(time);
        };
        let mut clamped = 0;
        for (value, row) in time.iter().zip(0_usize..) {
            match value {
                Some(value) if value > now.saturating_add(SKEW) => {
                    self.reader.reject(row, "time", Reason::FutureTime);
                }
                Some(value) if value > now => clamped += 1,
                _ => {}
            }
        }
        self.quality
            .find("events", "times at most 10 min ahead, set to now", clamped);
        Ok(time.apply_values(|value| value.min(now)))
    }

    fn lanes(&mut self, families: &Families<'_>) -> Result<Lanes> {
        let mut lanes: Lanes = [const { None }; FIELDS];
        let mut set = |field: Field, lane: Option<Lane>| {
            if let Some(slot) = lanes.get_mut(field as usize) {
                *slot = lane;
            }
        };
        let reader = &mut self.reader;
        let (verbs, unknown) = reader.words_or("verb", Verb::parse, Some(Verb::Interacted))?;
        if verbs.is_some() {
            self.quality
                .find("events", "unknown verbs, kept as interacted", unknown);
        }
        let verb = |verbs: Vec<Option<Verb>>| Lane::words(verbs, |verb| verb as u8);
        set(Field::Verb, verbs.map(verb));
        for (field, name) in [(Field::Session, "session"), (Field::Response, "response")] {
            let lane = families.codes("events", name).ok().map(|codes| {
                let dense = families.dense_all(codes);
                if field == Field::Session {
                    for (code, row) in dense.iter().zip(0_usize..) {
                        if *code >= LIMIT && *code != super::ids::NONE {
                            reader.reject(row, "session", super::ids::fault(*code));
                        }
                    }
                }
                // A response that is no id (a long text) is left behind; the event stays.
                let code = |code: u32| {
                    if code >= LIMIT {
                        super::ids::NONE
                    } else {
                        code
                    }
                };
                Lane::Wholes(dense.into_iter().map(code).collect())
            });
            set(field, lane);
        }
        let cap = self.options.max_duration;
        if let Some(durations) = reader.spans("duration")? {
            let long = durations.iter().flatten().filter(|d| **d > cap).count();
            self.quality
                .find("events", "durations cut to the cap", long as u64);
            let cut = durations.into_iter().map(|d| d.map(|d| d.min(cap)));
            set(Field::Duration, Some(Lane::micros(cut)));
        }
        for (field, name) in [
            (Field::Position, "position"),
            (Field::PositionTo, "position_to"),
            (Field::Speed, "speed"),
            (Field::Length, "length"),
        ] {
            set(field, reader.numbers(name)?.map(Lane::numbers));
        }
        for (field, name) in [(Field::Score, "score"), (Field::Progress, "progress")] {
            set(
                field,
                reader.numbers_within(name, 0.0, 1.0)?.map(Lane::numbers),
            );
        }
        let success = reader.flags("success")?;
        set(
            Field::Success,
            success.map(|flags| Lane::words(flags, u8::from)),
        );
        set(
            Field::Attempt,
            reader.whole("attempt", 0)?.map(Lane::wholes),
        );
        let count = reader.whole("count", 1)?;
        let count = count.map(|counts| counts.into_iter().map(|c| c.or(Some(1))).collect());
        set(Field::Count, count.map(Lane::wholes));
        let received = reader.times("received")?;
        set(
            Field::Received,
            received.map(|times| Lane::micros(times.iter())),
        );
        Ok(lanes)
    }
}

/// Day resolution: at least two events, and every one at midnight (UTC, or local).
fn detect(partitions: &[super::partition::Partition], zone: &Zone) -> Resolution {
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

fn newest(partitions: &[super::partition::Partition]) -> Option<i64> {
    let times = partitions.iter().flat_map(|p| {
        let received = p
            .lanes
            .get(Field::Received as usize)
            .and_then(Option::as_ref);
        let received = match received {
            Some(Lane::Micros(values)) => values.iter().copied().max(),
            _ => None,
        };
        p.time.iter().copied().max().into_iter().chain(received)
    });
    times.filter(|t| *t != super::lanes::NO_TIME).max()
}
