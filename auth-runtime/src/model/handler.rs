//! What is known of each handler with an attribute.

use std::any::TypeId;
use std::fmt;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::SystemTime;

use crate::model::cross_origin::CrossOrigin;
use crate::model::principal::Principal;
use crate::model::requirement::Access;
use crate::model::requirement::evaluate::{Verdict, evaluate_at};

/// What was recorded of each handler: a function that gives its record, because a name is no work
/// before `main`.
static RECORDED: Mutex<Vec<fn() -> &'static HandlerRecord>> = Mutex::new(Vec::new());

/// Adds a handler to the [`records`]. Called by the loader, before `main`.
pub(crate) fn register(record: fn() -> &'static HandlerRecord) {
    recorded().push(record);
}

fn recorded() -> MutexGuard<'static, Vec<fn() -> &'static HandlerRecord>> {
    RECORDED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The records of every handler with an attribute in this binary.
///
/// Ordered by handler path, then by what is asked for, then by file, line and column; the same in
/// every build of the same source, whatever order the linker chose. A handler that two attributes
/// guard one after the other has a record for each. A shared library that is loaded after the first
/// call adds nothing.
#[must_use]
pub fn records() -> &'static [&'static HandlerRecord] {
    static SORTED: OnceLock<Vec<&'static HandlerRecord>> = OnceLock::new();
    SORTED.get_or_init(|| {
        let mut records: Vec<_> = recorded().iter().map(|record| record()).collect();
        records.sort_by_cached_key(|record| record.order());
        records
    })
}

/// A handler: what it is called and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HandlerName {
    /// The path of the function, such as `app::articles::publish`.
    pub path: &'static str,
    /// The source file, as the compiler names it.
    pub file: &'static str,
    /// The line of the function's name, from 1.
    pub line: u32,
    /// The column of the function's name, from 1.
    pub column: u32,
}

impl HandlerName {
    /// A name of one's own, for tests of what reads records.
    #[must_use]
    pub const fn new(path: &'static str, file: &'static str, line: u32, column: u32) -> Self {
        Self {
            path,
            file,
            line,
            column,
        }
    }
}

/// A handler and its access decision.
///
/// The attributes write it; [`records`](crate::review::records) lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HandlerRecord {
    /// The handler: its path such as `app::articles::publish`, and where the attribute stands.
    pub handler: HandlerName,
    /// Its decision: a requirement, as a tree and with `Display` as text, or the reason why it is
    /// public.
    pub access: Access,
    /// Whether refusals look like an unknown path (`hide`).
    pub is_hidden: bool,
    /// What requests from pages of other origins may do.
    pub cross_origin: CrossOrigin,
    /// Whether the handler is public in spite of a requirement of the module or impl block around
    /// it (`overrides`).
    pub overrides: bool,
    /// Whether the handler is public and takes its caller all the same
    /// ([`MaybeAuthenticated`](crate::MaybeAuthenticated)).
    pub identifies: bool,
    /// What the decision is for.
    pub kind: RecordKind,
    /// The routes whose attributes stand below ours, in source order; empty where there are none.
    /// See the [module](crate::review#what-a-record-knows-of-its-routes) for what is not seen.
    pub routes: &'static [RouteRecord],
    pub(crate) spec: SpecType,
}

/// The type that the attribute wrote, which tells handlers apart whose names and places are alike.
///
/// A function, because the type's identity is not yet a constant.
#[derive(Clone, Copy)]
pub(crate) struct SpecType {
    pub(crate) id: fn() -> TypeId,
}

impl PartialEq for SpecType {
    fn eq(&self, other: &Self) -> bool {
        (self.id)() == (other.id)()
    }
}

impl Eq for SpecType {}

impl fmt::Debug for SpecType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SpecType(..)")
    }
}

/// What a decision is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordKind {
    /// A handler.
    Handler,
    /// A [mount point](crate::MountPoint): everything inside a scope, a service or an app.
    MountPoint,
}

/// An attribute of a route, such as `#[get("/users/{id}")]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RouteRecord {
    /// The methods in capital letters, in source order, each once.
    pub methods: &'static [&'static str],
    /// The path as the attribute has it, without the prefixes of scopes around it.
    pub path: &'static str,
}

/// Whether a caller may call a handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum May {
    /// Yes.
    Yes,
    /// No.
    No,
    /// It depends on what cannot be known from the caller alone: a policy, or the arguments.
    Depends,
}

impl HandlerRecord {
    /// A record of one's own, that is visible, without routes: for tests of what reads records.
    #[must_use]
    pub const fn new(handler: HandlerName, access: Access) -> Self {
        Self {
            handler,
            access,
            is_hidden: false,
            cross_origin: CrossOrigin::NotWithAmbientCredentials,
            overrides: false,
            identifies: false,
            kind: RecordKind::Handler,
            routes: &[],
            spec: SpecType {
                id: TypeId::of::<()>,
            },
        }
    }

    /// The handler's name without its module: `publish` of `app::articles::publish`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        let path = self.handler.path;
        path.rsplit_once("::").map_or(path, |(_, name)| name)
    }

    /// Whether this caller may, now; `None` is an unauthenticated caller.
    #[must_use]
    pub fn may(&self, caller: Option<&Principal>) -> May {
        match (&self.access, caller) {
            (Access::Public(_), _) => May::Yes,
            (Access::Requires(_), None) => May::No,
            (Access::Requires(requirement), Some(principal)) => {
                match evaluate_at(requirement, principal, &[], SystemTime::now()) {
                    Verdict::Granted => May::Yes,
                    Verdict::Refused | Verdict::Failed => May::No,
                    Verdict::Needs(_) | Verdict::NeedsArguments(_) => May::Depends,
                }
            }
        }
    }

    /// By what records are ordered: the same in every build of the same source, also where one line
    /// of a macro makes several handlers of one name. What is asked for goes before the place, so
    /// that handlers of one name keep their order when they are moved.
    pub(crate) fn order(&self) -> impl Ord + use<> {
        let handler = self.handler;
        (
            handler.path,
            (self.access.to_string(), self.public_reason()),
            (self.is_hidden, self.overrides, self.cross_origin),
            (handler.file, handler.line, handler.column),
            format!("{:?}", self.routes),
        )
    }

    /// Why the handler is public, where it is.
    #[must_use]
    pub fn public_reason(&self) -> Option<&'static str> {
        match self.access {
            Access::Public(reason) => Some(reason),
            Access::Requires(_) => None,
        }
    }
}

impl RouteRecord {
    /// A route of these methods and this path.
    #[must_use]
    pub const fn new(methods: &'static [&'static str], path: &'static str) -> Self {
        Self { methods, path }
    }
}
