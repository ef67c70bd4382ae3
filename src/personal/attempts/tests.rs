//! Sequences of verbs whose attempts a reader can count.

use super::*;

/// What each event says: a verb, an attempt number or `NONE`, a score.
fn attempts(events: &[(Verb, u32, Option<f64>)]) -> Vec<Attempt> {
    let mut all = Attempts::default();
    all.begin(1);
    for (time, (verb, number, score)) in (0_i64..).zip(events) {
        let told = Told {
            item: 0,
            time,
            act: act(*verb, false, score.is_some()).unwrap(),
            number: *number,
            score: *score,
            success: None,
            response: NONE,
        };
        all.add(told);
    }
    all.all
}

fn count(verbs: &[Verb]) -> usize {
    let events: Vec<_> = verbs.iter().map(|verb| (*verb, NONE, None)).collect();
    attempts(&events).len()
}

#[test]
fn the_steps_of_an_attempt_are_one_attempt_and_a_step_back_is_the_next() {
    use Verb::{Answered, Attempted, Submitted};
    assert_eq!(count(&[Attempted, Answered, Submitted]), 1);
    assert_eq!(count(&[Submitted, Submitted]), 2);
    assert_eq!(count(&[Answered, Answered, Answered]), 3);
    assert_eq!(count(&[Attempted, Attempted, Submitted]), 2);
    assert_eq!(count(&[Attempted, Submitted, Answered, Submitted]), 2);
}

#[test]
fn a_result_closes_the_attempt_before_it() {
    use Verb::{Answered, Attempted, Failed, Graded, Passed, Submitted};
    assert_eq!(count(&[Submitted, Graded, Failed]), 1);
    assert_eq!(count(&[Attempted, Failed, Attempted, Passed]), 2);
    assert_eq!(count(&[Answered, Graded, Submitted]), 2);
    // Work that the log does not show: each verdict is an attempt, a grade and a verdict are one.
    assert_eq!(count(&[Failed, Failed, Passed]), 3);
    assert_eq!(count(&[Graded, Failed, Graded, Passed]), 2);
    // A grade alone may be corrected.
    assert_eq!(count(&[Graded, Graded]), 1);
}

#[test]
fn a_grade_is_the_score_of_the_submission_before_it() {
    use Verb::{Attempted, Graded, Submitted};
    let scores = |events: &[(Verb, u32, Option<f64>)]| -> Vec<Option<f64>> {
        attempts(events).iter().map(|a| a.score).collect()
    };
    // The next attempt is under way when the grade of the first comes, and then its correction.
    let events = [
        (Submitted, NONE, None),
        (Attempted, NONE, None),
        (Graded, NONE, Some(0.4)),
        (Submitted, NONE, None),
        (Graded, NONE, Some(0.7)),
        (Graded, NONE, Some(0.8)),
    ];
    assert_eq!(scores(&events), [Some(0.4), Some(0.8)]);
}

#[test]
fn numbers_say_which_attempt_it_is() {
    use Verb::{Answered, Graded, Submitted};
    let made = attempts(&[
        (Submitted, 1, None),
        (Answered, 2, None),
        (Graded, 1, Some(0.2)),
        (Answered, 2, None),
        (Submitted, 2, None),
        (Graded, NONE, Some(0.9)),
    ]);
    let told: Vec<_> = made.iter().map(|a| (a.opened, a.handed, a.score)).collect();
    assert_eq!(told, [(0, 0, Some(0.2)), (1, 4, Some(0.9))]);
}

#[test]
fn whether_it_was_right_is_known_or_it_is_not() {
    let with = |score, success| Attempt {
        score,
        success,
        stage: Stage::Submitted,
        ..Attempt::new(0, 0)
    };
    assert_eq!(with(Some(0.7), None).correct(None), None);
    assert_eq!(with(Some(0.7), None).correct(Some(0.7)), Some(true));
    assert_eq!(with(Some(0.7), Some(true)).correct(Some(0.8)), Some(true));
    assert_eq!(with(Some(1.0), None).correct(None), Some(true));
    assert_eq!(with(Some(1.0), Some(false)).correct(None), Some(false));
    assert_eq!(with(Some(0.0), None).correct(None), Some(false));
    assert_eq!(with(None, None).correct(Some(0.5)), None);
    let opened = Attempt {
        stage: Stage::Attempted,
        ..Attempt::new(0, 0)
    };
    assert_eq!(opened.correct(None), Some(false));
}

#[test]
fn nothing_is_found_of_an_earlier_gathering() {
    let told = |item, act| Told {
        item,
        time: 0,
        act,
        number: NONE,
        score: None,
        success: None,
        response: NONE,
    };
    let mut all = Attempts::default();
    all.begin(2);
    all.add(told(1, Act::Work(Stage::Attempted)));
    // The same learner as she was known later: an event before was received since.
    all.begin(2);
    all.add(told(0, Act::Work(Stage::Attempted)));
    all.add(told(1, Act::Work(Stage::Answered)));
    let items: Vec<u32> = all.all.iter().map(|attempt| attempt.item).collect();
    assert_eq!(items, [0, 1]);
}
