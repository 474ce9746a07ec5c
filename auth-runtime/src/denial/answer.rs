//! The answer to a refused request.

use std::fmt;
use std::time::Duration;

use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{ConnectionType, StatusCode};
use actix_web::{HttpResponse, ResponseError};

use super::render::{NO_STORE, problem_json};
use super::{Reason, Rendered, UnknownPath};
use crate::http::challenge::{Challenge, Challenges};

/// A refused request: which status, with which challenges, and why.
///
/// The guard makes it, and it becomes the response by itself. It is public so that an app can
/// recognise it (`error.as_error::<Denial>()`), render it its own way ([`RenderDenial`](super::RenderDenial)), and
/// refuse from inside a handler with the same look ([`Denial::forbidden`]).
///
/// There is no way to make a 401 without a challenge: [`Answer::Unauthenticated`] holds at least
/// one (RFC 9110 §15.5.2).
pub struct Denial(Box<Parts>);

/// Behind one pointer: a `Result` with a denial is small where there is none.
struct Parts {
    answer: Answer,
    reason: Reason,
    detail: Option<String>,
    look: Look,
}

/// What the client is told.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// 400: the credentials cannot be told apart.
    Malformed(Option<Challenges>),
    /// 401: the caller is unauthenticated, the credentials are invalid, or the caller has to authenticate
    /// more recently or more strongly.
    Unauthenticated(Challenges),
    /// 403: authenticated but not authorized, or the network is blocked. A challenge only where other
    /// credentials of the same person would help.
    Forbidden(Option<Challenges>),
    /// 303 in the place of a 401: the browser is sent to the login page, with this `Location`.
    SeeOther(String),
    /// 404: the app's own answer to an unknown path.
    Hidden,
    /// 500: no decision could be made.
    Undecidable,
    /// 429: too many attempts to authenticate were wrong, and this one was not looked at.
    TooMany {
        /// When to try again, in whole seconds on the wire.
        retry_after: Duration,
    },
    /// 503: it cannot be told now who it is.
    Unavailable {
        /// When to try again, in whole seconds on the wire.
        retry_after: Duration,
    },
}

/// What the response looks like.
enum Look {
    /// The default: a problem document.
    Plain,
    /// As the app's other denials.
    Rendered(Rendered),
    /// As an unknown path.
    Unknown {
        path: Option<UnknownPath>,
        /// The connection ends, for the body was not read.
        closes: bool,
    },
}

/// Marks a response that looks like that of an unknown path.
struct Hidden;

/// Whether this is the response to a hidden denial.
pub(crate) fn is_hidden<B>(response: &HttpResponse<B>) -> bool {
    response.extensions().contains::<Hidden>()
}

impl Denial {
    pub(crate) fn new(answer: Answer, reason: Reason) -> Self {
        Self(Box::new(Parts {
            answer,
            reason,
            detail: None,
            look: Look::Plain,
        }))
    }

    /// The same in the look of the app.
    pub(crate) fn rendered(mut self, rendered: Rendered) -> Self {
        self.0.look = Look::Rendered(rendered);
        self
    }

    /// The same, but the browser is sent elsewhere.
    pub(crate) fn redirected(mut self, location: String) -> Self {
        self.0.answer = Answer::SeeOther(location);
        self
    }

    pub(crate) fn explained(mut self, detail: Option<String>) -> Self {
        self.0.detail = detail;
        self
    }

    /// The same as if there were nothing at this path: without an app's answer to that, as
    /// actix-web answers.
    pub(crate) fn hidden(mut self, path: Option<UnknownPath>, closes: bool) -> Self {
        self.0.answer = Answer::Hidden;
        self.0.look = Look::Unknown { path, closes };
        self
    }

    /// A 403 from inside a handler, for the reason given (for the log; the client does not see it).
    ///
    /// The body is a problem document. For a rule that depends on the request alone, a
    /// `policy(..)` in the attribute decides before the body is read.
    #[must_use]
    pub fn forbidden(because: impl Into<String>) -> Self {
        Self::new(Answer::Forbidden(None), Reason::App(because.into().into()))
    }

    /// What the client is told.
    #[must_use]
    pub fn answer(&self) -> &Answer {
        &self.0.answer
    }

    /// Why, for the log.
    #[must_use]
    pub fn reason(&self) -> &Reason {
        &self.0.reason
    }

    /// The challenges of the response, most preferred first; none where the status has none.
    pub fn challenges(&self) -> impl Iterator<Item = &Challenge> {
        self.all_challenges().into_iter().flat_map(Challenges::iter)
    }

    /// The status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self.0.answer {
            Answer::Malformed(_) => StatusCode::BAD_REQUEST,
            Answer::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
            Answer::Forbidden(_) => StatusCode::FORBIDDEN,
            Answer::SeeOther(_) => StatusCode::SEE_OTHER,
            Answer::Hidden => StatusCode::NOT_FOUND,
            Answer::Undecidable => StatusCode::INTERNAL_SERVER_ERROR,
            // RFC 6585 §4.
            Answer::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Answer::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What the body says, where denials are explained.
    pub(super) fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// The `error` code of the challenges (RFC 6750 §3.1), where one has it.
    #[must_use]
    pub fn error(&self) -> Option<&'static str> {
        const CODES: [&str; 4] = [
            "invalid_request",
            "invalid_token",
            "insufficient_scope",
            // RFC 9470 §3.
            "insufficient_user_authentication",
        ];
        let code = self
            .challenges()
            .find_map(|challenge| challenge.get("error"))?;
        CODES.into_iter().find(|known| *known == code)
    }

    fn all_challenges(&self) -> Option<&Challenges> {
        match &self.0.answer {
            Answer::Unauthenticated(challenges)
            | Answer::Malformed(Some(challenges))
            | Answer::Forbidden(Some(challenges)) => Some(challenges),
            _ => None,
        }
    }

    /// Sets what is not the renderer's to choose: the status, the challenges, and how it is cached.
    /// The body of an answer to `HEAD` is left out by the server, which keeps its length
    /// (RFC 9110 §9.3.2).
    fn finish(&self, mut response: HttpResponse, is_of_the_app: bool) -> HttpResponse {
        if is_of_the_app {
            *response.status_mut() = self.status();
            let headers = response.headers_mut();
            headers.remove(header::WWW_AUTHENTICATE);
            headers.remove(header::RETRY_AFTER);
        }
        let headers = response.headers_mut();
        for line in self
            .all_challenges()
            .map(Challenges::lines)
            .unwrap_or_default()
        {
            // One line each: several in one line confuse widely used clients, although
            // RFC 9110 §11.6.1 allows it.
            headers.append(header::WWW_AUTHENTICATE, line.clone());
        }
        if let Answer::Unavailable { retry_after } | Answer::TooMany { retry_after } = self.0.answer
        {
            // RFC 9110 §10.2.3: delay-seconds.
            let seconds = retry_after.as_secs().max(1);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Answer::SeeOther(location) = &self.0.answer
            && let Ok(location) = HeaderValue::try_from(location)
        {
            headers.insert(header::LOCATION, location);
        }
        headers.insert(header::CACHE_CONTROL, NO_STORE.clone());
        response
    }
}

impl ResponseError for Denial {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        if let Answer::SeeOther(_) = self.0.answer {
            return self.finish(HttpResponse::SeeOther().finish(), false);
        }
        match &self.0.look {
            Look::Plain => self.finish(problem_json(self), false),
            Look::Rendered(rendered) => {
                self.finish(rendered.render(self), rendered.is_of_the_app())
            }
            Look::Unknown { path, closes } => {
                let mut response = match path {
                    Some(path) => path.render(),
                    None => HttpResponse::NotFound().finish(),
                };
                if *closes {
                    let head = response.head_mut();
                    head.set_connection_type(ConnectionType::Close);
                }
                response.extensions_mut().insert(Hidden);
                response
            }
        }
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status(), self.0.reason)
    }
}

impl std::error::Error for Denial {}

impl fmt::Debug for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Denial")
            .field("answer", &self.0.answer)
            .field("reason", &self.0.reason)
            .finish_non_exhaustive()
    }
}
