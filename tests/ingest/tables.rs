//! Foreign tables in general: the published mappings, the forms of files, and broken input.

use std::fs;

use kohort::ingest::{
    Foreign, ForeignOptions, TableOptions, TableSource, TableStandard, convert_tables, read_tables,
};
use kohort::privacy::Pseudonyms;
use polars::prelude::*;
use proptest::prelude::*;

use super::{folder, ints, texts};

/// A frame of texts from rows like `a | b`; what is empty is null.
pub(super) fn table(header: &str, rows: &[&str]) -> DataFrame {
    let cells = |row: &str| -> Vec<Option<String>> {
        let cells = row.split('|').map(str::trim);
        cells
            .map(|cell| (!cell.is_empty()).then(|| cell.to_owned()))
            .collect()
    };
    let rows: Vec<_> = rows.iter().map(|row| cells(row)).collect();
    let column = |(at, name): (usize, &str)| {
        let values: Vec<Option<String>> = rows
            .iter()
            .map(|row| row.get(at).cloned().unwrap())
            .collect();
        Column::new(name.trim().into(), values)
    };
    DataFrame::new(
        rows.len(),
        header.split('|').enumerate().map(column).collect(),
    )
    .unwrap()
}

pub(super) fn read_with(
    standard: TableStandard,
    frame: DataFrame,
    options: &TableOptions,
) -> Foreign {
    read_tables(standard, &TableSource::Frame(frame), options).unwrap()
}

/// The rules by which rows were refused: row, place, rule.
pub(super) fn refused(read: &Foreign) -> Vec<(u64, String, String)> {
    let frame = read.report.rejected().unwrap();
    let rows = frame.column("row").unwrap().u64().unwrap().clone();
    let names = |name| texts(&frame, name).into_iter().map(Option::unwrap);
    let mut all: Vec<_> = rows
        .iter()
        .map(Option::unwrap)
        .zip(names("column"))
        .zip(names("reason"))
        .map(|((row, place), rule)| (row, place, rule))
        .collect();
    all.sort();
    all
}

pub(super) fn rules(read: &Foreign) -> Vec<String> {
    refused(read).into_iter().map(|(_, _, rule)| rule).collect()
}

pub(super) fn in_zone(name: &str) -> TableOptions {
    TableOptions {
        foreign: ForeignOptions {
            zone: Some(kohort::data::Zone::new(name).unwrap()),
            ..ForeignOptions::default()
        },
        ..TableOptions::default()
    }
}

/// Every column of the mapping's field table holds something.
pub(super) fn every_field_is_filled(standard: TableStandard, read: &Foreign) {
    for (field, _) in standard.mapping().fields {
        let (table, column) = field.split_once('.').unwrap_or(("events", field));
        let frame = match table {
            "events" => Some(&read.events),
            "catalog" => read.tables.catalog.as_ref(),
            "enrollments" => read.tables.enrollments.as_ref(),
            "memberships" => read.tables.memberships.as_ref(),
            "roles" => read.tables.roles.as_ref(),
            _ => None,
        };
        let values = frame.and_then(|frame| frame.column(column).ok());
        let filled = values.is_some_and(|values| values.null_count() < values.len());
        assert!(filled, "{standard:?}: no row fills `{field}`");
    }
}

#[test]
fn the_published_pages_hold_the_tables_of_the_code() {
    let pages = [
        include_str!("../../src/ingest/moodle/MAPPING.md"),
        include_str!("../../src/ingest/moodle/REPORT.md"),
        include_str!("../../src/ingest/canvas_web_logs/MAPPING.md"),
        include_str!("../../src/ingest/scorm/MAPPING.md"),
    ];
    assert_eq!(pages.len(), TableStandard::ALL.len());
    for (page, (name, standard)) in pages.iter().zip(TableStandard::ALL) {
        let mapping = standard.mapping();
        assert!(
            page.ends_with(&mapping.markdown()),
            "the page of `{name}` must end in\n{}",
            mapping.markdown()
        );
        for (at, (word, _)) in mapping.verbs.iter().enumerate() {
            let again = mapping.verbs[at + 1..]
                .iter()
                .any(|(other, _)| other == word);
            assert!(!again, "`{word}` stands twice in the mapping of `{name}`");
        }
        assert!(TableStandard::parse(name).is_ok());
    }
    assert!(TableStandard::parse("moodl").is_err());
}

const HEADER: &str = "id | eventname | userid | courseid | contextlevel | contextinstanceid | timecreated | relateduserid | other";
const ROWS: [&str; 4] = [
    r"1 | \core\event\course_viewed | 5 | 7 | 50 | 7 | 1772445600 | |",
    r#"2 | \core\event\course_module_completion_updated | 5 | 7 | 70 | 41 | 1772445660 | 5 | {"completionstate":2}"#,
    r"3 | \core\event\user_enrolment_created | 2 | 7 | 50 | 7 | 1772445000 | 6 |",
    r"4 | \core\event\course_viewed | 0 | 7 | 50 | 7 | 1772445600 | |",
];

fn log() -> DataFrame {
    table(HEADER, &ROWS)
}

fn read_path(path: &std::path::Path, options: &TableOptions) -> Foreign {
    let source = TableSource::Files(vec![path.display().to_string()]);
    read_tables(TableStandard::Moodle, &source, options).unwrap()
}

fn same(read: &Foreign, expected: &Foreign, how: &str) {
    assert!(
        read.events.equals_missing(&expected.events),
        "{how}: {} {}",
        read.events,
        expected.events
    );
    let enrollments = |read: &Foreign| read.tables.enrollments.clone().unwrap();
    assert!(
        enrollments(read).equals_missing(&enrollments(expected)),
        "{how}"
    );
    assert_eq!(refused(read), refused(expected), "{how}");
}

#[test]
fn every_form_of_a_table_gives_the_same() {
    let folder = folder("table_forms");
    let options = TableOptions::default();
    let expected = read_with(TableStandard::Moodle, log(), &options);
    assert_eq!(expected.events.height(), 3);
    assert_eq!(
        ints(&expected.events, "learner"),
        [Some(5), Some(5), Some(6)]
    );

    let mut frame = log();
    let quote = |cell: &str| format!("\"{}\"", cell.replace('"', "\"\""));
    let lines = ROWS.map(|row| {
        let cells: Vec<String> = row.split('|').map(|cell| quote(cell.trim())).collect();
        cells.join(",")
    });
    let csv = format!(
        "{}\r\n{}\r\n",
        HEADER.replace(" | ", ","),
        lines.join("\r\n")
    );
    let objects = ROWS.map(|row| {
        let pairs = HEADER.split(" | ").zip(row.split('|').map(str::trim));
        let filled = pairs
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(name, cell)| {
                // Numbers as numbers, `other` as an object.
                let value = serde_json::from_str(cell);
                (name.to_owned(), value.unwrap_or_else(|_| cell.into()))
            });
        let object: serde_json::Map<String, serde_json::Value> = filled.collect();
        serde_json::to_string(&object).unwrap()
    });
    fs::write(folder.join("log.csv"), &csv).unwrap();
    fs::write(folder.join("marked.csv"), format!("\u{feff}{csv}")).unwrap();
    fs::write(
        folder.join("log.csv.zst"),
        zstd::encode_all(csv.as_bytes(), 3).unwrap(),
    )
    .unwrap();
    fs::write(folder.join("log.jsonl"), objects.join("\n")).unwrap();
    fs::write(
        folder.join("log.json"),
        format!("[\n{}\n]", objects.join(",\n")),
    )
    .unwrap();
    fs::write(
        folder.join("sheets.json"),
        format!("[[{}]]", objects.join(",")),
    )
    .unwrap();
    let file = |name| fs::File::create(folder.join(name)).unwrap();
    ParquetWriter::new(file("log.parquet"))
        .finish(&mut frame)
        .unwrap();
    IpcWriter::new(file("log.arrow"))
        .finish(&mut frame)
        .unwrap();
    for name in [
        "log.csv",
        "marked.csv",
        "log.csv.zst",
        "log.jsonl",
        "log.json",
        "sheets.json",
        "log.parquet",
        "log.arrow",
    ] {
        same(&read_path(&folder.join(name), &options), &expected, name);
    }

    // Types that frames come in: integers, floats where something is absent, datetimes.
    for name in ["userid", "relateduserid", "timecreated"] {
        let floats = frame
            .column(name)
            .unwrap()
            .strict_cast(&DataType::Float64)
            .unwrap();
        frame.with_column(floats).unwrap();
    }
    same(
        &read_with(TableStandard::Moodle, frame.clone(), &options),
        &expected,
        "floats",
    );
    let seconds = frame
        .column("timecreated")
        .unwrap()
        .cast(&DataType::Int64)
        .unwrap();
    let micros = seconds.i64().unwrap() * 1_000_000;
    for zone in [None, Some(TimeZone::UTC)] {
        let times = micros.clone().into_datetime(TimeUnit::Microseconds, zone);
        frame.with_column(times.into_column()).unwrap();
        same(
            &read_with(TableStandard::Moodle, frame.clone(), &in_zone("UTC")),
            &expected,
            "times",
        );
    }
}

#[test]
fn converting_writes_what_reading_gives() {
    let folder = folder("table_convert");
    let output = folder.join("events.parquet");
    let key = Pseudonyms::new(&[7; 32]).unwrap();
    let mut pseudonymous = TableOptions::default();
    pseudonymous.foreign.pseudonyms = Some(key.clone());
    let mut texts_among_ids = log();
    texts_among_ids
        .vstack_mut(&table(
            HEADER,
            &[r"5 | \core\event\course_viewed | ann | 7 | 50 | 7 | 1772445600 | |"],
        ))
        .unwrap();
    for (frame, options, learner) in [
        (log(), TableOptions::default(), DataType::Int64),
        (log(), pseudonymous, DataType::String),
        (texts_among_ids, TableOptions::default(), DataType::String),
    ] {
        let read = read_with(TableStandard::Moodle, frame.clone(), &options);
        let source = TableSource::Frame(frame);
        let beside = convert_tables(TableStandard::Moodle, &source, &options, &output).unwrap();
        let written = ParquetReader::new(fs::File::open(&output).unwrap())
            .finish()
            .unwrap();
        let names: Vec<PlSmallStr> = read.events.get_column_names_owned();
        assert!(written.select(names).unwrap().equals_missing(&read.events));
        assert_eq!(written.column("learner").unwrap().dtype(), &learner);
        let enrollments = beside.tables.enrollments.unwrap();
        assert!(enrollments.equals_missing(&read.tables.enrollments.unwrap()));
        assert_eq!(enrollments.column("learner").unwrap().dtype(), &learner);
        assert_eq!(written.column("course").unwrap().dtype(), &DataType::Int64);
        if options.foreign.pseudonyms.is_some() {
            let learners = texts(&written, "learner");
            assert_eq!(learners[0], Some(key.of("5")));
            assert_eq!(texts(&enrollments, "learner"), [Some(key.of("6"))]);
        }
    }
}

#[test]
fn rows_that_do_not_fit_are_refused_and_the_others_read() {
    let folder = folder("table_ragged");
    let path = folder.join("log.csv");
    let long = "x".repeat(10 << 20);
    let csv = format!(
        "eventname,userid,timecreated,courseid\n\
         \\core\\event\\course_viewed,5,1772445600,7\n\
         \\core\\event\\course_viewed,5,1772445600\n\
         \\core\\event\\course_viewed,5,1772445600,7,8\n\
         \\core\\event\\course_viewed,{long},1772445600,7\n\
         {long},5,1772445600,7\n\
         \\core\\event\\course_viewed,5,NaN,7\n\
         \\core\\event\\course_viewed,5,99999999999999999999,7\n\
         \\core\\event\\course_viewed,5,9223372036854775807,7\n\
         \\core\\event\\course_viewed,5,-1,7\n\
         \\core\\event\\course_viewed,5,2026-02-31,7\n\
         \\core\\event\\course_viewed,123456789012345678901234567890,1772445600,7\n"
    );
    fs::write(&path, csv).unwrap();
    let read = read_path(&path, &in_zone("Europe/Berlin"));
    let expected = [
        (1, "row", "FieldCount"),
        (2, "row", "FieldCount"),
        (3, "learner", "TooLarge"),
        (5, "timecreated", "BadTime"),
        (6, "timecreated", "BadTime"),
        (7, "timecreated", "OutOfRange"),
        (8, "timecreated", "OutOfRange"),
        (9, "timecreated", "BadTime"),
    ];
    let expected = expected.map(|(row, place, rule)| (row, place.to_owned(), rule.to_owned()));
    assert_eq!(refused(&read), expected);
    // The event with a name of 10 MB is unknown, and its name is cut in the report.
    assert_eq!(read.events.height(), 3);
    assert!(
        read.report
            .findings()
            .iter()
            .all(|(finding, _)| finding.len() < 300)
    );
    // An id that no integer holds keeps all of them text.
    assert_eq!(
        read.events.column("learner").unwrap().dtype(),
        &DataType::String
    );

    let path = folder.join("log.jsonl");
    let deep = "[".repeat(10_000);
    fs::write(
        &path,
        format!(
            "{{\"eventname\":\"\\\\core\\\\event\\\\course_viewed\",\"userid\":5,\"timecreated\":1772445600,\"courseid\":7}}\n\
             {{\"eventname\":{deep}\n\
             {{\"userid\":1e400}}\n\
             {{\"userid\":NaN}}\n\
             {{\"eventname\":\"\\ud800\"}}\n\
             3\n\
             {{\"eventname\":\"x\"\n"
        ),
    )
    .unwrap();
    let read = read_path(&path, &TableOptions::default());
    assert_eq!(read.events.height(), 1);
    assert_eq!(
        rules(&read),
        [
            "NotJson",
            "NotJson",
            "NotJson",
            "NotJson",
            "NotAnObject",
            "NotJson"
        ]
    );
}

#[test]
fn structural_faults_are_errors_that_say_what_to_do() {
    let folder = folder("table_faults");
    let error = |name: &str, bytes: &[u8], options: &TableOptions| {
        let path = folder.join(name);
        fs::write(&path, bytes).unwrap();
        let source = TableSource::Files(vec![path.display().to_string()]);
        let read = read_tables(TableStandard::Moodle, &source, options);
        read.map(|read| read.events.height())
            .unwrap_err()
            .to_string()
    };
    let usual = TableOptions::default();
    let message = error("lacks.csv", b"eventname,userid\n", &usual);
    assert!(
        message.contains("column `timecreated` is missing"),
        "{message}"
    );
    let latin = b"eventname,userid,timecreated\n\xe9,5,1772445600\n";
    let message = error("latin.csv", latin, &usual);
    assert!(
        message.contains("line 2") && message.contains("encoding=\"cp1252\""),
        "{message}"
    );
    let message = error(
        "open.csv",
        b"eventname,userid,timecreated\n\"a,5,1\n",
        &usual,
    );
    assert!(message.contains("quote that is never closed"), "{message}");
    assert!(error("empty.csv", b"", &usual).contains("the file is empty"));
    let wrong = TableOptions {
        encoding: Some("latin-17".to_owned()),
        ..TableOptions::default()
    };
    assert!(error("latin.csv", latin, &wrong).contains("`encoding` must be"));
    let wrong = TableOptions {
        columns: vec![("learner".to_owned(), "user".to_owned())],
        ..TableOptions::default()
    };
    assert!(error("latin.csv", latin, &wrong).contains("`userid`"));
    let mapped = TableOptions {
        columns: vec![("userid".to_owned(), "user".to_owned())],
        encoding: Some("cp1252".to_owned()),
        ..TableOptions::default()
    };
    assert!(error("latin.csv", latin, &mapped).contains("column `user` is missing"));
    let cp1252 = TableOptions {
        encoding: Some("cp1252".to_owned()),
        ..TableOptions::default()
    };
    let read = read_path(&folder.join("latin.csv"), &cp1252);
    assert_eq!(
        read.report.findings()[2].0,
        "verb kept as interacted: \\\u{e9}"
    );
    let truncated = &zstd::encode_all(&latin[..], 3).unwrap()[..20];
    assert!(error("cut.csv.zst", truncated, &usual).contains("cut.csv.zst"));
    assert!(error("broken.parquet", b"PAR1 nothing PAR1", &usual).contains("broken.parquet"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_bytes_make_a_reader_stumble(
        standard in 0_usize..4,
        start in prop_oneof![
            Just(&b""[..]), Just(&b"eventname,userid,timecreated\n"[..]), Just(&b"[{"[..]),
            Just(&b"Time,Event name,Description,Origin\n"[..]), Just(&b"PAR1"[..]),
            Just(&b"{\"userid\":"[..]), Just(&b"learner,sco,time,session_time\n"[..]),
            Just(&b"user_id,timestamp,url\n"[..]), Just(&b"\x1f\x8b"[..]), Just(&b"ARROW1"[..])],
        bytes in proptest::collection::vec(
            prop_oneof![Just(b','), Just(b'"'), Just(b'\n'), Just(b'{'), Just(b'}'), Just(b'\''),
                Just(b':'), b'0'..=b'9', any::<u8>()], 0..300))
    {
        let (_, standard) = TableStandard::ALL[standard];
        let path = folder("table_bytes").join("table");
        fs::write(&path, [start, &bytes].concat()).unwrap();
        let source = TableSource::Files(vec![path.display().to_string()]);
        let read = read_tables(standard, &source, &in_zone("Europe/Berlin"));
        if let Ok(read) = read {
            prop_assert!(read.report.refused() + read.events.height() <= bytes.len() + start.len());
        }
    }

    #[test]
    fn no_cells_make_a_reader_stumble(
        standard in 0_usize..4,
        cells in proptest::collection::vec(prop_oneof![
            Just(String::new()), Just("5".to_owned()), Just("1772445600".to_owned()),
            Just("-1".to_owned()), Just("NaN".to_owned()), Just("PT5S".to_owned()),
            Just("29/02/18, 10:00".to_owned()), Just("2026-03-29T02:30".to_owned()),
            Just(r"\core\event\user_graded".to_owned()), Just("The user with id '5' ".to_owned()),
            ".{0,12}"], 60))
    {
        let (_, standard) = TableStandard::ALL[standard];
        let names = standard.columns();
        let columns = names.iter().zip(0..);
        let columns = columns.map(|(name, at)| {
            let cell = |row: usize| cells[(row * 7 + at) % cells.len()].clone();
            Column::new((*name).into(), (0..8).map(cell).collect::<Vec<_>>())
        });
        let frame = DataFrame::new(8, columns.collect()).unwrap();
        let read = read_with(standard, frame, &in_zone("Europe/Berlin"));
        let told = read.report.findings().iter().find(|(name, _)| name.starts_with("rows that tell"));
        let told = told.map_or(0, |(_, rows)| usize::try_from(*rows).unwrap());
        // Every row is an event, a fact or refused, and only one of them.
        prop_assert_eq!(read.report.refused() + read.events.height() + told, 8);
    }
}
