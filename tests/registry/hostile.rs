//! Names and paths that are made to mislead: whoever reads a table, a diff or the lock file sees
//! what is there.

use auth_runtime::guard::HandlerName;
use auth_runtime::registry::{AccessLock, AccessMatrix, HandlerRecord, RouteRecord};
use auth_runtime::{Access, Requirement};

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
    let name = HandlerName {
        path: "app::spaced",
        file: "src/main.rs",
        line: 1,
        column: 1,
    };
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
