//! What has to be asked for a requirement, by number.

use std::any::TypeId;
use std::ops::Range;

use actix_web::HttpRequest;
use futures_util::FutureExt as _;

use super::check::{CheckFns, CheckFuture};
use super::policy::{PolicyFn, PolicyFuture, PolicyOutcome};
use crate::enforce::state;
use crate::model::principal::Principal;
use crate::model::requirement::Requirement;

/// What a requirement asks, numbered from 0: its policies, the questions of the named requirements
/// in it, one after the other, and its checks.
///
/// The attributes and `requirement!` write it.
#[derive(Clone, Copy, Debug)]
pub struct Questions {
    policies: &'static [PolicyFn],
    named: &'static [AskedName],
    checks: usize,
}

/// A named requirement in a requirement.
#[derive(Clone, Copy, Debug)]
pub struct AskedName {
    /// What it asks.
    pub questions: &'static Questions,
    /// Where it holds wherever the requirement does.
    pub granted: Option<GrantedName>,
}

/// A named requirement that holds wherever the requirement does that it stands in.
#[derive(Clone, Copy, Debug)]
pub struct GrantedName {
    /// Its type.
    pub id: fn() -> TypeId,
    /// What it stands for.
    pub requirement: &'static Requirement,
}

/// What a number stands for.
pub(crate) enum Question {
    Policy(PolicyFn),
    /// A question of the named requirement of this position, by its number there.
    Named(usize, usize),
    /// The check of this position, if there are so many.
    Check(usize),
}

impl Questions {
    /// Nothing has to be asked.
    pub const NONE: &'static Self = &Self::new(&[], &[], 0);

    /// These policies, the questions of these named requirements, and so many checks.
    #[must_use]
    pub const fn new(
        policies: &'static [PolicyFn],
        named: &'static [AskedName],
        checks: usize,
    ) -> Self {
        Self {
            policies,
            named,
            checks,
        }
    }

    /// So many checks and nothing else.
    #[must_use]
    pub const fn checks(checks: usize) -> Self {
        Self::new(&[], &[], checks)
    }

    /// How many they are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.before_checks() + self.checks
    }

    /// The number of the first check.
    pub(crate) const fn before_checks(&self) -> usize {
        let mut count = self.policies.len();
        let mut rest = self.named;
        while let [first, behind @ ..] = rest {
            count += first.questions.count();
            rest = behind;
        }
        count
    }

    /// Whether there are named requirements in it.
    pub(crate) const fn has_named(&self) -> bool {
        !self.named.is_empty()
    }

    /// The named requirements that hold wherever the requirement does, each with the numbers of its
    /// questions.
    pub(crate) fn granted(&self) -> impl Iterator<Item = (Range<usize>, GrantedName)> {
        let mut behind = self.policies.len();
        self.named.iter().filter_map(move |named| {
            let first = behind;
            behind += named.questions.count();
            named.granted.map(|name| (first..behind, name))
        })
    }

    pub(crate) fn find(&self, number: usize) -> Question {
        if let Some(policy) = self.policies.get(number) {
            return Question::Policy(*policy);
        }
        let mut rest = number.saturating_sub(self.policies.len());
        for (position, named) in self.named.iter().enumerate() {
            let count = named.questions.count();
            if rest < count {
                return Question::Named(position, rest);
            }
            rest -= count;
        }
        Question::Check(rest)
    }

    /// The policy of this number, wherever it stands.
    pub(crate) fn policy(&self, number: usize) -> Option<PolicyFn> {
        match self.find(number) {
            Question::Policy(policy) => Some(policy),
            Question::Named(position, number) => self.named.get(position)?.questions.policy(number),
            Question::Check(_) => None,
        }
    }
}

/// A check of a named requirement, by its number there, with what the handler whose arguments are
/// `A` gives it.
pub(crate) type NamedCheckFn<A> =
    for<'a> fn(usize, &'a Principal, &'a A) -> Option<CheckFuture<'a>>;

/// A named requirement with its arguments: asks a check by its number there.
pub trait AskNamed<'a>: Fn(usize, &'a Principal) -> Option<CheckFuture<'a>> {}

impl<'a, F: Fn(usize, &'a Principal) -> Option<CheckFuture<'a>>> AskNamed<'a> for F {}

/// What a named requirement without arguments is given.
pub type NoArguments = for<'a> fn(usize, &'a Principal) -> Option<CheckFuture<'a>>;

/// How the checks of the named requirements are asked: of those that take arguments, which are the
/// first, in the order of their questions.
pub type NamedCheckFns<A> = &'static [NamedCheckFn<A>];

/// All checks that a handler asks: its own and those of named requirements.
pub(crate) struct CheckTable<A: 'static> {
    pub(super) own: CheckFns<A>,
    pub(super) named: NamedCheckFns<A>,
}

impl<A> Clone for CheckTable<A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A> Copy for CheckTable<A> {}

impl<A> CheckTable<A> {
    /// Of what has no checks.
    pub(crate) const NONE: Self = Self {
        own: &[],
        named: &[],
    };

    /// Asks the check of this number; `None` where there is none.
    pub(crate) fn ask<'a>(
        self,
        questions: &Questions,
        number: usize,
        caller: &'a Principal,
        arguments: &'a A,
    ) -> Option<CheckFuture<'a>> {
        match questions.find(number) {
            Question::Policy(_) => None,
            Question::Named(position, number) => {
                let ask = self.named.get(position)?;
                ask(number, caller, arguments)
            }
            Question::Check(position) => Some(self.own.get(position)?(caller, arguments)),
        }
    }
}

/// Asks a check of a named requirement, by its number: one of its own, or of a named requirement
/// in it. `None` where there is none.
pub fn ask_named<'a>(
    questions: &Questions,
    number: usize,
    named: &[&dyn Fn(usize) -> Option<CheckFuture<'a>>],
    checks: &[&dyn Fn() -> CheckFuture<'a>],
) -> Option<CheckFuture<'a>> {
    match questions.find(number) {
        Question::Policy(_) => None,
        Question::Named(position, number) => named.get(position)?(number),
        Question::Check(position) => Some(checks.get(position)?()),
    }
}

/// Asks a check that asks for the caller alone, which a named requirement holds: like a policy,
/// before the handler's arguments are extracted.
pub fn run_caller_check(
    request: &HttpRequest,
    check: for<'a> fn(&'a Principal) -> CheckFuture<'a>,
) -> PolicyFuture {
    let caller = state::known_to_guard(request);
    let asked = async move {
        match caller {
            Some(caller) => check(&caller).await,
            None => PolicyOutcome::Failed("the caller is not authenticated".into()),
        }
    };
    asked.boxed_local()
}
