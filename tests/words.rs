//! Messages and documentation use the field's terms: words that need a translation are not in them.

use std::fs;
use std::path::{Path, PathBuf};

/// What to write instead.
const WORDS: &[(&str, &str)] = &[
    ("who is who", "authentication"),
    ("nobody", "no caller, or unauthenticated"),
    ("somebody", "a caller, or authenticated"),
    ("anybody", "anyone, or public"),
    ("everybody", "every caller"),
    ("whom the", "callers that, or for whom .. is true"),
    ("judged", "decided, verified or checked"),
    ("judges", "decides, verifies or checks"),
    ("undecided", "unprotected"),
    ("the net", "`DenyUnprotected`"),
    ("mend", "fix"),
    ("mended", "fixed"),
    ("what came of it", "the outcome"),
    ("stands twice", "is duplicated"),
    ("stand twice", "are duplicated"),
    ("taking back", "revocation, or removing"),
];

/// Pages, and sources whose texts and comments are read.
const PLACES: &[&str] = &[
    "README.md",
    "auth-macros/docs",
    "auth-macros/src",
    "auth-runtime/CHANGELOG.md",
    "auth-runtime/docs",
    "auth-runtime/src",
    "examples",
];

#[test]
fn messages_and_documentation_use_the_terms_of_the_field() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for place in PLACES {
        collect(&root.join(place), &mut files);
    }
    assert!(files.len() > 100, "{} files", files.len());
    let mut found = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a source is text");
        let is_code = file.extension().is_some_and(|extension| extension == "rs");
        for (number, line) in text.lines().enumerate() {
            let prose = if is_code {
                prose(line)
            } else {
                line.to_owned()
            };
            for (word, instead) in hits(&prose) {
                let place = file.strip_prefix(&root).expect("a file of the repository");
                found.push(format!(
                    "{}:{}: `{word}`: write {instead}",
                    place.display(),
                    number + 1
                ));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_word_is_found_in_a_comment_and_in_a_message_and_not_in_a_name() {
    let found = |line: &str| hits(&prose(line)).len();
    assert_eq!(found("/// Nobody may."), 1);
    assert_eq!(found("let a = 1; // somebody else"), 1);
    assert_eq!(found("panic!(\"who is who\")"), 1);
    assert_eq!(found("let judged = nobody();"), 0);
    assert_eq!(found("/// The network, amended, recommended."), 0);
    assert_eq!(found("/// As [`judged`] says."), 0);
}

/// The forbidden words of a line, with what to write instead.
fn hits(line: &str) -> Vec<(&'static str, &'static str)> {
    let words: String = without_code(line)
        .to_lowercase()
        .chars()
        .map(|character| {
            if character.is_alphanumeric() {
                character
            } else {
                ' '
            }
        })
        .collect();
    let words: Vec<&str> = words.split_whitespace().collect();
    let line = format!(" {} ", words.join(" "));
    WORDS
        .iter()
        .filter(|(word, _)| line.contains(&format!(" {word} ")))
        .copied()
        .collect()
}

/// Without what is in backticks: names are not prose.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join(" ")
}

/// A line's comment and the texts in quotes.
fn prose(line: &str) -> String {
    let (code, comment) = line.split_once("//").unwrap_or((line, ""));
    let texts: Vec<&str> = code.split('"').skip(1).step_by(2).collect();
    format!("{} {comment}", texts.join(" "))
}

/// All sources and pages, without what is generated and without the unit tests of the macros.
fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or("");
    if path.is_dir() {
        if name == "tests" || name == "target" {
            return;
        }
        for entry in fs::read_dir(path).expect("a directory can be read") {
            collect(&entry.expect("a directory can be read").path(), files);
        }
    } else if name != "compile_errors.md"
        && path
            .extension()
            .is_some_and(|extension| extension == "rs" || extension == "md")
    {
        files.push(path.to_owned());
    }
}
