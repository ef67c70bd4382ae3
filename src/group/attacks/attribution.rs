//! Whose value is it? An attacker knows everybody on every roster and all that was ever
//! shown, and says in which cell of the public grid one learner's value lies.
//!
//! A number of a learner, once shown, stays the same while rosters change, the best case for
//! subtraction. Against the gate she solves for the counts of every atom at once: she starts
//! from the true distribution of the course, and projects onto what each release says of the
//! sum of its atoms until all agree; then she names the fullest cell of the target's atom.
//! Against a dashboard that shows exact means from 10 learners on, she subtracts the sums of
//! two releases. Her blind guess is the fullest cell of the course. Who was not in the course
//! at the time that a number is about is no secret to her and no target.

mod published;
mod simulated;

use std::collections::{BTreeMap, HashMap};

use super::*;
use crate::group::exchangeability::Dice;
use crate::group::planner::{Outcome, plan};
use crate::group::roster::{Family, Roster};

/// When a learner comes, goes, and withdraws her consent, in days, and her boards.
#[derive(Clone, Default)]
struct Student {
    joins: u32,
    /// Leaves the course: a dashboard drops her, kohort keeps her on the roster.
    leaves: Option<u32>,
    withdraws: Option<u32>,
    board: u32,
    moves: Option<(u32, u32)>,
}

impl Student {
    fn board(&self, day: u32) -> u32 {
        match self.moves {
            Some((from, board)) if from <= day => board,
            _ => self.board,
        }
    }

    fn eligible(&self, day: u32) -> bool {
        self.joins <= day && self.withdraws.is_none_or(|end| day < end)
    }

    fn present(&self, day: u32) -> bool {
        self.eligible(day) && self.leaves.is_none_or(|end| day < end)
    }

    /// Whether something changes about her after the first of these days, up to the last.
    fn changes(&self, (first, last): (u32, u32)) -> bool {
        let ends = [self.leaves, self.withdraws, self.moves.map(|(day, _)| day)];
        let within = |day: &u32| first < *day && *day <= last;
        within(&self.joins) || ends.iter().flatten().any(within)
    }

    /// Whether she was in the course on one of these days.
    fn was_there(&self, (first, last): (u32, u32)) -> bool {
        self.joins <= last && self.leaves.is_none_or(|end| first < end)
    }
}

/// One number of each learner, which every release shows from a day on.
struct Question {
    values: Vec<f64>,
    /// The days that it is about.
    about: (u32, u32),
    from: u32,
}

/// A course with what its learners did.
struct Term {
    students: Vec<Student>,
    questions: Vec<Question>,
    metric: Metric,
    boards: u32,
    days: u32,
    /// Days from one release to the next.
    every: u32,
}

/// What an attacker makes of it: of how many targets she names the right cell.
#[derive(Default, Debug, Clone, Copy)]
struct Score {
    targets: u32,
    blind: u32,
    gated: u32,
    naive: u32,
    /// Boards and courses of 30 and more, week by week, and how many were shown.
    groups: u32,
    shown: u32,
}

impl Score {
    fn add(&mut self, other: Self) {
        self.targets += other.targets;
        self.blind += other.blind;
        self.gated += other.gated;
        self.naive += other.naive;
        self.groups += other.groups;
        self.shown += other.shown;
    }

    fn percent(part: u32, whole: u32) -> f64 {
        100.0 * f64::from(part) / f64::from(whole.max(1))
    }

    /// In percent of the targets: named by a blind guess, from what the gate lets out, and from
    /// exact means.
    fn named(&self) -> [f64; 3] {
        [self.blind, self.gated, self.naive].map(|part| Self::percent(part, self.targets))
    }

    /// The share of the group-weeks that was shown.
    fn published(&self) -> f64 {
        Self::percent(self.shown, self.groups)
    }

    /// A row of the table in the documentation.
    fn row(&self, name: &str) -> String {
        let [blind, gated, naive] = self.named();
        let cells = [blind, gated, naive, self.published()].map(|part| format!("{part:.1} %"));
        format!("| {name} | {} | {} |", self.targets, cells.join(" | "))
    }

    /// The documentation says the same.
    fn stands_as(&self, name: &str) {
        let row = format!("//! {}\n", self.row(name));
        assert!(include_str!("../mod.rs").contains(&row), "{row}");
    }
}

/// Everything the gate let out: each roster once, with the last day on which it was shown.
struct History {
    rosters: Vec<(Vec<u32>, u32)>,
    /// The atom of every learner; those on no roster make one.
    atoms: Vec<usize>,
}

/// What a release says of its roster: bounds on how many lie at or below each edge.
struct Told {
    /// Its atoms.
    parts: Vec<usize>,
    bounds: Vec<(f64, f64, f64)>,
}

impl Term {
    fn on(&self, board: Option<u32>, holds: impl Fn(&Student) -> bool, day: u32) -> Vec<u32> {
        let here = |s: &Student| holds(s) && board.is_none_or(|b| s.board(day) == b);
        let students = (0..).zip(&self.students).filter(|(_, s)| here(s));
        students.map(|(l, _)| l).collect()
    }

    /// The days of the releases.
    fn releases(&self) -> impl Iterator<Item = u32> + use<> {
        let every = self.every;
        (0..=self.days).filter(move |day| day % every == every - 1)
    }

    /// Everything the gate lets out.
    fn history(&self, score: &mut Score) -> History {
        let ledger = Ledger::with_secret([5; 32]);
        let mut released: BTreeMap<Vec<u32>, u32> = BTreeMap::new();
        for day in self.releases() {
            let board = |b: u32| Roster {
                label: format!("b{b:03}"),
                members: self.on(Some(b), |s| s.eligible(day), day),
            };
            let family = Family {
                label: "course".into(),
                course: Some(0),
                parent: Some(self.on(None, |s| s.eligible(day), day)),
                children: (0..self.boards).map(board).collect(),
                show_parent: true,
            };
            let planned = ledger.transact(None, |book| Ok(plan(&[family], ten(), book)));
            for group in planned.unwrap() {
                let counts = day % 7 == 6 && group.current.len() >= 30 && group.label != "(other)";
                score.groups += u32::from(counts);
                if let Outcome::Released { members, .. } = group.outcome {
                    score.shown += u32::from(counts);
                    released.insert(members, day);
                }
            }
        }
        let rosters: Vec<(Vec<u32>, u32)> = released.into_iter().collect();
        let mut signatures = vec![Vec::new(); self.students.len()];
        for (at, (members, _)) in rosters.iter().enumerate() {
            for learner in members {
                signatures[*learner as usize].push(at);
            }
        }
        let mut numbers = HashMap::new();
        let mut number = |signature| {
            let next = numbers.len();
            *numbers.entry(signature).or_insert(next)
        };
        let atoms = signatures.into_iter().map(&mut number).collect();
        History { rosters, atoms }
    }

    /// What the history says of one number, less what is known anyway of those `elsewhere`.
    fn told(&self, history: &History, asked: &Question, elsewhere: &[bool]) -> Vec<Told> {
        let records = scope_of(&asked.values, self.metric);
        let shown = history.rosters.iter().filter(|(_, day)| *day >= asked.from);
        let tell = |(members, _): &(Vec<u32>, u32)| {
            let made = distribution(members, &records, self.metric, ten());
            let n = members.len() as f64;
            let cells = made.cells().filter(|_| made.rules().cells);
            let bounds = cells.map(|(edge, cell)| {
                let (low, high) = match cell {
                    Cell::Low => (0.0, 9.0),
                    Cell::Count(count) => (f64::from(count) - 2.5, f64::from(count) + 2.5),
                    Cell::High => (n - 9.0, n),
                };
                let known =
                    |l: &&u32| elsewhere[**l as usize] && asked.values[**l as usize] <= edge;
                let known = members.iter().filter(known).count() as f64;
                (edge, (low - known).max(0.0), (high - known).max(0.0))
            });
            let bounds = bounds.collect();
            let mut parts: Vec<usize> =
                members.iter().map(|l| history.atoms[*l as usize]).collect();
            parts.sort_unstable();
            parts.dedup();
            Told { parts, bounds }
        };
        shown.map(tell).collect()
    }

    /// The attack on exact means: the sums of one group in two releases tell the sum of those who
    /// came or went between them.
    fn subtracted(&self, asked: &Question) -> Vec<(Vec<u32>, f64)> {
        let mut found = Vec::new();
        for board in (0..self.boards).map(Some).chain([None]) {
            let mut before: Option<Vec<u32>> = None;
            for day in self.releases().filter(|day| *day >= asked.from) {
                let today = self.on(board, |s| s.present(day), day);
                if today.len() < 10 {
                    before = None;
                    continue;
                }
                if let Some(before) = before.replace(today.clone()) {
                    let apart = |a: &[u32], b: &[u32]| -> Vec<u32> {
                        let only = a.iter().filter(|l| b.binary_search(l).is_err());
                        only.copied().collect()
                    };
                    let (came, went) = (apart(&today, &before), apart(&before, &today));
                    if came.is_empty() != went.is_empty() {
                        let (_, one) = naive(&asked.values, &before);
                        let (_, other) = naive(&asked.values, &today);
                        found.push(([came, went].concat(), (one - other).abs()));
                    }
                }
            }
        }
        found
    }

    /// Who is told by these sums, with her value: whoever came or went alone. Where a number has
    /// few values, also the likeliest one of each of several, given their sum.
    fn solved(&self, asked: &Question, elsewhere: &[bool]) -> BTreeMap<u32, f64> {
        let unknown = |l: &u32| !elsewhere[*l as usize];
        let few = asked.values.iter().all(|v| *v <= 7.0);
        let mut prior = [0.0; 8];
        for (v, _) in asked.values.iter().zip(elsewhere).filter(|(_, e)| !**e) {
            prior[if few { whole(*v) } else { 0 }] += 1.0;
        }
        let mut found: BTreeMap<u32, (usize, f64)> = BTreeMap::new();
        for (learners, sum) in self.subtracted(asked) {
            let (open, known): (Vec<u32>, Vec<u32>) = learners.into_iter().partition(unknown);
            let rest = sum - naive(&asked.values, &known).1;
            let value = match open.len() {
                1 => rest,
                2..=20 if few => likeliest(&prior, open.len(), whole(rest)) as f64,
                _ => continue,
            };
            for learner in &open {
                let best = found.entry(*learner).or_insert((open.len(), value));
                *best = if open.len() < best.0 {
                    (open.len(), value)
                } else {
                    *best
                };
            }
        }
        found
            .into_iter()
            .map(|(l, (_, value))| (l, value))
            .collect()
    }

    fn play(&self) -> Score {
        let mut score = Score::default();
        let history = self.history(&mut score);
        for asked in &self.questions {
            self.ask(asked, &history, &mut score);
        }
        score
    }

    /// One number: who is named right.
    fn ask(&self, asked: &Question, history: &History, score: &mut Score) {
        let everybody = self.on(None, |_| true, 0);
        let there = |s: &Student| s.was_there(asked.about);
        let elsewhere: Vec<bool> = self.students.iter().map(|s| !there(s)).collect();
        let records = scope_of(&asked.values, self.metric);
        let whole = distribution(&everybody, &records, self.metric, ten());
        let edges: Vec<f64> = whole.cells().map(|(edge, _)| edge).collect();
        let unknown = || asked.values.iter().zip(&elsewhere).filter(|(_, e)| !**e);
        let share = |edge: &f64| {
            let below = unknown().filter(|(v, _)| *v <= edge).count();
            below as f64 / unknown().count().max(1) as f64
        };
        let prior: Vec<f64> = edges.iter().map(share).collect();
        let blind = fullest(&prior);
        let mut size = vec![0.0; history.atoms.iter().max().map_or(0, |a| a + 1)];
        for (atom, elsewhere) in history.atoms.iter().zip(&elsewhere) {
            size[*atom] += f64::from(u8::from(!elsewhere));
        }
        let told = self.told(history, asked, &elsewhere);
        let named = attribute(&told, &size, &edges, &prior);
        let exact = self.solved(asked, &elsewhere);
        let cell = |value: f64| {
            let at = edges.iter().position(|e| value <= *e);
            at.unwrap_or(edges.len())
        };
        for (l, student) in (0..).zip(&self.students) {
            if !student.changes((asked.from, self.days)) || elsewhere[l as usize] {
                continue;
            }
            let truth = cell(asked.values[l as usize]);
            let subtracted = exact.get(&l).map(|v| cell((v * 1e6).round() / 1e6));
            score.targets += 1;
            score.blind += u32::from(truth == blind);
            score.gated += u32::from(truth == named[history.atoms[l as usize]]);
            score.naive += u32::from(truth == subtracted.unwrap_or(blind));
        }
    }
}

/// The attack on the gate: the fullest cell of each atom.
fn attribute(told: &[Told], size: &[f64], edges: &[f64], prior: &[f64]) -> Vec<usize> {
    // below[atom][edge], from the prior.
    let row = |n: &f64| -> Vec<f64> { prior.iter().map(|p| n * p).collect() };
    let mut below: Vec<Vec<f64>> = size.iter().map(row).collect();
    for _ in 0..60 {
        for told in told {
            let weight: f64 = told.parts.iter().map(|a| size[*a]).sum();
            if weight <= 0.0 {
                continue;
            }
            for (edge, low, high) in &told.bounds {
                let Some(at) = edges.iter().position(|e| e >= edge) else {
                    continue;
                };
                let sum: f64 = told.parts.iter().map(|a| below[*a][at]).sum();
                let off = sum.clamp(*low, *high) - sum;
                for a in &told.parts {
                    below[*a][at] += off * size[*a] / weight;
                }
            }
        }
        for (row, n) in below.iter_mut().zip(size) {
            let mut least = 0.0_f64;
            for cell in row {
                least = cell.clamp(least, *n);
                *cell = least;
            }
        }
    }
    below.iter().map(|row| fullest(row)).collect()
}

/// The nearest whole number, of those to a thousand.
fn whole(value: f64) -> usize {
    let below = |n: &u32| f64::from(*n) + 0.5 <= value;
    (0..1000).take_while(below).count()
}

/// The likeliest value of one of `n` learners with this sum, each of whom has values with these
/// frequencies.
fn likeliest(frequency: &[f64; 8], n: usize, sum: usize) -> usize {
    let mut others = vec![1.0];
    for _ in 1..n {
        let mut more = vec![0.0; others.len() + 7];
        for (at, chance) in others.iter().enumerate() {
            for (value, own) in frequency.iter().enumerate() {
                more[at + value] += chance * own;
            }
        }
        let all: f64 = more.iter().sum();
        others = more.into_iter().map(|chance| chance / all).collect();
    }
    let weight = |value: usize| {
        let rest = sum.checked_sub(value).and_then(|rest| others.get(rest));
        frequency[value] * rest.unwrap_or(&0.0)
    };
    (0..8).fold(0, |best, value| {
        if weight(value) > weight(best) {
            value
        } else {
            best
        }
    })
}

/// The cell with most of a cumulative count; the last one is above the last edge.
fn fullest(below: &[f64]) -> usize {
    let mut best = (0, f64::MIN);
    for (at, count) in below.iter().enumerate() {
        let own = count - if at == 0 { 0.0 } else { below[at - 1] };
        if own > best.1 + 1e-9 {
            best = (at, own);
        }
    }
    best.0
}
