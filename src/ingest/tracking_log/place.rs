//! The course and the content of an event, wherever the record tells them.

use std::borrow::Cow;

use super::address::{self, Place};
use super::keys;
use super::mapping::LOGOUT;
use super::record::{Context, Details, Line};
use super::value::Value;
use crate::data::Kind;
use crate::ingest::batch::{ContentFacts, Row};

/// Where something was done.
#[derive(Debug, Default)]
pub(super) struct Spot<'a> {
    pub(super) course: Option<Cow<'a, str>>,
    pub(super) content: Option<Cow<'a, str>>,
    /// The chapter around the content.
    chapter: Option<String>,
    /// What the content is, where its id does not tell.
    kind: Option<Kind>,
}

/// Finds the course and the content.
pub(super) fn spot<'a>(
    line: &'a Line<'_>,
    context: &'a Context<'_>,
    details: &'a Details<'_>,
    name: &str,
) -> Spot<'a> {
    let key = |value: &'a Value<'_>| {
        let key = value.text().filter(|text| keys::is_course(text));
        key.map(Cow::Borrowed)
    };
    if of_session(name) {
        return Spot {
            course: key(&context.course),
            ..Spot::default()
        };
    }
    let (first, second) = if name.starts_with("edx.") {
        (&details.course, &context.course)
    } else {
        (&context.course, &details.course)
    };
    let mut course = key(first).or_else(|| key(second));
    let (mut thing, kind) = named(context, details, name, course.as_deref());
    if course.is_none() {
        let of_key = thing.as_deref().and_then(keys::usage);
        course = of_key.and_then(|usage| usage.course).map(Cow::Owned);
    }
    let place = page(line, context, name, thing.is_none() || course.is_none());
    if course.is_none() {
        let of_page = place.as_ref().and_then(|place| place.course.clone());
        course = of_page.map(Cow::Owned);
    }
    let place = place.filter(|place| place.course.as_deref() == course.as_deref());
    let (of_page, chapter) = place.map_or((None, None), |place| (place.content, place.chapter));
    if thing.is_none() && !whole_course(name) {
        thing = tab(name, course.as_deref()).or(of_page).map(Cow::Owned);
    }
    if thing.is_none() {
        thing.clone_from(&course);
    }
    Spot {
        chapter: chapter.filter(|chapter| !elsewhere(name) && thing.as_deref() != Some(chapter)),
        course,
        content: thing,
        kind,
    }
}

/// Where the learner was; unless `needed`, only pages that tell a chapter are looked at.
fn page(line: &Line<'_>, context: &Context<'_>, name: &str, needed: bool) -> Option<Place> {
    let requested =
        (name.starts_with('/')).then(|| line.name.text().or_else(|| line.event_type.text()));
    let pages = [
        requested.flatten(),
        line.page.text(),
        context.path.text(),
        line.referer.text(),
        context.referer.text(),
    ];
    let mut best: Option<Place> = None;
    for address in pages.into_iter().flatten() {
        if !needed && !address.contains("/courseware/") {
            continue;
        }
        let place = address::place(address);
        match &mut best {
            None if place.course.is_some() => best = Some(place),
            // The request of a block does not tell its chapter; the page behind it does.
            Some(best) if best.chapter.is_none() && best.course == place.course => {
                best.chapter = place.chapter;
            }
            _ => {}
        }
        if best.as_ref().is_some_and(|best| best.chapter.is_some()) {
            break;
        }
    }
    best
}

/// The block or thread that a record names, and what it is if its id does not tell.
fn named<'a>(
    context: &'a Context<'_>,
    details: &'a Details<'_>,
    name: &str,
    course: Option<&str>,
) -> (Option<Cow<'a, str>>, Option<Kind>) {
    if whole_course(name) {
        return (None, None);
    }
    if name.starts_with("edx.forum.") {
        let thread = details.discussion.id.text();
        let own = || {
            details
                .id
                .text()
                .filter(|_| name.starts_with("edx.forum.thread."))
        };
        let thread = thread
            .or_else(own)
            .or_else(|| details.id.text().filter(|_| name != "edx.forum.searched"));
        return (thread.map(Cow::Borrowed), Some(Kind::Discussion));
    }
    if name == "book" || name.starts_with("textbook.") {
        let file = details.chapter.text().or_else(|| details.url.text());
        return (file.and_then(file_of).map(Cow::Borrowed), Some(Kind::File));
    }
    let block_type = block_type(name);
    let ids = [
        &details.usage_key,
        &details.problem_id,
        &details.problem,
        &details.module_id,
        &details.block_id,
        &details.component,
        &details.usage_id,
        &details.exam,
        &details.id,
    ];
    let block = ids
        .into_iter()
        .filter_map(Value::text)
        .find_map(|id| match block_type {
            Some(block_type) => keys::of_id(id, course, block_type),
            None => keys::usage(id).map(|_| id.into()),
        });
    let target = || {
        let place = address::place(details.target_url.text()?);
        let here = course.is_none() || place.course.as_deref() == course;
        place.content.filter(|_| here).map(Cow::Owned)
    };
    let module = || {
        let key = context.module.usage_key.text()?;
        keys::usage(key).map(|_| key.into())
    };
    (block.or_else(target).or_else(module), None)
}

/// Events of the video player.
pub(super) fn of_film(name: &str) -> bool {
    name.contains("video") || name.ends_with("_transcript")
}

/// The type of block whose bare ids an event names.
fn block_type(name: &str) -> Option<&'static str> {
    if of_film(name) {
        Some("video")
    } else if name.contains("problem") || name == "showanswer" {
        Some("problem")
    } else if name.starts_with("seq_") || name.starts_with("edx.ui.lms.sequence.") {
        Some("sequential")
    } else {
        None
    }
}

/// Events that name a content which need not be on the page where they were set off.
fn elsewhere(name: &str) -> bool {
    [
        "edx.ui.lms.outline.",
        "edx.ui.lms.link_clicked",
        "edx.ui.lms.jump_nav.",
        "edx.bookmark.",
        "edx.course.student_notes.",
        "book",
        "textbook.",
    ]
    .iter()
    .any(|start| name.starts_with(start))
}

/// Coming and going, which is nowhere.
fn of_session(name: &str) -> bool {
    [
        LOGOUT,
        "edx.bi.user.account.authenticated",
        "edx.bi.app.user.login",
        "edx.bi.app.user.logout",
    ]
    .contains(&name)
}

/// Events that concern a course as a whole, wherever they were set off.
fn whole_course(name: &str) -> bool {
    [
        "edx.course.enrollment.",
        "edx.course.grade.",
        "edx.grades.course.",
        "edx.certificate.",
        "edx.course.completed",
    ]
    .iter()
    .any(|start| name.starts_with(start))
        || name == "edx.completion_aggregator.completion.course"
        || name == "edx.completion_aggregator.progress.course"
}

/// The part of a course that an event belongs to if it names nothing smaller.
fn tab(name: &str, course: Option<&str>) -> Option<String> {
    let tab = if name.starts_with("edx.forum.") {
        "discussion"
    } else if name.starts_with("edx.team.") {
        "teams"
    } else if name.starts_with("edx.course.student_notes.") {
        "edxnotes"
    } else if name == "edx.bookmark.listed" {
        "bookmarks"
    } else {
        return None;
    };
    Some(format!("{}/{tab}", course?))
}

/// The file of a textbook: its address without the platform.
fn file_of(address: &str) -> Option<&str> {
    let path = match address.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?.1,
        None => address,
    };
    let path = path.split(['?', '#']).next()?.trim_matches('/');
    Some(path).filter(|path| !path.is_empty())
}

/// What the record tells of its content; a course is no content of itself.
pub(super) fn facts(spot: &Spot<'_>, row: &Row<'_>, details: &Details<'_>) -> Option<ContentFacts> {
    let content = row.content?;
    if spot.course.as_deref() == Some(content) {
        return None;
    }
    let of_key = || keys::kind(keys::usage(content)?.block_type);
    let of_tab = || {
        content
            .starts_with(spot.course.as_deref()?)
            .then_some(Kind::Page)
    };
    Some(ContentFacts {
        module: spot.chapter.clone(),
        kind: spot.kind.or_else(of_key).or_else(of_tab),
        length: row.length,
        max_score: details
            .max_grade
            .or(&details.weighted_possible)
            .number()
            .filter(|most| *most > 0.0),
    })
}
