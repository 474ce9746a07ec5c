//! Asking the authorization server about a token (RFC 7662).

mod answer;
mod builder;
mod cache;
mod client;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use actix_web::rt::time::timeout;
use tokio::task::spawn_blocking;

pub use self::builder::{IntrospectionBuilder, IntrospectionError};

use self::answer::{Refusal, Rules};
use self::cache::Answers;
use self::client::Client;
use crate::model::clock::{Clock, ClockSlot};
use crate::model::principal::Principal;
use crate::model::secret::Secret;
use crate::oauth::cache::{Digest, digest};
use crate::oauth::single_flight::SingleFlight;
use crate::oauth::warn_once::WarnOnce;
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
/// The principal has the subject `sub`, or that of
/// [another member](IntrospectionBuilder::subject_from), the scopes of `scope`, all members of the answer as
/// claims, `auth_time` and `acr`. Roles and the like are for
/// [`map`](IntrospectionBuilder::map). For tokens of two kinds see
/// [`or_else`](VerifyToken::or_else).
///
/// Requests that present one token at the same time wait for one question, and share what it
/// comes to, also an outage; the next request asks anew. A question is joined for as long as
/// [`time_limit`](IntrospectionBuilder::time_limit), so that no answer is older than that plus the time
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
    flights: SingleFlight<Digest, Outcome>,
    time_limit: Duration,
    clock: ClockSlot,
    /// What is refused for a setting is a warning the first time.
    warned: WarnOnce,
}

impl Introspection {
    /// Starts a configuration with the URL of the introspection endpoint.
    pub fn builder(endpoint: impl Into<String>) -> IntrospectionBuilder {
        IntrospectionBuilder::new(endpoint.into())
    }

    /// Starts a configuration for Ory Hydra, with the URL of its administration's endpoint:
    /// `Introspection::hydra("http://127.0.0.1:4445/admin/oauth2/introspect")`.
    ///
    /// It is asked without credentials, and says in `token_use` that a token is an access token. Set
    /// the audience, or call `.any_audience()` where clients ask for none.
    pub fn hydra(endpoint: impl Into<String>) -> IntrospectionBuilder {
        Self::builder(endpoint).without_credentials()
    }

    /// Starts a configuration for django-oauth-toolkit, with the URL of its endpoint, such as
    /// `https://id.example/o/introspect/`.
    ///
    /// Its answers have neither `sub` nor `token_type`, and are for access tokens alone. They have
    /// `aud` where the client named a resource (RFC 8707): then set
    /// [`audience`](IntrospectionBuilder::audience), which refuses the other tokens.
    /// The subject is `username`, or `client_id` where a client acts for itself. Its own credentials
    /// are those of a confidential client ([`client`](IntrospectionBuilder::client)), or a token with
    /// the scope `introspection` ([`client_token`](IntrospectionBuilder::client_token)).
    ///
    /// # Security
    ///
    /// Without an audience each access token of that server is for this service: tell them apart by
    /// scope. A client's id must not be a user's name.
    pub fn django_oauth_toolkit(endpoint: impl Into<String>) -> IntrospectionBuilder {
        Self::builder(endpoint)
            .any_audience()
            .untyped()
            .subject_from(["username", "client_id"])
    }

    /// Forgets what is known of a token, so that the server is asked again. A question that is on
    /// its way is answered to those who wait for it, and to no one who comes later.
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
        let (known, asking, keeping) = (&self.0, Arc::clone(&self.0), Arc::clone(&self.0));
        let flight = self.0.flights.join(
            key,
            || {
                known
                    .answers
                    .get(&key, now)
                    .map(|principal| Ok(Some(principal)))
            },
            async move { asking.ask(&token).await },
            move |outcome| {
                if let Ok(Some(principal)) = outcome {
                    keeping.answers.put(key, principal, keeping.clock.now());
                }
            },
            Err(panicked()),
        );
        // By a clock of one's own: the app's mapping may be stuck.
        match timeout(self.0.time_limit, flight).await {
            Ok(outcome) => outcome.map_err(|refusal| self.0.told(refusal)),
            Err(_) => Err(VerifyError::unavailable().because("introspection takes too long")),
        }
    }

    fn use_clock(&self, clock: &Clock) {
        self.0.clock.hand(clock);
    }
}

/// What a question came to, for all who wait for it.
type Outcome = Result<Option<Principal>, Refusal>;

fn panicked() -> Refusal {
    VerifyError::unavailable()
        .because("the verifier panicked")
        .into()
}

impl Shared {
    /// What the server says of the token.
    async fn ask(self: Arc<Self>, token: &Secret<'static>) -> Outcome {
        let Some(body) = self.client.ask(token).await? else {
            return Ok(None);
        };
        // The app's mapping may block, and others ask on this thread.
        let verified = spawn_blocking(move || self.rules.read(&body, self.clock.now()));
        match verified.await {
            Ok(outcome) => outcome,
            Err(error) => {
                // What a panic holds may panic once more when it is dropped.
                std::mem::forget(error);
                Err(panicked())
            }
        }
    }

    /// What the caller is told. The log is told here, where the request is.
    fn told(&self, refusal: Refusal) -> VerifyError {
        match refusal {
            Refusal::Error(error) => error,
            Refusal::Setting(because) => {
                if self.warned.is_new(because) {
                    tracing::warn!(target: "auth_runtime", because, "an active token is refused by the settings of the introspection");
                }
                VerifyError::invalid().because(because)
            }
        }
    }
}

impl fmt::Debug for Introspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Introspection")
            .field("client", &self.0.client)
            .finish_non_exhaustive()
    }
}
