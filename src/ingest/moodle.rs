//! Moodle: the log table `logstore_standard_log`, and the log report as the site exports it.

mod context;
mod dates;
mod description;
mod log;
pub(super) mod modules;
mod other;
mod report;
mod report_verbs;
mod verbs;

pub(super) use log::Moodle;
pub(super) use report::MoodleReport;
pub(super) use report_verbs::REPORT;
pub(super) use verbs::MAPPING;

/// What staff do, and what the system does, is refused under this name.
const NOT_LEARNING: &str = "NotLearning";

/// The kind of a course module, by the name of its module.
const KINDS: &[(&str, crate::data::Kind)] = {
    use crate::data::Kind as K;
    &[
        ("assign", K::Assignment),
        ("assignment", K::Assignment),
        ("attendance", K::Live),
        ("bigbluebuttonbn", K::Live),
        ("board", K::Discussion),
        ("book", K::Page),
        ("chat", K::Discussion),
        ("choice", K::Other),
        ("data", K::Other),
        ("feedback", K::Other),
        ("folder", K::File),
        ("forum", K::Discussion),
        ("glossary", K::Page),
        ("googlemeet", K::Live),
        ("h5pactivity", K::Other),
        ("hsuforum", K::Discussion),
        ("hvp", K::Other),
        ("imscp", K::Page),
        ("label", K::Page),
        ("lesson", K::Page),
        ("lti", K::Other),
        ("page", K::Page),
        ("questionnaire", K::Other),
        ("quiz", K::Quiz),
        ("resource", K::File),
        ("scorm", K::Other),
        ("survey", K::Other),
        ("teams", K::Live),
        ("turnitintooltwo", K::Assignment),
        ("url", K::Page),
        ("videofile", K::Video),
        ("vpl", K::Problem),
        ("wiki", K::Page),
        ("workshop", K::Assignment),
        ("zoom", K::Live),
    ]
};

/// The kind of a module's name, with or without `mod_`; `other` for modules not in the table.
fn kind(module: &str) -> crate::data::Kind {
    let module = module.strip_prefix("mod_").unwrap_or(module);
    let found = KINDS.iter().find(|(name, _)| *name == module);
    found.map_or(crate::data::Kind::Other, |(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published page names what the code refuses and turns around.
    #[test]
    fn the_pages_list_what_is_refused_and_what_is_about_somebody() {
        let log = include_str!("moodle/MAPPING.md");
        let report = include_str!("moodle/REPORT.md");
        for (page, names) in [
            (log, verbs::STAFF),
            (log, verbs::ABOUT),
            (report, report_verbs::REPORT_STAFF),
            (report, report_verbs::REPORT_ABOUT),
        ] {
            let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            let list = quoted.join(", ");
            assert!(page.contains(&list), "the page lacks the list {list}");
            let sorted = names.is_sorted_by(|a, b| a < b);
            assert!(sorted, "a list has a name twice or out of order: {list}");
        }
        for (name, kind) in KINDS {
            assert!(
                log.contains(&format!("`{name}`")) && log.contains(&format!("`{}`", kind.word()))
            );
        }
    }

    #[test]
    fn no_event_is_both_refused_and_mapped() {
        for (mapping, staff) in [
            (MAPPING, verbs::STAFF),
            (REPORT, report_verbs::REPORT_STAFF),
        ] {
            for (name, _) in mapping.verbs {
                assert!(!staff.contains(name), "{name}");
            }
        }
    }
}
