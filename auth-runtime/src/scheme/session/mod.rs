//! Sessions of web applications: a cookie that the server has given at login.
//!
//! The session itself is that of `actix-session`, in an encrypted cookie or in Redis. It holds who
//! logged in, when and how. For each request the app's loader makes the [`Principal`] anew, so that
//! its roles are those of now.
//!
//! ```
//! use actix_session::storage::CookieSessionStore;
//! use actix_web::{App, HttpResponse, post, web};
//! use auth_runtime::oauth::revocation::Revocations;
//! use auth_runtime::prelude::*;
//! use auth_runtime::scheme::session::{Login, Sessions};
//! use auth_runtime::{CallerSession, Denial};
//!
//! async fn load_user(subject: String) -> Result<Option<Principal>, VerifyError> {
//!     // A look-up in the database; `None` where the user was deleted.
//!     Ok(Some(Principal::new(subject).role("reader")))
//! }
//!
//! #[post("/login")]
//! #[public(reason = "checks the password itself")]
//! async fn login(session: CallerSession) -> Result<HttpResponse, Denial> {
//!     // .. the password is right ..
//!     session.login(Login::new("ada").amr("pwd")).await?;
//!     Ok(HttpResponse::SeeOther().insert_header(("Location", "/")).finish())
//! }
//!
//! #[post("/logout")]
//! #[requires_auth]
//! async fn logout(session: CallerSession) -> Result<HttpResponse, Denial> {
//!     session.logout().await?;
//!     Ok(HttpResponse::SeeOther().insert_header(("Location", "/")).finish())
//! }
//!
//! # let secret = "0123456789abcdefghijklmnopqrstuvwxyz";
//! let sessions = Sessions::new(secret, load_user, Revocations::in_memory());
//! let auth = Auth::builder().realm("shop").scheme(sessions.clone()).build()?;
//! let app = App::new()
//!     .app_data(auth)
//!     .service(login)
//!     .service(logout)
//!     .wrap(sessions.middleware(CookieSessionStore::default()));
//! # Ok::<(), auth_runtime::ConfigurationError>(())
//! ```

pub(crate) mod current;
mod login;
pub(crate) mod record;
mod registry;
mod secret;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use actix_session::SessionExt as _;
use actix_web::cookie::{Key, SameSite};
use actix_web::http::header::{COOKIE, HeaderName};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::LocalBoxFuture;

pub use self::login::Login;
pub use self::registry::{Answer, SessionError, SessionInfo, SessionRegistry};

use self::current::Current;
use self::record::{Held, Limits, Record, Standing, millis, time};
use super::{Attempt, IntoVerified, Rejection, Scheme, Verification, VerifyError};
use crate::http::credentials::Credentials;
use crate::model::clock::{Clock, ClockSlot};
use crate::model::principal::Principal;

pub(crate) const SCHEME: &str = "Cookie";

type Loaded = LocalBoxFuture<'static, Result<Option<Principal>, VerifyError>>;
type Load = dyn Fn(String) -> Loaded + Send + Sync;

/// Sessions in a cookie: a [scheme](Scheme), and the middleware that reads and writes the cookie.
///
/// See the [module](self) for an example. A clone shares everything; give it its settings before
/// you clone it.
///
/// | setting | default |
/// |---|---|
/// | [`idle_limit`](Self::idle_limit) | 30 minutes |
/// | [`absolute_limit`](Self::absolute_limit) | 12 hours |
/// | [`remember_for`](Self::remember_for) | 30 days, where the caller asked for it |
/// | cookie | `__Host-session; HttpOnly; SameSite=Lax; Secure; Path=/` |
///
/// Chromium and Firefox take this cookie on `http://localhost` and `http://127.0.0.1` too. Safari
/// does not: see [`cookie_without_tls`](Self::cookie_without_tls).
///
/// # Security
///
/// A login, a step-up and a logout give the session a new key, and end the old one at the server: a
/// copy of the old cookie is refused from then on, also with the cookie store. Idle and absolute
/// limits are checked by the server, by the clock of the configuration.
#[derive(Clone)]
pub struct Sessions {
    key: Result<Key, &'static str>,
    load: Arc<Load>,
    registry: Arc<dyn SessionRegistry>,
    limits: Limits,
    pub(crate) cookie: SessionCookie,
    clock: ClockSlot,
}

/// How the cookie is set.
#[derive(Clone, Debug)]
pub(crate) struct SessionCookie {
    pub(crate) name: &'static str,
    pub(crate) is_secure: bool,
    pub(crate) same_site: SameSite,
}

/// One of the cookies that a browser keeps for one host, path `/` and TLS alone (RFC 6265bis §4.1.3.2).
const COOKIE_NAME: &str = "__Host-session";
const COOKIE_NAME_WITHOUT_TLS: &str = "session";

impl Sessions {
    /// Sessions whose cookie is encrypted with a key made of `secret`, whose principals come from
    /// `load`, and which are listed and ended in `registry`.
    ///
    /// The secret has at least 32 random bytes, the same on every server and after a restart:
    /// `openssl rand -base64 48`. A shorter one is an error when the configuration is built.
    ///
    /// `load` is asked for each request: `None` where there is no such user any more, which is
    /// answered like no session; [`VerifyError::unavailable`] where it cannot be told, which is
    /// answered with 503.
    ///
    /// The registry is [`Revocations`](crate::oauth::revocation::Revocations): in memory for one
    /// server, in Redis for several.
    pub fn new<F, Fut>(secret: impl AsRef<[u8]>, load: F, registry: impl SessionRegistry) -> Self
    where
        F: Fn(String) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: IntoVerified> + 'static,
    {
        Self {
            key: secret::key_of(secret.as_ref()),
            load: Arc::new(move |subject| {
                let loaded = load(subject);
                Box::pin(async move { loaded.await.into_verified() })
            }),
            registry: Arc::new(registry),
            limits: Limits {
                idle: Duration::from_secs(30 * 60),
                absolute: Duration::from_secs(12 * 3600),
                remembered: Duration::from_secs(30 * 24 * 3600),
            },
            cookie: SessionCookie {
                name: COOKIE_NAME,
                is_secure: true,
                same_site: SameSite::Lax,
            },
            clock: ClockSlot::default(),
        }
    }

    /// Sets how long a session may be unused before it ends. The default is 30 minutes.
    #[must_use]
    pub fn idle_limit(mut self, limit: Duration) -> Self {
        self.limits.idle = limit;
        self
    }

    /// Sets how long after the login a session ends, however much it is used. The default is 12
    /// hours.
    #[must_use]
    pub fn absolute_limit(mut self, limit: Duration) -> Self {
        self.limits.absolute = limit;
        self
    }

    /// Sets how long after the login a caller is known who asked to be
    /// [remembered](Login::remember). The default is 30 days.
    #[must_use]
    pub fn remember_for(mut self, limit: Duration) -> Self {
        self.limits.remembered = limit;
        self
    }

    /// Sends the cookie over clear HTTP too, under the name `session`: for Safari on
    /// `http://localhost`, or a test network. By default the cookie is for TLS alone.
    ///
    /// # Security
    ///
    /// Whoever can read the network has the sessions, and other hosts of the same site can set the
    /// cookie. Not for production.
    #[must_use]
    pub fn cookie_without_tls(mut self) -> Self {
        self.cookie.name = COOKIE_NAME_WITHOUT_TLS;
        self.cookie.is_secure = false;
        self
    }

    /// Sends the cookie only with requests that begin on this site (`SameSite=Strict`): who follows
    /// a link from elsewhere has to load the page once more to be known.
    #[must_use]
    pub fn cookie_same_site_strict(mut self) -> Self {
        self.cookie.same_site = SameSite::Strict;
        self
    }

    /// Sends the cookie with requests from other sites too (`SameSite=None`), for an app that stands
    /// in a frame of another site. The default is `Lax`.
    ///
    /// # Security
    ///
    /// Only the check of the request's origin is left against requests that other sites forge.
    #[must_use]
    pub fn cookie_from_other_sites(mut self) -> Self {
        self.cookie.same_site = SameSite::None;
        self
    }

    /// The sessions of a subject: the last used first.
    ///
    /// # Errors
    ///
    /// Where the registry cannot be asked.
    pub async fn list(&self, subject: &str) -> Result<Vec<SessionInfo>, SessionError> {
        let now = self.now();
        let mut alive = Vec::new();
        for session in self.registry.list(subject).await? {
            if session.ends > now && !self.registry.is_ended(&session).await? {
                alive.push(session);
            }
        }
        alive.sort_by_key(|session| std::cmp::Reverse(session.last_used));
        Ok(alive)
    }

    /// Ends this session of the subject. `false` where there is none.
    ///
    /// # Errors
    ///
    /// Where the registry cannot be asked: then nothing was ended.
    pub async fn end(&self, subject: &str, id: &str) -> Result<bool, SessionError> {
        let listed = self.registry.list(subject).await?;
        match listed.iter().find(|session| session.id == id) {
            Some(session) => self.registry.end(session).await.map(|()| true),
            None => Ok(false),
        }
    }

    /// Ends all sessions of the subject, as when the account is closed.
    ///
    /// # Errors
    ///
    /// Where the registry cannot be asked: then some may not have been ended.
    pub async fn end_all(&self, subject: &str) -> Result<(), SessionError> {
        let until = self.now() + self.limits.longest(true);
        self.registry.end_all(subject, until).await?;
        // One by one too, for the clock of another server may be ahead.
        for session in self.registry.list(subject).await? {
            self.registry.end(&session).await?;
        }
        Ok(())
    }

    pub(crate) fn key(&self) -> Key {
        // A configuration with a bad secret is not built. Nothing is to be read with this one.
        self.key.clone().unwrap_or_else(|_| Key::generate())
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) fn registry(&self) -> &dyn SessionRegistry {
        self.registry.as_ref()
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.clock.now()
    }

    pub(crate) fn info(&self, record: &Record) -> SessionInfo {
        record.info(self.limits.end_of(record))
    }

    /// A record of a login now, with an id of its own, that outlives what was ended before.
    pub(crate) async fn record(&self, login: &Login) -> Result<Record, SessionError> {
        let now = self.now();
        let issued = match self.registry.next_issue(&login.subject).await? {
            Some(at) => now.max(at),
            None => now,
        };
        // Sixteen bytes of the system's randomness.
        let id: Vec<u8> = Key::generate().signing().iter().copied().take(16).collect();
        Ok(Record::new(login, URL_SAFE_NO_PAD.encode(id), now, issued))
    }

    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.registry, &other.registry)
    }

    async fn verify(
        &self,
        current: &Current,
        mut record: Record,
        standing: Standing,
        now: SystemTime,
    ) -> Result<Principal, Rejection> {
        let lapses = standing == Standing::Remembered && !record.has_lapsed;
        record.has_lapsed |= lapses;
        let outcome = self.principal(&record).await;
        if matches!(outcome, Err(Rejection::Ended)) {
            current.is_ended.set(true);
        }
        let principal = outcome?;
        let since = now.duration_since(time(record.seen)).unwrap_or_default();
        if lapses || since >= self.limits.touch_interval() {
            record.seen = millis(now).max(record.seen);
            current.is_touched.set(true);
        }
        current.verified.replace(Some(record));
        Ok(principal)
    }

    /// The caller of a session within its limits, if it was not ended.
    async fn principal(&self, record: &Record) -> Result<Principal, Rejection> {
        let session = self.info(record);
        let unavailable = |error: SessionError| Rejection::from(VerifyError::from(error));
        let is_ended = self.registry.is_ended(&session).await;
        if is_ended.map_err(unavailable)? {
            return Err(Rejection::Ended);
        }
        let Some(user) = (self.load)(record.subject.clone()).await? else {
            tracing::debug!(target: "auth_runtime", "the loader does not know the session's subject");
            return Err(Rejection::Ended);
        };
        // A remembered caller did not authenticate lately, whatever the login was.
        let (at, acr, amr) = if record.has_lapsed {
            (None, None, Vec::new())
        } else {
            let at = Some(time(record.created));
            (at, record.acr.as_deref(), record.amr.clone())
        };
        let ends = user
            .expires_at()
            .map_or(session.ends, |at| at.min(session.ends));
        Ok(user
            .authenticated_as(at, acr)
            .claim("amr", amr)
            .claim("sid", record.id.clone())
            .with_expires_at(ends))
    }
}

impl Scheme for Sessions {
    fn name(&self) -> &'static str {
        SCHEME
    }

    fn credential_header(&self) -> Option<&HeaderName> {
        Some(&COOKIE)
    }

    fn configuration_error(&self) -> Option<String> {
        let zero = [
            self.limits.idle,
            self.limits.absolute,
            self.limits.remembered,
        ]
        .iter()
        .any(Duration::is_zero);
        match &self.key {
            Err(problem) => Some((*problem).to_owned()),
            Ok(_) if zero => Some("a time limit of sessions is zero".to_owned()),
            Ok(_) if self.cookie.same_site == SameSite::None && !self.cookie.is_secure => {
                Some("browsers take `SameSite=None` over TLS alone".to_owned())
            }
            Ok(_) => None,
        }
    }

    fn use_clock(&self, clock: &Clock) {
        self.clock.hand(clock);
        self.registry.use_clock(clock);
    }

    fn authenticate(&self, credentials: &Credentials<'_>) -> Attempt {
        let refused = |rejection| Attempt::Presented(Verification::Ready(Err(rejection)));
        let request = credentials.request();
        let Some(current) = Current::of(request).filter(|held| held.sessions.is(self)) else {
            return refused(Rejection::Misconfigured(
                "the app is not wrapped in the middleware of its sessions: add `.wrap(sessions.middleware(store))`",
            ));
        };
        if current.is_ambiguous {
            return Attempt::Ambiguous;
        }
        if current.is_unavailable.get() {
            return refused(Rejection::unavailable(
                "the store of sessions does not answer",
            ));
        }
        let record = match Record::of(&request.get_session()) {
            Held::Nothing => return Attempt::Absent,
            Held::Unreadable => {
                current.is_ended.set(true);
                return refused(Rejection::Ended);
            }
            Held::Login(record) => *record,
        };
        let now = credentials.now();
        let standing = current.sessions.limits.judge(&record, now);
        if standing == Standing::Ended {
            current.is_ended.set(true);
            return refused(Rejection::Ended);
        }
        Attempt::Presented(Verification::Pending(Box::pin(async move {
            let sessions = current.sessions.clone();
            sessions.verify(&current, record, standing, now).await
        })))
    }

    /// Once the request is answered, its session is empty: by the login that was found good in it.
    /// An open connection is no use of the session, so that the idle limit ends it as well.
    fn authenticate_again(&self, credentials: &Credentials<'_>) -> Attempt {
        let current = Current::of(credentials.request()).filter(|held| held.sessions.is(self));
        let Some((current, mut record)) = current.and_then(|held| {
            let record = held.verified()?;
            Some((held, record))
        }) else {
            return Attempt::Absent;
        };
        match current.sessions.limits.judge(&record, credentials.now()) {
            Standing::Fresh => {}
            Standing::Remembered => record.has_lapsed = true,
            Standing::Ended => {
                return Attempt::Presented(Verification::Ready(Err(Rejection::Expired)));
            }
        }
        Attempt::Presented(Verification::Pending(Box::pin(async move {
            current.sessions.principal(&record).await
        })))
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions")
            .field("limits", &self.limits)
            .field("cookie", &self.cookie)
            .finish_non_exhaustive()
    }
}
