//! What the path of a request names. Its query may hold anything and is not looked at.

use crate::data::Kind;

/// What a path names.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Place<'a> {
    pub(super) course: Option<&'a str>,
    pub(super) content: Option<(String, Option<Kind>)>,
}

/// The part of a path that names a thing, what we call it, and what it is.
const THINGS: &[(&str, &str, Option<Kind>)] = &[
    ("assignments", "assignment", Some(Kind::Assignment)),
    ("discussion_topics", "discussion", Some(Kind::Discussion)),
    ("quizzes", "quiz", Some(Kind::Quiz)),
    ("files", "file", Some(Kind::File)),
    ("items", "module_item", None),
    ("external_tools", "tool", None),
];

/// Reads a path, or a whole address.
pub(super) fn place(url: &str) -> Place<'_> {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let path = path.split_once("://").map_or(path, |(_, rest)| rest);
    let words: Vec<&str> = path.split('/').filter(|word| !word.is_empty()).collect();
    let mut place = Place::default();
    for pair in words.windows(2) {
        let [name, id] = pair else { continue };
        let number = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit() || byte == b'~');
        if *name == "courses" && number {
            place.course = place.course.or(Some(id));
        } else if *name == "pages" && place.course.is_some() {
            place.content = Some((format!("page:{id}"), Some(Kind::Page)));
        } else if let Some((_, ours, kind)) = THINGS.iter().find(|(theirs, ..)| theirs == name)
            && number
        {
            place.content = place.content.or(Some((format!("{ours}:{id}"), *kind)));
        }
    }
    place
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_path_names_course_and_content() {
        let read = |url| {
            let place = place(url);
            (place.course, place.content.map(|(content, _)| content))
        };
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            read("/courses/7/files/33/download?download_frd=1"),
            (Some("7"), text("file:33"))
        );
        assert_eq!(
            read("https://x.instructure.com/courses/7/pages/week-1?module_item_id=5"),
            (Some("7"), text("page:week-1"))
        );
        assert_eq!(
            read("/api/v1/courses/7/quizzes/9/submissions"),
            (Some("7"), text("quiz:9"))
        );
        assert_eq!(
            read("/courses/7/modules/items/55"),
            (Some("7"), text("module_item:55"))
        );
        assert_eq!(read("/courses/7?x=/files/3"), (Some("7"), None));
        assert_eq!(read("/users/1/files/folder"), (None, None));
        assert_eq!(read(""), (None, None));
    }

    proptest! {
        #[test]
        fn no_path_makes_it_stumble(url in "[/?#:a-z0-9~é]{0,40}") {
            place(&url);
        }
    }
}
