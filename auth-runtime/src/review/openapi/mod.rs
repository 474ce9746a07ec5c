//! The security of an OpenAPI document, from the attributes. Feature `utoipa`.
//!
//! ```
//! use actix_web::{Responder, http::Method};
//! use auth_runtime::review::openapi::{DocumentSecurity, OperationSecurity};
//! use auth_runtime::prelude::*;
//! use utoipa::{Modify as _, openapi::OpenApi};
//!
//! // Above or below `#[utoipa::path(get, path = "/articles", ..)]`.
//! #[requires_role("editor")]
//! async fn articles() -> impl Responder { "" }
//!
//! # let auth = Auth::builder().realm("a").scheme(Bearer::sync(|_: Secret<'_>| None::<Principal>)).build()?;
//! # let mut document = OpenApi::default();
//! // let mut document = ApiDoc::openapi();
//! DocumentSecurity::registered(&auth).modify(&mut document);
//! // Or with a list of one's own:
//! DocumentSecurity::new(&auth)
//!     .operation(OperationSecurity::of_handler(&articles).at(Method::GET, "/articles"))
//!     .modify(&mut document);
//! # Ok::<(), auth_runtime::ConfigurationError>(())
//! ```
//!
//! Each operation gets its `security` (OpenAPI 3.1.1, Security Requirement Object: the objects of the list are
//! alternatives, the members of one object belong together), the responses 401 and, where
//! something beyond an identity is asked for, 403; the document gets the security schemes of the
//! configuration and the schema of a problem.
//!
//! # What a list of security requirements can say
//!
//! | requirement | in `security` |
//! |---|---|
//! | public | `[]` |
//! | a scope | in the list of an OAuth 2 or OpenID Connect scheme, and of no other |
//! | a role | in the list of any other scheme, as OpenAPI 3.1 allows |
//! | `scheme(..)` | which schemes are listed |
//! | `any(..)`, `all(..)` | an object for each alternative |
//! | `max_age(..)`, `acr(..)` | nothing: the response 401 says `insufficient_user_authentication` (RFC 9470 §3) |
//! | permissions, policies, checks, `not(..)` | nothing: there is no place for them |
//!
//! Where there is no place for a part, the list says less than is asked for, and never less than an
//! identity: whoever reads it alone may meet a 403. The whole requirement stands in the description
//! of that response and in the extension `x-requirement` of the operation, as text in the language of
//! the attributes.
//!
//! # Security
//!
//! The document names roles, scopes and policies. Where that is not for everyone, neither is the
//! document: give its handler an attribute. It names hidden handlers too, unless it is told not to
//! ([`DocumentSecurity::without_hidden`]).

mod alternatives;
mod place;
mod responses;
mod schemes;

use std::fmt;

use actix_web::Handler;
use actix_web::http::Method;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, OpenApi};

use self::place::{Place, operations_of, template};
use self::responses::Documented;
use self::schemes::Named;
use crate::config::Auth;
use crate::enforce::guarded::Guarded;
use crate::enforce::rule::Spec;
use crate::model::handler::HandlerName;
use crate::model::requirement::Access;
use crate::review::registry::{self, HandlerRecord};

/// The access decision of one operation, and how to find the operation in a document.
///
/// Found by method and path where they are given ([`at`](Self::at)), and otherwise by the
/// `operationId`, which is the function's name unless `#[utoipa::path]` says otherwise. The
/// [registry](crate::review::records) has those of the whole binary ([`DocumentSecurity::registered`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationSecurity {
    handler: HandlerName,
    access: Access,
    is_hidden: bool,
    is_optional: bool,
    place: Option<Place>,
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
        }
    }

    /// Of a record of the registry: one for each method of its routes, or one without a place.
    #[must_use]
    pub fn of_record(record: &HandlerRecord) -> Vec<Self> {
        let security = Self {
            is_optional: record.identifies,
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
    fn name(&self) -> &'static str {
        let path = self.handler.path;
        path.rsplit_once("::").map_or(path, |(_, name)| name)
    }
}

/// Adds the security of an app to its document: a [`utoipa::Modify`].
///
/// An operation for which there is no [`OperationSecurity`], or for which it cannot be told which
/// of several is meant, is left as it is, logged at `warn`, and told by [`apply`](Self::apply):
/// a test that asserts that it tells nothing finds the operation that was forgotten.
#[must_use = "a modifier takes effect when it is applied to a document"]
pub struct DocumentSecurity {
    schemes: Vec<Named>,
    operations: Vec<OperationSecurity>,
    unknown_schemes: Vec<String>,
    has_hidden: bool,
    documented: Documented,
}

impl DocumentSecurity {
    /// With the schemes of this configuration: `Bearer`, `Basic` and the other schemes of HTTP as
    /// type `http`, those with a header of their own as `apiKey`.
    pub fn new(auth: &Auth) -> Self {
        Self {
            schemes: schemes::of(auth),
            operations: Vec::new(),
            unknown_schemes: Vec::new(),
            has_hidden: true,
            documented: Documented {
                problems: true,
                texts: true,
                challenges_of_403: auth.settings().challenge_every_bearer_403,
            },
        }
    }

    /// With the schemes of this configuration and every handler of the binary that has an
    /// attribute: those of the [registry](crate::review::records).
    pub fn registered(auth: &Auth) -> Self {
        let records = registry::records().iter().copied();
        Self::new(auth).operations(records.flat_map(OperationSecurity::of_record))
    }

    /// Says what the scheme of this name is, where the configuration does not tell: `oauth2` or
    /// `openIdConnect` for a `Bearer` token, the name of a session cookie, a format. A name that
    /// the configuration does not have changes nothing and is told by [`apply`](Self::apply).
    pub fn scheme(mut self, name: &str, scheme: SecurityScheme) -> Self {
        match self.schemes.iter_mut().find(|named| named.name == name) {
            Some(named) => named.scheme = scheme,
            None => self.unknown_schemes.push(name.to_owned()),
        }
        self
    }

    /// Adds an operation.
    pub fn operation(mut self, operation: OperationSecurity) -> Self {
        self.operations.push(operation);
        self
    }

    /// Adds several operations.
    pub fn operations(mut self, operations: impl IntoIterator<Item = OperationSecurity>) -> Self {
        self.operations.extend(operations);
        self
    }

    /// Says nothing of the bodies of 401 and 403: for an app whose renderer writes others than
    /// problem documents.
    pub fn without_problems(mut self) -> Self {
        self.documented.problems = false;
        self
    }

    /// Leaves `x-requirement` out, and the requirement in the description of a 403.
    pub fn without_texts(mut self) -> Self {
        self.documented.texts = false;
        self
    }

    /// Takes the operations of hidden handlers out of the document: for one that is shown to those
    /// who are told that there is no such path. By default they stand in it, without the refusals
    /// that they never give.
    pub fn without_hidden(mut self) -> Self {
        self.has_hidden = false;
        self
    }

    /// Modifies the document, and tells the operations whose decision is not known, such as
    /// `GET /articles`, in the order of the document; before them the schemes that the
    /// configuration does not have, such as `` scheme `Bearr` ``.
    pub fn apply(&self, document: &mut OpenApi) -> Vec<String> {
        let mut unknown: Vec<_> = self
            .unknown_schemes
            .iter()
            .map(|name| format!("scheme `{name}`"))
            .collect();
        let listed = Listed::of(document);
        let mut hidden = Vec::new();
        for (path, item) in &mut document.paths.paths {
            for (method, operation) in operations_of(item) {
                match self.find(&method, path, operation, &listed) {
                    Some(security) if security.is_hidden && !self.has_hidden => {
                        hidden.push((path.clone(), method));
                    }
                    Some(security) => self.describe(security, operation),
                    None => {
                        tracing::warn!(
                            target: "auth_runtime",
                            %method,
                            path = path.as_str(),
                            "the document has an operation whose decision is not known"
                        );
                        unknown.push(format!("{method} {path}"));
                    }
                }
            }
        }
        for (path, method) in hidden {
            let item = document.paths.paths.get_mut(&path);
            if item.is_some_and(|item| place::remove(item, &method)) {
                document.paths.paths.remove(&path);
            }
        }
        let components = document
            .components
            .get_or_insert_with(|| ComponentsBuilder::new().build());
        for named in &self.schemes {
            components
                .security_schemes
                .insert(named.key.clone(), named.scheme.clone().into());
        }
        if self.documented.problems {
            components
                .schemas
                .insert(responses::PROBLEM.to_owned(), responses::problem_schema());
        }
        unknown
    }

    fn find(
        &self,
        method: &Method,
        path: &str,
        operation: &Operation,
        listed: &Listed,
    ) -> Option<&OperationSecurity> {
        let mut placed = self.operations.iter().filter(|security| {
            let place = security.place.as_ref();
            place.is_some_and(|place| matches!(place, Place::At(..)) && place.is(method, path))
        });
        if let Some(found) = placed.next() {
            return same_decision(found, placed);
        }
        let id = operation.operation_id.as_deref()?;
        let mut named = self.operations.iter().filter(|security| {
            let place = security.place.as_ref();
            security.name() == id && place.is_none_or(|place| place.is(method, path))
        });
        let found = same_decision(named.next()?, named)?;
        // One that fits several operations of its name would speak for another's handler.
        listed.is_only(id, found.place.as_ref()).then_some(found)
    }

    fn describe(&self, security: &OperationSecurity, operation: &mut Operation) {
        let alternatives = self.security(security);
        let mentions_identity = !alternatives.is_empty();
        operation.security = Some(alternatives);
        if self.documented.texts {
            let text = security.access.to_string();
            let extension = Extensions::builder().add("x-requirement", text).build();
            match &mut operation.extensions {
                Some(extensions) => extensions.merge(extension),
                None => operation.extensions = Some(extension),
            }
        }
        // What a hidden handler answers is what an unknown path answers.
        if mentions_identity && !security.is_hidden {
            self.documented
                .add(&mut operation.responses, &security.access);
        }
    }

    fn security(&self, security: &OperationSecurity) -> Vec<SecurityRequirement> {
        match &security.access {
            Access::Public(_) if security.is_optional => {
                let each = self.schemes.iter().map(Named::without_names);
                std::iter::once(SecurityRequirement::default())
                    .chain(each)
                    .collect()
            }
            Access::Public(_) => Vec::new(),
            Access::Requires(requirement) => {
                let objects = alternatives::of(requirement, &self.schemes);
                if objects.is_empty() {
                    // Nobody can be granted. An empty list would say that everybody is, so it is
                    // said that everything is needed.
                    vec![schemes::together(&self.schemes)]
                } else {
                    objects
                }
            }
        }
    }
}

/// The operations of a document that have an `operationId`.
struct Listed(Vec<(String, Method, String)>);

impl Listed {
    fn of(document: &mut OpenApi) -> Self {
        let mut listed = Vec::new();
        for (path, item) in &mut document.paths.paths {
            for (method, operation) in operations_of(item) {
                let id = operation.operation_id.clone();
                listed.extend(id.map(|id| (id, method, path.clone())));
            }
        }
        Self(listed)
    }

    /// Whether one operation of this id at most is at this place.
    fn is_only(&self, id: &str, at: Option<&Place>) -> bool {
        let fits = |(listed, method, path): &&(String, Method, String)| {
            listed == id && at.is_none_or(|place| place.is(method, path))
        };
        self.0.iter().filter(fits).count() <= 1
    }
}

/// `found`, unless one of the others decides otherwise.
fn same_decision<'a>(
    found: &'a OperationSecurity,
    mut others: impl Iterator<Item = &'a OperationSecurity>,
) -> Option<&'a OperationSecurity> {
    others
        .all(|other| {
            (other.access, other.is_hidden, other.is_optional)
                == (found.access, found.is_hidden, found.is_optional)
        })
        .then_some(found)
}

impl utoipa::Modify for DocumentSecurity {
    fn modify(&self, document: &mut OpenApi) {
        self.apply(document);
    }
}

impl fmt::Debug for DocumentSecurity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schemes: Vec<_> = self.schemes.iter().map(|named| &named.name).collect();
        f.debug_struct("DocumentSecurity")
            .field("schemes", &schemes)
            .field("operations", &self.operations)
            .finish_non_exhaustive()
    }
}
