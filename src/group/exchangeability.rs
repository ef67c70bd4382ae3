//! P1: permuting records inside atoms changes no byte of anything ever released.

use std::collections::BTreeSet;

use polars::prelude::DataFrame;
use proptest::prelude::*;

use std::sync::{Arc, OnceLock};

use super::attacks::about_contents;
use super::distribution::{ContentScopes, Record, Scope, Scopes, Spell, Tried, distribution};
use super::fixture::{Trails, attempts, boards, course, facts, five, paths, trails};
use super::gate::twin;
use super::ledger::Ledger;
use super::roster::Family;
use super::{Between, By, Grid, Metric, ReferenceGroups, Released, Request, Steps};
use crate::personal::status::Exit;

/// Repeatable choices.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        let mut own = Self(seed);
        own.below(2);
        own
    }

    pub(super) fn below(&mut self, n: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(n)).unwrap()
    }

    pub(super) fn shuffle(&mut self, items: &mut [u32]) {
        for i in (1..items.len()).rev() {
            let j = self.below(u32::try_from(i + 1).unwrap()) as usize;
            items.swap(i, j);
        }
    }
}

const LEARNERS: u32 = 90;

/// Unions of random blocks of 1 to 14 learners, so that rosters overlap in parts.
fn roster(dice: &mut Dice, blocks: &[Vec<u32>], odds: u32) -> Vec<u32> {
    let chosen = blocks.iter().filter(|_| dice.below(4) < odds);
    let mut members: Vec<u32> = chosen.flatten().copied().collect();
    members.sort_unstable();
    members
}

/// A history of calls: two courses, boards inside them or across, some over all courses.
pub(super) fn history(dice: &mut Dice) -> Vec<Vec<Family>> {
    let mut blocks = Vec::new();
    let mut next = 0;
    while next < LEARNERS {
        let end = (next + 1 + dice.below(14)).min(LEARNERS);
        blocks.push((next..end).collect::<Vec<u32>>());
        next = end;
    }
    let mut calls = Vec::new();
    for _ in 0..6 {
        let at = dice.below(2);
        let parent = roster(dice, &blocks, 3);
        let boards_of = |dice: &mut Dice| {
            let names = ["a", "b", "c", "d"];
            let children = names.map(|n| (n, roster(dice, &blocks, 1)));
            boards(Some(parent.clone()), &children)
        };
        let family = match dice.below(8) {
            0..3 => course(at, parent.clone()),
            3..7 => Family {
                course: Some(at),
                ..boards_of(dice)
            },
            _ => Family {
                course: None,
                parent: None,
                ..boards_of(dice)
            },
        };
        calls.push(vec![family]);
    }
    calls
}

pub(super) fn record(dice: &mut Dice) -> Record {
    Record {
        metrics: std::array::from_fn(|i| {
            let scale = [3600.0, 1.0, 9.0, 1.0, 1.0, 1.0, 0.2][i % 7];
            f64::from(dice.below(40)) / 8.0 * scale
        }),
        furthest_content: Some(dice.below(9)),
        furthest_module: Some(dice.below(9)),
        last_week: Some(dice.below(9)),
        left: dice.below(2) == 0,
        spell: Some(Spell {
            week: dice.below(12),
            exit: [Exit::Left, Exit::Completed, Exit::Censored][dice.below(3) as usize],
            could: u32::try_from(dice.0 >> 60).unwrap(),
        }),
    }
}

pub(super) fn scopes(dice: &mut Dice) -> Scopes {
    let scope =
        |dice: &mut Dice| Scope::new((0..LEARNERS).map(|l| (l, record(dice))).collect(), facts());
    [None, Some(0), Some(1)]
        .into_iter()
        .map(|c| (c, scope(dice)))
        .collect()
}

/// What a learner made of some of the nine contents.
fn tried(dice: &mut Dice) -> Vec<Tried> {
    let mut own = Vec::new();
    let steps = |dice: &mut Dice| {
        let reached = u8::try_from(dice.below(26)).unwrap();
        Some(reached).filter(|reached| *reached <= 20)
    };
    for place in 0..9 {
        if dice.below(4) > 0 {
            own.push(Tried {
                place,
                again: dice.below(3) > 0,
                passed: [Some(true), Some(false), None][dice.below(3) as usize],
                succeeded: dice.below(4) == 0,
                silent: dice.below(4) == 0,
                best: steps(dice),
                first: steps(dice),
                success: [Some(true), Some(false), None][dice.below(3) as usize],
                right: [Some(true), Some(false), None][dice.below(3) as usize],
                response: dice.below(5),
            });
        }
    }
    own
}

/// The records of a world: of courses, and of contents.
#[derive(Clone)]
struct World {
    scopes: Scopes,
    assessed: ContentScopes,
    trails: Trails,
}

fn world(dice: &mut Dice) -> World {
    let scopes = scopes(dice);
    let scope = |dice: &mut Dice| attempts((0..LEARNERS).map(|l| (l, tried(dice))).collect());
    World {
        scopes,
        assessed: [0, 1].map(|course| (course, scope(dice))).into(),
        trails: trails(&[0, 1], LEARNERS, |n| dice.below(n)),
    }
}

/// Plays a history and returns every byte it shows.
fn play(calls: &[Vec<Family>], world: &World, ledger: &Ledger) -> Vec<DataFrame> {
    let mut shown = Vec::new();
    for (call, families) in calls.iter().enumerate() {
        if call % 2 == 1 {
            // Counts for what was not released before.
            let edges: Vec<f64> = (0..101).map(|edge| f64::from(edge) * 180.0).collect();
            let grid = Grid::new(Metric::StudyTime, edges).unwrap();
            ledger.register_grid(&grid, None).unwrap();
        }
        let request = Request {
            courseless: crate::data::ids::NONE,
            by: By::Group,
            integer: false,
            policy: five(),
            as_of: 0,
            families: families.clone(),
            scopes: world.scopes.clone(),
        };
        let groups = ReferenceGroups {
            metrics: &Metric::ALL,
            assessed: Arc::new(OnceLock::from(world.assessed.clone())),
            trails: Some(world.trails.clone()),
            ..ReferenceGroups::new(request, ledger).unwrap()
        };
        shown.push(groups.rosters().unwrap().into_frame());
        shown.push(groups.summary().unwrap().into_frame());
        shown.push(groups.active_learners().unwrap().into_frame());
        let cumulative = ReferenceGroups {
            metrics: &Metric::CUMULATIVE,
            ..groups.clone()
        };
        shown.push(cumulative.active_learners().unwrap().into_frame());
        for metric in Metric::ALL {
            shown.push(groups.distribution(metric).unwrap().into_frame());
            shown.push(groups.quantiles(metric).unwrap().into_frame());
        }
        for by in [Steps::Content, Steps::Module, Steps::Week] {
            shown.push(groups.drop_off(by).unwrap().into_frame());
            shown.push(groups.hazard(by).unwrap().into_frame());
        }
        shown.push(groups.survival().unwrap().into_frame());
        for between in [Between::Pairs, Between::All] {
            shown.push(groups.log_rank(between).unwrap().into_frame());
        }
        shown.extend(paths(&groups).into_iter().map(Released::into_frame));
        let contents = about_contents(&groups);
        shown.extend(contents.into_iter().map(super::Released::into_frame));
    }
    shown
}

pub(super) type Courses = Vec<Option<u32>>;
pub(super) type Atoms = Vec<Vec<u32>>;

/// Atoms of what a ledger released, per component: the courses it speaks of, and atoms.
pub(super) fn components(ledger: &Ledger) -> Vec<(Courses, Atoms)> {
    let released = ledger.look(super::ledger::Book::released);
    let of = |c: Option<u32>| -> Vec<Vec<u32>> {
        let here = released
            .iter()
            .filter(|(course, _)| c.is_none() || *course == c);
        here.map(|(_, members)| members.clone()).collect()
    };
    let linked = released.iter().any(|(course, _)| course.is_none());
    if linked {
        return vec![(vec![None, Some(0), Some(1)], twin::atoms(&of(None)))];
    }
    [Some(0), Some(1)]
        .map(|c| (vec![c], twin::atoms(&of(c))))
        .to_vec()
}

/// Random permutations inside the atoms of each component; learners on no roster get
/// the values of one of them.
fn permute(dice: &mut Dice, world: &World, ledger: &Ledger) -> World {
    let mut permuted = world.clone();
    for (courses, atoms) in components(ledger) {
        let mut moves = Vec::new();
        let mut on: BTreeSet<u32> = BTreeSet::new();
        for atom in atoms {
            let mut from = atom.clone();
            dice.shuffle(&mut from);
            on.extend(&atom);
            moves.extend(atom.into_iter().zip(from));
        }
        moves.extend((0..LEARNERS).filter(|l| !on.contains(l)).map(|l| (l, 0)));
        for c in courses {
            let scope = world.scopes[&c].permuted(&moves);
            permuted.scopes.insert(c, scope);
            if let Some(course) = c {
                let scope = world.assessed[&course].permuted(&moves);
                permuted.assessed.insert(course, scope);
                permuted.trails.exchange(course, &moves);
            }
        }
    }
    permuted
}

proptest! {
    // `histories.rs` tries 256 more.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn p1_permuting_inside_atoms_changes_no_byte(seed in any::<u64>()) {
        let mut dice = Dice(seed);
        let calls = history(&mut dice);
        let world = world(&mut dice);
        let ledger = Ledger::with_secret([7; 32]);
        let before = play(&calls, &world, &ledger);
        for (_, atoms) in components(&ledger) {
            prop_assert!(atoms.iter().all(|a| a.len() >= 6));
        }
        let permuted = permute(&mut dice, &world, &ledger);
        let after = play(&calls, &permuted, &Ledger::with_secret([7; 32]));
        prop_assert!(before.iter().zip(&after).all(|(a, b)| a.equals_missing(b)));
    }
}

/// Every roster a history asks for, as a system without a gate would release it.
fn ungated(calls: &[Vec<Family>], scopes: &Scopes) -> Vec<Vec<(f64, super::distribution::Cell)>> {
    let families = calls.iter().flatten();
    let rosters = families.flat_map(|f| {
        let parent = f.parent.iter().filter(|_| f.show_parent);
        let all = f.children.iter().map(|c| &c.members).chain(parent);
        all.map(|m| (f.course, m)).collect::<Vec<_>>()
    });
    let release = |(course, members): (Option<u32>, &Vec<u32>)| {
        let made = distribution(members, &scopes[&course], Metric::StudyTime, five());
        made.cells().collect()
    };
    rosters.map(release).collect()
}

/// Smallest atom of everything a history asks for in course 0.
fn smallest_atom(calls: &[Vec<Family>]) -> usize {
    let families = calls.iter().flatten().filter(|f| f.course == Some(0));
    let rosters: Vec<Vec<u32>> = families
        .flat_map(|f| f.children.iter().map(|c| c.members.clone()))
        .collect();
    twin::atoms(&rosters)
        .iter()
        .map(Vec::len)
        .min()
        .unwrap_or(usize::MAX)
}

#[test]
fn without_the_gate_values_cannot_be_exchanged() {
    let (mut told, mut singled) = (0, 0);
    for seed in 0..100 {
        let mut dice = Dice(seed);
        let calls = history(&mut dice);
        let world = world(&mut dice);
        let ledger = Ledger::default();
        play(&calls, &world, &ledger);
        let permuted = permute(&mut dice, &world, &ledger);
        let (before, after) = (&world.scopes, &permuted.scopes);
        told += usize::from(ungated(&calls, before) != ungated(&calls, after));
        singled += usize::from(smallest_atom(&calls) < 6);
    }
    assert!(told > 50, "{told} of 100 histories tell values apart");
    assert!(
        singled > 50,
        "{singled} of 100 histories leave a small atom"
    );
}

#[test]
fn histories_release_something() {
    let mut released = 0;
    for seed in 0..100 {
        let mut dice = Dice(seed);
        let calls = history(&mut dice);
        let ledger = Ledger::default();
        play(&calls, &world(&mut dice), &ledger);
        released += ledger.look(super::ledger::Book::len);
    }
    assert!(released > 300, "{released} releases in 100 histories");
}
