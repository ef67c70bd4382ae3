//! What the specification asks of a single text: identifiers, languages, addresses.

use std::borrow::Cow;

use crate::ingest::batch::{Fault, fault};
use crate::ingest::json::Json;

/// Reads an IRI with its scheme (RFC 3987).
///
/// # Errors
/// `NotAnIri`.
pub(super) fn iri<'a>(json: &mut Json<'a>, place: &'static str) -> Result<Cow<'a, str>, Fault> {
    let text = json.text(place)?;
    if is_iri(&text) {
        Ok(text)
    } else {
        Err(fault(place, "NotAnIri"))
    }
}

/// Whether a text is an IRI: a scheme, a colon, and something behind it of what may stand there.
pub(super) fn is_iri(text: &str) -> bool {
    let bytes = text.as_bytes();
    // Without branches, so that many bytes are looked at at once; pairs that differ in one bit
    // are found together.
    let (bad, percent) = bytes.iter().fold((0, 0), |(bad, percent), &byte| {
        let without = byte & !0b10;
        // Space and quote, the two angles, backslash and circumflex.
        let pair =
            u8::from(without == b' ') | u8::from(without == b'<') | u8::from(without == b'\\');
        // The left brace and delete, the bar and the right brace.
        let brace = u8::from(byte | 0b100 == 0x7f) | u8::from(byte | 1 == b'}');
        let other = u8::from(byte < b' ') | u8::from(byte == b'`');
        (bad | pair | brace | other, percent | u8::from(byte == b'%'))
    });
    let (bad, percent) = (bad != 0, percent != 0);
    let colon = memchr::memchr(b':', bytes);
    let Some((scheme, rest)) = colon.and_then(|at| Some((text.get(..at)?, text.get(at + 1..)?)))
    else {
        return false;
    };
    let mut letters = scheme.bytes();
    !bad && !rest.is_empty()
        && letters
            .next()
            .is_some_and(|first| first.is_ascii_alphabetic())
        && letters.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
        && (!percent || escapes(bytes))
}

/// Whether two hexadecimal digits follow each percent sign.
fn escapes(bytes: &[u8]) -> bool {
    memchr::memchr_iter(b'%', bytes).all(|at| {
        let digits = bytes.get(at + 1..at + 3);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

/// Reads a UUID; it comes in lower case, since case makes no difference.
///
/// # Errors
/// `NotAUuid`.
pub(super) fn uuid<'a>(json: &mut Json<'a>, place: &'static str) -> Result<Cow<'a, str>, Fault> {
    if let Some(text) = json.text_of(36, |bytes| uuid_in_upper_case(bytes) == Some(false)) {
        return Ok(text.into());
    }
    as_uuid(json.text(place)?, place)
}

/// Checks a UUID and puts it in lower case.
///
/// # Errors
/// `NotAUuid`.
pub(super) fn as_uuid<'a>(text: Cow<'a, str>, place: &'static str) -> Result<Cow<'a, str>, Fault> {
    match uuid_in_upper_case(text.as_bytes()) {
        None => Err(fault(place, "NotAUuid")),
        Some(false) => Ok(text),
        Some(true) => Ok(text.to_ascii_lowercase().into()),
    }
}

/// Whether a UUID has letters in upper case; `None` of what is no UUID.
fn uuid_in_upper_case(bytes: &[u8]) -> Option<bool> {
    let bytes: &[u8; 36] = bytes.try_into().ok()?;
    let (other, upper, dashes) = bytes
        .iter()
        .fold((0, 0, 0), |(other, upper, dashes), &byte| {
            let letter = u8::from((byte | 0x20).wrapping_sub(b'a') < 6);
            let is_dash = u8::from(byte == b'-');
            let known = letter | u8::from(byte.wrapping_sub(b'0') < 10) | is_dash;
            let is_upper = u8::from(byte.wrapping_sub(b'A') < 6);
            (other | (known ^ 1), upper | is_upper, dashes + is_dash)
        });
    let dash = |at: usize| bytes.get(at) == Some(&b'-');
    let parted = dashes == 4_u8 && [8, 13, 18, 23].into_iter().all(dash);
    (other == 0 && parted).then_some(upper != 0)
}

/// Reads the hexadecimal SHA-1 sum of an address.
///
/// # Errors
/// `BadSha1`.
pub(super) fn sha1<'a>(json: &mut Json<'a>, place: &'static str) -> Result<Cow<'a, str>, Fault> {
    let text = json.text(place)?;
    if text.len() != 40 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(fault(place, "BadSha1"));
    }
    Ok(if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        text.to_ascii_lowercase().into()
    } else {
        text
    })
}

/// Reads `mailto:` and an address.
///
/// # Errors
/// `BadMbox`.
pub(super) fn mbox<'a>(json: &mut Json<'a>, place: &'static str) -> Result<Cow<'a, str>, Fault> {
    let text = json.text(place)?;
    let address = text
        .strip_prefix("mailto:")
        .and_then(|address| address.rsplit_once('@'));
    let clean = |part: &str| {
        let bad = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',');
        !part.is_empty() && !part.contains(bad)
    };
    match address {
        Some((local, host)) if clean(local) && clean(host) && !local.contains('@') => Ok(text),
        _ => Err(fault(place, "BadMbox")),
    }
}

/// Reads a map from languages to texts, of which nothing is kept.
///
/// # Errors
/// `BadLanguage`.
pub(super) fn language_map(json: &mut Json<'_>, place: &'static str) -> Result<(), Fault> {
    json.object(place, |json, key| {
        language(key, place)?;
        json.pass_text(place)
    })
}

/// Checks a language tag.
///
/// # Errors
/// `BadLanguage`.
pub(super) fn language(tag: &str, place: &'static str) -> Result<(), Fault> {
    match tag.as_bytes() {
        [a, b] | [a, b, b'-', b'A'..=b'Z', b'A'..=b'Z']
            if a.is_ascii_lowercase() && b.is_ascii_lowercase() =>
        {
            Ok(())
        }
        _ if is_language(tag) => Ok(()),
        _ => Err(fault(place, "BadLanguage")),
    }
}

/// Whether a tag is well-formed by RFC 5646, section 2.1.
fn is_language(tag: &str) -> bool {
    const GRANDFATHERED: &[&str] = &["en-gb-oed", "sgn-be-fr", "sgn-be-nl", "sgn-ch-de"];
    let lower = tag.to_ascii_lowercase();
    if GRANDFATHERED.contains(&lower.as_str()) {
        return true;
    }
    let mut parts = lower.split('-').peekable();
    let letters = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let alnum = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let of = |part: &str, from: usize, to: usize| (from..=to).contains(&part.len()) && alnum(part);
    let first = parts.next().unwrap_or_default();
    if first == "x" || first == "i" {
        let mut some = false;
        return parts.all(|part| {
            some = true;
            of(part, 1, 8)
        }) && some;
    }
    if !(2..=8).contains(&first.len()) || !letters(first) {
        return false;
    }
    if first.len() <= 3 {
        for _ in 0..3 {
            parts.next_if(|part| part.len() == 3 && letters(part));
        }
    }
    parts.next_if(|part| part.len() == 4 && letters(part));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    parts.next_if(|part| part.len() == 2 && letters(part) || part.len() == 3 && digits(part));
    let starts_with_digit = |part: &str| part.as_bytes().first().is_some_and(u8::is_ascii_digit);
    while parts
        .next_if(|part| of(part, 5, 8) || part.len() == 4 && alnum(part) && starts_with_digit(part))
        .is_some()
    {}
    // Extensions: a letter or digit, then subtags; `x` takes what is left.
    while let Some(single) = parts.next() {
        if single.len() != 1 || !alnum(single) {
            return false;
        }
        let shortest = if single == "x" { 1 } else { 2 };
        let mut some = false;
        while parts.next_if(|part| of(part, shortest, 8)).is_some() {
            some = true;
        }
        if !some {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_iri_has_a_scheme_and_nothing_that_may_not_stand_in_one() {
        for good in [
            "http://a",
            "urn:uuid:1",
            "course-v1:A+B+C",
            "https://x/é?a=%20#b",
            "x:[1]",
        ] {
            assert!(is_iri(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "http:",
            ":a",
            "1a:b",
            "ab=c://x",
            "http://a b",
            "http://{a}",
            "a:%2",
            "a:%zz",
            "a:\"",
            "a:<b>",
            "a:\\",
            "a:\u{7f}",
            "a:`",
            "a:^",
            "a:|",
        ] {
            assert!(!is_iri(bad), "{bad}");
        }
    }

    #[test]
    fn each_byte_may_stand_in_an_iri_or_not() {
        for byte in 0..0x80 {
            let bad = byte <= b' ' || byte == 0x7f || b"<>\"{}|\\^`%".contains(&byte);
            let text = format!("a:b{}xcdefghijklmnopqrstuvwxyz", char::from(byte));
            assert_eq!(is_iri(&text), !bad, "{byte:#x}");
        }
    }

    #[test]
    fn language_tags_are_well_formed() {
        for good in [
            "en",
            "EN",
            "en-US",
            "tlh",
            "ase",
            "de-CH-1996",
            "zh-Hant",
            "zh-cmn-Hans-CN",
            "sr-Cyrl",
            "es-419",
            "sl-rozaj-biske",
            "en-a-bbb-x-a-ccc",
            "x-whatever",
            "i-klingon",
            "en-GB-oed",
            "und",
            "hy-Latn-IT-arevela",
        ] {
            assert!(language(good, "x").is_ok(), "{good}");
        }
        for bad in [
            "",
            "e",
            "something",
            "en-",
            "en-something-AU",
            "zh-something-ccc",
            "en_US",
            "s-something",
            "x",
            "en-a",
            "en-x",
            "a-DE",
            "de-419-DE",
            "en--US",
            "é",
            "en-\u{e9}s",
        ] {
            assert!(language(bad, "x").is_err(), "{bad}");
        }
    }

    #[test]
    fn uuids_sums_and_addresses() {
        let text = |text: &str| format!("\"{text}\"");
        let upper = text("6690E6C9-3ef0-4ed3-8b37-7f3964730bee");
        let mut json = Json::new(upper.as_bytes()).unwrap();
        assert_eq!(
            uuid(&mut json, "x").unwrap(),
            "6690e6c9-3ef0-4ed3-8b37-7f3964730bee"
        );
        for bad in [
            "6690e6c93ef04ed38b377f3964730bee",
            "6690e6c9-3ef0-4ed3-8b37-7f3964730bex",
            "6690e6c9-3ef0-4ed3-8b37-7f3964730bee0",
            "{6690e6c9-3ef0-4ed3-8b37-7f3964730b}",
        ] {
            let bad = text(bad);
            assert!(
                uuid(&mut Json::new(bad.as_bytes()).unwrap(), "x").is_err(),
                "{bad}"
            );
        }
        for (address, good) in [
            ("mailto:a@b.c", true),
            ("mailto:a+b@c", true),
            ("a@b.c", false),
            ("mailto:a", false),
            ("mailto:@b", false),
            ("mailto:a@", false),
            ("mailto:a b@c", false),
            ("MAILTO:a@b.c", false),
            ("mailto:a@b@c", false),
        ] {
            let quoted = text(address);
            let read = mbox(&mut Json::new(quoted.as_bytes()).unwrap(), "x");
            assert_eq!(read.is_ok(), good, "{address}");
        }
    }
}
