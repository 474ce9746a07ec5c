//! Decisions that need more than the caller: policies, and checks on the arguments.

use std::any::TypeId;
use std::time::SystemTime;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use futures_util::future::LocalBoxFuture;

use crate::config::Auth;
use crate::denial::{Denial, Reason};
use crate::enforce::admit::Entry;
use crate::enforce::decide::{Answers, Grounds, Ruling, decide, unanswered};
use crate::enforce::finish::{self, Place};
use crate::enforce::policy::PolicyOutcome;
use crate::enforce::questions::CheckTable;
use crate::enforce::rule::Rule;
use crate::enforce::state;
use crate::enforce::time_limit::in_time;
use crate::model::principal::Principal;
use crate::model::requirement::PolicyId;
use crate::model::requirement::evaluate::{PolicyAnswer, Verdict, evaluate_when};

/// What the log is told of a policy or check that was given up.
const LATE: &str = "no answer within the time limit";

/// A decision that depends on policies and checks: they are asked one by one, as far as they
/// matter.
pub(crate) struct Asking {
    request: HttpRequest,
    rule: &'static Rule,
    auth: Auth,
    principal: Principal,
    /// Where the decision depends on it.
    now: Option<SystemTime>,
    answers: Answers,
}

impl Asking {
    /// Nothing has been asked yet.
    pub(super) fn new(
        request: &HttpRequest,
        rule: &'static Rule,
        auth: &Auth,
        principal: Principal,
        now: Option<SystemTime>,
    ) -> Box<Self> {
        Box::new(Self {
            request: request.clone(),
            rule,
            auth: auth.clone(),
            principal,
            now,
            answers: Answers {
                given: vec![PolicyAnswer::Unasked; rule.questions.count()],
                ..Answers::default()
            },
        })
    }

    /// Asks the policies that matter, before the body is read.
    pub(super) async fn ask_policies(mut self: Box<Self>) -> Entry {
        loop {
            match self.decide() {
                Ruling::Needs(policy) => {
                    // A policy has the request, and may empty what is attached to it.
                    let state = state::copy(&self.request);
                    let answer = self.ask_policy(policy).await;
                    state::restore(&self.request, state);
                    if !self.note(policy.index, answer) {
                        // The tree names a policy that the handler does not have.
                        let because = "there is no such policy".into();
                        let reason = Reason::PolicyFailed(policy.name, because);
                        return Err(self.refuse(Grounds::Undecidable(reason)));
                    }
                }
                Ruling::NeedsArguments(_) => return Ok(Some(self)),
                Ruling::Granted => {
                    finish::grant(self.place());
                    return Ok(None);
                }
                Ruling::Refused(grounds) => return Err(self.refuse(grounds)),
            }
        }
    }

    /// Asks the checks that matter, with the handler's arguments.
    pub(super) async fn ask_checks<A>(
        mut self: Box<Self>,
        checks: CheckTable<A>,
        arguments: &A,
    ) -> Result<(), Denial> {
        let questions = &self.rule.questions;
        self.answers
            .given
            .resize(questions.count() + checks.own.len(), PolicyAnswer::Unasked);
        loop {
            let check = match self.decide() {
                Ruling::NeedsArguments(check) => check,
                Ruling::Granted => {
                    finish::grant(self.place());
                    return Ok(());
                }
                Ruling::Refused(grounds) => return Err(self.refuse(grounds)),
                // The policies have been asked.
                Ruling::Needs(_) => return Err(self.refuse(unanswered(&self.answers))),
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
                return Err(self.refuse(Grounds::Undecidable(reason)));
            }
        }
    }

    /// The named requirements that are met already, and hold wherever the requirement does. The
    /// decision is not made: one that could not be decided is not met.
    pub(super) fn granted(&self) -> impl Iterator<Item = TypeId> {
        let granted = self.rule.questions.granted();
        granted.filter_map(|(numbers, name)| {
            let answers = self.answers.given.get(numbers).unwrap_or_default();
            let verdict = evaluate_when(name.requirement, &self.principal, answers, self.now);
            (verdict == Verdict::Granted).then(name.id)
        })
    }

    /// The arguments could not be extracted, so that the checks cannot be asked and the handler
    /// does not run. Its extractor answers; but where the handler is hidden, that would tell that
    /// it is there to a caller who may not know.
    pub(super) fn refuse_unreadable(&self) -> Result<(), Denial> {
        if self.rule.hide {
            let reason = Reason::CheckFailed("..", "the arguments cannot be extracted".into());
            return Err(self.refuse(Grounds::Forbidden(reason)));
        }
        finish::note(&self.request, false);
        Ok(())
    }

    fn decide(&self) -> Ruling {
        decide(self.rule, Some(&self.principal), &self.answers, self.now)
    }

    /// Keeps an answer; `false` where there is no place for it.
    fn note(&mut self, index: usize, answer: PolicyAnswer) -> bool {
        let slot = self.answers.given.get_mut(index);
        slot.map(|slot| *slot = answer).is_some()
    }

    fn place(&self) -> Place<'_> {
        Place {
            request: &self.request,
            rule: Some(self.rule),
            auth: Some(&self.auth),
            principal: Some(&self.principal),
        }
    }

    fn refuse(&self, grounds: Grounds) -> Denial {
        finish::refuse(self.place(), grounds)
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
        self.answers.denied.get_or_insert(reason);
        PolicyAnswer::Denied
    }

    /// What the server did wrong weighs more than what the client did.
    fn fail(&mut self, status: StatusCode, reason: Reason) -> PolicyAnswer {
        match &self.answers.failed {
            Some((held, _)) if held.is_server_error() || !status.is_server_error() => {}
            _ => self.answers.failed = Some((status, reason)),
        }
        PolicyAnswer::Failed
    }
}
