//! The security of an OpenAPI document, from the attributes. Feature `utoipa`.
//!
//! ```
//! use actix_web::{Responder, http::Method};
//! use auth_runtime::review::openapi::{DocumentSecurity, OperationSecurity};
//! use auth_runtime::prelude::*;
//! use utoipa::{Modify as _, openapi::OpenApi};
//!
//! // Above `#[utoipa::path(get, path = "/articles", ..)]`.
//! #[requires_role("editor")]
//! async fn articles() -> impl Responder { "" }
//!
//! # let auth = Auth::builder().realm("a").scheme(Bearer::sync(|_: Secret<'_>| None::<Principal>)).build()?;
//! # let mut document = OpenApi::default();
//! // let mut document = ApiDoc::openapi();
//! DocumentSecurity::registered(&auth).apply(&mut document)?;
//! // Or with a list of one's own:
//! DocumentSecurity::new(&auth)
//!     .operation(OperationSecurity::of_handler(&articles).at(Method::GET, "/articles"))
//!     .modify(&mut document);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Each operation gets its `security` (OpenAPI 3.1.1, Security Requirement Object: the objects of the list are
//! alternatives, the members of one object belong together), the responses 401 and, where
//! something beyond an identity is asked for, 403; the document gets the security schemes of the
//! configuration and the schema of a problem.
//!
//! # How an operation is found
//!
//! A document has the bare names of functions, and handlers of one name are usual (`index`, `show`).
//! What is not proven is an error of [`apply`](DocumentSecurity::apply), with the candidates and the
//! line to write. An operation is a handler's
//!
//! 1. where the app says so: [`DocumentSecurity::at`], [`OperationSecurity::at`];
//! 2. where the handler's attribute, or that of the module around it, stands above
//!    `#[utoipa::path]`: it marks the operation with its handler, and the mark is taken away again;
//! 3. where the attribute stands below, by the function's name and its module, which utoipa writes as
//!    the tag of `paths(articles::list)` where there is no other tag;
//!    A tag that is written by hand and reads like a module counts as one;
//! 4. where there is no such tag, by the name alone, if the app gave the handler itself
//!    ([`OperationSecurity::of_handler`]) and no other operation has it.
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
mod error;
pub(crate) mod matching;
mod operation;
mod place;
mod responses;
mod schemes;

use std::fmt;

use actix_web::http::Method;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, OpenApi};

pub use self::error::{DocumentError, DocumentProblem, UnmatchedCause};
pub use self::operation::OperationSecurity;
use self::place::{Place, operations_of};
use self::responses::Documented;
use self::schemes::Named;
use crate::config::Auth;
use crate::model::requirement::Access;
use crate::review::registry;

/// Adds the security of an app to its document: a [`utoipa::Modify`].
///
/// An operation whose handler is not known is left as it is. [`apply`](Self::apply) answers an error
/// then, with what to write; as a `Modify`, which cannot answer, it logs the same at `warn`.
#[must_use = "a modifier takes effect when it is applied to a document"]
pub struct DocumentSecurity {
    schemes: Vec<Named>,
    operations: Vec<OperationSecurity>,
    unknown_schemes: Vec<String>,
    unknown_handlers: Vec<String>,
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
            unknown_handlers: Vec::new(),
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
    /// the configuration does not have changes nothing and is an error of [`apply`](Self::apply).
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

    /// Says of the handler with this path, as the [registry](crate::review::records) has it, that it
    /// is the operation with this method at this path of the document.
    pub fn at(mut self, handler: &str, method: Method, path: &str) -> Self {
        let mut records = registry::records()
            .iter()
            .filter(|record| record.handler.path == handler)
            .peekable();
        if records.peek().is_none() {
            self.unknown_handlers.push(handler.to_owned());
        }
        let place = Place::At(method, path.to_owned());
        for mut security in records.flat_map(|record| OperationSecurity::of_record(record)) {
            security.place = Some(place.clone());
            self.operations.push(security);
        }
        self
    }

    /// Modifies the document.
    ///
    /// # Errors
    ///
    /// With every operation whose decision is not known, and why; it is left as it is. So a document
    /// that lacks something does not go unseen where the error does not.
    pub fn apply(&self, document: &mut OpenApi) -> Result<(), DocumentError> {
        let schemes = self.unknown_schemes.iter().cloned();
        let handlers = self.unknown_handlers.iter().cloned();
        let mut problems: Vec<_> = schemes
            .map(DocumentProblem::UnknownScheme)
            .chain(handlers.map(DocumentProblem::UnknownHandler))
            .collect();
        let listed = matching::listed(document);
        let mut places = listed.iter();
        let mut hidden = Vec::new();
        for (path, item) in &mut document.paths.paths {
            for ((method, operation), place) in operations_of(item).into_iter().zip(&mut places) {
                match matching::find(&self.operations, &listed, place) {
                    Ok(security) if security.is_hidden && !self.has_hidden => {
                        hidden.push((path.clone(), method));
                    }
                    Ok(security) => self.describe(security, operation),
                    Err(problem) => problems.push(problem),
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
        if problems.is_empty() {
            Ok(())
        } else {
            Err(DocumentError { problems })
        }
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
                    // No caller can be authorized. An empty list would say that all are, so it is
                    // said that everything is needed.
                    vec![schemes::together(&self.schemes)]
                } else {
                    objects
                }
            }
        }
    }
}

impl utoipa::Modify for DocumentSecurity {
    fn modify(&self, document: &mut OpenApi) {
        if let Err(error) = self.apply(document) {
            for problem in error.problems {
                tracing::warn!(target: "auth_runtime", "the document lacks a decision: {problem}");
            }
        }
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
