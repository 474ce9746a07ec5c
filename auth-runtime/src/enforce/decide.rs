//! The decision, in the order in which answers are given: network (403), credentials (400, 401,
//! 503), how they authenticated (401), requirement (403). Nothing of the handler has been touched
//! so far.

use actix_web::HttpRequest;
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;

use super::ask::Asking;
use super::rule::Rule;
use crate::config::{Auth, MissingAuth};
use crate::denial::{Answer, Denial, Reason};
use crate::enforce::authenticate::{self, Asker, Identification, Outcome, Refusal};
use crate::enforce::event::{self, Place};
use crate::middleware::undecided;
use crate::model::principal::Principal;
use crate::model::requirement::evaluate::{Verdict, evaluate, evaluate_when};
use crate::model::requirement::explain::{Lack, explain_when};
use crate::model::requirement::{Access, Requirement};

/// Refused, granted, or granted as soon as the checks on the arguments allow it.
pub(crate) type Decided = Result<Option<Box<Asking>>, Denial>;

/// A decision, or the future that will tell it.
pub(crate) enum Step {
    Decided(Decided),
    Pending(LocalBoxFuture<'static, Decided>),
}

/// Decides whether the handler may run.
pub(crate) fn decide(request: &HttpRequest, rule: &'static Rule) -> Step {
    let auth = Auth::of(request);
    let requirement = match &rule.access {
        Access::Public(_) => return decide_public(request, rule, auth),
        Access::Requires(requirement) => requirement,
    };
    let auth = match auth {
        Ok(auth) => auth,
        Err(missing) => {
            let denial = missing.into_denial();
            return Step::Decided(Err(refuse(request, rule, None, denial, None)));
        }
    };
    match authenticate::identify(auth, request, Asker::Guard(rule.choosing)) {
        Identification::Found(outcome) => {
            // The usual case, and no copy of anything: granted at once, then kept for the handler.
            if !rule.is_timed
                && let Ok(principal) = &outcome
                && evaluate(requirement, principal, &[]) == Verdict::Granted
            {
                grant(request, rule, Some(auth), Some(principal));
                authenticate::keep(auth, request, outcome, true);
                return Step::Decided(Ok(None));
            }
            authenticate::keep(auth, request, outcome.clone(), true);
            authorize(request, rule, requirement, auth, outcome)
        }
        Identification::Known(outcome) => authorize(request, rule, requirement, auth, outcome),
        Identification::Pending(outcome) => {
            let (auth, request) = (auth.clone(), request.clone());
            Step::Pending(
                async move {
                    let outcome = outcome.await;
                    authenticate::settle(&auth, &request, &outcome, true);
                    match authorize(&request, rule, requirement, &auth, outcome) {
                        Step::Decided(decision) => decision,
                        Step::Pending(future) => future.await,
                    }
                }
                .boxed_local(),
            )
        }
    }
}

/// Nobody need be known, but a blocked network is blocked, and credentials that a handler looks
/// at have to be valid.
fn decide_public(
    request: &HttpRequest,
    rule: &'static Rule,
    auth: Result<&Auth, MissingAuth>,
) -> Step {
    let auth = match auth {
        Ok(auth) => auth,
        // The extractor of the caller says so by itself.
        Err(MissingAuth::Absent) => {
            grant(request, rule, None, None);
            return Step::Decided(Ok(None));
        }
        // Which networks are blocked cannot be told.
        Err(missing) => {
            let denial = missing.into_denial();
            return Step::Decided(Err(refuse(request, rule, None, denial, None)));
        }
    };
    if !rule.identifies {
        let outcome = if auth.permits_network(request.head()) {
            Ok(None)
        } else {
            Err(Refusal::Network)
        };
        return Step::Decided(admit_public(request, rule, auth, outcome));
    }
    match authenticate::identify(auth, request, Asker::Guard(rule.choosing)) {
        Identification::Found(outcome) => {
            authenticate::keep(auth, request, outcome.clone(), true);
            Step::Decided(admit_public(request, rule, auth, outcome.map(Some)))
        }
        Identification::Known(outcome) => {
            Step::Decided(admit_public(request, rule, auth, outcome.map(Some)))
        }
        Identification::Pending(outcome) => {
            let (auth, request) = (auth.clone(), request.clone());
            Step::Pending(
                async move {
                    let outcome = outcome.await;
                    authenticate::settle(&auth, &request, &outcome, true);
                    admit_public(&request, rule, &auth, outcome.map(Some))
                }
                .boxed_local(),
            )
        }
    }
}

fn admit_public(
    request: &HttpRequest,
    rule: &'static Rule,
    auth: &Auth,
    outcome: Result<Option<Principal>, Refusal>,
) -> Decided {
    match outcome {
        Err(refusal) if !refusal.is_nobody(auth) => {
            let denial = refusal.into_denial(auth, Some(&rule.access), request);
            Err(refuse(request, rule, Some(auth), denial, None))
        }
        outcome => {
            let principal = outcome.ok().flatten();
            grant(request, rule, Some(auth), principal.as_ref());
            Ok(None)
        }
    }
}

fn authorize(
    request: &HttpRequest,
    rule: &'static Rule,
    requirement: &'static Requirement,
    auth: &Auth,
    outcome: Outcome,
) -> Step {
    let principal = match outcome {
        Ok(principal) => principal,
        Err(refusal) => {
            let denial = refusal.into_denial(auth, Some(&rule.access), request);
            return Step::Decided(Err(refuse(request, rule, Some(auth), denial, None)));
        }
    };
    let now = rule.is_timed.then(|| auth.now());
    match evaluate_when(requirement, &principal, &[], now) {
        verdict @ (Verdict::Needs(_) | Verdict::NeedsArguments(_)) => {
            let asking = Asking::new(request, rule, requirement, auth, principal, now);
            match verdict {
                Verdict::NeedsArguments(_) => Step::Decided(Ok(Some(asking))),
                _ => Step::Pending(asking.ask_policies().boxed_local()),
            }
        }
        Verdict::Granted => {
            grant(request, rule, Some(auth), Some(&principal));
            Step::Decided(Ok(None))
        }
        Verdict::Failed => {
            let reason = Reason::Misconfigured("the requirement cannot be decided");
            let denial = Denial::new(Answer::Undecidable, reason);
            let refused = refuse(request, rule, Some(auth), denial, Some(&principal));
            Step::Decided(Err(refused))
        }
        Verdict::Refused => {
            let lack = explain_when(requirement, &principal, &[], now);
            let denial = forbid(request, auth, &rule.access, &principal, lack, None);
            let refused = refuse(request, rule, Some(auth), denial, Some(&principal));
            Step::Decided(Err(refused))
        }
    }
}

/// Somebody is known and may not.
pub(crate) fn forbid(
    request: &HttpRequest,
    auth: &Auth,
    access: &'static Access,
    principal: &Principal,
    lack: Lack,
    denied: Option<Reason>,
) -> Denial {
    match (lack, denied) {
        (Lack::StepUp(step_up), _) => match auth.step_up_challenges(access, request, &step_up) {
            // RFC 9470 §3: 401, not 403: the same person can bring better credentials.
            Some(challenges) => {
                Denial::new(Answer::Unauthenticated(challenges), Reason::StepUp(step_up))
            }
            None => Denial::new(
                Answer::Undecidable,
                Reason::Misconfigured("no challenge can be written"),
            ),
        },
        (Lack::Scopes(scopes), _) => {
            let challenge = auth.scope_challenge(principal.scheme(), &scopes);
            Denial::new(Answer::Forbidden(challenge), Reason::MissingScopes(scopes))
        }
        (_, Some(denied)) => Denial::new(
            Answer::Forbidden(auth.refusal_challenge(principal.scheme())),
            denied,
        ),
        (Lack::Other(unmet), None) => Denial::new(
            Answer::Forbidden(auth.refusal_challenge(principal.scheme())),
            Reason::Unmet(unmet),
        ),
    }
}

/// Lets the handler run, and tells so.
pub(crate) fn grant(
    request: &HttpRequest,
    rule: &'static Rule,
    auth: Option<&Auth>,
    principal: Option<&Principal>,
) {
    undecided::note(request, true);
    event::granted(place(request, rule), auth, principal);
}

/// Logs a refusal, gives it the look of the app, and hides it where the handler says so.
pub(crate) fn refuse(
    request: &HttpRequest,
    rule: &'static Rule,
    auth: Option<&Auth>,
    denial: Denial,
    principal: Option<&Principal>,
) -> Denial {
    undecided::note(request, false);
    event::denied(place(request, rule), auth, &denial, principal);
    let denial = match auth {
        Some(auth) => {
            let detail = auth
                .settings()
                .explain_denials
                .then(|| denial.reason().to_string());
            denial.explained(detail).in_context(auth.context(request))
        }
        None => denial,
    };
    if rule.hide { denial.hidden() } else { denial }
}

fn place<'a>(request: &'a HttpRequest, rule: &'static Rule) -> Place<'a> {
    Place {
        handler: Some(&rule.handler),
        access: Some(&rule.access),
        request,
    }
}
