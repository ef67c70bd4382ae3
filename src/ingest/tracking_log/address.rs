//! What an address of the platform leads to.

use std::borrow::Cow;

use super::keys;

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A page of a course.
    Page,
    /// A tool of the course team.
    Team,
    Logout,
    /// Static files, interfaces, pages outside courses.
    Other,
}

/// What an address leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) purpose: Purpose,
    pub(super) course: Option<String>,
    pub(super) content: Option<String>,
    /// The chapter around the content.
    pub(super) chapter: Option<String>,
}

impl Place {
    fn nowhere(purpose: Purpose) -> Self {
        Self {
            purpose,
            course: None,
            content: None,
            chapter: None,
        }
    }
}

/// The longest address that is looked into.
const LONGEST: usize = 8 << 10;

/// The place behind an address or the path of one.
pub(super) fn place(address: &str) -> Place {
    let nowhere = Place::nowhere(Purpose::Other);
    let address = address.trim();
    if address.len() > LONGEST {
        return nowhere;
    }
    let path = match address.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
        }
        _ => address,
    };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let Some(path) = decoded(path) else {
        return nowhere;
    };
    if path.trim_end_matches('/') == "/logout" {
        return Place::nowhere(Purpose::Logout);
    }
    if let Some(rest) = path.strip_prefix("/xblock/") {
        let key = rest.trim_end_matches('/');
        return of_block(key, None, Purpose::Page).unwrap_or(nowhere);
    }
    for start in ["/courses/", "/learning/course/", "/course/"] {
        if let Some(place) = path.strip_prefix(start).and_then(in_course) {
            return place;
        }
    }
    nowhere
}

/// A place behind `Org/Num/Run/...` or `course-v1:.../...`.
fn in_course(rest: &str) -> Option<Place> {
    let slash = if rest.starts_with("course-v1:") || rest.starts_with("ccx-v1:") {
        rest.find('/')
    } else {
        rest.match_indices('/').nth(2).map(|(at, _)| at)
    };
    let (course, tail) = rest.split_at(slash.unwrap_or(rest.len()));
    if !keys::is_course(course) {
        return None;
    }
    let tail = tail.trim_matches('/');
    let (tab, inside) = tail.split_once('/').unwrap_or((tail, ""));
    let page = |content: String, chapter| Place {
        purpose: Purpose::Page,
        course: Some(course.to_owned()),
        content: Some(content),
        chapter,
    };
    let named = |purpose| Place {
        purpose,
        ..page(format!("{course}/{tab}"), None)
    };
    Some(match tab {
        "" | "course" | "home" | "jump_to_id" => page(course.to_owned(), None),
        "courseware" => {
            let mut parts = inside.split('/').filter(|name| !name.is_empty());
            let chapter = parts
                .next()
                .and_then(|name| keys::block(course, "chapter", name));
            let sequence = parts
                .next()
                .and_then(|name| keys::block(course, "sequential", name));
            let content = sequence.or_else(|| chapter.clone());
            page(content.unwrap_or_else(|| course.to_owned()), chapter)
        }
        "xblock" | "modx" => {
            let key = inside.split("/handler").next().unwrap_or_default();
            let key = unquoted(key);
            of_block(&key, Some(course), Purpose::Other).unwrap_or_else(|| named(Purpose::Other))
        }
        "jump_to" => of_block(inside, Some(course), Purpose::Page)
            .unwrap_or_else(|| page(course.to_owned(), None)),
        "pdfbook" | "htmlbook" | "book" => {
            let book = inside.split('/').next().unwrap_or_default();
            page(format!("{course}/{tab}/{book}"), None)
        }
        "discussion" => discussion(inside).map_or_else(
            || named(Purpose::Other),
            |thread| match thread {
                "" => named(Purpose::Page),
                thread => page(thread.to_owned(), None),
            },
        ),
        "instructor"
        | "instructor_dashboard"
        | "gradebook"
        | "masquerade"
        | "enroll_staff"
        | "submission_history" => named(Purpose::Team),
        "info" | "about" | "syllabus" | "progress" | "dates" | "wiki" | "teams" | "bookmarks"
        | "edxnotes" | "notes" => named(Purpose::Page),
        // Pages that the course team adds.
        tab if tab.len() == 32 && tab.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            named(Purpose::Page)
        }
        // The app for learning: the sequence, and the unit in it.
        key if keys::usage(key).is_some() => {
            let last = tail.rsplit('/').find(|part| keys::usage(part).is_some());
            page(last.unwrap_or(key).to_owned(), None)
        }
        _ => named(Purpose::Other),
    })
}

/// The thread, an empty text for the list of threads, or `None` for a request behind a page.
fn discussion(inside: &str) -> Option<&str> {
    let mut parts = inside.split('/').filter(|part| !part.is_empty());
    match (
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
    ) {
        (None | Some("forum"), None, ..) => Some(""),
        (Some("forum"), Some(_), Some("threads"), Some(thread), None) => Some(thread),
        _ => None,
    }
}

fn of_block(key: &str, course: Option<&str>, purpose: Purpose) -> Option<Place> {
    // Old paths name the block and then what to do with it.
    let key = match key.strip_prefix("i4x://") {
        Some(rest) => match rest.match_indices('/').nth(3) {
            Some((at, _)) => key.get(..at + "i4x://".len())?,
            None => key,
        },
        None => key.split('/').next()?,
    };
    let usage = keys::usage(key)?;
    Some(Place {
        purpose,
        course: course.map(str::to_owned).or(usage.course),
        content: Some(key.to_owned()),
        chapter: None,
    })
}

/// Usage keys in paths once had `;_` for a slash and `;;` for a semicolon.
fn unquoted(key: &str) -> Cow<'_, str> {
    if key.contains(";_") {
        key.replace(";_", "/").replace(";;", ";").into()
    } else {
        key.into()
    }
}

/// The text with its percent signs resolved; `None` if that is no text.
fn decoded(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(text.into());
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let digit = |at: usize| after.get(at).and_then(|d| char::from(*d).to_digit(16));
        match (*byte, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).ok()?);
                rest = after.get(2..).unwrap_or_default();
            }
            (byte, ..) => {
                out.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8(out).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "course-v1:Uni+Stats1+2024";

    fn content(address: &str) -> (Purpose, Option<String>) {
        let place = place(address);
        (place.purpose, place.content)
    }

    #[test]
    fn pages_of_courses_lead_to_their_content() {
        let unit = "block-v1:Uni+Stats1+2024+type@vertical+block@u";
        let sequence = "block-v1:Uni+Stats1+2024+type@sequential+block@s";
        for (path, expected) in [
            (String::new(), KEY.to_owned()),
            ("/course/".to_owned(), KEY.to_owned()),
            ("/progress".to_owned(), format!("{KEY}/progress")),
            (
                "/courseware/c/s/2/?child=first".to_owned(),
                sequence.to_owned(),
            ),
            ("/courseware/".to_owned(), KEY.to_owned()),
            (format!("/jump_to/{unit}"), unit.to_owned()),
            (
                "/pdfbook/0/chapter/1/3".to_owned(),
                format!("{KEY}/pdfbook/0"),
            ),
            ("/discussion/forum".to_owned(), format!("{KEY}/discussion")),
            (
                "/discussion/forum/t1/threads/5f".to_owned(),
                "5f".to_owned(),
            ),
        ] {
            for start in ["", "https://lms.example.org"] {
                let address = format!("{start}/courses/{KEY}{path}");
                assert_eq!(
                    content(&address),
                    (Purpose::Page, Some(expected.clone())),
                    "{address}"
                );
            }
        }
        let app = format!("https://apps.example.org/learning/course/{KEY}/{sequence}/{unit}");
        assert_eq!(content(&app), (Purpose::Page, Some(unit.to_owned())));
        assert_eq!(
            content(&format!("/xblock/{unit}?show_title=0"))
                .1
                .as_deref(),
            Some(unit)
        );
    }

    #[test]
    fn old_courses_and_percent_signs_are_understood() {
        let place = place("https://x.org/courses/Uni/S%2D1/2013/courseware/c%c3%a9/s/");
        assert_eq!(place.course.as_deref(), Some("Uni/S-1/2013"));
        assert_eq!(place.content.as_deref(), Some("i4x://Uni/S-1/sequential/s"));
        assert_eq!(place.chapter.as_deref(), Some("i4x://Uni/S-1/chapter/cé"));
        let encoded = content("/courses/course-v1%3AUni%2BStats1%2B2024/progress");
        assert_eq!(encoded.1, Some(format!("{KEY}/progress")));
        let block = Some("i4x://Uni/S1/problem/p".to_owned());
        for path in [
            "/courses/Uni/S1/2013/modx/i4x://Uni/S1/problem/p/problem_check",
            "/courses/Uni/S1/2013/xblock/i4x:;_;_Uni;_S1;_problem;_p/handler/xmodule_handler/x",
        ] {
            assert_eq!(content(path), (Purpose::Other, block.clone()), "{path}");
        }
        assert_eq!(content("/courses/%ff/x/y").0, Purpose::Other);
        assert_eq!(content("%").0, Purpose::Other);
    }

    #[test]
    fn requests_that_are_no_pages_are_told_apart() {
        for path in [
            "/static/js/x.js",
            "/api/courseware/course/x",
            "/asset-v1:Uni+Stats1+2024+type@asset+block@a.png",
            "/dashboard",
            "/courses",
            "/",
            "",
            "x_module",
        ] {
            assert_eq!(content(path), (Purpose::Other, None), "{path}");
        }
        assert_eq!(
            content(&format!("/courses/{KEY}/xblock/x/handler/y")).0,
            Purpose::Other
        );
        assert_eq!(
            content(&format!("/courses/{KEY}/instructor#x")).0,
            Purpose::Team
        );
        assert_eq!(
            content(&format!("/courses/{KEY}/discussion/threads/5f/upvote")).0,
            Purpose::Other
        );
        assert_eq!(content("/logout").0, Purpose::Logout);
    }
}
