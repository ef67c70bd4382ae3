//! Attacks by viewers, through learning data as a Rust host has it. Each has its control: what the
//! host itself is shown, who has no viewer.

#![expect(clippy::unwrap_used, reason = "a test helper may panic")]

use kohort::Error;
use kohort::data::{Id, LearningData, Options, Purpose, Tables};
use kohort::group::{By, GroupOptions, Metric, ReferenceGroups, ReleasePolicy};
use kohort::personal::PersonalOptions;
use kohort::privacy::Viewer;
use kohort::research::ResearchOptions;
use polars::prelude::*;

/// Ids `l00`, `l01` ...
fn name(learner: usize) -> String {
    format!("l{learner:02}")
}

/// Learner i has i + 1 events in course `A`; boards and who instructs them.
fn data(
    learners: usize,
    boards: &[(&str, std::ops::Range<usize>)],
    roles: &[(&str, &str)],
) -> LearningData {
    let (mut learner, mut time) = (Vec::new(), Vec::new());
    for l in 0..learners {
        for event in 0..=l {
            learner.push(name(l));
            time.push(format!("2024-03-{:02}T10:00Z", event % 28 + 1));
        }
    }
    let height = learner.len();
    let events = df!(
        "learner" => learner, "time" => time,
        "content" => vec!["c"; height], "course" => vec!["A"; height],
    );
    let rows = || {
        boards
            .iter()
            .flat_map(|(board, range)| range.clone().map(move |l| (*board, name(l))))
    };
    let memberships = df!(
        "group" => rows().map(|row| row.0).collect::<Vec<_>>(),
        "learner" => rows().map(|row| row.1).collect::<Vec<_>>(),
        "course" => rows().map(|_| "A").collect::<Vec<_>>(),
    );
    let roles = df!(
        "person" => roles.iter().map(|role| role.0).collect::<Vec<_>>(),
        "group" => roles.iter().map(|role| role.1).collect::<Vec<_>>(),
        "role" => roles.iter().map(|_| "instructor").collect::<Vec<_>>(),
    );
    let enrolled: Vec<String> = (0..learners).map(name).collect();
    let enrollments = df!("learner" => enrolled, "course" => vec!["A"; learners]);
    let tables = Tables {
        enrollments: Some(enrollments.unwrap()),
        memberships: Some(memberships.unwrap()),
        roles: Some(roles.unwrap()),
        ..Tables::default()
    };
    LearningData::new(events.unwrap(), tables, &Options::default()).unwrap()
}

fn options() -> GroupOptions {
    GroupOptions {
        policy: ReleasePolicy::new(5, 5, 0.7).unwrap(),
        ..GroupOptions::default()
    }
}

/// Groups that are there, with n where they are shown.
fn shown(groups: &ReferenceGroups) -> Vec<(String, Option<u32>)> {
    let frame = groups.summary().unwrap().into_frame();
    let labels = frame.column("group").unwrap().str().unwrap().clone();
    let n = frame.column("n").unwrap().u32().unwrap().clone();
    let rows = labels.iter().zip(n.iter());
    let mut rows: Vec<_> = rows.map(|(l, n)| (l.unwrap().to_string(), n)).collect();
    rows.dedup();
    rows
}

fn seen(data: &LearningData, viewer: Viewer, by: By) -> Vec<(String, Option<u32>)> {
    shown(
        &data
            .seen_by(viewer)
            .reference_groups(by, &options())
            .unwrap(),
    )
}

fn group(label: &str, n: Option<u32>) -> (String, Option<u32>) {
    (label.to_string(), n)
}

#[test]
fn a26_who_knows_most_of_a_group_is_not_shown_it() {
    let boards = [("b", 0..18), ("all", 0..20)];
    let data = data(20, &boards, &[("most", "b"), ("everybody", "all")]);
    let host = data.reference_groups(By::Course, &options()).unwrap();
    assert_eq!(shown(&host), [group("A", Some(20))]);
    // Two are unknown to the first, none to the second.
    let most = || Viewer::instructor("most");
    assert_eq!(seen(&data, most(), By::Course), [group("A", None)]);
    let everybody = Viewer::instructor("everybody");
    assert_eq!(seen(&data, everybody, By::Course), [group("A", Some(20))]);
    // What is withheld from her has no certificate, and looks like a group that is too small.
    let view = data.seen_by(most());
    let groups = view.reference_groups(By::Course, &options()).unwrap();
    let withheld = groups.distribution(Metric::Events).unwrap();
    assert!(withheld.certificates().is_empty());
    let reason = withheld.frame().column("reason").unwrap().clone();
    assert_eq!(reason.str().unwrap().get(0), Some("TooFew"));
}

#[test]
fn a26_six_unknown_are_enough() {
    for (known, n) in [(14, Some(20)), (15, None), (19, None), (20, Some(20))] {
        let data = data(20, &[("b", 0..known)], &[("t", "b")]);
        let shown = seen(&data, Viewer::instructor("t"), By::Course);
        assert_eq!(shown, [group("A", n)], "{known} known");
    }
}

#[test]
fn a27_two_instructors_together_know_more_than_each() {
    // A documented limit: nothing is promised against those who put together what they know.
    let boards = [("b1", 0..9), ("b2", 9..18)];
    let roles = [("t1", "b1"), ("t2", "b2"), ("both", "b1"), ("both", "b2")];
    let data = data(20, &boards, &roles);
    for alone in ["t1", "t2"] {
        let shown = seen(&data, Viewer::instructor(alone), By::Course);
        assert_eq!(shown, [group("A", Some(20))]);
    }
    let both = seen(&data, Viewer::instructor("both"), By::Course);
    assert_eq!(both, [group("A", None)], "one person who is both is not");
}

#[test]
fn the_rule_spans_everything_that_was_released() {
    let boards = [("b1", 0..9), ("b2", 9..18)];
    let data = data(20, &boards, &[("t1", "b1"), ("t2", "b2")]);
    let (t1, t2) = (Viewer::instructor("t1"), Viewer::instructor("t2"));
    assert_eq!(seen(&data, t1.clone(), By::Course), [group("A", Some(20))]);
    // The boards split the course: b2 and, as (other), b1 with the two that are on no board.
    assert_eq!(seen(&data, t2.clone(), By::Group), [group("b2", Some(10))]);
    assert_eq!(seen(&data, t1.clone(), By::Group), [group("(other)", None)]);
    assert_eq!(seen(&data, t1, By::Course), [group("A", None)]);
    assert_eq!(seen(&data, t2, By::Course), [group("A", Some(20))]);
    let host = data.reference_groups(By::Course, &options()).unwrap();
    assert_eq!(shown(&host), [group("A", Some(20))]);
}

#[test]
fn who_answers_for_a_group_is_told_of_ones_own_only() {
    let boards = [("b1", 0..9), ("b2", 9..18)];
    let data = data(20, &boards, &[("t1", "b1"), ("t2", "b2")]);
    let answers = |viewer: Option<Viewer>| {
        let groups = match viewer {
            Some(viewer) => data.seen_by(viewer).reference_groups(By::Group, &options()),
            None => data.reference_groups(By::Group, &options()),
        };
        let frame = groups.unwrap().rosters().unwrap().into_frame();
        let texts = |column: &str| frame.column(column).unwrap().str().unwrap().clone();
        let rows = |(group, used): (Option<&str>, Option<&str>)| {
            (group.unwrap().to_owned(), used.map(str::to_owned))
        };
        let (group, used) = (texts("group"), texts("used"));
        group.iter().zip(used.iter()).map(rows).collect::<Vec<_>>()
    };
    let row = |group: &str, used: Option<&str>| (group.to_owned(), used.map(str::to_owned));
    let (b1, b2) = (row("b1", Some("(other)")), row("b2", Some("b2")));
    assert_eq!(answers(None), [b1.clone(), b2.clone()]);
    assert_eq!(answers(Some(Viewer::learner("l03"))), [b1]);
    let twelve = answers(Some(Viewer::learner("l12")));
    assert_eq!(twelve, std::slice::from_ref(&b2));
    assert_eq!(answers(Some(Viewer::learner("l19"))), []);
    assert_eq!(answers(Some(Viewer::instructor("t2"))), [b2]);
    // The pool holds two strangers, and so would the course beside it.
    assert_eq!(answers(Some(Viewer::instructor("t1"))), [row("b1", None)]);
}

#[test]
fn a_release_to_others_counts_too() {
    // Whoever sees y and z beside the course knows what lies outside of both: three who stepped out
    // of z, whom she knows, and three strangers.
    let boards = [("y", 0..23), ("z", 17..37)];
    let data = data(40, &boards, &[("t", "z"), ("t2", "y")]);
    let before = seen(&data, Viewer::instructor("t"), By::Course);
    assert_eq!(before, [group("A", Some(40))]);
    let host = data.reference_groups(By::Group, &options()).unwrap();
    assert_eq!(shown(&host), [group("y", Some(25)), group("z", Some(15))]);
    let after = seen(&data, Viewer::instructor("t"), By::Course);
    assert_eq!(
        after,
        [group("A", None)],
        "outside of both are three strangers"
    );
    assert_eq!(
        seen(&data, Viewer::instructor("t2"), By::Course),
        [group("A", Some(40))]
    );
}

#[test]
fn a49_denied_reads_the_same_whatever_is_there() {
    let data = data(
        20,
        &[("b", 0..10), ("c", 10..20)],
        &[("t", "b"), ("idle", "none")],
    );
    let personal = |viewer: Viewer| data.seen_by(viewer).personal(&PersonalOptions::default());
    let hers = personal(Viewer::instructor("t")).unwrap();
    let mut said: Vec<Error> = [Id::from("l15"), Id::from("nobody"), Id::Int(15)]
        .iter()
        .map(|id| hers.learner(id).unwrap_err())
        .collect();
    let nobodies = [
        Viewer::learner("L15"),
        Viewer::instructor("l15"),
        Viewer::instructor("idle"),
        Viewer::researcher(),
        Viewer::recommender(),
    ];
    for nobody in nobodies {
        let view = data.seen_by(nobody.clone());
        said.push(personal(nobody).unwrap_err());
        said.push(view.reference_groups(By::Course, &options()).unwrap_err());
    }
    let view = data.seen_by(Viewer::instructor("t"));
    let groups = view.reference_groups(By::Course, &options()).unwrap();
    for id in [Id::from("l15"), Id::from("nobody"), Id::Int(15)] {
        said.push(groups.compare(&id, Metric::Events).unwrap_err());
    }
    assert!(groups.compare(&Id::from("l05"), Metric::Events).is_ok());
    assert!(said.iter().all(|error| matches!(error, Error::Denied)));
    let texts: std::collections::BTreeSet<String> = said
        .iter()
        .map(|error| format!("{error} {error:?}"))
        .collect();
    assert_eq!(texts.len(), 1);
}

#[test]
fn private_results_are_for_the_purpose_of_who_asks() {
    let data = data(20, &[("b", 0..10)], &[("t", "b")]);
    let ask = |viewer: &Viewer, purpose| {
        let options = ResearchOptions {
            purpose,
            ..ResearchOptions::new(0.1)
        };
        data.seen_by(viewer.clone()).research(&options)
    };
    let (research, recommendation) = (Purpose::Research, Purpose::Recommendation);
    assert!(ask(&Viewer::researcher(), research).is_ok());
    assert!(ask(&Viewer::recommender(), recommendation).is_ok());
    let denied = [
        (Viewer::researcher(), recommendation),
        (Viewer::recommender(), research),
        (Viewer::learner("l01"), research),
        (Viewer::instructor("t"), research),
    ];
    for (viewer, purpose) in denied {
        assert!(matches!(ask(&viewer, purpose), Err(Error::Denied)));
    }
}

#[test]
fn a52_nothing_that_is_shown_of_a_view_holds_an_id() {
    let data = data(20, &[("b", 0..10)], &[("MARK-t", "b")]);
    let mut said = Vec::new();
    for viewer in [Viewer::instructor("MARK-t"), Viewer::learner("MARK-l")] {
        let view = data.seen_by(viewer);
        said.push(format!("{view:?} {:?}", view.viewer()));
        said.push(match view.personal(&PersonalOptions::default()) {
            Ok(personal) => format!("{personal:?} {}", personal.describe()),
            Err(error) => format!("{error:?} {error}"),
        });
        said.push(match view.reference_groups(By::Group, &options()) {
            Ok(groups) => format!("{groups:?}"),
            Err(error) => format!("{error:?} {error}"),
        });
    }
    let said = said.concat();
    assert!(said.contains("Instructor") && said.contains("Denied"));
    assert!(!said.contains("MARK") && !said.contains("l0"), "{said}");
}
