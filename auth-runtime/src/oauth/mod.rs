//! OAuth 2.0 resource servers: signed and opaque tokens, revocation, resource metadata.
//!
//! # Providers
//!
//! What common providers write, and what to set. `jwt::Issuer` has a preset for signed tokens,
//! `introspection::Introspection` for opaque ones; `.discover()` behind a preset finds the keys
//! (feature `jwks`).
//!
//! | provider | preset | issuer (`iss`) | audience (`aud`) | `typ` | scopes · roles | set besides |
//! |---|---|---|---|---|---|---|
//! | Keycloak | `Issuer::keycloak(base, realm)` | `https://id.example/realms/shop` | by an audience mapper | `JWT` | `scope` · `realm_access.roles` | the mapper; `.audience(..)` |
//! | Auth0 | `Issuer::auth0(domain)` | `https://shop.eu.auth0.com/` | the API's identifier | `JWT`, or `at+jwt` | `scope`, `permissions` · a claim of one's own | `.audience(..)`; `.typed()` for the RFC 9068 profile |
//! | Okta | `Issuer::okta(server)` | `https://shop.okta.com/oauth2/default` | that of the authorization server | none | `scp` · `groups` as `group:<name>` | `.audience("api://default")` |
//! | Entra ID | `Issuer::entra_id(tenant)` | `https://login.microsoftonline.com/<tenant>/v2.0` | the app's client id | `JWT` | `scp` · `roles` | version 2 tokens in the app's manifest; `.audience(..)` |
//! | Amazon Cognito | `Issuer::cognito(region, pool, clients)` | `https://cognito-idp.<region>.amazonaws.com/<pool>` | none: `client_id` | none | `scope` · `cognito:groups` as `group:<name>` | nothing |
//! | Google service accounts | `Issuer::google()` | `https://accounts.google.com` | what the caller asked for | `JWT` | none | `.audience(..)`; who may, in `.user(..)` |
//! | GitHub Actions | `Issuer::github_actions(repository)` | `https://token.actions.githubusercontent.com` | what the workflow asked for | `JWT` | none | `.audience(..)`; which branch or environment |
//! | Kubernetes | `Issuer::kubernetes(issuer)` | the cluster's | that of the projected token | none | none | `.audience(..)`; who may, in `.user(..)` |
//! | oidc-provider | `Issuer::new(issuer)` | the provider's | the resource server's | `at+jwt` | `scope` · none | `.audience(..)` |
//! | django-oauth-toolkit | `Introspection::django_oauth_toolkit(endpoint)` | none | none | (opaque) | `scope` · none | `.client(..)` |
//! | Ory Hydra | `Introspection::hydra(endpoint)` | `iss` | what the client asked for | (opaque) | `scope` · none | `.audience(..)` |

#[cfg(any(feature = "jwt", feature = "introspection"))]
mod background;
mod cache;
#[cfg(any(feature = "jwks", feature = "introspection"))]
mod http;
#[cfg(feature = "introspection")]
pub mod introspection;
#[cfg(feature = "jwt")]
pub mod jwt;
mod metadata_service;
pub mod revocation;
#[cfg(any(feature = "jwt", feature = "introspection"))]
mod single_flight;
#[cfg(any(feature = "jwt", feature = "introspection"))]
mod warn_once;

#[cfg(any(feature = "jwks", feature = "introspection"))]
pub use self::http::{HttpError, HttpSettings};
pub use self::metadata_service::ResourceMetadataService;
pub use crate::http::resource_metadata::{ResourceMetadata, ResourceMetadataError};
