//! The pages of compile errors say what the compiler says: all cases in `ui/compile_errors.md`, and
//! the typical ones in the guide.
//!
//! `COMPILE_ERRORS=write cargo test -p auth-tests --test compile_errors` writes both.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// What the directories of the cases are called, in the order of the page. Others follow.
const ATTRIBUTES: &[(&str, &str)] = &[
    ("requires_auth", "`#[requires_auth]`"),
    ("requires_role", "`#[requires_role]`"),
    ("requires_scope", "`#[requires_scope]`"),
    ("requires_permission", "`#[requires_permission]`"),
    ("requires", "`#[requires]`"),
    ("public", "`#[public]`"),
    ("deny_by_default", "`#[deny_by_default]`"),
    ("blocks", "Modules and impl blocks with an attribute"),
    ("role", "`#[derive(Role)]`"),
    ("requirement", "`requirement!` and `Authorized`"),
    ("require", "`require!`"),
    ("protected", "`ProtectedScope` and `ProtectedConfig`"),
    ("configuration", "`Auth::builder`"),
];

/// The cases of the guide: the mistakes that a user of the crate makes first.
const TYPICAL: &[&str] = &[
    "deny_by_default-no_decision",
    "public-public_without_reason",
    "public-public_beside_requirement",
    "requires_auth-optional_guard_option",
    "requires_auth-target_not_async",
    "requires_auth-rustc_lost_behind_a_reader",
    "requires_role-any_or_all",
    "requires_role-unknown_argument_similar",
    "requires_role-contradiction",
    "requires_scope-scope_character_space",
    "requires_permission-permission_wildcard",
    "requires-bare_literal",
    "requires-check_argument",
    "requires-rustc_policy_takes_the_body",
    "role-rustc_unknown_variant",
];

const TYPICAL_BEGIN: &str = "\
Typical compile errors, each with the code that causes it.

Each is a test case of the repository, compiled as it is here. All cases are in
`tests/ui/compile_errors.md` of the repository. `$DIR`, `$WORKSPACE`, `$CARGO` and `$RUST` are
directories of the machine that compiles.
";

const BEGIN: &str = "\
# What does not compile

Every mistake that is refused at compile time, the code that makes it, and what the compiler says.
Each is a test case, compiled as it is here: the page is written from the cases and cannot
differ from them.

`$DIR`, `$WORKSPACE`, `$CARGO` and `$RUST` are directories of the machine that compiles.
";

struct Case {
    /// Its place below the cases: `requires_role-any_or_all`.
    anchor: String,
    title: String,
    code: String,
    message: String,
}

#[test]
fn the_pages_of_compile_errors_say_what_the_compiler_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cases = cases(&root.join("ui"));
    is_written(&root.join("ui/compile_errors.md"), &page(&cases));
    let guide = root.join("../auth-runtime/docs/guide/compile_errors.md");
    is_written(&guide, &typical(&cases));
}

/// Compares a page with its file, or writes it.
fn is_written(path: &Path, page: &str) {
    if env::var_os("COMPILE_ERRORS").is_some_and(|value| value == "write") {
        fs::write(path, page).expect("the page can be written");
    }
    let written = fs::read_to_string(path).unwrap_or_default();
    let line = page
        .lines()
        .zip(written.lines())
        .position(|(line, written)| line != written)
        .unwrap_or_else(|| page.lines().count().min(written.lines().count()));
    assert!(
        page == written,
        "{} is not up to date from line {}: write it with \
         `COMPILE_ERRORS=write cargo test -p auth-tests --test compile_errors`",
        path.display(),
        line + 1
    );
}

#[test]
fn every_case_is_on_the_page_once() {
    let cases = cases(&Path::new(env!("CARGO_MANIFEST_DIR")).join("ui"));
    let page = page(&cases);
    for case in cases.values().flatten() {
        assert_eq!(
            page.matches(&format!("<a id=\"{}\">", case.anchor)).count(),
            1,
            "{}",
            case.anchor
        );
        assert!(!case.message.trim().is_empty(), "{}", case.anchor);
        assert!(page.contains(case.code.trim_end()), "{}", case.anchor);
    }
    assert!(cases.values().flatten().count() > 200);
}

/// The cases of each attribute, in the order of their names.
fn cases(root: &Path) -> BTreeMap<String, Vec<Case>> {
    let mut cases = BTreeMap::new();
    for directory in entries(root) {
        let attribute = name(&directory);
        let found: Vec<Case> = entries(&directory.join("fail"))
            .iter()
            .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
            .map(|path| case(&attribute, path))
            .collect();
        if !found.is_empty() {
            cases.insert(attribute, found);
        }
    }
    cases
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(directory)
        .into_iter()
        .flatten()
        .map(|entry| entry.expect("a directory can be read").path())
        .collect();
    entries.sort();
    entries
}

fn name(path: &Path) -> String {
    let name = path.file_stem().and_then(|name| name.to_str());
    name.expect("names are text").to_owned()
}

fn case(attribute: &str, path: &Path) -> Case {
    let code = fs::read_to_string(path).expect("a case is text");
    let message = fs::read_to_string(path.with_extension("stderr"))
        .unwrap_or_else(|error| panic!("{} has no message: {error}", path.display()));
    let title = code
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("//! "))
        .map_or_else(
            || first_error(&message),
            |title| title.trim_end_matches('.'),
        )
        .to_owned();
    Case {
        anchor: format!("{attribute}-{}", name(path)),
        title,
        code,
        message,
    }
}

/// Without `error: ` or `error[E0277]: ` in front.
fn first_error(message: &str) -> &str {
    message
        .lines()
        .find(|line| line.starts_with("error"))
        .and_then(|line| line.split_once(": "))
        .map_or(message, |(_, text)| text)
}

fn page(cases: &BTreeMap<String, Vec<Case>>) -> String {
    let known = ATTRIBUTES
        .iter()
        .map(|(attribute, title)| ((*attribute).to_owned(), (*title).to_owned()));
    let others = cases
        .keys()
        .filter(|attribute| ATTRIBUTES.iter().all(|(known, _)| known != attribute))
        .map(|attribute| (attribute.clone(), format!("`{attribute}`")));
    let attributes: Vec<(String, String)> = known.chain(others).collect();

    let mut page = String::from(BEGIN);
    for (attribute, title) in &attributes {
        write!(page, "\n- [{title}](#{attribute})\n").expect("text can be written");
        for case in cases.get(attribute).into_iter().flatten() {
            writeln!(page, "  - [{}](#{})", case.title, case.anchor).expect("text can be written");
        }
    }
    for (attribute, title) in &attributes {
        write!(page, "\n<a id=\"{attribute}\"></a>\n\n## {title}\n").expect("text can be written");
        for case in cases.get(attribute).into_iter().flatten() {
            write!(
                page,
                "\n<a id=\"{}\"></a>\n\n### {}\n\n{}\n{}",
                case.anchor,
                case.title,
                fenced("rust", &case.code),
                fenced("text", &case.message),
            )
            .expect("text can be written");
        }
    }
    page
}

fn typical(cases: &BTreeMap<String, Vec<Case>>) -> String {
    let mut page = String::from(TYPICAL_BEGIN);
    for anchor in TYPICAL {
        let case = cases
            .values()
            .flatten()
            .find(|case| case.anchor == *anchor)
            .unwrap_or_else(|| panic!("there is no case {anchor}"));
        // Without the line that names the case: it is the heading.
        let code = match case.code.split_once('\n') {
            Some((first, rest)) if first.starts_with("//! ") => rest.trim_start(),
            _ => &case.code,
        };
        write!(
            page,
            "\n# {}\n\n{}\n{}",
            case.title,
            fenced("rust", code),
            fenced("text", &case.message),
        )
        .expect("text can be written");
    }
    page
}

/// A fence that is longer than any in the text.
fn fenced(language: &str, text: &str) -> String {
    let mut fence = String::from("```");
    while text.contains(&fence) {
        fence.push('`');
    }
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end())
}
