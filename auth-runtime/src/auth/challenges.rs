//! Which challenges an answer carries.

use super::Auth;
use crate::challenge::{Challenge, Challenges};
use crate::evaluation::accepts_scheme;
use crate::requirement::Access;
use crate::scheme::{Scheme, challenge};

/// RFC 6750 §3.1. The descriptions are a closed list: no verifier's text reaches a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChallengeCause {
    AmbiguousCredentials,
    Expired,
    Invalid,
}

impl ChallengeCause {
    fn error(self) -> &'static str {
        match self {
            Self::AmbiguousCredentials => "invalid_request",
            Self::Expired | Self::Invalid => "invalid_token",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::AmbiguousCredentials => "The request presents credentials more than once",
            Self::Expired => "The access token expired",
            Self::Invalid => "The access token is invalid",
        }
    }
}

impl Auth {
    /// The schemes that the handler accepts, in the order in which they are tried.
    pub(crate) fn accepted<'a>(
        &'a self,
        access: Option<&'static Access>,
    ) -> impl Iterator<Item = &'a dyn Scheme> {
        self.settings()
            .schemes
            .iter()
            .map(AsRef::as_ref)
            .filter(move |scheme| accepts(access, scheme.name()))
    }

    /// The challenges of the schemes that the handler accepts, each with its cause where it has
    /// one. None where the handler accepts no scheme of this configuration.
    pub(crate) fn challenges(
        &self,
        access: Option<&'static Access>,
        cause: impl Fn(&str) -> Option<ChallengeCause>,
    ) -> Option<Challenges> {
        let write = |scheme: &dyn Scheme| {
            let plain = self.challenge_of(scheme)?;
            Some(match cause(scheme.name()) {
                Some(cause) if scheme.explains_errors() => plain
                    .with_if_writable("error", cause.error())
                    .with_if_writable("error_description", cause.description()),
                _ => plain,
            })
        };
        Challenges::collect(self.offered(access).filter_map(write))
    }

    /// The schemes that the handler accepts, in the order of their challenges.
    fn offered(&self, access: Option<&'static Access>) -> impl Iterator<Item = &dyn Scheme> {
        self.settings()
            .challenge_order
            .iter()
            .filter_map(move |name| self.accepted(access).find(|scheme| scheme.name() == *name))
    }

    /// RFC 6750 §3.1 `insufficient_scope`, for a principal of `scheme`; none for a scheme whose
    /// clients could do nothing with it.
    pub(crate) fn scope_challenge(
        &self,
        scheme: Option<&str>,
        scopes: &[&str],
    ) -> Option<Challenges> {
        let scheme = self.scheme_named(scheme?)?;
        // The description stands last: some clients look for `scope=` in the whole line.
        let challenge = self
            .challenge_of(scheme)?
            .with_if_writable("error", "insufficient_scope")
            .with_if_writable("scope", scopes.join(" "))
            .with_if_writable("error_description", "The token lacks a required scope");
        Some(Challenges::new(challenge))
    }

    /// The challenge of a 403 that no other credentials would mend: none, unless the app reads
    /// RFC 6750 §3 as asking for one on every refused token.
    pub(crate) fn refusal_challenge(&self, scheme: Option<&str>) -> Option<Challenges> {
        if !self.settings().challenge_every_bearer_403 {
            return None;
        }
        self.challenge_of(self.scheme_named(scheme?)?)
            .map(Challenges::new)
    }

    fn scheme_named(&self, name: &str) -> Option<&dyn Scheme> {
        self.accepted(None)
            .find(|scheme| scheme.name() == name && scheme.explains_errors())
    }

    fn challenge_of(&self, scheme: &dyn Scheme) -> Option<Challenge> {
        challenge(scheme, self.settings().realm.as_str()).ok()
    }
}

fn accepts(access: Option<&'static Access>, scheme: &str) -> bool {
    match access {
        Some(Access::Requires(requirement)) if requirement.names_scheme() => {
            accepts_scheme(requirement, scheme)
        }
        _ => true,
    }
}
