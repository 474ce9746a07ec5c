//! What is known of one handler.

use crate::evaluation::{Verdict, evaluate};
use crate::guard::{HandlerName, Spec};
use crate::principal::Principal;
use crate::requirement::Access;

/// A handler and its access decision.
///
/// The attributes write it; [`records`](super::records) lists them.
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
    /// Whether the handler is public in spite of a requirement of the module or impl block around
    /// it (`overrides`).
    pub overrides: bool,
    /// Whether the handler is public and takes its caller all the same
    /// ([`MaybeAuthenticated`](crate::MaybeAuthenticated)).
    pub identifies: bool,
    /// The routes whose attributes stand below ours, in source order; empty where there are none.
    /// See the [module](super#what-a-record-knows-of-its-routes) for what is not seen.
    pub routes: &'static [RouteRecord],
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
    /// The record of the handler that `S` speaks for.
    #[must_use]
    pub const fn of<S: Spec>(routes: &'static [RouteRecord]) -> Self {
        Self {
            handler: S::HANDLER,
            access: S::ACCESS,
            is_hidden: S::HIDE,
            overrides: S::OVERRIDES,
            identifies: S::IDENTIFIES,
            routes,
        }
    }

    /// A record of one's own, that is visible, without routes: for tests of what reads records.
    #[must_use]
    pub const fn new(handler: HandlerName, access: Access) -> Self {
        Self {
            handler,
            access,
            is_hidden: false,
            overrides: false,
            identifies: false,
            routes: &[],
        }
    }

    /// The handler's name without its module: `publish` of `app::articles::publish`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        let path = self.handler.path;
        path.rsplit_once("::").map_or(path, |(_, name)| name)
    }

    /// Whether this caller may; `None` is somebody unknown.
    #[must_use]
    pub fn may(&self, caller: Option<&Principal>) -> May {
        match (&self.access, caller) {
            (Access::Public(_), _) => May::Yes,
            (Access::Requires(_), None) => May::No,
            (Access::Requires(requirement), Some(principal)) => {
                match evaluate(requirement, principal, &[]) {
                    Verdict::Granted => May::Yes,
                    Verdict::Refused | Verdict::Failed => May::No,
                    Verdict::Needs(_) | Verdict::NeedsArguments(_) => May::Depends,
                }
            }
        }
    }

    /// By what records are ordered: the same in every build of the same source.
    pub(crate) const fn order(&self) -> (&'static str, &'static str, u32, u32) {
        let handler = self.handler;
        (handler.path, handler.file, handler.line, handler.column)
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
