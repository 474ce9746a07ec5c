//! The session of the caller's browser, as an argument of a handler.

use std::fmt;
use std::future::{Ready, ready};

use actix_session::{Session, SessionExt as _, SessionStatus};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use crate::config::Auth;
use crate::denial::{Denial, Reason};
use crate::enforce::authenticate::Refusal;
use crate::enforce::decide::Grounds;
use crate::enforce::finish::{self, Place};
use crate::scheme::Rejection;
use crate::scheme::session::current::Current;
use crate::scheme::session::record::{CSRF_KEY, Held, Record};
use crate::scheme::session::{Login, SCHEME, SessionError, SessionInfo};

/// The session of the caller's browser: to log in and out, and to list and end the sessions of the
/// caller.
///
/// An argument of a handler, beside an attribute that says who may call it. It decides nothing by
/// itself: [`login`](Self::login) believes the app, which has verified a password.
///
/// ```
/// use actix_web::{HttpResponse, post, web};
/// use auth_runtime::prelude::*;
/// use auth_runtime::{CallerSession, Denial};
///
/// /// "Change the password, stay signed in here and out elsewhere."
/// #[post("/account/password")]
/// #[requires(max_age("5m"))]
/// async fn password(session: CallerSession, form: web::Form<()>) -> Result<HttpResponse, Denial> {
///     // .. the new password is stored ..
///     session.end_others().await?;
///     Ok(HttpResponse::SeeOther().insert_header(("Location", "/account")).finish())
/// }
/// ```
///
/// # Errors
///
/// As an argument, none. Its methods answer a [`Denial`]: 503 where the registry of sessions cannot be
/// asked, 401 where the caller has no session, 500 where the app is not wrapped in
/// [`Sessions::middleware`](crate::scheme::session::Sessions::middleware).
#[derive(Clone)]
pub struct CallerSession {
    request: HttpRequest,
    session: Session,
    current: Option<Current>,
}

impl CallerSession {
    /// Logs the caller in: the browser gets a new session of this subject.
    ///
    /// Its key is new, so that a cookie that was planted before knows nothing of the login; a
    /// session that was there before is ended. What the app keeps in the session stays, unless it
    /// was that of another subject.
    ///
    /// # Errors
    ///
    /// 503 where the registry cannot be asked: then the caller is not logged in.
    pub async fn login(&self, login: Login) -> Result<SessionInfo, Denial> {
        let current = self.current()?;
        if self.session.status() == SessionStatus::Purged {
            return Err(self.misconfigured("a login behind a logout in one request"));
        }
        let sessions = &current.sessions;
        let before = Record::of(&self.session);
        if let Held::Login(before) = &before {
            let ended = sessions.registry().end(&sessions.info(before)).await;
            ended.map_err(|error| self.unavailable(&error))?;
        }
        let record = sessions.record(&login).await;
        let record = record.map_err(|error| self.unavailable(&error))?;
        match &before {
            Held::Nothing => {}
            Held::Login(before) if before.subject == record.subject => {}
            Held::Login(_) | Held::Unreadable => self.session.clear(),
        }
        self.replace(current, record).await
    }

    /// Logs the caller in once more, because an operation asks for a more recent or stronger
    /// authentication: as [`login`](Self::login), but only for the subject that is logged in.
    ///
    /// # Errors
    ///
    /// As [`login`](Self::login); 401 where the caller has no session, and 403 where it is of
    /// another subject.
    pub async fn step_up(&self, login: Login) -> Result<SessionInfo, Denial> {
        let (_, verified) = self.verified()?;
        if verified.subject != login.subject {
            let reason = Reason::App("a step-up as another subject".into());
            return Err(self.refuse(Grounds::Forbidden(reason)));
        }
        let login = Login {
            is_remembered: login.is_remembered || verified.is_remembered,
            address: login.address.or(verified.address),
            user_agent: login.user_agent.or(verified.user_agent),
            ..login
        };
        self.login(login).await
    }

    /// Logs the caller out: the session is ended on all servers, and the browser drops its cookie.
    /// Without a session it does nothing.
    ///
    /// # Errors
    ///
    /// 503 where the registry cannot be asked: the browser drops its cookie, but a copy of it may
    /// still be taken.
    pub async fn logout(&self) -> Result<(), Denial> {
        let current = self.current()?;
        let before = Record::of(&self.session);
        self.session.purge();
        current.is_replaced.set(true);
        current.is_ended.set(true);
        if let Held::Login(before) = before {
            let ended = current.sessions.registry();
            let ended = ended.end(&current.sessions.info(&before)).await;
            ended.map_err(|error| self.unavailable(&error))?;
        }
        Ok(())
    }

    /// The sessions of the caller, the last used first.
    ///
    /// # Errors
    ///
    /// See [`CallerSession`].
    pub async fn list(&self) -> Result<Vec<SessionInfo>, Denial> {
        let (current, verified) = self.verified()?;
        let listed = current.sessions.list(&verified.subject).await;
        let mut listed = listed.map_err(|error| self.unavailable(&error))?;
        for session in &mut listed {
            session.is_current = session.id == verified.id;
        }
        Ok(listed)
    }

    /// Ends the session of the caller that has this [id](SessionInfo::id). `false` where the caller
    /// has no such session.
    ///
    /// # Errors
    ///
    /// See [`CallerSession`].
    pub async fn end(&self, id: &str) -> Result<bool, Denial> {
        let (current, verified) = self.verified()?;
        if id == verified.id {
            return self.logout().await.map(|()| true);
        }
        let ended = current.sessions.end(&verified.subject, id).await;
        ended.map_err(|error| self.unavailable(&error))
    }

    /// Ends all sessions of the caller but this one, which gets a new key.
    ///
    /// # Errors
    ///
    /// See [`CallerSession`]; then some may not have been ended.
    pub async fn end_others(&self) -> Result<(), Denial> {
        let (current, verified) = self.verified()?;
        let sessions = &current.sessions;
        let ended = sessions.end_all(&verified.subject).await;
        ended.map_err(|error| self.unavailable(&error))?;
        let login = Login::new(verified.subject.clone());
        let fresh = sessions.record(&login).await;
        let fresh = fresh.map_err(|error| self.unavailable(&error))?;
        let record = Record {
            id: fresh.id,
            issued: fresh.issued,
            ..verified
        };
        self.replace(current, record).await.map(|_| ())
    }

    /// Ends all sessions of the caller, this one too.
    ///
    /// # Errors
    ///
    /// See [`CallerSession`]; then some may not have been ended.
    pub async fn end_all(&self) -> Result<(), Denial> {
        let (current, verified) = self.verified()?;
        let ended = current.sessions.end_all(&verified.subject).await;
        self.logout().await?;
        ended.map_err(|error| self.unavailable(&error))
    }

    /// The id of the caller's session; `None` where the caller was not authenticated by one.
    #[must_use]
    pub fn id(&self) -> Option<String> {
        Some(self.current.as_ref()?.verified()?.id)
    }

    /// Writes the record under a new key.
    async fn replace(&self, current: &Current, record: Record) -> Result<SessionInfo, Denial> {
        self.session.renew();
        // What was given to the anonymous caller is not good for the known one.
        self.session.remove(CSRF_KEY);
        if !record.write(&self.session) {
            return Err(self.misconfigured("the session cannot be written"));
        }
        current.is_replaced.set(true);
        current.is_touched.set(false);
        current.is_ended.set(false);
        let mut info = current.sessions.info(&record);
        current.verified.replace(Some(record));
        // It is good without: the next request that is noted lists it.
        if let Err(error) = current.sessions.registry().note(&info).await {
            tracing::warn!(target: "auth_runtime", %error, "a session is not listed");
        }
        info.is_current = true;
        Ok(info)
    }

    fn current(&self) -> Result<&Current, Denial> {
        let current = self.current.as_ref().ok_or_else(|| {
            self.misconfigured(
                "the app is not wrapped in the middleware of its sessions: add `.wrap(sessions.middleware(store))`",
            )
        })?;
        if current.is_ambiguous {
            return Err(self.refuse(Grounds::Unauthenticated(Refusal::Ambiguous)));
        }
        if current.is_unavailable.get() {
            return Err(
                self.unavailable(&SessionError::new("the store of sessions does not answer"))
            );
        }
        Ok(current)
    }

    fn verified(&self) -> Result<(&Current, Record), Denial> {
        let current = self.current()?;
        match current.verified() {
            Some(record) => Ok((current, record)),
            None => Err(self.refuse(Grounds::Unauthenticated(Refusal::NothingPresented))),
        }
    }

    fn unavailable(&self, error: &SessionError) -> Denial {
        let rejection = Rejection::unavailable(&error.to_string());
        let rejected = Refusal::Rejected(vec![(SCHEME, rejection)]);
        self.refuse(Grounds::Unauthenticated(rejected))
    }

    fn misconfigured(&self, what: &'static str) -> Denial {
        self.refuse(Grounds::Undecidable(Reason::Misconfigured(what)))
    }

    fn refuse(&self, grounds: Grounds) -> Denial {
        let place = Place {
            request: &self.request,
            rule: None,
            auth: Auth::of(&self.request).ok(),
            principal: None,
        };
        finish::refuse(place, grounds)
    }
}

impl FromRequest for CallerSession {
    type Error = Denial;
    type Future = Ready<Result<Self, Denial>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self {
            request: request.clone(),
            session: request.get_session(),
            current: Current::of(request),
        }))
    }
}

impl fmt::Debug for CallerSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallerSession").finish_non_exhaustive()
    }
}
