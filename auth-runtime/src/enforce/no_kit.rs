//! The place of the test kits in a build without them: nothing is there, and nothing is done.

use actix_web::HttpRequest;

use crate::config::Auth;
use crate::enforce::admit::Step;
use crate::enforce::authenticate::Outcome;
use crate::enforce::rule::{Rule, Spec};
use crate::model::requirement::Access;

pub(crate) type Slot = ();
pub(crate) type RuleSlot = ();

pub(super) const fn rule_slot<S: Spec>() -> RuleSlot {}

#[inline]
pub(super) fn caller(_: &Auth, _: &HttpRequest, _: Option<&'static Access>) -> Option<Outcome> {
    None
}

#[inline]
pub(super) fn runs_nothing(_: &HttpRequest) -> bool {
    false
}

#[inline]
pub(super) fn decided(_: &HttpRequest, rule: &'static Rule, step: Step) -> Step {
    let () = rule.kit;
    step
}

#[inline]
pub(super) fn note(_: &HttpRequest, _: bool) {}
