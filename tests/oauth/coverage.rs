//! No id of the checklist of OAuth is forgotten: a test names each. They stand in this package, in
//! that of signed tokens, and beside the code that writes the metadata.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The groups, with the number of their ids. Ids are numbered from 01.
const GROUPS: [(&str, u32); 4] = [("JWT", 33), ("STEPUP", 7), ("PRM", 11), ("MCP", 10)];

/// And these of other groups.
const OTHERS: [&str; 3] = ["BEARER-17", "BEARER-18", "BEARER-19"];

const PLACES: [&str; 3] = [
    "",
    "../jwt",
    "../../auth-runtime/src/http/resource_metadata",
];

fn test_names() -> Vec<String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = PLACES
        .iter()
        .flat_map(|place| fs::read_dir(here.join(place)).unwrap())
        .map(|entry| entry.unwrap().path());
    let is_code = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "rs");
    let mut names = Vec::new();
    for file in files.filter(is_code) {
        let text = fs::read_to_string(file).unwrap();
        let mut is_test = false;
        for line in text.lines().map(str::trim) {
            if line == "#[test]" || line == "#[actix_web::test]" {
                is_test = true;
            } else if let Some((_, rest)) = line.split_once("fn ")
                && is_test
            {
                names.extend(rest.split('(').next().map(str::to_owned));
                is_test = false;
            }
        }
    }
    names
}

/// The ids that a name begins with: `mcp_01_to_03_a_stranger` names three, and
/// `mcp_04_and_mcp_10_the_challenge` two.
fn ids_of(name: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let (mut group, mut last, mut is_range) = (None, 0, false);
    for word in name.split('_') {
        let number = word.parse::<u32>().ok().filter(|_| word.len() == 2);
        match (group, number) {
            (Some(group), Some(number)) => {
                let first = if is_range { last + 1 } else { number };
                ids.extend((first..=number).map(|number| format!("{group}-{number:02}")));
                (last, is_range) = (number, false);
            }
            (Some(_), None) if word == "and" => {}
            (Some(_), None) if word == "to" => is_range = true,
            _ => {
                let wanted = word.to_ascii_uppercase();
                let known = GROUPS.iter().map(|(name, _)| *name).chain(["BEARER"]);
                group = known.into_iter().find(|known| *known == wanted);
                if group.is_none() {
                    break;
                }
            }
        }
    }
    ids
}

#[test]
fn every_id_has_a_test() {
    let tested: BTreeSet<String> = test_names().iter().flat_map(|name| ids_of(name)).collect();
    let forgotten: Vec<String> = GROUPS
        .iter()
        .flat_map(|(group, last)| (1..=*last).map(move |number| format!("{group}-{number:02}")))
        .chain(OTHERS.map(str::to_owned))
        .filter(|id| !tested.contains(id))
        .collect();
    assert_eq!(forgotten, [""; 0]);
}

#[test]
fn ids_are_read_from_names() {
    for (name, ids) in [
        ("jwt_01_an_algorithm", &["JWT-01"][..]),
        ("mcp_01_to_03_a_stranger", &["MCP-01", "MCP-02", "MCP-03"]),
        ("prm_08_and_09_it_may", &["PRM-08", "PRM-09"]),
        ("bearer_17_and_mcp_10_a_broader", &["BEARER-17", "MCP-10"]),
        ("a_jwt_01", &[]),
        ("jwt_1", &[]),
    ] {
        assert_eq!(ids_of(name), ids, "{name}");
    }
}
