//! Requests that ask what would be decided, and no more: the sweep's.
//!
//! A probe is a private type in a request's extensions. No byte that comes from a network becomes
//! one, so that no client is let in by it; and where the guard would let a probe's request pass,
//! it is stopped before the handler's extractors.

use std::any::TypeId;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use actix_web::{HttpMessage as _, HttpRequest};

use crate::config::Auth;
use crate::denial::{Answer, Denial, Reason};
use crate::enforce::authenticate::{self, Outcome, Refusal};
use crate::enforce::decide::Step;
use crate::enforce::rule::{Rule, Spec};
use crate::model::handler::HandlerName;
use crate::model::handler::{HandlerRecord, records};
use crate::model::principal::Principal;
use crate::model::requirement::Access;

/// What a guard of a probed request decided.
#[derive(Clone, Debug)]
pub(crate) struct Judgement {
    pub(crate) handler: HandlerName,
    /// The guard's type, as the handler's record has it.
    spec: TypeId,
    /// There is another guard inside, which goes on to judge.
    goes_on: bool,
    /// Who was found; `None` where nobody was, or nobody had to be.
    pub(crate) caller: Option<Principal>,
    pub(crate) decision: Judged,
}

impl Judgement {
    /// The record of the guard's attribute.
    pub(crate) fn record(&self) -> Option<&'static HandlerRecord> {
        records()
            .iter()
            .copied()
            .find(|record| record.is_of(self.spec))
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Judged {
    Granted,
    /// Policies would have been asked.
    Depends,
    /// The reason's text, and whether the app has to be mended.
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
    pub(crate) judgements: Rc<RefCell<Vec<Judgement>>>,
    /// Where what answers is declared public: whether the network is permitted.
    pub(crate) declared: Rc<Cell<Option<bool>>>,
}

/// Who a probed request comes from; `None` where the request itself has to say.
pub(crate) fn identify(
    auth: &Auth,
    request: &HttpRequest,
    access: Option<&'static Access>,
) -> Option<Outcome> {
    let caller = request.extensions().get::<Probe>()?.caller.clone()?;
    if !auth.permits_network(request.head()) {
        return Some(Err(Refusal::Network));
    }
    // As if by the first scheme that the handler accepts.
    Some(match auth.accepted(access).next() {
        Some(scheme) => authenticate::admit(auth, scheme.name(), caller)
            .map_err(|rejection| Refusal::Rejected(vec![(scheme.name(), rejection)])),
        None => Err(Refusal::NothingPresented),
    })
}

/// Notes that what answers a probed request is declared public.
pub(crate) fn declare(request: &HttpRequest, is_permitted: bool) {
    if let Some(probe) = request.extensions().get::<Probe>() {
        probe.declared.set(Some(is_permitted));
    }
}

/// Notes the decision about a probed request, and lets it go no further: to the guard inside at
/// most, which has to judge as well.
pub(crate) fn watch<S: Spec>(request: &HttpRequest, rule: &'static Rule, step: Step) -> Step {
    let Some(probe) = request.extensions().get::<Probe>().cloned() else {
        return step;
    };
    let goes_on = rule.guards_a_guard && !matches!(step, Step::Decided(Err(_)));
    let go_on = || {
        if goes_on {
            Step::Decided(Ok(None))
        } else {
            stop()
        }
    };
    let (decision, step) = match step {
        Step::Decided(Ok(None)) => (Judged::Granted, go_on()),
        // Granted as far as can be told without the arguments; or the future has not been polled, so
        // that no policy was asked.
        Step::Decided(Ok(Some(_))) | Step::Pending(_) => (Judged::Depends, go_on()),
        Step::Decided(Err(denial)) => {
            let is_fault = denial.status().is_server_error();
            let reason = denial.reason().to_string();
            let judged = Judged::Denied { reason, is_fault };
            (judged, Step::Decided(Err(denial)))
        }
    };
    let mut judgements = probe.judgements.borrow_mut();
    if judgements.last().is_none_or(|outer| outer.goes_on) {
        judgements.push(Judgement {
            handler: rule.handler,
            spec: TypeId::of::<S>(),
            goes_on,
            caller: authenticate::known_to_guard(request),
            decision,
        });
    }
    step
}

fn stop() -> Step {
    Step::Decided(Err(Denial::new(
        Answer::Forbidden(None),
        Reason::App("a sweep goes no further than the decision".into()),
    )))
}
