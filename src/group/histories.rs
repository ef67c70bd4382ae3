//! P1 and P2 over the terms of random platforms: learners join, leave, withdraw, return, are
//! deleted and change boards, and releases by course, board, country and platform mix.
//!
//! `KOHORT_HISTORIES=0..100000` tries these seeds instead of the first 256.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use polars::prelude::DataFrame;
use rayon::prelude::*;

use super::exchangeability::{Dice, components, record};
use super::fixture::{facts, five};
use super::gate::twin;
use super::ledger::{Book, Ledger};
use super::roster::{Family, Roster};
use super::{By, Metric, Outcome, ReferenceGroups, Request, Scope, Scopes, Steps};
use crate::group::distribution::Record;

const LEARNERS: u32 = 90;
const CALLS: usize = 8;
const SECRET: [u8; 32] = [3; 32];

#[derive(Clone)]
struct Learner {
    consents: bool,
    deleted: bool,
    /// Per course whether she is enrolled.
    enrolled: [bool; 2],
    board: u32,
    country: u32,
}

/// A platform of two courses, call by call.
struct Platform {
    dice: Dice,
    learners: Vec<Learner>,
}

impl Platform {
    fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let first = 30 + dice.below(40);
        let learner = |l: u32| Learner {
            consents: dice.below(20) > 0,
            deleted: false,
            enrolled: [0, 1].map(|_| l < first && dice.below(3) > 0),
            board: dice.below(3),
            country: dice.below(3),
        };
        let learners = (0..LEARNERS).map(learner).collect();
        Self { dice, learners }
    }

    /// What changes until the next call.
    fn pass(&mut self) {
        let dice = &mut self.dice;
        let joins = [0, 1, 3, 8, 20][dice.below(5) as usize];
        for _ in 0..joins {
            let (l, course) = (dice.below(LEARNERS) as usize, dice.below(2) as usize);
            self.learners[l].enrolled[course] = true;
        }
        for _ in 0..[0, 0, 1, 2, 7][dice.below(5) as usize] {
            let learner = &mut self.learners[dice.below(LEARNERS) as usize];
            match dice.below(4) {
                0 => learner.deleted = true,
                1 => learner.board = dice.below(3),
                _ => learner.consents = !learner.consents,
            }
        }
    }

    fn roster(&self, holds: impl Fn(&Learner) -> bool) -> Vec<u32> {
        let eligible = |(_, l): &(u32, &Learner)| l.consents && !l.deleted && holds(l);
        let learners = (0..).zip(&self.learners).filter(eligible);
        learners.map(|(l, _)| l).collect()
    }

    /// The groups of a random call.
    fn call(&mut self) -> Vec<Family> {
        let kind = self.dice.below(16);
        let courses = [vec![0], vec![1], vec![0, 1]];
        let courses = courses[self.dice.below(3) as usize].clone();
        let of = |c: u32| {
            let course = c as usize;
            let child = |name: &str, group: u32, by: fn(&Learner) -> u32| Roster {
                label: format!("{name} {group}"),
                members: self.roster(|l| l.enrolled[course] && by(l) == group),
            };
            let mut children: Vec<Roster> = Vec::new();
            if (6..15).contains(&kind) {
                children.extend((0..3).map(|group| child("board", group, |l| l.board)));
            }
            if (11..15).contains(&kind) {
                children.extend((0..3).map(|group| child("country", group, |l| l.country)));
            }
            Family {
                label: format!("course {c}"),
                course: Some(c),
                parent: (kind != 6).then(|| self.roster(|l| l.enrolled[course])),
                children,
                show_parent: kind < 6,
            }
        };
        if kind < 15 {
            return courses.into_iter().map(of).collect();
        }
        let child = |group: u32| Roster {
            label: format!("country {group}"),
            members: self.roster(|l| l.country == group),
        };
        vec![Family {
            label: "platform".into(),
            course: None,
            parent: None,
            children: (0..3).map(child).collect(),
            show_parent: false,
        }]
    }
}

/// The records of everybody as of one call, per scope.
type Records = [Vec<Record>; 3];

fn records(dice: &mut Dice) -> Records {
    std::array::from_fn(|_| (0..LEARNERS).map(|_| record(dice)).collect())
}

fn scopes(records: &Records) -> Scopes {
    let scope = |rows: &Vec<Record>| Scope::new((0..).zip(rows.iter().cloned()).collect(), facts());
    let keys = [None, Some(0), Some(1)];
    keys.into_iter().zip(records.iter().map(scope)).collect()
}

/// A history: what was asked, and the records of each moment.
fn history(seed: u64) -> Vec<(Vec<Family>, Records)> {
    let mut platform = Platform::new(seed);
    let call = |_| {
        platform.pass();
        let families = platform.call();
        (families, records(&mut platform.dice))
    };
    (0..CALLS).map(call).collect()
}

fn ask(families: &[Family], records: &Records, ledger: &Ledger) -> ReferenceGroups {
    let request = Request {
        courseless: crate::data::ids::NONE,
        by: By::Group,
        integer: false,
        policy: five(),
        as_of: 0,
        families: families.to_vec(),
        scopes: scopes(records),
    };
    ReferenceGroups::new(request, ledger).unwrap()
}

fn tables(groups: &ReferenceGroups) -> [DataFrame; 4] {
    [
        groups.rosters(),
        groups.distribution(Metric::StudyTime),
        groups.quantiles(Metric::Events),
        groups.drop_off(Steps::Module),
    ]
    .map(|table| table.unwrap().into_frame())
}

fn same(one: &[DataFrame], other: &[DataFrame]) -> bool {
    one.iter().zip(other).all(|(a, b)| a.equals_missing(b))
}

/// Records whose learners changed places inside the atoms of everything released, and who
/// are new for those on no roster at all.
fn exchanged(dice: &mut Dice, records: &Records, ledger: &Ledger) -> Records {
    let mut moved = records.clone();
    for (courses, atoms) in components(ledger) {
        let at = |course: Option<u32>| course.map_or(0, |c| c as usize + 1);
        let mut on = BTreeSet::new();
        for atom in atoms {
            let mut from = atom.clone();
            dice.shuffle(&mut from);
            for (to, from) in atom.iter().zip(&from) {
                for course in &courses {
                    moved[at(*course)][*to as usize] = records[at(*course)][*from as usize].clone();
                }
            }
            on.extend(atom);
        }
        for learner in (0..LEARNERS).filter(|l| !on.contains(l)) {
            for course in &courses {
                moved[at(*course)][learner as usize] = record(dice);
            }
        }
    }
    moved
}

/// Records that are new for everybody whom no roster of this call holds, whoever was shown
/// before: who withdrew may do what she likes.
fn others_changed(dice: &mut Dice, records: &Records, groups: &ReferenceGroups) -> Records {
    let mut changed = records.clone();
    for (at, rows) in changed.iter_mut().enumerate() {
        let mut on: BTreeSet<u32> = BTreeSet::new();
        for (group, _) in groups.rungs() {
            let here = group.course.map_or(0, |c| c as usize + 1);
            if let (true, Outcome::Released { members, .. }) = (here == at, &group.outcome) {
                on.extend(members);
            }
        }
        for (learner, row) in (0..).zip(rows) {
            if !on.contains(&learner) {
                *row = record(dice);
            }
        }
    }
    changed
}

/// How many rosters a history put on record, if every law holds.
fn laws(seed: u64) -> Result<u64, String> {
    let calls = history(seed);
    let mut dice = Dice::new(!seed);
    let ledger = Ledger::with_secret(SECRET);
    let fail = |law: &str, call: usize| Err(format!("seed {seed}, call {call}: {law}"));
    let mut before = Vec::new();
    for (i, (families, records)) in calls.iter().enumerate() {
        let groups = ask(families, records, &ledger);
        let shown = tables(&groups);
        let released = ledger.look(Book::len);
        if !same(&tables(&ask(families, records, &ledger)), &shown)
            || ledger.look(Book::len) != released
        {
            return fail("asking again gives something else", i);
        }
        let changed = others_changed(&mut dice, records, &groups);
        let changed = ReferenceGroups {
            scopes: Arc::new(scopes(&changed)),
            ..groups
        };
        if !same(&tables(&changed), &shown) {
            return fail("P2: somebody on no roster changes what is shown", i);
        }
        before.push(shown);
    }
    let atoms = components(&ledger);
    if atoms
        .iter()
        .any(|(_, atoms)| atoms.iter().any(|a| a.len() < 6))
    {
        return fail("an atom is too small", CALLS);
    }
    let again = Ledger::with_secret(SECRET);
    for (i, ((families, records), shown)) in calls.iter().zip(&before).enumerate() {
        let moved = exchanged(&mut dice, records, &ledger);
        if !same(&tables(&ask(families, &moved, &again)), shown) {
            return fail("P1: values cannot be exchanged", i);
        }
    }
    let released = ledger.look(Book::len);
    Ok(released)
}

fn seeds() -> Range<u64> {
    let Ok(asked) = std::env::var("KOHORT_HISTORIES") else {
        return 0..256;
    };
    let (from, to) = asked.split_once("..").unwrap();
    from.parse().unwrap()..to.parse().unwrap()
}

#[test]
fn p1_and_p2_hold_on_random_histories() {
    let seeds = seeds();
    let tried = seeds.end - seeds.start;
    let released: Result<Vec<u64>, String> = seeds.into_par_iter().map(laws).collect();
    let released: u64 = released.unwrap().into_iter().sum();
    assert!(
        released > tried * 3,
        "{released} rosters in {tried} histories"
    );
}

/// The smallest atom of course 0 if every roster is released as it is asked for.
fn smallest(seed: u64) -> usize {
    let mut rosters: Vec<Vec<u32>> = Vec::new();
    for (families, _) in history(seed) {
        for family in families.into_iter().filter(|f| f.course == Some(0)) {
            rosters.extend(family.parent);
            rosters.extend(family.children.into_iter().map(|child| child.members));
        }
    }
    let atoms = twin::atoms(&rosters);
    atoms.iter().map(Vec::len).min().unwrap_or(usize::MAX)
}

#[test]
fn without_the_gate_histories_leave_atoms_of_one_learner() {
    let alone = (0..256).filter(|seed| smallest(*seed) == 1).count();
    assert!(alone > 200, "{alone} of 256 histories");
}

#[test]
fn without_the_gate_values_cannot_be_exchanged() {
    // What the gate allows is permuted, and every roster that was asked for is shown.
    let told = (0..64).filter(|seed| {
        let (calls, ledger) = (history(*seed), Ledger::with_secret(SECRET));
        for (families, records) in &calls {
            ask(families, records, &ledger);
        }
        let mut dice = Dice::new(*seed);
        let naive = |families: &[Family], records: &Records| -> Vec<f64> {
            let sum = |family: &Family| {
                let rows = records.get(family.course.map_or(0, |c| c as usize + 1));
                let value = |l: &u32| rows.unwrap()[*l as usize].metrics[1];
                family.parent.iter().flatten().map(value).sum()
            };
            families.iter().map(sum).collect()
        };
        let moved = |records: &Records, dice: &mut Dice| exchanged(dice, records, &ledger);
        let differs = |(families, records): &(Vec<Family>, Records)| {
            naive(families, records) != naive(families, &moved(records, &mut dice))
        };
        calls.iter().any(differs)
    });
    let told = told.count();
    assert!(told > 56, "{told} of 64 histories");
}
