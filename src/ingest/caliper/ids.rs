//! Ids: the keys of Open edX out of the addresses that hold them, learners under a home page.

use std::borrow::Cow;

use memchr::memmem;

/// The key of a block or a course of Open edX that an address holds, decoded.
pub(in crate::ingest) fn open_edx(id: &str) -> Option<Cow<'_, str>> {
    let holds = |part: &str| memmem::find(id.as_bytes(), part.as_bytes()).is_some();
    if !holds("-v1") && !holds("i4x") {
        return None;
    }
    match decoded(id) {
        Cow::Borrowed(id) => key(id).map(Cow::Borrowed),
        Cow::Owned(id) => key(&id).map(|key| Cow::Owned(key.to_owned())),
    }
}

fn key(id: &str) -> Option<&str> {
    let starts = ["block-v1:", "i4x://", "course-v1:"];
    let found = starts.iter().find_map(|start| {
        let at = id.find(start)?;
        Some((id.get(at..)?, start.len()))
    });
    let (key, begun) = found?;
    let body = key.get(begun..)?;
    // An old key is organization, course, category and name.
    let parts = if key.starts_with("i4x") { 4 } else { 1 };
    let ends = |c: char| matches!(c, '?' | '#' | '&' | '"') || c.is_whitespace();
    let body = body.split(ends).next().unwrap_or(body);
    let mut slashes = body.match_indices('/');
    let end = slashes.nth(parts - 1).map_or(body.len(), |(at, _)| at);
    let key = key.get(..begun + end)?;
    (end > 0).then_some(key)
}

/// The learner's id: under the home page of the platform, the last part of the address.
pub(in crate::ingest) fn learner<'a>(id: &'a str, home_page: Option<&str>) -> Cow<'a, str> {
    let home = home_page.map(|home| home.trim_end_matches('/'));
    let under = home
        .filter(|home| !home.is_empty())
        .and_then(|home| id.strip_prefix(home))
        .and_then(|rest| rest.strip_prefix('/'));
    let path = under.and_then(|rest| rest.split(['?', '#']).next());
    let last = path.and_then(|path| path.trim_end_matches('/').rsplit('/').next());
    match last {
        Some(last) if !last.is_empty() => decoded(last),
        _ => Cow::Borrowed(id),
    }
}

/// A text without percent encoding; what is not well encoded stays as it is.
pub(in crate::ingest) fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        rest = tail;
        if let (b'%', [high, low, after @ ..]) = (byte, tail)
            && let (Some(high), Some(low)) = (digit(*high), digit(*low))
        {
            bytes.push(high * 16 + low);
            rest = after;
            continue;
        }
        bytes.push(*byte);
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_of_open_edx_are_found_in_addresses() {
        let block = "block-v1:Uni+Bio+2024+type@video+block@ab12";
        for id in [
            block,
            "https://lms.example.org/xblock/block-v1:Uni+Bio+2024+type@video+block@ab12",
            "https://lms.example.org/xblock/block-v1%3AUni%2BBio%2B2024%2Btype%40video%2Bblock%40ab12?a=1",
            "https://lms.example.org/courses/course-v1:Uni+Bio+2024/x/block-v1:Uni+Bio+2024+type@video+block@ab12/#top",
        ] {
            assert_eq!(open_edx(id).as_deref(), Some(block), "{id}");
        }
        let course = open_edx("http://lms/courses/course-v1%3AUni%2BBio%2B2024/info");
        assert_eq!(course.as_deref(), Some("course-v1:Uni+Bio+2024"));
        let old = open_edx("http://lms/xblock/i4x://Uni/Bio/problem/ab12/handler");
        assert_eq!(old.as_deref(), Some("i4x://Uni/Bio/problem/ab12"));
        for id in [
            "https://example.edu/v1/items/1",
            "block-v1:",
            "i4x:/x",
            "%zz-v1",
        ] {
            assert_eq!(open_edx(id), None, "{id}");
        }
    }

    #[test]
    fn a_learner_under_the_home_page_is_the_last_part() {
        let home = Some("https://example.edu/");
        let of = |id| learner(id, home).into_owned();
        assert_eq!(of("https://example.edu/users/554433"), "554433");
        assert_eq!(of("https://example.edu/users/an%20n/?x=1"), "an n");
        for same in [
            "https://example.education/users/1",
            "https://example.edu",
            "https://example.edu/",
            "urn:uuid:1",
        ] {
            assert_eq!(of(same), same);
        }
        assert_eq!(
            learner("https://example.edu/users/1", None),
            "https://example.edu/users/1"
        );
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding(text in "\\PC{0,20}") {
            let codes: Vec<String> = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
            let encoded = codes.concat();
            prop_assert_eq!(decoded(&encoded), text);
        }

        #[test]
        fn no_text_makes_it_stumble(text in "[%0-9a-f/:?\u{e4}]{0,12}(block-v1:|i4x://|course-v1%3a)?\\PC{0,20}") {
            let _ = open_edx(&text);
            let _ = learner(&text, Some(&text));
        }
    }
}
