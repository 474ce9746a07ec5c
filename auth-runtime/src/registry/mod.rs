//! Every handler with an attribute, as data: of the whole binary, its dependencies included.
//!
//! The attributes leave a record of each handler beside its decision, and the linker collects the
//! records of every crate that is part of the binary: no code runs before `main`, and no list has
//! to be kept by hand. [`records`] gives them.
//!
//! ```
//! use auth_runtime::prelude::*;
//! use auth_runtime::registry;
//!
//! #[requires_role("admin")]
//! async fn purge() -> &'static str { "gone" }
//!
//! let record = registry::records().iter().find(|record| record.name() == "purge");
//! assert_eq!(record.map(|record| record.access.to_string()), Some(r#"role("admin")"#.to_owned()));
//! ```
//!
//! # Review access in a pull request
//!
//! Three lines in a test, and a file that is committed:
//!
//! ```no_run
//! #[test]
//! fn access_is_as_reviewed() {
//!     auth_runtime::assert_access_lock!("access.lock");
//! }
//! ```
//!
//! `AUTH_ACCESS_LOCK=write cargo test` writes `access.lock`, one handler a line. From then on, a
//! change of anybody's access fails the test until the file is written again, and so stands in the
//! pull request as one line:
//!
//! ```text
//! -app::articles::publish role("admin")
//! +app::articles::publish role("editor")
//! ```
//!
//! The failing test says what it means, the most urgent first:
//!
//! ```text
//! widened: app::articles::publish
//!   - role("admin")
//!   + any(role("admin"), role("editor"))
//!     lets in:     somebody with role("editor")
//! ```
//!
//! # What a record knows of its routes
//!
//! An attribute of ours above `#[get("/x")]` sees it, and the record has its methods and path as
//! they are written there. Below it nothing is seen, for `#[get]` has been expanded by then, and a
//! handler that is mounted with `.to(handler)` or `web::resource` has no such attribute at all. An
//! attribute on a module sees the routes of the handlers inside, wherever they stand.
//!
//! Where a handler is really reachable, prefixes of scopes included, only the running app knows:
//! with the feature `sweep`, `SweepReport::matrix` has the methods and paths that actix-web's
//! `experimental-introspection` reports of it.
//!
//! # Limits
//!
//! A crate that is declared as a dependency and never named is not linked, so that its handlers
//! have no record; nor can they be mounted. A library is not asked by `cfg`s that leave a handler
//! out: what is not compiled has no record. Where two versions of
//! this crate are part of a binary, each has the records of its own attributes.

mod change;
mod comparison;
mod formula;
mod lock;
mod matrix;
mod page;
mod record;

use std::sync::OnceLock;

pub use self::change::{AccessChange, AccessDiff, ChangeKind};
pub use self::lock::{AccessLock, LockError, LockProblem, check_access_lock};
pub use self::matrix::{AccessMatrix, MatrixRoute, MatrixRow};
pub use self::record::{HandlerRecord, May, RouteRecord};

/// Where the linker collects the records.
///
/// One line of the platform's linker protocol, written by `linkme`: the section's begin and end
/// are symbols of the linker's own. Everything else about it is checked by the compiler.
///
/// The section is called after this static, whatever crate it stands in, so that its name belongs
/// to this crate, and to this version of it: two of them can be part of one binary.
#[doc(hidden)]
#[linkme::distributed_slice]
pub static AUTH_RUNTIME_0_1_HANDLERS: [&'static HandlerRecord];

/// The records of every handler with an attribute in this binary.
///
/// Ordered by handler path, then by what is asked for, then by file, line and column; the same in
/// every build of the same source, whatever order the linker chose. A handler that two attributes guard one after the
/// other has a record for each.
#[must_use]
pub fn records() -> &'static [&'static HandlerRecord] {
    static SORTED: OnceLock<Vec<&'static HandlerRecord>> = OnceLock::new();
    SORTED.get_or_init(|| {
        let mut records: Vec<_> = AUTH_RUNTIME_0_1_HANDLERS.iter().copied().collect();
        records.sort_by_cached_key(|record| record.order());
        records
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_section_of_the_records_is_called_after_this_version() {
        let name = concat!(
            "pub static AUTH_RUNTIME_",
            env!("CARGO_PKG_VERSION_MAJOR"),
            "_",
            env!("CARGO_PKG_VERSION_MINOR"),
            "_HANDLERS:"
        );
        assert!(include_str!("mod.rs").contains(name), "{name}");
    }
}
