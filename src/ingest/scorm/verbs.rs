//! What the statuses of SCORM and AICC become.

use crate::data::Verb::{self, Attempted, Completed, Failed, Interacted, Passed, Viewed};
use crate::ingest::mapping::Mapping;

/// The mapping tables.
pub(in crate::ingest) const MAPPING: Mapping = Mapping {
    verbs: &[
        ("passed", Passed),
        ("completed", Completed),
        ("failed", Failed),
        ("incomplete", Attempted),
        ("browsed", Viewed),
        ("not attempted", Viewed),
        ("unknown", Interacted),
    ],
    fields: &[
        ("learner", "`learner` (`learner_id`, `student_id`)"),
        (
            "time",
            "`time` less `session_time`: players write when a session ends",
        ),
        ("content", "`sco` (`sco_id`, `activity_id`)"),
        (
            "verb",
            "`success_status` where it is passed or failed; otherwise `completion_status`; otherwise `lesson_status`; `interacted` without any",
        ),
        ("course", "`course` (`course_id`)"),
        ("duration", "`session_time`: `HHHH:MM:SS.SS` or ISO 8601"),
        (
            "score",
            "`score_scaled`; or `score_raw` between `score_min` and `score_max`, which are 0 and 100 where `lesson_status` is given and they are not",
        ),
        ("success", "true for passed, false for failed"),
        ("progress", "`progress_measure`"),
        ("attempt", "`attempt`"),
        ("received", "`time`, where `session_time` is given"),
        ("id", "`id`"),
    ],
};

/// The status that says most; `unknown` without any. AICC abbreviates words to their first letter, and may put how the
/// session ended behind a comma.
pub(super) fn status(
    lesson: Option<&str>,
    completion: Option<&str>,
    success: Option<&str>,
) -> String {
    let plain = |text: &str| {
        let word = text.split(',').next().unwrap_or_default().trim();
        match word.to_lowercase().replace('_', " ").as_str() {
            "p" => "passed".to_owned(),
            "c" | "complete" => "completed".to_owned(),
            "f" => "failed".to_owned(),
            "i" => "incomplete".to_owned(),
            "b" => "browsed".to_owned(),
            "n" | "na" | "notattempted" => "not attempted".to_owned(),
            other => other.to_owned(),
        }
    };
    let success = success.map(plain).filter(|word| word != "unknown");
    let completion = completion.map(plain).filter(|word| word != "unknown");
    let lesson = lesson.map(plain);
    let said = success.or(completion).or(lesson);
    said.unwrap_or_else(|| "unknown".to_owned())
}

/// What a verb says of success.
pub(super) const fn success(verb: Verb) -> Option<bool> {
    match verb {
        Passed => Some(true),
        Failed => Some(false),
        _ => None,
    }
}
