//! Which challenges an answer carries.

use std::sync::OnceLock;

use actix_web::HttpRequest;
use actix_web::http::header::HeaderName;

use super::Auth;
use crate::http::challenge::{Challenge, Challenges};
use crate::http::transport::is_over_tls;
use crate::model::requirement::Access;
use crate::model::requirement::evaluate::accepts_scheme;
use crate::model::requirement::explain::{StepUp, scopes_of};
use crate::scheme::{Scheme, challenge};

const BASIC: &str = "Basic";

/// What browsers do not know, and so do not ask their user about.
const QUIET_BASIC: &str = "xBasic";

/// Who is challenged with `Basic`, at which browsers ask their user for a password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BasicPrompt {
    /// All schemes.
    #[default]
    Always,
    /// All but the scripts of a page: a request that says `Sec-Fetch-Mode`, and not `navigate`.
    NavigationOnly,
}

/// RFC 6750 §3.1. The descriptions are a closed list: no verifier's text reaches a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChallengeCause {
    AmbiguousCredentials,
    Expired,
    Invalid,
}

impl ChallengeCause {
    fn told(self) -> Told {
        match self {
            Self::AmbiguousCredentials => Told {
                error: "invalid_request",
                description: "The request presents credentials more than once",
            },
            Self::Expired => Told {
                error: "invalid_token",
                description: "The access token expired",
            },
            Self::Invalid => Told {
                error: "invalid_token",
                description: "The access token is invalid",
            },
        }
    }
}

/// The challenges of one cause, once they have been asked for.
pub(crate) type Written = OnceLock<Option<Challenges>>;

/// What went wrong, in the words of a challenge.
#[derive(Clone, Copy)]
struct Told {
    error: &'static str,
    description: &'static str,
}

/// What a challenge says behind its realm, for a scheme whose clients understand it.
#[derive(Default)]
struct Details<'a> {
    told: Option<Told>,
    scopes: &'a [&'static str],
    step_up: Option<&'a StepUp>,
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
        request: &HttpRequest,
        cause: impl Fn(&str) -> Option<ChallengeCause>,
    ) -> Option<Challenges> {
        let scopes = match access {
            Some(Access::Requires(requirement)) if self.settings().challenge_scopes => {
                scopes_of(requirement)
            }
            _ => Vec::new(),
        };
        let collect = || {
            self.collect(access, request, |scheme| Details {
                told: cause(scheme.name()).map(ChallengeCause::told),
                scopes: &scopes,
                step_up: None,
            })
        };
        if !scopes.is_empty() || access.is_some_and(Access::names_scheme) {
            return collect();
        }
        match self.written(&cause) {
            Some(written) => written.get_or_init(collect).clone(),
            None => collect(),
        }
    }

    /// Where the challenges of this cause are kept, where they depend on nothing else: not on the
    /// request, and not on which of several schemes was tried.
    fn written(&self, cause: impl Fn(&str) -> Option<ChallengeCause>) -> Option<&Written> {
        let settings = self.settings();
        if settings.has_tls_schemes || settings.basic_prompt != BasicPrompt::Always {
            return None;
        }
        let [first, others @ ..] = settings.schemes.as_slice() else {
            return None;
        };
        let cause_of = |scheme: &dyn Scheme| cause(scheme.name());
        let cause = cause_of(first.as_ref());
        let [nothing, ambiguous, expired, invalid] = &settings.written_challenges;
        let mut causes = others.iter().map(|scheme| cause_of(scheme.as_ref()));
        causes.all(|other| other == cause).then_some(match cause {
            None => nothing,
            Some(ChallengeCause::AmbiguousCredentials) => ambiguous,
            Some(ChallengeCause::Expired) => expired,
            Some(ChallengeCause::Invalid) => invalid,
        })
    }

    /// RFC 9470 §3: the challenges of the schemes that the handler accepts, which say how to
    /// authenticate where their clients understand it.
    pub(crate) fn step_up_challenges(
        &self,
        access: Option<&'static Access>,
        request: &HttpRequest,
        step_up: &StepUp,
    ) -> Option<Challenges> {
        self.collect(access, request, |_| Details {
            told: Some(Told {
                error: "insufficient_user_authentication",
                description: "A more recent or stronger authentication is required",
            }),
            scopes: &step_up.scopes,
            step_up: Some(step_up),
        })
    }

    /// RFC 6750 §3.1 `insufficient_scope`, for a principal of `scheme`; none for a scheme whose
    /// clients could do nothing with it.
    pub(crate) fn scope_challenge(
        &self,
        scheme: Option<&str>,
        scopes: &[&'static str],
    ) -> Option<Challenges> {
        let details = Details {
            told: Some(Told {
                error: "insufficient_scope",
                description: "The token lacks a required scope",
            }),
            scopes,
            step_up: None,
        };
        self.write(self.scheme_named(scheme?)?, &details)
            .map(Challenges::new)
    }

    /// The challenge of a 403 that no other credentials would change: none, unless the app reads
    /// RFC 6750 §3 as asking for one on every refused token.
    pub(crate) fn refusal_challenge(&self, scheme: Option<&str>) -> Option<Challenges> {
        if !self.settings().challenge_every_bearer_403 {
            return None;
        }
        self.challenge_of(self.scheme_named(scheme?)?)
            .map(Challenges::new)
    }

    fn collect<'a>(
        &self,
        access: Option<&'static Access>,
        request: &HttpRequest,
        details: impl Fn(&dyn Scheme) -> Details<'a>,
    ) -> Option<Challenges> {
        let settings = self.settings();
        let write = |scheme: &dyn Scheme| self.write(scheme, &details(scheme));
        // RFC 7617 §4: who is asked for a password sends it, over whatever this came.
        let is_usable = |scheme: &&dyn Scheme| {
            !scheme.requires_tls() || is_over_tls(request, Some(&settings.networks))
        };
        let offered = || self.offered(access).filter(is_usable);
        if settings.basic_prompt == BasicPrompt::Always || !is_of_a_script(request) {
            return Challenges::collect(offered().filter_map(write));
        }
        let quiet = offered().filter(|scheme| scheme.name() != BASIC);
        Challenges::collect(quiet.filter_map(write)).or_else(|| {
            // A 401 needs a challenge (RFC 9110 §15.5.2): the same under a name that no browser
            // prompts for.
            let basic = offered().find(|scheme| scheme.name() == BASIC)?;
            let quiet = Challenge::new(QUIET_BASIC).ok()?;
            let realm = settings.realm.as_str().to_owned();
            let quiet = quiet.with_if_writable("realm", realm);
            let parameters = basic.challenge_parameters().iter();
            let quiet = parameters.fold(quiet, |quiet, (name, value)| {
                quiet.with_if_writable(name, *value)
            });
            Some(Challenges::new(quiet))
        })
    }

    /// The schemes that the handler accepts, in the order of their challenges.
    fn offered(&self, access: Option<&'static Access>) -> impl Iterator<Item = &dyn Scheme> {
        self.settings()
            .challenge_order
            .iter()
            .filter_map(move |name| self.accepted(access).find(|scheme| scheme.name() == *name))
    }

    /// One challenge. The description stands last: some clients look for `scope=` in the whole
    /// line.
    fn write(&self, scheme: &dyn Scheme, details: &Details<'_>) -> Option<Challenge> {
        let mut challenge = self.challenge_of(scheme)?;
        if !scheme.explains_errors() {
            return Some(challenge);
        }
        if let Some(told) = details.told {
            challenge = challenge.with_if_writable("error", told.error);
        }
        // `offline_access` asks the authorization server for a refresh token: it is nothing that
        // a resource needs.
        let scopes: Vec<&str> = details
            .scopes
            .iter()
            .copied()
            .filter(|scope| *scope != "offline_access")
            .collect();
        challenge = challenge.with_if_writable("scope", scopes.join(" "));
        if let Some(metadata) = &self.settings().resource_metadata {
            // RFC 9728 §5.1. From the configuration, never from the request's `Host`.
            challenge = challenge.with_if_writable("resource_metadata", metadata.url().to_owned());
        }
        if let Some(step_up) = details.step_up {
            challenge = challenge.with_if_writable("acr_values", step_up.acr_values.join(" "));
            if let Some(seconds) = step_up.max_age {
                challenge = challenge.with_if_writable("max_age", seconds.to_string());
            }
        }
        Some(match details.told {
            Some(told) => challenge.with_if_writable("error_description", told.description),
            None => challenge,
        })
    }

    fn scheme_named(&self, name: &str) -> Option<&dyn Scheme> {
        self.accepted(None)
            .find(|scheme| scheme.name() == name && scheme.explains_errors())
    }

    fn challenge_of(&self, scheme: &dyn Scheme) -> Option<Challenge> {
        challenge(scheme, self.settings().realm.as_str()).ok()
    }
}

/// W3C Fetch Metadata §2.3: browsers say what a request is for, and no script can say otherwise.
/// Programs that are no browsers say nothing, and are to be asked.
fn is_of_a_script(request: &HttpRequest) -> bool {
    let mode = HeaderName::from_static("sec-fetch-mode");
    let mut lines = request.headers().get_all(mode);
    lines.any(|line| line != "navigate")
}

fn accepts(access: Option<&'static Access>, scheme: &str) -> bool {
    match access {
        Some(Access::Requires(requirement)) if requirement.names_scheme() => {
            accepts_scheme(requirement, scheme)
        }
        _ => true,
    }
}
