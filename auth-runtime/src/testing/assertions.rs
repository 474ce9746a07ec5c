//! What came of a request, asserted.

use std::fmt;

use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;

use crate::denial::{Answer, Denial, Reason};
use crate::enforce::kit;
use crate::model::requirement::Requirement;

/// Asserts that the guard of a handler let the request in.
///
/// A handler that was let in may still answer 404 for itself; an app that has no such path has
/// decided nothing, and the assertion fails.
///
/// ```no_run
/// # use actix_web::{App, test::{TestRequest, call_service, init_service}};
/// # use auth_runtime::{Principal, assert_granted, testing::TestRequestExt as _};
/// # async fn test() {
/// # let app = init_service(App::new()).await;
/// let request = TestRequest::with_uri("/admin").principal(Principal::new("ada").role("admin"));
/// assert_granted!(call_service(&app, request.to_request()).await);
/// # }
/// ```
#[macro_export]
macro_rules! assert_granted {
    ($response:expr $(,)?) => {
        match $crate::testing::check_granted(&$response) {
            ::core::result::Result::Ok(()) => {}
            ::core::result::Result::Err(message) => ::core::panic!("{}", message),
        }
    };
}

/// Asserts that the request was refused, and why: one of the variants of
/// [`Denied`](crate::testing::Denied), or one of several joined by `|`.
///
/// ```no_run
/// # use actix_web::{App, test::{TestRequest, call_service, init_service}};
/// # use auth_runtime::assert_denied;
/// # async fn test() {
/// # let app = init_service(App::new()).await;
/// let response = call_service(&app, TestRequest::with_uri("/admin").to_request()).await;
/// assert_denied!(response, Unauthenticated);
/// assert_denied!(response, MissingRole("admin") | NoCredentials);
/// # }
/// ```
#[macro_export]
macro_rules! assert_denied {
    ($response:expr, $($kind:ident $(($argument:expr))?)|+ $(,)?) => {
        match $crate::testing::check_denied(
            &$response,
            &[$($crate::testing::Denied::$kind $(($argument))?),+],
        ) {
            ::core::result::Result::Ok(()) => {}
            ::core::result::Result::Err(message) => ::core::panic!("{}", message),
        }
    };
}

/// Why a request was refused, as a test says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Denied<'a> {
    /// 401, for whatever reason.
    Unauthenticated,
    /// 403, for whatever reason.
    Forbidden,
    /// The app's own 404, because the handler hides; whatever the reason.
    Hidden,
    /// 429: too many attempts were wrong.
    TooMany,
    /// 503: it cannot be told who it is.
    Unavailable,
    /// 500: no decision could be made.
    Undecidable,
    /// Nothing was presented that the handler accepts.
    NoCredentials,
    /// The credentials are not valid.
    InvalidCredentials,
    /// The credentials were valid once.
    ExpiredCredentials,
    /// Credentials were presented twice.
    AmbiguousCredentials,
    /// The network address is not allowed.
    Network,
    /// This role is missing, or is one of those of which one is needed.
    MissingRole(&'a str),
    /// This scope is missing, or is one of those of which one is needed.
    MissingScope(&'a str),
    /// This permission is missing, or is one of those of which one is needed.
    MissingPermission(&'a str),
    /// The policy of this name said no.
    PolicyDenied(&'a str),
    /// The policy of this name could not answer.
    PolicyFailed(&'a str),
    /// A check on the handler's arguments said no.
    CheckDenied,
    /// A check on the handler's arguments could not answer.
    CheckFailed,
    /// The authentication is too old or too weak: `max_age(..)` or `acr(..)`.
    StepUp,
    /// The handler ran without a decision, and `DenyUnprotected` withheld its answer
    /// ([`DenyUnprotected`](crate::DenyUnprotected)).
    Unprotected,
    /// The handler itself refused, with [`Denial::forbidden`].
    ByHandler,
}

impl Denied<'_> {
    /// Whether a denial is of this kind.
    #[must_use]
    pub fn is(&self, denial: &Denial) -> bool {
        let (answer, reason) = (denial.answer(), denial.reason());
        match self {
            Self::Unauthenticated => matches!(answer, Answer::Unauthenticated(_)),
            Self::Forbidden => matches!(answer, Answer::Forbidden(_)),
            Self::Hidden => *answer == Answer::Hidden,
            Self::TooMany => matches!(answer, Answer::TooMany { .. }),
            Self::Unavailable => matches!(answer, Answer::Unavailable { .. }),
            Self::Undecidable => *answer == Answer::Undecidable,
            Self::NoCredentials => *reason == Reason::NoCredentials,
            Self::InvalidCredentials => *reason == Reason::InvalidCredentials,
            Self::ExpiredCredentials => *reason == Reason::ExpiredCredentials,
            Self::AmbiguousCredentials => *reason == Reason::AmbiguousCredentials,
            Self::Network => *reason == Reason::Network,
            Self::MissingRole(name) => asks(reason, |part| match part {
                Requirement::Role(held) => held == name,
                Requirement::TypedRole(role) => role.set().name == *name,
                _ => false,
            }),
            Self::MissingScope(name) => {
                matches!(reason, Reason::MissingScopes(scopes) if scopes.contains(name))
                    || asks(
                        reason,
                        |part| matches!(part, Requirement::Scope(held) if held == name),
                    )
            }
            Self::MissingPermission(name) => asks(
                reason,
                |part| matches!(part, Requirement::Permission(held) if held == name),
            ),
            Self::PolicyDenied(name) => {
                matches!(reason, Reason::PolicyDenied(policy, _) if policy == name)
            }
            Self::PolicyFailed(name) => {
                matches!(reason, Reason::PolicyFailed(policy, _) if policy == name)
            }
            Self::CheckDenied => matches!(reason, Reason::CheckDenied(..)),
            Self::CheckFailed => matches!(reason, Reason::CheckFailed(..)),
            Self::StepUp => matches!(reason, Reason::StepUp(_)),
            Self::Unprotected => matches!(reason, Reason::Unprotected(_)),
            Self::ByHandler => matches!(reason, Reason::App(_)),
        }
    }
}

/// Whether what is not met asks for such a part, and not for its absence.
fn asks(reason: &Reason, is_wanted: impl Fn(&Requirement) -> bool) -> bool {
    let Reason::Unmet(requirement) = reason else {
        return false;
    };
    let mut rest = vec![requirement];
    while let Some(part) = rest.pop() {
        match part {
            Requirement::All(parts) | Requirement::Any(parts) => rest.extend(*parts),
            Requirement::Named(part) => rest.push(part.requirement),
            part if is_wanted(part) => return true,
            _ => {}
        }
    }
    false
}

/// What came back from an app: the response of `call_service`.
pub trait Answered {
    /// The refusal, where it is one.
    fn denial(&self) -> Option<&Denial>;

    /// Whether the guard of a handler let the request in.
    fn was_granted(&self) -> bool;

    /// The status.
    fn status(&self) -> StatusCode;
}

impl<B> Answered for ServiceResponse<B> {
    fn denial(&self) -> Option<&Denial> {
        self.response().error()?.as_error()
    }

    fn was_granted(&self) -> bool {
        kit::was_granted(self.request())
    }

    fn status(&self) -> StatusCode {
        ServiceResponse::status(self)
    }
}

/// The outcome, for a message.
struct Told<'a, R>(&'a R);

impl<R: Answered> fmt::Display for Told<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.denial(), self.0.was_granted()) {
            (Some(denial), _) => {
                write!(f, "it was denied: {denial}")?;
                if *denial.reason() == Reason::Network {
                    f.write_str("; a test request has one with `.peer_addr(..)`")?;
                }
                Ok(())
            }
            (None, true) => write!(f, "it was granted: {}", self.0.status()),
            (None, false) => write!(f, "nothing was decided: {}", self.0.status()),
        }
    }
}

/// For `assert_granted!`.
///
/// # Errors
///
/// The message of the failed assertion.
pub fn check_granted<R: Answered>(response: &R) -> Result<(), String> {
    match (response.denial(), response.was_granted()) {
        (None, true) => Ok(()),
        _ => Err(format!(
            "expected that access is granted, but {}",
            Told(response)
        )),
    }
}

/// For `assert_denied!`.
///
/// # Errors
///
/// The message of the failed assertion.
pub fn check_denied<R: Answered>(response: &R, expected: &[Denied<'_>]) -> Result<(), String> {
    match response.denial() {
        Some(denial) if expected.iter().any(|kind| kind.is(denial)) => Ok(()),
        _ => {
            let expected: Vec<_> = expected.iter().map(|kind| format!("{kind:?}")).collect();
            Err(format!(
                "expected that access is denied by {}, but {}",
                expected.join(" or "),
                Told(response)
            ))
        }
    }
}
