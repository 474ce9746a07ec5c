//! The pages of the attributes show what they expand to: the snapshots of the macros' own tests.
//!
//! `EXPANSIONS=write cargo test -p auth-tests --test expansions` writes them.

use std::env;
use std::fs;
use std::path::Path;

/// The attributes, with the snapshot on the page of each.
const PAGES: &[(&str, &str)] = &[
    ("public", "public"),
    ("requires", "check"),
    ("requires_auth", "requires_auth"),
    ("requires_permission", "requires_permission"),
    ("requires_role", "requires_role"),
    ("requires_scope", "requires_scope_hidden"),
];

#[test]
fn the_pages_show_the_snapshots() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let source = root.join("auth-macros/src/tests/snapshots.rs");
    let source = fs::read_to_string(source).expect("a source is text");
    for (attribute, snapshot) in PAGES {
        let path = root.join(format!("auth-macros/docs/expansions/{attribute}.md"));
        let page = page(&source, attribute, snapshot);
        if env::var_os("EXPANSIONS").is_some_and(|value| value == "write") {
            fs::write(&path, &page).expect("the page can be written");
        }
        let written = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(
            written, page,
            "write it with `EXPANSIONS=write cargo test -p auth-tests --test expansions`"
        );
    }
}

fn page(source: &str, attribute: &str, snapshot: &str) -> String {
    let (_, test) = source
        .split_once(&format!("\nfn {snapshot}() {{\n"))
        .expect("the snapshot has a test");
    let (input, rest) = test.split_once("&expect![[").expect("a test expects");
    let (expected, _) = rest.split_once("]],").expect("a snapshot ends");
    let texts: Vec<&str> = input
        .lines()
        .map(str::trim)
        .filter(|line| line.contains('"'))
        .collect();
    let [arguments, item] = texts.as_slice() else {
        panic!("a snapshot has arguments and a handler: {texts:?}");
    };
    let expansion: Vec<&str> = text(expected)
        .lines()
        .map(|line| line.strip_prefix("            ").unwrap_or(line.trim()))
        .collect();
    let attribute = match text(arguments) {
        "" => format!("#[{attribute}]"),
        arguments => format!("#[{attribute}({arguments})]"),
    };
    format!(
        "# Expansion\n\n```text\n{attribute}\n{}\n```\n\nbecomes\n\n```text\n{}\n```\n",
        text(item).replace("\\n", "\n"),
        expansion.join("\n").trim()
    )
}

/// What is between the first quote and the last.
fn text(literal: &str) -> &str {
    let literal = literal.split_once('"').map_or(literal, |(_, rest)| rest);
    literal.rsplit_once('"').map_or(literal, |(text, _)| text)
}
