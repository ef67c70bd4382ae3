//! Positions, scores and answers of an event.

use std::borrow::Cow;

use super::place::of_film;
use super::record::{Answer, Details};
use super::value::Value;
use crate::data::Verb;
use crate::ingest::batch::Row;

const SCORE: &str = "scores below zero or above the maximum, left out";
const POSITION: &str = "positions and speeds that cannot be, left out";

/// Fills the columns that depend on the detail; returns what was odd.
pub(super) fn fill(
    row: &mut Row<'_>,
    details: &Details<'_>,
    name: &str,
) -> [Option<&'static str>; 2] {
    let mut odd = [None, None];
    let mut seconds = |value: &Value<'_>| {
        let number = value.number().filter(|number| *number >= 0.0);
        if number.is_none() && value.says_something() {
            odd[0] = Some(POSITION);
        }
        number
    };
    if of_film(name) || name.starts_with("microsoft.office.mix.") {
        let now = details.current_time.or(&details.current_time_too);
        if row.verb == Verb::Seeked {
            row.position = seconds(details.old_time.or(now));
            row.position_to = seconds(&details.new_time);
        } else {
            row.position = seconds(now);
        }
        row.length = seconds(&details.duration).filter(|length| *length > 0.0);
        row.speed = seconds(&details.new_speed).filter(|speed| *speed > 0.0);
    }
    row.score = score(details, name).and_then(|score| {
        let within = (0.0..=1.0).contains(&score);
        if !within {
            odd[1] = Some(SCORE);
        }
        within.then_some(score)
    });
    row.success = success(details, name);
    row.attempt = attempt(details);
    row.progress = progress(details, name);
    row.verb = verb(row, details, name);
    odd
}

/// Points of those that could be had; nothing out of nothing is no score.
fn score(details: &Details<'_>, name: &str) -> Option<f64> {
    let share = |earned: &Value<'_>, possible: &Value<'_>| {
        let possible = possible.number().filter(|possible| *possible > 0.0)?;
        Some(earned.number()? / possible)
    };
    if name.starts_with("edx.grades.course.") {
        return details.percent_grade.number();
    }
    if name.starts_with("edx.grades.subsection.") {
        return share(&details.graded_earned, &details.graded_possible)
            .or_else(|| share(&details.total_earned, &details.total_possible));
    }
    if name.starts_with("edx.grades.") {
        return share(&details.weighted_earned, &details.weighted_possible);
    }
    share(&details.grade, &details.max_grade)
}

fn success(details: &Details<'_>, name: &str) -> Option<bool> {
    if name == "edx.course.grade.now_failed" {
        return Some(false);
    }
    let told = match &details.success {
        Value::Null => &details.is_correct,
        success => success,
    };
    match told {
        Value::Flag(flag) => Some(*flag),
        Value::Text(text) if text == "correct" => Some(true),
        Value::Text(text) if text == "incorrect" => Some(false),
        _ => None,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the number is whole and in the range of the type"
)]
fn attempt(details: &Details<'_>) -> Option<u32> {
    let attempt = details.attempts.or(&details.attempt_number).number()?;
    let whole = (1.0..=f64::from(u32::MAX)).contains(&attempt) && attempt.fract() == 0.0;
    whole.then_some(attempt as u32)
}

fn progress(details: &Details<'_>, name: &str) -> Option<f64> {
    let told = name.starts_with("edx.completion");
    let share = details.completion.or(&details.percent).number();
    share.filter(|share| told && (0.0..=1.0).contains(share))
}

/// The verb, where the detail decides.
fn verb(row: &Row<'_>, details: &Details<'_>, name: &str) -> Verb {
    match row.verb {
        Verb::Liked if details.undo_vote.is_true() => Verb::Interacted,
        Verb::Completed if name == "edx.done.toggled" && !details.done.is_true() => {
            Verb::Interacted
        }
        Verb::Completed if name == "edx.completion.block_completion.changed" => {
            match row.progress {
                Some(share) if share >= 1.0 => Verb::Completed,
                Some(_) => Verb::Progressed,
                None => Verb::Interacted,
            }
        }
        verb => verb,
    }
}

/// The longest text that may be the name of an option.
const LONGEST: usize = 128;

/// The option that was chosen; what a learner typed is never looked at.
pub(super) fn response<'a>(details: &'a Details<'_>, name: &str) -> Option<Cow<'a, str>> {
    let option = |text: &str| {
        !text.is_empty() && text.len() <= LONGEST && !text.chars().any(char::is_control)
    };
    if name == "xblock.poll.submitted" {
        let choice = details.choice.id()?;
        return Some(choice).filter(|choice| option(choice));
    }
    if name != "problem_check" {
        return None;
    }
    let answers = Some(&details.answers).filter(|answers| answers.count == 1)?;
    let submission = Some(&details.submission).filter(|all| all.count == 1);
    let kind = submission.and_then(|all| all.first.as_ref()?.response_type.text());
    let named = |text: &str| {
        let number = text.strip_prefix("choice_");
        number.is_some_and(|number| !number.is_empty() && !number.contains(' '))
    };
    let chosen = |text: &str| match kind {
        Some("optionresponse") => true,
        None | Some("multiplechoiceresponse" | "choiceresponse" | "truefalseresponse") => {
            named(text)
        }
        Some(_) => false,
    };
    let texts = match answers.first.as_ref()? {
        Answer::One(value) => Cow::Borrowed(value.text().filter(|text| chosen(text))?),
        Answer::Several(texts) if !texts.is_empty() && texts.iter().all(|text| chosen(text)) => {
            Cow::Owned(texts.join("[,]"))
        }
        Answer::Several(_) => return None,
    };
    Some(texts).filter(|text| option(text))
}
