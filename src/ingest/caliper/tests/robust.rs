//! Whatever stands in a record, reading it neither panics nor half succeeds.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::super::feed::ForeignOptions;
use super::{TIME, attempt, event, film, row, try_read, with};

/// JSON of any shape, with the words of Caliper in it.
fn any_json() -> impl Strategy<Value = Value> {
    let words = prop_oneof![
        Just("id"),
        Just("type"),
        Just("actor"),
        Just("object"),
        Just("generated"),
        Just("attempt"),
        Just("isPartOf"),
        Just("extensions"),
        Just("roles"),
        Just("membership"),
        Just("duration"),
        Just("MediaEvent"),
        Just("Attempt"),
        Just("PT1S"),
        Just("Rating"),
        Just("values"),
        Just(TIME),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        any::<i64>().prop_map(Value::from),
        words.clone().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(words.clone().prop_map(str::to_owned), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_value_in_any_place_makes_it_stumble(
        values in proptest::collection::vec((0_usize..8, any_json()), 0..4),
    ) {
        let names = ["actor", "object", "target", "generated", "group", "membership", "session", "action"];
        let mut record = event("AssessmentItemEvent", "Completed", attempt());
        for (at, value) in values {
            record[names[at]] = value;
        }
        let (mut out, read) = try_read(&ForeignOptions::default(), record.to_string().as_bytes());
        let rows = out.take_events().unwrap().height();
        prop_assert!(rows <= 1 && (read.is_ok() || rows == 0));
    }

    #[test]
    fn no_bytes_make_it_stumble(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..9),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = event("GradeEvent", "Graded", attempt()).to_string().into_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let end = cut.index(bytes.len());
        for record in [&bytes[..], &bytes[..end]] {
            let (mut out, read) = try_read(&ForeignOptions::default(), record);
            let rows = out.take_events().unwrap().height();
            prop_assert!(rows <= 1 && (read.is_ok() || rows == 0));
        }
    }

    #[test]
    fn the_order_of_properties_changes_nothing(seed in any::<u64>()) {
        let whole = with(event("MediaEvent", "Paused", film()), json!({ "session": "s", "target": { "currentTime": "PT1S" } }));
        let mut fields: Vec<String> = whole.as_object().unwrap().iter()
            .map(|(name, value)| format!("{}:{value}", json!(name))).collect();
        let turn = usize::try_from(seed % 10).unwrap();
        fields.rotate_left(turn % whole.as_object().unwrap().len());
        if seed % 2 == 0 { fields.reverse(); }
        let text = format!("{{{}}}", fields.join(" ,\n "));
        let (mut out, read) = try_read(&ForeignOptions::default(), text.as_bytes());
        prop_assert_eq!(read, Ok(()));
        prop_assert!(out.take_events().unwrap().equals_missing(&row(&whole)));
    }
}
