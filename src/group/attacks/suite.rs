//! The attack suite on what the gate let pass, by an attacker who knows every roster exactly.

use super::*;
use crate::attack::{Cell as Said, Facts, History, Limits, Report, Statistic, attack};
use crate::group::distribution::own;
use crate::group::exchangeability::{Dice, history, scopes};
use crate::group::{Outcome, Request};

const METRIC: Metric = Metric::Contents;

/// What has been published, and about whom.
struct Published(History);

impl Published {
    /// One metric per course: a learner has a value of her own in each.
    fn new() -> Self {
        let facts = |name: &str| Facts {
            name: name.into(),
            low: 0.0,
            high: 5.0,
            resolution: Some(0.125),
        };
        Self(History {
            metrics: ["all", "0", "1"].map(facts).to_vec(),
            ..History::default()
        })
    }

    fn release(&mut self, members: &[u32]) -> u32 {
        let release = u32::try_from(self.0.releases.len()).unwrap();
        self.0.releases.push(format!("r{release}"));
        self.0.rosters.extend(members.iter().map(|l| (release, *l)));
        release
    }

    fn say(&mut self, release: u32, course: Option<u32>, statistic: Statistic, ends: (f64, f64)) {
        self.0.cells.push(Said {
            release,
            metric: Some(course.map_or(0, |c| c + 1)),
            statistic,
            low: ends.0,
            high: ends.1,
        });
    }

    fn attacked(&self) -> Report {
        attack(&self.0, &Limits::default(), &|| Ok(())).unwrap()
    }
}

/// Plays a random history, and reads what it shows as an attacker does; beside it what a
/// dashboard without a gate shows of the same groups, if they have ten learners.
fn play(seed: u64) -> (Published, Published) {
    let mut dice = Dice(seed);
    let calls = history(&mut dice);
    let scopes = scopes(&mut dice);
    let ledger = Ledger::default();
    let (mut gated, mut naive) = (Published::new(), Published::new());
    for families in &calls {
        let request = Request {
            courseless: crate::data::ids::NONE,
            by: By::Group,
            integer: false,
            policy: five(),
            as_of: 0,
            families: families.clone(),
            scopes: scopes.clone(),
        };
        let groups = ReferenceGroups::new(request, &ledger).unwrap();
        for group in groups.groups.iter() {
            let Outcome::Released { members, .. } = &group.outcome else {
                continue;
            };
            let release = gated.release(members);
            let made = distribution(members, &scopes[&group.course], METRIC, five());
            let counted: Vec<(f64, Cell)> = made.cells().collect();
            for (edge, cell) in &counted[..counted.len().saturating_sub(1)] {
                let (statistic, ends) = match cell {
                    Cell::Low => (Statistic::AtMost(*edge), (0.0, 4.0)),
                    Cell::High => (Statistic::Above(*edge), (0.0, 4.0)),
                    Cell::Count(count) => {
                        let count = f64::from(*count);
                        (Statistic::AtMost(*edge), (count - 2.0, count + 2.0))
                    }
                };
                gated.say(release, group.course, statistic, ends);
            }
        }
        for family in families {
            let parent = family.parent.iter().filter(|_| family.show_parent);
            for members in family.children.iter().map(|c| &c.members).chain(parent) {
                if members.len() >= 10 {
                    let release = naive.release(members);
                    let scope = &scopes[&family.course];
                    let value = |l: &u32| own(*l, scope, METRIC);
                    let sum: f64 = members.iter().map(value).sum();
                    naive.say(release, family.course, Statistic::Sum, (sum, sum));
                }
            }
        }
    }
    (gated, naive)
}

#[test]
fn nothing_follows_from_what_the_gate_let_pass() {
    let (mut cells, mut broken) = (0, 0);
    for seed in 0..25 {
        let (gated, naive) = play(seed);
        cells += gated.0.cells.len();
        let report = gated.attacked();
        assert_eq!(report.findings, [], "seed {seed}");
        assert_eq!(report.unsearched, [""; 0], "seed {seed}");
        broken += usize::from(!naive.attacked().findings.is_empty());
    }
    assert!(cells > 1000, "{cells} cells attacked");
    assert!(broken > 12, "{broken} of 25 without the gate");
}
