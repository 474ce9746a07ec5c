//! Test requests as any principal, and assertions on the decision. For tests: feature `testing`.
//!
//! ```toml
//! [dev-dependencies]
//! auth-runtime = { version = "0.1", features = ["testing"] }
//! ```
//!
//! ```
//! use actix_web::test::{TestRequest, call_service, init_service};
//! use actix_web::{App, get};
//! use auth_runtime::prelude::*;
//! use auth_runtime::audit::Memory;
//! use auth_runtime::testing::TestRequestExt as _;
//! use auth_runtime::{assert_denied, assert_granted};
//!
//! #[get("/admin")]
//! #[requires_role("admin")]
//! async fn admin() -> &'static str { "hello" }
//!
//! # fn main() { actix_web::rt::System::new().block_on(async {
//! let log = Memory::new();
//! let auth = Auth::builder()
//!     .realm("articles")
//!     .scheme(Bearer::sync(|_: Secret<'_>| None::<Principal>))
//!     .audit(log.clone())
//!     .build()
//!     .unwrap();
//! let app = init_service(App::new().app_data(auth).service(admin)).await;
//!
//! let ada = TestRequest::with_uri("/admin").principal(Principal::new("ada").role("admin"));
//! assert_granted!(call_service(&app, ada.to_request()).await);
//!
//! let rob = TestRequest::with_uri("/admin").principal(Principal::new("rob"));
//! assert_denied!(call_service(&app, rob.to_request()).await, MissingRole("admin"));
//!
//! let anonymous = TestRequest::with_uri("/admin");
//! assert_denied!(call_service(&app, anonymous.to_request()).await, Unauthenticated);
//!
//! assert_eq!(log.take().len(), 3);
//! # }) }
//! ```
//!
//! A principal of the kit goes round the app's verifiers. To go through them, a request presents what
//! a client would: [`bearer`](TestRequestExt::bearer), [`basic`](TestRequestExt::basic) or
//! [`api_key`](TestRequestExt::api_key). For signed tokens (feature `jwt`) there is `TestIssuer`, an
//! authorization server that lives in the test: `issuer.token("ada").role("admin").sign()`.
//!
//! # Security
//!
//! Nothing but the feature brings this in: no setting, environment variable or header does. With
//! it, the principal of a request is what this process put there itself, under a number drawn at
//! random; a client that sends the kit's header stays unauthenticated. Keep the feature in
//! `[dev-dependencies]`: cargo then leaves it out of every build that is not for tests or examples. A
//! package of the same workspace that has it in its `[dependencies]` brings it into a build of both:
//! then, too, a client is let in by nothing that it can send.

use actix_web::http::header::AUTHORIZATION;
use actix_web::test::TestRequest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub use super::assertions::{Answered, Denied};
#[doc(hidden)]
pub use super::assertions::{check_denied, check_granted};
#[cfg(feature = "jwt")]
pub use super::issuer::{TestIssuer, TestToken};
pub use crate::enforce::guarded::Guarded;

use crate::enforce::kit::impersonation;
use crate::model::principal::Principal;

/// Says which principal a test request comes from.
pub trait TestRequestExt: Sized {
    /// The request comes from this principal, by the first scheme of the app that the handler
    /// accepts. No verifier is asked; everything else is as for any request: network rules,
    /// expiry, the requirement, policies.
    #[must_use]
    fn principal(self, principal: Principal) -> Self;

    /// The request comes from this principal, by the scheme of this name. Where the app has no
    /// such scheme, or the handler does not accept it, the request is unauthenticated.
    #[must_use]
    fn principal_by(self, scheme: &'static str, principal: Principal) -> Self;

    /// The request presents this token (RFC 6750 §2.1), for the app's own verifier.
    #[must_use]
    fn bearer(self, token: &str) -> Self;

    /// The request presents this user name and password (RFC 7617 §2), for the app's own verifier.
    #[must_use]
    fn basic(self, user: &str, password: &str) -> Self;

    /// The request presents this key in this header, for the app's own verifier.
    #[must_use]
    fn api_key(self, header: &str, key: &str) -> Self;
}

impl TestRequestExt for TestRequest {
    fn principal(self, principal: Principal) -> Self {
        self.insert_header((impersonation::HEADER, impersonation::ticket(principal)))
    }

    fn principal_by(self, scheme: &'static str, principal: Principal) -> Self {
        self.principal(principal.known_by(scheme, None, None))
    }

    fn bearer(self, token: &str) -> Self {
        self.insert_header((AUTHORIZATION, format!("Bearer {token}")))
    }

    fn basic(self, user: &str, password: &str) -> Self {
        let pair = STANDARD.encode(format!("{user}:{password}"));
        self.insert_header((AUTHORIZATION, format!("Basic {pair}")))
    }

    fn api_key(self, header: &str, key: &str) -> Self {
        self.insert_header((header, key))
    }
}
