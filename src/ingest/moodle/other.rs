//! The column `other`: JSON, or PHP's serialization before Moodle 3.7. One value is looked up in
//! it; it is never kept.

use memchr::memmem;

/// A number or flag under a key, wherever it stands; `None` if it is anything else.
pub(super) fn number(other: &str, key: &str) -> Option<i64> {
    if other.starts_with(['{', '[']) {
        let value: serde_json::Value = serde_json::from_str(other).ok()?;
        return json(find(&value, key)?);
    }
    let quoted = format!("\"{key}\";");
    let at = memmem::find(other.as_bytes(), quoted.as_bytes())? + quoted.len();
    php(other.get(at..)?)
}

fn find<'a>(value: &'a serde_json::Value, key: &str) -> Option<&'a serde_json::Value> {
    let inside = value.as_object()?;
    let deeper = || inside.values().find_map(|value| find(value, key));
    inside.get(key).or_else(deeper)
}

fn json(value: &serde_json::Value) -> Option<i64> {
    match value {
        serde_json::Value::Bool(flag) => Some(i64::from(*flag)),
        serde_json::Value::String(text) => text.parse().ok(),
        other => other.as_i64(),
    }
}

/// `i:1;`, `b:0;` or `s:1:"1";`.
fn php(text: &str) -> Option<i64> {
    let (value, _) = text.split_once(';')?;
    let (kind, value) = value.split_once(':')?;
    match kind {
        "i" | "b" => value.parse().ok(),
        "s" => value.split_once(':')?.1.trim_matches('"').parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::number;

    #[test]
    fn both_forms_tell_the_same() {
        for text in [
            r#"{"relateduserid":5,"completionstate":2}"#,
            r#"{"completionstate":"2"}"#,
            r#"{"a":{"completionstate":2}}"#,
            r#"a:2:{s:13:"relateduserid";i:5;s:15:"completionstate";i:2;}"#,
            r#"a:1:{s:15:"completionstate";s:1:"2";}"#,
        ] {
            assert_eq!(number(text, "completionstate"), Some(2), "{text}");
        }
        assert_eq!(
            number(r#"a:1:{s:8:"lastenrol";b:0;}"#, "lastenrol"),
            Some(0)
        );
        assert_eq!(number(r#"{"lastenrol":false}"#, "lastenrol"), Some(0));
        for text in ["N;", "", "null", "{", r#"{"completionstate":null}"#, "[1]"] {
            assert_eq!(number(text, "completionstate"), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_stumble(text in ".{0,60}", head in "[a{\\[N]?") {
            number(&format!("{head}\"k\";{text}"), "k");
            number(&format!("{head}{text}"), "k");
        }
    }
}
