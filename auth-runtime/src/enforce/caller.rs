//! The caller, for extractors: that of the guard, or else authenticated here.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::HttpRequest;
use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, Shared};

use crate::config::Auth;
use crate::denial::{Denial, Reason};
use crate::enforce::authenticate::{self, Asker, Identification, Outcome};
use crate::enforce::decide::Grounds;
use crate::enforce::finish::{self, Place};
use crate::enforce::{cross_origin, state};
use crate::model::principal::Principal;

/// What an extractor makes of the caller.
pub(crate) trait Caller: Sized {
    /// Whether it takes anonymous callers.
    const OPTIONAL: bool;

    /// `None` where the principal has no value of the type that is asked for.
    fn known(principal: Principal) -> Option<Self>;
    fn anonymous() -> Option<Self>;
}

/// The future of [`Authenticated`](crate::Authenticated) and
/// [`MaybeAuthenticated`](crate::MaybeAuthenticated).
#[derive(Debug)]
pub struct Extraction<T>(Stage<T>);

enum Stage<T> {
    Done(Option<Result<T, Denial>>),
    Pending {
        outcome: Shared<LocalBoxFuture<'static, Outcome>>,
        auth: Auth,
        request: HttpRequest,
    },
}

impl<T> std::fmt::Debug for Stage<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Done(_) => "Done",
            Self::Pending { .. } => "Pending",
        })
    }
}

impl<T> Unpin for Extraction<T> {}

impl<T: Caller> Future for Extraction<T> {
    type Output = Result<T, Denial>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Stage::Done(result) => match result.take() {
                Some(result) => Poll::Ready(result),
                // Polled again after it was ready: there is nothing more to come.
                None => Poll::Pending,
            },
            Stage::Pending {
                outcome,
                auth,
                request,
            } => {
                let outcome = std::task::ready!(outcome.poll_unpin(cx));
                state::keep_of_extractor(auth, request, outcome.clone());
                let result = conclude(outcome, auth, request);
                self.0 = Stage::Done(None);
                Poll::Ready(result)
            }
        }
    }
}

/// Starts to find the caller.
#[inline]
pub(crate) fn extraction<T: Caller>(request: &HttpRequest) -> Extraction<T> {
    // The guard of this handler has found out already.
    match state::known_to_guard(request) {
        Some(principal) => Extraction(Stage::Done(Some(of_principal(principal, request)))),
        None => without_guard(request),
    }
}

#[cold]
#[inline(never)]
fn without_guard<T: Caller>(request: &HttpRequest) -> Extraction<T> {
    let auth = match Auth::of(request) {
        Ok(auth) => auth,
        Err(missing) => {
            let refused = refuse(request, None, None, Grounds::Unconfigured(missing));
            return Extraction(Stage::Done(Some(Err(refused))));
        }
    };
    Extraction(
        match authenticate::identify(auth, request, Asker::Extractor) {
            Identification::Found(outcome) => {
                state::keep_of_extractor(auth, request, outcome.clone());
                Stage::Done(Some(conclude(outcome, auth, request)))
            }
            Identification::Known(outcome) => Stage::Done(Some(conclude(outcome, auth, request))),
            Identification::Pending(outcome) => Stage::Pending {
                outcome,
                auth: auth.clone(),
                request: request.clone(),
            },
        },
    )
}

fn conclude<T: Caller>(outcome: Outcome, auth: &Auth, request: &HttpRequest) -> Result<T, Denial> {
    let refusal = match outcome {
        Ok(principal) => {
            let (around, _) = state::around(request);
            let stated = around.map_or_else(Default::default, |rule| rule.cross_origin);
            if let Some(grounds) = cross_origin::refusal(auth, request, stated, Some(&principal)) {
                return Err(refuse(request, Some(auth), Some(&principal), grounds));
            }
            return of_principal(principal, request);
        }
        Err(refusal) => refusal,
    };
    if T::OPTIONAL
        && refusal.is_anonymous(auth)
        && let Some(anonymous) = T::anonymous()
    {
        return Ok(anonymous);
    }
    state::note_refused_extractor(request);
    let grounds = Grounds::Unauthenticated(refusal);
    Err(refuse(request, Some(auth), None, grounds))
}

#[inline]
fn of_principal<T: Caller>(principal: Principal, request: &HttpRequest) -> Result<T, Denial> {
    T::known(principal).ok_or_else(|| {
        let reason = Reason::Misconfigured(
            "the principal has no value of the type that the handler reads: attach it with `Principal::with`",
        );
        let auth = Auth::of(request).ok();
        let caller = state::known_to_guard(request);
        refuse(request, auth, caller.as_ref(), Grounds::Undecidable(reason))
    })
}

fn refuse(
    request: &HttpRequest,
    auth: Option<&Auth>,
    principal: Option<&Principal>,
    grounds: Grounds,
) -> Denial {
    let place = Place {
        request,
        rule: None,
        auth,
        principal,
    };
    finish::refuse(place, grounds)
}
