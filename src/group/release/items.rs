//! Classical item analysis and reliability, from released counts alone.

use crate::Result;
use crate::group::distribution::{self, Cell, Content, Joint, ProtectedItems, Rules, tests};
use crate::group::metric::{Blank, Test};
use crate::group::{Group, ReferenceGroups};

use super::contents::{Share, ask_contents, hundredths};
use super::joint::{Filled, Moments, chain};
use super::tables::{Answer, TOO_FEW, plain, release, row, shown};
use super::{Kind, Released};

/// What released counts say about one item.
struct Item {
    answered: Cell,
    facility: Option<Share>,
    moments: Option<Moments>,
    upper_lower: Option<f64>,
    /// As far as the counts tell, right or wrong only.
    binary: bool,
    /// Other items of its test that enough have marks at.
    others: usize,
}

impl Item {
    fn new(joint: Joint<'_>, others: usize, rules: &Rules) -> Self {
        let levels = joint.levels();
        let filled = Filled::new((levels, joint.bands), |l, b| joint.with(l, b), rules);
        let marked: Vec<Cell> = (0..=levels).map(|level| joint.marked(level)).collect();
        let facility = facility(&marked, filled.at(0, 0), rules);
        // Nothing goes together with what nearly all or nearly none can do.
        let varied = facility.is_some_and(|share| share.rate().is_some());
        let all = joint.with(0, 0) == Cell::High;
        let enough = |m: &Moments| all || m.n >= 10.0 * f64::from(rules.k);
        let moments = filled
            .moments()
            .filter(|moments| rules.together && varied && enough(moments));
        Self {
            answered: joint.marked(0),
            facility,
            upper_lower: moments.and_then(|_| filled.upper_lower(others)),
            moments,
            binary: marked
                .get(1..)
                .is_some_and(|reached| reached.iter().all(|cell| Some(cell) == reached.first())),
            others,
        }
    }

    /// Covariance with the total of its test, in marks.
    fn with_total(&self) -> Option<f64> {
        let others = self.others as f64;
        self.moments.map(|m| m.variance + others * m.covariance)
    }
}

/// Mean marks, if enough have any.
fn facility(marked: &[Cell], joint: f64, rules: &Rules) -> Option<Share> {
    let counts = chain(marked, rules);
    let (all, reached) = counts.split_first()?;
    if marked.first() == Some(&Cell::Low) || reached.is_empty() {
        return None;
    }
    // Whoever has marks at others too has marks at this.
    let all = if marked.first() == Some(&Cell::High) {
        all.max(joint)
    } else {
        *all
    };
    let mean = reached.iter().sum::<f64>() / reached.len() as f64;
    // Counts stand for whole or half learners.
    Share::of(whole(mean), whole(all), rules)
}

fn whole(count: f64) -> u64 {
    num(count.round())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of members are whole, not negative and far below 2^53"
)]
fn num(count: f64) -> u64 {
    count.max(0.0) as u64
}

/// The joint counts of a group.
fn ask<'a>(
    groups: &'a ReferenceGroups,
    group: &Group,
    of: (Test, Blank),
) -> Result<Answer<(&'a [Content], ProtectedItems)>> {
    ask_contents(groups, group, |members, scope| {
        let made = distribution::items(members, scope, groups.policy, of);
        (made.rules().clone(), made)
    })
}

/// `group, content, module, position, answered, answered_code, facility, low, high,
/// discrimination, point_biserial, upper_lower, efficiency, weight, hard, easy, weak, negative, n,
/// unit, reason`.
pub(in crate::group) fn items(
    groups: &ReferenceGroups,
    by: Test,
    blank: Blank,
) -> Result<Released> {
    let mut rows = Vec::new();
    for group in groups.groups.iter() {
        let answer = ask(groups, group, (by, blank))?;
        let Ok((contents, from)) = &answer.cells else {
            rows.push(row(group, &answer, Vec::new(), Vec::new(), "share"));
            continue;
        };
        let rules = from.rules();
        let (of, items) = analyse(contents, from, by);
        let cells = Answer {
            n: answer.n,
            cells: Ok(()),
        };
        for ((content, item), test) in contents.iter().zip(&items).zip(&of) {
            let (answered, code) = shown(item.answered);
            let (low, high) = match item.facility {
                Some(share) => share.interval()?,
                None => (None, None),
            };
            let own = item.moments;
            let discrimination = own.and_then(|m| m.correlation()).map(hundredths);
            let with_total = own.and_then(|m| m.with_total(item.others));
            let root = item.with_total().filter(|cov| *cov >= 0.0).map(f64::sqrt);
            let siblings = items.iter().zip(&of).filter(|(_, other)| *other == test);
            let roots = siblings.filter_map(|(item, _)| item.with_total());
            let sum: f64 = roots.filter(|cov| *cov >= 0.0).map(f64::sqrt).sum();
            let flag = |told: Option<bool>| told.map(|told| f64::from(u8::from(told)));
            let beyond =
                |percent, above| flag(item.facility.and_then(|own| own.beyond(percent, above)));
            let facility = item.facility.and_then(|own| own.rate());
            let values = vec![
                content.position,
                answered,
                facility,
                low,
                high,
                discrimination,
                with_total.filter(|_| item.binary).map(hundredths),
                item.upper_lower.map(hundredths),
                own.and_then(|m| m.efficiency()).map(hundredths),
                root.filter(|_| sum > 0.0)
                    .map(|root| hundredths(root / sum)),
                beyond(20, false),
                beyond(95, true),
                flag(discrimination.map(|d| d < 0.1)),
                flag(discrimination.map(|d| d < 0.0)),
            ];
            let texts = vec![
                Some(content.label.clone()),
                content.module.clone(),
                Some(code.to_string()),
            ];
            let mut made = plain(group, &cells, texts, values, "share");
            made.reason = (!rules.together).then(|| TOO_FEW.to_string());
            rows.push(made);
        }
    }
    let value = |name| (name, Kind::Value);
    let layout = [
        ("content", Kind::Text),
        ("module", Kind::Text),
        value("position"),
        value("answered"),
        ("answered_code", Kind::Text),
        value("facility"),
        value("low"),
        value("high"),
        value("discrimination"),
        value("point_biserial"),
        value("upper_lower"),
        value("efficiency"),
        value("weight"),
        ("hard", Kind::Flag),
        ("easy", Kind::Flag),
        ("weak", Kind::Flag),
        ("negative", Kind::Flag),
    ];
    release(groups, &layout, rows)
}

/// `group, module, contents, used, alpha, kr20, sem, n, unit, reason`, one row per test.
pub(in crate::group) fn reliability(
    groups: &ReferenceGroups,
    by: Test,
    blank: Blank,
) -> Result<Released> {
    let mut rows = Vec::new();
    for group in groups.groups.iter() {
        let answer = ask(groups, group, (by, blank))?;
        let Ok((contents, from)) = &answer.cells else {
            rows.push(row(group, &answer, Vec::new(), Vec::new(), "marks"));
            continue;
        };
        let (of, items) = analyse(contents, from, by);
        let cells = Answer {
            n: answer.n,
            cells: Ok(()),
        };
        let (_, sizes) = tests(contents, by);
        for (test, size) in sizes.iter().enumerate() {
            let member = || items.iter().zip(&of).filter(|(_, other)| **other == test);
            let used: Vec<(&Item, Moments)> = member()
                .filter_map(|(item, _)| Some((item, item.moments?)))
                .collect();
            let agreement = Agreement::of(&used, blank);
            let binary = used.iter().all(|(item, _)| item.binary);
            let alpha = agreement.as_ref().map(|own| hundredths(own.alpha));
            let name = of.iter().position(|other| *other == test);
            let module = name.and_then(|at| contents.get(at)?.module.clone());
            let values = vec![
                Some(*size as f64),
                from.rules().together.then_some(used.len() as f64),
                alpha,
                alpha.filter(|_| binary),
                agreement.map(|own| hundredths(own.error)),
            ];
            let texts = vec![module.filter(|_| by == Test::Module)];
            let mut made = plain(group, &cells, texts, values, "marks");
            made.reason = (!from.rules().together).then(|| TOO_FEW.to_string());
            rows.push(made);
        }
    }
    let value = |name| (name, Kind::Value);
    let layout = [
        ("module", Kind::Text),
        ("contents", Kind::Whole),
        ("used", Kind::Whole),
        value("alpha"),
        value("kr20"),
        value("sem"),
    ];
    release(groups, &layout, rows)
}

/// The test of each content, and what is known of each.
fn analyse(contents: &[Content], from: &ProtectedItems, by: Test) -> (Vec<usize>, Vec<Item>) {
    let tests = tests(contents, by);
    let joints: Vec<Joint<'_>> = from.items(&tests).collect();
    let others = |test: &usize| {
        let met = joints.iter().zip(&tests.0);
        let met = met.filter(|(joint, other)| *other == test && joint.marked(0) != Cell::Low);
        met.count().saturating_sub(1)
    };
    let items = joints
        .iter()
        .zip(&tests.0)
        .map(|(joint, test)| Item::new(*joint, others(test), from.rules()))
        .collect();
    (tests.0, items)
}

/// How well the items of a test agree.
struct Agreement {
    alpha: f64,
    /// Standard error of measurement, one mark each item.
    error: f64,
}

impl Agreement {
    /// `alpha = k / (k - 1) * (1 - sum of variances / variance of the total)`; the variance of the
    /// total is that of the items and their covariances with all others.
    ///
    /// Skipping blanks, the others are those that are used; else they are all, because a blank is
    /// no marks.
    fn of(used: &[(&Item, Moments)], blank: Blank) -> Option<Self> {
        if used.len() < 2 {
            return None;
        }
        let items = used.len() as f64;
        let apart: f64 = used.iter().map(|(_, m)| m.variance).sum();
        let others = |item: &Item| match blank {
            Blank::Skip => items - 1.0,
            Blank::Zero => item.others as f64,
        };
        let shared = used.iter().map(|(item, m)| others(item) * m.covariance);
        let shared: f64 = shared.sum();
        let total = apart + shared;
        if total <= 0.0 {
            return None;
        }
        let alpha = items / (items - 1.0) * shared / total;
        Some(Self {
            alpha,
            error: (total * (1.0 - alpha).max(0.0)).sqrt(),
        })
    }
}
