//! Handlers of one name: none is lost, and which is which does not depend on where they stand.

use auth_runtime::model::HandlerName;
use auth_runtime::model::{Access, Requirement};
use auth_runtime::review::{AccessLock, AccessMatrix, HandlerRecord, records};

/// Two handlers of one name, in one place as far as the compiler tells.
macro_rules! twins {
    ($($function:ident $role:literal),*) => {$(
        fn $function() {
            #[auth_runtime::requires_role($role)]
            async fn twin() -> &'static str {
                $role
            }
            let _ = twin;
        }
    )*};
}

twins!(one "b", two "a", three "c");

#[test]
fn handlers_that_one_line_of_a_macro_makes_are_all_recorded_in_a_fixed_order() {
    one();
    two();
    three();
    let twins: Vec<_> = records()
        .iter()
        .filter(|record| record.handler.path == "registry::twins::twin")
        .map(|record| record.access.to_string())
        .collect();
    assert_eq!(twins, [r#"role("a")"#, r#"role("b")"#, r#"role("c")"#]);
}

fn lock(handlers: &[(u32, Requirement)]) -> AccessLock {
    AccessLock::of(&AccessMatrix::of_records(handlers.iter().map(
        |(line, requirement)| {
            let name = HandlerName::new("app::list", "src/main.rs", *line, 1);
            let access = Access::requires(*requirement);
            &*Box::leak(Box::new(HandlerRecord::new(name, access)))
        },
    )))
}

#[test]
fn moving_handlers_of_one_name_changes_nothing_in_the_lock_file() {
    let (admin, editor) = (Requirement::role("admin"), Requirement::role("editor"));
    let before = lock(&[(1, editor), (9, admin)]);
    let after = lock(&[(1, admin), (9, editor)]);
    assert!(before.diff(&after).is_empty());
    assert_eq!(before.to_string(), after.to_string());
    // And two versions of one crate have their handlers under the same paths.
    assert_eq!(
        lock(&[(1, admin), (1, admin)]).to_string().lines().count(),
        4
    );
}
