//! Keys of Open edX inside the addresses that its statements use as ids.

use std::borrow::Cow;

use memchr::memmem;

/// The id of a content: the key of a block or of a course, where the address is of one.
///
/// An address that goes on behind a course key, as that of a page of the course, stays what it is.
pub(super) fn content(id: Cow<'_, str>) -> Cow<'_, str> {
    if !maybe(&id) {
        return id;
    }
    let decoded = decoded(&id);
    if let Some(key) = block(&decoded) {
        return Cow::Owned(key.to_owned());
    }
    match course(&decoded) {
        Some((key, rest)) if rest.is_empty() || rest.starts_with(['?', '#']) => {
            Cow::Owned(key.to_owned())
        }
        _ => id,
    }
}

/// The key of the course that an address lies in.
pub(super) fn course_of(id: &str) -> Option<String> {
    if !maybe(id) {
        return None;
    }
    let decoded = decoded(id);
    if let Some(key) = block(&decoded).and_then(|key| key.strip_prefix("block-v1:")) {
        let key = key.strip_prefix("course-v1:").unwrap_or(key);
        let (key, _) = key.split_once("+type@")?;
        return Some(format!("course-v1:{key}"));
    }
    course(&decoded).map(|(key, _)| key.to_owned())
}

/// Whether an id may hold a key; few do, and this is quick.
fn maybe(id: &str) -> bool {
    memmem::find(id.as_bytes(), b"-v1").is_some() || memmem::find(id.as_bytes(), b"i4x").is_some()
}

/// The key of a block, of either style.
fn block(id: &str) -> Option<&str> {
    if let Some(at) = id.find("block-v1:") {
        let key = id.get(at..)?;
        let key = key.split(ends).next()?;
        return (key.len() > "block-v1:".len()).then_some(key);
    }
    let key = id.get(id.find("i4x://")?..)?;
    // i4x://organization/course/category/name
    let length = key
        .match_indices(ends)
        .nth(5)
        .map_or(key.len(), |(at, _)| at);
    let key = key.get(..length)?;
    let parts = key.split('/').skip(2);
    (parts.filter(|part| !part.is_empty()).count() == 4).then_some(key)
}

/// The key of a course, and what follows it.
fn course(id: &str) -> Option<(&str, &str)> {
    let from = id.get(id.find("course-v1:")?..)?;
    let key = from.split(ends).next()?;
    let rest = from.get(key.len()..)?;
    let rest = if rest == "/" { "" } else { rest };
    (key.len() > "course-v1:".len()).then_some((key, rest))
}

fn ends(c: char) -> bool {
    matches!(c, '/' | '?' | '#' | '&') || c.is_whitespace()
}

/// The text with `%3A` and its like decoded, unless that makes no text.
fn decoded(id: &str) -> Cow<'_, str> {
    if !id.contains('%') {
        return id.into();
    }
    let mut bytes = Vec::with_capacity(id.len());
    let mut rest = id.bytes();
    while let Some(byte) = rest.next() {
        let digits = rest
            .clone()
            .take(2)
            .map(|digit| char::from(digit).to_digit(16));
        let value = digits.collect::<Option<Vec<u32>>>();
        match value.as_deref() {
            Some([high, low]) if byte == b'%' => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'%'));
                rest.by_ref().take(2).for_each(drop);
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
            assert_eq!(content(id.into()), key, "{id}");
            assert_eq!(course_of(id).as_deref(), of, "{id}");
        }
    }

    proptest! {
        #[test]
        fn no_id_makes_it_stumble(id in "(block-v1:|course-v1:|i4x://|%3A|%|/|\\+type@|\\PC){0,9}") {
            let key = content(id.as_str().into()).into_owned();
            prop_assert_eq!(content(key.as_str().into()), key.as_str(), "a key is its own key");
            let _ = course_of(&id);
        }
    }
}
