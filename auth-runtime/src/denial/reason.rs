//! Why a request was refused.

use std::fmt;
use std::sync::Arc;

use crate::model::requirement::Requirement;
use crate::model::requirement::explain::StepUp;

/// Why a request was refused: for the log, the audit and the app, not for the client.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The client's network address is not allowed, or is unknown where it must be.
    Network,
    /// The request did not come over TLS, and the credentials that it presents, or all that would
    /// do, are for TLS alone.
    InsecureTransport,
    /// Credentials were presented twice.
    AmbiguousCredentials,
    /// Nothing was presented that the handler accepts.
    NoCredentials,
    /// A page of another origin made the browser send it, or may have (CSRF): how that shows.
    CrossOrigin(&'static str),
    /// Unknown, revoked, wrong or malformed credentials.
    InvalidCredentials,
    /// Credentials that were valid once.
    ExpiredCredentials,
    /// Too many attempts to authenticate were wrong.
    TooManyAttempts,
    /// The verifier could not answer, or did not within the time limit.
    VerifierUnavailable(Arc<str>),
    /// The verifier panicked.
    VerifierPanicked,
    /// They have to authenticate more recently or more strongly (RFC 9470).
    StepUp(StepUp),
    /// Scopes are missing: all that the operation needs.
    MissingScopes(Vec<&'static str>),
    /// This part of the requirement is not satisfied.
    Unmet(Requirement),
    /// A policy said no; its own reason, if it gave one.
    PolicyDenied(&'static str, Option<Arc<str>>),
    /// A policy returned an error or panicked.
    PolicyFailed(&'static str, Arc<str>),
    /// A condition on the arguments does not hold; its own reason, if it gave one.
    CheckDenied(&'static str, Option<Arc<str>>),
    /// A condition on the arguments returned an error or panicked.
    CheckFailed(&'static str, Arc<str>),
    /// The app is not configured so that a decision could be made.
    Misconfigured(&'static str),
    /// A handler ran without a decision; the method and route
    /// ([`DenyUnprotected`](crate::DenyUnprotected)).
    Unprotected(Arc<str>),
    /// The app itself refused, for this reason.
    App(Arc<str>),
}

impl Reason {
    /// A stable name for logs and audit events, in snake case.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::InsecureTransport => "insecure_transport",
            Self::AmbiguousCredentials => "ambiguous_credentials",
            Self::NoCredentials => "no_credentials",
            Self::CrossOrigin(_) => "cross_origin",
            Self::InvalidCredentials => "invalid_credentials",
            Self::ExpiredCredentials => "expired_credentials",
            Self::TooManyAttempts => "too_many_attempts",
            Self::VerifierUnavailable(_) => "verifier_unavailable",
            Self::VerifierPanicked => "verifier_panicked",
            Self::StepUp(_) => "insufficient_user_authentication",
            Self::MissingScopes(_) => "missing_scopes",
            Self::Unmet(_) => "requirement_not_met",
            Self::PolicyDenied(..) => "policy_denied",
            Self::PolicyFailed(..) => "policy_failed",
            Self::CheckDenied(..) => "check_denied",
            Self::CheckFailed(..) => "check_failed",
            Self::Misconfigured(_) => "misconfigured",
            Self::Unprotected(_) => "unprotected",
            Self::App(_) => "app",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network => f.write_str("the client's network address is not allowed"),
            Self::InsecureTransport => f.write_str("the request did not come over TLS"),
            Self::AmbiguousCredentials => f.write_str("credentials were presented more than once"),
            Self::NoCredentials => f.write_str("no credentials that the handler accepts"),
            Self::CrossOrigin(because) => {
                write!(f, "the request is not from this origin: {because}")
            }
            Self::InvalidCredentials => f.write_str("the credentials are not valid"),
            Self::ExpiredCredentials => f.write_str("the credentials have expired"),
            Self::TooManyAttempts => f.write_str("too many wrong credentials"),
            Self::VerifierUnavailable(because) if because.is_empty() => {
                f.write_str("the verifier is not available")
            }
            Self::VerifierUnavailable(because) => {
                write!(f, "the verifier is not available: {because}")
            }
            Self::VerifierPanicked => f.write_str("the verifier panicked"),
            Self::StepUp(step_up) => {
                f.write_str("needs an authentication")?;
                if let Some(seconds) = step_up.max_age {
                    write!(f, " at most {seconds} s ago")?;
                }
                if !step_up.acr_values.is_empty() {
                    write!(f, " by one of `{}`", step_up.acr_values.join(" "))?;
                }
                Ok(())
            }
            Self::MissingScopes(scopes) => write!(f, "needs the scopes `{}`", scopes.join(" ")),
            Self::Unmet(requirement) => write!(f, "`{requirement}` is not satisfied"),
            Self::PolicyDenied(policy, None) => write!(f, "policy `{policy}` denied"),
            Self::PolicyDenied(policy, Some(because)) => {
                write!(f, "policy `{policy}` denied: {because}")
            }
            Self::PolicyFailed(policy, because) => write!(f, "policy `{policy}` failed: {because}"),
            Self::CheckDenied(check, None) => write!(f, "check `|{check}| ..` denied"),
            Self::CheckDenied(check, Some(because)) => {
                write!(f, "check `|{check}| ..` denied: {because}")
            }
            Self::CheckFailed(check, because) => {
                write!(f, "check `|{check}| ..` failed: {because}")
            }
            Self::Misconfigured(what) => f.write_str(what),
            Self::Unprotected(route) => write!(
                f,
                "`{route}` was answered without a decision: add `#[requires_auth]`, or `#[public(reason = \"...\")]` if anyone may call it; for the page of unknown paths, use `Auth::not_found_service`"
            ),
            Self::App(because) => f.write_str(because),
        }
    }
}
