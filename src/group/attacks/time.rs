//! Attacks that wait: rosters that change between releases.

use super::*;
use crate::group::gate::twin;

const SECRET: [u8; 32] = [9; 32];

fn ledger() -> Ledger {
    Ledger::with_secret(SECRET)
}

/// Labels of the groups that are shown, with exactly who.
fn on(groups: &ReferenceGroups) -> Vec<(String, Vec<u32>)> {
    let shown = groups.groups.iter().filter_map(|g| match &g.outcome {
        crate::group::Outcome::Released { members, .. } => Some((g.label.clone(), members.clone())),
        _ => None,
    });
    shown.collect()
}

/// Who of the course is shown.
fn whole(members: impl IntoIterator<Item = u32>, ledger: &Ledger) -> Vec<u32> {
    let scope = scope(&minutes(400), Metric::StudyTime);
    let groups = ask(vec![course(0, members)], &scope, five(), ledger);
    on(&groups).into_iter().flat_map(|(_, m)| m).collect()
}

/// Who is shown of each board inside the course of everybody.
fn in_boards(all: Vec<u32>, boards_today: &[(&str, Vec<u32>)], ledger: &Ledger) -> ReferenceGroups {
    let scope = scope(&minutes(400), Metric::StudyTime);
    let family = boards(Some(all), boards_today);
    ask(vec![family], &scope, five(), ledger)
}

/// The rosters on record leave nobody in too small an atom.
fn safe(ledger: &Ledger) -> bool {
    let released = ledger.look(Book::released);
    let rosters: Vec<Vec<u32>> = released.into_iter().map(|(_, m)| m).collect();
    twin::holds(&rosters, 5)
}

#[test]
fn a03_a_joiner_waits_until_five_others_wait_with_her() {
    let ledger = ledger();
    assert_eq!(whole(0..20, &ledger), ids(0..20));
    for n in 21..26 {
        assert_eq!(whole(0..n, &ledger), ids(0..20), "{n}");
    }
    assert_eq!(whole(0..26, &ledger), ids(0..26));

    // Without the gate: 20 learners with 2400 minutes, a week later 21 with 2520.
    let (first, second) = (
        naive(&[120.0; 21], &ids(0..20)),
        naive(&[120.0; 21], &ids(0..21)),
    );
    assert_eq!((first, second), ((20, 2400.0), (21, 2520.0)));
    assert!((second.1 - first.1 - 120.0).abs() < 1e-9, "the joiner's");
    assert!(!twin::holds(&[ids(0..20), ids(0..21)], 5));
}

#[test]
fn a04_five_others_step_out_with_one_who_leaves() {
    let ledger = ledger();
    whole(0..20, &ledger);
    let after = whole(1..20, &ledger);
    assert_eq!(after.len(), 14);
    assert!(safe(&ledger));
    assert_eq!(whole(1..20, &ledger), after, "and they stay out");

    let values = minutes(20);
    let leaver = naive(&values, &ids(0..20)).1 - naive(&values, &ids(1..20)).1;
    assert!((leaver - values[0]).abs() < 1e-9);
}

#[test]
fn a04_the_first_to_step_out_cannot_be_foreseen() {
    let after = |secret: u8| {
        let ledger = Ledger::with_secret([secret; 32]);
        whole(0..60, &ledger);
        whole(1..60, &ledger)
    };
    assert_eq!(after(1), after(1));
    assert!((2..20).all(|secret| after(secret) != after(1)));
}

#[test]
fn a04_an_intake_of_eleven_retires_when_one_of_it_leaves() {
    let ledger = ledger();
    whole(0..40, &ledger);
    whole(0..51, &ledger);
    let after = whole(0..50, &ledger);
    assert_eq!(after, ids(0..40), "5 could not stay, so all 10 go");
    assert!(safe(&ledger));
}

#[test]
fn a14_the_month_speaks_of_the_roster_of_its_weeks() {
    let ledger = ledger();
    for _week in 0..4 {
        assert_eq!(whole(0..30, &ledger), ids(0..30));
    }
    assert_eq!(whole(0..31, &ledger), ids(0..30));
    assert_eq!(ledger.look(Book::len), 1);
    assert!(!twin::holds(&[ids(0..30), ids(0..31)], 5));
}

#[test]
fn a46_a_deletion_between_two_releases_tells_nothing() {
    let ledger = ledger();
    let board = |gone: &[u32]| {
        let left = |range: std::ops::Range<u32>| range.filter(|l| !gone.contains(l)).collect();
        let today = [("a", left(0..40)), ("b", left(40..80))];
        let groups = in_boards(left(0..80), &today, &ledger);
        on(&groups)
    };
    let before = board(&[]);
    assert_eq!(before.len(), 2);
    let after = board(&[3]);
    let sizes: Vec<usize> = after.iter().map(|(_, m)| m.len()).collect();
    assert_eq!(
        sizes,
        [34, 40],
        "only the board of the deleted learner shrinks"
    );
    assert!(after.iter().all(|(_, m)| !m.contains(&3)));
    assert!(safe(&ledger));
    assert!(!twin::holds(
        &[
            ids(0..40),
            ids(0..40).into_iter().filter(|l| *l != 3).collect()
        ],
        5
    ));
}

#[test]
fn consent_given_again_brings_back_who_stepped_out() {
    let ledger = ledger();
    whole(0..30, &ledger);
    assert_eq!(whole(1..30, &ledger).len(), 24);
    assert_eq!(whole(0..30, &ledger), ids(0..30));
    let after = whole(0..30, &ledger);
    assert_eq!(after, ids(0..30));
    assert!(safe(&ledger));
    assert_eq!(ledger.look(Book::len), 2);
}

#[test]
fn one_who_changes_boards_ends_neither_of_them() {
    let ledger = ledger();
    let all = || ids(0..60);
    in_boards(all(), &[("a", ids(0..30)), ("b", ids(30..60))], &ledger);
    let moved = [("a", ids(0..29)), ("b", ids(29..60))];
    let groups = in_boards(all(), &moved, &ledger);
    let sizes: Vec<(String, usize)> = on(&groups).into_iter().map(|(l, m)| (l, m.len())).collect();
    let expected = [("a", 24), ("b", 30), ("(other)", 6)];
    assert_eq!(sizes, expected.map(|(l, n)| (l.to_string(), n)));
    assert!(safe(&ledger));
    let again = in_boards(all(), &moved, &ledger);
    assert_eq!(on(&groups), on(&again));
    assert!(!twin::holds(
        &[ids(0..30), ids(0..29), ids(30..60), ids(29..60)],
        5
    ));
}

/// Exact numbers shown week by week, when so many join boards a, b and c by turns.
fn weeks(first: u32, each: u32) -> Vec<Vec<(String, usize)>> {
    let ledger = ledger();
    let mut shown = Vec::new();
    for week in 0..6 {
        let n = first + each * week;
        let of = |board: u32| -> Vec<u32> { (0..n).filter(|l| l % 3 == board).collect() };
        let today = [("a", of(0)), ("b", of(1)), ("c", of(2))];
        let groups = in_boards(ids(0..n), &today, &ledger);
        shown.push(on(&groups).into_iter().map(|(l, m)| (l, m.len())).collect());
        assert!(safe(&ledger), "week {week}");
    }
    shown
}

#[test]
fn weeks_of_joiners_are_shown_intake_by_intake() {
    let sizes = |shown: Vec<Vec<(String, usize)>>| -> Vec<Vec<usize>> {
        let of = |week: Vec<(String, usize)>| week.into_iter().map(|(_, n)| n).collect();
        shown.into_iter().map(of).collect()
    };
    let many: Vec<Vec<usize>> = (0..6).map(|week| vec![12 + 6 * week; 3]).collect();
    assert_eq!(sizes(weeks(36, 18)), many);
    // Four a week: two weeks of them are an intake of the course, but its cells are too small
    // for a board each, and are pooled. The boards go when 12 are fewer than 70 %.
    let few: [&[usize]; 6] = [
        &[12, 12, 12],
        &[12, 12, 12],
        &[12, 12, 12, 8],
        &[12, 12, 12, 8],
        &[12, 12, 16],
        &[16],
    ];
    assert_eq!(sizes(weeks(36, 4)), few);
    // Without the gate the joiners of a week are told by subtraction.
    let rosters: Vec<Vec<u32>> = (0..6).map(|week| ids(0..36 + 4 * week)).collect();
    assert!(!twin::holds(&rosters, 5));
}

#[test]
fn a_course_that_lost_too_many_is_withheld_and_nothing_is_put_on_record() {
    let ledger = ledger();
    whole(0..11, &ledger);
    assert_eq!(whole(1..17, &ledger), [] as [u32; 0], "6 of 16");
    assert_eq!(ledger.look(Book::len), 1);
    assert_eq!(whole(0..17, &ledger), ids(0..17));
}

/// Group, who answers, and why.
fn answering(groups: &ReferenceGroups) -> Vec<[Option<String>; 3]> {
    let frame = groups.rosters().unwrap().into_frame();
    let [group, used, reason] = ["group", "used", "reason"].map(|c| texts(&frame, c));
    let rows = group.into_iter().zip(used).zip(reason);
    rows.map(|((g, u), r)| [g, u, r]).collect()
}

#[test]
fn a_group_that_is_not_shown_is_answered_for_by_the_next_larger_one() {
    let row = |group: &str, used: Option<&str>, reason: Option<&str>| {
        [Some(group), used, reason].map(|t| t.map(str::to_string))
    };
    let few = Some("TooFew");
    let today = [
        ("a", ids(0..30)),
        ("b", ids(30..34)),
        ("c", ids(34..38)),
        ("d", vec![]),
    ];
    let groups = in_boards(ids(0..38), &today, &ledger());
    let expected = vec![
        row("a", Some("a"), None),
        row("b", Some("(other)"), few),
        row("c", Some("(other)"), few),
        row("d", Some("(other)"), few),
    ];
    assert_eq!(
        answering(&groups),
        expected,
        "small and empty look the same"
    );

    // e crosses a and its own part is too small: the course answers.
    let crossing = [("a", ids(0..30)), ("e", ids(24..33))];
    let groups = in_boards(ids(0..60), &crossing, &ledger());
    let expected = vec![
        row("a", Some("a"), None),
        row("e", Some("course 0"), Some("LowCoverage")),
    ];
    assert_eq!(answering(&groups), expected);
    assert!(groups.rosters().unwrap().verify());

    let groups = in_boards(ids(0..5), &[("a", ids(0..5))], &ledger());
    assert_eq!(answering(&groups), [row("a", None, few)]);
}
