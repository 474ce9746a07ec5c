//! Deciding whether a request may go on, in the order in which answers are given: network (403),
//! credentials (400, 401, 503), how they authenticated (401), requirement (403). Nothing of what
//! is guarded has been touched so far.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::SystemTime;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;

use crate::config::{Auth, MissingAuth};
use crate::denial::{Denial, Reason};
use crate::enforce::ask::Asking;
use crate::enforce::authenticate::{self, Asker, Identification, Outcome, Refusal};
use crate::enforce::decide::{Answers, Grounds, Ruling, decide};
use crate::enforce::finish::{self, Place};
use crate::enforce::rule::Rule;
use crate::enforce::{cross_origin, kit, state};
use crate::http::body::{self, HeldBody, Progress};
use crate::model::principal::Principal;
use crate::model::requirement::Access;

/// Refused, granted, or granted as soon as the checks of the arguments allow it. Whichever it is,
/// it has been told.
pub(crate) type Entry = Result<Option<Box<Asking>>, Denial>;

/// A decision, or the future that will tell it.
pub(crate) enum Step {
    /// The body is where it was.
    Ready(Entry),
    /// The body has been taken, and comes back with the decision.
    Pending(Box<Deciding>),
}

/// Decides whether what this rule guards may have the request.
#[inline]
pub(crate) fn admit(request: &HttpRequest, rule: &'static Rule, payload: &mut Payload) -> Step {
    let step = if rule.hide {
        admit_hidden(request, rule, payload)
    } else {
        match start(request, rule) {
            Next::Ready(entry) => Step::Ready(entry),
            Next::Wait(decision) => wait_inside(request, rule, payload, decision),
        }
    };
    kit::decided(request, rule, step)
}

#[inline]
fn start(request: &HttpRequest, rule: &'static Rule) -> Next {
    match Auth::of(request) {
        Ok(auth) => authorize(request, rule, auth),
        Err(missing) => unconfigured(request, rule, missing),
    }
}

/// The same where refusals look like an unknown path, to the connection as well.
///
/// Where unknown paths have the configuration's own answer, both wait until what lay in the same
/// buffer as the head has been parsed. Where actix-web answers them, it does so at once: then this
/// ends the connection where that would.
#[cold]
#[inline(never)]
fn admit_hidden(request: &HttpRequest, rule: &'static Rule, payload: &mut Payload) -> Step {
    let progress = body::progress(payload);
    let is_settled = body::is_settled(payload, progress);
    if !is_settled && Auth::of(request).is_ok_and(Auth::answers_unknown_paths) {
        state::hide(request, false);
        let owned = request.clone();
        let decision = async move {
            match start(&owned, rule) {
                Next::Ready(entry) => entry,
                Next::Wait(entry) => entry.await,
            }
        };
        return wait(request, rule, payload, decision.boxed_local(), true);
    }
    state::hide(request, body::closes(request, payload, progress));
    match start(request, rule) {
        Next::Wait(_) if progress == Progress::Broken => {
            Step::Ready(Err(refuse_unreadable(request, rule)))
        }
        Next::Wait(decision) => wait(request, rule, payload, decision, false),
        Next::Ready(entry) => Step::Ready(entry),
    }
}

/// The decision, before it is known whether the body has to wait for it.
enum Next {
    Ready(Entry),
    Wait(LocalBoxFuture<'static, Entry>),
}

#[inline]
fn authorize(request: &HttpRequest, rule: &'static Rule, auth: &Auth) -> Next {
    if matches!(rule.access, Access::Public(_)) && !(rule.takes_caller)() {
        return public(request, rule, auth);
    }
    match authenticate::identify(auth, request, Asker::Guard(rule.choosing)) {
        Identification::Found(Ok(principal)) => {
            if let Some(grounds) =
                cross_origin::refusal(auth, request, rule.cross_origin, Some(&principal))
            {
                state::keep_of_guard(auth, request, Ok(principal.clone()), rule);
                let refused = Ruling::Refused(grounds);
                return carry_out(request, rule, auth, Some(&principal), refused, None);
            }
            let now = rule.is_timed.then(|| auth.now());
            match decide(rule, Some(&principal), Answers::NONE, now) {
                // The usual case, and no copy of anything: granted at once, then kept for those
                // inside.
                Ruling::Granted => {
                    finish::grant(place(request, rule, auth, Some(&principal)));
                    state::keep_of_guard(auth, request, Ok(principal), rule);
                    Next::Ready(Ok(None))
                }
                ruling => {
                    state::keep_of_guard(auth, request, Ok(principal.clone()), rule);
                    carry_out(request, rule, auth, Some(&principal), ruling, now)
                }
            }
        }
        others => identified(request, rule, auth, others),
    }
}

#[cold]
#[inline(never)]
fn identified(
    request: &HttpRequest,
    rule: &'static Rule,
    auth: &Auth,
    identification: Identification,
) -> Next {
    match identification {
        Identification::Found(outcome) => {
            state::keep_of_guard(auth, request, outcome.clone(), rule);
            settle(request, rule, auth, outcome)
        }
        Identification::Known(outcome) => {
            state::enter(request, rule);
            settle(request, rule, auth, outcome)
        }
        Identification::Pending(outcome) => {
            let (auth, request) = (auth.clone(), request.clone());
            Next::Wait(
                async move {
                    let outcome = outcome.await;
                    state::keep_of_guard(&auth, &request, outcome.clone(), rule);
                    match settle(&request, rule, &auth, outcome) {
                        Next::Ready(entry) => entry,
                        Next::Wait(entry) => entry.await,
                    }
                }
                .boxed_local(),
            )
        }
    }
}

/// Decides, now that it is known who the request comes from.
fn settle(request: &HttpRequest, rule: &'static Rule, auth: &Auth, outcome: Outcome) -> Next {
    let caller = match outcome {
        Ok(principal) => Some(principal),
        Err(refusal) if matches!(rule.access, Access::Public(_)) && refusal.is_anonymous(auth) => {
            None
        }
        Err(refusal) => {
            let refused = Ruling::Refused(Grounds::Unauthenticated(refusal));
            return carry_out(request, rule, auth, None, refused, None);
        }
    };
    if let Some(grounds) = cross_origin::refusal(auth, request, rule.cross_origin, caller.as_ref())
    {
        let refused = Ruling::Refused(grounds);
        return carry_out(request, rule, auth, caller.as_ref(), refused, None);
    }
    let now = rule.is_timed.then(|| auth.now());
    let ruling = decide(rule, caller.as_ref(), Answers::NONE, now);
    carry_out(request, rule, auth, caller.as_ref(), ruling, now)
}

/// Ends the decision, or asks what it depends on.
fn carry_out(
    request: &HttpRequest,
    rule: &'static Rule,
    auth: &Auth,
    caller: Option<&Principal>,
    ruling: Ruling,
    now: Option<SystemTime>,
) -> Next {
    let place = place(request, rule, auth, caller);
    match (ruling, caller) {
        (Ruling::Granted, _) => {
            finish::grant(place);
            Next::Ready(Ok(None))
        }
        (Ruling::Refused(grounds), _) => Next::Ready(Err(finish::refuse(place, grounds))),
        (ruling @ (Ruling::Needs(_) | Ruling::NeedsArguments(_)), Some(caller)) => {
            let asking = Asking::new(request, rule, auth, caller.clone(), now);
            match ruling {
                Ruling::NeedsArguments(_) => Next::Ready(Ok(Some(asking))),
                _ => ask_policies(request, rule, asking),
            }
        }
        // Only an authenticated caller has anything to be asked for.
        (Ruling::Needs(_) | Ruling::NeedsArguments(_), None) => {
            let grounds = Grounds::Unauthenticated(Refusal::NothingPresented);
            Next::Ready(Err(finish::refuse(place, grounds)))
        }
    }
}

/// Many a policy has its answer at once: then the body stays where it is, and nothing waits. What
/// is hidden waits for every policy, so that those that wait are not told from others; and a request
/// that only asks what would be decided runs none.
fn ask_policies(request: &HttpRequest, rule: &'static Rule, asking: Box<Asking>) -> Next {
    let mut asked = asking.ask_policies().boxed_local();
    if rule.hide || state::around(request).1.hides || kit::runs_nothing(request) {
        return Next::Wait(asked);
    }
    match (&mut asked).now_or_never() {
        Some(entry) => Next::Ready(entry),
        None => Next::Wait(asked),
    }
}

/// No caller need be known, but a blocked network is blocked.
#[cold]
#[inline(never)]
fn public(request: &HttpRequest, rule: &'static Rule, auth: &Auth) -> Next {
    let ruling = if !auth.permits_network(request.head()) {
        Ruling::Refused(Grounds::Unauthenticated(Refusal::Network))
    } else if let Some(grounds) = cross_origin::refusal(auth, request, rule.cross_origin, None) {
        Ruling::Refused(grounds)
    } else {
        decide(rule, None, Answers::NONE, None)
    };
    carry_out(request, rule, auth, None, ruling, None)
}

#[cold]
#[inline(never)]
fn unconfigured(request: &HttpRequest, rule: &'static Rule, missing: MissingAuth) -> Next {
    let place = Place {
        request,
        rule: Some(rule),
        auth: None,
        principal: None,
    };
    Next::Ready(match (&rule.access, missing) {
        // Without a configuration no network is blocked, and the extractor of the caller refuses
        // by itself. Between two it cannot be told which networks are.
        (Access::Public(_), MissingAuth::Absent) => {
            finish::grant(place);
            Ok(None)
        }
        _ => Err(finish::refuse(place, Grounds::Unconfigured(missing))),
    })
}

fn place<'a>(
    request: &'a HttpRequest,
    rule: &'static Rule,
    auth: &'a Auth,
    principal: Option<&'a Principal>,
) -> Place<'a> {
    Place {
        request,
        rule: Some(rule),
        auth: Some(auth),
        principal,
    }
}

/// Waits for the decision of a rule that does not hide: what is around it may.
#[cold]
#[inline(never)]
fn wait_inside(
    request: &HttpRequest,
    rule: &'static Rule,
    payload: &mut Payload,
    decision: LocalBoxFuture<'static, Entry>,
) -> Step {
    let (_, hiding) = state::around(request);
    if hiding.hides && body::progress(payload) == Progress::Broken {
        return Step::Ready(Err(refuse_unreadable(request, rule)));
    }
    wait(request, rule, payload, decision, false)
}

#[cold]
#[inline(never)]
fn wait(
    request: &HttpRequest,
    rule: &'static Rule,
    payload: &mut Payload,
    decision: LocalBoxFuture<'static, Entry>,
    is_late: bool,
) -> Step {
    Step::Pending(Box::new(Deciding {
        decision,
        request: request.clone(),
        rule,
        body: HeldBody::hold(payload.take()),
        is_late,
        polls: 0,
    }))
}

/// Refuses what is hidden where the connection ends because of its body: a handler that waits for
/// its decision would not come to answer any more, and an unknown path has.
fn refuse_unreadable(request: &HttpRequest, rule: &'static Rule) -> Denial {
    let place = Place {
        request,
        rule: Some(rule),
        auth: Auth::of(request).ok(),
        principal: None,
    };
    let reason = Reason::App("the request's body cannot be read".into());
    finish::refuse(place, Grounds::Forbidden(reason))
}

/// The future of a decision, and the body that waits for it.
pub(crate) struct Deciding {
    decision: LocalBoxFuture<'static, Entry>,
    request: HttpRequest,
    rule: &'static Rule,
    body: HeldBody,
    /// The decision begins when what lay in the same buffer as the head has been parsed.
    is_late: bool,
    polls: u8,
}

impl Deciding {
    /// The request that is decided about.
    pub(crate) fn request(&self) -> &HttpRequest {
        &self.request
    }
}

impl Future for Deciding {
    type Output = (Entry, Payload);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.polls = self.polls.saturating_add(1);
        if self.is_late && self.polls == 1 {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        // actix-http polls a second time when it has parsed what lay in the same buffer as the head.
        // What comes later is not parsed before the decision.
        if self.polls == 2 && state::around(&self.request).1.hides {
            let progress = self.body.progress();
            if self.is_late {
                let closes = self.body.closes(&self.request, progress);
                state::hide(&self.request, closes);
            }
            if progress == Progress::Broken {
                let refused = refuse_unreadable(&self.request, self.rule);
                return Poll::Ready((Err(refused), self.body.release()));
            }
        }
        let entry = ready!(self.decision.as_mut().poll(cx));
        Poll::Ready((entry, self.body.release()))
    }
}
