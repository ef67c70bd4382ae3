//! xAPI from files: shapes of files, voiding, and what no file may do.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use kohort::ingest::{Foreign, ForeignOptions, Standard, convert_standard, read_standard};
use polars::prelude::*;
use proptest::prelude::*;

use super::{folder, folder_with, texts};

/// A statement of a learner, with a second to tell it from others.
pub(crate) fn statement(second: u32, learner: &str) -> String {
    format!(
        "{{\"id\": \"11111111-2222-3333-4444-{second:012}\", \
         \"actor\": {{\"account\": {{\"homePage\": \"http://lms.example\", \"name\": \"{learner}\"}}}}, \
         \"verb\": {{\"id\": \"http://adlnet.gov/expapi/verbs/experienced\"}}, \
         \"object\": {{\"id\": \"http://lms.example/page/1\"}}, \
         \"timestamp\": \"2024-03-01T10:00:{:02}Z\"}}",
        second % 60
    )
}

fn voiding(second: u32, voided: u32) -> String {
    statement(second, "admin")
        .replace("verbs/experienced", "verbs/voided")
        .replace(
            "{\"id\": \"http://lms.example/page/1\"}",
            &format!("{{\"objectType\": \"StatementRef\", \"id\": \"11111111-2222-3333-4444-{voided:012}\"}}"),
        )
}

pub(crate) fn read(path: &Path) -> Result<Foreign, String> {
    let source = [path.display().to_string()];
    read_standard(Standard::Xapi, &source, &ForeignOptions::default()).map_err(|e| e.to_string())
}

/// Place and rule of each refused record, in order.
pub(crate) fn rules(read: &Foreign) -> Vec<String> {
    let table = read.report.rejected().unwrap();
    let cells = texts(&table, "column")
        .into_iter()
        .zip(texts(&table, "reason"));
    cells
        .map(|(place, rule)| format!("{} {}", place.unwrap(), rule.unwrap()))
        .collect()
}

fn finding(read: &Foreign, name: &str) -> u64 {
    let findings = read.report.findings().iter();
    findings
        .filter(|(finding, _)| finding == name)
        .map(|(_, count)| count)
        .sum()
}

#[test]
fn lines_arrays_and_pages_hold_the_same_statements() {
    let [a, b, c] = [1, 2, 3].map(|second| statement(second, "ann"));
    let whole = folder_with("xapi_shapes", &[("log.jsonl", &format!("{a}\n{b}\n{c}\n"))]);
    let expected = read(&whole).unwrap().events;
    assert_eq!(expected.height(), 3);
    for (name, text) in [
        ("array", format!("[{a},\n{b},{c}]")),
        ("lines_and_arrays", format!("{a}\n[{b},{c}]\n")),
        (
            "page",
            format!("{{\"statements\":[{a},{b},{c}],\"more\":\"\"}}"),
        ),
        (
            "pages",
            format!(
                "{{\"more\":\"/x\",\"statements\":[{a}]}}\n{{\"statements\":[{b},{c}],\"more\":\"\"}}\n"
            ),
        ),
        (
            "pages_apart",
            format!("{{\n\"statements\": [\n{a}\n]\n}}\n{{\n\"statements\": [{b},{c}]}}"),
        ),
        ("mark", format!("\u{feff}{a}\n{b}\n{c}")),
    ] {
        let path = folder_with(&format!("xapi_{name}"), &[("log.json", &text)]);
        let read = read(&path).unwrap();
        assert!(
            read.events.equals_missing(&expected),
            "{name}: {:?}",
            rules(&read)
        );
        assert_eq!(read.report.refused(), 0, "{name}");
    }
}

#[test]
fn what_is_void_goes_wherever_it_stands() {
    let group = statement(5, "x").replace(
        "{\"account\": {\"homePage\": \"http://lms.example\", \"name\": \"x\"}}",
        "{\"objectType\": \"Group\", \"member\": [{\"openid\": \"http://a.example\"}, {\"openid\": \"http://b.example\"}]}",
    );
    let path = folder_with(
        "xapi_void",
        &[
            (
                "a.jsonl",
                &format!("{}\n{}\n{group}\n", voiding(10, 2), statement(1, "ann")),
            ),
            (
                "b.jsonl",
                &format!("{}\n{}\n", statement(2, "ann"), voiding(11, 5)),
            ),
        ],
    );
    let whole = read(&path).unwrap();
    assert_eq!(
        texts(&whole.events, "id"),
        [Some("11111111-2222-3333-4444-000000000001".to_owned())]
    );
    assert_eq!(finding(&whole, "events declared void, left out"), 3);

    let output = path.join("events.parquet");
    let source = [path.display().to_string()];
    let converted =
        convert_standard(Standard::Xapi, &source, &ForeignOptions::default(), &output).unwrap();
    assert_eq!(finding(&converted, "events declared void, left out"), 3);
    let written = ParquetReader::new(fs::File::open(&output).unwrap())
        .finish()
        .unwrap();
    let names = whole.events.get_column_names_owned();
    assert!(written.select(names).unwrap().equals_missing(&whole.events));
}

#[test]
fn a_line_that_is_cut_off_loses_itself_only() {
    let cut = &statement(1, "ann")[40..];
    let path = folder_with(
        "xapi_cut",
        &[
            ("first.jsonl", &format!("{cut}\n{}\n", statement(2, "ann"))),
            (
                "head.jsonl",
                &format!("{}\n{}\n", &statement(1, "ann")[..40], statement(3, "ann")),
            ),
            (
                "last.jsonl",
                &format!("{}\n{}", statement(4, "ann"), &statement(5, "ann")[..40]),
            ),
        ],
    );
    let read = read(&path).unwrap();
    assert_eq!(read.events.height(), 3);
    assert_eq!(
        rules(&read),
        [
            "statement NotAnObject", // it goes on with the rest of a number
            "record BadJson",
            "record BadJson"
        ]
    );
}

#[test]
fn hostile_records_are_refused_one_by_one() {
    let good = statement(1, "ann");
    let result = |json: &str| good.replacen('{', &format!("{{\"result\": {json}, "), 1);
    let deep = format!(
        "{{\"extensions\": {{\"a:b\": {}{}}}}}",
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    let cases = [
        (result("{\"score\": {\"raw\": NaN}}"), "record BadJson"),
        (
            result("{\"score\": {\"raw\": 1e400}}"),
            "result.score NotFinite",
        ),
        (result(&deep), "result.extensions TooDeep"),
        (
            result("{\"response\": \"\\ud800\"}"),
            "record LoneSurrogate",
        ),
        (
            result("{\"success\": true, \"success\": true}"),
            "result DuplicateKey",
        ),
        (
            result("{\"extensions\": {\"a:b\": {\"x\": 1, \"\\u0078\": 2}}}"),
            "result.extensions DuplicateKey",
        ),
        (
            result(&format!("{{\"response\": \"{}\"}}", "x".repeat(17 << 20))),
            "record TooLarge",
        ),
        (
            good.replace("\"ann\"", &format!("\"{}\"", "a".repeat(10 << 20))),
            "learner TooLarge",
        ),
        ("[".repeat(10_000), "statement TooDeep"),
        ("null".to_owned(), "statement NullValue"),
        (
            "{\"statements\": 1}".to_owned(),
            "statement UnknownProperty",
        ),
    ];
    let mut text = format!("{good}\n");
    for (case, _) in &cases {
        writeln!(text, "{case}").unwrap();
    }
    // A long text that nobody needs is no fault.
    let long = result(&format!("{{\"response\": \"{}\"}}", "x".repeat(10 << 20)));
    writeln!(text, "{long}").unwrap();
    let path = folder_with("xapi_hostile", &[("log.jsonl", &text)]);
    let read = read(&path).unwrap();
    let expected: Vec<&str> = cases.iter().map(|(_, rule)| *rule).collect();
    assert_eq!(rules(&read), expected);
    assert_eq!(read.events.height(), 2);
}

#[test]
fn files_that_break_off_are_errors() {
    let path = folder("xapi_truncated");
    let mut text = String::new();
    for second in 0..2_000 {
        writeln!(text, "{}", statement(second, "ann")).unwrap();
    }
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(text.as_bytes()).unwrap();
    let gz = gz.finish().unwrap();
    let zst = zstd::encode_all(text.as_bytes(), 1).unwrap();
    for (name, bytes) in [("log.jsonl.gz", &gz), ("log.jsonl.zst", &zst)] {
        let file = path.join(name);
        fs::write(&file, bytes).unwrap();
        assert_eq!(read(&file).unwrap().events.height(), 2_000, "{name}");
        for cut in [bytes.len() - 1, bytes.len() / 2, 12] {
            fs::write(&file, &bytes[..cut]).unwrap();
            let error = read(&file).unwrap_err();
            assert!(error.contains(name), "{error}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever a file holds, reading ends, and each record is an event, refused, or counted.
    #[test]
    fn any_file_is_read_or_refused(
        parts in prop::collection::vec(prop_oneof![
            3 => (0..60_u32).prop_map(|second| format!("{}\n", statement(second, "ann")).into_bytes()),
            1 => (0..60_u32, 1..200_usize).prop_map(|(second, cut)| statement(second, "ann").into_bytes()[..cut].to_vec()),
            1 => prop::collection::vec(any::<u8>(), 0..40),
            1 => prop::sample::select(vec!["[", "]", "{", "}", ",", "\n", "\"", "{\"statements\":[", "]}", "\\"]).prop_map(|s| s.as_bytes().to_vec()),
        ], 0..12), case in any::<u64>())
    {
        let bytes: Vec<u8> = parts.concat();
        let path = folder(&format!("xapi_any_{case}"));
        let file = path.join("log.jsonl");
        fs::write(&file, &bytes).unwrap();
        if let Ok(read) = read(&file) {
            let most = bytes.windows(9).filter(|window| window == b"timestamp").count();
            prop_assert!(read.events.height() <= most);
        }
        fs::remove_dir_all(&path).unwrap();
    }
}
