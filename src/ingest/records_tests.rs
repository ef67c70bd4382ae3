use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Vec<String> {
    let mut records = Records::new(text.as_bytes(), &["statements", "data"]);
    let mut all = Vec::new();
    while let Some(block) = records.block().unwrap() {
        let texts = block
            .records()
            .map(|r| String::from_utf8_lossy(r).trim().to_owned());
        all.extend(texts);
    }
    all
}

#[test]
fn lines_arrays_and_pages_hold_the_same_records() {
    let expected = ["{\"a\":\"]}\\\"\"}", "{\"b\":[{}]}"];
    let [a, b] = expected;
    for text in [
        format!("{a}\n{b}\n"),
        format!("{a}\r\n\n{b}"),
        format!("[{a},{b}]"),
        format!("[\n {a} ,\n {b} \n]\n"),
        format!("{{\"statements\":[{a},{b}],\"more\":\"/x\"}}"),
        format!("{{\n\"more\": \"\",\n\"statements\": [\n{a},\n{b}]\n}}"),
        format!("\n{a}\n{b}"),
    ] {
        assert_eq!(read(&text), expected, "{text}");
    }
}

#[test]
fn pages_on_lines_are_records_that_hold_records() {
    let pages = ["{\"statements\":[{},1]}", "{\"more\":[1],\"data\":[{}]}"];
    assert_eq!(read(&pages.join(" \n ")), pages);
    let inside = |page: &'static str| split(page.as_bytes(), &["statements", "data"]);
    let inside: Vec<&[u8]> = pages.into_iter().flat_map(inside).collect();
    assert_eq!(inside, [&b"{}"[..], b"1", b"{}"]);
}

#[test]
fn a_first_line_that_is_cut_off_spoils_no_other() {
    for cut in ["{\"a\": \"tru", "{\"a\": 1", "\"}", "[{\"a\""] {
        let text = format!("{cut}\n{{\"b\":1}}\n{{\"c\":2}}\n");
        assert_eq!(read(&text), [cut, "{\"b\":1}", "{\"c\":2}"], "{cut}");
    }
}

#[test]
fn what_is_no_object_is_a_record_too() {
    assert_eq!(
        read("[1, \"x,y\", null, {}]"),
        ["1", "\"x,y\"", "null", "{}"]
    );
    assert_eq!(read("not json\n{}\n"), ["not json", "{}"]);
    assert_eq!(read("a header: {\"a\": 1}"), ["a header: {\"a\": 1}"]);
    assert_eq!(read("{\"a\": {\"statements\": [1]}}").len(), 1);
    assert_eq!(read("[{\"a\":1},{\"b\":"), ["{\"a\":1}", "{\"b\":"]);
    assert!(read("").is_empty() && read("[]").is_empty() && read(" \n ").is_empty());
}

#[test]
fn a_record_that_is_too_long_is_passed_over_and_counted() {
    for more in [1, BLOCK / 2, BLOCK, 2 * BLOCK] {
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(LONGEST + more));
        for text in [
            format!("{{}}\n{long}\n{{\"b\":1}}\n"),
            format!("[{{}},\n{long},{{\"b\":1}}]"),
        ] {
            assert_eq!(read(&text), ["{}", "", "{\"b\":1}"], "{more}");
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_stumble(text in proptest::collection::vec(
        prop_oneof![Just(b'{'), Just(b'}'), Just(b'['), Just(b']'), Just(b'"'), Just(b'\\'),
            Just(b','), Just(b':'), Just(b'\n'), Just(b' '), any::<u8>()], 0..200))
    {
        let mut records = Records::new(&text[..], &["statements"]);
        let mut bytes = 0;
        while let Some(block) = records.block().unwrap() {
            bytes += block.records().map(<[u8]>::len).sum::<usize>();
        }
        prop_assert!(bytes <= text.len());
    }

    #[test]
    fn elements_are_found_however_they_are_written(values in proptest::collection::vec("[a-z\\[\\]{},:\"\\\\\n]{0,9}", 1..9)) {
        let objects: Vec<serde_json::Value> =
            values.iter().map(|v| serde_json::json!({ "k": [v, { "z": v }] })).collect();
        let plain = serde_json::to_string(&objects).unwrap();
        let pretty = serde_json::to_string_pretty(&serde_json::json!({ "statements": objects })).unwrap();
        for text in [plain, pretty] {
            let read: Vec<serde_json::Value> =
                read(&text).iter().map(|r| serde_json::from_str(r).unwrap()).collect();
            prop_assert_eq!(&read, &objects);
        }
    }
}
