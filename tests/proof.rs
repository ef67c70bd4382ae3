//! The proof page and the table of attacks name files and tests; each of them exists.

use std::fs;
use std::path::Path;

/// What stands in single backticks and looks like a file of the repository.
fn references(page: &str) -> Vec<&str> {
    let quoted = page.split('`').skip(1).step_by(2);
    quoted
        .filter(|text| text.starts_with("src/") || text.starts_with("tests/"))
        .collect()
}

/// What is wrong with a reference, if anything.
fn problem(reference: &str) -> Option<String> {
    let (path, test) = match reference.split_once("::") {
        Some((path, test)) => (path, Some(test)),
        None => (reference, None),
    };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let Ok(source) = fs::read_to_string(file) else {
        return Some(format!("no file {path}"));
    };
    let test = test?;
    let (rust, python) = (format!("fn {test}("), format!("def {test}("));
    let there = source.contains(&rust) || source.contains(&python);
    (!there).then(|| format!("no test {test} in {path}"))
}

#[test]
fn every_file_and_test_that_the_proof_names_exists() {
    let page = include_str!("../src/group/PROOF.md");
    let named = references(page);
    let wrong: Vec<String> = named.iter().filter_map(|r| problem(r)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let tests = named.iter().filter(|r| r.contains("::")).count();
    assert!(tests >= 30, "{tests} tests named");
    for precondition in ["R1.", "R2.", "R3.", "R4.", "R5.", "R6."] {
        assert!(page.contains(precondition), "{precondition}");
    }
}

#[test]
fn a_name_that_does_not_exist_is_seen() {
    let page = "see `src/group/gate.rs::no_such_test` and `src/group/nowhere.rs`, not `k + 1`";
    let wrong: Vec<String> = references(page).into_iter().filter_map(problem).collect();
    let expected = [
        "no test no_such_test in src/group/gate.rs",
        "no file src/group/nowhere.rs",
    ];
    assert_eq!(wrong, expected);
    assert_eq!(problem("src/group/gate.rs"), None);
}

/// The rows of the table of attacks: id, attack, what must happen, tests, control.
fn attacks(page: &str) -> Vec<Vec<&str>> {
    let rows = page.lines().filter(|line| line.starts_with("| A"));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

const LATER: &str = "learner rights, later";

/// What is wrong with a row, if anything.
fn fault(row: &[&str]) -> Option<String> {
    let [id, _, _, tests, control] = row else {
        return Some(format!("not five cells: {row:?}"));
    };
    if *tests == LATER {
        return (!control.is_empty()).then(|| format!("{id}: a control without a test"));
    }
    let (named, told) = (references(tests), references(control));
    if let Some(problem) = named.iter().chain(&told).find_map(|r| problem(r)) {
        return Some(format!("{id}: {problem}"));
    }
    let own = format!("{}_", id.to_lowercase());
    if !named.iter().any(|name| name.contains(&own)) {
        return Some(format!("{id}: no test is called so"));
    }
    let control_is_named = control.starts_with("in ") || !told.is_empty();
    (!control_is_named).then(|| format!("{id}: no control"))
}

#[test]
fn every_attack_has_its_test_and_its_control() {
    let page = include_str!("../src/group/ATTACKS.md");
    let rows = attacks(page);
    let ids: Vec<&str> = rows.iter().filter_map(|row| row.first().copied()).collect();
    let all: Vec<String> = (1..=ids.len()).map(|id| format!("A{id:02}")).collect();
    assert_eq!(ids, all, "each once, in order");
    assert!(ids.len() >= 58, "{} attacks", ids.len());
    let beside = references(page).into_iter().filter_map(problem);
    let faults: Vec<String> = rows
        .iter()
        .filter_map(|row| fault(row))
        .chain(beside)
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let later = rows.iter().filter(|row| row.contains(&LATER));
    assert_eq!(later.count(), 7, "what belongs to the rights of learners");
}

/// Tests in a source file that are called after attacks: `a07_...`, `test_a07_and_a08_...`.
fn called_after_attacks(source: &str) -> impl Iterator<Item = (&str, Vec<String>)> {
    let heads = source.lines().filter_map(|line| {
        let line = line.trim_start();
        let name = line
            .strip_prefix("fn ")
            .or(line.strip_prefix("def test_"))?;
        Some(name.split('(').next().unwrap_or(name))
    });
    heads.filter_map(|name| {
        let is_id = |word: &&str| {
            let digits = word.strip_prefix('a').unwrap_or_default();
            digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit())
        };
        name.split('_').next().filter(is_id)?;
        let ids = name.split('_').filter(is_id).map(str::to_uppercase);
        Some((name, ids.collect()))
    })
}

#[test]
fn no_test_of_an_attack_is_missing_from_the_table() {
    let page = include_str!("../src/group/ATTACKS.md");
    let rows = attacks(page);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src"), root.join("tests")];
    let (mut found, mut missing) = (0, Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if !path
                .extension()
                .is_some_and(|kind| kind == "rs" || kind == "py")
            {
                continue;
            }
            let source = fs::read_to_string(&path).unwrap_or_default();
            for (name, ids) in called_after_attacks(&source) {
                found += 1;
                let listed = |id: &String| {
                    let row = rows.iter().find(|row| row.first() == Some(&id.as_str()));
                    row.is_some_and(|row| row.iter().any(|cell| cell.contains(name)))
                };
                missing.extend(
                    ids.iter()
                        .filter(|id| !listed(id))
                        .map(|id| format!("{id}: {name}")),
                );
            }
        }
    }
    assert!(found > 80, "{found} tests of attacks");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn a_row_without_a_test_or_a_control_is_seen() {
    let row = |tests, control| ["A01", "x", "y", tests, control];
    let real = "`src/group/attacks/rosters.rs::a01_a_small_group_is_withheld`";
    let other = "`src/group/attacks/rosters.rs::a02_k_learners_with_the_viewer_are_too_few`";
    assert_eq!(fault(&row(real, "in it")), None);
    assert_eq!(fault(&row(LATER, "")), None);
    for (tests, control) in [
        (real, ""),
        ("", "in it"),
        (other, "in it"),
        ("`src/group/attacks/rosters.rs::a01_nothing`", "in it"),
        (real, "`src/group/nowhere.rs::a01_nothing`"),
    ] {
        assert!(fault(&row(tests, control)).is_some(), "{tests} {control}");
    }
    let planted =
        "    fn a07_x() {\ndef test_a07_and_a08_y() -> None:\nfn about_it() {}\nfn a007_no() {}";
    let names: Vec<&str> = called_after_attacks(planted)
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, ["a07_x", "a07_and_a08_y"]);
}
