//! A login that the app has verified.

use std::net::IpAddr;

/// Who has logged in, and how: what [`CallerSession::login`](crate::CallerSession::login) writes
/// into the session.
///
/// ```
/// use auth_runtime::scheme::session::Login;
///
/// let login = Login::new("ada").amr("pwd").amr("otp").acr("urn:example:two-factors").remember(true);
/// ```
#[derive(Clone, Debug)]
#[must_use = "a login takes effect when it is given to `CallerSession::login`"]
pub struct Login {
    pub(crate) subject: String,
    pub(crate) amr: Vec<String>,
    pub(crate) acr: Option<String>,
    pub(crate) is_remembered: bool,
    pub(crate) address: Option<String>,
    pub(crate) user_agent: Option<String>,
}

/// What is kept of a text of the client, in bytes: the session may be in a cookie.
const MAX_TEXT: usize = 200;

impl Login {
    /// A login of this subject, which is what the loader of [`Sessions`](super::Sessions) is asked for.
    pub fn new(subject: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            amr: Vec::new(),
            acr: None,
            is_remembered: false,
            address: None,
            user_agent: None,
        }
    }

    /// Adds a method by which the subject authenticated, such as `pwd` or `otp` (RFC 8176). The
    /// principal has them as the claim `amr`.
    pub fn amr(mut self, method: impl Into<String>) -> Self {
        self.amr.push(method.into());
        self
    }

    /// Sets the class of the authentication, which `acr(..)` in a requirement asks for.
    pub fn acr(mut self, class: impl Into<String>) -> Self {
        self.acr = Some(class.into());
        self
    }

    /// Keeps the caller known after the limits of an ordinary session have passed, for as long as
    /// [`remember_for`](super::Sessions::remember_for) says. By default it is not.
    ///
    /// A remembered caller is authenticated, but not freshly: from the first limit on `max_age(..)`
    /// and `acr(..)` are not met, until the caller logs in or steps up.
    pub fn remember(mut self, on: bool) -> Self {
        self.is_remembered = on;
        self
    }

    /// Notes the address of the client, for the list of sessions.
    pub fn address(mut self, address: IpAddr) -> Self {
        self.address = Some(address.to_string());
        self
    }

    /// Notes the browser, for the list of sessions: the header `User-Agent`, or what the app makes
    /// of it. The first 200 bytes are kept.
    pub fn user_agent(mut self, text: &str) -> Self {
        let mut end = text.len().min(MAX_TEXT);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.user_agent = text.get(..end).map(str::to_owned);
        self
    }
}
