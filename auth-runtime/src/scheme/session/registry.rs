//! Which sessions there are, and which have been ended.

use std::fmt;
use std::time::SystemTime;

use futures_util::future::LocalBoxFuture;

use crate::model::clock::Clock;
use crate::scheme::VerifyError;

/// A session of a subject, as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionInfo {
    pub(crate) id: String,
    pub(crate) subject: String,
    pub(crate) issued: SystemTime,
    pub(crate) created: SystemTime,
    pub(crate) last_used: SystemTime,
    pub(crate) ends: SystemTime,
    pub(crate) is_remembered: bool,
    pub(crate) is_current: bool,
    pub(crate) address: Option<String>,
    pub(crate) user_agent: Option<String>,
}

impl SessionInfo {
    /// By which it is ended. It is no secret: the cookie holds another key. URL-safe.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The subject that logged in.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// When the subject authenticated.
    #[must_use]
    pub fn created(&self) -> SystemTime {
        self.created
    }

    /// When it was last used, to within a minute.
    #[must_use]
    pub fn last_used(&self) -> SystemTime {
        self.last_used
    }

    /// When it ends at the latest.
    #[must_use]
    pub fn ends(&self) -> SystemTime {
        self.ends
    }

    /// Whether the caller asked to be remembered.
    #[must_use]
    pub fn is_remembered(&self) -> bool {
        self.is_remembered
    }

    /// Whether it is that of the request in which it was listed.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.is_current
    }

    /// The address of the client at login, where the app noted it.
    #[must_use]
    pub fn address(&self) -> Option<&str> {
        self.address.as_deref()
    }

    /// The browser at login, where the app noted it. Text of the client: escape it in a page.
    #[must_use]
    pub fn user_agent(&self) -> Option<&str> {
        self.user_agent.as_deref()
    }
}

/// Sessions could not be listed or ended: the store that remembers them cannot be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionError(String);

impl SessionError {
    /// Says why, for the log. Not to hold a secret.
    pub fn new(because: impl fmt::Display) -> Self {
        Self(because.to_string())
    }
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SessionError {}

impl From<SessionError> for VerifyError {
    fn from(error: SessionError) -> Self {
        Self::unavailable_because(error)
    }
}

/// The answer of a [`SessionRegistry`].
pub type Answer<'a, T> = LocalBoxFuture<'a, Result<T, SessionError>>;

/// Remembers the sessions that there are, for listing, and those that have been ended.
/// [`Revocations`](crate::oauth::revocation::Revocations) does it.
pub trait SessionRegistry: Send + Sync + 'static {
    /// Whether the session was ended, by itself or with all others of its subject.
    fn is_ended<'a>(&'a self, session: &'a SessionInfo) -> Answer<'a, bool>;

    /// Ends the session, for all servers that share the registry.
    fn end<'a>(&'a self, session: &'a SessionInfo) -> Answer<'a, ()>;

    /// Ends all sessions of the subject that were issued up to now; none of them lasts beyond
    /// `until`.
    fn end_all<'a>(&'a self, subject: &'a str, until: SystemTime) -> Answer<'a, ()>;

    /// The first time at which a session can be issued that the last [`end_all`](Self::end_all)
    /// does not end: `None` where there was none.
    fn next_issue<'a>(&'a self, subject: &'a str) -> Answer<'a, Option<SystemTime>>;

    /// Notes that there is this session, or that it was used.
    fn note<'a>(&'a self, session: &'a SessionInfo) -> Answer<'a, ()>;

    /// The sessions of the subject that were noted and have not ended, in no order.
    fn list<'a>(&'a self, subject: &'a str) -> Answer<'a, Vec<SessionInfo>>;

    /// Takes the clock of the configuration.
    fn use_clock(&self, clock: &Clock);
}
