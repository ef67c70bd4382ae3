//! Whose value is it? An attacker knows everybody on every roster and all that was ever
//! shown, and says in which cell of the public grid one learner's value lies.
//!
//! The value stays the same while rosters change, the best case for subtraction. Against
//! the gate she solves for the counts of every atom at once: she starts from the true
//! distribution of the course, and projects onto what each release says of the sum of its
//! atoms until all agree; then she names the fullest cell of the target's atom. Against a
//! dashboard that shows exact means from 10 learners on, she subtracts the sums of two
//! days. Her blind guess is the fullest cell of the course.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::group::exchangeability::Dice;
use crate::group::gate::twin;
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

    /// Whether something changes about her between the first day and the last.
    fn changes(&self, last: u32) -> bool {
        let ends = [self.leaves, self.withdraws, self.moves.map(|(day, _)| day)];
        let within = |day: &u32| (1..=last).contains(day);
        self.joins > 0 && self.joins <= last || ends.iter().flatten().any(within)
    }
}

/// A course with what its learners did.
struct Term {
    students: Vec<Student>,
    values: Vec<f64>,
    metric: Metric,
    boards: u32,
    days: u32,
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
}

/// What a release says of its roster: bounds on how many lie at or below each edge.
struct Told {
    members: Vec<u32>,
    bounds: Vec<(f64, f64, f64)>,
}

impl Term {
    fn on(&self, board: Option<u32>, holds: impl Fn(&Student) -> bool, day: u32) -> Vec<u32> {
        let here = |s: &Student| holds(s) && board.is_none_or(|b| s.board(day) == b);
        let students = (0..).zip(&self.students).filter(|(_, s)| here(s));
        students.map(|(l, _)| l).collect()
    }

    /// Everything the gate lets out, each roster once.
    fn told(&self, score: &mut Score) -> Vec<Told> {
        let ledger = Ledger::with_secret([5; 32]);
        let records = scope_of(&self.values, self.metric);
        let mut released: BTreeSet<Vec<u32>> = BTreeSet::new();
        for day in 0..=self.days {
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
                    released.insert(members);
                }
            }
        }
        let tell = |members: Vec<u32>| {
            let made = distribution(&members, &records, self.metric, ten());
            let n = members.len() as f64;
            let cells = made.cells().filter(|_| made.rules().cells);
            let bounds = cells.map(|(edge, cell)| match cell {
                Cell::Low => (edge, 0.0, 9.0),
                Cell::Count(count) => (edge, f64::from(count) - 2.5, f64::from(count) + 2.5),
                Cell::High => (edge, n - 9.0, n),
            });
            let bounds = bounds.collect();
            Told { members, bounds }
        };
        released.into_iter().map(tell).collect()
    }

    /// The attack on the gate: the fullest cell of each learner's atom.
    fn attribute(&self, told: &[Told], edges: &[f64], prior: &[f64]) -> Vec<usize> {
        let rosters: Vec<Vec<u32>> = told.iter().map(|t| t.members.clone()).collect();
        let atoms = twin_atoms(&rosters, self.students.len());
        let count = atoms.iter().max().map_or(0, |a| a + 1);
        let mut size = vec![0.0; count];
        for atom in &atoms {
            size[*atom] += 1.0;
        }
        let parts: Vec<Vec<usize>> = rosters
            .iter()
            .map(|r| {
                let met: BTreeSet<usize> = r.iter().map(|l| atoms[*l as usize]).collect();
                met.into_iter().collect()
            })
            .collect();
        // below[atom][edge], from the prior.
        let mut below: Vec<Vec<f64>> = size
            .iter()
            .map(|n| prior.iter().map(|p| n * p).collect())
            .collect();
        for _ in 0..60 {
            for (told, parts) in told.iter().zip(&parts) {
                for (edge, low, high) in &told.bounds {
                    let Some(at) = edges.iter().position(|e| e >= edge) else {
                        continue;
                    };
                    let sum: f64 = parts.iter().map(|a| below[*a][at]).sum();
                    let off = sum.clamp(*low, *high) - sum;
                    let weight: f64 = parts.iter().map(|a| size[*a]).sum();
                    for a in parts {
                        below[*a][at] += off * size[*a] / weight;
                    }
                }
            }
            for (row, n) in below.iter_mut().zip(&size) {
                let mut least = 0.0_f64;
                for cell in row {
                    least = cell.clamp(least, *n);
                    *cell = least;
                }
            }
        }
        let fullest: Vec<usize> = below.iter().map(|row| fullest(row)).collect();
        atoms.iter().map(|a| fullest[*a]).collect()
    }

    /// The attack on exact means: learners told by the sums of one group on two days.
    fn subtracted(&self) -> BTreeMap<u32, f64> {
        let mut found = BTreeMap::new();
        for board in (0..self.boards).map(Some).chain([None]) {
            let mut before: Option<Vec<u32>> = None;
            for day in 0..=self.days {
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
                    if let [target] = [came, went].concat()[..] {
                        let (_, one) = naive(&self.values, &before);
                        let (_, other) = naive(&self.values, &today);
                        found.insert(target, (one - other).abs());
                    }
                }
            }
        }
        found
    }

    fn play(&self) -> Score {
        let mut score = Score::default();
        let told = self.told(&mut score);
        let everybody = self.on(None, |_| true, 0);
        let whole = distribution(
            &everybody,
            &scope_of(&self.values, self.metric),
            self.metric,
            ten(),
        );
        let edges: Vec<f64> = whole.cells().map(|(edge, _)| edge).collect();
        let share = |edge: &f64| {
            let below = self.values.iter().filter(|v| *v <= edge).count();
            below as f64 / self.values.len() as f64
        };
        let prior: Vec<f64> = edges.iter().map(share).collect();
        let blind = fullest(&prior);
        let named = self.attribute(&told, &edges, &prior);
        let exact = self.subtracted();
        let cell = |value: f64| {
            edges
                .iter()
                .position(|e| value <= *e)
                .unwrap_or(edges.len())
        };
        for (l, student) in (0..).zip(&self.students) {
            if !student.changes(self.days) {
                continue;
            }
            let truth = cell(self.values[l as usize]);
            let subtracted = exact
                .get(&l)
                .map_or(blind, |v| cell((v * 1e6).round() / 1e6));
            score.targets += 1;
            score.blind += u32::from(truth == blind);
            score.gated += u32::from(truth == named[l as usize]);
            score.naive += u32::from(truth == subtracted);
        }
        score
    }
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

/// The atom of every learner; those on no roster make one.
fn twin_atoms(rosters: &[Vec<u32>], learners: usize) -> Vec<usize> {
    let mut atom = vec![0; learners];
    for (at, members) in twin::atoms(rosters).into_iter().enumerate() {
        for learner in members {
            atom[learner as usize] = at + 1;
        }
    }
    atom
}

/// Twelve weeks of 240 learners on eight boards, who studied heavy-tailed minutes.
fn simulated(seed: u64) -> Term {
    let mut dice = Dice::new(seed);
    let (boards, days, first) = (8, 83, 240);
    let mut students: Vec<Student> = (0..first)
        .map(|l| Student {
            board: l % boards,
            ..Student::default()
        })
        .collect();
    for day in 1..=days {
        if dice.below(100) < 20 {
            students.push(Student {
                joins: day,
                board: dice.below(boards),
                ..Student::default()
            });
        }
        let who = dice.below(u32::try_from(students.len()).unwrap()) as usize;
        let student = &mut students[who];
        if student.changes(days) {
            continue;
        }
        match dice.below(100) {
            0..30 => student.leaves = Some(day),
            30..33 => student.withdraws = Some(day),
            33..38 => student.moves = Some((day, (student.board + 1) % boards)),
            _ => {}
        }
    }
    let unit = |dice: &mut Dice| (f64::from(dice.below(1 << 20)) + 0.5) / f64::from(1 << 20);
    let value = |_: &Student| {
        let normal = (0..12).map(|_| unit(&mut dice)).sum::<f64>() - 6.0;
        (60.0 * 240.0 * (1.2 * normal).exp()).round()
    };
    let values = students.iter().map(value).collect();
    Term {
        students,
        values,
        metric: Metric::StudyTime,
        boards,
        days,
    }
}

fn report(name: &str, score: &Score) {
    eprintln!(
        "{name}: {} targets; named right: blind {:.1} %, gate {:.1} %, exact means {:.1} %; \
         group-weeks of 30 and more shown: {:.1} % of {}",
        score.targets,
        Score::percent(score.blind, score.targets),
        Score::percent(score.gated, score.targets),
        Score::percent(score.naive, score.targets),
        Score::percent(score.shown, score.groups),
        score.groups
    );
}

#[test]
fn releases_tell_no_more_of_a_learner_than_a_blind_guess() {
    let mut score = Score::default();
    for seed in 0..50 {
        score.add(simulated(seed).play());
    }
    report("simulated", &score);
    assert!(score.targets > 2000);
    let of = |part| Score::percent(part, score.targets);
    assert!(of(score.gated) <= of(score.blind) + 2.0, "{score:?}");
    assert!(of(score.naive) > 90.0, "{score:?}");
}

/// One published table of a course: its integer columns, by row; `None` where it is absent.
fn published(name: &str, course: [&str; 2], columns: [&str; 3]) -> Option<Vec<[Option<i32>; 3]>> {
    use polars::prelude::*;
    let data = std::env::var_os("KOHORT_DATA").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"),
        std::path::PathBuf::from,
    );
    let path = data.join("oulad_2013").join(format!("{name}.parquet"));
    let Ok(file) = std::fs::File::open(&path) else {
        eprintln!(
            "skipped: no learning data at {}; set KOHORT_DATA",
            path.display()
        );
        return None;
    };
    let wanted = ["code_module", "code_presentation"]
        .into_iter()
        .chain(columns);
    let wanted: BTreeSet<&str> = wanted.collect();
    let wanted = wanted.into_iter().map(str::to_string).collect();
    let frame = ParquetReader::new(file)
        .with_columns(Some(wanted))
        .finish()
        .unwrap();
    let own = |column: &str, value: &str| {
        let column = frame.column(column).unwrap().str().unwrap().clone();
        column
            .iter()
            .map(|v| v == Some(value))
            .collect::<BooleanChunked>()
    };
    let here = own("code_module", course[0]) & own("code_presentation", course[1]);
    let frame = frame.filter(&here).unwrap();
    let columns = columns.map(|column| {
        let column = frame
            .column(column)
            .unwrap()
            .cast(&DataType::Int32)
            .unwrap();
        column.i32().unwrap().iter().collect::<Vec<_>>()
    });
    let row = |i: usize| std::array::from_fn(|c| columns[c][i]);
    Some((0..frame.height()).map(row).collect())
}

/// A published course from its first day on: tutor groups of about 40, by chance, and on how
/// many days of the first four weeks each learner was active.
fn course_of_2013(course: [&str; 2]) -> Option<Term> {
    let columns = ["id_student", "date_registration", "date_unregistration"];
    let registered = published("studentRegistration", course, columns)?;
    let clicks = published("studentVle", course, ["id_student", "date", "date"])?;
    let mut active: BTreeMap<i32, BTreeSet<i32>> = BTreeMap::new();
    for [student, day, _] in clicks {
        if let (Some(student), Some(day)) = (student, day.filter(|d| (0..28).contains(d))) {
            active.entry(student).or_default().insert(day);
        }
    }
    let mut dice = Dice::new(2013);
    let (mut students, mut values) = (Vec::new(), Vec::new());
    let boards = u32::try_from(registered.len() / 40).unwrap();
    for [student, from, until] in registered {
        let after = |day: i32| u32::try_from(day.max(0)).unwrap();
        let leaves = until.map(after);
        // Who left before the first day never was on a roster.
        if let (Some(student), Some(from), true) = (student, from, leaves != Some(0)) {
            students.push(Student {
                joins: after(from),
                leaves,
                board: dice.below(boards),
                ..Student::default()
            });
            values.push(active.get(&student).map_or(0.0, |days| days.len() as f64));
        }
    }
    Some(Term {
        students,
        values,
        metric: Metric::ActiveDays,
        boards,
        days: 237,
    })
}

#[test]
fn nor_do_releases_about_published_courses() {
    let mut score = Score::default();
    for course in [["AAA", "2013J"], ["GGG", "2013J"], ["EEE", "2013J"]] {
        let Some(term) = course_of_2013(course) else {
            return;
        };
        let own = term.play();
        report(&course.join("-"), &own);
        score.add(own);
    }
    let of = |part| Score::percent(part, score.targets);
    assert!(of(score.gated) <= of(score.blind) + 2.0, "{score:?}");
    assert!(of(score.naive) > 90.0, "{score:?}");
    assert!(
        Score::percent(score.shown, score.groups) >= 90.0,
        "{score:?}"
    );
}
