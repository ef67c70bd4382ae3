//! What the types of activities mean; the last word of their address tells it, since each
//! vocabulary (ADL, `TinCan`, Activity Streams, cmi5, ...) has its own words for the same.

use crate::data::Kind;

/// The last word of a type, and the kind of content.
pub(super) const KINDS: &[(&str, Kind)] = &[
    ("video", Kind::Video),
    ("media", Kind::Video),
    ("page", Kind::Page),
    ("webpage", Kind::Page),
    ("article", Kind::Page),
    ("slide", Kind::Page),
    ("slide-deck", Kind::Page),
    ("link", Kind::Page),
    ("book", Kind::Page),
    ("assessment", Kind::Quiz),
    ("quiz", Kind::Quiz),
    ("test", Kind::Quiz),
    ("exam", Kind::Quiz),
    ("question", Kind::Problem),
    ("cmi.interaction", Kind::Problem),
    ("problem", Kind::Problem),
    ("assignment", Kind::Assignment),
    ("school-assignment", Kind::Assignment),
    ("discussion", Kind::Discussion),
    ("discussion-board", Kind::Discussion),
    ("forum", Kind::Discussion),
    ("forum-topic", Kind::Discussion),
    ("forum-reply", Kind::Discussion),
    ("thread", Kind::Discussion),
    ("file", Kind::File),
    ("document", Kind::File),
    ("meeting", Kind::Live),
    ("webinar", Kind::Live),
    ("conference", Kind::Live),
    ("virtual-classroom", Kind::Live),
];

/// The last words of types that are courses.
pub(super) const COURSES: &[&str] = &["course", "online-course"];

/// The last words of types that are parts of courses.
pub(super) const MODULES: &[&str] = &[
    "module", "chapter", "unit", "section", "lesson", "block", "sequence", "topic",
];

/// The kind of content that a type means.
pub(super) fn kind(kind: &str) -> Option<Kind> {
    let word = word(kind);
    let found = KINDS
        .iter()
        .find(|(name, _)| word.eq_ignore_ascii_case(name));
    found.map(|(_, kind)| *kind)
}

/// Whether a type is that of courses.
pub(super) fn is_course(kind: &str) -> bool {
    let word = word(kind);
    COURSES.iter().any(|name| word.eq_ignore_ascii_case(name))
}

/// Whether a type is that of parts of courses.
pub(super) fn is_module(kind: &str) -> bool {
    let word = word(kind);
    MODULES.iter().any(|name| word.eq_ignore_ascii_case(name))
}

fn word(kind: &str) -> &str {
    let kind = kind.trim_end_matches('/');
    kind.rsplit(['/', '#', ':']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_of_a_type_tells_the_kind() {
        assert_eq!(
            kind("https://w3id.org/xapi/video/activity-type/video"),
            Some(Kind::Video)
        );
        assert_eq!(
            kind("http://adlnet.gov/expapi/activities/cmi.interaction"),
            Some(Kind::Problem)
        );
        assert_eq!(
            kind("http://activitystrea.ms/schema/1.0/Page/"),
            Some(Kind::Page)
        );
        assert_eq!(kind("http://x/videos"), None);
        assert!(is_course("https://w3id.org/xapi/cmi5/activitytype/course"));
        assert!(is_course(
            "http://lrs.learninglocker.net/define/type/moodle/course"
        ));
        assert!(!is_course("http://x/course/of-action") && !is_course(""));
        assert!(is_module("http://adlnet.gov/expapi/activities/module"));
    }
}
