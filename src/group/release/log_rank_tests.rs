//! Groups that are alike, groups that are not, and those that cannot be told apart.

use polars::prelude::{DataFrame, DataType};

use super::*;
use crate::group::distribution::{Record, Scope, Spell};
use crate::group::fixture::{ask as plan, boards, facts, five, ten};
use crate::group::ledger::Ledger;
use crate::group::policy::ReleasePolicy;
use crate::personal::status::Exit;

const WEEKS: u32 = 20;

/// Repeatable chances.
struct Dice(u64);

impl Dice {
    fn chance(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A learner's time in a course: each week she leaves, completes (late ones) or is lost sight of.
    fn spell(&mut self, hazard: f64) -> Spell {
        for week in 0..WEEKS {
            let completes = if week > 12 { 0.05 } else { 0.0 };
            let chance = self.chance();
            let exit = if chance < hazard {
                Exit::Left
            } else if chance < hazard + completes {
                Exit::Completed
            } else if chance < hazard + completes + 0.01 {
                Exit::Censored
            } else {
                continue;
            };
            return Spell {
                week,
                exit,
                could: WEEKS - 1,
            };
        }
        Spell {
            week: WEEKS,
            exit: Exit::Censored,
            could: WEEKS - 1,
        }
    }
}

/// Boards a, b, ... of so many learners and such hazards a week.
fn course(dice: &mut Dice, sizes: &[(u32, f64)], policy: ReleasePolicy) -> ReferenceGroups {
    let (mut rows, mut children, mut from) = (Vec::new(), Vec::new(), 0);
    for ((size, hazard), label) in sizes.iter().zip(["a", "b", "c", "d"]) {
        let members: Vec<u32> = (from..from + size).collect();
        rows.extend(members.iter().map(|learner| {
            let spell = Some(dice.spell(*hazard));
            let record = Record {
                spell,
                ..Record::default()
            };
            (*learner, record)
        }));
        children.push((label, members));
        from += size;
    }
    let scope = Scope::new(rows, facts());
    let family = boards(None, &children);
    plan(vec![family], &scope, policy, &Ledger::default())
}

fn p_values(groups: &ReferenceGroups, between: Between) -> Vec<Option<f64>> {
    let table = log_rank(groups, between).unwrap().into_frame();
    let column = table.column("p_value").unwrap().f64().unwrap();
    column.iter().collect()
}

/// How often groups of one hazard differ at the 5 % level, in percent of those tested.
fn false_positives(sizes: &[(u32, f64)], between: Between, policy: ReleasePolicy) -> f64 {
    let mut dice = Dice(1);
    let (mut tested, mut differ) = (0, 0);
    for _ in 0..1000 {
        for p in p_values(&course(&mut dice, sizes, policy), between) {
            tested += u32::from(p.is_some());
            differ += u32::from(p.is_some_and(|p| p <= 0.05));
        }
    }
    assert!(tested > 900, "{tested} of 1000 are tested");
    100.0 * f64::from(differ) / f64::from(tested)
}

/// The number in the only row of a table.
fn number(table: &DataFrame, name: &str) -> Option<f64> {
    let column = table.column(name).unwrap();
    let column = column.cast(&DataType::Float64).unwrap();
    column.f64().unwrap().get(0)
}

#[test]
fn groups_that_are_alike_differ_in_about_five_tests_of_a_hundred() {
    for (sizes, policy) in [
        (&[(100, 0.05), (100, 0.05)][..], ten()),
        (&[(150, 0.2), (1000, 0.2)], ten()),
        (&[(400, 0.05), (400, 0.05)], ten()),
        (&[(100, 0.3), (100, 0.3)], ten()),
        (&[(100, 0.05), (130, 0.05)], five()),
        (
            &[(200, 0.05), (300, 0.05)],
            ReleasePolicy::new(10, 10, 0.7).unwrap(),
        ),
    ] {
        let rate = false_positives(sizes, Between::Pairs, policy);
        eprintln!("{sizes:?}: {rate} %");
        assert!((2.5..8.0).contains(&rate), "{sizes:?}: {rate} %");
    }
    let four = [(120, 0.06), (150, 0.06), (200, 0.06), (300, 0.06)];
    let rate = false_positives(&four, Between::All, ten());
    eprintln!("{four:?}: {rate} %");
    assert!((2.5..8.0).contains(&rate), "{rate} %");
}

#[test]
fn a_group_that_leaves_twice_as_fast_is_told() {
    let mut dice = Dice(2);
    let groups = course(&mut dice, &[(400, 0.04), (400, 0.08), (400, 0.04)], ten());
    let table = log_rank(&groups, Between::Pairs).unwrap().into_frame();
    let numbers = |name: &str| -> Vec<f64> {
        let column = table.column(name).unwrap().f64().unwrap();
        column.iter().map(Option::unwrap).collect()
    };
    let (p, ratios) = (numbers("p_value"), numbers("hazard_ratio"));
    // a-b, a-c, b-c
    assert!(p[0] < 1e-6 && p[1] > 0.01 && p[2] < 1e-6, "{p:?}");
    assert!((0.4..0.65).contains(&ratios[0]), "{ratios:?}");
    assert!((1.6..2.4).contains(&ratios[2]), "{ratios:?}");
    let adjusted = numbers("adjusted");
    assert!(p.iter().zip(&adjusted).all(|(p, q)| p <= q));
    let all = log_rank(&groups, Between::All).unwrap().into_frame();
    let only = |name: &str| number(&all, name);
    assert_eq!((all.height(), only("df")), (1, Some(2.0)));
    assert!(only("p_value").unwrap() < 1e-6);
    assert_eq!(only("hazard_ratio"), None);
    // One that is too small is left out of the test of all.
    let groups = course(&mut dice, &[(50, 0.2), (400, 0.04), (400, 0.08)], ten());
    let all = log_rank(&groups, Between::All).unwrap().into_frame();
    let only = |name: &str| number(&all, name);
    assert_eq!(only("df"), Some(1.0));
    assert_eq!(all.column("n").unwrap().u32().unwrap().get(0), Some(800));
}

#[test]
fn who_cannot_be_compared_is_told_by_rosters_or_by_a_code() {
    let word = |groups: &ReferenceGroups, name: &str| -> Vec<Option<String>> {
        let table = log_rank(groups, Between::Pairs).unwrap().into_frame();
        let words = table.column(name).unwrap().str().unwrap();
        words.iter().map(|w| w.map(str::to_owned)).collect()
    };
    let some = |text: &str| Some(text.to_owned());
    let mut dice = Dice(3);
    let small = course(&mut dice, &[(99, 0.2), (300, 0.2)], ten());
    assert_eq!(word(&small, "reason"), [some(TOO_FEW)]);
    assert_eq!(word(&small, "code"), [None]);
    let alone = course(&mut dice, &[(300, 0.2)], ten());
    assert_eq!(word(&alone, "reason"), [some(ALONE)]);
    // Of the second group fewer than k leave: nothing is tested, and no reason says who.
    let loyal = course(&mut dice, &[(300, 0.2), (300, 0.0)], ten());
    assert_eq!(word(&loyal, "code"), [some("few")]);
    assert_eq!(word(&loyal, "reason"), [None]);
    let both = course(&mut dice, &[(300, 0.2), (300, 0.1)], ten());
    assert_eq!(word(&both, "code"), [some("count")]);
    let crossing = boards(
        None,
        &[("a", (0..200).collect()), ("b", (100..300).collect())],
    );
    let record = Record {
        spell: Some(Spell::default()),
        ..Record::default()
    };
    let rows = (0..300).map(|learner| (learner, record.clone()));
    let scope = Scope::new(rows.collect(), facts());
    let crossing = plan(vec![crossing], &scope, ten(), &Ledger::default());
    assert_eq!(word(&crossing, "reason"), [some(OVERLAP)]);
}

#[test]
fn weeks_before_the_first_known_count_are_one_step() {
    let mut dice = Dice(4);
    let groups = course(&mut dice, &[(600, 0.05), (600, 0.05)], ten());
    let answer = ask(&groups, &groups.groups[0]);
    let own = answer.cells.unwrap();
    for first in 0..10 {
        let weeks = since(&own, first);
        let left: u32 = weeks.iter().map(|w| w.left).sum();
        let all = count(own.weeks()[19][0], own.rules());
        assert_eq!((left, weeks[0].at_risk), (all, 600));
        let follows =
            |two: &[Week]| two[1].at_risk == two[0].at_risk - two[0].left - two[0].censored;
        assert!(weeks.windows(2).all(follows));
    }
}
