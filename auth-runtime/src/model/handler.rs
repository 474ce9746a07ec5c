//! What is known of each handler with an attribute, as the linker collected it.

use std::fmt;
use std::marker::PhantomData;
use std::sync::OnceLock;
use std::time::SystemTime;

use crate::enforce::rule::{Routes, Spec};
use crate::model::cross_origin::CrossOrigin;
use crate::model::principal::Principal;
use crate::model::requirement::Access;
use crate::model::requirement::evaluate::{Verdict, evaluate_at};

/// Where the linker collects the records.
///
/// One line of the platform's linker protocol, written by `linkme`: the section's begin and end
/// are symbols of the linker's own. Everything else about it is checked by the compiler.
///
/// The section is called after this static, whatever crate it stands in, so that its name belongs
/// to this crate, and to this version of it: two of them can be part of one binary.
#[doc(hidden)]
#[linkme::distributed_slice]
pub static AUTH_RUNTIME_0_1_HANDLERS: [Element];

/// What the linker collects of one handler: a function that gives its record.
///
/// A function, because the compiler computes what a static holds wherever the crate is checked,
/// and a name is no work.
#[doc(hidden)]
pub type Element = fn() -> &'static HandlerRecord;

/// The [`Element`] of the handler that `S` speaks for.
#[doc(hidden)]
#[must_use]
pub fn element<S: Spec>() -> &'static HandlerRecord {
    const { &HandlerRecord::of::<S>() }
}

/// The records of every handler with an attribute in this binary.
///
/// Ordered by handler path, then by what is asked for, then by file, line and column; the same in
/// every build of the same source, whatever order the linker chose. A handler that two attributes
/// guard one after the other has a record for each.
#[must_use]
pub fn records() -> &'static [&'static HandlerRecord] {
    static SORTED: OnceLock<Vec<&'static HandlerRecord>> = OnceLock::new();
    SORTED.get_or_init(|| {
        let mut records: Vec<_> = AUTH_RUNTIME_0_1_HANDLERS
            .iter()
            .map(|element| element())
            .collect();
        records.sort_by_cached_key(|record| record.order());
        records
    })
}

/// A handler: what it is called and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// The routes whose attributes stand below ours, in source order; empty where there are none.
    /// See the [module](crate::review#what-a-record-knows-of-its-routes) for what is not seen.
    pub routes: &'static [RouteRecord],
    spec: SpecName,
}

/// The name of the type that the attribute wrote, which says where it stands.
///
/// A function, because a name is not yet a constant.
#[derive(Clone, Copy)]
struct SpecName(fn() -> &'static str);

impl PartialEq for SpecName {
    fn eq(&self, other: &Self) -> bool {
        (self.0)() == (other.0)()
    }
}

impl Eq for SpecName {}

impl fmt::Debug for SpecName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str((self.0)())
    }
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
    pub const fn of<S: Spec>() -> Self {
        Self {
            handler: HandlerName::of::<S>(),
            access: S::DECLARED.access,
            is_hidden: S::HIDE,
            cross_origin: S::CROSS_ORIGIN,
            overrides: S::OVERRIDES,
            identifies: S::IDENTIFIES,
            routes: RoutesOf::<S>::ROUTES,
            spec: SpecName(std::any::type_name::<S>),
        }
    }

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
            routes: &[],
            spec: SpecName(|| ""),
        }
    }

    /// The handler's name without its module: `publish` of `app::articles::publish`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        let path = self.handler.path;
        path.rsplit_once("::").map_or(path, |(_, name)| name)
    }

    /// Whether this caller may, now; `None` is somebody unknown.
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

    /// What the compiler calls the type that the attribute wrote; empty where there is none.
    pub(crate) fn spec_name(&self) -> &'static str {
        (self.spec.0)()
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

struct RoutesOf<S>(PhantomData<S>);

impl<S: Spec> RoutesOf<S> {
    const ROUTES: &'static [RouteRecord] = match S::DECLARED.routes {
        Routes::None => &[],
        Routes::One(method, path) => &[RouteRecord {
            methods: &[method],
            path,
        }],
        Routes::Many(routes) => routes,
    };
}

impl RouteRecord {
    /// A route of these methods and this path.
    #[must_use]
    pub const fn new(methods: &'static [&'static str], path: &'static str) -> Self {
        Self { methods, path }
    }
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
        assert!(include_str!("handler.rs").contains(name), "{name}");
    }
}
