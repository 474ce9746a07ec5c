//! Its record: in the registry, the matrix and the lock.

use auth_runtime::prelude::*;
use auth_runtime::review::{AccessLock, AccessMatrix, RecordKind, records};

requirement! { editors = any(role("editor"), role("admin")); }

fn mounts() -> Vec<auth_runtime::MountPoint> {
    vec![
        require!(all(role("registered"), editors)),
        require!(role("registered"), hide),
        require!(public(reason = "registered")),
    ]
}

#[test]
fn each_has_a_record_that_says_where_it_stands_and_what_it_asks_for() {
    for mount in mounts() {
        let record = mount.record();
        assert_eq!(record.kind, RecordKind::MountPoint);
        assert_eq!(record.handler.path, "mount::registered::require!");
        assert!(record.handler.file.ends_with("registered.rs"));
        assert!(record.routes.is_empty());
        assert!(records().contains(&record), "{record:?}");
    }
    let lines: Vec<_> = mounts()
        .iter()
        .map(|mount| mount.record().handler.line)
        .collect();
    assert_eq!(lines, [lines[0], lines[0] + 1, lines[0] + 2]);
    assert_eq!(
        format!("{:?}", mounts()[1]),
        r#"MountPoint(role("registered"))"#
    );
}

#[test]
fn handlers_are_no_mount_points() {
    #[requires_role("registered")]
    async fn handler() {}
    let _ = handler;
    let record = records()
        .iter()
        .find(|record| record.handler.path == "mount::registered::handler");
    assert_eq!(record.unwrap().kind, RecordKind::Handler);
}

#[test]
fn the_lock_has_a_line_for_each() {
    let of_this_module = records()
        .iter()
        .copied()
        .filter(|record| record.handler.path == "mount::registered::require!");
    let matrix = AccessMatrix::of_records(of_this_module);
    let lock = AccessLock::of(&matrix);
    let text = lock.to_string();
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(
        lines,
        [
            r#"mount::registered::require! all(role("registered"), any(role("editor"), role("admin")))"#,
            r#"mount::registered::require!#2 public("registered")"#,
            r#"mount::registered::require!#3 role("registered") hide"#,
        ]
    );
    assert_eq!(AccessLock::parse(&text).unwrap(), lock);
}
