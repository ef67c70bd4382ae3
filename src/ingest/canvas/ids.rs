//! Ids of Canvas: local ids made global, and one name for a thing in both forms.

use std::borrow::Cow;

/// Global ids are the shard's number followed by a local id of this many digits.
const SHARD: u64 = 10_000_000_000_000;

const URN: &str = "urn:instructure:canvas:";

/// What the forms of the events call the same kind of thing differently.
const KINDS: &[(&str, &str)] = &[
    ("discussion_topic", "discussion"),
    ("discussionTopic", "discussion"),
    ("discussionEntry", "discussion_entry"),
    ("wikiPage", "wiki_page"),
    ("quizzes:quiz", "quiz"),
];

/// A local id under the shard of its root account; a global id stays.
pub(super) fn global(id: &str, account: Option<u64>) -> Cow<'_, str> {
    let shard = account.map_or(0, |account| account / SHARD);
    match id.parse::<u64>() {
        Ok(local) if shard > 0 && local < SHARD => Cow::Owned(
            shard
                .saturating_mul(SHARD)
                .saturating_add(local)
                .to_string(),
        ),
        _ => Cow::Borrowed(id),
    }
}

/// The kind and the number in a name of Canvas, such as `quizzes:quiz` and `12`.
fn parts(urn: &str) -> Option<(&str, &str)> {
    urn.strip_prefix(URN)?.rsplit_once(':')
}

/// The kind of thing in a name of Canvas; empty for any other id.
pub(super) fn kind(urn: &str) -> &str {
    parts(urn).map_or("", |(kind, _)| kind)
}

/// A person's number.
pub(super) fn learner(id: &str, account: Option<u64>) -> Cow<'_, str> {
    match parts(id) {
        Some((_, number)) => global(number, account),
        None => global(id, account),
    }
}

/// A thing by its kind and number; a course by its number alone, a section as its course.
pub(super) fn thing(id: &str, account: Option<u64>) -> Cow<'_, str> {
    match parts(id) {
        Some(("session", number)) => Cow::Borrowed(number),
        Some((kind, number)) => match section(kind) {
            Some(course) => global(course, account),
            None => named(kind, number, account),
        },
        None => Cow::Borrowed(id),
    }
}

/// The course in `course:1:section`.
fn section(kind: &str) -> Option<&str> {
    kind.strip_prefix("course:")?.strip_suffix(":section")
}

/// `kind:number`, in one spelling; a course is its number.
pub(super) fn named<'a>(kind: &str, number: &'a str, account: Option<u64>) -> Cow<'a, str> {
    if kind == "course" {
        return global(number, account);
    }
    let known = KINDS.iter().find(|(other, _)| *other == kind);
    let kind = known.map_or(kind, |(_, ours)| *ours);
    Cow::Owned(format!("{kind}:{}", global(number, account)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_name_a_thing_alike() {
        let account = Some(21_070_000_000_000_001);
        let of = |urn| thing(urn, account).into_owned();
        assert_eq!(
            of("urn:instructure:canvas:quizzes:quiz:7"),
            "quiz:21070000000000007"
        );
        assert_eq!(
            of("urn:instructure:canvas:wikiPage:21070000000000007"),
            "wiki_page:21070000000000007"
        );
        assert_eq!(of("urn:instructure:canvas:course:7"), "21070000000000007");
        assert_eq!(
            of("urn:instructure:canvas:course:7:section:9"),
            "21070000000000007"
        );
        assert_eq!(of("urn:instructure:canvas:session:ab"), "ab");
        assert_eq!(
            of("http://canvas.example.org/"),
            "http://canvas.example.org/"
        );
        assert_eq!(named("discussion_topic", "7", None), "discussion:7");
        assert_eq!(
            learner("urn:instructure:canvas:user:12", account),
            "21070000000000012"
        );
        assert_eq!(learner("12", None), "12");
        // An account of a site without shards is a small number.
        assert_eq!(learner("12", Some(1)), "12");
    }
}
