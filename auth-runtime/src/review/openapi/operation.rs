//! The access decision of one operation.

use actix_web::Handler;
use actix_web::http::Method;

use super::place::{Place, template};
use crate::enforce::guarded::Guarded;
use crate::enforce::mount::MountPoint;
use crate::enforce::rule::Spec;
use crate::model::handler::{HandlerName, HandlerRecord, RecordKind};
use crate::model::requirement::Access;

/// The access decision of one operation, and how to find the operation in a document.
///
/// Found by method and path where they are given ([`at`](Self::at)), and otherwise as the
/// [module](super#how-an-operation-is-found) says. The [registry](crate::review::records)
/// has those of the whole binary ([`DocumentSecurity::registered`](super::DocumentSecurity::registered)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationSecurity {
    pub(super) handler: HandlerName,
    pub(super) access: Access,
    pub(super) is_hidden: bool,
    pub(super) is_optional: bool,
    pub(super) place: Option<Place>,
    /// It comes from the registry, which has handlers that are in no document: its name alone says
    /// nothing.
    pub(super) is_recorded: bool,
}

impl OperationSecurity {
    /// From the parts that a record of a handler has.
    #[must_use]
    pub const fn new(handler: HandlerName, access: Access, is_hidden: bool) -> Self {
        Self {
            handler,
            access,
            is_hidden,
            is_optional: false,
            place: None,
            is_recorded: false,
        }
    }

    /// Of a record of the registry: one for each method of its routes, or one without a place. None
    /// of a mount point, which is no operation.
    #[must_use]
    pub fn of_record(record: &HandlerRecord) -> Vec<Self> {
        if record.kind == RecordKind::MountPoint {
            return Vec::new();
        }
        let security = Self {
            is_optional: record.identifies,
            is_recorded: true,
            ..Self::new(record.handler, record.access, record.is_hidden)
        };
        if record.routes.is_empty() {
            return vec![security];
        }
        let placed = |method: &str, path: &str| {
            let method = Method::from_bytes(method.as_bytes()).ok()?;
            let mut security = security.clone();
            security.place = Some(Place::Below(method, template(path)));
            Some(security)
        };
        record
            .routes
            .iter()
            .flat_map(|route| route.methods.iter().map(|method| (*method, route.path)))
            .filter_map(|(method, path)| placed(method, path))
            .collect()
    }

    /// Of the handler that `S` speaks for.
    #[must_use]
    pub const fn of<S: Spec>() -> Self {
        let mut security = Self::new(HandlerName::of::<S>(), S::DECLARED.access, S::HIDE);
        security.is_optional = S::IDENTIFIES;
        security
    }

    /// Of a handler with an attribute. One below `#[get(..)]` or its like is no function any more.
    #[must_use]
    pub fn of_handler<F, S, A>(_: &F) -> Self
    where
        F: Handler<(Guarded<S, A>,)>,
        S: Spec,
    {
        Self::of::<S>()
    }

    /// Of a [mount point](MountPoint), for an operation whose handler has no decision of its own.
    /// With [`at`](Self::at) it finds its operation.
    ///
    /// ```
    /// use actix_web::http::Method;
    /// use auth_runtime::require;
    /// use auth_runtime::review::openapi::OperationSecurity;
    ///
    /// let reports = require!(role("auditor"));
    /// let security = OperationSecurity::of_mount_point(reports).at(Method::GET, "/reports/{file}");
    /// ```
    #[must_use]
    pub const fn of_mount_point(mount: MountPoint) -> Self {
        let record = mount.record();
        Self::new(record.handler, record.access, record.is_hidden)
    }

    /// Stands for the operation with this method at this path, as the document has it.
    #[must_use]
    pub fn at(mut self, method: Method, path: impl Into<String>) -> Self {
        self.place = Some(Place::At(method, path.into()));
        self
    }

    /// The handler is public and looks at who calls, if known
    /// ([`MaybeAuthenticated`](crate::MaybeAuthenticated)): `{}` and every scheme, and a 401 for
    /// credentials that are not valid. Of no effect where the handler is not public. A record and
    /// the handler itself know it already.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.is_optional = true;
        self
    }

    /// The function's name without its module.
    pub(super) fn name(&self) -> &'static str {
        let path = self.handler.path;
        path.rsplit_once("::").map_or(path, |(_, name)| name)
    }
}
