//! Asking the authorization server about a token (RFC 7662).

mod answer;
mod builder;
mod cache;
mod client;

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

pub use self::builder::{IntrospectionBuilder, IntrospectionError};

use self::answer::Rules;
use self::cache::Cache;
use self::client::Client;
use crate::principal::Principal;
use crate::scheme::{VerifyError, VerifyToken};
use crate::secret::Secret;

/// Verifies tokens by asking the authorization server (RFC 7662): for opaque tokens, or where a
/// revocation has to be seen soon.
///
/// ```
/// use auth_runtime::{Auth, Bearer, Introspection};
///
/// let introspection = Introspection::builder("https://login.example.com/introspect")
///     .client("files-api", "s3cr3t")
///     .audience("https://api.example.com/files")
///     .build()?;
/// let auth = Auth::builder().realm("files").scheme(Bearer::verifier(introspection)).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A token is accepted where the answer is `200`, JSON, `"active": true` and nothing else, and the
/// token is meant for the configured audience and issuer, is of the type `Bearer` and not bound to
/// a key of the client (`cnf`). A server that cannot be asked, or answers anything else, leads to
/// 503 and never to 401.
///
/// The principal has the subject `sub`, the scopes of `scope`, all members of the answer as
/// claims, `auth_time` and `acr`. Roles and the like are for
/// [`map`](IntrospectionBuilder::map). For tokens of two kinds see
/// [`Chain`](crate::scheme::Chain).
///
/// A clone shares the cache and the connections.
///
/// # Security
///
/// An accepted answer is kept for at most [`cache`](IntrospectionBuilder::cache), and never beyond
/// `exp`: that long a revoked token may still be taken. Tokens are kept as SHA-256 digests. They
/// are sent to the endpoint in the body of a `POST`, over TLS (but on the loopback interface);
/// redirects are not followed.
#[derive(Clone)]
pub struct Introspection(Arc<Shared>);

struct Shared {
    client: Client,
    rules: Rules,
    cache: Cache,
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
}

impl Introspection {
    /// Starts a configuration with the URL of the introspection endpoint.
    pub fn builder(endpoint: impl Into<String>) -> IntrospectionBuilder {
        IntrospectionBuilder::new(endpoint.into())
    }

    /// Forgets what is known of a token, so that the server is asked again.
    pub fn forget(&self, token: &Secret<'_>) {
        self.0.cache.remove(token);
    }
}

impl VerifyToken for Introspection {
    async fn verify(&self, token: Secret<'static>) -> Result<Option<Principal>, VerifyError> {
        let shared = &*self.0;
        if let Some(principal) = shared.cache.get(&token, (shared.clock)()) {
            return Ok(Some(principal));
        }
        let body = shared.client.ask(&token).await?;
        let now = (shared.clock)();
        let principal = shared.rules.judge(&body, now)?;
        if let Some(principal) = &principal {
            shared.cache.put(&token, principal, now);
        }
        Ok(principal)
    }
}

impl fmt::Debug for Introspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Introspection")
            .field("client", &self.0.client)
            .finish_non_exhaustive()
    }
}
