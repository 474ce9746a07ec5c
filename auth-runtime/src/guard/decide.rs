//! The decision, in the order in which answers are given: network (403), credentials (400, 401,
//! 503), how they authenticated (401), requirement (403). Nothing of the handler has been touched so far.

use std::time::SystemTime;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;

use super::Rule;
use super::policy::PolicyOutcome;
use crate::auth::{Auth, MissingAuth};
use crate::denial::{Answer, Denial, Reason};
use crate::evaluation::{PolicyAnswer, Verdict, evaluate_when};
use crate::event::{self, Place};
use crate::explanation::{Lack, explain_when};
use crate::identity::{self, Identification, Outcome, Refusal};
use crate::principal::Principal;
use crate::requirement::{Access, Requirement};
use crate::undecided;

/// A decision, or the future that will tell it.
pub(crate) enum Step {
    Decided(Result<(), Denial>),
    Pending(LocalBoxFuture<'static, Result<(), Denial>>),
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
            let denial = undecidable(missing);
            return Step::Decided(refuse(request, rule, None, denial, None));
        }
    };
    match identity::identify(auth, request, Some(&rule.access)) {
        Identification::Known(outcome) => authorize(request, rule, requirement, auth, outcome),
        Identification::Pending(outcome) => {
            let (auth, request) = (auth.clone(), request.clone());
            Step::Pending(
                async move {
                    let outcome = outcome.await;
                    identity::settle(&auth, &request, &outcome, true);
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
            return Step::Decided(Ok(()));
        }
        // Which networks are blocked cannot be told.
        Err(missing) => {
            let denial = undecidable(missing);
            return Step::Decided(refuse(request, rule, None, denial, None));
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
    match identity::identify(auth, request, Some(&rule.access)) {
        Identification::Known(outcome) => {
            Step::Decided(admit_public(request, rule, auth, outcome.map(Some)))
        }
        Identification::Pending(outcome) => {
            let (auth, request) = (auth.clone(), request.clone());
            Step::Pending(
                async move {
                    let outcome = outcome.await;
                    identity::settle(&auth, &request, &outcome, true);
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
) -> Result<(), Denial> {
    match outcome {
        Err(refusal) if !refusal.is_nobody(auth) => {
            let denial = refusal.into_denial(auth, Some(&rule.access));
            refuse(request, rule, Some(auth), denial, None)
        }
        outcome => {
            let principal = outcome.ok().flatten();
            grant(request, rule, Some(auth), principal.as_ref());
            Ok(())
        }
    }
}

fn undecidable(missing: MissingAuth) -> Denial {
    Denial::new(
        Answer::Undecidable,
        Reason::Misconfigured(missing.message()),
    )
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
            let denial = refusal.into_denial(auth, Some(&rule.access));
            return Step::Decided(refuse(request, rule, Some(auth), denial, None));
        }
    };
    let now = rule.is_timed.then(|| auth.now());
    match evaluate_when(requirement, &principal, &[], now) {
        Verdict::Needs(_) => {
            let asking = Asking {
                request: request.clone(),
                rule,
                requirement,
                auth: auth.clone(),
                principal,
                now,
                answers: vec![PolicyAnswer::Unasked; rule.policies.len()],
                denied: None,
                failed: None,
            };
            Step::Pending(asking.decide().boxed_local())
        }
        Verdict::Granted => {
            grant(request, rule, Some(auth), Some(&principal));
            Step::Decided(Ok(()))
        }
        Verdict::Failed => {
            let reason = Reason::Misconfigured("the requirement cannot be decided");
            let denial = Denial::new(Answer::Undecidable, reason);
            Step::Decided(refuse(request, rule, Some(auth), denial, Some(&principal)))
        }
        Verdict::Refused => {
            let denial = forbid(auth, &rule.access, requirement, &principal, now, &[], None);
            Step::Decided(refuse(request, rule, Some(auth), denial, Some(&principal)))
        }
    }
}

/// A decision that depends on policies: they are asked one by one, as far as they matter.
struct Asking {
    request: HttpRequest,
    rule: &'static Rule,
    requirement: &'static Requirement,
    auth: Auth,
    principal: Principal,
    /// Where the decision depends on it.
    now: Option<SystemTime>,
    answers: Vec<PolicyAnswer>,
    /// The first policy that denied, and why.
    denied: Option<Reason>,
    /// The first policy that could not answer: the status that says whose doing it was, and why.
    failed: Option<(StatusCode, Reason)>,
}

impl Asking {
    async fn decide(mut self) -> Result<(), Denial> {
        loop {
            let verdict = evaluate_when(self.requirement, &self.principal, &self.answers, self.now);
            let denial = match verdict {
                Verdict::Granted => {
                    grant(
                        &self.request,
                        self.rule,
                        Some(&self.auth),
                        Some(&self.principal),
                    );
                    return Ok(());
                }
                Verdict::Needs(policy) => {
                    let answer = self.ask(policy.index, policy.name).await;
                    match self.answers.get_mut(policy.index) {
                        Some(slot) => {
                            *slot = answer;
                            continue;
                        }
                        // The tree names a policy that the handler does not have.
                        None => Denial::new(
                            Answer::Undecidable,
                            Reason::PolicyFailed(policy.name, "there is no such policy".into()),
                        ),
                    }
                }
                Verdict::Refused => forbid(
                    &self.auth,
                    &self.rule.access,
                    self.requirement,
                    &self.principal,
                    self.now,
                    &self.answers,
                    self.denied.take(),
                ),
                Verdict::Failed => match self.failed.take() {
                    Some((StatusCode::FORBIDDEN, reason)) => {
                        let challenge = self.auth.refusal_challenge(self.principal.scheme());
                        Denial::new(Answer::Forbidden(challenge), reason)
                    }
                    Some((_, reason)) => Denial::new(Answer::Undecidable, reason),
                    None => Denial::new(
                        Answer::Undecidable,
                        Reason::Misconfigured("the requirement cannot be decided"),
                    ),
                },
            };
            return refuse(
                &self.request,
                self.rule,
                Some(&self.auth),
                denial,
                Some(&self.principal),
            );
        }
    }

    async fn ask(&mut self, index: usize, name: &'static str) -> PolicyAnswer {
        let Some(policy) = self.rule.policies.get(index) else {
            return PolicyAnswer::Failed;
        };
        match policy(&self.request).await {
            PolicyOutcome::Decided(decision) if decision.is_allowed() => PolicyAnswer::Allowed,
            PolicyOutcome::Decided(decision) => {
                self.denied
                    .get_or_insert(Reason::PolicyDenied(name, decision.into_reason()));
                PolicyAnswer::Denied
            }
            // The client asked for something that no policy could allow.
            PolicyOutcome::BadArguments(because) => {
                self.fail(StatusCode::FORBIDDEN, Reason::PolicyFailed(name, because))
            }
            PolicyOutcome::Failed(because) => self.fail(
                StatusCode::INTERNAL_SERVER_ERROR,
                Reason::PolicyFailed(name, because),
            ),
        }
    }

    /// What the server did wrong weighs more than what the client did.
    fn fail(&mut self, status: StatusCode, reason: Reason) -> PolicyAnswer {
        match &self.failed {
            Some((held, _)) if held.is_server_error() || !status.is_server_error() => {}
            _ => self.failed = Some((status, reason)),
        }
        PolicyAnswer::Failed
    }
}

/// Somebody is known and may not.
fn forbid(
    auth: &Auth,
    access: &'static Access,
    requirement: &'static Requirement,
    principal: &Principal,
    now: Option<SystemTime>,
    answers: &[PolicyAnswer],
    denied: Option<Reason>,
) -> Denial {
    match (explain_when(requirement, principal, answers, now), denied) {
        (Lack::StepUp(step_up), _) => match auth.step_up_challenges(access, &step_up) {
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
fn grant(
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
) -> Result<(), Denial> {
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
    Err(if rule.hide { denial.hidden() } else { denial })
}

fn place<'a>(request: &'a HttpRequest, rule: &'static Rule) -> Place<'a> {
    Place {
        handler: Some(&rule.handler),
        access: Some(&rule.access),
        request,
    }
}
