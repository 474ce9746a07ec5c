//! Who a request comes from: found out once, however many ask.

use std::panic::{AssertUnwindSafe, catch_unwind};

use actix_web::HttpRequest;
use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, Shared};

use crate::config::Auth;
use crate::enforce::time_limit::in_time;
use crate::enforce::{kit, state};
use crate::http::credentials::Credentials;
use crate::model::containment::contained;
use crate::model::principal::Principal;
use crate::model::requirement::Access;
use crate::scheme::{Attempt, Rejection, Scheme, Verification};

/// What authenticating a request came to.
pub(crate) type Outcome = Result<Principal, Refusal>;

/// Why the caller is not authenticated.
#[derive(Clone, Debug)]
pub(crate) enum Refusal {
    Network,
    Ambiguous,
    /// Credentials for TLS alone came without it.
    Insecure,
    NothingPresented,
    /// Every presented credential was rejected: by scheme, in the order in which they were tried.
    Rejected(Vec<(&'static str, Rejection)>),
}

/// An outcome, or the future that will tell it.
pub(crate) enum Identification {
    /// Found out now: whoever asked keeps it in the [`state`] for those who ask next.
    Found(Outcome),
    Known(Outcome),
    Pending(Shared<LocalBoxFuture<'static, Outcome>>),
}

/// Who asks.
#[derive(Clone, Copy)]
pub(crate) enum Asker {
    /// The guard of a handler, and its access decision where that names schemes.
    Guard(Option<&'static Access>),
    /// An extractor, in a handler that accepts every scheme.
    Extractor,
}

impl Asker {
    pub(super) fn is_guard(self) -> bool {
        matches!(self, Self::Guard(_))
    }

    /// The decision that tells which schemes are accepted, where not all are.
    pub(super) fn choosing(self) -> Option<&'static Access> {
        match self {
            Self::Guard(choosing) => choosing,
            Self::Extractor => None,
        }
    }
}

/// Finds out who the request comes from: for a guard, with the schemes that its handler accepts.
pub(crate) fn identify(auth: &Auth, request: &HttpRequest, asker: Asker) -> Identification {
    if let Some(known) = state::known(auth, request, asker) {
        return known;
    }
    match authenticate(auth, request, asker.choosing()) {
        Step::Done(outcome) => Identification::Found(outcome),
        Step::Wait(future) => {
            let shared = future.shared();
            state::keep_pending(auth, request, &shared, asker);
            Identification::Pending(shared)
        }
    }
}

enum Step {
    Done(Outcome),
    Wait(LocalBoxFuture<'static, Outcome>),
}

#[inline]
fn authenticate(auth: &Auth, request: &HttpRequest, choosing: Option<&'static Access>) -> Step {
    if !auth.permits_network(request.head()) {
        return Step::Done(Err(Refusal::Network));
    }
    let Ok(credentials) = Credentials::of(request) else {
        return Step::Done(Err(Refusal::Ambiguous));
    };
    if let Some(outcome) = kit::caller(auth, request, choosing) {
        return Step::Done(outcome);
    }
    let settings = auth.settings();
    let credentials = credentials.configured(auth.clock(), &settings.networks);
    match (settings.schemes.as_slice(), choosing) {
        // The usual case by itself: one scheme, whose credentials are valid, and known to be at once.
        ([only], None) if !settings.has_tls_schemes => {
            let scheme = only.name();
            match attempt(only.as_ref(), |scheme| scheme.authenticate(&credentials)) {
                Attempt::Presented(Verification::Ready(Ok(principal))) => {
                    let admitted = admit(auth, scheme, principal);
                    Step::Done(admitted.map_err(|rejection| rejected(scheme, rejection)))
                }
                attempt => authenticate_by(auth, scheme, attempt),
            }
        }
        _ => authenticate_by_any(auth, &credentials, choosing),
    }
}

/// Credentials that were presented and not accepted.
#[cold]
fn rejected(scheme: &'static str, rejection: Rejection) -> Refusal {
    Refusal::Rejected(vec![(scheme, rejection)])
}

/// The only scheme has been tried.
#[cold]
#[inline(never)]
fn authenticate_by(auth: &Auth, scheme: &'static str, attempt: Attempt) -> Step {
    match attempt {
        Attempt::Absent => Step::Done(Err(Refusal::NothingPresented)),
        Attempt::Ambiguous => Step::Done(Err(Refusal::Ambiguous)),
        Attempt::Presented(verification) => {
            conclude(auth, (scheme, poll_once(verification)), Vec::new())
        }
    }
}

/// All schemes that the handler accepts.
#[cold]
#[inline(never)]
fn authenticate_by_any(
    auth: &Auth,
    credentials: &Credentials<'_>,
    choosing: Option<&'static Access>,
) -> Step {
    // Before any credential is read: what was sent in clear is refused, whatever else was sent.
    let is_exposed = |scheme: &dyn Scheme| {
        scheme.requires_tls()
            && credentials.present(scheme.name(), scheme.credential_header())
            && !credentials.is_over_tls()
    };
    if auth.settings().has_tls_schemes && auth.accepted(choosing).any(is_exposed) {
        return Step::Done(Err(Refusal::Insecure));
    }
    let mut first = None;
    let mut others = Vec::new();
    for scheme in auth.accepted(choosing) {
        match attempt(scheme, |scheme| scheme.authenticate(credentials)) {
            Attempt::Absent => {}
            Attempt::Ambiguous => return Step::Done(Err(Refusal::Ambiguous)),
            Attempt::Presented(verification) => {
                let presented = (scheme.name(), poll_once(verification));
                if first.is_none() {
                    first = Some(presented);
                } else {
                    others.push(presented);
                }
            }
        }
    }
    match first {
        Some(first) => conclude(auth, first, others),
        None => Step::Done(Err(Refusal::NothingPresented)),
    }
}

/// What the presented credentials are worth.
fn conclude(
    auth: &Auth,
    (scheme, verification): (&'static str, Verification),
    mut others: Vec<(&'static str, Verification)>,
) -> Step {
    // Nearly every request: one credential, and its worth is known.
    if others.is_empty()
        && let Verification::Ready(outcome) = verification
    {
        let outcome = outcome.and_then(|principal| admit(auth, scheme, principal));
        return Step::Done(outcome.map_err(|rejection| rejected(scheme, rejection)));
    }
    others.insert(0, (scheme, verification));
    let is_known =
        |(_, verification): &(_, Verification)| matches!(verification, Verification::Ready(_));
    if others.iter().all(is_known) {
        // Nothing is awaited, so that this is ready at once.
        let judged = judge(auth.clone(), others).now_or_never();
        return Step::Done(judged.unwrap_or(Err(Refusal::NothingPresented)));
    }
    Step::Wait(judge_in_time(auth.clone(), others).boxed_local())
}

/// Finds out anew whether the request's credentials are good, for a connection that lasts longer
/// than its request: those of the scheme by which its caller was found.
pub(crate) async fn authenticate_again(
    auth: &Auth,
    request: &HttpRequest,
    scheme: Option<&'static str>,
) -> Outcome {
    if !auth.permits_network(request.head()) {
        return Err(Refusal::Network);
    }
    if let Some(outcome) = kit::caller(auth, request, None) {
        return outcome;
    }
    let credentials = Credentials::of(request).map_err(|_| Refusal::Ambiguous)?;
    let credentials = credentials.configured(auth.clock(), &auth.settings().networks);
    let scheme = auth.accepted(None).find(|one| Some(one.name()) == scheme);
    let scheme = scheme.ok_or(Refusal::NothingPresented)?;
    match attempt(scheme, |scheme| scheme.authenticate_again(&credentials)) {
        Attempt::Absent => Err(Refusal::NothingPresented),
        Attempt::Ambiguous => Err(Refusal::Ambiguous),
        Attempt::Presented(verification) => {
            judge_in_time(auth.clone(), vec![(scheme.name(), verification)]).await
        }
    }
}

/// As [`judge`], within the time limit.
async fn judge_in_time(auth: Auth, presented: Vec<(&'static str, Verification)>) -> Outcome {
    let limit = auth.settings().time_limit;
    // What the first valid one left unfinished is dropped at the end, and may panic as it is.
    let judged = AssertUnwindSafe(judge(auth, presented)).catch_unwind();
    let rejection = match in_time(limit, judged.boxed_local()).await.map(contained) {
        Some(Some(outcome)) => return outcome,
        Some(None) => Rejection::Panicked,
        None => Rejection::unavailable("no answer within the time limit"),
    };
    Err(Refusal::Rejected(vec![("", rejection)]))
}

/// A scheme that panics has accepted nothing.
fn attempt(scheme: &dyn Scheme, authenticate: impl FnOnce(&dyn Scheme) -> Attempt) -> Attempt {
    #[cfg(feature = "metrics")]
    let started = std::time::Instant::now();
    let caught = catch_unwind(AssertUnwindSafe(|| authenticate(scheme)));
    let attempt = contained(caught).unwrap_or(Attempt::Presented(Verification::Ready(Err(
        Rejection::Panicked,
    ))));
    #[cfg(feature = "metrics")]
    let attempt = crate::audit::metrics::timed(scheme.name(), started, attempt);
    attempt
}

/// An async verifier often has its answer without waiting: then nothing else has to wait either.
fn poll_once(verification: Verification) -> Verification {
    match verification {
        Verification::Pending(mut future) => {
            let caught = catch_unwind(AssertUnwindSafe(|| (&mut future).now_or_never()));
            match contained(caught) {
                Some(Some(outcome)) => Verification::Ready(outcome),
                Some(None) => Verification::Pending(future),
                None => Verification::Ready(Err(Rejection::Panicked)),
            }
        }
        ready @ Verification::Ready(_) => ready,
    }
}

/// The first valid one says who it is. They are never merged into one principal.
async fn judge(auth: Auth, presented: Vec<(&'static str, Verification)>) -> Outcome {
    let mut rejections = Vec::new();
    for (scheme, verification) in presented {
        let outcome = match verification {
            Verification::Ready(outcome) => outcome,
            Verification::Pending(future) => {
                contained(AssertUnwindSafe(future).catch_unwind().await)
                    .unwrap_or(Err(Rejection::Panicked))
            }
        };
        match outcome.and_then(|principal| admit(&auth, scheme, principal)) {
            Ok(principal) => return Ok(principal),
            Err(rejection) => rejections.push((scheme, rejection)),
        }
    }
    Err(Refusal::Rejected(rejections))
}

/// Checks what every principal must pass, whatever its verifier says: that it has not expired.
pub(crate) fn admit(
    auth: &Auth,
    scheme: &'static str,
    principal: Principal,
) -> Result<Principal, Rejection> {
    // RFC 7519 §4.1.4: not "on or after" the expiration time.
    match principal.expires_at() {
        Some(at) if at <= auth.now() => Err(Rejection::Expired),
        _ => Ok(principal.known_by(
            scheme,
            auth.settings().roles_of_app,
            auth.settings().scope_hierarchy.as_ref(),
        )),
    }
}

impl Refusal {
    /// Whether the caller is anonymous rather than refused, for those who take anonymous callers.
    pub(crate) fn is_anonymous(&self, auth: &Auth) -> bool {
        match self {
            Self::NothingPresented => true,
            Self::Rejected(rejections) => {
                let ignore_invalid_credentials = auth.settings().ignore_invalid_credentials;
                rejections.iter().all(|(_, rejection)| match rejection {
                    Rejection::Ended => true,
                    Rejection::Invalid | Rejection::Expired => ignore_invalid_credentials,
                    _ => false,
                })
            }
            Self::Network | Self::Ambiguous | Self::Insecure => false,
        }
    }
}
