//! Small worlds for the tests of this module, each learner described by herself.

use polars::prelude::*;

use super::{Research, ResearchOptions};
use crate::data::{LearningData, Options, Tables};

pub(super) const START: i64 = 1_709_251_200_000_000; // 2024-03-01
const MINUTE: i64 = 60_000_000;
/// When questions are asked.
pub(super) const NOW: i64 = START + 100 * 86_400_000_000;

/// A learner: everything that any table holds of her.
#[derive(Debug, Clone, Default)]
pub(super) struct Own {
    pub(super) id: String,
    pub(super) courses: Vec<String>,
    pub(super) groups: Vec<String>,
    /// Course, content, and minutes since the start; one event each.
    pub(super) events: Vec<(String, String, i64)>,
    /// Purpose and whether it is granted, in the order of time.
    pub(super) consents: Vec<(&'static str, bool)>,
    pub(super) eligible: Option<bool>,
}

/// A learner who used these contents of course `A`, in which she is enrolled.
pub(super) fn user(id: usize, contents: impl IntoIterator<Item = usize>) -> Own {
    let event = |(minute, content)| ("A".to_string(), format!("c{content:04}"), minute);
    Own {
        id: format!("l{id:05}"),
        courses: vec!["A".to_string()],
        events: (0..).zip(contents).map(event).collect(),
        ..Own::default()
    }
}

/// Which tables stand beside the log.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Beside {
    /// Contents `c0000` .. of course `A`, this many; none for no catalog.
    pub(super) catalog: usize,
    pub(super) consents: bool,
    pub(super) learners: bool,
}

pub(super) fn data(all: &[Own], beside: Beside) -> LearningData {
    let events = || {
        all.iter()
            .flat_map(|own| own.events.iter().map(move |e| (own, e)))
    };
    let time: Vec<i64> = events().map(|(_, e)| START + e.2 * MINUTE).collect();
    let mut log = df!(
        "learner" => events().map(|(own, _)| own.id.as_str()).collect::<Vec<_>>(),
        "course" => events().map(|(_, e)| e.0.as_str()).collect::<Vec<_>>(),
        "content" => events().map(|(_, e)| e.1.as_str()).collect::<Vec<_>>(),
    )
    .unwrap();
    log.with_column(instants("time", time)).unwrap();
    let pairs = |list: fn(&Own) -> &Vec<String>| -> (Vec<String>, Vec<String>) {
        let rows = all
            .iter()
            .flat_map(|own| list(own).iter().map(move |x| (own, x)));
        rows.map(|(own, x)| (own.id.clone(), x.clone())).unzip()
    };
    let (learner, course) = pairs(|own| &own.courses);
    let enrollments = df!("learner" => learner, "course" => course).unwrap();
    let (learner, group) = pairs(|own| &own.groups);
    let memberships = df!("learner" => learner, "group" => group).unwrap();
    let mut tables = Tables {
        enrollments: Some(enrollments),
        memberships: Some(memberships),
        ..Tables::default()
    };
    if beside.catalog > 0 {
        let contents: Vec<String> = (0..beside.catalog).map(|c| format!("c{c:04}")).collect();
        let courses = vec!["A"; beside.catalog];
        tables.catalog = Some(df!("content" => contents, "course" => courses).unwrap());
    }
    if beside.learners {
        let ids: Vec<&str> = all.iter().map(|own| own.id.as_str()).collect();
        let flags: Vec<Option<bool>> = all.iter().map(|own| own.eligible).collect();
        tables.learners = Some(df!("learner" => ids, "eligible" => flags).unwrap());
    }
    if beside.consents {
        let rows = || {
            let own = all.iter();
            own.flat_map(|own| {
                (1..)
                    .zip(&own.consents)
                    .map(move |(at, row)| (own, at, row))
            })
        };
        let mut frame = df!(
            "learner" => rows().map(|(own, ..)| own.id.as_str()).collect::<Vec<_>>(),
            "purpose" => rows().map(|(_, _, row)| row.0).collect::<Vec<_>>(),
            "granted" => rows().map(|(_, _, row)| row.1).collect::<Vec<_>>(),
        )
        .unwrap();
        let times = rows()
            .map(|(_, at, _)| START - (100 - at) * MINUTE)
            .collect();
        frame.with_column(instants("time", times)).unwrap();
        tables.consents = Some(frame);
    }
    let options = Options {
        tz: Some("UTC".into()),
        ..Options::default()
    };
    LearningData::new(log, tables, &options).unwrap()
}

fn instants(name: &str, micros: Vec<i64>) -> Column {
    let zone = TimeZone::opt_try_new(Some("UTC")).unwrap();
    let column = Int64Chunked::from_vec(name.into(), micros);
    column
        .into_datetime(TimeUnit::Microseconds, zone)
        .into_column()
}

/// Questions about `data` that cost `epsilon` each, asked at [`NOW`].
pub(super) fn ask(data: &LearningData, epsilon: f64, delta: f64) -> Research {
    let options = ResearchOptions {
        delta,
        ..ResearchOptions::new(epsilon)
    };
    Research::new(data, &options, || NOW).unwrap()
}

/// A column of noisy counts.
pub(super) fn learners(frame: &DataFrame) -> Vec<i64> {
    let column = frame.column("learners").unwrap().i64().unwrap();
    column.into_no_null_iter().collect()
}

/// A column of texts.
pub(super) fn texts(frame: &DataFrame, name: &str) -> Vec<String> {
    let column = frame.column(name).unwrap().str().unwrap();
    column.iter().flatten().map(str::to_owned).collect()
}
