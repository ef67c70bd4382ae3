//! No bytes make the reader stumble, hang or take memory without bounds.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

/// A few seconds at most, even on a busy machine.
const SOON: Duration = Duration::from_secs(5);

fn soon(record: &[u8]) -> Got {
    let begun = Instant::now();
    let got = read_bytes(record);
    assert!(begun.elapsed() < SOON);
    got
}

#[test]
fn ten_thousand_levels_are_no_trouble() {
    let good = server("showanswer", json!({"problem": PROBLEM})).to_string();
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
        for member in [
            "\"username\"",
            "\"event\"",
            "\"context\"",
            "\"time\"",
            "\"session\"",
        ] {
            let at = good.find(member).unwrap();
            let text = format!("{}{member}:{deep},\"x{}", &good[..at], &good[at + 1..]);
            soon(text.as_bytes());
        }
        let inside = Json::from(format!("{{\"problem\":{deep},\"id\":{deep}}}"));
        soon(server("showanswer", inside).to_string().as_bytes());
        soon(deep.as_bytes());
        soon(open.repeat(10_000).as_bytes());
    }
}

#[test]
fn ten_megabytes_of_text_are_no_trouble() {
    let long = "\\\"a".repeat(5_000_000);
    let problem = |r: &mut Json, text: &str| r["event"]["problem"] = text.into();
    let mut record = server("showanswer", json!({}));
    problem(&mut record, &long);
    let got = soon(record.to_string().as_bytes());
    // What is no key is no content.
    assert_eq!(got.cell("content").as_deref(), Some(COURSE));
    for member in ["event", "session", "page", "name", "time", "agent"] {
        let mut record = server("showanswer", json!({"problem": PROBLEM}));
        record[member] = long.clone().into();
        soon(record.to_string().as_bytes());
    }
    let many = format!(
        "{{\"answers\":{{{}\"z\":1}}}}",
        "\"a\":\"choice_1\",".repeat(500_000)
    );
    let got = soon(server("problem_check", many.into()).to_string().as_bytes());
    assert_eq!(got.cell("response"), None);
}

#[test]
fn a_text_in_a_text_in_a_text_is_taken_apart_twice_at_most() {
    let mut detail = json!({"problem": PROBLEM}).to_string();
    for level in 1..18 {
        let got = soon(
            server("showanswer", detail.clone().into())
                .to_string()
                .as_bytes(),
        );
        let known = got.cell("content").as_deref() == Some(PROBLEM);
        assert_eq!(known, level <= 2, "{level}");
        detail = Json::from(detail).to_string();
    }
}

#[test]
fn numbers_beyond_range_and_half_characters_are_refused_where_they_are_read() {
    let good = browser("play_video", &json!({})).to_string();
    let with = |detail: &str| {
        let at = "\"event\":\"{}\"";
        let text = good.replacen(at, &format!("\"event\":{detail}"), 1);
        assert_ne!(text, good);
        read_bytes(text.as_bytes())
    };
    for broken in [
        "{\"currentTime\":1e400}",
        "{\"currentTime\":NaN}",
        "{\"currentTime\":Infinity}",
        "{\"id\":\"\\ud800\"}",
        "{\"grade\":-1e999}",
    ] {
        assert_eq!(with(broken).rule(), ("record", "NotJson"), "{broken}");
        let inside = with(&Json::from(broken).to_string());
        assert_eq!(
            inside.findings,
            ["details cut off or no JSON, left out"],
            "{broken}"
        );
    }
    for unread in ["{\"x\":1e400}", "{\"x\":\"\\ud800\"}"] {
        assert!(with(unread).refused.is_none(), "{unread}");
    }
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        "\\PC{0,12}".prop_map(Json::from),
        "[-/:+@%_a-z0-9]{0,20}".prop_map(Json::from),
        Just(json!(PROBLEM)),
        Just(json!("{\"id\":")),
        Just(json!("\"{\\\"id\\\":1}\"")),
        Just(json!("/courses/course-v1:A+B+C/courseware/x/y")),
        Just(json!("edx.forum.thread.created")),
        Just(json!("seek_video")),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            proptest::collection::btree_map(
                "[a-z_]{1,8}|id|user_id|answers|submission",
                inner,
                0..4
            )
            .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_make_it_stumble(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut record = b"x {".to_vec();
        record.extend(bytes);
        read_bytes(&record);
    }

    #[test]
    fn no_change_of_bytes_makes_it_stumble(at in 0usize..600, byte in any::<u8>(), cut in 0usize..700) {
        let mut bytes = browser("seek_video", &json!({"id": VIDEO, "old_time": 1, "new_time": 2})).to_string().into_bytes();
        let length = bytes.len();
        bytes[at % length] = byte;
        bytes.truncate(cut.max(1));
        read_bytes(&bytes);
    }

    #[test]
    fn whatever_a_member_is_an_event_is_well_formed(
        members in proptest::collection::vec(("(event|context|name|event_type|event_source|time|session|user_id|agent|page|referer|data)", any_json()), 0..4),
        context in proptest::collection::vec(("(user_id|course_id|path|module|session|masquerade)", any_json()), 0..3),
        details in proptest::collection::vec(("(id|problem_id|grade|max_grade|currentTime|old_time|answers|submission|user_id|discussion|target_url|chapter|completion|attempts)", any_json()), 0..5),
        name in "(problem_check|seek_video|edx.grades.problem.submitted|edx.forum.response.created|book|x|/courses/a/b/c/progress)",
    ) {
        let mut record = server(&name, json!({}));
        for (key, value) in details {
            record["event"][key] = value;
        }
        for (key, value) in context {
            record["context"][key] = value;
        }
        for (key, value) in members {
            record[key] = value;
        }
        let got = read(&record);
        if got.events.height() == 1 {
            let number = |name: &str| got.events.column(name).unwrap().f64().unwrap().get(0);
            for share in ["score", "progress"] {
                prop_assert!(number(share).is_none_or(|v| (0.0..=1.0).contains(&v)));
            }
            for seconds in ["position", "position_to", "speed", "length"] {
                prop_assert!(number(seconds).is_none_or(|v| v >= 0.0 && v.is_finite()));
            }
            prop_assert!(got.cell("learner").is_some_and(|id| !id.trim().is_empty()));
        }
    }

    #[test]
    fn object_and_text_give_the_same(details in proptest::collection::btree_map(
        "(id|problem_id|grade|max_grade|currentTime|old_time|new_time|attempts|success)", any_json(), 0..6))
    {
        let details = Json::Object(details.into_iter().collect());
        let object = read(&server("seek_video", details.clone()));
        let text = read(&server("seek_video", details.to_string().into()));
        prop_assert_eq!(object.refused, text.refused);
        prop_assert!(object.events.equals_missing(&text.events));
    }
}
