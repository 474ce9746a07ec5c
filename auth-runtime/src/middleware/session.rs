//! Reading and writing the session's cookie.

use std::collections::HashMap;
use std::fmt;
use std::future::{Future, Ready, ready};
use std::rc::Rc;
use std::time::Duration;

use actix_session::config::BrowserSession;
use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_session::{SessionExt as _, SessionMiddleware};
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::cookie::{Cookie, time};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::error::InternalError;
use actix_web::http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;

use crate::denial::{Reason, is_hidden};
use crate::enforce::finish::refuse_without_request;
use crate::enforce::time_limit;
use crate::http::cookies;
use crate::middleware::keep_private;
use crate::scheme::session::Sessions;
use crate::scheme::session::current::Current;

impl Sessions {
    /// The middleware that reads the session's cookie and writes it. The sessions are kept in
    /// `store`: `CookieSessionStore`, or `RedisSessionStore`.
    ///
    /// Give a `RedisSessionStore` a pool (`RedisSessionStore::new_pooled`, feature `redis-pool` of
    /// `actix-session`): it is there again as soon as Redis is, while the connection of
    /// `RedisSessionStore::new` was found to take two minutes. A store that does not answer within 2
    /// seconds counts as away: a session that cannot be read or written is answered with 503.
    ///
    /// Wrap the whole app in it. Where a session was looked for, answers say `Vary: Cookie`, and
    /// `Cache-Control: private` where one was found or written.
    pub fn middleware<Store: SessionStore + 'static>(&self, store: Store) -> SessionCookies<Store> {
        let cookie = &self.cookie;
        let longest = self.limits().longest(true);
        let longest = time::Duration::try_from(longest).unwrap_or(time::Duration::MAX);
        let middleware = SessionMiddleware::builder(Patient(store), self.key())
            .cookie_name(cookie.name.to_owned())
            .cookie_secure(cookie.is_secure)
            .cookie_http_only(true)
            .cookie_same_site(cookie.same_site)
            .cookie_path("/".to_owned())
            .session_lifecycle(BrowserSession::default().state_ttl(longest))
            .build();
        SessionCookies {
            sessions: self.clone(),
            middleware: Rc::new(middleware),
        }
    }
}

/// The middleware of [`Sessions::middleware`].
pub struct SessionCookies<Store: SessionStore> {
    sessions: Sessions,
    middleware: Rc<SessionMiddleware<Patient<Store>>>,
}

type Inner<S, Store> =
    <SessionMiddleware<Patient<Store>> as Transform<Noting<S>, ServiceRequest>>::Transform;

impl<S, B, Store> Transform<S, ServiceRequest> for SessionCookies<Store>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    S::Future: 'static,
    B: MessageBody + 'static,
    Store: SessionStore + 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Transform = SessionService<Inner<S, Store>>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        let noting = Noting(Rc::new(service));
        let sessions = self.sessions.clone();
        let inner = self.middleware.new_transform(noting).into_inner();
        ready(inner.map(|inner| SessionService {
            sessions,
            inner: Rc::new(inner),
        }))
    }
}

/// Outside of the session: what its cookie must be, and what the answer says to caches.
#[derive(Debug)]
pub struct SessionService<S> {
    sessions: Sessions,
    inner: Rc<S>,
}

impl<S, B> Service<ServiceRequest> for SessionService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<ServiceResponse<B>, Error>>;

    forward_ready!(inner);

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        let name = self.sessions.cookie.name;
        let is_ambiguous = clean(request.headers_mut(), name);
        let current = Current::begin(request.request(), self.sessions.clone(), is_ambiguous);
        let answer = self.inner.call(request);
        Box::pin(async move {
            let mut response = answer.await.map_err(unavailable)?;
            if let Some(seconds) = current.cookie_lasts.get() {
                let last = move |line: &str| format!("{line}; Max-Age={seconds}");
                change_cookie(response.headers_mut(), name, last);
            }
            let is_written = sets_cookie(response.headers(), name);
            keep_private::mark(&mut response, is_written);
            Ok(response)
        })
    }
}

#[doc(hidden)]
#[derive(Debug)]
/// Inside of the session: what happened to it while the request was answered is written into it.
pub struct Noting<S>(Rc<S>);

impl<S, B> Service<ServiceRequest> for Noting<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    S::Future: 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<ServiceResponse<B>, Error>>;

    fn poll_ready(&self, cx: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let current = Current::of(request.request());
        let session = request.get_session();
        if let Some(current) = &current {
            current
                .is_unavailable
                .set(session.contains_key(UNAVAILABLE));
        }
        let answer = self.0.call(request);
        Box::pin(async move {
            let response = answer.await?;
            let Some(current) = current else {
                return Ok(response);
            };
            // For an unknown path nothing would have been written.
            if !current.is_replaced.get() && !is_hidden(response.response()) {
                if current.is_ended.get() {
                    session.purge();
                } else if current.is_touched.get()
                    && let Some(record) = current.verified()
                {
                    record.write(&session);
                    let info = current.sessions.info(&record);
                    if let Err(error) = current.sessions.registry().note(&info).await {
                        tracing::warn!(target: "auth_runtime", %error, "the use of a session is not listed");
                    }
                }
            }
            if let Some(record) = current.verified()
                && record.is_remembered
                && !current.is_ended.get()
            {
                let sessions = &current.sessions;
                let end = sessions.limits().end_of(&record);
                let rest = end.duration_since(sessions.now()).unwrap_or_default();
                current.cookie_lasts.set(Some(rest.as_secs()));
            }
            Ok(response)
        })
    }
}

/// Removes every cookie that would be read as the session's and is not the one and only: a second
/// one, and one whose name only becomes that of the session when it is decoded or trimmed, which
/// a browser lets other hosts of the site set. Whether there was one.
fn clean(headers: &mut HeaderMap, name: &str) -> bool {
    let exact = cookies::values(headers, name).count();
    let readable: Vec<&str> = cookies::pairs(headers)
        .filter_map(|pair| std::str::from_utf8(pair).ok())
        .collect();
    let is_read_as_ours =
        |pair: &&str| Cookie::parse_encoded(pair.trim()).is_ok_and(|cookie| cookie.name() == name);
    let taken = readable
        .iter()
        .copied()
        .filter(|pair| is_read_as_ours(pair))
        .count();
    let is_ambiguous = exact > 1 || taken != exact;
    // One pair that is not UTF-8 would make the others unreadable.
    let is_readable = cookies::pairs(headers).count() == readable.len();
    if !is_ambiguous && is_readable {
        return false;
    }
    let kept: Vec<&str> = readable
        .into_iter()
        .filter(|pair| !(is_ambiguous && is_read_as_ours(pair)))
        .collect();
    let line = HeaderValue::try_from(kept.join("; "));
    headers.remove(COOKIE);
    if let Ok(line) = line
        && !line.is_empty()
    {
        headers.insert(COOKIE, line);
    }
    is_ambiguous
}

fn is_of(line: &HeaderValue, name: &str) -> bool {
    line.as_bytes()
        .strip_prefix(name.as_bytes())
        .is_some_and(|rest| rest.starts_with(b"="))
}

fn sets_cookie(headers: &HeaderMap, name: &str) -> bool {
    headers.get_all(SET_COOKIE).any(|line| is_of(line, name))
}

/// Changes the cookie of this name, and leaves the others.
fn change_cookie(headers: &mut HeaderMap, name: &str, change: impl Fn(&str) -> String) {
    if !sets_cookie(headers, name) {
        return;
    }
    let lines: Vec<HeaderValue> = headers.remove(SET_COOKIE).collect();
    for line in lines {
        let changed = match line.to_str() {
            Ok(text) if is_of(&line, name) => HeaderValue::try_from(change(text)).ok(),
            _ => None,
        };
        headers.append(SET_COOKIE, changed.unwrap_or(line));
    }
}

/// A session that could not be written: 503 rather than 500.
fn unavailable(error: Error) -> Error {
    let is_of_the_store = error.as_error::<InternalError<SaveError>>().is_some()
        || error.as_error::<InternalError<UpdateError>>().is_some();
    if !is_of_the_store {
        return error;
    }
    let reason = Reason::VerifierUnavailable("the session could not be written".into());
    refuse_without_request(reason).into()
}

/// In a session that could not be read.
const UNAVAILABLE: &str = "auth_runtime.unavailable";

#[doc(hidden)]
#[derive(Debug)]
/// A store that does not fail the request where it cannot be read: who needs no session gets an
/// answer, and who needs one gets a 503.
pub struct Patient<Store>(Store);

type State = HashMap<String, String>;

/// For how long the store is waited for.
const TIME_LIMIT: Duration = Duration::from_secs(2);

/// What the store answers, if it does in time.
async fn in_time<T, E>(
    answer: impl Future<Output = Result<T, E>>,
    late: fn(anyhow::Error) -> E,
) -> Result<T, E> {
    let answered = time_limit::in_time(TIME_LIMIT, answer.boxed_local()).await;
    answered.unwrap_or_else(|| Err(late(anyhow::anyhow!("no answer within the time limit"))))
}

impl<Store: SessionStore> SessionStore for Patient<Store> {
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        match in_time(self.0.load(key), LoadError::Other).await {
            Err(LoadError::Other(error)) => {
                tracing::warn!(target: "auth_runtime", %error, "the store of sessions does not answer");
                let unavailable = (UNAVAILABLE.to_owned(), "true".to_owned());
                Ok(Some(State::from([unavailable])))
            }
            answer => answer,
        }
    }

    async fn save(&self, state: State, ttl: &time::Duration) -> Result<SessionKey, SaveError> {
        in_time(self.0.save(state, ttl), SaveError::Other).await
    }

    async fn update(
        &self,
        key: SessionKey,
        state: State,
        ttl: &time::Duration,
    ) -> Result<SessionKey, UpdateError> {
        // What was not read is not written over.
        if state.contains_key(UNAVAILABLE) {
            let error = anyhow::anyhow!("the session was not read");
            return Err(UpdateError::Other(error));
        }
        in_time(self.0.update(key, state, ttl), UpdateError::Other).await
    }

    async fn update_ttl(&self, key: &SessionKey, ttl: &time::Duration) -> anyhow::Result<()> {
        in_time(self.0.update_ttl(key, ttl), |error| error).await
    }

    async fn delete(&self, key: &SessionKey) -> anyhow::Result<()> {
        // The login in it has been ended by its id: it opens nothing, and goes when it expires.
        if let Err(error) = in_time(self.0.delete(key), |error| error).await {
            tracing::warn!(target: "auth_runtime", %error, "an ended session could not be deleted");
        }
        Ok(())
    }
}

impl<Store: SessionStore> fmt::Debug for SessionCookies<Store> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionCookies")
            .field("sessions", &self.sessions)
            .finish_non_exhaustive()
    }
}
