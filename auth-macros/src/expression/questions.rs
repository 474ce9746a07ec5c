//! What has to be asked for a requirement, and under which numbers.
//!
//! The runtime numbers the questions of a requirement: its policies, the questions of the named
//! requirements in it, its checks. How many questions a named requirement has, only its declaration
//! knows, so that numbers behind one are sums of constants.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::runtime_path::Private;

use super::{Check, Expression, Named, Policy};

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

    fn policy(&self, policy: &Policy) -> Option<usize> {
        self.early
            .iter()
            .position(|known| matches!(known, Early::Policy(known) if known.is(policy)))
    }

    fn early_check(&self, check: &Check) -> Option<usize> {
        self.early
            .iter()
            .position(|known| matches!(known, Early::Check(known) if known.is(check)))
    }

    /// What there is not has a number that nothing has.
    fn number(position: Option<usize>) -> Literal {
        Literal::usize_unsuffixed(position.unwrap_or(usize::MAX))
    }

    pub(super) fn policy_constant(&self, policy: &Policy, private: &Private) -> TokenStream {
        let index = Self::number(self.policy(policy));
        let name = &policy.name;
        quote!(#private::Requirement::policy(#name, #index))
    }

    pub(super) fn check_constant(&self, check: &Check, private: &Private) -> TokenStream {
        let name = check.names();
        let text = check.text();
        if let Some(index) = self.early_check(check) {
            let index = Self::number(Some(index));
            return quote!(#private::Requirement::written_caller_check(#name, #index, #text));
        }
        let position = self.checks.iter().position(|known| known.is(check));
        let first = position.map(|position| position.saturating_add(self.early.len()));
        let index = self.sum(first, self.named.len(), private);
        quote!(#private::Requirement::written_check(#name, #index, #text))
    }

    pub(super) fn named_constant(&self, named: &Named, private: &Private) -> TokenStream {
        let position = self.named.iter().position(|known| known.is(named));
        let first = position.map(|_| self.early.len());
        let first = self.sum(first, position.unwrap_or_default(), private);
        // A path that names no requirement is reported there.
        let located = Span::call_site().located_at(named.path_place.span());
        let path = &named.path;
        let part = quote_spanned!(located=> <#path as #private::NamedRequirement>::PART);
        if named.arguments.is_empty() {
            quote_spanned!(located=> #part.alone(#first))
        } else {
            let arguments = named.argument_names();
            quote_spanned!(located=> #part.of(#first, #arguments))
        }
    }

    /// A number behind the questions of so many named requirements.
    fn sum(&self, first: Option<usize>, named: usize, private: &Private) -> TokenStream {
        let first = Self::number(first);
        let counts = self.named.iter().take(named).map(|named| {
            let path = &named.path;
            let located = Span::call_site().located_at(named.path_place.span());
            quote_spanned!(located=> + <#path as #private::NamedRequirement>::QUESTIONS.count())
        });
        quote!(#first #(#counts)*)
    }

    /// The named requirements as a list: those of `granted` hold wherever the requirement does.
    pub(crate) fn asked(&self, granted: &[&Named], private: &Private) -> TokenStream {
        let named = self.named.iter().map(|named| {
            let path = &named.path;
            let is_granted = granted.iter().any(|granted| granted.is(named));
            let which = Ident::new(
                if is_granted { "GRANTED" } else { "ASKED" },
                Span::call_site(),
            );
            let located = Span::call_site().located_at(named.path_place.span());
            quote_spanned!(located=> <#path as #private::NamedRequirement>::#which)
        });
        quote!(&[#(#named),*])
    }

    /// The questions as a constant of a named requirement; `None` where there are none.
    pub(crate) fn constant(&self, private: &Private) -> Option<TokenStream> {
        if self.is_empty() {
            return None;
        }
        let checks = Literal::usize_unsuffixed(self.checks.len());
        if self.early.is_empty() && self.named.is_empty() {
            return Some(quote! {
                const QUESTIONS: &'static #private::Questions = &#private::Questions::checks(#checks);
            });
        }
        let policies = self.policies(private);
        let asked = self.asked(&[], private);
        Some(quote! {
            const QUESTIONS: &'static #private::Questions =
                &#private::Questions::new(&[#(#policies),*], #asked, #checks);
        })
    }

    /// The functions of what is asked early.
    pub(crate) fn policies(&self, private: &Private) -> Vec<TokenStream> {
        let request = Ident::new("__auth_request", Span::mixed_site());
        self.early
            .iter()
            .map(|early| match early {
                Early::Policy(policy) => {
                    let path = &policy.path;
                    // A policy of the wrong shape is reported at its path.
                    let located = Span::call_site().located_at(policy.place.span());
                    quote_spanned!(located=> |#request| #private::run_policy(#path, #request))
                }
                Early::Check(check) => {
                    let ask = crate::checks::of_caller(check, private);
                    quote!(|#request| #private::run_caller_check(#request, #ask))
                }
            })
            .collect()
    }
}
