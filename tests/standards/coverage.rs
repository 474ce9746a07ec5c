//! No id of the checklist is forgotten: each has a test that names it, or a reason in the table
//! of `main.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// The groups of the checklist that this target is about, with the number of their ids. Ids are
/// numbered from 01.
const GROUPS: [(&str, u32); 10] = [
    ("CH", 22),
    ("U401", 15),
    ("F403", 11),
    ("BEARER", 19),
    ("BASIC", 9),
    ("CACHE", 9),
    ("PROBLEM", 11),
    ("HM", 8),
    ("CORS", 8),
    ("NEG", 17),
];

fn all_ids() -> BTreeSet<String> {
    GROUPS
        .iter()
        .flat_map(|(group, last)| (1..=*last).map(move |number| format!("{group}-{number:02}")))
        .collect()
}

/// The names of the tests of this binary, as the binary itself lists them.
fn test_names(arguments: &[&str]) -> Vec<String> {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--list", "--format", "terse"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| line.strip_suffix(": test"))
        .map(|path| path.rsplit("::").next().unwrap().to_owned())
        .collect()
}

/// The ids that a name begins with: `ch_06_and_ch_07_realm_is_quoted` names two.
fn ids_of(name: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut words = name.split('_').peekable();
    while let Some(word) = words.next() {
        if word == "and" && !ids.is_empty() {
            continue;
        }
        let group = word.to_ascii_uppercase();
        let number = words
            .peek()
            .filter(|next| next.len() == 2 && next.parse::<u8>().is_ok());
        match number {
            Some(number) if GROUPS.iter().any(|(known, _)| *known == group) => {
                ids.push(format!("{group}-{number}"));
                words.next();
            }
            _ => break,
        }
    }
    ids
}

/// The rows of the table in `main.rs`: id and reason.
fn not_applicable() -> BTreeMap<String, String> {
    include_str!("main.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("//! | ")?.strip_suffix(" |"))
        .filter_map(|row| row.split_once(" | "))
        .filter(|(id, _)| id.contains(|c: char| c.is_ascii_digit()))
        .map(|(id, reason)| (id.trim().to_owned(), reason.trim().to_owned()))
        .collect()
}

#[test]
fn every_id_has_a_test_or_a_reason_and_none_has_both() {
    let tested: BTreeSet<String> = test_names(&[])
        .iter()
        .flat_map(|name| ids_of(name))
        .collect();
    let excused: BTreeSet<String> = not_applicable().into_keys().collect();
    let ids = all_ids();
    let forgotten: Vec<_> = ids
        .iter()
        .filter(|id| !tested.contains(*id) && !excused.contains(*id))
        .collect();
    assert!(
        forgotten.is_empty(),
        "neither tested nor excused: {forgotten:?}"
    );
    let unknown: Vec<_> = tested
        .union(&excused)
        .filter(|id| !ids.contains(*id))
        .collect();
    assert!(unknown.is_empty(), "no such id: {unknown:?}");
    let both: Vec<_> = tested.intersection(&excused).collect();
    assert!(both.is_empty(), "tested and excused: {both:?}");
}

#[test]
fn every_excuse_has_a_reason() {
    let excuses = not_applicable();
    assert!(!excuses.is_empty());
    for (id, reason) in excuses {
        assert!(reason.len() > 20, "{id}: {reason:?}");
    }
}

#[test]
fn every_test_of_a_rule_names_its_ids_and_none_is_ignored() {
    for name in test_names(&[])
        .iter()
        .filter(|name| !name.starts_with("every_"))
    {
        assert!(!ids_of(name).is_empty(), "{name} names no id");
    }
    assert_eq!(test_names(&["--ignored"]), Vec::<String>::new());
}
