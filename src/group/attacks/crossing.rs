//! Attacks by a second division of the same learners.

use std::collections::BTreeSet;

use super::*;
use crate::group::Outcome;
use crate::group::gate::twin;

/// A group that is shown, with exactly who.
type Named = (String, Vec<u32>);

/// What each of two divisions of forty learners shows in one term, and everything on record.
fn divided(by_device: &[(&str, Vec<u32>)], by_country: &[(&str, Vec<u32>)]) -> Shown {
    let ledger = Ledger::with_secret([4; 32]);
    let scope = scope(&minutes(40), Metric::StudyTime);
    let on = |children: &[(&str, Vec<u32>)]| -> Vec<Named> {
        let groups = ask(vec![boards(None, children)], &scope, five(), &ledger);
        let released = groups.groups.iter().filter_map(|g| match &g.outcome {
            Outcome::Released { members, .. } => Some((g.label.clone(), members.clone())),
            _ => None,
        });
        released.collect()
    };
    let (devices, countries) = (on(by_device), on(by_country));
    let record = ledger.look(Book::released);
    Shown {
        devices,
        countries,
        rosters: record.into_iter().map(|(_, members)| members).collect(),
    }
}

struct Shown {
    devices: Vec<Named>,
    countries: Vec<Named>,
    rosters: Vec<Vec<u32>>,
}

/// A32: a course by device and by country. Learner 19 is the only one of Iceland on device a.
#[test]
fn a32_a_second_division_is_shown_only_as_far_as_its_atoms_allow() {
    let devices = [("a", ids(0..20)), ("b", ids(20..40))];
    let countries = [("fi", ids(0..19)), ("is", ids(19..40))];
    let shown = divided(&devices, &countries);
    assert_eq!(shown.devices.len(), 2);
    assert!(twin::holds(&shown.rosters, 5));
    let sizes: Vec<(&str, usize)> = shown
        .countries
        .iter()
        .map(|(label, members)| (label.as_str(), members.len()))
        .collect();
    // She waits in the pool with all others of device a: what is shown is the devices again.
    assert_eq!(sizes, [("is", 20), ("(other)", 20)]);
    assert_eq!(shown.countries[0].1, devices[1].1);
    let distinct: BTreeSet<&Vec<u32>> = shown.rosters.iter().collect();
    assert_eq!(distinct.len(), 2);
    // Without the gate: all of Iceland but those on device b is her.
    let values = minutes(40);
    let hers = naive(&values, &countries[1].1).1 - naive(&values, &devices[1].1).1;
    assert!((hers - values[19]).abs() < 1e-9);
    assert!(!twin::holds(
        &[
            devices[0].1.clone(),
            devices[1].1.clone(),
            countries[0].1.clone(),
            countries[1].1.clone()
        ],
        5
    ));
}

#[test]
fn a32_a_country_that_cuts_every_device_too_small_is_refused_and_one_that_does_not_is_shown() {
    let devices = [("a", ids(0..20)), ("b", ids(20..40))];
    // Three of each device: six learners, whom no roster of their own may show.
    let few = [("is", [ids(17..20), ids(37..40)].concat())];
    let shown = divided(&devices, &few);
    assert_eq!(shown.countries, []);
    assert_eq!(shown.rosters.len(), 2);
    // Alone, six are enough: it is the first division that forbids the second.
    assert_eq!(divided(&few, &[]).devices.len(), 1);
    // Ten and ten of each: all four atoms are large enough.
    let halves = [
        ("fi", [ids(0..10), ids(20..30)].concat()),
        ("is", [ids(10..20), ids(30..40)].concat()),
    ];
    let shown = divided(&devices, &halves);
    let whole = |(one, other): (&Named, &(&str, Vec<u32>))| one.1 == other.1;
    assert!(shown.countries.iter().zip(&halves).all(whole));
    assert_eq!(shown.rosters.len(), 4);
    assert!(twin::holds(&shown.rosters, 5));
}
