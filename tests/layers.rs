//! Data flows one way, so imports do too: a module may use only what stands before it.
//!
//! `error, stats <- data <- privacy <- ingest, personal <- group <- research <- audience`;
//! `features` stands on `group` too, `simulate` on `data` alone, and `attack` on `error, stats`: it knows no more than anybody outside.
//! The tests read the sources; comments are no imports and are skipped.

#![expect(clippy::unwrap_used, reason = "a test helper may panic")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Each module with the modules it may name. `error` stands under everything.
const LAYERS: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("stats", &["error"]),
    ("attack", &["error", "stats"]),
    ("data", &["error", "stats"]),
    ("privacy", &["error", "stats", "data"]),
    ("ingest", &["error", "stats", "data", "privacy"]),
    ("personal", &["error", "stats", "data", "privacy"]),
    (
        "group",
        &[
            "error", "stats", "attack", "data", "privacy", "ingest", "personal",
        ],
    ),
    (
        "research",
        &["error", "stats", "data", "privacy", "personal", "group"],
    ),
    (
        "features",
        &[
            "error", "stats", "data", "privacy", "ingest", "personal", "group",
        ],
    ),
    (
        "audience",
        &["error", "data", "privacy", "personal", "group", "research"],
    ),
    ("simulate", &["error", "data"]),
];

/// Names of the crate root that belong to `error`, so every module may use them.
const ROOT_NAMES: &[&str] = &["Error", "Result"];

#[test]
fn imports_follow_the_data() {
    let mut wrong = Vec::new();
    for (module, _) in LAYERS {
        for path in sources_of(module) {
            for problem in violations(module, &fs::read_to_string(&path).unwrap()) {
                wrong.push(format!("{}: {problem}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_has_its_place_in_the_order() {
    let placed: BTreeSet<String> = LAYERS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let there: BTreeSet<String> = fs::read_dir(root().join("src"))
        .unwrap()
        .map(|entry| stem(&entry.unwrap().path()))
        .filter(|name| name != "lib")
        .collect();
    let unplaced: Vec<_> = there.difference(&placed).collect();
    assert!(unplaced.is_empty(), "not in LAYERS: {unplaced:?}");
    assert!(there.contains("error") && there.contains("data"));
}

#[test]
fn the_checker_catches_a_planted_violation() {
    let planted = [
        ("data", "use crate::group::Released;"),
        ("data", "fn f() -> crate::personal::Walk { todo!() }"),
        ("personal", "use crate::ingest::read;"),
        ("ingest", "use crate::personal::Walk;"),
        ("simulate", "use crate::stats::Mean;"),
        ("stats", "use crate::data::LearningData;"),
        ("error", "use crate::data::Id;"),
        ("personal", "use crate::{data, group};"),
        ("personal", "use crate::{Error, group::Released};"),
        ("personal", "use crate::*;"),
        ("personal", "use crate::LearningData;"),
        ("personal", "use crate as kohort;"),
        ("personal", "use super::super::group::ledger::Ledger;"),
        ("group", "use crate::research::Research;"),
        ("features", "use crate::research::Research;"),
    ];
    for (module, text) in planted {
        assert_eq!(violations(module, text).len(), 1, "{module}: {text}");
    }
}

#[test]
fn the_checker_lets_good_imports_pass() {
    let good = [
        (
            "group",
            "use crate::personal::Walk;\nuse crate::data::{Id, Job};",
        ),
        ("personal", "use crate::error::Result;\nuse crate::Error;"),
        ("personal", "use crate::{Error, Result};"),
        ("personal", "pub(in crate::personal) fn f() {}"),
        ("data", "/// See [`crate::group::Released`].\nstruct S;"),
        ("data", "let u = \"https://crates.io\"; // crate::group"),
        ("simulate", "use crate::data::schema::Verb;"),
    ];
    for (module, text) in good {
        assert_eq!(violations(module, text), [""; 0], "{module}: {text}");
    }
}

#[test]
fn the_binding_stands_on_the_public_interface() {
    for path in rust_files(&root().join("python/src")) {
        let text = code(&fs::read_to_string(&path).unwrap());
        for back_door in ["#[path", "include!("] {
            assert!(!text.contains(back_door), "{}: {back_door}", path.display());
        }
    }
    for path in rust_files(&root().join("src")) {
        let text = code(&fs::read_to_string(&path).unwrap());
        for leak in ["pyo3", "#[doc(hidden)]"] {
            assert!(!text.contains(leak), "{}: {leak}", path.display());
        }
    }
}

#[test]
fn unsafe_code_stands_in_one_file() {
    let mut found: Vec<String> = ["src", "python/src"]
        .iter()
        .flat_map(|folder| rust_files(&root().join(folder)))
        .filter(|path| names(&code(&fs::read_to_string(path).unwrap()), "unsafe"))
        .map(|path| {
            path.strip_prefix(root())
                .unwrap()
                .to_string_lossy()
                .replace('\\', "/")
        })
        .collect();
    found.sort();
    assert_eq!(found, ["python/src/arrow.rs"]);
}

#[test]
fn the_word_unsafe_is_seen_in_code_only() {
    assert!(names(&code("let x = unsafe { f() };"), "unsafe"));
    assert!(!names(&code("#![expect(unsafe_code)] // unsafe"), "unsafe"));
}

/// What the text of one file of `module` names that it may not.
fn violations(module: &str, text: &str) -> Vec<String> {
    let allowed = LAYERS.iter().find(|(name, _)| *name == module).unwrap().1;
    let text = code(text);
    let mut wrong = Vec::new();
    if text.contains("use crate as ") {
        wrong.push("name the module instead of renaming the crate".to_owned());
    }
    for (at, step) in text.match_indices("crate::") {
        let rest = &text[at + step.len()..];
        let name: String = rest.chars().take_while(|c| is_word(*c)).collect();
        if name.is_empty() {
            if !root_names_only(rest) {
                wrong.push("name one module, `use crate::module::…`".to_owned());
            }
        } else if name != module
            && !allowed.contains(&name.as_str())
            && !ROOT_NAMES.contains(&name.as_str())
        {
            wrong.push(format!("`{module}` must not use `{name}`"));
        }
    }
    for (other, _) in LAYERS {
        let own_child = sources_of(module).iter().any(|path| stem(path) == *other);
        if names(&text, &format!("super::{other}")) && *other != "error" && !own_child {
            wrong.push(format!(
                "name `{other}` from the crate, not through `super`"
            ));
        }
    }
    wrong
}

/// Whether a group of imports holds nothing but names of the root: `{Error, Result}`.
fn root_names_only(rest: &str) -> bool {
    let group = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
    group.is_some_and(|(names, _)| names.split(',').all(|n| ROOT_NAMES.contains(&n.trim())))
}

/// The text without its comments. `//` behind a colon is an address, not a comment.
fn code(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let comment = line
            .match_indices("//")
            .map(|(at, _)| at)
            .find(|at| !line[..*at].ends_with(':'));
        out.push_str(&line[..comment.unwrap_or(line.len())]);
        out.push('\n');
    }
    out
}

/// Whether `word` stands in the text by itself, not inside a longer name.
fn names(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

/// Every source file of a module, whether it is `m.rs` or a folder `m/`.
fn sources_of(module: &str) -> Vec<PathBuf> {
    let src = root().join("src");
    let mut found = rust_files(&src.join(module));
    found.extend(Some(src.join(module).with_extension("rs")).filter(|path| path.is_file()));
    found
}

/// Every Rust file under a folder; none where there is no such folder.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut todo = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(path) = todo.pop() {
        if path.is_dir() {
            todo.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else if path.extension().is_some_and(|kind| kind == "rs") && path.is_file() {
            found.push(path);
        }
    }
    found
}
