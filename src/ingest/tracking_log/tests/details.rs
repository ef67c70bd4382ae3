//! What the details of single events become.

use super::*;
use crate::data::Kind;

#[test]
fn a_detail_in_a_text_is_the_same_detail() {
    let detail = json!({"id": VIDEO, "currentTime": 7.25, "note": "\u{e9}\"\\"});
    let plain = read(&server("play_video", detail.clone()));
    assert_eq!(plain.cell("position").as_deref(), Some("7.25"));
    let once = detail.to_string();
    let twice = Json::from(once.clone()).to_string();
    for text in [once, twice] {
        let got = read(&server("play_video", text.into()));
        assert!(got.events.equals_missing(&plain.events));
        assert!(got.findings.is_empty());
    }
}

#[test]
fn a_detail_that_is_cut_off_is_let_go_and_counted() {
    let mut record = browser("play_video", &json!({}));
    record["event"] = format!("{{\"id\": \"{VIDEO}\", \"currentTi").into();
    let got = read(&record);
    assert_eq!(got.findings, ["details cut off or no JSON, left out"]);
    assert_eq!(got.cell("position"), None);
    // The page still tells where it was.
    let sequence = "block-v1:Uni+Stats1+2024+type@sequential+block@s1";
    assert_eq!(got.cell("content").as_deref(), Some(sequence));
    for nothing in [json!(""), json!(null), json!([1, 2]), json!(true)] {
        record["event"] = nothing;
        assert!(read(&record).findings.is_empty());
    }
}

#[test]
fn positions_may_be_text_and_must_be_possible() {
    let play = |time: Json| {
        read(&browser(
            "play_video",
            &json!({"id": VIDEO, "currentTime": time}),
        ))
    };
    assert_eq!(
        play(json!("12.5")).cell("position").as_deref(),
        Some("12.5")
    );
    assert_eq!(play(json!(0)).cell("position").as_deref(), Some("0.0"));
    for nothing in [json!(null), json!("")] {
        let got = play(nothing);
        assert!(got.cell("position").is_none() && got.findings.is_empty());
    }
    for wrong in [
        json!(-1),
        json!("NaN"),
        json!("inf"),
        json!("abc"),
        json!([1]),
    ] {
        let got = play(wrong.clone());
        assert_eq!(got.cell("position"), None, "{wrong}");
        assert_eq!(got.findings.len(), 1, "{wrong}");
    }
    // A problem has no position.
    let other = read(&server(
        "showanswer",
        json!({"problem": PROBLEM, "currentTime": 3}),
    ));
    assert_eq!(other.cell("position"), None);
}

#[test]
fn mobile_events_carry_the_key_of_their_video() {
    let detail = json!({
        "module_id": VIDEO, "id": "i4x-Uni-Stats1-video-v1", "code": "mobile",
        "old_time": 30, "new_time": 0, "current_time": 30,
    });
    let mut record = server("edx.video.position.changed", detail.to_string().into());
    record["event_source"] = "mobile".into();
    record["user_id"] = 7.into();
    let got = read(&record);
    assert_eq!(got.cell("content").as_deref(), Some(VIDEO));
    assert_eq!(got.cell("position").as_deref(), Some("30.0"));
    assert_eq!(got.cell("position_to").as_deref(), Some("0.0"));
    let bare = read(&browser(
        "play_video",
        &json!({"id": "v1", "code": "html5"}),
    ));
    assert_eq!(bare.cell("content").as_deref(), Some(VIDEO));
}

#[test]
fn scores_are_shares_of_what_could_be_had() {
    let score = |name: &str, detail: Json| {
        let got = read(&server(name, detail));
        (got.cell("score"), got.findings.len())
    };
    let some = |text: &str| (Some(text.to_owned()), 0);
    assert_eq!(
        score("problem_check", json!({"grade": "3", "max_grade": 4})),
        some("0.75")
    );
    assert_eq!(
        score("problem_check", json!({"grade": 0, "max_grade": 0})),
        (None, 0)
    );
    assert_eq!(
        score("problem_check", json!({"grade": 5, "max_grade": 4})),
        (None, 1)
    );
    assert_eq!(
        score("problem_check", json!({"grade": -1, "max_grade": 4})),
        (None, 1)
    );
    let weighted = json!({"weighted_earned": 1, "weighted_possible": 8, "problem_id": PROBLEM});
    assert_eq!(
        score("edx.grades.problem.submitted", weighted),
        some("0.125")
    );
    let graded = json!({
        "weighted_graded_earned": 1, "weighted_graded_possible": 2,
        "weighted_total_earned": 3, "weighted_total_possible": 4,
    });
    assert_eq!(
        score("edx.grades.subsection.grade_calculated", graded),
        some("0.5")
    );
    let ungraded = json!({
        "weighted_graded_earned": 0, "weighted_graded_possible": 0,
        "weighted_total_earned": 3, "weighted_total_possible": 4,
    });
    assert_eq!(
        score("edx.grades.subsection.grade_calculated", ungraded),
        some("0.75")
    );
    let course = read(&server(
        "edx.grades.course.grade_calculated",
        json!({"user_id": "7", "percent_grade": 0.02}),
    ));
    assert_eq!(course.cell("score").as_deref(), Some("0.02"));
    assert_eq!(course.cell("content").as_deref(), Some(COURSE));
}

#[test]
fn success_and_attempts_are_what_they_can_be() {
    let check = |detail: Json| read(&server("problem_check", detail));
    for (told, expected) in [
        (json!("correct"), Some("true")),
        (json!("incorrect"), Some("false")),
        (json!(true), Some("true")),
        (json!("partially-correct"), None),
        (json!(1), None),
    ] {
        assert_eq!(
            check(json!({"success": told})).cell("success").as_deref(),
            expected
        );
    }
    for (told, expected) in [
        (json!(3), Some("3")),
        (json!("4"), Some("4")),
        (json!(0), None),
        (json!(1.5), None),
        (json!(-2), None),
        (json!(4_294_967_296_u64), None),
    ] {
        assert_eq!(
            check(json!({"attempts": told})).cell("attempt").as_deref(),
            expected
        );
    }
    let failed = read(&server(
        "edx.course.grade.now_failed",
        json!({"user_id": 7}),
    ));
    assert_eq!(failed.cell("success").as_deref(), Some("false"));
}

#[test]
fn a_response_is_an_option_and_never_what_was_typed() {
    let check = |kind: Json, answers: Json| {
        let submission = json!({"a_2_1": {"response_type": kind, "answer": "secret text"}});
        let detail = json!({"problem_id": PROBLEM, "answers": answers, "submission": submission});
        read(&server("problem_check", detail)).cell("response")
    };
    let one = |answer: &str| json!({"a_2_1": answer});
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        check(json!("multiplechoiceresponse"), one("choice_2")),
        some("choice_2")
    );
    let several = json!({"a_2_1": ["choice_0", "choice_2"]});
    assert_eq!(
        check(json!("choiceresponse"), several),
        some("choice_0[,]choice_2")
    );
    assert_eq!(check(json!("optionresponse"), one("blue")), some("blue"));
    assert_eq!(check(json!(null), one("choice_1")), some("choice_1"));
    for kind in [
        "stringresponse",
        "numericalresponse",
        "customresponse",
        "formularesponse",
    ] {
        assert_eq!(check(json!(kind), one("my name is Ann")), None, "{kind}");
        assert_eq!(check(json!(kind), one("choice_1")), None, "{kind}");
    }
    assert_eq!(check(json!(null), one("my name is Ann")), None);
    assert_eq!(check(json!("multiplechoiceresponse"), one("my name")), None);
    assert_eq!(check(json!("optionresponse"), one(&"x".repeat(200))), None);
    let two = json!({"a_2_1": "choice_1", "a_3_1": "choice_2"});
    assert_eq!(check(json!("multiplechoiceresponse"), two), None);
    let mut poll = server("xblock.poll.submitted", json!({"choice": "R"}));
    poll["context"]["module"] = json!({"usage_key": PROBLEM});
    assert_eq!(read(&poll).cell("response"), some("R"));
}

#[test]
fn the_thread_is_what_is_discussed() {
    for (name, detail, verb) in [
        ("edx.forum.thread.created", json!({"id": "t1"}), "posted"),
        (
            "edx.forum.response.created",
            json!({"id": "r1", "discussion": {"id": "t1"}}),
            "replied",
        ),
        (
            "edx.forum.comment.created",
            json!({"id": "c1", "discussion": {"id": "t1"}, "response": {"id": "r1"}}),
            "commented",
        ),
        (
            "edx.forum.thread.voted",
            json!({"id": "t1", "vote_value": "up"}),
            "liked",
        ),
        (
            "edx.forum.thread.voted",
            json!({"id": "t1", "undo_vote": true}),
            "interacted",
        ),
    ] {
        let got = read(&server(name, detail));
        assert_eq!(got.cell("content").as_deref(), Some("t1"), "{name}");
        assert_eq!(got.cell("verb").as_deref(), Some(verb), "{name}");
        let kind = got.facts.contents[&(COURSE.into(), "t1".into())].kind;
        assert_eq!(kind.map(Kind::word), Some("discussion"));
    }
    let searched = read(&server("edx.forum.searched", json!({"query": "x"})));
    assert_eq!(
        searched.cell("content"),
        Some(format!("{COURSE}/discussion"))
    );
}

#[test]
fn links_lead_to_their_target_inside_the_course() {
    let click = |target: &str| {
        let record = browser("edx.ui.lms.link_clicked", &json!({"target_url": target}));
        read(&record).cell("content")
    };
    let unit = "block-v1:Uni+Stats1+2024+type@vertical+block@u1";
    let inside = format!("https://lms.example.org/courses/{COURSE}/jump_to/{unit}");
    assert_eq!(click(&inside).as_deref(), Some(unit));
    let here = Some("block-v1:Uni+Stats1+2024+type@sequential+block@s1".to_owned());
    assert_eq!(click("https://en.wikipedia.org/wiki/Median"), here);
    assert_eq!(
        click("https://lms.example.org/courses/Other/S1/2013/progress"),
        here
    );
}

#[test]
fn completion_decides_between_completed_and_progressed() {
    let name = "edx.completion.block_completion.changed";
    let of = |value: Json| {
        let got = read(&server(
            name,
            json!({"user_id": 7, "block_id": VIDEO, "completion": value}),
        ));
        (got.cell("verb").unwrap(), got.cell("progress"))
    };
    assert_eq!(
        of(json!(1.0)),
        ("completed".to_owned(), Some("1.0".to_owned()))
    );
    assert_eq!(
        of(json!(0.25)),
        ("progressed".to_owned(), Some("0.25".to_owned()))
    );
    assert_eq!(of(json!(null)), ("interacted".to_owned(), None));
    assert_eq!(of(json!(2)), ("interacted".to_owned(), None));
}

#[test]
fn a_chapter_is_told_of_what_is_on_the_page_only() {
    let module = |name: &str, detail: Json| {
        let got = read(&browser(name, &detail));
        let content = got.cell("content").unwrap();
        got.facts.contents[&(COURSE.to_owned(), content)]
            .module
            .clone()
    };
    let chapter = Some("block-v1:Uni+Stats1+2024+type@chapter+block@c1".to_owned());
    assert_eq!(module("pause_video", json!({"id": "v1"})), chapter);
    let far = format!("/courses/{COURSE}/courseware/c9/s9/");
    assert_eq!(
        module("edx.ui.lms.outline.selected", json!({"target_url": far})),
        None
    );
    assert_eq!(
        module(
            "edx.bookmark.accessed",
            json!({"component_usage_id": PROBLEM})
        ),
        None
    );
    assert_eq!(
        module("book", json!({"chapter": "/static/reader.pdf"})),
        None
    );
}
