//! What has to be asked for a requirement, and under which numbers.
//!
//! The runtime numbers the questions of a requirement: its policies, the questions of the named
//! requirements in it, its checks. How many questions a named requirement has, only its declaration
//! knows, so that numbers behind one are sums of constants.

use crate::model::expression::{Check, Expression, Named, Policy};

/// What has to be asked, each once, in the order in which it is first named.
#[derive(Debug, Default)]
pub(crate) struct Questions<'a> {
    /// Asked before the handler's arguments are extracted.
    pub(crate) early: Vec<Early<'a>>,
    /// Those with arguments first.
    pub(crate) named: Vec<&'a Named>,
    pub(crate) checks: Vec<&'a Check>,
}

/// What needs no argument of the handler.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Early<'a> {
    Policy(&'a Policy),
    /// A check of the caller alone.
    Check(&'a Check),
}

impl<'a> Questions<'a> {
    /// Those of a handler, which asks all its checks behind its extractors.
    pub(crate) fn of_handler(requirement: &'a Expression) -> Self {
        Self::of(requirement, false)
    }

    /// Those of a named requirement, which may have no argument to wait for.
    pub(crate) fn of_name(requirement: &'a Expression) -> Self {
        Self::of(requirement, true)
    }

    fn of(requirement: &'a Expression, is_name: bool) -> Self {
        let mut found = Self::default();
        found.collect(requirement, is_name);
        found.named.sort_by_key(|named| named.arguments.is_empty());
        found
    }

    fn collect(&mut self, requirement: &'a Expression, is_name: bool) {
        match requirement {
            Expression::Authenticated(_) | Expression::Leaf(_) | Expression::TypedRole(_) => {}
            Expression::Policy(policy) => {
                if self.policy(policy).is_none() {
                    self.early.push(Early::Policy(policy));
                }
            }
            Expression::Check(check) if is_name && check.asks_for_caller_alone() => {
                if self.early_check(check).is_none() {
                    self.early.push(Early::Check(check));
                }
            }
            Expression::Check(check) => {
                if self.checks.iter().all(|known| !known.is(check)) {
                    self.checks.push(check);
                }
            }
            Expression::Named(named) => {
                if self.named.iter().all(|known| !known.is(named)) {
                    self.named.push(named);
                }
            }
            Expression::Group(group) => {
                for member in &group.members {
                    self.collect(member, is_name);
                }
            }
            Expression::Not(not) => self.collect(&not.operand, is_name),
        }
    }

    /// Whether there is nothing to ask, as far as can be seen from here.
    pub(crate) fn is_empty(&self) -> bool {
        self.early.is_empty() && self.named.is_empty() && self.checks.is_empty()
    }

    /// Those of the named requirements that take arguments.
    pub(crate) fn named_with_arguments(&self) -> impl Iterator<Item = &'a Named> + '_ {
        self.named
            .iter()
            .copied()
            .take_while(|named| !named.arguments.is_empty())
    }

    pub(crate) fn policy(&self, policy: &Policy) -> Option<usize> {
        self.early
            .iter()
            .position(|known| matches!(known, Early::Policy(known) if known.is(policy)))
    }

    pub(crate) fn early_check(&self, check: &Check) -> Option<usize> {
        self.early
            .iter()
            .position(|known| matches!(known, Early::Check(known) if known.is(check)))
    }
}
