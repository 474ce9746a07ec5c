//! Who a request comes from: found out once, however many ask.

use std::panic::{AssertUnwindSafe, catch_unwind};

use actix_web::http::header::HeaderName;
use actix_web::{HttpMessage as _, HttpRequest};
use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, Shared, WeakShared};

use crate::config::{Auth, ChallengeCause};
use crate::denial::{Answer, Denial, Reason};
use crate::enforce::time_limit::in_time;
use crate::http::credentials::Credentials;
use crate::model::containment::contained;
use crate::model::principal::Principal;
use crate::model::requirement::Access;
use crate::scheme::{Attempt, Rejection, Scheme, Verification};

/// What authenticating a request came to.
pub(crate) type Outcome = Result<Principal, Refusal>;

/// Why nobody is known.
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
    /// Found out now: whoever asked [`keep`]s it for those who ask next.
    Found(Outcome),
    Known(Outcome),
    Pending(Shared<LocalBoxFuture<'static, Outcome>>),
}

/// The request's memory of who it comes from. Private, so that no other layer can put one there.
struct Identity {
    auth: Auth,
    state: State,
    /// The guard of the handler found it out, by the configuration nearest to the handler.
    is_guards: bool,
    /// An extractor of the handler was refused by this identity.
    refused_an_extractor: bool,
}

enum State {
    Known(Outcome),
    /// Held by those who wait for it, and not by the request, which the future may hold in turn.
    Pending(WeakShared<LocalBoxFuture<'static, Outcome>>),
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
    fn is_guard(self) -> bool {
        matches!(self, Self::Guard(_))
    }

    /// The decision that tells which schemes are accepted, where not all are.
    fn choosing(self) -> Option<&'static Access> {
        match self {
            Self::Guard(choosing) => choosing,
            Self::Extractor => None,
        }
    }
}

/// Finds out who the request comes from: for a guard, with the schemes that its handler accepts.
pub(crate) fn identify(auth: &Auth, request: &HttpRequest, asker: Asker) -> Identification {
    // What was found out with all schemes does not serve a guard that accepts only some; but two
    // guards of one handler judge the same identity.
    let is_choosy = asker.choosing().is_some();
    if let Some(identity) = request.extensions_mut().get_mut::<Identity>()
        && identity.auth.is(auth)
        && (identity.is_guards || !is_choosy)
    {
        let found = match &identity.state {
            State::Known(outcome) => Some(Identification::Known(outcome.clone())),
            // Whoever waited for it has given up.
            State::Pending(shared) => shared.upgrade().map(Identification::Pending),
        };
        if let Some(found) = found {
            identity.is_guards |= asker.is_guard();
            return found;
        }
    }
    #[cfg(feature = "sweep")]
    if let Some(outcome) = crate::enforce::kit::probe::identify(auth, request, asker.choosing()) {
        return Identification::Found(outcome);
    }
    match authenticate(auth, request, asker.choosing()) {
        Step::Done(outcome) => Identification::Found(outcome),
        Step::Wait(future) => {
            let shared = future.shared();
            if let Some(weak) = shared.downgrade() {
                insert(auth, request, State::Pending(weak), asker.is_guard());
            }
            Identification::Pending(shared)
        }
    }
}

/// Replaces a pending state by its outcome.
pub(crate) fn settle(auth: &Auth, request: &HttpRequest, outcome: &Outcome, is_guards: bool) {
    keep(auth, request, outcome.clone(), is_guards);
}

/// Keeps what was found out for those who ask next.
///
/// Whom the guard found stays: an extractor that asked before it, of all schemes or of another
/// configuration, may come to its outcome behind it, and the handler is called for one caller.
pub(crate) fn keep(auth: &Auth, request: &HttpRequest, outcome: Outcome, is_guards: bool) {
    let mut extensions = request.extensions_mut();
    match extensions.get_mut::<Identity>() {
        Some(identity) if identity.is_guards && !is_guards => {}
        Some(identity) if identity.auth.is(auth) => {
            identity.state = State::Known(outcome);
            identity.is_guards |= is_guards;
        }
        _ => {
            drop(extensions);
            insert(auth, request, State::Known(outcome), is_guards);
        }
    }
}

fn insert(auth: &Auth, request: &HttpRequest, state: State, is_guards: bool) {
    request.extensions_mut().insert(Identity {
        auth: auth.clone(),
        state,
        is_guards,
        refused_an_extractor: false,
    });
}

/// The principal that the guard of this request's handler found, if there is a guard.
pub(crate) fn known_to_guard(request: &HttpRequest) -> Option<Principal> {
    match request.extensions().get::<Identity>()? {
        Identity {
            state: State::Known(Ok(principal)),
            is_guards: true,
            ..
        } => Some(principal.clone()),
        _ => None,
    }
}

/// Notes that an extractor of the handler was refused, so that a handler that swallows the error
/// is not called (`Option<Authenticated>` behind a type alias).
pub(crate) fn note_refused_extractor(request: &HttpRequest) {
    if let Some(identity) = request.extensions_mut().get_mut::<Identity>() {
        identity.refused_an_extractor = true;
    }
}

/// Forgets that an extractor was refused before the handler's own: that of a middleware, which may
/// do without a caller.
pub(crate) fn forget_refused_extractor(request: &HttpRequest) {
    if let Some(identity) = request.extensions_mut().get_mut::<Identity>() {
        identity.refused_an_extractor = false;
    }
}

/// The refusal that an extractor of the handler met, whether or not the handler minds.
pub(crate) fn swallowed_refusal(request: &HttpRequest) -> Option<(Auth, Refusal)> {
    let extensions = request.extensions();
    match extensions.get::<Identity>()? {
        Identity {
            auth,
            state: State::Known(Err(refusal)),
            refused_an_extractor: true,
            ..
        } => Some((auth.clone(), refusal.clone())),
        _ => None,
    }
}

/// What a cache has to know of how a request was identified.
pub(crate) struct CredentialHeaders {
    /// The headers other than `Authorization` in which credentials were looked for.
    pub(crate) offered: Vec<HeaderName>,
    /// Whether the caller is known by one of them.
    pub(crate) is_known_by_one: bool,
}

/// The headers other than `Authorization` by which this request could be identified; `None` where
/// nobody asked who it comes from, or there are none.
pub(crate) fn credential_headers(request: &HttpRequest) -> Option<CredentialHeaders> {
    let extensions = request.extensions();
    let identity = extensions.get::<Identity>()?;
    let mut offered = Vec::new();
    let mut is_known_by_one = false;
    for scheme in identity.auth.accepted(None) {
        if let Some(header) = scheme.credential_header() {
            offered.push(header.clone());
            is_known_by_one |= matches!(
                &identity.state,
                State::Known(Ok(principal)) if principal.scheme() == Some(scheme.name())
            );
        }
    }
    (!offered.is_empty()).then_some(CredentialHeaders {
        offered,
        is_known_by_one,
    })
}

enum Step {
    Done(Outcome),
    Wait(LocalBoxFuture<'static, Outcome>),
}

fn authenticate(auth: &Auth, request: &HttpRequest, choosing: Option<&'static Access>) -> Step {
    if !auth.permits_network(request.head()) {
        return Step::Done(Err(Refusal::Network));
    }
    let Ok(credentials) = Credentials::of(request) else {
        return Step::Done(Err(Refusal::Ambiguous));
    };
    #[cfg(feature = "testing")]
    if let Some(principal) = crate::enforce::kit::impersonation::principal_of(request) {
        return Step::Done(impersonate(auth, choosing, principal));
    }
    let credentials = credentials.configured(auth.clock(), &auth.settings().networks);
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
        match attempt(scheme, &credentials) {
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
    let Some((scheme, verification)) = first else {
        return Step::Done(Err(Refusal::NothingPresented));
    };
    // Nearly every request: one credential, and its worth is known.
    if others.is_empty()
        && let Verification::Ready(outcome) = verification
    {
        let outcome = outcome.and_then(|principal| admit(auth, scheme, principal));
        return Step::Done(
            outcome.map_err(|rejection| Refusal::Rejected(vec![(scheme, rejection)])),
        );
    }
    others.insert(0, (scheme, verification));
    let is_known =
        |(_, verification): &(_, Verification)| matches!(verification, Verification::Ready(_));
    if others.iter().all(is_known) {
        // Nothing is awaited, so that this is ready at once.
        let judged = judge(auth.clone(), others).now_or_never();
        return Step::Done(judged.unwrap_or(Err(Refusal::NothingPresented)));
    }
    let limit = auth.settings().time_limit;
    // What the first valid one left unfinished is dropped at the end, and may panic as it is.
    let judged = AssertUnwindSafe(judge(auth.clone(), others)).catch_unwind();
    Step::Wait(
        async move {
            let rejection = match in_time(limit, judged.boxed_local()).await.map(contained) {
                Some(Some(outcome)) => return outcome,
                Some(None) => Rejection::Panicked,
                None => Rejection::unavailable("no answer within the time limit"),
            };
            Err(Refusal::Rejected(vec![("", rejection)]))
        }
        .boxed_local(),
    )
}

/// A principal of the test kit, as if a scheme of the app had found it.
#[cfg(feature = "testing")]
fn impersonate(auth: &Auth, choosing: Option<&'static Access>, principal: Principal) -> Outcome {
    let mut names = auth.accepted(choosing).map(Scheme::name);
    let found = match principal.scheme() {
        Some(wanted) => names.find(|name| *name == wanted),
        None => names.next(),
    };
    let scheme = found.ok_or(Refusal::NothingPresented)?;
    admit(auth, scheme, principal).map_err(|rejection| Refusal::Rejected(vec![(scheme, rejection)]))
}

/// A scheme that panics has accepted nobody.
fn attempt(scheme: &dyn Scheme, credentials: &Credentials<'_>) -> Attempt {
    #[cfg(feature = "metrics")]
    let started = std::time::Instant::now();
    let caught = catch_unwind(AssertUnwindSafe(|| scheme.authenticate(credentials)));
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
        _ => Ok(principal
            .by_scheme(scheme)
            .with_grants_of_roles(auth.settings().grants_of_roles)
            .with_scope_hierarchy(auth.settings().scope_hierarchy.clone())),
    }
}

impl Refusal {
    /// Whether this is nobody rather than somebody who was refused, for those who take nobody.
    pub(crate) fn is_nobody(&self, auth: &Auth) -> bool {
        match self {
            Self::NothingPresented => true,
            Self::Rejected(rejections) => {
                let is_invalid = |(_, rejection): &(_, Rejection)| {
                    matches!(rejection, Rejection::Invalid | Rejection::Expired)
                };
                auth.settings().lenient && rejections.iter().all(is_invalid)
            }
            Self::Network | Self::Ambiguous | Self::Insecure => false,
        }
    }

    /// The denial that this is for a handler with this access.
    pub(crate) fn into_denial(
        self,
        auth: &Auth,
        access: Option<&'static Access>,
        request: &HttpRequest,
    ) -> Denial {
        let rejections = match self {
            Self::Network => return Denial::new(Answer::Forbidden(None), Reason::Network),
            Self::Ambiguous => {
                let cause = |_: &str| Some(ChallengeCause::AmbiguousCredentials);
                let challenges = auth.challenges(access, request, cause);
                return Denial::new(Answer::Malformed(challenges), Reason::AmbiguousCredentials);
            }
            Self::Insecure => return insecure(),
            Self::NothingPresented => {
                // RFC 6750 §3.1: without credentials there is no error to tell of.
                return unauthenticated(auth, access, request, |_| None, Reason::NoCredentials);
            }
            Self::Rejected(rejections) => rejections,
        };
        for (_, rejection) in &rejections {
            match rejection {
                Rejection::Panicked => {
                    return Denial::new(Answer::Undecidable, Reason::VerifierPanicked);
                }
                Rejection::Unavailable {
                    retry_after,
                    because,
                } => {
                    return Denial::new(
                        Answer::Unavailable {
                            retry_after: *retry_after,
                        },
                        Reason::VerifierUnavailable(because.clone()),
                    );
                }
                Rejection::Invalid | Rejection::Expired => {}
            }
        }
        let expired = rejections
            .first()
            .is_some_and(|(_, first)| *first == Rejection::Expired);
        let reason = if expired {
            Reason::ExpiredCredentials
        } else {
            Reason::InvalidCredentials
        };
        let cause = |name: &str| {
            let (_, rejection) = rejections.iter().find(|(scheme, _)| *scheme == name)?;
            Some(match rejection {
                Rejection::Expired => ChallengeCause::Expired,
                _ => ChallengeCause::Invalid,
            })
        };
        unauthenticated(auth, access, request, cause, reason)
    }
}

/// RFC 9110 §15.5.4: no credentials would do, so that there is nothing to ask for.
fn insecure() -> Denial {
    Denial::new(Answer::Forbidden(None), Reason::InsecureTransport)
}

fn unauthenticated(
    auth: &Auth,
    access: Option<&'static Access>,
    request: &HttpRequest,
    cause: impl Fn(&str) -> Option<ChallengeCause>,
    reason: Reason,
) -> Denial {
    match auth.challenges(access, request, cause) {
        Some(challenges) => Denial::new(Answer::Unauthenticated(challenges), reason),
        None if auth.accepted(access).any(Scheme::requires_tls) => insecure(),
        // Nobody could ever get in, whatever they present.
        None => Denial::new(
            Answer::Undecidable,
            Reason::Misconfigured("the handler accepts no scheme of this configuration"),
        ),
    }
}
