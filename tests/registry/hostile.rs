//! Names and paths that are made to mislead: whoever reads a table, a diff or the lock file sees
//! what is there.

use auth_runtime::model::HandlerName;
use auth_runtime::model::{Access, Requirement};
use auth_runtime::review::{AccessLock, AccessMatrix, HandlerRecord, RouteRecord};

use crate::matrix_of;

/// An end of a line, a carriage return, an escape sequence, a line separator, and characters that
/// turn the text around or are not seen.
const HOSTILE: &str = "a\nb\rc\u{1b}[2Kd\u{2028}e\u{202e}f\u{200b}g\u{2066}";
const IS_SEEN: [char; 7] = [
    '\r', '\u{1b}', '\u{2028}', '\u{202e}', '\u{200b}', '\u{2066}', '\u{feff}',
];

fn assert_seen(text: &str, lines: usize) {
    assert!(!text.contains(IS_SEEN), "{text:?}");
    assert_eq!(text.lines().count(), lines, "{text:?}");
}

#[test]
fn no_name_breaks_or_disguises_a_line() {
    let handlers = [
        ("app::a", Access::requires(Requirement::role(HOSTILE))),
        ("app::b", Access::public(HOSTILE)),
        ("app::c", Access::requires(Requirement::policy("p::q", 0))),
    ];
    let matrix = matrix_of(&handlers).with_route("app::c", "GET", &format!("/{HOSTILE}"));
    assert_seen(&matrix.to_string(), 4);
    assert_seen(&matrix.to_markdown(), 5);
    let lock = AccessLock::of(&matrix);
    assert_seen(&lock.to_string(), 5);
    assert_eq!(AccessLock::parse(&lock.to_string()), Ok(lock.clone()));
    let empty = AccessLock::of(&AccessMatrix::of_records([]));
    // Three of two or three lines each, and an empty one between two.
    assert_seen(&empty.diff(&lock).to_string(), 11);
    assert_seen(&lock.diff(&empty).to_string(), 8);
}

/// What stands at the end of a line is cut when it is read: it must not keep the file from ever
/// being the same.
#[test]
fn a_route_that_ends_with_a_space_is_read_back() {
    const ROUTES: &[RouteRecord] = &[RouteRecord::new(&["GET"], "/spaced \t")];
    let name = HandlerName::new("app::spaced", "src/main.rs", 1, 1);
    let access = Access::requires(Requirement::AUTHENTICATED);
    let mut record = HandlerRecord::new(name, access);
    record.routes = ROUTES;
    let lock = AccessLock::of(&AccessMatrix::of_records([&*Box::leak(Box::new(record))]));
    for text in [lock.to_string(), lock.to_string().replace('\n', "\r\n")] {
        assert_eq!(AccessLock::parse(&text).as_ref(), Ok(&lock));
    }
}

#[test]
fn what_an_editor_leaves_at_the_beginning_of_a_file_is_no_handler() {
    let lock = AccessLock::of(&matrix_of(&[(
        "app::a",
        Access::requires(Requirement::AUTHENTICATED),
    )]));
    assert_eq!(
        AccessLock::parse(&format!("\u{feff}{lock}")).as_ref(),
        Ok(&lock)
    );
    // And an empty file has no handlers: everything is new.
    let empty = AccessLock::parse("").unwrap();
    assert_eq!(empty.diff(&lock).changes().len(), 1);
}

mod property {
    use auth_runtime::model::{Access, Requirement};
    use auth_runtime::review::AccessLock;
    use proptest::prelude::*;

    use crate::matrix_of;

    fn name() -> impl Strategy<Value = &'static str> {
        // Everything that a string literal can hold, and what the file's own grammar is made of.
        prop_oneof![
            any::<String>(),
            "[a-z\"\\\\(),@# \n\r\u{301}\u{202e}]{0,12}"
        ]
        .prop_map(|text| &*text.leak())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn a_lock_file_is_read_back_as_it_was_written(
            role in name(), scope in name(), reason in name(), path in name(),
        ) {
            let parts = vec![
                Requirement::role(role),
                Requirement::not(Box::leak(Box::new(Requirement::scope(scope)))),
                Requirement::acr(vec![role, scope].leak()),
            ];
            let handlers = [
                ("app::a", Access::requires(Requirement::all(parts.leak()))),
                ("app::b", Access::public(reason)),
            ];
            let matrix = matrix_of(&handlers).with_route("app::a", "GET", path);
            let lock = AccessLock::of(&matrix);
            let text = lock.to_string();
            prop_assert_eq!(text.lines().count(), 4, "{}", text);
            prop_assert_eq!(AccessLock::parse(&text), Ok(lock), "{}", text);
        }

        /// Whatever stands in the file: an error or a lock, and nothing else.
        #[test]
        fn no_text_makes_it_panic(text in any::<String>(), name in name()) {
            let _ = AccessLock::parse(&text);
            let _ = AccessLock::parse(&format!("app::a role(\"{name}\") {text}"));
            let _ = AccessLock::parse(&format!("app::a {name}({text}"));
        }
    }
}
