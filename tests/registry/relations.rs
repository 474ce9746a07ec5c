//! What implies or excludes what in two requirements, against the guard's own evaluation.

use std::time::{Duration, SystemTime};

use auth_runtime::model::{Access, Requirement};
use auth_runtime::model::{Verdict, evaluate_at};
use auth_runtime::review::{AccessLock, ChangeKind, May};
use auth_runtime::{Principal, Role};
use proptest::prelude::*;

use crate::matrix_of;

const QUARTER: Access = Access::requires(Requirement::max_age(900));
const HOUR: Access = Access::requires(Requirement::max_age(3600));

fn lock(access: Access) -> AccessLock {
    AccessLock::of(&matrix_of(&[("app::transfer", access)]))
}

fn diff(was: Access, is: Access) -> String {
    lock(was).diff(&lock(is)).to_string()
}

#[test]
fn a_longer_max_age_is_widened_and_a_shorter_one_narrowed() {
    assert_eq!(
        diff(QUARTER, HOUR),
        r#"widened: app::transfer
  - max_age("15m")
  + max_age("1h")
    lets in:     a caller with max_age("1h")
"#
    );
    assert_eq!(
        diff(HOUR, QUARTER),
        r#"narrowed: app::transfer
  - max_age("1h")
  + max_age("15m")
    no longer:   a caller with max_age("1h")
"#
    );
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Role)]
enum Staff {
    #[role(implies(Editor))]
    Chief,
    #[role(implies(Reader))]
    Editor,
    Reader,
}

fn typed(role: Staff) -> Requirement {
    use auth_runtime::RoleType as _;
    match role {
        Staff::Chief => Requirement::typed_role(|| Staff::Chief.set()),
        Staff::Editor => Requirement::typed_role(|| Staff::Editor.set()),
        Staff::Reader => Requirement::typed_role(|| Staff::Reader.set()),
    }
}

#[test]
fn a_role_that_another_implies_is_wider() {
    let [chief, editor, reader] =
        [Staff::Chief, Staff::Editor, Staff::Reader].map(|role| Access::requires(typed(role)));
    assert!(diff(chief, editor).starts_with("widened: "));
    assert!(diff(editor, chief).starts_with("narrowed: "));
    assert!(diff(chief, reader).starts_with("widened: "));
    // By name, no hierarchy is known.
    let by_name = Access::requires(Requirement::role("editor"));
    assert!(diff(by_name, editor).starts_with("widened: "));
    assert!(diff(chief, by_name).starts_with("widened and narrowed: "));
}

fn requirement() -> impl Strategy<Value = Requirement> {
    let leaf = prop_oneof![
        prop::sample::select(vec![0, 59, 60, 900, 3600]).prop_map(Requirement::max_age),
        prop::sample::select(vec![&["one"][..], &["two"], &["two", "one"], &[]])
            .prop_map(Requirement::acr),
        prop::sample::select(vec![Staff::Chief, Staff::Editor, Staff::Reader]).prop_map(typed),
        Just(Requirement::role("editor")),
        Just(Requirement::permission("a:b")),
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

/// Everybody whom those requirements can tell apart.
fn callers(now: SystemTime) -> Vec<Principal> {
    let ages = [
        None,
        Some(0),
        Some(59),
        Some(60),
        Some(61),
        Some(900),
        Some(3600),
        Some(3601),
    ];
    let mut callers = Vec::new();
    for age in ages {
        for acr in [None, Some("one"), Some("two"), Some("three")] {
            for bits in 0..16 {
                let names = ["chief", "editor", "reader"].into_iter().enumerate();
                let held = names.filter(|(bit, _)| bits & (1 << bit) != 0);
                let mut caller = Principal::new("p").roles(held.map(|(_, name)| name));
                if bits & 8 != 0 {
                    caller = caller.grant("a:*");
                }
                if let Some(age) = age {
                    caller = caller.with_authenticated_at(now - Duration::from_secs(age));
                }
                if let Some(acr) = acr {
                    caller = caller.with_acr(acr);
                }
                callers.push(caller);
            }
        }
    }
    callers
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn the_direction_is_what_the_guard_would_do(was in requirement(), is in requirement()) {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let (mut gained, mut lost) = (false, false);
        for caller in callers(now) {
            let may = |requirement| evaluate_at(requirement, &caller, &[], now) == Verdict::Granted;
            match (may(&was), may(&is)) {
                (false, true) => gained = true,
                (true, false) => lost = true,
                _ => {}
            }
        }
        let (was, is) = (Access::requires(was), Access::requires(is));
        let diff = lock(was).diff(&lock(is));
        let kind = diff.changes().first().map(|change| change.kind);
        let expected = match (gained, lost) {
            (true, true) => Some(ChangeKind::WidenedAndNarrowed),
            (true, false) => Some(ChangeKind::Widened),
            (false, true) => Some(ChangeKind::Narrowed),
            (false, false) => kind.map(|_| ChangeKind::Reworded),
        };
        prop_assert_eq!(kind, expected, "{} to {}", was, is);
        // What is read back from the file compares likewise.
        let read = AccessLock::parse(&lock(was).to_string());
        prop_assert_eq!(read.map(|read| read.diff(&lock(is))), Ok(diff));
    }
}

const RECENT: Requirement = Requirement::max_age(3600);

#[test]
fn who_may_is_answered_as_of_now() {
    let row_of = |requirement| {
        let matrix = matrix_of(&[("app::transfer", Access::requires(requirement))]);
        let [row] = matrix.rows() else {
            panic!("one row")
        };
        row.clone()
    };
    let fresh = Principal::new("ada").with_authenticated_at(SystemTime::now());
    let stale = Principal::new("eve")
        .with_authenticated_at(SystemTime::now() - Duration::from_secs(86_400));
    let unknown = Principal::new("rob");
    let recent = row_of(RECENT);
    assert_eq!(recent.may(Some(&fresh)), May::Yes);
    assert_eq!(recent.may(Some(&stale)), May::No);
    assert_eq!(recent.may(Some(&unknown)), May::No);
    let not_recent = row_of(Requirement::not(&RECENT));
    assert_eq!(not_recent.may(Some(&fresh)), May::No);
    assert_eq!(not_recent.may(Some(&unknown)), May::Yes);
}
