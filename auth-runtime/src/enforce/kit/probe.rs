//! Requests that ask what would be decided, and no more: the sweep's.
//!
//! A probe is a private value in a request's state. No byte that comes from a network becomes
//! one, so that no client is authorized by it; and where the guard would let a probe's request pass,
//! it is stopped before the handler's extractors.

use std::cell::{RefCell, RefMut};
use std::rc::Rc;

use actix_web::HttpRequest;
use actix_web::dev::Extensions;

use crate::config::Auth;
use crate::denial::{Answer, Denial, Reason};
use crate::enforce::admit::Step;
use crate::enforce::authenticate::{self, Outcome, Refusal};
use crate::enforce::rule::Rule;
use crate::enforce::state::{self, State};
use crate::model::handler::{HandlerName, HandlerRecord};
use crate::model::principal::Principal;
use crate::model::requirement::Access;

/// What a guard of a probed request decided.
#[derive(Clone, Debug)]
pub(crate) struct GuardDecision {
    pub(crate) handler: HandlerName,
    /// The record of the guard's attribute.
    pub(crate) record: &'static HandlerRecord,
    /// There may be another guard inside, which decides as well.
    goes_on: bool,
    /// Who was found; `None` where the caller is not authenticated, or need not be.
    pub(crate) caller: Option<Principal>,
    pub(crate) outcome: GuardOutcome,
}

impl GuardDecision {
    pub(crate) fn is_denied(&self) -> bool {
        matches!(self.outcome, GuardOutcome::Denied { .. })
    }
}

#[derive(Clone, Debug)]
pub(crate) enum GuardOutcome {
    Granted,
    /// Policies would have been asked.
    Depends,
    /// The reason's text, and whether it is a bug of the app.
    Denied {
        reason: String,
        is_fault: bool,
    },
}

/// A request that asks what would be decided for this caller.
#[derive(Clone, Default)]
pub(crate) struct Probe {
    /// `None` presents nothing.
    pub(crate) caller: Option<Principal>,
    /// Of the guards of the handler, the outermost first; empty where none was asked.
    pub(crate) decisions: Rc<RefCell<Vec<GuardDecision>>>,
}

impl Probe {
    /// Makes a request whose extensions these are one that probes.
    pub(crate) fn attach(self, mut extensions: RefMut<'_, Extensions>) {
        let mut state = State::default();
        state.kit.probe = Some(self);
        extensions.insert(state);
    }
}

fn probe_of(request: &HttpRequest) -> Option<Probe> {
    state::write(request, |state| state.kit.probe.clone())
}

pub(super) fn is_probed(request: &HttpRequest) -> bool {
    state::write(request, |state| state.kit.probe.is_some())
}

/// Who a probed request comes from; `None` where the request itself has to say.
pub(super) fn caller(
    auth: &Auth,
    request: &HttpRequest,
    choosing: Option<&'static Access>,
) -> Option<Outcome> {
    let caller = probe_of(request)?.caller?;
    // As if by the first scheme that the handler accepts.
    Some(match auth.accepted(choosing).next() {
        Some(scheme) => authenticate::admit(auth, scheme.name(), caller)
            .map_err(|rejection| Refusal::Rejected(vec![(scheme.name(), rejection)])),
        None => Err(Refusal::NothingPresented),
    })
}

/// Notes the decision about a probed request, and lets it go no further: to the guard inside at
/// most, which has to decide as well.
pub(super) fn watch(request: &HttpRequest, rule: &'static Rule, step: Step) -> Step {
    let Some(probe) = probe_of(request) else {
        return step;
    };
    let goes_on = rule.kit.is_outer && !matches!(step, Step::Ready(Err(_)));
    let go_on = || {
        if goes_on {
            Step::Ready(Ok(None))
        } else {
            stop()
        }
    };
    let (outcome, step) = match step {
        Step::Ready(Ok(None)) => (GuardOutcome::Granted, go_on()),
        // Granted as far as can be told without the arguments; or the future has not been polled, so
        // that no policy was asked.
        Step::Ready(Ok(Some(_))) | Step::Pending(_) => (GuardOutcome::Depends, go_on()),
        Step::Ready(Err(denial)) => {
            let is_fault = denial.status().is_server_error();
            let reason = denial.reason().to_string();
            let denied = GuardOutcome::Denied { reason, is_fault };
            (denied, Step::Ready(Err(denial)))
        }
    };
    let mut decisions = probe.decisions.borrow_mut();
    if decisions.last().is_none_or(|outer| outer.goes_on) {
        decisions.push(GuardDecision {
            handler: rule.handler,
            record: (rule.kit.record)(),
            goes_on,
            caller: state::known_to_guard(request),
            outcome,
        });
    }
    step
}

fn stop() -> Step {
    Step::Ready(Err(Denial::new(
        Answer::Forbidden(None),
        Reason::App("a sweep goes no further than the decision".into()),
    )))
}
