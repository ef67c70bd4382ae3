//! How large a group must be to stay when learners withdraw: what [`ReleasePolicy`] says of it.

use super::*;
use crate::group::ReleasePolicy;
use crate::group::planner::{Outcome, plan};

/// The smallest group that is shown after each of `times` learners, who withdraw one after the
/// other; the coverage floor in tenths.
fn least(k: u32, floor: u32, times: u32) -> u32 {
    let covered = (times * (10 - floor + 10 * k)).div_ceil(10 - floor);
    covered.max((times + 1) * (k + 1))
}

/// Whether a board of so many is shown at first and after each who withdraws from what is shown.
fn stays(n: u32, policy: ReleasePolicy, times: u32) -> bool {
    let ledger = Ledger::with_secret([7; 32]);
    let mut gone: Vec<u32> = Vec::new();
    (0..=times).all(|_| {
        let here = |range: std::ops::Range<u32>| range.filter(|l| !gone.contains(l)).collect();
        let today = [("a", here(0..n)), ("b", here(n..n + 400))];
        let family = boards(Some(here(0..n + 400)), &today);
        let planned = ledger.transact(None, |book| Ok(plan(&[family], policy, book)));
        let planned = planned.unwrap();
        let board = planned.iter().find(|group| group.label == "a").unwrap();
        let Outcome::Released { members, .. } = &board.outcome else {
            return false;
        };
        gone.push(members[members.len() / 2]);
        true
    })
}

#[test]
fn a_group_outlasts_as_many_withdrawals_as_the_policy_says() {
    for k in [5, 10, 15, 20] {
        let mut row = format!("/// | {k} |");
        for floor in 5..=8 {
            let policy = ReleasePolicy::new(k, 5, f64::from(floor) / 10.0).unwrap();
            let mut sizes = Vec::new();
            for times in 1..=3 {
                let n = least(k, floor, times);
                assert!(
                    stays(n, policy, times),
                    "k {k}, floor {floor}, {times} of {n}"
                );
                assert!(
                    !stays(n - 1, policy, times),
                    "k {k}, floor {floor}, {times} of {n} - 1"
                );
                sizes.push(n.to_string());
            }
            row = [&row, " ", &sizes.join(", "), " |"].concat();
        }
        assert!(include_str!("../policy.rs").contains(&row), "{row}");
    }
}

#[test]
fn those_who_withdraw_together_cost_no_more_than_one() {
    let shown = |gone: u32| {
        let ledger = Ledger::with_secret([7; 32]);
        ask(
            vec![course(0, 0..35)],
            &scope(&minutes(35), Metric::StudyTime),
            ten(),
            &ledger,
        );
        let after = course(0, gone..35);
        let groups = ask(
            vec![after],
            &scope(&minutes(35), Metric::StudyTime),
            ten(),
            &ledger,
        );
        match &groups.groups[0].outcome {
            Outcome::Released { members, .. } => members.len(),
            _ => 0,
        }
    };
    assert_eq!((0..=12).map(shown).collect::<Vec<_>>(), {
        let mut sizes = vec![24; 13];
        sizes[0] = 35;
        sizes[12] = 23;
        sizes
    });
}
