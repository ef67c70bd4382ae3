//! Who an event is about, and who must not be taken for a learner.

use std::borrow::Cow;

use super::mapping::{ABOUT_SOMEONE, among};
use super::record::{Context, Details, Line};
use super::value::Value;
use crate::data::Role;
use crate::ingest::batch::{Batch, Fault, fault};

/// The learner, unless the record is nobody's, a robot's or that of somebody who looks through
/// another's eyes.
pub(super) fn learner<'a>(
    line: &'a Line<'_>,
    context: &'a Context<'_>,
    details: &'a Details<'_>,
    name: &str,
) -> Result<Cow<'a, str>, Fault> {
    let inner = id(&context.user)?;
    let outer = id(&line.user)?;
    let about = id(details.user.or(&details.attempt_user));
    let anonymous = fault("learner", "Anonymous");
    if among(ABOUT_SOMEONE, name) {
        return about?.or(inner).or(outer).ok_or(anonymous);
    }
    let told = about.unwrap_or_default();
    let own = inner.clone().or_else(|| outer.clone());
    let other = |id: &Option<Cow<'_, str>>| id.is_some() && *id != own;
    if masquerade(context, own.as_deref()) || (own.is_some() && (other(&outer) || other(&told))) {
        return Err(fault("learner", "Masquerade"));
    }
    let agent = line.agent.or(&context.agent);
    if agent.text().is_some_and(is_robot) {
        return Err(fault("agent", "Bot"));
    }
    own.ok_or(anonymous)
}

/// The id of a person; none for nobody.
fn id<'a>(value: &'a Value<'_>) -> Result<Option<Cow<'a, str>>, Fault> {
    match value {
        Value::Null => Ok(None),
        Value::Whole(number) => Ok((*number > 0).then(|| number.to_string().into())),
        Value::Text(_) => {
            let text = value.text();
            let nobody = |text: &&str| ["None", "null", "0", "-1"].contains(text);
            Ok(text.filter(|text| !nobody(text)).map(Cow::Borrowed))
        }
        _ => Err(fault("learner", "BadUser")),
    }
}

fn masquerade(context: &Context<'_>, own: Option<&str>) -> bool {
    let flags = [
        &context.masquerade,
        &context.masquerading,
        &context.is_masquerading,
        &context.masquerade_user,
    ];
    let flagged = flags.into_iter().any(Value::says_something);
    let real = context.real_user.id();
    flagged || real.is_some_and(|real| own.is_some_and(|own| own != real))
}

/// What robots, monitors and programs call themselves.
const ROBOTS: &[&str] = &[
    "bot/",
    "bot;",
    "bot)",
    "crawler",
    "spider",
    "slurp",
    "headlesschrome",
    "phantomjs",
    "selenium",
    "facebookexternalhit",
    "pingdom",
    "uptime",
    "newrelicpinger",
    "python-requests",
    "python-urllib",
    "aiohttp",
    "scrapy",
    "curl/",
    "wget/",
    "go-http-client",
    "libwww-perl",
    "apache-httpclient",
    "locust",
    "kube-probe",
];

fn is_robot(agent: &str) -> bool {
    let agent = agent.to_ascii_lowercase();
    ROBOTS.iter().any(|mark| {
        // Cubot is a maker of telephones.
        agent
            .match_indices(mark)
            .any(|(at, _)| !agent.get(..at).is_some_and(|before| before.ends_with("cu")))
    })
}

/// The group that a learner comes to or leaves.
pub(super) fn group(details: &Details<'_>) -> Option<String> {
    let of = |kind: &str, id: &Value<'_>| Some(format!("{kind}-{}", id.id()?));
    of("cohort", &details.cohort).or_else(|| of("team", &details.team))
}

/// Files the roles that an author of a discussion has in the course.
pub(super) fn roles(
    details: &Details<'_>,
    person: &str,
    course: &str,
    out: &mut Batch<'_>,
) -> Result<(), Fault> {
    for role in &details.course_roles.0 {
        let role = match &**role {
            "instructor" => Role::Instructor,
            "staff" => Role::CoInstructor,
            _ => continue,
        };
        let person = out.learner(person)?.into_owned();
        out.facts.roles.push((person, course.to_owned(), role));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn robots_are_known_by_what_they_call_themselves() {
        for agent in [
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/90.0",
            "python-requests/2.31.0",
            "curl/8.0",
        ] {
            assert!(is_robot(agent), "{agent}");
        }
        for agent in [
            "",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:109.0) Gecko/20100101 Firefox/115.0",
            "Mozilla/5.0 (Linux; Android 9; CUBOT) AppleWebKit/537.36",
            "edX/org.edx.mobile (2.4.1; OS Version 10.0)",
        ] {
            assert!(!is_robot(agent), "{agent}");
        }
    }
}
