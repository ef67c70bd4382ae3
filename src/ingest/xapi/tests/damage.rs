//! Damaged statements, and the same statement written otherwise.

use proptest::prelude::*;

use super::columns::columns;
use super::*;

/// A statement with much in it, to be damaged.
fn rich() -> impl Strategy<Value = Value> {
    let changes: Vec<Value> = columns().into_iter().map(|(_, change, _)| change).collect();
    prop::collection::vec(prop::sample::select(changes), 0..4)
        .prop_map(|changes| changes.iter().fold(least(), with))
}

proptest! {
    #[test]
    fn no_bytes_make_it_stumble(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read_with(&ForeignOptions::default(), &bytes);
    }

    /// Bytes changed, taken out, doubled and cut: either refused or read, never anything else,
    /// and what is read is JSON by the judgement of serde, too.
    #[test]
    fn damage_is_refused_or_read(
        statement in rich(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 0..4))
    {
        let mut text = statement.to_string().into_bytes();
        for (at, byte, how) in damage {
            let at = at.index(text.len());
            match how {
                0 => text[at] = byte,
                1 => { text.remove(at); }
                2 => { let part = text[at..].to_vec(); text.splice(at..at, part.into_iter().take(40)); }
                _ => text.truncate(at + 1),
            }
            if text.is_empty() { text.push(b' '); }
        }
        if let Ok(mut batch) = read_with(&ForeignOptions::default(), &text) {
            prop_assert!(serde_json::from_slice::<Value>(&text).is_ok());
            prop_assert!(batch.take_events().unwrap().height() <= 2);
        }
    }

    /// Neither the order of keys nor the white space between them is part of a statement.
    #[test]
    fn neither_order_nor_white_space_changes_an_event(statement in rich()) {
        fn turned(value: &Value) -> String {
            match value {
                Value::Object(map) => {
                    let parts: Vec<String> = map.iter().rev().map(|(key, value)| format!("\t{} :\n{}", json!(key), turned(value))).collect();
                    format!("{{ {} }}", parts.join(" ,"))
                }
                Value::Array(all) => format!("[ {} ]", all.iter().map(turned).collect::<Vec<_>>().join(" , ")),
                other => other.to_string(),
            }
        }
        let options = ForeignOptions::default();
        let read = |text: &str| read_with(&options, text.as_bytes()).map(|mut batch| batch.take_events().unwrap());
        match (read(&statement.to_string()), read(&turned(&statement))) {
            (Ok(one), Ok(other)) => prop_assert!(one.equals_missing(&other)),
            (one, other) => prop_assert_eq!(one.err(), other.err()),
        }
    }
}
