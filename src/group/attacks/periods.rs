//! Attacks on periods: asking again, events that come late, and weeks that overlap.

use polars::prelude::{DataFrame, IntoColumn, NamedFrom, Series};
use rusqlite::Connection;

use std::sync::Arc;

use super::*;
use crate::data::{DAY, Id, Job, LearningData, Options, Tables, WEEK};
use crate::group::ledger::crash::Folder;
use crate::group::question::Question;
use crate::group::{GroupOptions, Period, Released};

/// The events of 30 learners in each course over March 2026, which begins on a Sunday, and
/// more. Learner `l` has l + 1 events on Monday, and all have one on the last day.
fn march(courses: &[&str], learners: u32, more: &[(u32, &str)], tz: &str) -> LearningData {
    let (mut who, mut when, mut of) = (Vec::new(), Vec::new(), Vec::new());
    let mut add = |l: u32, time: String, course: &str| {
        who.push(format!("l{l:03}"));
        when.push(time);
        of.push(course.to_string());
    };
    for course in courses {
        for l in 0..learners {
            (0..=l).for_each(|m| add(l, format!("2026-03-02T10:{m:02}:00Z"), course));
            add(l, "2026-03-11T12:00:00Z".to_string(), course);
        }
    }
    for (l, time) in more {
        add(*l, (*time).to_string(), courses[0]);
    }
    let enrolled = courses
        .iter()
        .flat_map(|c| (0..learners).map(move |l| (l, *c)));
    let (learner, course): (Vec<String>, Vec<&str>) =
        enrolled.map(|(l, c)| (format!("l{l:03}"), c)).unzip();
    let column = |name: &str, texts: &[String]| Series::new(name.into(), texts).into_column();
    let events = vec![
        column("learner", &who),
        column("time", &when),
        Series::new("content".into(), vec!["page"; who.len()]).into_column(),
        column("course", &of),
    ];
    let rows = vec![
        column("learner", &learner),
        Series::new("course".into(), &course).into_column(),
    ];
    let tables = Tables {
        enrollments: Some(DataFrame::new_infer_height(rows).unwrap()),
        ..Tables::default()
    };
    let options = Options {
        tz: Some(tz.to_string()),
        ..Options::default()
    };
    let events = DataFrame::new_infer_height(events).unwrap();
    LearningData::new(events, tables, &options).unwrap()
}

fn weeks(courses: &[&str], more: &[(u32, &str)]) -> LearningData {
    march(courses, 30, more, "UTC")
}

fn asked(data: &LearningData, period: Option<Period>, ledger: &Ledger) -> ReferenceGroups {
    try_asked(data, period, ledger).unwrap()
}

fn try_asked(
    data: &LearningData,
    period: Option<Period>,
    ledger: &Ledger,
) -> crate::Result<ReferenceGroups> {
    let options = GroupOptions {
        policy: five(),
        period,
        ledger: Some(ledger.clone()),
        ..GroupOptions::default()
    };
    data.reference_groups(By::Course, &options)
}

fn of_week(data: &LearningData, ledger: &Ledger) -> ReferenceGroups {
    asked(data, Some(Period::Week), ledger)
}

/// A table with the certificates behind it, byte by byte.
fn bytes(released: &Released) -> Vec<u8> {
    let mut bytes = crate::group::bundle::encode(released).unwrap();
    bytes.extend(format!("{:?}", released.frame().schema()).into_bytes());
    bytes
}

fn events_of(groups: &ReferenceGroups) -> Vec<u8> {
    bytes(&groups.distribution(Metric::Events).unwrap())
}

fn seals(ledger: &Ledger) -> usize {
    let kinds = texts(&ledger.entries().unwrap(), "kind");
    kinds
        .iter()
        .filter(|k| k.as_deref() == Some("seal"))
        .count()
}

/// Twelve learners at work in the sealed week, as is known later on.
const LATE: [(u32, &str); 200] = {
    let mut all = [(0, "2026-03-03T10:00:00Z"); 200];
    let (mut at, mut learner) = (0, 0);
    while at < 200 {
        all[at].0 = learner % 12;
        (at, learner) = (at + 1, learner + 1);
    }
    all
};

#[test]
fn a_period_is_the_last_of_the_calendar_that_ended_a_lag_ago() {
    let ledger = Ledger::in_memory();
    let data = weeks(&["a"], &[]);
    let monday = 1_772_409_600_000_000; // 2026-03-02T00:00:00Z
    let week = of_week(&data, &ledger);
    // The newest day is Wednesday 11: Monday 9 is two days before it.
    assert_eq!(week.period(), Some((Period::Week, monday, monday + WEEK)));
    assert_eq!(week.as_of(), monday + WEEK - 1);
    let at = |as_of: i64, lag: Option<i64>| {
        let options = GroupOptions {
            policy: five(),
            period: Some(Period::Week),
            as_of: Some(as_of),
            lag,
            ..GroupOptions::default()
        };
        let groups = data.reference_groups(By::Course, &options).unwrap();
        groups.period().unwrap().1
    };
    assert_eq!(at(monday + WEEK + 2 * DAY, None), monday);
    assert_eq!(at(monday + WEEK + 2 * DAY - 1, None), monday - WEEK);
    assert_eq!(at(monday + WEEK, Some(0)), monday);
    assert_eq!(at(monday + WEEK - 1, Some(0)), monday - WEEK);
    let month = asked(&data, Some(Period::Month), &ledger).period().unwrap();
    assert_eq!(month, (Period::Month, monday - 29 * DAY, monday - DAY));
    // In Helsinki the week begins two hours earlier.
    let helsinki = march(&["a"], 30, &[], "Europe/Helsinki");
    let there = of_week(&helsinki, &Ledger::in_memory()).period().unwrap();
    assert_eq!(there.1, monday - 2 * DAY / 24);
}

#[test]
fn a11_a_sealed_answer_is_one_entry_and_the_same_bytes() {
    let ledger = Ledger::in_memory();
    let data = weeks(&["a", "b"], &[]);
    let first = events_of(&of_week(&data, &ledger));
    let entries = ledger.verify().unwrap();
    assert_eq!(seals(&ledger), 2, "one for each course");
    for _ in 0..1000 {
        assert_eq!(events_of(&of_week(&data, &ledger)), first);
    }
    assert_eq!(ledger.verify().unwrap(), entries);
}

#[test]
fn sealed_tables_are_those_that_were_computed() {
    let data = weeks(&["a", "b"], &[]);
    let sealed = of_week(&data, &Ledger::in_memory());
    let open = ReferenceGroups {
        cut: None,
        ..sealed.clone()
    };
    let bare = |tables: Vec<DataFrame>| -> Vec<DataFrame> {
        let bare = tables.into_iter().map(|table| table.drop("as_of").unwrap());
        bare.collect()
    };
    assert!(same(&bare(tables(&sealed)), &tables(&open)));
    // What is cumulative is the same without a period.
    let options = GroupOptions {
        policy: five(),
        as_of: Some(sealed.as_of()),
        ledger: Some(Ledger::in_memory()),
        ..GroupOptions::default()
    };
    let apart = data.reference_groups(By::Course, &options).unwrap();
    let cumulative = ReferenceGroups {
        metrics: &Metric::CUMULATIVE,
        ..open.clone()
    };
    assert!(same(&tables(&cumulative), &tables(&apart)));
    for metric in Metric::ALL {
        for l in 0..30 {
            let her = Id::from(format!("l{l:03}").as_str());
            let [one, other] = [&sealed, &open].map(|g| g.compare(&her, metric).unwrap());
            let bare = one.frame().drop("as_of").unwrap();
            assert_eq!(&bare, other.frame(), "{metric} {l}");
            assert_eq!(one.certificates().len(), other.certificates().len());
        }
    }
}

#[test]
fn a12_a_late_event_changes_no_byte_of_a_sealed_week() {
    let folder = Folder::new("late");
    // A position is read from the sealed distribution, with her own value of today.
    let place = |groups: &ReferenceGroups| {
        let table = groups.compare(&Id::from("l029"), Metric::Events).unwrap();
        table.into_frame().drop("own").unwrap()
    };
    let (first, before) = {
        let ledger = Ledger::open(folder.ledger(), None).unwrap();
        let groups = of_week(&weeks(&["a"], &[]), &ledger);
        (events_of(&groups), place(&groups))
    };
    // Read anew, by another process as far as the ledger knows.
    let ledger = Ledger::open(folder.ledger(), None).unwrap();
    let late = weeks(&["a"], &LATE);
    let again = of_week(&late, &ledger);
    assert_eq!(events_of(&again), first);
    assert!(place(&again).equals_missing(&before));
    assert_eq!(again.late(), Some(200));
    // The control: without the seal the late events are seen.
    let fresh = of_week(&late, &Ledger::in_memory());
    assert_ne!(bytes_of_table(&fresh), bytes_of_table(&again));
    assert!(!place(&fresh).equals_missing(&before));
    // What is cumulative has them in the next week.
    let next = [(0, "2026-03-18T10:00:00Z")];
    let later: Vec<(u32, &str)> = LATE.iter().chain(&next).copied().collect();
    let with = of_week(&weeks(&["a"], &later), &ledger);
    let without = of_week(&weeks(&["a"], &next), &Ledger::in_memory());
    assert_eq!(with.as_of(), without.as_of());
    assert_ne!(bytes_of_table(&with), bytes_of_table(&without));
    assert_eq!(with.late(), Some(0));
}

/// A29: learner 0 adds 1, 2, 4 ... events to the sealed week, and asks each time where she stands.
#[test]
fn a29_where_one_stands_is_read_from_the_sealed_week_however_ones_own_value_grows() {
    let band = |groups: &ReferenceGroups, l: u32| {
        let her = Id::from(format!("l{l:03}").as_str());
        let table = groups.compare(&her, Metric::Events).unwrap().into_frame();
        table.drop("own").unwrap()
    };
    let more = |n: usize| -> Vec<(u32, &str)> { vec![(0, "2026-03-03T10:00:00Z"); n] };
    let ledger = Ledger::in_memory();
    let first = of_week(&weeks(&["a"], &[]), &ledger);
    let (shown, before) = (events_of(&first), band(&first, 0));
    let entries = ledger.verify().unwrap();
    let mut moved = 0;
    for n in [1, 2, 4, 8, 16] {
        let raised = weeks(&["a"], &more(n));
        let groups = of_week(&raised, &ledger);
        assert_eq!(events_of(&groups), shown);
        // Learner n had n + 1 events from the start, and stands where she now does.
        let now = band(&groups, 0);
        assert!(now.equals_missing(&band(&first, u32::try_from(n).unwrap())));
        moved += usize::from(!now.equals_missing(&before));
    }
    assert!(moved > 1, "{moved}");
    // The control: without the seal, what twelve add together moves where learner 20 stands.
    let late = weeks(&["a"], &LATE);
    let fresh = of_week(&late, &Ledger::in_memory());
    assert!(!band(&fresh, 20).equals_missing(&band(&first, 20)));
    assert!(band(&of_week(&late, &ledger), 20).equals_missing(&band(&first, 20)));
    assert_eq!(
        ledger.verify().unwrap(),
        entries,
        "nothing was computed anew"
    );
}

/// The table alone: certificates are of one ledger.
fn bytes_of_table(groups: &ReferenceGroups) -> String {
    let table = groups.distribution(Metric::Events).unwrap();
    let table = table.frame().column("learners").unwrap().clone();
    format!(
        "{:?}",
        table.u32().map_or_else(
            |_| table.f64().unwrap().to_vec(),
            |c| { c.iter().map(|v| v.map(f64::from)).collect() }
        )
    )
}

#[test]
fn other_rosters_change_no_byte_of_a_sealed_week() {
    let ledger = Ledger::in_memory();
    let first = events_of(&of_week(&weeks(&["a"], &[]), &ledger));
    let more = march(&["a"], 50, &[], "UTC");
    let again = of_week(&more, &ledger);
    assert_eq!(events_of(&again), first);
    let certificates = again.certificates_frame().unwrap();
    assert_eq!(certificates.height(), 1, "that of the sealed roster alone");
    let open = asked(&more, None, &Ledger::in_memory());
    assert_ne!(
        shown(&open),
        shown(&asked(&weeks(&["a"], &[]), None, &Ledger::in_memory()))
    );
}

#[test]
fn a_course_that_comes_later_is_answered_anew_and_the_others_are_not() {
    let ledger = Ledger::in_memory();
    of_week(&weeks(&["a"], &[]), &ledger).summary().unwrap();
    let before = seals(&ledger);
    let both = of_week(&march(&["a", "b"], 30, &LATE, "UTC"), &ledger);
    let table = both.summary().unwrap().into_frame();
    assert_eq!(seals(&ledger), before + 1, "that of b");
    assert_eq!(table.height(), 2 * Metric::ALL.len());
    assert_eq!(both.late(), Some(200));
}

#[test]
fn a13_periods_cannot_be_cut_otherwise() {
    let message = "tue-mon".parse::<Period>().unwrap_err().to_string();
    assert_eq!(
        message,
        "`period` must be one of \"week\", \"month\", got \"tue-mon\""
    );
    // Weeks of another time zone overlap: what lies between them would be shown.
    let ledger = Ledger::in_memory();
    of_week(&weeks(&["a"], &[]), &ledger);
    let helsinki = march(&["a"], 30, &[], "Europe/Helsinki");
    let refused = try_asked(&helsinki, Some(Period::Week), &ledger);
    let message = refused.err().unwrap().to_string();
    assert!(
        message.contains("UTC") && message.contains("Europe/Helsinki"),
        "{message}"
    );
    assert!(try_asked(&helsinki, Some(Period::Week), &Ledger::in_memory()).is_ok());
    // The control: sums of Monday to Sunday and of Tuesday to Monday differ by two Mondays. Who
    // alone was at work on the first, and nobody on the second, is read off.
    let minutes_of = |l: u32, day: u32| match (l, day) {
        (7, 0) => 12.0,
        (_, 0 | 7) => 0.0,
        _ => f64::from(l + day),
    };
    let sum = |days: std::ops::Range<u32>| -> f64 {
        let all = (0..30).flat_map(|l| days.clone().map(move |day| (l, day)));
        all.map(|(l, day)| minutes_of(l, day)).sum()
    };
    assert!((sum(0..7) - sum(1..8) - 12.0).abs() < 1e-9);
}

#[test]
fn a14_a_sealed_month_speaks_of_the_roster_of_its_weeks() {
    let ledger = Ledger::in_memory();
    let april = [(0, "2026-04-08T12:00:00Z")];
    of_week(&march(&["a"], 30, &april, "UTC"), &ledger)
        .summary()
        .unwrap();
    // One more joins: the month is released on the roster of the week.
    let joined = march(&["a"], 31, &april, "UTC");
    let month = asked(&joined, Some(Period::Month), &ledger);
    assert_eq!(shown(&month).first().map(|(_, n)| *n), Some(30));
    assert_eq!(ledger.look(Book::len), 1);
    let rosters = ledger.look(Book::released);
    assert!(rosters.iter().all(|(_, members)| members.len() == 30));
    // The control: under a ledger of its own the month has all 31, and the two differ by one.
    let apart = Ledger::in_memory();
    asked(&joined, Some(Period::Month), &apart);
    assert!(
        apart
            .look(Book::released)
            .iter()
            .all(|(_, members)| members.len() == 31)
    );
}

#[test]
fn edited_sealed_bytes_are_found() {
    let folder = Folder::new("edited-seal");
    let ledger = Ledger::open(folder.ledger(), None).unwrap();
    of_week(&weeks(&["a"], &[]), &ledger).summary().unwrap();
    let groups = of_week(&weeks(&["a"], &[]), &ledger);
    let whole = ledger.verify().unwrap();
    let db = Connection::open(folder.ledger()).unwrap();
    let mut select = db
        .prepare("SELECT bytes FROM sealed ORDER BY part")
        .unwrap();
    let kept = select
        .query_map([], |row| row.get::<_, Vec<u8>>(0))
        .unwrap();
    let kept: Vec<Vec<u8>> = kept.map(Result::unwrap).collect();
    // The head, the index and each table: whichever it is, its entry is named.
    let parts = db.query_row("SELECT max(part) FROM sealed", [], |row| row.get(0));
    let parts: u32 = parts.unwrap();
    let standard = Question::standard().len();
    assert_eq!(
        parts as usize,
        standard + 1,
        "a head and a part for each table"
    );
    let fault = format!("entry {whole} was changed after it was sealed");
    for part in 0..=parts {
        for edit in [
            format!("UPDATE sealed SET bytes = zeroblob(length(bytes)) WHERE part = {part}"),
            format!("DELETE FROM sealed WHERE part = {part}"),
        ] {
            db.execute_batch(&edit).unwrap();
            let message = ledger.verify().err().unwrap().to_string();
            assert!(message.contains(&fault), "{message}");
            let back = &kept[part as usize];
            let put = "INSERT OR REPLACE INTO sealed SELECT max(seq), ?1, ?2 FROM entries";
            db.execute(put, rusqlite::params![part, back]).unwrap();
            assert_eq!(ledger.verify().unwrap(), whole);
        }
    }
    // What is not asked for is not read: a cold ledger opens, and only what was edited is refused.
    let summary = groups.sealed_part(&Question::Summary);
    let edit = "UPDATE sealed SET bytes = zeroblob(length(bytes)) WHERE part = ?";
    assert_eq!(
        db.execute(edit, [u32::try_from(summary + 1).unwrap()])
            .unwrap(),
        1
    );
    let cold = Ledger::open(folder.ledger(), None).unwrap();
    let again = of_week(&weeks(&["a"], &[]), &cold);
    let message = again.summary().err().unwrap().to_string();
    assert!(message.contains(&fault), "{message}");
    assert!(again.survival().is_ok());
    // Who edits the hash in the chain as well is found when it is opened.
    let edit =
        "UPDATE entries SET facts = replace(facts, '\"index\":\"', '\"index\":\"0') WHERE seq = ?";
    assert_eq!(db.execute(edit, [whole.cast_signed()]).unwrap(), 1);
    assert!(Ledger::open(folder.ledger(), None).is_err());
}

#[test]
fn sealed_bytes_do_not_stay_in_memory_where_there_is_a_file() {
    let folder = Folder::new("sealed-memory");
    let ledger = Ledger::open(folder.ledger(), None).unwrap();
    let groups = of_week(&weeks(&["a"], &[]), &ledger);
    let first = groups.summary().unwrap();
    assert_eq!(ledger.look(Book::sealed_bytes), 0);
    assert_eq!(bytes(&groups.summary().unwrap()), bytes(&first));
    // In memory they are the only copy, compressed.
    let memory = Ledger::in_memory();
    let groups = of_week(&weeks(&["a"], &[]), &memory);
    let kept = memory.look(Book::sealed_bytes);
    let all: usize = Question::standard()
        .iter()
        .map(|q| bytes(&groups.answer(q).unwrap()).len())
        .sum();
    assert!(kept > 0 && kept < all / 2, "{kept} of {all}");
}

#[test]
fn every_table_that_needs_nothing_is_in_the_snapshot() {
    let ledger = Ledger::in_memory();
    let groups = of_week(&weeks(&["a"], &[]), &ledger);
    let names: Vec<String> = Question::standard().iter().map(Question::name).collect();
    assert!(Question::standard().iter().all(|q| !q.is_free()));
    assert!((1..names.len()).all(|at| !names[..at].contains(&names[at])));
    tables(&groups);
    for metric in Metric::ALL {
        groups.compare(&Id::from("l001"), metric).unwrap();
    }
    // What was sealed besides has a part that the asker chose.
    let notes = texts(&ledger.entries().unwrap(), "note");
    let alone = notes
        .iter()
        .flatten()
        .filter_map(|note| note.split_once(" of "));
    let alone: Vec<&str> = alone.map(|(question, _)| question).collect();
    assert_eq!(alone.iter().filter(|q| **q == "snapshot").count(), 1);
    assert!(alone.len() > 1);
    assert!(
        alone
            .iter()
            .all(|question| !names.contains(&(*question).to_string()))
    );
}

#[test]
fn work_that_is_stopped_seals_nothing_and_work_that_is_watched_tells_how_far_it_is() {
    let ledger = Ledger::in_memory();
    let data = weeks(&["a", "b"], &[]);
    let groups = of_week(&data, &ledger);
    let entries = ledger.verify().unwrap();
    let job = Arc::new(Job::default());
    job.cancel();
    let stopped = groups.watched_by(job).funnel(&three_steps());
    assert!(matches!(stopped, Err(Error::Cancelled)));
    assert_eq!(ledger.verify().unwrap(), entries);
    groups.funnel(&three_steps()).unwrap();
    assert_eq!(ledger.verify().unwrap(), entries + 2);
    let job = Arc::new(Job::default());
    let options = GroupOptions {
        policy: five(),
        period: Some(Period::Week),
        job: Some(Arc::clone(&job)),
        ..GroupOptions::default()
    };
    data.reference_groups(By::Course, &options).unwrap();
    let (done, total) = job.progress();
    let tables = 2 * Question::standard().len() as u64;
    assert!(
        done >= 10_000 * tables && done <= total,
        "{done} of {total}"
    );
}
