//! Authentication and authorization for actix-web handlers, from one annotation.
//!
//! Write `#[requires_role("admin")]` over a handler: the request is authenticated, the decision is
//! made, and only then do the handler's own extractors and body run. Refusals are answered as the
//! standards ask: 401 with challenges (RFC 9110 §15.5.2), 403 without (§15.5.4).
//!
//! ```
//! use actix_web::{App, Responder, get};
//! use auth_runtime::prelude::*;
//!
//! #[get("/admin")]
//! #[requires_role("admin")]
//! async fn admin(caller: Authenticated) -> impl Responder {
//!     format!("Hello, {}.", caller.subject())
//! }
//!
//! let auth = Auth::builder()
//!     .realm("articles")
//!     .scheme(Bearer::new(|token: Secret<'static>| async move {
//!         token.ct_eq("demo-admin").then(|| Principal::new("ada").role("admin"))
//!     }))
//!     .build()?;
//! let app = App::new().app_data(auth).service(admin);
//! # Ok::<(), auth_runtime::ConfigurationError>(())
//! ```
//!
//! # Where to look
//!
//! - The [guide]: first app, which protection where, JWT, OAuth, web applications, testing,
//!   operating, migrating.
//! - The attributes: [`requires_auth`], [`requires_role`], [`requires_scope`],
//!   [`requires_permission`], [`requires`] and [`public`].
//! - Authentication: [`Auth::builder`], [`Bearer`], [`Basic`], [`ApiKey`], or a
//!   [`Scheme`](scheme::Scheme) of your own; they make a [`Principal`]. Signed tokens: the module
//!   `oauth::jwt`.
//! - The caller in a handler: [`Authenticated`] and [`MaybeAuthenticated`].
//! - Roles as an enum, with a hierarchy: [`Role`](macro@Role) and [`RoleType`].
//! - Rules of your own: a `policy(..)` that answers a [`Decision`], and a `check(..)` on the
//!   handler's arguments.
//! - Rules with a name: [`requirement!`], and [`Authorized`] for functions that require proof.
//! - Scopes, services of other crates and whole apps: [`require!`].
//! - Nothing forgotten: [`deny_by_default`] on modules, [`ProtectedScope`] and [`ProtectedConfig`].
//! - [Typical compile errors](guide::compile_errors).
//! - Refusals: [`Denial`], [`Negotiated`](denial::Negotiated) for bodies by `Accept`, and
//!   [`RenderDenial`](denial::RenderDenial) for bodies of your own.
//! - Wrong passwords: [`scheme::AttemptLimiter`] refuses them with 429 where there are too many.
//! - Streams and web sockets: [`Authenticated::until_revoked`] ends them with their caller.
//! - By address: [`deny_networks`](AuthBuilder::deny_networks) and
//!   [`trusted_proxies`](AuthBuilder::trusted_proxies).
//! - Reviewing access: [`AccessMatrix`](review::AccessMatrix),
//!   [`assert_access_lock!`], and the module `openapi`.
//! - In tests: the modules `testing` and `sweep`.
//! - Audit: `tracing` events with the target `auth_runtime`, and
//!   [`audit`].
//!
//! # Events
//!
//! Every decision is a `tracing` event with the target `auth_runtime`: at `debug` when access is
//! granted, at `info` when it is denied, at `warn` when a verifier is not available, at `error`
//! when no decision could be made. Fields: `handler` (or `route`, where an extractor refuses in a handler
//! without an attribute), `requirement`, `outcome` (`granted`, `denied`, `misconfigured`), `status`,
//! `reason` and `detail` (of a denial), `scheme`, `subject`.
//!
//! # Features
//!
//! - `macros` (default): the attributes.
//! - `introspection`: tokens that the authorization server is asked about (RFC 7662).
//! - `redis`: revocations and wrong passwords that several servers share.
//! - `metrics`: counts decisions and times verifications.
//! - `testing`: test requests as any principal, and assertions, for `[dev-dependencies]`.
//! - `utoipa`: the security of an OpenAPI document.
//! - `sweep`: for tests, the module `sweep` requests every route with every kind of caller.
//!   It turns on actix-web's `experimental-introspection`, which knows the routes.
//! - `jwt`: signed access tokens, `Bearer::jwt` and `oauth::jwt`.
//! - `session`: sessions of web applications in a cookie, the module `scheme::session`.
//! - `jwks`: their keys from a URL, from OpenID discovery or RFC 8414 metadata.

#![cfg_attr(docsrs, feature(doc_cfg))]

// The layers, lowest first.
pub mod audit;
pub(crate) mod config;
pub mod denial;
pub(crate) mod enforce;
pub(crate) mod extract;
pub mod http;
pub(crate) mod middleware;
pub mod model;
pub mod oauth;
pub mod review;
pub mod scheme;
#[cfg(any(feature = "testing", feature = "sweep"))]
pub mod testing;

pub use crate::config::{Auth, AuthBuilder, BasicPrompt, ConfigurationError};
pub use crate::denial::answer::Denial;
pub use crate::enforce::mount::MountPoint;
pub use crate::enforce::named::NamedRequirement;
pub use crate::enforce::policy::FromRequestHead;
pub use crate::enforce::protected::{
    Protected, ProtectedConfig, ProtectedHandler, ProtectedRoute, ProtectedScope,
};
pub use crate::extract::authenticated::{Authenticated, MaybeAuthenticated};
pub use crate::extract::authorized::Authorized;
#[cfg(feature = "session")]
pub use crate::extract::caller_session::CallerSession;
#[cfg(feature = "session")]
pub use crate::extract::csrf::{CsrfForm, CsrfHeader, CsrfToken};
pub use crate::extract::until_revoked::{Ended, Ending, UntilRevoked};
pub use crate::middleware::keep_private::keep_private;
pub use crate::middleware::same_origin::same_origin;
#[cfg(feature = "session")]
pub use crate::middleware::session::SessionCookies;
pub use crate::middleware::unprotected::DenyUnprotected;
pub use crate::model::decision::Decision;
pub use crate::model::principal::Principal;
pub use crate::model::role::RoleType;
pub use crate::model::secret::Secret;
pub use crate::scheme::api_key::ApiKey;
pub use crate::scheme::basic::Basic;
pub use crate::scheme::bearer::Bearer;
pub use crate::scheme::verification::VerifyError;

// The pages of the attributes begin with an example, which is compiled here.
#[cfg(feature = "macros")]
#[doc(inline)]
#[doc = include_str!("../docs/attributes/role.md")]
pub use auth_macros::Role;
#[cfg(feature = "macros")]
#[doc(inline)]
#[doc = include_str!("../docs/attributes/deny_by_default.md")]
pub use auth_macros::deny_by_default;
#[cfg(feature = "macros")]
#[doc(inline)]
#[doc = include_str!("../docs/attributes/not_a_handler.md")]
pub use auth_macros::not_a_handler;
#[cfg(feature = "macros")]
#[doc(inline)]
#[doc = include_str!("../docs/attributes/public.md")]
pub use auth_macros::public;
#[cfg(feature = "macros")]
#[doc(inline)]
#[doc = include_str!("../docs/attributes/require.md")]
pub use auth_macros::require;
#[cfg(feature = "macros")]
#[doc(inline)]
#[doc = include_str!("../docs/attributes/requirement.md")]
pub use auth_macros::requirement;
#[cfg(feature = "macros")]
#[doc(inline)]
#[doc = include_str!("../docs/attributes/requires.md")]
pub use auth_macros::requires;
#[cfg(feature = "macros")]
#[doc(inline)]
#[doc = include_str!("../docs/attributes/requires_auth.md")]
pub use auth_macros::requires_auth;
#[cfg(feature = "macros")]
#[doc(inline)]
#[doc = include_str!("../docs/attributes/requires_permission.md")]
pub use auth_macros::requires_permission;
#[cfg(feature = "macros")]
#[doc(inline)]
#[doc = include_str!("../docs/attributes/requires_role.md")]
pub use auth_macros::requires_role;
#[cfg(feature = "macros")]
#[doc(inline)]
#[doc = include_str!("../docs/attributes/requires_scope.md")]
pub use auth_macros::requires_scope;

/// What most handlers and their `main` need.
pub mod prelude {
    #[cfg(feature = "macros")]
    pub use auth_macros::{
        Role, deny_by_default, not_a_handler, public, require, requirement, requires,
        requires_auth, requires_permission, requires_role, requires_scope,
    };

    pub use crate::model::role::RoleType;
    pub use crate::{
        ApiKey, Auth, Authenticated, Authorized, Basic, Bearer, Decision, MaybeAuthenticated,
        Principal, Secret, VerifyError,
    };
}

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

// Pages of documentation, without code of their own.
#[cfg(any(doc, doctest))]
pub mod guide;

/// What expansions name. Not for use by hand: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use actix_web::HttpRequest;
    #[cfg(feature = "macros")]
    pub use auth_macros::__guard_signature;

    pub use crate::__declared as declared;
    pub use crate::enforce::arguments::Arguments;
    pub use crate::enforce::check::{
        CheckFns, CheckFuture, Checks, IntoAnswer, NoChecks, async_check0, async_check1,
        async_check2, async_check3, async_check4, async_check5, async_check6, async_check7,
        async_check8, check0, check1, check2, check3, check4, check5, check6, check7, check8,
        given, own,
    };
    pub use crate::enforce::guarded::Guarded;
    pub use crate::enforce::mount::MountPoint;
    pub use crate::enforce::named::NamedRequirement;
    pub use crate::enforce::policy::{PolicyFn, run_policy};
    pub use crate::enforce::proof;
    pub use crate::enforce::protected::Protected;
    pub use crate::enforce::questions::{
        AskNamed, AskedName, NamedCheckFns, NoArguments, Questions, ask_named, run_caller_check,
    };
    pub use crate::enforce::registration::register;
    pub use crate::enforce::rule::{Declared, Routes, Spec};
    pub use crate::extract::authorized::{Grants, grants};
    pub use crate::model::cross_origin::CrossOrigin;
    pub use crate::model::handler::{HandlerName, RecordKind, RouteRecord};
    pub use crate::model::principal::Principal;
    pub use crate::model::requirement::{Access, Requirement};
    pub use crate::model::role::{
        NameOfRole, RoleSet, RoleType, UnknownRole, assert_role, deserialize_role, role_set,
    };
    #[cfg(feature = "utoipa")]
    pub use crate::review::openapi::matching::mark;
    pub use serde;
    pub use std::string::String;
}
