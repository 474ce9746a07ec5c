//! Asking the authorization server about a token (RFC 7662).

mod answer;
mod builder;
mod cache;
mod client;
mod flight;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use actix_web::rt::time::timeout;

pub use self::builder::{IntrospectionBuilder, IntrospectionError};

use self::answer::Rules;
use self::cache::Answers;
use self::client::Client;
use self::flight::{Flights, Joined, Outcome};
use crate::model::clock::{Clock, ClockSlot};
use crate::model::principal::Principal;
use crate::model::secret::Secret;
use crate::oauth::cache::digest;
use crate::scheme::{VerifyError, VerifyToken};

/// Verifies tokens by asking the authorization server (RFC 7662): for opaque tokens, or where a
/// revocation has to be seen soon.
///
/// ```
/// use auth_runtime::{Auth, Bearer};
/// use auth_runtime::oauth::introspection::Introspection;
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
/// [`or_else`](VerifyToken::or_else).
///
/// Requests that present one token at the same time wait for one question, and share what it
/// comes to, also an outage; the next request asks anew. A question is joined for as long as
/// [`timeout`](IntrospectionBuilder::timeout), so that no answer is older than that plus the time
/// in the cache.
///
/// A clone shares the cache, the questions and the connections.
///
/// # Security
///
/// An accepted answer is kept for at most [`cache_time`](IntrospectionBuilder::cache_time), and never beyond
/// `exp`: that long a revoked token may still be taken. Tokens are kept as SHA-256 digests. They
/// are sent to the endpoint in the body of a `POST`, over TLS (but on the loopback interface);
/// redirects are not followed.
#[derive(Clone)]
pub struct Introspection(Arc<Shared>);

struct Shared {
    client: Client,
    rules: Rules,
    answers: Answers,
    flights: Arc<Flights>,
    timeout: Duration,
    clock: ClockSlot,
}

impl Introspection {
    /// Starts a configuration with the URL of the introspection endpoint.
    pub fn builder(endpoint: impl Into<String>) -> IntrospectionBuilder {
        IntrospectionBuilder::new(endpoint.into())
    }

    /// Forgets what is known of a token, so that the server is asked again. A question that is on
    /// its way is answered to those who wait for it, and to nobody who comes later.
    pub fn forget(&self, token: &Secret<'_>) {
        let key = digest(token.expose());
        self.0.flights.forget(&key);
        self.0.answers.remove(&key);
    }
}

impl VerifyToken for Introspection {
    async fn verify(&self, token: Secret<'static>) -> Result<Option<Principal>, VerifyError> {
        let key = digest(token.expose());
        let now = self.0.clock.now();
        if let Some(principal) = self.0.answers.get(&key, now) {
            return Ok(Some(principal));
        }
        let (asking, keeping) = (Arc::clone(&self.0), Arc::clone(&self.0));
        let joined = self.0.flights.join(
            key,
            self.0.timeout,
            || self.0.answers.get(&key, now),
            async move { asking.ask(&token).await },
            move |principal, now| keeping.answers.put(key, principal, now),
        );
        match joined {
            Joined::Known(principal) => Ok(Some(principal)),
            // By a clock of one's own: another worker may be driving it, and be stuck.
            Joined::Coming(flight) => timeout(self.0.timeout, flight).await.unwrap_or_else(|_| {
                Err(VerifyError::unavailable().because("introspection takes too long"))
            }),
        }
    }

    fn use_clock(&self, clock: &Clock) {
        self.0.clock.hand(clock);
    }
}

impl Shared {
    /// What the server says of the token, and since when.
    async fn ask(&self, token: &Secret<'static>) -> (Outcome, SystemTime) {
        let body = self.client.ask(token).await;
        let now = self.clock.now();
        (body.and_then(|body| self.rules.judge(&body, now)), now)
    }
}

impl fmt::Debug for Introspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Introspection")
            .field("client", &self.0.client)
            .finish_non_exhaustive()
    }
}
