//! The guide: short pages, in the order of a first project.
//!
//! - [First app in five minutes](first_app)
//! - [Which protection where](protection)
//! - [Requirements](requirements): roles, scopes, permissions, policies, checks
//! - [What each status means](statuses)
#![cfg_attr(feature = "jwks", doc = "- [A JSON API with JWT](jwt_api)")]
#![cfg_attr(
    feature = "introspection",
    doc = "- [OAuth resource server and MCP](resource_server)"
)]
#![cfg_attr(feature = "session", doc = "- [Web application](web_application)")]
#![cfg_attr(
    all(feature = "testing", feature = "sweep", feature = "jwt"),
    doc = "- [Testing](testing)"
)]
//! - [Reviewing access in a pull request](review)
//! - [Operating](operating): audit, metrics, key rotation, Redis
//! - [Migrating](migrating) from other crates or a hand-written middleware
//! - [Threat model](threat_model), and what is not promised
//! - [Typical compile errors](compile_errors)
//!
//! Pages about a feature are here when the documentation is built with it, as on docs.rs.

pub mod protection;

#[doc = include_str!("../../docs/guide/first_app.md")]
pub mod first_app {}

#[cfg(feature = "jwks")]
#[doc = include_str!("../../docs/guide/jwt_api.md")]
pub mod jwt_api {}

#[cfg(feature = "introspection")]
#[doc = include_str!("../../docs/guide/resource_server.md")]
pub mod resource_server {}

#[cfg(feature = "session")]
#[doc = include_str!("../../docs/guide/web_application.md")]
pub mod web_application {}

#[doc = include_str!("../../docs/guide/requirements.md")]
pub mod requirements {}

#[cfg(all(feature = "testing", feature = "sweep", feature = "jwt"))]
#[doc = include_str!("../../docs/guide/testing.md")]
pub mod testing {}

#[doc = include_str!("../../docs/guide/review.md")]
pub mod review {}

#[doc = include_str!("../../docs/guide/operating.md")]
pub mod operating {}

#[doc = include_str!("../../docs/guide/migrating.md")]
pub mod migrating {}

#[doc = include_str!("../../docs/guide/statuses.md")]
pub mod statuses {}

#[doc = include_str!("../../docs/guide/threat_model.md")]
pub mod threat_model {}

// Its cases are compiled where they are, in the tests.
#[doc = include_str!("../../docs/guide/compile_errors.md")]
pub mod compile_errors {}
