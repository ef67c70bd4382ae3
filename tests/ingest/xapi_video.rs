//! Real statements: videos of France Université Numérique; counts are those of the file itself,
//! taken without kohort.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::path::{Path, PathBuf};

use kohort::data::{Options, Tables};
use polars::prelude::*;

use super::texts;
use super::xapi::{read, rules};

fn log() -> Option<PathBuf> {
    let data = env::var_os("KOHORT_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"),
        PathBuf::from,
    );
    let log = data.join("ralph_fun_video/statements_00001.jsonl.gz");
    if log.is_file() {
        return Some(log);
    }
    eprintln!(
        "skipped: no statements at {}; set KOHORT_DATA",
        log.display()
    );
    None
}

fn present(events: &DataFrame, column: &str) -> usize {
    let column = events.column(column).unwrap();
    column.len() - column.null_count()
}

#[test]
fn every_statement_is_an_event_and_none_is_refused() {
    let Some(log) = log() else { return };
    let read = read(&log).unwrap();
    assert_eq!(rules(&read), Vec::<String>::new());
    let mut verbs: BTreeMap<String, usize> = BTreeMap::new();
    for verb in texts(&read.events, "verb") {
        *verbs.entry(verb.unwrap()).or_default() += 1;
    }
    let expected = [
        ("completed", 324),
        ("downloaded", 27),
        ("interacted", 1_604),
        ("paused", 2_308),
        ("played", 2_333),
        ("seeked", 1_219),
        ("terminated", 167),
        ("viewed", 709),
    ];
    assert_eq!(
        verbs,
        expected
            .map(|(verb, count)| (verb.to_owned(), count))
            .into()
    );
    let distinct = |column: &str| {
        texts(&read.events, column)
            .into_iter()
            .collect::<BTreeSet<_>>()
            .len()
    };
    assert_eq!(distinct("learner"), 1_206);
    assert_eq!(distinct("content"), 5);
    assert_eq!(distinct("session"), 1_833);
    assert_eq!(distinct("id"), 8_691);
    assert_eq!(
        texts(&read.events, "course")
            .into_iter()
            .collect::<BTreeSet<_>>(),
        [Some("course-v1:FUN-MOOC+00001+session01".to_owned())].into()
    );
    for (column, count) in COUNTS {
        assert_eq!(present(&read.events, column), *count, "{column}");
    }
    let catalog = read.tables.catalog.clone().unwrap();
    assert_eq!(
        texts(&catalog, "kind").into_iter().collect::<BTreeSet<_>>(),
        [Some("video".to_owned())].into()
    );
    let data = read.learning_data(Tables::default(), &Options::default());
    assert!(data.is_ok(), "{:?}", data.err());
}

/// Values that are there, by column.
const COUNTS: &[(&str, usize)] = &[
    ("position", 7_955),
    ("position_to", 1_219),
    ("length", 4_754),
    ("progress", 4_018),
    ("segments", 3_969),
    ("speed", 2_313),
    ("session", 8_691),
];
