//! Ids: what the code cites is defined once in the specs, and what the specs define is cited.

use notefold_tests::root;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

const PREFIXES: [&str; 21] = [
    "NOTE", "TREE", "STATE", "STEP", "PROOF", "MSG", "FOLD", "CYCLE", "AUG", "IVC", "BATCH", "KEY",
    "SEC", "STORE", "DEC", "PUB", "GROTH", "SET", "SLOT", "NODE", "RPC",
];

fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_dir() && !hidden && !path.ends_with("target") && !path.ends_with("node_modules")
        {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
}

/// All `PREFIX-number` ids in a text.
fn ids(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for prefix in PREFIXES {
        let needle = format!("{prefix}-");
        for (start, _) in text.match_indices(&needle) {
            let before = text[..start].chars().next_back();
            let digits: String = text[start + needle.len()..]
                .chars()
                .take_while(char::is_ascii_digit)
                .collect();
            if !digits.is_empty() && !before.is_some_and(|c| c.is_ascii_alphanumeric()) {
                found.insert(format!("{needle}{digits}"));
            }
        }
    }
    found
}

/// Ids that the specs define: bold at the start of a paragraph or a list item.
fn defined() -> BTreeMap<String, PathBuf> {
    let mut pages = Vec::new();
    files(&root().join("specs"), "md", &mut pages);
    let mut defined = BTreeMap::new();
    for page in pages {
        for line in fs::read_to_string(&page).expect("a page").lines() {
            let line = line.trim_start_matches(['-', '#', ' ', '|']);
            let Some((id, _)) = line
                .strip_prefix("**")
                .and_then(|rest| rest.split_once("**"))
            else {
                continue;
            };
            if ids(id).iter().eq([id]) {
                let before = defined.insert(id.to_owned(), page.clone());
                assert!(
                    before.is_none(),
                    "{id} is defined twice: {before:?} and {page:?}"
                );
            }
        }
    }
    defined
}

#[test]
fn every_cited_id_is_defined() {
    let defined = defined();
    let mut sources = Vec::new();
    for folder in ["folding", "wrapper", "aggregator", "tests"] {
        files(&root().join(folder), "rs", &mut sources);
    }
    files(&root().join("specs"), "md", &mut sources);
    let mut cited = BTreeSet::new();
    for source in sources {
        for id in ids(&fs::read_to_string(&source).expect("a source")) {
            assert!(
                defined.contains_key(&id),
                "{} cites {id}, which no page defines",
                source.display()
            );
            cited.insert(id);
        }
    }
    assert!(cited.len() > 20, "{cited:?}");
}

#[test]
fn every_clause_is_a_section_in_its_order() {
    for (page, clauses, prefix, count) in [
        ("specs/step.md", "folding/src/step/clause.rs", "STEP", 9),
        (
            "specs/augmented-circuit.md",
            "folding/src/augmented/clause.rs",
            "AUG",
            16,
        ),
        ("specs/decider.md", "wrapper/src/decider.rs", "DEC", 8),
    ] {
        let text = fs::read_to_string(root().join(page)).expect("a page");
        let source = fs::read_to_string(root().join(clauses)).expect("a source");
        let names: Vec<&str> = source
            .lines()
            .filter_map(|line| line.trim().strip_prefix("Self::")?.split_once("=> \""))
            .map(|(_, name)| name.trim_end_matches("\","))
            .collect();
        assert_eq!(names.len(), count);
        let mut rest = text.as_str();
        for (number, name) in (1..).zip(names) {
            let heading = format!("**{prefix}-{number}** *{name}*");
            let at = rest.find(&heading);
            rest = &rest[at.unwrap_or_else(|| panic!("{page} has no {heading:?} in order"))..];
        }
    }
}

#[test]
fn every_page_is_listed() {
    let index = fs::read_to_string(root().join("specs/README.md")).expect("an index");
    let mut pages = Vec::new();
    files(&root().join("specs"), "md", &mut pages);
    for page in pages {
        let name = page
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        assert!(
            name == "README.md" || index.contains(&format!("({name})")),
            "{name} is not listed"
        );
    }
}
