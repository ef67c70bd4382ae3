//! Requests that Canvas served: `web_logs` of Canvas Data 2, `requests` before it, and the page
//! views of its interface.

mod paths;
mod verbs;

use std::collections::HashMap;

use super::batch::{Batch, ContentFacts, Fault, Row, fault};
use super::tables::{Line, TableDialect, TableOptions, Wanted, either, maybe};
use crate::data::calendar::{TimeFault, parse_time};
use crate::data::{Kind, Verb, Zone};

pub(super) use verbs::MAPPING;
use verbs::{BACKGROUND, STAFF};

/// Reads rows of requests.
pub(super) struct CanvasWebLogs {
    /// Canvas writes its times in UTC, with an offset or without.
    zone: Zone,
    verbs: HashMap<&'static str, Verb>,
}

impl CanvasWebLogs {
    pub(super) fn new(_: &TableOptions) -> Self {
        Self {
            zone: Zone::utc(),
            verbs: MAPPING.verbs.iter().copied().collect(),
        }
    }

    fn time(&self, text: Option<&str>) -> Result<i64, Fault> {
        let text = text.ok_or(fault("timestamp", "BadTime"))?.trim();
        // Databases write the zone's name where ISO 8601 has a letter.
        let text = text.strip_suffix(" UTC").unwrap_or(text);
        parse_time(text, Some(&self.zone)).map_err(|why| match why {
            TimeFault::Ambiguous => fault("timestamp", "AmbiguousTime"),
            _ => fault("timestamp", "BadTime"),
        })
    }
}

impl TableDialect for CanvasWebLogs {
    const TABLE: &'static str = "web_logs";
    const COLUMNS: &'static [Wanted] = &[
        maybe("id"),
        Wanted {
            name: "timestamp",
            others: &["created_at"],
            required: true,
        },
        Wanted {
            name: "user_id",
            others: &["links.user"],
            required: true,
        },
        either("real_user_id", &["links.real_user"]),
        maybe("course_id"),
        maybe("quiz_id"),
        maybe("discussion_id"),
        maybe("assignment_id"),
        either("web_application_controller", &["controller"]),
        // The name was misspelt in Canvas Data 1.
        either(
            "web_application_action",
            &["action", "web_applicaiton_action"],
        ),
        maybe("url"),
        maybe("http_method"),
        maybe("http_status"),
        maybe("session_id"),
        maybe("interaction_seconds"),
        maybe("participated"),
        maybe("user_request"),
    ];

    fn read(&self, line: &Line<'_>, out: &mut Batch<'_>) -> Result<(), Fault> {
        let [
            id,
            time,
            user,
            real,
            course,
            quiz,
            discussion,
            assignment,
            controller,
            action,
            url,
            method,
            status,
            session,
            seconds,
            participated,
            by_user,
        ] = line.numbered_cells();
        let time = self.time(time)?;
        let learner = user.ok_or(fault("user_id", "NoUserId"))?.trim();
        if real.is_some_and(|real| real.trim() != learner) {
            return Err(fault("real_user_id", "Masquerading"));
        }
        let request = format!(
            "{}/{}",
            controller.unwrap_or_default().trim(),
            action.unwrap_or_default().trim()
        );
        if by_user.is_some_and(no) || BACKGROUND.contains(&request.as_str()) {
            return Err(fault("web_application_action", "Background"));
        }
        if STAFF.contains(&request.as_str()) {
            return Err(fault("web_application_action", "NotLearning"));
        }
        if status.is_some_and(|status| status.trim().starts_with(['4', '5'])) {
            return Err(fault("http_status", "FailedRequest"));
        }
        let place = url.map(paths::place).unwrap_or_default();
        let course = course.or(place.course);
        let (content, kind) = [
            (quiz.map(|id| format!("quiz:{id}")), Kind::Quiz),
            (
                discussion.map(|id| format!("discussion:{id}")),
                Kind::Discussion,
            ),
            (
                assignment.map(|id| format!("assignment:{id}")),
                Kind::Assignment,
            ),
        ]
        .into_iter()
        .find_map(|(content, kind)| Some((content?, Some(kind))))
        .or(place.content)
        .or_else(|| Some((format!("course:{}", course?), None)))
        .unwrap_or_else(|| ("site".to_owned(), None));
        let verb = self.verb(&request, action, method, participated);
        let known = verb.unwrap_or(Verb::Interacted);
        let engaged = known.is_engagement();
        out.event(&Row {
            content: Some(content.as_str()).filter(|_| engaged),
            course: course.filter(|_| engaged),
            session: session.map(str::trim),
            duration: seconds.map(duration).transpose()?,
            id,
            ..Row::new(learner, time, known)
        })?;
        if verb.is_none() {
            out.unknown_verb(&request);
        }
        if let (Some(course), Some(kind), true) = (course, kind, engaged) {
            let facts = ContentFacts {
                kind: Some(kind),
                ..ContentFacts::default()
            };
            out.content(course, &content, facts);
        }
        Ok(())
    }
}

impl CanvasWebLogs {
    fn verb(
        &self,
        request: &str,
        action: Option<&str>,
        method: Option<&str>,
        participated: Option<&str>,
    ) -> Option<Verb> {
        let known = |key: &str| self.verbs.get(key).copied();
        known(request)
            .or_else(|| known(&format!("*/{}", action?.trim())))
            .or_else(|| known("participated").filter(|_| participated.is_some_and(yes)))
            .or_else(|| known(&format!("http_method={}", method?.trim())))
    }
}

fn yes(text: &str) -> bool {
    matches!(text.trim(), "true" | "True" | "TRUE" | "t" | "1")
}

fn no(text: &str) -> bool {
    matches!(text.trim(), "false" | "False" | "FALSE" | "f" | "0")
}

/// Seconds as microseconds.
fn duration(seconds: &str) -> Result<i64, Fault> {
    let bad = |rule| fault("interaction_seconds", rule);
    let seconds: f64 = seconds.trim().parse().map_err(|_| bad("BadDuration"))?;
    if !seconds.is_finite() {
        return Err(bad("NotFinite"));
    }
    if seconds < 0.0 {
        return Err(bad("NegativeDuration"));
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "`as` saturates, and lengths are capped afterwards"
    )]
    Ok((seconds * 1e6).round() as i64)
}
