//! The layers of auth-runtime: arrows point downward, and the lowest layer knows no HTTP.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The folders of each layer, lowest first.
const LAYERS: &[(&str, &[&str])] = &[
    ("pure", &["model"]),
    (
        "one decision",
        &[
            "http",
            "scheme",
            "config",
            "denial",
            "enforce",
            "extract",
            "middleware",
            "audit",
            "oauth",
        ],
    ),
    ("the whole application", &["review", "testing"]),
];

/// What the lowest layer must not speak of.
const NOT_PURE: &[&str] = &["actix_web", "async ", "futures_util", ".await", "http::"];

#[test]
fn every_module_has_a_layer() {
    for (module, files) in modules() {
        assert!(
            layer_of(&module).is_some(),
            "`{module}` ({files:?}) is in no layer"
        );
    }
    for (_, names) in LAYERS {
        for name in *names {
            assert!(modules().contains_key(*name), "there is no module `{name}`");
        }
    }
}

#[test]
fn arrows_point_downward() {
    for (module, files) in modules() {
        for file in files {
            for used in used_modules(&code(&file)) {
                // `None`, for what the crate's root re-exports, is no way round the layers.
                let (from, to) = (layer_of(&module), layer_of(&used));
                assert!(
                    to.is_some() && to <= from,
                    "{} uses `crate::{used}`, which is not below it",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn the_lowest_layer_knows_no_http_and_waits_for_nothing() {
    for (module, files) in modules() {
        for file in files.iter().filter(|_| layer_of(&module) == Some(0)) {
            for word in NOT_PURE {
                assert!(
                    !code(file).contains(word),
                    "{} speaks of `{word}`",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn nothing_in_the_runtime_uses_what_is_for_expansions() {
    for (_, files) in modules() {
        for file in files {
            assert!(!code(&file).contains("__private"), "{}", file.display());
        }
    }
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../auth-runtime/src")
}

fn layer_of(module: &str) -> Option<usize> {
    LAYERS.iter().position(|(_, names)| names.contains(&module))
}

/// The files of every top-level module but the crate's root.
fn modules() -> BTreeMap<String, Vec<PathBuf>> {
    let mut modules = BTreeMap::new();
    for entry in fs::read_dir(source()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if name != "lib" {
            let mut files = Vec::new();
            collect(&path, &mut files);
            modules.insert(name, files);
        }
    }
    modules
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            collect(&entry.unwrap().path(), files);
        }
    } else {
        files.push(path.to_owned());
    }
}

/// A file's text without its comments.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    text.lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The first segments behind `crate::`, also those of `crate::{a, b}`.
fn used_modules(code: &str) -> Vec<String> {
    code.match_indices("crate::")
        .flat_map(|(position, prefix)| {
            let rest = &code[position + prefix.len()..];
            let names = match rest.strip_prefix('{') {
                Some(list) => list.split('}').next().unwrap_or_default().split(','),
                None => rest.split(','),
            };
            let count = if rest.starts_with('{') { usize::MAX } else { 1 };
            names.take(count).map(first_word).collect::<Vec<_>>()
        })
        .collect()
}

fn first_word(text: &str) -> String {
    text.trim_start()
        .chars()
        .take_while(|character| character.is_alphanumeric() || *character == '_')
        .collect()
}
