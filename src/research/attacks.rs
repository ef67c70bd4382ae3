//! Attacks on what leaves the platform (A33 to A40), each with its negative control.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use polars::prelude::DataFrame;

use super::bounding::{Bounded, Lots, cell_of_pair, count};
use super::mechanism::Mechanism;
use super::world::{Beside, NOW, Own, ask, data, learners, texts, user};
use super::*;

/// Every table, each from data of its own, so that no budget runs out.
fn tables(all: &[Own], beside: Beside) -> Vec<(&'static str, DataFrame)> {
    let fresh = || ask(&data(all, beside), 1.0, 1e-6);
    let mut made = vec![
        ("popularity", fresh().popularity(10)),
        ("contents", fresh().co_occurrence(Pairs::Content, 10)),
        ("courses", fresh().co_occurrence(Pairs::Course, 10)),
    ];
    for by in [By::Course, By::Group] {
        made.push(("enrolled", fresh().counts(by, Counted::Enrolled, 3)));
        made.push(("active", fresh().counts(by, Counted::Active, 3)));
    }
    for metric in [Metric::StudyTime, Metric::Events, Metric::Contents] {
        made.push(("histogram", fresh().histogram(metric, 3)));
    }
    made.into_iter()
        .map(|(name, table)| (name, table.unwrap().into_frame()))
        .collect()
}

/// What a table shows, cell by cell.
fn shown(frame: &DataFrame) -> Vec<String> {
    let cell = |column: &polars::prelude::Column, row| column.get(row).unwrap().to_string();
    let columns = frame.columns().iter();
    columns
        .flat_map(|c| (0..frame.height()).map(move |row| cell(c, row)))
        .collect()
}

/// 400 learners of `A` and their board, all with a mark in their ids.
fn crowd() -> Vec<Own> {
    let one = |l| Own {
        id: format!("token{l:05}"),
        groups: vec!["board".into()],
        courses: vec!["A".into(), "B".into()],
        ..user(l, 0..4)
    };
    (0..400).map(one).collect()
}

#[test]
fn a33_no_token_of_any_purpose_is_in_research_output() {
    let all = crowd();
    for beside in [
        Beside::default(),
        Beside {
            catalog: 5,
            ..Beside::default()
        },
    ] {
        for (name, table) in tables(&all, beside) {
            assert!(table.height() > 0, "{name}");
            assert!(
                !shown(&table).iter().any(|cell| cell.contains("token")),
                "{name}"
            );
            assert!(table.column("learner").is_err());
        }
    }
    // Control: the search finds tokens in a table that has them.
    let personal = data(&all, Beside::default())
        .personal(&PersonalOptions::default())
        .unwrap();
    assert!(
        shown(&personal.summary().unwrap())
            .iter()
            .any(|cell| cell.contains("token"))
    );
}

#[test]
fn a34_there_are_no_rows_of_learners() {
    // Rows are cells: twice the learners make no row more where rows are known, and no table
    // has a time, a duration or a list.
    let beside = Beside {
        catalog: 5,
        ..Beside::default()
    };
    let (few, many) = (crowd()[..200].to_vec(), crowd());
    let known = ["popularity", "histogram"];
    for ((name, one), (_, other)) in tables(&few, beside).iter().zip(tables(&many, beside)) {
        if known.contains(name) {
            assert_eq!(one.height(), other.height(), "{name}");
        }
        assert!(other.height() <= 60, "{name}: far fewer rows than learners");
        for column in other.columns() {
            let kind = column.dtype();
            let plain = kind.is_primitive_numeric() || kind.is_string();
            assert!(plain && !kind.is_temporal() && !kind.is_nested(), "{name}");
        }
    }
    // Control: a personal table has a row for each.
    let personal = data(&many, beside)
        .personal(&PersonalOptions::default())
        .unwrap();
    assert!(personal.summary().unwrap().height() >= many.len());
}

/// A35: edX's table of course sets by country and year, in which a rare set is one person.
#[test]
fn a35_cells_of_few_are_absent_and_large_sets_are_cut() {
    // 600 learners take courses 0 to 2, nine take 7 and 8 besides, one takes forty.
    let course = |c: usize| format!("K{c:02}");
    let takes = |l: usize| -> Vec<String> {
        match l {
            0 => (0..40).map(course).collect(),
            1..10 => [0, 1, 2, 7, 8].map(course).to_vec(),
            _ => (0..3).map(course).collect(),
        }
    };
    let one = |l| Own {
        courses: takes(l),
        ..user(l, [0])
    };
    let all: Vec<Own> = (0..600).map(one).collect();
    let research = ask(&data(&all, Beside::default()), 1.0, 1e-6);
    let question = contents::together(&research, Pairs::Course).unwrap();
    let exact = (question.tally)(&Lots::new([1; 32], 5)).unwrap();
    let raw = (question.tally)(&Lots::new([1; 32], 10_000)).unwrap();
    let rare = |table: &Bounded| table.counts.values().filter(|n| n.get() < 10).count();
    assert!(
        rare(&raw) > 700,
        "control: without the bound the set of forty is all there"
    );
    let of_forty = raw
        .counts
        .iter()
        .filter(|(_, n)| n.get() == 1)
        .map(|(cell, _)| cell);
    let kept = of_forty
        .filter(|cell| exact.counts.contains_key(cell))
        .count();
    assert!(kept <= 5, "cut to L0 pairs");
    let table = research
        .co_occurrence(Pairs::Course, 5)
        .unwrap()
        .into_frame();
    let threshold = Mechanism::unknown(research.loss, 5)
        .unwrap()
        .threshold
        .unwrap();
    assert!(threshold > 10 && learners(&table).iter().all(|n| *n >= threshold));
    assert_eq!(texts(&table, "course"), ["K00", "K00", "K01"]);
    assert_eq!(texts(&table, "other_course"), ["K01", "K02", "K02"]);
}

/// A36: 133 would be the threshold for delta = 1e-6 *per cell*; for all ten cells of a learner
/// together it is 156.
#[test]
fn a36_a_pair_of_twelve_learners_is_absent() {
    let pair = |l: usize| user(l, if l < 12 { [8, 9] } else { [0, 1] });
    let all: Vec<Own> = (0..500).map(pair).collect();
    for _ in 0..20 {
        let research = ask(&data(&all, Beside::default()), 1.0, 1e-6);
        let made = research.co_occurrence(Pairs::Content, 10).unwrap();
        let table = made.frame();
        assert_eq!(texts(table, "content"), ["c0000"]);
        assert_eq!(texts(table, "other_content"), ["c0001"]);
        let threshold = table.column("threshold").unwrap().get(0).unwrap();
        assert_eq!(threshold.try_extract::<i64>().unwrap(), 156);
    }
    // Control: exact counts of at least one learner would show it.
    let research = ask(&data(&all, Beside::default()), 1.0, 1e-6);
    let question = contents::together(&research, Pairs::Content).unwrap();
    let exact = (question.tally)(&Lots::new([1; 32], 10)).unwrap();
    assert_eq!(
        exact.counts.values().map(|n| n.get()).collect::<Vec<_>>(),
        [488, 12]
    );
}

#[test]
fn a37_a_learner_with_ten_thousand_pairs_contributes_at_most_l0() {
    let bot = user(0, 0..142);
    let all = [bot, user(1, [0, 1])];
    let research = ask(&data(&all, Beside::default()), 1.0, 1e-6);
    let question = contents::together(&research, Pairs::Content).unwrap();
    let total = |bound| {
        let exact = (question.tally)(&Lots::new([3; 32], bound)).unwrap();
        exact
            .counts
            .values()
            .map(|n| u64::from(n.get()))
            .sum::<u64>()
    };
    assert_eq!(total(10), 10 + 1);
    assert_eq!(total(10_000), 10_000 + 1, "of 10,011 pairs");
    // Control: counted pair by pair she adds 10,011.
    let own: Vec<u32> = (0..142).collect();
    let naive = own.iter().flat_map(|a| {
        own.iter()
            .filter(move |b| a < *b)
            .map(|b| cell_of_pair(*a, *b))
    });
    assert_eq!(count(naive, u32::MAX).counts.len(), 10_011);
}

#[test]
fn a38_beyond_the_budget_nothing_is_computed() {
    let all = crowd();
    let data = data(&all, Beside::default());
    let research = ask(&data, 0.6, 0.0);
    let computed = AtomicBool::new(false);
    let question = || Question {
        name: "watched",
        known: Some(vec![0]),
        tally: Box::new(|lots| {
            computed.store(true, Ordering::Relaxed);
            Ok(count([0], lots.bound()))
        }),
        keys: Box::new(|_| Vec::new()),
    };
    research.ask(&question(), 1).unwrap();
    // Control: within the budget it is.
    assert!(computed.swap(false, Ordering::Relaxed));
    let again = research.ask(&question(), 1);
    assert!(matches!(again, Err(Error::BudgetSpent { .. })));
    assert!(!computed.load(Ordering::Relaxed));
    assert_eq!(research.left().unwrap(), (0.4, 1e-6));
    // Objects made anew and clones of the data share the budget; other purposes do not.
    assert!(ask(&data.clone(), 0.5, 0.0).popularity(1).is_err());
    let options = ResearchOptions {
        purpose: Purpose::Recommendation,
        ..ResearchOptions::new(0.6)
    };
    let other = Research::new(&data, &options, || NOW).unwrap();
    assert!(other.counts(By::Course, Counted::Enrolled, 1).is_ok());
    // A new year has a budget of its own.
    let next = Research::new(&data, &ResearchOptions::new(0.6), || {
        NOW + 366 * 86_400_000_000
    });
    assert!(
        next.unwrap()
            .counts(By::Course, Counted::Enrolled, 1)
            .is_ok()
    );
}

/// The budget is drawn on before the noise is: whoever stops a release in between has paid.
#[test]
fn a38_a_release_that_fails_at_the_draw_is_paid_for() {
    let research = ask(&data(&crowd(), Beside::default()), 0.25, 0.0);
    let question = Question {
        name: "fails at the draw",
        known: Some(vec![0]),
        tally: Box::new(|lots| Ok(count([0], lots.bound() + 1))),
        keys: Box::new(|_| Vec::new()),
    };
    let failed = research.ask(&question, 1);
    assert!(matches!(failed, Err(Error::Noise(_))));
    assert_eq!(research.left().unwrap(), (0.75, 1e-6));
}

#[test]
fn a38_what_is_not_computed_is_not_spent() {
    let research = ask(&data(&crowd(), Beside::default()), 0.6, 1e-6);
    let job = Arc::new(Job::default());
    job.cancel();
    let stopped = research.watched_by(job).popularity(3);
    assert!(matches!(stopped, Err(Error::Cancelled)));
    assert!(research.popularity(0).is_err() && research.popularity(10_001).is_err());
    assert_eq!(research.left().unwrap(), (1.0, 1e-6));
}

/// A40: noise takes a time that depends on it, so nothing that answers a request may draw.
#[test]
fn a40_opendp_stands_behind_the_batch_entry_alone() {
    let sources = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let naming = |word: &str| -> BTreeSet<String> {
        let naming = sources.iter().filter(|(_, text)| uses(text, word));
        naming.map(|(name, _)| name.clone()).collect()
    };
    let one = |name: &str| BTreeSet::from([name.to_string()]);
    // One file asks opendp, and one entry (`Research::ask`, through which every table goes) it.
    let tests = ["research/mechanism/tests.rs", "research/attacks.rs"];
    let in_use = |names: BTreeSet<String>| -> BTreeSet<String> {
        let in_use = |name: &String| !tests.contains(&name.as_str());
        names.into_iter().filter(in_use).collect()
    };
    assert_eq!(in_use(naming("opendp")), one("research/mechanism.rs"));
    let drawing = sources
        .iter()
        .filter(|(_, text)| text.contains("mechanism.release("));
    let drawing = drawing.map(|(name, _)| name.clone()).collect();
    assert_eq!(in_use(drawing), one("research/mod.rs"));
    // Nothing that answers requests (personal, group) knows of research; a view hands the
    // question of a researcher on, and nothing else.
    let knowing = naming("research")
        .into_iter()
        .filter(|name| !name.starts_with("research/"));
    assert_eq!(knowing.collect::<Vec<_>>(), ["audience/mod.rs"]);
    // Control: a planted line is seen, a comment is not.
    assert!(uses("use opendp::core::Measurement;", "opendp"));
    assert!(uses(
        "let x = crate::research::Research::new();",
        "research"
    ));
    assert!(!uses(
        "//! through opendp\n/// [`crate::research::Research`]",
        "opendp"
    ));
}

/// Whether code names a crate or module by a path, comments apart.
fn uses(text: &str, word: &str) -> bool {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let paths = [
        format!("use {word}::"),
        format!("{word}::"),
        format!("::{word};"),
    ];
    code.into_iter()
        .any(|line| paths.iter().any(|path| line.contains(path)))
}

/// Every source file with its path.
fn sources(root: &Path) -> Vec<(String, String)> {
    let mut todo: Vec<PathBuf> = vec![root.to_owned()];
    let mut found = Vec::new();
    while let Some(path) = todo.pop() {
        if path.is_dir() {
            todo.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_string_lossy()
                .replace('\\', "/");
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

#[test]
fn only_learners_who_consent_to_the_purpose_and_are_eligible_count() {
    let with = |l: usize, consents: &[(&'static str, bool)], eligible| Own {
        consents: consents.to_vec(),
        eligible,
        ..user(l, [0])
    };
    let all = [
        with(0, &[("research", true)], Some(true)),
        with(1, &[("group", true)], Some(true)),
        with(2, &[("research", true), ("research", false)], Some(true)),
        with(3, &[("research", true)], Some(false)),
        with(4, &[("recommendation", true)], Some(true)),
        with(5, &[], Some(true)),
        with(6, &[("research", false), ("research", true)], Some(true)),
    ];
    let beside = Beside {
        consents: true,
        learners: true,
        ..Beside::default()
    };
    let counted = |all: &[Own], beside| {
        let research = ask(&data(all, beside), 1.0, 1e-6);
        let question = contents::popular(&research);
        let exact = (question.tally)(&Lots::new([1; 32], 1)).unwrap();
        exact.counts.values().map(|n| n.get()).sum::<u32>()
    };
    assert_eq!(counted(&all, beside), 2, "the first and the last");
    assert_eq!(
        counted(
            &all,
            Beside {
                learners: true,
                ..Beside::default()
            }
        ),
        6
    );
    assert_eq!(counted(&all, Beside::default()), 7);
}

#[test]
fn a_certificate_tells_the_guarantee_and_an_edited_one_does_not_verify() {
    let made = ask(&data(&crowd(), Beside::default()), 0.5, 1e-6)
        .popularity(4)
        .unwrap();
    let certificate = made.certificate();
    assert!(certificate.verify());
    let promised = crate::group::Guarantee::DifferentiallyPrivate {
        epsilon: 0.5,
        delta: 1e-6,
        unit: crate::group::Unit::Learner,
    };
    assert_eq!(certificate.guarantee(), promised);
    let forged = certificate
        .to_json()
        .replace("\"epsilon\":0.5", "\"epsilon\":0.1");
    assert_ne!(forged, certificate.to_json());
    assert!(
        !serde_json::from_str::<Certificate>(&forged)
            .unwrap()
            .verify()
    );
}

#[test]
fn what_a_catalog_derived_from_the_log_would_tell_is_refused() {
    let plain = data(&crowd(), Beside::default());
    let derived = plain.derive_catalog(0.05, 1).unwrap();
    let log = polars::prelude::df!(
        "learner" => ["a"], "content" => ["c0000"], "course" => ["A"],
        "time" => ["2024-03-01T00:00:01Z"],
    )
    .unwrap();
    let tables = crate::data::Tables {
        catalog: Some(derived),
        ..Default::default()
    };
    let data = LearningData::new(log, tables, &crate::data::Options::default()).unwrap();
    let refused = data.research(&ResearchOptions::new(0.1)).unwrap_err();
    assert!(
        refused.to_string().contains("derived from the log"),
        "{refused}"
    );
    assert!(plain.research(&ResearchOptions::new(0.1)).is_ok());
}
