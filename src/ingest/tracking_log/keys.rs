//! Keys of courses and blocks, in the styles before and after 2014, and ids made from them.

use std::borrow::Cow;

use crate::data::Kind;

/// A course key: `course-v1:Org+Num+Run`, `ccx-v1:Org+Num+Run+ccx@1` or `Org/Num/Run`.
pub(super) fn is_course(text: &str) -> bool {
    let filled = |mut parts: std::str::Split<'_, char>, from: usize, to: usize| {
        let count = parts.clone().count();
        count >= from && count <= to && parts.all(|part| !part.is_empty())
    };
    if let Some(rest) = text.strip_prefix("course-v1:") {
        filled(rest.split('+'), 3, 3)
    } else if let Some(rest) = text.strip_prefix("ccx-v1:") {
        filled(rest.split('+'), 4, 4) && rest.contains("+ccx@")
    } else {
        let plain =
            |byte: u8| byte.is_ascii_alphanumeric() || b"_-.~/".contains(&byte) || byte > 127;
        filled(text.split('/'), 3, 3) && text.bytes().all(plain)
    }
}

/// The parts of a usage key.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Usage<'a> {
    /// `None` in keys of the old style, which do not name the run.
    pub(super) course: Option<String>,
    pub(super) block_type: &'a str,
}

/// Takes a usage key apart: `block-v1:...`, `ccx-block-v1:...` or `i4x://...`.
pub(super) fn usage(key: &str) -> Option<Usage<'_>> {
    if let Some(rest) = key.strip_prefix("i4x://") {
        let mut parts = rest.split('/');
        let (_, _, block_type, name) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        return (!block_type.is_empty() && !name.is_empty()).then_some(Usage {
            course: None,
            block_type,
        });
    }
    let (prefix, rest) = if let Some(rest) = key.strip_prefix("block-v1:") {
        ("course-v1:", rest)
    } else {
        ("ccx-v1:", key.strip_prefix("ccx-block-v1:")?)
    };
    let (course, rest) = rest.split_once("+type@")?;
    let (block_type, name) = rest.split_once("+block@")?;
    let course = course.strip_prefix(prefix).unwrap_or(course);
    let course = format!("{prefix}{course}");
    (!block_type.is_empty() && !name.is_empty()).then(|| Usage {
        course: is_course(&course).then_some(course),
        block_type,
    })
}

/// The usage key of a block of a course.
pub(super) fn block(course: &str, block_type: &str, name: &str) -> Option<String> {
    if let Some(rest) = course.strip_prefix("course-v1:") {
        return Some(format!("block-v1:{rest}+type@{block_type}+block@{name}"));
    }
    if let Some(rest) = course.strip_prefix("ccx-v1:") {
        return Some(format!(
            "ccx-block-v1:{rest}+type@{block_type}+block@{name}"
        ));
    }
    let (org, rest) = course.split_once('/')?;
    let (number, _) = rest.split_once('/')?;
    Some(format!("i4x://{org}/{number}/{block_type}/{name}"))
}

/// The usage key that an id stands for: a usage key, the id of its element in a page
/// (`i4x-Org-Num-video-name`), its bare name, or the id of an input of a problem (`..._2_1`).
pub(super) fn of_id<'a>(
    id: &'a str,
    course: Option<&str>,
    block_type: &str,
) -> Option<Cow<'a, str>> {
    let id = id.strip_prefix("input_").unwrap_or(id);
    if usage(id).is_some() {
        return Some(input_cut(id).into());
    }
    let id = if block_type == "problem" {
        without_input(id).unwrap_or(id)
    } else {
        id
    };
    if let Some(rest) = id.strip_prefix("i4x-") {
        return element(rest, course).map(Cow::Owned);
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    if id.is_empty() || !id.bytes().all(plain) {
        return None;
    }
    block(course?, block_type, id).map(Cow::Owned)
}

/// A block whose page element is called `i4x-Org-Num-type-name`; dashes in the names of the
/// organization and the course are told by the key of the course.
fn element(rest: &str, course: Option<&str>) -> Option<String> {
    let of_course = course.and_then(|course| {
        let mut parts = course.split('/');
        let (org, number) = (parts.next()?, parts.next()?);
        let rest = rest.strip_prefix(org)?.strip_prefix('-')?;
        let rest = rest.strip_prefix(number)?.strip_prefix('-')?;
        Some((org, number, rest))
    });
    let (org, number, rest) = of_course.or_else(|| {
        let (org, rest) = rest.split_once('-')?;
        let (number, rest) = rest.split_once('-')?;
        Some((org, number, rest))
    })?;
    let (block_type, name) = rest.split_once('-')?;
    let known = kind(block_type).is_some() && !name.is_empty();
    known.then(|| format!("i4x://{org}/{number}/{block_type}/{name}"))
}

/// A key without the number of an input, where the name before it is one of the platform's own.
fn input_cut(key: &str) -> &str {
    let Some(block) = without_input(key) else {
        return key;
    };
    let name = block.rsplit(['@', '/']).next().unwrap_or_default();
    let own = name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    if own { block } else { key }
}

/// The part before `_2_1`, if the id ends so.
fn without_input(id: &str) -> Option<&str> {
    let cut = |id: &'_ str| -> Option<usize> {
        let digits = id.bytes().rev().take_while(u8::is_ascii_digit).count();
        let at = id.len().checked_sub(digits + 1)?;
        (digits > 0 && id.as_bytes().get(at) == Some(&b'_')).then_some(at)
    };
    let once = id.get(..cut(id)?)?;
    once.get(..cut(once)?)
}

/// The kind of content that a type of block is; `None` for types unknown here.
pub(super) fn kind(block_type: &str) -> Option<Kind> {
    Some(match block_type {
        "video" | "videoalpha" | "youtube" => Kind::Video,
        "problem" | "drag-and-drop-v2" | "problem-builder" | "step-builder" => Kind::Problem,
        "html" | "vertical" | "sequential" | "chapter" | "course" | "static_tab" | "about" => {
            Kind::Page
        }
        "openassessment" | "staffgradedxblock" | "edx_sga" => Kind::Assignment,
        "discussion" => Kind::Discussion,
        "poll" | "survey" | "poll_question" | "word_cloud" | "library_content" | "split_test"
        | "lti" | "lti_consumer" | "google-document" | "google-calendar" | "conditional"
        | "randomize" | "done" | "combinedopenended" | "peergrading" | "ubcpi" | "oppia"
        | "scorm" | "h5p" | "h5pxblock" | "itembank" => Kind::Other,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW: &str = "course-v1:Uni+Stats1+2024";
    const OLD: &str = "Uni-X/Stats-1/2013";

    #[test]
    fn course_keys_of_both_styles_are_known() {
        for key in [NEW, OLD, "ccx-v1:Uni+Stats1+2024+ccx@3"] {
            assert!(is_course(key), "{key}");
        }
        for key in [
            "course-v1:Uni+Stats1",
            "course-v1:Uni++2024",
            "library-v1:Uni+Lib",
            "a/b",
            "a/b/c/d",
            "a b/c/d",
            "https://x/y",
            "",
        ] {
            assert!(!is_course(key), "{key}");
        }
    }

    #[test]
    fn usage_keys_tell_course_and_type() {
        let new = usage("block-v1:Uni+Stats1+2024+type@video+block@abc").unwrap();
        assert_eq!(
            (new.course.as_deref(), new.block_type),
            (Some(NEW), "video")
        );
        let old = usage("i4x://Uni-X/Stats-1/problem/p1").unwrap();
        assert_eq!((old.course, old.block_type), (None, "problem"));
        let ccx = usage("ccx-block-v1:Uni+Stats1+2024+ccx@3+type@html+block@a").unwrap();
        assert_eq!(ccx.course.as_deref(), Some("ccx-v1:Uni+Stats1+2024+ccx@3"));
        assert_eq!(usage("block-v1:Uni+Stats1+2024+type@video"), None);
        assert_eq!(usage("i4x://Uni/Stats/problem"), None);
    }

    #[test]
    fn ids_of_pages_and_inputs_lead_to_their_block() {
        let hash = "0123456789abcdef0123456789abcdef";
        let new = format!("block-v1:Uni+Stats1+2024+type@problem+block@{hash}");
        let id = |id: &str, course, block_type| of_id(id, course, block_type).map(Cow::into_owned);
        for input in [
            hash.to_owned(),
            format!("{hash}_2_1"),
            format!("input_{hash}_12_34"),
            format!("{new}_2_1"),
            new.clone(),
        ] {
            assert_eq!(
                id(&input, Some(NEW), "problem").as_deref(),
                Some(&*new),
                "{input}"
            );
        }
        let old = Some("i4x://Uni-X/Stats-1/problem/p1".to_owned());
        assert_eq!(
            id("i4x-Uni-X-Stats-1-problem-p1_2_1", Some(OLD), "problem"),
            old
        );
        assert_eq!(
            id("i4x-Uni-Stats-video-v-1", None, "video").as_deref(),
            Some("i4x://Uni/Stats/video/v-1")
        );
        // A name that an author chose may end like an input.
        let chosen = "block-v1:Uni+Stats1+2024+type@problem+block@task_2_1";
        assert_eq!(id(chosen, None, "problem").as_deref(), Some(chosen));
        assert_eq!(id("a b", Some(NEW), "video"), None);
        assert_eq!(id("abc", None, "video"), None);
    }
}
