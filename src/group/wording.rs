//! What questions and estimators are called in ledgers. A sealed answer is found by these texts,
//! so no word of them is ever to be changed, however types and fields are called elsewhere.
//!
//! Everything is written out, and types are taken apart: a new field or variant does not compile
//! until it has words here. Those of a new field belong at the end, and only where it is not what
//! it is by default: what was sealed without it is then still found.

use super::funnel::Funnel;
use super::metric::{Between, Blank, Metric, Skill, Steps, Test};
use super::question::Question;
use crate::data::Id;
use crate::personal::{
    AttributeTo, Credit, Estimator, Measured, Order, Place, Sessions, StudyTime,
};

/// A question.
pub(super) fn question(question: &Question) -> String {
    let skill = |by: &Skill, mark: &Option<u8>| {
        let by = match by {
            Skill::Topic => "Topic",
            Skill::Module => "Module",
        };
        format!("{by}, {}", optional(*mark))
    };
    let items = |by: &Test, blank: &Blank| {
        let blank = match blank {
            Blank::Skip => "Skip",
            Blank::Zero => "Zero",
        };
        format!("{}, {blank}", test(*by))
    };
    let between = |between: &Between| match between {
        Between::Pairs => "Pairs",
        Between::All => "All",
    };
    match question {
        Question::Rosters => "Rosters".to_string(),
        Question::Summary => "Summary".to_string(),
        Question::ActiveLearners => "ActiveLearners".to_string(),
        Question::Distribution(of) => format!("Distribution({})", metric(*of)),
        Question::Quantiles(of) => format!("Quantiles({})", metric(*of)),
        Question::Bands(of) => format!("Bands({})", metric(*of)),
        Question::DropOff(by) => format!("DropOff({})", steps(*by)),
        Question::Hazard(by) => format!("Hazard({})", steps(*by)),
        Question::Survival => "Survival".to_string(),
        Question::LogRank(groups) => format!("LogRank({})", between(groups)),
        Question::Items(by, blank) => format!("Items({})", items(by, blank)),
        Question::Reliability(by, blank) => format!("Reliability({})", items(by, blank)),
        Question::Options(by) => format!("Options({})", test(*by)),
        Question::Struggle(mark) => format!("Struggle({})", optional(*mark)),
        Question::Curves(by, mark) => format!("Curves({})", skill(by, mark)),
        Question::Rates(by, mark) => format!("Rates({})", skill(by, mark)),
        Question::FeatureUsage => "FeatureUsage".to_string(),
        Question::PopularContent => "PopularContent".to_string(),
        Question::Collaboration => "Collaboration".to_string(),
        Question::ReplyNetwork => "ReplyNetwork".to_string(),
        Question::VideoSeconds(width) => format!("VideoSeconds({width})"),
        Question::RewatchPeaks(width) => format!("RewatchPeaks({width})"),
        Question::Funnel(own) => format!("Funnel({})", funnel(own)),
    }
}

fn funnel(funnel: &Funnel) -> String {
    let Funnel {
        steps,
        by,
        order,
        within,
    } = funnel;
    let by = match by {
        Place::Content => "Content",
        Place::Kind => "Kind",
        Place::Module => "Module",
    };
    let order = match order {
        Order::Ordered => "Ordered",
        Order::Strict => "Strict",
        Order::Any => "Any",
    };
    let step = |id: &Id| match id {
        Id::Int(value) => format!("Int({value})"),
        Id::Text(value) => format!("Text({})", quoted(value)),
    };
    let steps: Vec<String> = steps.iter().map(step).collect();
    format!(
        "Funnel {{ steps: [{}], by: {by}, order: {order}, within: {} }}",
        steps.join(", "),
        optional(*within)
    )
}

/// A study time estimator.
pub(super) fn study_time(rule: &StudyTime) -> String {
    let StudyTime {
        estimator,
        gap,
        over_gap,
        last_event,
        attribute_to,
        sessions,
        min_events,
        min_duration,
        max_session,
        measured,
    } = rule;
    let estimator = match estimator {
        Estimator::Gaps => "Gaps".to_string(),
        Estimator::Heartbeat { every, min_visit } => {
            format!("Heartbeat {{ every: {every}, min_visit: {min_visit} }}")
        }
    };
    let attribute_to = match attribute_to {
        AttributeTo::Preceding => "Preceding",
        AttributeTo::Following => "Following",
    };
    let sessions = match sessions {
        Sessions::Gap => "Gap",
        Sessions::Given => "Given",
        Sessions::Both => "Both",
    };
    let measured = match measured {
        Measured::Prefer => "Prefer",
        Measured::Ignore => "Ignore",
        Measured::Only => "Only",
    };
    format!(
        "StudyTime {{ estimator: {estimator}, gap: {gap}, over_gap: {}, last_event: {}, \
         attribute_to: {attribute_to}, sessions: {sessions}, min_events: {min_events}, \
         min_duration: {min_duration}, max_session: {}, measured: {measured} }}",
        credit(over_gap),
        credit(last_event),
        optional(*max_session),
    )
}

fn credit(credit: &Credit) -> String {
    match credit {
        Credit::Nothing => "Nothing".to_string(),
        Credit::Fixed(span) => format!("Fixed({span})"),
        Credit::Median => "Median".to_string(),
        Credit::Table(kinds) => {
            let kind = |(kind, span): &(String, i64)| format!("({}, {span})", quoted(kind));
            let kinds: Vec<String> = kinds.iter().map(kind).collect();
            format!("Table([{}])", kinds.join(", "))
        }
    }
}

fn metric(metric: Metric) -> &'static str {
    match metric {
        Metric::StudyTime => "StudyTime",
        Metric::Sessions => "Sessions",
        Metric::Events => "Events",
        Metric::ActiveDays => "ActiveDays",
        Metric::Contents => "Contents",
        Metric::Completed => "Completed",
        Metric::Progress => "Progress",
        Metric::StudyTimeInPeriod => "StudyTimeInPeriod",
        Metric::SessionsInPeriod => "SessionsInPeriod",
        Metric::EventsInPeriod => "EventsInPeriod",
        Metric::ActiveDaysInPeriod => "ActiveDaysInPeriod",
        Metric::ContentsInPeriod => "ContentsInPeriod",
        Metric::CompletedInPeriod => "CompletedInPeriod",
    }
}

fn steps(by: Steps) -> &'static str {
    match by {
        Steps::Content => "Content",
        Steps::Module => "Module",
        Steps::Week => "Week",
    }
}

fn test(by: Test) -> &'static str {
    match by {
        Test::Course => "Course",
        Test::Module => "Module",
    }
}

fn optional(value: Option<impl std::fmt::Display>) -> String {
    value.map_or_else(|| "None".to_string(), |value| format!("Some({value})"))
}

/// In quotation marks, as the standard library writes it: the first ledgers did so.
fn quoted(text: &str) -> String {
    format!("{text:?}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::HOUR;

    /// The names under which the tables of a snapshot stand in ledgers, in its order.
    const STANDARD: &str = "Rosters; Summary; ActiveLearners; Survival; Struggle(None); \
        FeatureUsage; PopularContent; Collaboration; ReplyNetwork; VideoSeconds(5); \
        RewatchPeaks(5); \
        Distribution(StudyTime); Quantiles(StudyTime); Bands(StudyTime); \
        Distribution(Sessions); Quantiles(Sessions); Bands(Sessions); \
        Distribution(Events); Quantiles(Events); Bands(Events); \
        Distribution(ActiveDays); Quantiles(ActiveDays); Bands(ActiveDays); \
        Distribution(Contents); Quantiles(Contents); Bands(Contents); \
        Distribution(Completed); Quantiles(Completed); Bands(Completed); \
        Distribution(Progress); Quantiles(Progress); Bands(Progress); \
        Distribution(StudyTimeInPeriod); Quantiles(StudyTimeInPeriod); Bands(StudyTimeInPeriod); \
        Distribution(SessionsInPeriod); Quantiles(SessionsInPeriod); Bands(SessionsInPeriod); \
        Distribution(EventsInPeriod); Quantiles(EventsInPeriod); Bands(EventsInPeriod); \
        Distribution(ActiveDaysInPeriod); Quantiles(ActiveDaysInPeriod); \
        Bands(ActiveDaysInPeriod); \
        Distribution(ContentsInPeriod); Quantiles(ContentsInPeriod); Bands(ContentsInPeriod); \
        Distribution(CompletedInPeriod); Quantiles(CompletedInPeriod); Bands(CompletedInPeriod); \
        DropOff(Content); Hazard(Content); DropOff(Module); Hazard(Module); DropOff(Week); \
        Hazard(Week); LogRank(Pairs); LogRank(All); \
        Items(Course, Skip); Reliability(Course, Skip); \
        Items(Course, Zero); Reliability(Course, Zero); \
        Items(Module, Skip); Reliability(Module, Skip); \
        Items(Module, Zero); Reliability(Module, Zero); \
        Options(Course); Options(Module); \
        Curves(Topic, None); Rates(Topic, None); Curves(Module, None); Rates(Module, None)";

    #[test]
    fn every_standard_question_bears_the_name_that_it_had_from_the_start() {
        let all: Vec<String> = Question::standard().iter().map(question).collect();
        assert_eq!(all.join("; "), STANDARD);
    }

    #[test]
    fn so_does_every_question_of_the_askers_own() {
        let named = [
            (Question::Struggle(Some(60)), "Struggle(Some(60))"),
            (
                Question::Curves(Skill::Topic, Some(5)),
                "Curves(Topic, Some(5))",
            ),
            (
                Question::Rates(Skill::Module, Some(100)),
                "Rates(Module, Some(100))",
            ),
            (Question::VideoSeconds(30), "VideoSeconds(30)"),
            (Question::RewatchPeaks(1), "RewatchPeaks(1)"),
        ];
        for (own, name) in named {
            assert_eq!(question(&own), name);
        }
        let texts = |all: &[&str]| all.iter().map(|text| Id::from(*text)).collect::<Vec<_>>();
        let funnels = [
            (
                Funnel::new(
                    texts(&["intro", "quiz"]),
                    Place::Content,
                    Order::Ordered,
                    Some(6 * HOUR),
                ),
                r#"[Text("intro"), Text("quiz")], by: Content, order: Ordered, within: Some(21600000000)"#,
            ),
            (
                Funnel::new(texts(&["video"]), Place::Kind, Order::Strict, None),
                r#"[Text("video")], by: Kind, order: Strict, within: None"#,
            ),
            (
                Funnel::new(vec![Id::Int(-7)], Place::Module, Order::Any, None),
                "[Int(-7)], by: Module, order: Any, within: None",
            ),
            // What the standard library makes of marks, ends of lines and what cannot be seen.
            (
                Funnel::new(
                    texts(&["a \"b\" \\ 'c'\n\t\0", "\u{a0}\u{200d}", "prüfung 期末 🎓"]),
                    Place::Content,
                    Order::Any,
                    None,
                ),
                r#"[Text("a \"b\" \\ 'c'\n\t\0"), Text("\u{a0}\u{200d}"), Text("prüfung 期末 🎓")], by: Content, order: Any, within: None"#,
            ),
        ];
        for (funnel, inside) in funnels {
            let name = format!("Funnel(Funnel {{ steps: {inside} }})");
            assert_eq!(question(&Question::Funnel(funnel.unwrap())), name);
        }
    }

    #[test]
    fn every_estimator_has_the_text_that_it_had_from_the_start() {
        assert_eq!(
            study_time(&StudyTime::default()),
            "StudyTime { estimator: Gaps, gap: 1800000000, over_gap: Nothing, last_event: Nothing, \
             attribute_to: Preceding, sessions: Gap, min_events: 1, min_duration: 0, max_session: \
             None, measured: Prefer }"
        );
        let heartbeat = StudyTime {
            estimator: Estimator::Heartbeat {
                every: 30_000_000,
                min_visit: 5,
            },
            gap: 7,
            over_gap: Credit::Fixed(8),
            last_event: Credit::Median,
            attribute_to: AttributeTo::Following,
            sessions: Sessions::Given,
            min_events: 2,
            min_duration: 3,
            max_session: Some(4),
            measured: Measured::Ignore,
        };
        assert_eq!(
            study_time(&heartbeat),
            "StudyTime { estimator: Heartbeat { every: 30000000, min_visit: 5 }, gap: 7, over_gap: \
             Fixed(8), last_event: Median, attribute_to: Following, sessions: Given, min_events: 2, \
             min_duration: 3, max_session: Some(4), measured: Ignore }"
        );
        let kinds = StudyTime {
            over_gap: Credit::Table(Vec::new()),
            last_event: Credit::Table(vec![("video".into(), 9), ("a \"b\"".into(), 0)]),
            sessions: Sessions::Both,
            measured: Measured::Only,
            ..StudyTime::default()
        };
        assert_eq!(
            study_time(&kinds),
            "StudyTime { estimator: Gaps, gap: 1800000000, over_gap: Table([]), last_event: \
             Table([(\"video\", 9), (\"a \\\"b\\\"\", 0)]), attribute_to: Preceding, sessions: Both, \
             min_events: 1, min_duration: 0, max_session: None, measured: Only }"
        );
    }
}
