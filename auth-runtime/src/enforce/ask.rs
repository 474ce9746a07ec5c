//! Decisions that need more than the caller: policies, and checks on the arguments.

use std::any::TypeId;
use std::time::SystemTime;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use futures_util::future::LocalBoxFuture;

use super::decide::{Decided, forbid, grant, refuse};
use super::policy::PolicyOutcome;
use super::questions::CheckTable;
use super::rule::Rule;
use crate::config::Auth;
use crate::denial::{Answer, Denial, Reason};
use crate::enforce::authenticate;
use crate::enforce::time_limit::in_time;
use crate::middleware::undecided;
use crate::model::principal::Principal;
use crate::model::requirement::evaluate::{PolicyAnswer, Verdict, evaluate_when};
use crate::model::requirement::explain::explain_when;
use crate::model::requirement::{PolicyId, Requirement};
use crate::scheme::RETRY_AFTER;

/// What the log is told of a policy or check that was given up.
const LATE: &str = "no answer within the time limit";

/// A decision that depends on policies and checks: they are asked one by one, as far as they
/// matter.
pub(crate) struct Asking {
    request: HttpRequest,
    rule: &'static Rule,
    requirement: &'static Requirement,
    auth: Auth,
    principal: Principal,
    /// Where the decision depends on it.
    now: Option<SystemTime>,
    /// Of the policies, the questions of named requirements and, behind them, the checks.
    answers: Vec<PolicyAnswer>,
    /// The first policy or check that denied, and why.
    denied: Option<Reason>,
    /// The first policy or check that could not answer: the status that says whose doing it was,
    /// and why.
    failed: Option<(StatusCode, Reason)>,
}

impl Asking {
    /// Nothing has been asked yet.
    pub(crate) fn new(
        request: &HttpRequest,
        rule: &'static Rule,
        requirement: &'static Requirement,
        auth: &Auth,
        principal: Principal,
        now: Option<SystemTime>,
    ) -> Box<Self> {
        Box::new(Self {
            request: request.clone(),
            rule,
            requirement,
            auth: auth.clone(),
            principal,
            now,
            answers: vec![PolicyAnswer::Unasked; rule.questions.count()],
            denied: None,
            failed: None,
        })
    }

    /// Asks the policies that matter, before the body is read.
    pub(super) async fn ask_policies(mut self: Box<Self>) -> Decided {
        loop {
            match evaluate_when(self.requirement, &self.principal, &self.answers, self.now) {
                Verdict::Needs(policy) => {
                    let answer = self.ask_policy(policy).await;
                    // A policy has the request, and may have emptied what is attached to it.
                    let caller = Ok(self.principal.clone());
                    authenticate::keep(&self.auth, &self.request, caller, true);
                    if !self.note(policy.index, answer) {
                        // The tree names a policy that the handler does not have.
                        let because = "there is no such policy".into();
                        let reason = Reason::PolicyFailed(policy.name, because);
                        return Err(self.refuse(Answer::Undecidable, reason));
                    }
                }
                Verdict::NeedsArguments(_) => return Ok(Some(self)),
                verdict => return self.conclude(verdict).map(|()| None),
            }
        }
    }

    /// Asks the checks that matter, with the handler's arguments.
    pub(crate) async fn ask_checks<A>(
        mut self: Box<Self>,
        checks: CheckTable<A>,
        arguments: &A,
    ) -> Result<(), Denial> {
        let questions = &self.rule.questions;
        self.answers
            .resize(questions.count() + checks.own.len(), PolicyAnswer::Unasked);
        loop {
            let verdict = evaluate_when(self.requirement, &self.principal, &self.answers, self.now);
            let Verdict::NeedsArguments(check) = verdict else {
                return self.conclude(verdict);
            };
            let outcome = match checks.ask(questions, check.index, &self.principal, arguments) {
                Some(asked) => Some(self.in_time(asked).await),
                None => None,
            };
            let is_asked = outcome.is_some();
            let answer = outcome.map_or(PolicyAnswer::Failed, |outcome| {
                self.answer_of_check(check.name, outcome)
            });
            if !is_asked || !self.note(check.index, answer) {
                // The tree names a check that the handler does not have.
                let reason = Reason::CheckFailed(check.name, "there is no such check".into());
                return Err(self.refuse(Answer::Undecidable, reason));
            }
        }
    }

    /// The named requirements that are met already, and hold wherever the requirement does. The
    /// decision is not made: one that could not be decided is not met.
    pub(crate) fn granted(&self) -> impl Iterator<Item = TypeId> {
        let granted = self.rule.questions.granted();
        granted.filter_map(|(numbers, name)| {
            let answers = self.answers.get(numbers).unwrap_or_default();
            let verdict = evaluate_when(name.requirement, &self.principal, answers, self.now);
            (verdict == Verdict::Granted).then(name.id)
        })
    }

    /// The arguments could not be extracted, so that the checks cannot be asked and the handler
    /// does not run. Its extractor answers; but where the handler is hidden, that would tell that
    /// it is there to somebody who may not know.
    pub(crate) fn refuse_unreadable(&self) -> Result<(), Denial> {
        if self.rule.hide {
            let reason = Reason::CheckFailed("..", "the arguments cannot be extracted".into());
            return Err(self.refuse(Answer::Forbidden(None), reason));
        }
        undecided::note(&self.request, false);
        Ok(())
    }

    /// Keeps an answer; `false` where there is no place for it.
    fn note(&mut self, index: usize, answer: PolicyAnswer) -> bool {
        let slot = self.answers.get_mut(index);
        slot.map(|slot| *slot = answer).is_some()
    }

    fn conclude(&mut self, verdict: Verdict) -> Result<(), Denial> {
        let denial = match verdict {
            Verdict::Granted => {
                let caller = Some(&self.principal);
                grant(&self.request, self.rule, Some(&self.auth), caller);
                return Ok(());
            }
            Verdict::Refused => {
                let lack = explain_when(self.requirement, &self.principal, &self.answers, self.now);
                forbid(
                    &self.request,
                    &self.auth,
                    &self.rule.access,
                    &self.principal,
                    lack,
                    self.denied.take(),
                )
            }
            Verdict::Failed | Verdict::Needs(_) | Verdict::NeedsArguments(_) => {
                match self.failed.take() {
                    Some((StatusCode::FORBIDDEN, reason)) => {
                        let challenge = self.auth.refusal_challenge(self.principal.scheme());
                        Denial::new(Answer::Forbidden(challenge), reason)
                    }
                    Some((StatusCode::SERVICE_UNAVAILABLE, reason)) => {
                        let retry_after = RETRY_AFTER;
                        Denial::new(Answer::Unavailable { retry_after }, reason)
                    }
                    Some((_, reason)) => Denial::new(Answer::Undecidable, reason),
                    None => Denial::new(
                        Answer::Undecidable,
                        Reason::Misconfigured("the requirement cannot be decided"),
                    ),
                }
            }
        };
        Err(self.refuse_with(denial))
    }

    fn refuse(&self, answer: Answer, reason: Reason) -> Denial {
        self.refuse_with(Denial::new(answer, reason))
    }

    fn refuse_with(&self, denial: Denial) -> Denial {
        refuse(
            &self.request,
            self.rule,
            Some(&self.auth),
            denial,
            Some(&self.principal),
        )
    }

    async fn ask_policy(&mut self, id: PolicyId) -> PolicyAnswer {
        let name = id.name;
        let Some(policy) = self.rule.questions.policy(id.index) else {
            let because = "there is no such policy".into();
            return self.fail(
                StatusCode::INTERNAL_SERVER_ERROR,
                Reason::PolicyFailed(name, because),
            );
        };
        match self.in_time(policy(&self.request)).await {
            outcome if id.is_check => self.answer_of_check(name, outcome),
            PolicyOutcome::Decided(decision) if decision.is_allowed() => PolicyAnswer::Allowed,
            PolicyOutcome::Decided(decision) => {
                self.deny(Reason::PolicyDenied(name, decision.into_reason()))
            }
            // The client asked for something that no policy could allow.
            PolicyOutcome::BadArguments(because) => {
                self.fail(StatusCode::FORBIDDEN, Reason::PolicyFailed(name, because))
            }
            PolicyOutcome::Failed(because) => self.fail(
                StatusCode::INTERNAL_SERVER_ERROR,
                Reason::PolicyFailed(name, because),
            ),
            PolicyOutcome::Late => self.fail(
                StatusCode::SERVICE_UNAVAILABLE,
                Reason::PolicyFailed(name, LATE.into()),
            ),
        }
    }

    fn answer_of_check(&mut self, name: &'static str, outcome: PolicyOutcome) -> PolicyAnswer {
        match outcome {
            PolicyOutcome::Decided(decision) if decision.is_allowed() => PolicyAnswer::Allowed,
            PolicyOutcome::Decided(decision) => {
                self.deny(Reason::CheckDenied(name, decision.into_reason()))
            }
            PolicyOutcome::BadArguments(because) | PolicyOutcome::Failed(because) => self.fail(
                StatusCode::INTERNAL_SERVER_ERROR,
                Reason::CheckFailed(name, because),
            ),
            PolicyOutcome::Late => self.fail(
                StatusCode::SERVICE_UNAVAILABLE,
                Reason::CheckFailed(name, LATE.into()),
            ),
        }
    }

    /// Waits for a policy or a check no longer than for a verifier.
    async fn in_time(&self, asked: LocalBoxFuture<'_, PolicyOutcome>) -> PolicyOutcome {
        let limit = self.auth.settings().time_limit;
        in_time(limit, asked).await.unwrap_or(PolicyOutcome::Late)
    }

    fn deny(&mut self, reason: Reason) -> PolicyAnswer {
        self.denied.get_or_insert(reason);
        PolicyAnswer::Denied
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
