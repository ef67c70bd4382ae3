use std::fs::{self, File};
use std::path::Path;

use kohort::data::{LearningData, Options, Tables};
use kohort::ingest::{Format, read_files};
use polars::prelude::*;

use super::{folder, folder_with, ints, read, texts};

const LOG: &str = "learner,time,score\n7,2024-03-01T10:00:00Z,0.5\n12,2024-03-02T10:00:00Z,\n";

fn csv(name: &str, content: impl AsRef<[u8]>) -> Result<DataFrame, String> {
    let path = folder(name).join("log.csv");
    fs::write(&path, content).unwrap();
    read(&path, Format::Csv)
}

fn parquet(path: &Path, mut frame: DataFrame) {
    ParquetWriter::new(File::create(path).unwrap())
        .finish(&mut frame)
        .unwrap();
}

#[test]
fn csv_has_whole_numbers_text_and_nulls() {
    let frame = csv("csv_types", LOG).unwrap();
    assert_eq!(ints(&frame, "learner"), [Some(7), Some(12)]);
    assert_eq!(frame.column("time").unwrap().dtype(), &DataType::String);
    assert_eq!(texts(&frame, "score"), [Some("0.5".to_owned()), None]);
}

#[test]
fn byte_order_mark_crlf_quotes_and_a_missing_last_line_break_change_nothing() {
    let plain = csv("csv_plain", LOG).unwrap();
    let quoted = "\u{feff}\"learner\",\"time\",\"score\"\r\n\"7\",\"2024-03-01T10:00:00Z\",\"0.5\"\r\n\
                  12,2024-03-02T10:00:00Z,\"\"";
    assert!(csv("csv_quoted", quoted).unwrap().equals_missing(&plain));
}

#[test]
fn quoted_fields_hold_commas_quotes_and_line_breaks() {
    let frame = csv("csv_fields", "learner,response\n1,\"a, \"\"b\"\"\nc\"\n").unwrap();
    assert_eq!(texts(&frame, "response"), [Some("a, \"b\"\nc".to_owned())]);
}

#[test]
fn gzipped_text_is_read_and_a_cut_archive_is_an_error() {
    use std::io::Write;
    let path = folder("gzip").join("log.csv.gz");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(LOG.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    fs::write(&path, &packed).unwrap();
    assert_eq!(read(&path, Format::Csv).unwrap().height(), 2);
    fs::write(&path, &packed[..packed.len() - 12]).unwrap();
    assert!(read(&path, Format::Csv).unwrap_err().contains("log.csv.gz"));
}

#[test]
fn faults_of_structure_are_errors_that_name_the_line() {
    let cases: &[(&str, &[u8], &str)] = &[
        (
            "short",
            b"learner,time\n1,2\n1\n",
            "line 3 has 1 fields, the header has 2",
        ),
        (
            "long",
            b"learner,time\n1,2,3\n",
            "line 2 has 3 fields, the header has 2",
        ),
        (
            "open_quote",
            b"learner,time\n1,\"2\n1,2\n",
            "line 2 opens a quote that is never closed",
        ),
        ("latin", b"learner,time\n1,caf\xe9\n", "line 2 is not UTF-8"),
        ("utf16", b"\xff\xfel\0e\0a\0r\0n\0e\0r\0\n\0", "UTF-16"),
        ("utf16_bare", b"l\0e\0a\0r\0n\0e\0r\0\n\0", "UTF-16"),
        ("empty", b"", "the file is empty"),
        (
            "twice",
            b"learner,learner\n1,2\n",
            "names column `learner` twice",
        ),
        (
            "semicolons",
            b"learner;time\n1;2\n",
            "must be separated by commas",
        ),
    ];
    for (name, content, expected) in cases {
        let error = csv(name, content).unwrap_err();
        assert!(error.contains(expected), "{name}: {error}");
        assert!(error.contains("log.csv"), "{name}: {error}");
    }
}

#[test]
fn a_header_alone_is_an_empty_table() {
    let frame = csv("csv_header", "learner,time\n").unwrap();
    assert_eq!(frame.shape(), (0, 2));
}

#[test]
fn several_csv_files_are_typed_together_in_the_order_of_their_paths() {
    let path = folder_with(
        "csv_parts",
        &[("b.csv", "learner\nx7\n"), ("a.csv", "learner\n7\n")],
    );
    let frame = read(&path, Format::Csv).unwrap();
    assert_eq!(
        texts(&frame, "learner"),
        [Some("7".to_owned()), Some("x7".to_owned())]
    );
    fs::write(path.join("c.csv"), "user\n1\n").unwrap();
    let error = read(&path, Format::Csv).unwrap_err();
    assert!(
        error.contains("c.csv`: column `learner` is missing"),
        "{error}"
    );
}

#[test]
fn only_wanted_columns_are_read() {
    let path = folder_with("wanted", &[("a.csv", LOG)]);
    let wanted = ["learner".to_owned(), "verb".to_owned()];
    let source = [path.display().to_string()];
    let frame = read_files(&source, Format::Csv, Some(&wanted)).unwrap();
    assert_eq!(frame.get_column_names(), ["learner"]);
    parquet(&path.join("a.parquet"), frame.clone());
    let again = read_files(&source, Format::Parquet, Some(&wanted)).unwrap();
    assert!(again.equals(&frame));
}

#[test]
fn json_keeps_its_types_and_lacking_keys_are_null() {
    let lines = "{\"learner\": 7, \"score\": 0.5, \"ok\": true, \"big\": 18446744073709551615}\n\n\
                 {\"learner\": \"x\", \"score\": 1, \"note\": null, \"ok\": null}\r\n";
    let path = folder_with("json", &[("log.jsonl", lines)]);
    let frame = read(&path, Format::NdJson).unwrap();
    assert_eq!(
        texts(&frame, "learner"),
        [Some("7".to_owned()), Some("x".to_owned())]
    );
    let score: Vec<_> = frame
        .column("score")
        .unwrap()
        .f64()
        .unwrap()
        .iter()
        .collect();
    assert_eq!(score, [Some(0.5), Some(1.0)]);
    assert_eq!(frame.column("ok").unwrap().dtype(), &DataType::Boolean);
    assert_eq!(
        texts(&frame, "big"),
        [Some("18446744073709551615".to_owned()), None]
    );
    assert_eq!(frame.column("note").unwrap().null_count(), 2);
}

#[test]
fn json_faults_name_the_line_and_never_the_value() {
    let deep = format!("{{\"a\": {}1{}}}\n", "[".repeat(10_000), "]".repeat(10_000));
    let cases = [
        (
            "cut",
            "{\"a\": 1}\n{\"a\": \"se",
            "line 2: EOF while parsing a string",
        ),
        ("list", "[1]\n", "line 1 is not a JSON object"),
        ("bare", "\"secret\"\n", "line 1 is not a JSON object"),
        (
            "nested",
            "{\"a\": {\"b\": 1}}\n",
            "line 1: expected key `a` to hold one value",
        ),
        (
            "deep",
            &deep,
            "line 1: invalid type: sequence, expected key `a` to hold one value",
        ),
        (
            "double",
            "{\"a\": 1, \"a\": 2}\n",
            "line 1: key `a` stands there twice",
        ),
        (
            "two",
            "{\"a\": 1} {\"a\": 2}\n",
            "line 1: trailing characters",
        ),
    ];
    for (name, content, expected) in cases {
        let path = folder_with(name, &[("log.ndjson", content)]);
        let error = read(&path, Format::NdJson).unwrap_err();
        assert!(error.contains(expected), "{name}: {error}");
        assert!(!error.contains("secret"), "{name}: {error}");
    }
    let wanted = ["b".to_owned()];
    let path = folder_with("deep_unread", &[("log.ndjson", &deep)]);
    let source = [path.display().to_string()];
    assert!(read_files(&source, Format::NdJson, Some(&wanted)).is_ok());
}

#[test]
fn nothing_that_matches_is_an_error_with_the_pattern() {
    let path = folder_with("nothing", &[("_skipped.csv", LOG), ("log.txt", LOG)]);
    let at = path.display();
    for (entry, expected) in [
        (format!("{at}/*.parquet"), "no file matches this pattern"),
        (format!("{at}/log.csv"), "no such file or folder"),
        (format!("{at}"), "no file in this folder ends in .csv"),
        (format!("{at}/[.csv"), "attern"),
    ] {
        let error = read_files(std::slice::from_ref(&entry), Format::Csv, None).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert!(error.to_string().contains(&entry), "{error}");
    }
    assert!(read_files(&[], Format::Csv, None).is_err());
}

#[test]
fn a_file_named_twice_is_read_once() {
    let path = folder_with("once", &[("a.csv", LOG)]);
    let at = path.display();
    let source = [
        format!("{at}/*.csv"),
        format!("{at}/a.csv"),
        format!("{at}/../once"),
    ];
    assert_eq!(read_files(&source, Format::Csv, None).unwrap().height(), 2);
}

#[test]
fn frames_come_back_from_parquet_and_ipc() {
    let path = folder("binary");
    let times = Int64Chunked::new("time".into(), [0, 1_000_000])
        .into_datetime(TimeUnit::Microseconds, Some(TimeZone::UTC));
    let mut frame = DataFrame::new(
        2,
        vec![
            Column::new("learner".into(), ["a", "b"]),
            times.into_series().into_column(),
        ],
    )
    .unwrap();
    parquet(&path.join("log.parquet"), frame.clone());
    IpcWriter::new(File::create(path.join("log.arrow")).unwrap())
        .finish(&mut frame)
        .unwrap();
    assert_eq!(
        read(&path, Format::Parquet).unwrap().schema(),
        frame.schema()
    );
    assert!(read(&path, Format::Parquet).unwrap().equals(&frame));
    assert!(read(&path, Format::Ipc).unwrap().equals(&frame));
}

#[test]
fn integers_widen_across_files_and_other_differences_are_errors() {
    let path = folder("schemas");
    let one = |column: Column| DataFrame::new(1, vec![column]).unwrap();
    parquet(
        &path.join("a.parquet"),
        one(Column::new("learner".into(), [1_i32])),
    );
    parquet(
        &path.join("b.parquet"),
        one(Column::new("learner".into(), [1_i64 << 40])),
    );
    assert_eq!(
        ints(&read(&path, Format::Parquet).unwrap(), "learner"),
        [Some(1), Some(1 << 40)]
    );
    parquet(
        &path.join("c.parquet"),
        one(Column::new("learner".into(), ["x"])),
    );
    let error = read(&path, Format::Parquet).unwrap_err();
    assert!(
        error.contains("c.parquet`: column `learner` holds str"),
        "{error}"
    );
    parquet(
        &path.join("c.parquet"),
        one(Column::new("user".into(), [1_i64])),
    );
    let error = read(&path, Format::Parquet).unwrap_err();
    assert!(
        error.contains("c.parquet`: column `learner` is missing"),
        "{error}"
    );
}

#[test]
fn broken_binary_files_are_errors_and_never_panics() {
    let path = folder("broken");
    let ids: Vec<i64> = (0..2_000).collect();
    let names: Vec<String> = ids
        .iter()
        .map(|id| format!("learner {}", id % 50))
        .collect();
    let columns = vec![
        Column::new("id".into(), ids),
        Column::new("learner".into(), names),
    ];
    let mut frame = DataFrame::new(2_000, columns).unwrap();
    parquet(&path.join("log.parquet"), frame.clone());
    IpcWriter::new(File::create(path.join("log.arrow")).unwrap())
        .finish(&mut frame)
        .unwrap();
    for (file, format) in [("log.parquet", Format::Parquet), ("log.arrow", Format::Ipc)] {
        let whole = fs::read(path.join(file)).unwrap();
        let broken = path.join(format!("broken_{file}"));
        for part in 0..20 {
            fs::write(&broken, &whole[..whole.len() * part / 20]).unwrap();
            let error = read(&broken, format).unwrap_err();
            assert!(error.contains(file), "{error}");
        }
        for step in 0..100 {
            let mut flipped = whole.clone();
            flipped[whole.len() * step / 100] ^= 1 << (step % 8);
            fs::write(&broken, &flipped).unwrap();
            let _ = read(&broken, format);
        }
    }
}

#[test]
fn csv_text_is_read_as_the_numbers_and_flags_the_schema_expects() {
    let path = folder_with(
        "csv_log",
        &[(
            "log.csv",
            "learner,time,content,score,success,duration\n\
             007,2024-03-01T10:00:00Z,1.10,0.5,TRUE,12.5\n\
             7,2024-03-01T10:01:00Z,1.1,NA,false,\n\
             7,2024-03-01T10:02:00Z,1.1,half,,\n",
        )],
    );
    let events = read(&path, Format::Csv).unwrap();
    let data = LearningData::new(events, Tables::default(), &Options::default()).unwrap();
    // `007` and `7` are two learners, `1.10` and `1.1` two contents.
    assert_eq!((data.overview().learners, data.overview().contents), (2, 2));
    let rejected = data.rejected().unwrap();
    assert_eq!(ints(&rejected, "row"), [Some(2)]);
    assert_eq!(texts(&rejected, "column"), [Some("score".to_owned())]);
    assert_eq!(texts(&rejected, "reason"), [Some("BadValue".to_owned())]);
}
