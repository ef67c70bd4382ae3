//! The proof page names files and tests; each of them exists.

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
