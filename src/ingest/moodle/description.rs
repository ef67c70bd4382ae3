//! The ids in a report's Description, which Moodle writes in English whatever the site's language.

use memchr::memmem;

/// Before the id of a course module.
const MODULE: &[&str] = &[
    "course module id '",
    "course module with id '",
    "coursemodule id '",
];
/// Before the id of a course.
const COURSE: &[&str] = &[
    "course with id '",
    "course with the id '",
    "course id '",
    "at course: ",
];
const GRADE_ITEM: &[&str] = &["grade item with id '"];
const GROUP: &[&str] = &["group with id '"];

/// What a description tells.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Told<'a> {
    /// Who did it, and to whom; an id that cannot be read is `None`.
    pub(super) users: [Option<&'a str>; 2],
    /// How many persons it names, two at most.
    pub(super) named: usize,
    pub(super) module: Option<&'a str>,
    /// The name of the module (`quiz`), where the text has it before the id.
    pub(super) kind: Option<&'a str>,
    pub(super) course: Option<&'a str>,
    /// An activity that is known by the id of its instance: its name and that id.
    pub(super) activity: Option<(&'a str, &'a str)>,
    pub(super) grade_item: Option<&'a str>,
    pub(super) group: Option<&'a str>,
    /// The first word behind who did it: `viewed`.
    pub(super) deed: Option<&'a str>,
}

/// Reads a description.
pub(super) fn read(text: &str) -> Told<'_> {
    let mut told = Told::default();
    let mut rest = text;
    for (number, slot) in told.users.iter_mut().enumerate() {
        let Some(at) = memmem::find(rest.as_bytes(), b"ser with id ") else {
            break;
        };
        let behind = rest.get(at + "ser with id ".len()..).unwrap_or_default();
        let (id, end) = id(behind);
        *slot = id;
        told.named = number + 1;
        rest = behind.get(end..).unwrap_or_default();
        if number == 0 {
            let words = rest.split_ascii_whitespace();
            told.deed = words
                .into_iter()
                .find(|word| !matches!(*word, "has" | "have" | "been"));
        }
    }
    told.module = behind(text, MODULE);
    told.kind = kind(text);
    told.course = behind(text, COURSE);
    told.activity = activity(text);
    told.grade_item = behind(text, GRADE_ITEM);
    told.group = behind(text, GROUP);
    told
}

/// An id at the start of a text, quoted or not, and where it ends.
fn id(text: &str) -> (Option<&str>, usize) {
    let quoted = text.strip_prefix('\'');
    let body = quoted.unwrap_or(text);
    let fits = |c: char| {
        let more = quoted.is_some() && (c.is_ascii_alphabetic() || matches!(c, '_' | '-'));
        c.is_ascii_digit() || more
    };
    let length = body.find(|c| !fits(c)).unwrap_or(body.len());
    let (id, rest) = body.split_at_checked(length).unwrap_or(("", body));
    let closed = quoted.is_none() || rest.starts_with('\'');
    let skipped = text.len() - rest.len() + usize::from(quoted.is_some() && closed);
    (Some(id).filter(|id| !id.is_empty() && closed), skipped)
}

/// The number behind the first of the markers that is there with one.
fn behind<'a>(text: &'a str, markers: &[&str]) -> Option<&'a str> {
    markers.iter().find_map(|marker| {
        let at = memmem::find(text.as_bytes(), marker.as_bytes())? + marker.len();
        digits(text.get(at..)?)
    })
}

fn digits(text: &str) -> Option<&str> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    text.get(..length).filter(|digits| !digits.is_empty())
}

/// The module's name: `the 'quiz' activity with course module id`, or `the quiz with ...`.
fn kind(text: &str) -> Option<&str> {
    let at = memmem::find(text.as_bytes(), b" with course module id")
        .or_else(|| memmem::find(text.as_bytes(), b" with the course module id"))?;
    let before = text.get(..at)?;
    let before = before.strip_suffix(" activity").unwrap_or(before);
    let word = before.rsplit(' ').next()?.trim_matches('\'');
    Some(if word == "assignment" { "assign" } else { word })
}

/// `the bigbluebuttonbn activity with id '596'`.
fn activity(text: &str) -> Option<(&str, &str)> {
    const MARKER: &str = " activity with id '";
    let at = memmem::find(text.as_bytes(), MARKER.as_bytes())?;
    let name = text.get(..at)?.rsplit(' ').next()?.trim_matches('\'');
    let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let id = digits(text.get(at + MARKER.len()..)?)?;
    plain.then_some((name, id))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_are_found_where_moodle_puts_them() {
        let told =
            read("The user with id '5' viewed the 'quiz' activity with course module id '123'.");
        assert_eq!(told.users, [Some("5"), None]);
        assert_eq!(
            (told.module, told.kind, told.deed),
            (Some("123"), Some("quiz"), Some("viewed"))
        );
        let told = read(
            "The user with id '[redacted]' updated the grade with id '6' for the user with id \
             '10' for the grade item with id '24'.",
        );
        assert_eq!(
            (told.users, told.grade_item),
            ([None, Some("10")], Some("24"))
        );
        let told = read("User with id 215 took attendance with instanceid 259");
        assert_eq!((told.users, told.module), ([Some("215"), None], None));
        let told = read(
            "The user with id '3' viewed the bigbluebuttonbn activity with id '596' for the \
             course id '502'.",
        );
        assert_eq!(told.activity, Some(("bigbluebuttonbn", "596")));
        assert_eq!(told.course, Some("502"));
        let told = read(
            "The user with id '9' has submitted the submission with id '1' for the assignment with course module id '7'.",
        );
        assert_eq!((told.kind, told.deed), (Some("assign"), Some("submitted")));
        assert_eq!(
            read("User viewed their submission inbox at course: 148").course,
            Some("148")
        );
        assert_eq!(
            read("User with id '5"),
            Told {
                named: 1,
                ..Told::default()
            }
        );
        assert_eq!(read(""), Told::default());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_stumble(pieces in proptest::collection::vec(prop_oneof![
            Just("ser with id ".to_owned()), Just("'".to_owned()), Just("5".to_owned()),
            Just(" activity with id '".to_owned()), Just("course module id '".to_owned()),
            Just(" with course module id".to_owned()), Just("at course: ".to_owned()), ".{0,3}"], 0..12))
        {
            read(&pieces.concat());
        }
    }
}
