//! The layers of auth-macros: tokens become a model, which is validated as a whole and then emitted.
//! Arrows point downward, and what emits reports nothing.

use std::fs;
use std::path::{Path, PathBuf};

/// The modules of each layer, lowest first.
const LAYERS: &[(&str, &[&str])] = &[
    ("words", &["rule", "diagnostics", "routes", "runtime_path"]),
    ("what was written, as data", &["model"]),
    ("from tokens to data", &["parse"]),
    ("what attributes stand on", &["item"]),
    ("every rule", &["validate"]),
    ("what the compiler is given", &["emit"]),
    ("one macro each", &["expand", "mount", "named", "role"]),
];

#[test]
fn every_module_has_a_layer() {
    for (name, file) in files() {
        assert!(
            layer_of(&name).is_some(),
            "{} is in no layer",
            file.display()
        );
    }
    for name in LAYERS.iter().flat_map(|(_, names)| *names) {
        assert!(
            files().iter().any(|(module, _)| module == name),
            "there is no `{name}`"
        );
    }
}

#[test]
fn arrows_point_downward() {
    for (name, file) in files() {
        for used in used_modules(&code(&file)) {
            let (from, to) = (layer_of(&name), layer_of(&used));
            assert!(
                to.is_some() && to <= from,
                "{} uses `crate::{used}`, which is not below it",
                file.display()
            );
        }
    }
}

#[test]
fn what_emits_reports_nothing() {
    for (name, file) in files() {
        if name == "emit" {
            for word in ["diagnostics", "Rule::", "compile_error"] {
                assert!(
                    !code(&file).contains(word),
                    "{} has `{word}`",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn the_root_of_the_crate_holds_no_logic() {
    let root = code(&source().join("lib.rs"));
    for word in [" let ", "match ", "if ", "impl ", "struct ", "enum "] {
        assert!(!root.contains(word), "the root has `{word}`");
    }
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../auth-macros/src")
}

fn layer_of(module: &str) -> Option<usize> {
    LAYERS.iter().position(|(_, names)| names.contains(&module))
}

/// Every file but the root and the tests, with the module of the root that it is of.
fn files() -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(source()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if name != "lib" && name != "tests" {
            collect(&name, &path, &mut found);
        }
    }
    found
}

fn collect(name: &str, path: &Path, found: &mut Vec<(String, PathBuf)>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            collect(name, &entry.unwrap().path(), found);
        }
    } else if path.file_stem().is_some_and(|stem| stem != "tests") {
        found.push((name.to_owned(), path.to_owned()));
    }
}

/// A file's text up to its tests, without its comments.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let text = text
        .split("\n#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default();
    let lines = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// The first segments behind `crate::`, also those of `crate::{a, b::{c, d}}`.
fn used_modules(code: &str) -> Vec<String> {
    let mut used = Vec::new();
    for (position, prefix) in code.match_indices("crate::") {
        let before = code[..position].chars().next_back();
        if before.is_some_and(|character| character == '$' || character == ':') {
            continue;
        }
        let rest = &code[position + prefix.len()..];
        let Some(list) = rest.strip_prefix('{') else {
            used.push(first_word(rest));
            continue;
        };
        let mut depth = 0;
        let mut is_start = true;
        for (at, character) in list.char_indices() {
            match character {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => is_start = true,
                _ if depth == 0 && is_start && !character.is_whitespace() => {
                    used.push(first_word(&list[at..]));
                    is_start = false;
                }
                _ => {}
            }
        }
    }
    used
}

fn first_word(text: &str) -> String {
    text.chars()
        .take_while(|character| character.is_alphanumeric() || *character == '_')
        .collect()
}
