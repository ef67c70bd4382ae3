//! Terms that are made up: how many come, go, change boards and withdraw is known.

use super::{Dice, Metric, Question, Score, Student, Term};

/// Twelve weeks of learners on eight boards of such a size, who studied heavy-tailed minutes;
/// released every day. Some 2 of them withdraw, and 4 change boards.
fn simulated(seed: u64, size: u32) -> Term {
    let mut dice = Dice::new(seed);
    let (boards, days) = (8, 83);
    let first = boards * size;
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
        if student.changes((0, days)) {
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
    let asked = Question {
        values,
        about: (0, days),
        from: 0,
    };
    Term {
        students,
        questions: vec![asked],
        metric: Metric::StudyTime,
        boards,
        days,
        every: 1,
    }
}

#[test]
fn releases_tell_no_more_of_a_learner_than_a_blind_guess() {
    let mut score = Score::default();
    for seed in 0..50 {
        score.add(simulated(seed, 30).play());
    }
    score.stands_as("50 simulated terms, daily");
    assert!(score.targets > 2000);
    let [blind, gated, naive] = score.named();
    assert!(gated <= blind + 2.0, "{score:?}");
    assert!(naive > 90.0, "{score:?}");
}

#[test]
fn boards_that_outlast_a_withdrawal_are_shown_more() {
    let shown = |size: u32| {
        let mut score = Score::default();
        for seed in 0..10 {
            simulated(seed, size).history(&mut score);
        }
        score.published()
    };
    // By default 35 outlast one who goes, and 69 two; now and then three go.
    let [thirty, forty, seventy] = [30, 40, 70].map(shown);
    assert!(thirty < forty && forty < seventy);
    let text = format!("in {thirty:.0} %, {forty:.0} % and {seventy:.0} % of the weeks");
    assert!(include_str!("../../policy.rs").contains(&text), "{text}");
}
