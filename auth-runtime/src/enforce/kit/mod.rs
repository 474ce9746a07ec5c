//! Where the test kits reach the guard: they say who a request comes from, and see what is decided.
//!
//! A build without the features `testing` and `sweep` has `no_kit.rs` in its place.

#[cfg(feature = "testing")]
pub(crate) mod impersonation;
#[cfg(feature = "sweep")]
pub(crate) mod probe;

use actix_web::HttpRequest;

use crate::config::Auth;
use crate::enforce::admit::Step;
use crate::enforce::authenticate::Outcome;
use crate::enforce::rule::{Rule, Spec};
use crate::enforce::state;
use crate::model::requirement::Access;

/// What the kits keep in a request's state.
#[derive(Clone, Default)]
pub(crate) struct Slot {
    #[cfg(feature = "sweep")]
    probe: Option<probe::Probe>,
    /// The last guard let the handler run.
    is_granted: bool,
}

/// What the kits have to know of a rule.
#[derive(Clone, Copy)]
pub(crate) struct RuleSlot {
    /// What it guards may decide as well.
    #[cfg(feature = "sweep")]
    is_outer: bool,
    /// The record of the attribute.
    #[cfg(feature = "sweep")]
    record: fn() -> &'static crate::model::handler::HandlerRecord,
}

pub(super) const fn rule_slot<S: Spec>() -> RuleSlot {
    RuleSlot {
        #[cfg(feature = "sweep")]
        is_outer: S::GUARDS_A_GUARD
            || matches!(S::KIND, crate::model::handler::RecordKind::MountPoint),
        #[cfg(feature = "sweep")]
        record: crate::enforce::registration::record_of::<S>,
    }
}

/// Who the request comes from, where a kit says so.
pub(super) fn caller(
    auth: &Auth,
    request: &HttpRequest,
    choosing: Option<&'static Access>,
) -> Option<Outcome> {
    #[cfg(feature = "sweep")]
    if let Some(outcome) = probe::caller(auth, request, choosing) {
        return Some(outcome);
    }
    #[cfg(feature = "testing")]
    if let Some(outcome) = impersonation::caller(auth, request, choosing) {
        return Some(outcome);
    }
    let _ = (auth, request, choosing);
    None
}

/// Whether no code of the app may run for this request, policies included.
pub(super) fn runs_nothing(request: &HttpRequest) -> bool {
    #[cfg(feature = "sweep")]
    return probe::is_probed(request);
    #[cfg(not(feature = "sweep"))]
    {
        let _ = request;
        false
    }
}

/// What the guard goes on with, now that it has decided.
pub(super) fn decided(request: &HttpRequest, rule: &'static Rule, step: Step) -> Step {
    #[cfg(feature = "sweep")]
    let step = probe::watch(request, rule, step);
    let _ = (request, rule.kit);
    step
}

/// Notes what a guard decided.
pub(super) fn note(request: &HttpRequest, is_granted: bool) {
    state::write(request, |state| state.kit.is_granted = is_granted);
}

/// Whether the handler of this request ran by the decision of its guard.
#[cfg(feature = "testing")]
pub(crate) fn was_granted(request: &HttpRequest) -> bool {
    state::write(request, |state| state.kit.is_granted)
}
