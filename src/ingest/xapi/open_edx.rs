//! Keys of Open edX inside the addresses that its statements use as ids.

use std::borrow::Cow;

/// The id of a content: the key of a block or of a course, where the address is of one.
///
/// An address that goes on behind a course key, as that of a page of the course, stays what it is.
pub(super) fn content(id: &str) -> Cow<'_, str> {
    let found = match decoded(id) {
        Cow::Borrowed(id) => key(id).map(Cow::Borrowed),
        Cow::Owned(decoded) => key(&decoded).map(|key| Cow::Owned(key.to_owned())),
    };
    found.unwrap_or(Cow::Borrowed(id))
}

/// The key that is the id of a content.
fn key(id: &str) -> Option<&str> {
    match find(id)? {
        Key::Block(key) | Key::Old(key) => Some(key),
        Key::Course(key, rest) => {
            let ends = rest.is_empty() || rest == "/" || rest.starts_with(['?', '#']);
            ends.then_some(key)
        }
    }
}

/// The key of the course that an address lies in.
pub(super) fn course_of(id: &str) -> Option<String> {
    match find(&decoded(id))? {
        Key::Block(key) => {
            let key = key.strip_prefix(BLOCK)?;
            let key = key.strip_prefix(COURSE).unwrap_or(key);
            let (key, _) = key.split_once("+type@")?;
            Some(format!("{COURSE}{key}"))
        }
        Key::Old(_) => None,
        Key::Course(key, _) => Some(key.to_owned()),
    }
}

const BLOCK: &str = "block-v1:";
const COURSE: &str = "course-v1:";
const OLD: &str = "i4x://";

enum Key<'a> {
    Block(&'a str),
    /// Of a block, in the style of before 2014.
    Old(&'a str),
    /// Of a course, and what follows it.
    Course(&'a str, &'a str),
}

/// The key in an address; that of a block before that of the course it is in.
fn find(id: &str) -> Option<Key<'_>> {
    let mut course = None;
    // Each key has a colon with a word before it, and colons are few.
    for at in memchr::memchr_iter(b':', id.as_bytes()) {
        let (before, after) = (id.get(..=at)?, id.get(at + 1..)?);
        let ends_with = |word: &str| {
            let from = before.len().checked_sub(word.len());
            from.filter(|_| before.ends_with(word))
        };
        if let Some(from) = ends_with(BLOCK) {
            let key = until_end(id.get(from..)?);
            if key.len() > BLOCK.len() {
                return Some(Key::Block(key));
            }
        } else if let (None, Some(from)) = (&course, ends_with(COURSE)) {
            let from = id.get(from..)?;
            let key = until_end(from);
            if key.len() > COURSE.len() {
                course = Some(Key::Course(key, from.get(key.len()..)?));
            }
        } else if before.ends_with("i4x:")
            && after.starts_with("//")
            && let Some(key) = old(id.get(at - 3..)?)
        {
            return Some(Key::Old(key));
        }
    }
    course
}

fn until_end(text: &str) -> &str {
    // Sixteen bytes at a time, without a branch for each.
    let (blocks, _) = text.as_bytes().as_chunks::<16>();
    let any = |block: &&[u8; 16]| {
        let found = |any, &byte: &u8| {
            let query = u8::from(byte == b'?') | u8::from(byte == b'#') | u8::from(byte == b'&');
            any | query | u8::from(byte == b'/') | u8::from(byte <= b' ')
        };
        block.iter().fold(0, found) == 0
    };
    let clear = blocks.iter().take_while(any).count() * 16;
    let mut rest = text.bytes().skip(clear);
    let end = rest.position(|byte| ends(byte) || byte == b'/');
    end.and_then(|end| text.get(..clear + end)).unwrap_or(text)
}

/// `i4x://organization/course/category/name`, if it is whole.
fn old(text: &str) -> Option<&str> {
    let end = text.bytes().position(ends).unwrap_or(text.len());
    let text = text.get(..end)?;
    let length = memchr::memchr_iter(b'/', text.as_bytes()).nth(5);
    let key = text.get(..length.unwrap_or(text.len()))?;
    let parts = key.strip_prefix(OLD)?.split('/');
    (parts.filter(|part| !part.is_empty()).count() == 4).then_some(key)
}

fn ends(byte: u8) -> bool {
    matches!(
        byte,
        b'?' | b'#' | b'&' | b' ' | b'\t' | b'\n' | b'\r' | b'\x0c'
    )
}

/// The text with `%3A` and its like decoded, unless that makes no text.
fn decoded(id: &str) -> Cow<'_, str> {
    if memchr::memchr(b'%', id.as_bytes()).is_none() {
        return id.into();
    }
    let mut bytes = Vec::with_capacity(id.len());
    let mut rest = id.bytes();
    while let Some(byte) = rest.next() {
        let mut digits = rest.clone().map(|digit| char::from(digit).to_digit(16));
        match (byte, digits.next().flatten(), digits.next().flatten()) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'%'));
                rest.nth(1);
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).map_or(id.into(), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_are_found_inside_addresses() {
        for (id, key, of) in [
            (
                "http://h/xblock/block-v1:A+B+C+type@video+block@b1",
                "block-v1:A+B+C+type@video+block@b1",
                Some("course-v1:A+B+C"),
            ),
            (
                "http://h/xblock/block-v1%3AA%2BB%2BC%2Btype%40video%2Bblock%40b1?x=1",
                "block-v1:A+B+C+type@video+block@b1",
                Some("course-v1:A+B+C"),
            ),
            (
                "http://h/xblock/block-v1:course-v1:A+B+C+type@video+block@b1",
                "block-v1:course-v1:A+B+C+type@video+block@b1",
                Some("course-v1:A+B+C"),
            ),
            (
                "http://h/courses/course-v1:A+B+C/x/block-v1:A+B+C+type@problem+block@p/",
                "block-v1:A+B+C+type@problem+block@p",
                Some("course-v1:A+B+C"),
            ),
            (
                "http://h/course/course-v1:A+B+C",
                "course-v1:A+B+C",
                Some("course-v1:A+B+C"),
            ),
            (
                "http://h/course/course-v1:A+B+C/",
                "course-v1:A+B+C",
                Some("course-v1:A+B+C"),
            ),
            (
                "course-v1:A+B+C",
                "course-v1:A+B+C",
                Some("course-v1:A+B+C"),
            ),
            (
                "http://h/courses/course-v1:A+B+C/info",
                "http://h/courses/course-v1:A+B+C/info",
                Some("course-v1:A+B+C"),
            ),
            (
                "http://h/x/i4x://org/course/video/name",
                "i4x://org/course/video/name",
                None,
            ),
            (
                "http://h/x/i4x:%2F%2Forg%2Fcourse%2Fvideo%2Fname/more",
                "i4x://org/course/video/name",
                None,
            ),
            (
                "http://h/i4x://org/course",
                "http://h/i4x://org/course",
                None,
            ),
            ("http://h/-v1/block-v1:", "http://h/-v1/block-v1:", None),
            ("http://h/%ff-v1", "http://h/%ff-v1", None),
            (
                "uuid://69d32ad5-3af5-4160-a995-87e09da6865c",
                "uuid://69d32ad5-3af5-4160-a995-87e09da6865c",
                None,
            ),
        ] {
            assert_eq!(content(id), key, "{id}");
            assert_eq!(course_of(id).as_deref(), of, "{id}");
        }
    }

    proptest! {
        #[test]
        fn no_id_makes_it_stumble(id in "(block-v1:|course-v1:|i4x://|%3A|%|/|\\+type@|\\PC){0,9}") {
            let key = content(&id).into_owned();
            // What was encoded twice is decoded once only.
            if !key.contains('%') {
                prop_assert_eq!(content(&key), key.as_str(), "a key is its own key");
            }
            let _ = course_of(&id);
        }
    }
}
