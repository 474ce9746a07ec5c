//! Every handler with an attribute, as data: of the whole binary, its dependencies included.
//!
//! The attributes leave, beside each handler's decision, a function that records it. The loader calls
//! those of every crate that is part of the binary before `main`, as it calls the constructors of C++
//! (`.init_array` of ELF, `__mod_init_func` of Mach-O, `.CRT$XCU` of Windows), so that no list has to
//! be kept by hand. [`records`] gives them. Each adds one pointer to a list and does nothing else.
//!
//! ```
//! use auth_runtime::prelude::*;
//! use auth_runtime::review;
//!
//! #[requires_role("admin")]
//! async fn purge_archive() -> &'static str { "gone" }
//!
//! let record = review::records().iter().find(|record| record.name() == "purge_archive");
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
//! It stands in the application itself, or in its directory `tests`: there with `use my_app as _;`
//! above, for such a test is a crate of its own and has the handlers of the crates that it names.
//!
//! `AUTH_ACCESS_LOCK=write cargo test` writes `access.lock`, one handler a line. From then on, a
//! change of access fails the test until the file is written again, and so shows in the
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
//!     lets in:     a caller with role("editor")
//! ```
//!
//! What the lock file cannot know is a handler without an attribute. With the feature `sweep` in
//! `[dev-dependencies]` a second test drives the application through all its routes, and fails with
//! the name of the one that answers without a decision:
//!
//! ```no_run
//! # #[cfg(feature = "sweep")]
//! # mod tests {
//! # use actix_web::App;
//! # mod my_app {
//! #     pub fn auth() -> auth_runtime::Auth { unimplemented!() }
//! #     pub fn routes(_: &mut actix_web::web::ServiceConfig) {}
//! # }
//! #[actix_web::test]
//! async fn every_route_decides() {
//!     let app = App::new().app_data(my_app::auth()).configure(my_app::routes);
//!     auth_runtime::testing::sweep::assert_no_unprotected_routes(app).await;
//! }
//! # }
//! ```
//!
//! ```text
//! unprotected: `GET /invoices` (`list_invoices`) answers 200 to anonymous without a decision: ..
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
//! have no record; nor can they be mounted. A shared library that is loaded after the first call of
//! [`records`] adds nothing. A library is not asked by `cfg`s that leave a handler
//! out: what is not compiled has no record. Where two versions of
//! this crate are part of a binary, each has the records of its own attributes.

mod change;
mod comparison;
mod formula;
mod lock;
mod matrix;
mod page;

pub use self::change::{AccessChange, AccessDiff, ChangeKind};
pub use self::lock::{AccessLock, LockError, LockProblem, check_access_lock};
pub use self::matrix::{AccessMatrix, MatrixRoute, MatrixRow};
pub use crate::model::handler::{HandlerRecord, May, RecordKind, RouteRecord, records};
