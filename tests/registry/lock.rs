//! The lock file and its diff.

use std::fs;
use std::path::Path;

use auth_runtime::model::{Access, Requirement};
use auth_runtime::review::{
    AccessLock, AccessMatrix, ChangeKind, LockProblem, MatrixRow, check_access_lock,
};
use auth_runtime::{Principal, Role, requirement, requires, requires_role};

use crate::matrix_of;

const ADMIN: Access = Access::requires(Requirement::role("admin"));
const EDITOR: Access = Access::requires(Requirement::role("editor"));
const EITHER: Access = Access::requires(Requirement::any(&[
    Requirement::role("admin"),
    Requirement::role("editor"),
]));
const EITHER_TURNED: Access = Access::requires(Requirement::any(&[
    Requirement::role("editor"),
    Requirement::role("admin"),
]));

fn lock(handlers: &[(&'static str, Access)]) -> AccessLock {
    AccessLock::of(&matrix_of(handlers))
}

/// The diff of one handler, as a reviewer reads it.
fn diff(was: Access, is: Access) -> (ChangeKind, String) {
    let diff = lock(&[("app::publish", was)]).diff(&lock(&[("app::publish", is)]));
    let [change] = diff.changes() else {
        panic!("{diff}")
    };
    (change.kind, diff.to_string())
}

#[test]
fn access_of_these_tests_is_as_reviewed() {
    auth_runtime::assert_access_lock!(
        "registry/access.lock",
        AccessMatrix::collect().of_crate("registry")
    );
}

#[test]
fn a_role_that_became_another_is_seen_in_the_diff() {
    let (kind, text) = diff(ADMIN, EDITOR);
    assert_eq!(kind, ChangeKind::WidenedAndNarrowed);
    assert_eq!(
        text,
        r#"widened and narrowed: app::publish
  - role("admin")
  + role("editor")
    lets in:     a caller with role("editor")
    no longer:   a caller with role("admin")
"#
    );
}

#[test]
fn a_wider_requirement_is_widened() {
    let (kind, text) = diff(ADMIN, EITHER);
    assert_eq!(kind, ChangeKind::Widened);
    assert_eq!(
        text,
        r#"widened: app::publish
  - role("admin")
  + any(role("admin"), role("editor"))
    lets in:     a caller with role("editor")
"#
    );
    let (kind, text) = diff(ADMIN, Access::public("for now"));
    assert_eq!(kind, ChangeKind::Widened);
    assert!(text.contains("lets in:     anyone\n"), "{text}");
}

#[test]
fn a_narrower_requirement_is_narrowed() {
    let (kind, text) = diff(EITHER, EDITOR);
    assert_eq!(kind, ChangeKind::Narrowed);
    assert_eq!(
        text,
        r#"narrowed: app::publish
  - any(role("admin"), role("editor"))
  + role("editor")
    no longer:   a caller with role("admin")
"#
    );
}

/// `#[get("")]` in a scope, and whatever else would leave white space at the end of a line.
#[test]
fn a_lock_file_with_an_empty_path_reads_back_as_it_was_written() {
    let matrix = matrix_of(&[("app::list", ADMIN), ("app::odd", ADMIN)])
        .with_route("app::list", "GET", "")
        .with_route("app::odd", "GET", "/odd ");
    let lock = AccessLock::of(&matrix);
    let text = lock.to_string();
    assert!(text.contains("app::list role(\"admin\") @ GET\n"), "{text}");
    assert_eq!(AccessLock::parse(&text), Ok(lock));
}

#[test]
fn the_same_in_other_words_is_reworded() {
    assert_eq!(diff(EITHER, EITHER_TURNED).0, ChangeKind::Reworded);
    let (kind, text) = diff(Access::public("a probe"), Access::public("a joke"));
    assert_eq!(kind, ChangeKind::Reworded);
    assert!(text.contains(r#"+ public("a joke")"#), "{text}");
}

requirement! {
    /// Whose text it is.
    owns(text: &str) = any(role("admin"), check(|user: &Principal, text| text == user.subject()));
}

#[requires(check(|user: &Principal, body: &String| {
    // Only to oneself.
    body == user.subject()
}))]
#[allow(dead_code)]
async fn transfer(body: String) -> String {
    body
}

#[requires(all(scope("write"), owns(body)))]
#[allow(dead_code)]
async fn write(body: String) -> String {
    body
}

/// The closure is another one, and asks for the same: who is let in cannot be told.
#[test]
fn another_text_of_a_check_is_a_change_of_the_handler() {
    let matrix = AccessMatrix::collect();
    let of = |name: &str| {
        let row = matrix.rows().iter().find(|row| row.key().ends_with(name));
        row.expect("the handler is recorded").record()
    };
    let now = AccessLock::of(&AccessMatrix::of_records([
        of("lock::transfer"),
        of("lock::write"),
    ]));
    let text = now.to_string();
    let transfer =
        r#"transfer check("|user: &Principal, body: &String| { body == user.subject() }")"#;
    assert!(text.contains(transfer), "{text}");
    let write = r#"any(role("admin"), check("|user: &Principal, text| text == user.subject()" in owns(body)))"#;
    assert!(text.contains(write), "{text}");
    assert_eq!(AccessLock::parse(&text), Ok(now.clone()));

    for (is, was) in [
        ("{ body == user.subject() }", "true"),
        ("text == user.subject()", "!text.is_empty()"),
        // A file that was written before texts were.
        (
            r#"("|user: &Principal, body: &String| { body == user.subject() }")"#,
            "(|user, body| ..)",
        ),
    ] {
        let was = AccessLock::parse(&text.replace(is, was)).unwrap();
        let diff = was.diff(&now);
        let [change] = diff.changes() else {
            panic!("one handler changed: {diff}");
        };
        assert_eq!(change.kind, ChangeKind::Check);
        let shown = change.to_string();
        assert!(shown.starts_with("changed: the check's text: "), "{shown}");
        assert!(shown.contains(is) && !shown.contains("lets in"), "{shown}");
    }
    // With something else, it is compared as any question is.
    let wider = text.replace("{ body == user.subject() }", "true").replace(
        r#"check("|user: &Principal, body: &String| true")"#,
        r#"any(role("x"), check("|user: &Principal, body: &String| true"))"#,
    );
    let diff = AccessLock::parse(&wider).unwrap().diff(&now);
    assert_eq!(diff.changes()[0].kind, ChangeKind::WidenedAndNarrowed);
}

#[test]
fn the_lock_of_another_check_does_not_hold() {
    let row = AccessMatrix::collect();
    let row = row
        .rows()
        .iter()
        .find(|row| row.key().ends_with("lock::transfer"));
    let matrix = AccessMatrix::of_records([row.expect("the handler is recorded").record()]);
    let text = AccessLock::of(&matrix).to_string();
    let path = std::env::temp_dir().join(format!("auth-check-{}.lock", std::process::id()));
    std::fs::write(&path, text.replace("body == user.subject()", "true")).unwrap();
    let error = check_access_lock(&path, &matrix).unwrap_err();
    std::fs::write(&path, text).unwrap();
    assert_eq!(check_access_lock(&path, &matrix), Ok(()));
    std::fs::remove_file(&path).unwrap();
    assert!(
        error.to_string().contains("changed: the check's text"),
        "{error}"
    );
}

#[test]
fn new_and_gone_handlers_are_named() {
    let was = lock(&[("app::old", ADMIN), ("app::same", EDITOR)]);
    let is = lock(&[("app::fresh", EDITOR), ("app::same", EDITOR)]);
    let diff = was.diff(&is);
    assert_eq!(
        diff.to_string(),
        r#"new: app::fresh
  + role("editor")
    lets in:     role editor

gone: app::old
  - role("admin")
"#
    );
    assert!(is.diff(&is).is_empty());
}

#[test]
fn what_widens_is_said_first() {
    let was = lock(&[("a", EITHER), ("b", ADMIN), ("c", ADMIN), ("e", ADMIN)]);
    let is = lock(&[("a", ADMIN), ("b", EITHER), ("c", EDITOR), ("d", ADMIN)]);
    let diff = was.diff(&is);
    let kinds: Vec<_> = diff.changes().iter().map(|change| change.kind).collect();
    assert_eq!(
        kinds,
        [
            ChangeKind::Widened,
            ChangeKind::WidenedAndNarrowed,
            ChangeKind::New,
            ChangeKind::Narrowed,
            ChangeKind::Gone,
        ]
    );
}

#[test]
fn the_file_has_a_handler_a_line_and_is_read_back() {
    let lock = lock(&[
        ("app::z", Access::public("a \"probe\"\nof two lines")),
        ("app::a", EITHER),
        // Two handlers of one name, in two function bodies.
        ("app::same", ADMIN),
        ("app::same", EDITOR),
    ]);
    let text = lock.to_string();
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(
        lines,
        [
            r#"app::a any(role("admin"), role("editor"))"#,
            r#"app::same role("admin")"#,
            r#"app::same#2 role("editor")"#,
            r#"app::z public("a \"probe\"\nof two lines")"#,
        ]
    );
    assert_eq!(AccessLock::parse(&text), Ok(lock));
    // Checked out with the line ends of another system.
    assert!(AccessLock::parse(&text.replace('\n', "\r\n")).is_ok());
}

#[test]
fn what_is_no_lock_file_is_refused() {
    for (text, line) in [
        ("app::a", 1),
        ("app::a role(", 1),
        ("app::a role(\"a\") hidden", 1),
        ("\n\n<<<<<<< HEAD", 3),
        ("app::a role(\"a\")\n=======\n", 2),
        ("app::a role(\"a\") role(\"b\")", 1),
    ] {
        match AccessLock::parse(text) {
            Err(LockProblem::Unreadable { line: found, .. }) => assert_eq!(found, line, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    assert_eq!(
        AccessLock::parse("a authenticated\na role(\"x\")"),
        Err(LockProblem::Twice {
            line: 2,
            handler: "a".to_owned()
        })
    );
}

#[test]
fn hiding_and_routes_are_part_of_the_line() {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("registry/access.lock"))
            .unwrap();
    assert!(
        text.contains(
            "registry::records::above any(role(\"editor\"), scope(\"articles:write\")) hide @ GET /above/{id}\n"
        ),
        "{text}"
    );
    let parsed = AccessLock::parse(&text).unwrap();
    assert_eq!(parsed.to_string(), text);
}

#[test]
fn a_missing_file_and_a_changed_one_fail_with_what_to_do() {
    let path = std::env::temp_dir().join(format!("auth-lock-{}.lock", std::process::id()));
    let before = matrix_of(&[("app::publish", ADMIN)]);
    let missing = check_access_lock(&path, &before).unwrap_err();
    assert_eq!(*missing.problem(), LockProblem::Missing);
    assert!(missing.to_string().contains("AUTH_ACCESS_LOCK=write"));

    fs::write(&path, AccessLock::of(&before).to_string()).unwrap();
    assert_eq!(check_access_lock(&path, &before), Ok(()));
    let after = matrix_of(&[("app::publish", EDITOR)]);
    let differs = check_access_lock(&path, &after).unwrap_err().to_string();
    fs::remove_file(&path).unwrap();
    for part in [
        "access has changed",
        "- role(\"admin\")",
        "+ role(\"editor\")",
    ] {
        assert!(differs.contains(part), "{differs}");
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Role)]
enum Staff {
    #[role(implies(Editor))]
    Chief,
    Editor,
    Guest,
}

#[requires_role(Staff::Editor)]
async fn typed() -> &'static str {
    "typed"
}

#[requires_role(Staff::Guest)]
async fn typed_without_a_hierarchy() -> &'static str {
    "typed"
}

#[test]
fn a_typed_role_is_every_role_that_is_as_good() {
    let _ = (typed, typed_without_a_hierarchy, Staff::Chief);
    let matrix = AccessMatrix::collect();
    let requirement = |name: &str| {
        let mut rows = matrix.rows().iter();
        let row = rows.find(|row| row.record().name() == name);
        row.map(MatrixRow::requirement)
    };
    assert_eq!(
        requirement("typed").as_deref(),
        Some(r#"any(role("chief"), role("editor"))"#)
    );
    assert_eq!(
        requirement("typed_without_a_hierarchy").as_deref(),
        Some(r#"role("guest")"#)
    );
}

/// Trees over three roles and a scope, and what `evaluate` says of every caller there can be.
mod property {
    use auth_runtime::Principal;
    use auth_runtime::model::{Access, Requirement};
    use auth_runtime::model::{Verdict, evaluate};
    use proptest::prelude::*;

    use super::{ChangeKind, lock};

    fn requirement() -> impl Strategy<Value = Requirement> {
        let leaf = prop_oneof![
            prop::sample::select(vec!["a", "b", "c"]).prop_map(Requirement::role),
            Just(Requirement::scope("s")),
            Just(Requirement::AUTHENTICATED),
        ];
        leaf.prop_recursive(4, 16, 3, |inner| {
            let parts = || prop::collection::vec(inner.clone(), 0..3);
            prop_oneof![
                parts().prop_map(|parts| Requirement::all(parts.leak())),
                parts().prop_map(|parts| Requirement::any(parts.leak())),
                inner
                    .clone()
                    .prop_map(|part| Requirement::not(Box::leak(Box::new(part)))),
            ]
        })
    }

    fn callers() -> Vec<Principal> {
        (0..16)
            .map(|bits| {
                let has = |bit: u32| bits & (1 << bit) != 0;
                let roles = ["a", "b", "c"].into_iter().zip(0..);
                let roles = roles.filter(|(_, bit)| has(*bit)).map(|(role, _)| role);
                let caller = Principal::new("p").roles(roles);
                if has(3) { caller.scope("s") } else { caller }
            })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn widened_and_narrowed_are_what_the_guard_would_do(was in requirement(), is in requirement()) {
            let granted = |requirement: &Requirement| -> Vec<bool> {
                let callers = callers();
                let verdicts = callers.iter().map(|caller| evaluate(requirement, caller, &[]));
                verdicts.map(|verdict| verdict == Verdict::Granted).collect()
            };
            let (before, after) = (granted(&was), granted(&is));
            let gained = before.iter().zip(&after).any(|(before, after)| !before && *after);
            let lost = before.iter().zip(&after).any(|(before, after)| *before && !after);
            let one = lock(&[("h", Access::requires(was))]);
            let other = lock(&[("h", Access::requires(is))]);
            let diff = one.diff(&other);
            let kind = diff.changes().first().map(|change| change.kind);
            let expected = match (gained, lost) {
                (true, true) => Some(ChangeKind::WidenedAndNarrowed),
                (true, false) => Some(ChangeKind::Widened),
                (false, true) => Some(ChangeKind::Narrowed),
                (false, false) => kind.map(|_| ChangeKind::Reworded),
            };
            prop_assert_eq!(kind, expected, "{} to {}", was, is);
        }
    }
}
