//! The pull reader against `serde_json`, on what is JSON, on what nearly is and on anything.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// A value as the pull reader sees it.
fn value(json: &mut Json<'_>) -> Result<Value> {
    match json.next() {
        Next::Object => {
            let mut map = serde_json::Map::new();
            json.object("x", |json, key| {
                map.insert(key.to_owned(), value(json)?);
                Ok(())
            })?;
            Ok(Value::Object(map))
        }
        Next::Array => {
            let mut all = Vec::new();
            json.array("x", |json| {
                all.push(value(json)?);
                Ok(())
            })?;
            Ok(Value::Array(all))
        }
        Next::Text => json.text("x").map(|text| text.into_owned().into()),
        Next::Number => json.number("x").map(Value::from),
        Next::Word => match json.flag("x") {
            Ok(flag) => Ok(flag.into()),
            Err(Fault {
                rule: "NullValue", ..
            }) => json.pass("x").map(|()| Value::Null),
            Err(fault) => Err(fault),
        },
    }
}

fn read(text: &[u8]) -> Result<Value> {
    let mut json = Json::new(text)?;
    let value = value(&mut json)?;
    json.end().map(|()| value)
}

fn passed(text: &[u8]) -> Result<()> {
    let mut json = Json::new(text)?;
    json.pass("x")?;
    json.end()
}

/// What `serde_json` makes of it, with every number as a float.
fn twin(text: &[u8]) -> Option<Value> {
    fn floats(value: Value) -> Value {
        match value {
            Value::Number(number) => Value::from(number.as_f64().unwrap()),
            Value::Array(all) => all.into_iter().map(floats).collect(),
            Value::Object(map) => map.into_iter().map(|(k, v)| (k, floats(v))).collect(),
            other => other,
        }
    }
    serde_json::from_slice(text).ok().map(floats)
}

#[test]
fn words_numbers_texts_and_their_faults() {
    for good in [
        "null",
        " true ",
        "[]",
        "{}",
        "-0.5e+3",
        "0",
        "\"\\ud83d\\ude00\\u0041\\/\"",
        "[1,[2,{}]]",
    ] {
        assert_eq!(read(good.as_bytes()).ok(), twin(good.as_bytes()), "{good}");
        assert!(passed(good.as_bytes()).is_ok(), "{good}");
    }
    for (bad, rule) in [
        ("", "BadJson"),
        ("nul", "BadJson"),
        ("NaN", "BadJson"),
        ("-Infinity", "BadJson"),
        ("01", "BadJson"),
        ("1.", "BadJson"),
        ("+1", "BadJson"),
        ("[1,]", "BadJson"),
        ("{\"a\":1,}", "BadJson"),
        ("{a:1}", "BadJson"),
        ("[1}", "BadJson"),
        ("\"a\nb\"", "BadJson"),
        ("\"\\x\"", "BadJson"),
        ("\"\\u12\"", "BadJson"),
        ("{}{}", "BadJson"),
        ("\"\\ud800\"", "LoneSurrogate"),
        ("\"\\udc00\\ud800\"", "LoneSurrogate"),
        ("\"\\ud800\\u0041\"", "LoneSurrogate"),
        ("{\"a\":1,\"\\u0061\":2}", "DuplicateKey"),
        ("[{\"a\":1,\"b\":1,\"a\":2}]", "DuplicateKey"),
    ] {
        assert_eq!(read(bad.as_bytes()).unwrap_err().rule, rule, "{bad}");
        assert_eq!(passed(bad.as_bytes()).unwrap_err().rule, rule, "{bad}");
    }
    assert_eq!(read(b"1e400").unwrap_err().rule, "NotFinite");
    assert!(passed(b"1e400").is_ok());
    assert_eq!(passed(b"\"\xff\"").unwrap_err().rule, "BadUtf8");
    let deep = "[".repeat(10_000);
    assert_eq!(passed(deep.as_bytes()).unwrap_err().rule, "TooDeep");
}

/// What somebody may send who wishes ill, or a platform that is broken: both readers say the same,
/// but for keys that come twice, and numbers that nobody asks for.
#[test]
fn both_readers_judge_hostile_texts_alike() {
    let nested = |open: &str, inside: &str, close: &str, depth: usize| {
        format!("{}{inside}{}", open.repeat(depth), close.repeat(depth))
    };
    let mut texts: Vec<Vec<u8>> = Vec::new();
    for depth in [1, 126, 127, 128, 129, 5_000] {
        texts.push(nested("[", "", "]", depth).into());
        texts.push(nested("{\"a\":", "0", "}", depth).into());
        texts.push(nested("[{\"a\":", "0", "}]", depth / 2).into());
        texts.push(nested("[{\"a\":", "[]", "}]", depth / 2).into());
        texts.push("[".repeat(depth).into());
    }
    for text in [
        "\u{feff}{}",
        "{}\0",
        "{\"a\":1}\u{a0}",
        "\u{2028}{}",
        "\"\u{0}\"",
        "\"\u{7f}\u{2028}\"",
        "\"\\u0000\"",
        "\"\\uD83D\"",
        "\"\\uDE00\\uD83D\"",
        "\"\\ud83d\\ud83d\\ude00\"",
        "\"\\u+123\"",
        "\"\\u00g0\"",
        "-",
        "-0",
        "-01",
        "1e",
        "1e+",
        ".5",
        "0x10",
        "1_000",
        "1e309",
        "-1e-400",
        "123456789012345678901234567890",
        "True",
        "nullnull",
        "null,",
        "// {}\n{}",
        "{'a':1}",
        "{\"a\" 1}",
        "{\"a\":}",
        "{,}",
        "[,1]",
        "[1 2]",
        "{1:2}",
    ] {
        texts.push(text.into());
    }
    texts.extend([
        b"\"\xed\xa0\x80\"".to_vec(),
        b"\"\xc0\xaf\"".to_vec(),
        b"\"\xf4\x90\x80\x80\"".to_vec(),
        b"{\"\xff\":1}".to_vec(),
        b"\xff\xfe{\0}\0".to_vec(),
    ]);
    let mut good = 0;
    for text in texts {
        let shown: String = String::from_utf8_lossy(&text).chars().take(40).collect();
        assert_eq!(read(&text).ok(), twin(&text), "{shown}");
        good += usize::from(read(&text).is_ok());
    }
    assert!(good > 10, "{good}");
}

#[test]
fn what_a_place_does_not_want_is_told_with_the_place() {
    let mut json = Json::new(b"null").unwrap();
    assert_eq!(json.text("here"), Err(fault("here", "NullValue")));
    assert_eq!(json.flag("here"), Err(fault("here", "NullValue")));
    let mut json = Json::new(b"\"\\q\"").unwrap();
    assert_eq!(json.number("here"), Err(BROKEN));
    let mut json = Json::new(b"[]").unwrap();
    assert_eq!(
        json.object("here", |_, _| Ok(())),
        Err(fault("here", "NotAnObject"))
    );
}

#[test]
fn many_keys_are_told_apart_as_few_are() {
    for count in [keys::FEW - 1, keys::FEW, keys::FEW + 1, 5_000] {
        let mut text = String::from("{");
        for key in 0..count {
            let _ = write!(text, "\"{key}\":0,");
        }
        let good = format!("{text}\"last\":0}}");
        assert!(passed(good.as_bytes()).is_ok(), "{count}");
        for twice in [0, count - 1] {
            let bad = format!("{text}\"{twice}\":0}}");
            assert_eq!(passed(bad.as_bytes()).unwrap_err().rule, "DuplicateKey");
        }
    }
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(|n| Value::from(f64::from(n))),
        "[ -~\\n\\t\"\\\\é漢😀]{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-c\"\\\\é]{0,3}", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn json_is_read_as_serde_reads_it(value in json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_vec_pretty(&value) } else { serde_json::to_vec(&value) };
        let text = text.unwrap();
        prop_assert_eq!(read(&text).unwrap(), value);
        prop_assert!(passed(&text).is_ok());
    }

    /// One byte of JSON changed: both readers agree on whether it still is JSON, and on what.
    /// The pull reader alone refuses keys that come twice, and numbers serde refuses too early.
    #[test]
    fn what_is_nearly_json_is_judged_as_serde_judges_it(
        value in json(), at in any::<prop::sample::Index>(), byte in prop_oneof![any::<u8>(), Just(b'"'), Just(b'\\'), Just(b'}'), Just(b',')])
    {
        let mut text = serde_json::to_vec(&value).unwrap();
        let at = at.index(text.len());
        text[at] = byte;
        match read(&text) {
            Ok(read) => prop_assert_eq!(Some(read), twin(&text)),
            Err(Fault { rule: "DuplicateKey" | "NotFinite", .. }) => {}
            Err(fault) => prop_assert!(twin(&text).is_none(), "{fault:?}"),
        }
    }

    #[test]
    fn no_bytes_make_it_stumble(text in prop::collection::vec(prop_oneof![Just(b'{'), Just(b'['),
        Just(b'"'), Just(b'\\'), Just(b'u'), Just(b'd'), Just(b':'), Just(b','), any::<u8>()], 0..80))
    {
        if let Ok(read) = read(&text) {
            prop_assert_eq!(Some(read), twin(&text));
            prop_assert!(passed(&text).is_ok());
        }
    }

    #[test]
    fn runs_of_plain_characters_end_where_a_slow_search_says(text in prop::collection::vec(
        prop_oneof![4 => any::<u8>(), 4 => 0x20_u8..0x60, 1 => Just(b'"'), 1 => 0_u8..0x20], 0..60))
    {
        let slow = text.iter().position(|b| matches!(b, b'"' | b'\\') || *b < 0x20);
        prop_assert_eq!(plain(&text), slow.unwrap_or(text.len()));
    }
}
