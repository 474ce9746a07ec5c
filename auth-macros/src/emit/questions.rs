//! The questions of a requirement as constants, and their numbers.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::{
    emit::checks,
    model::{
        expression::{Check, Named, Policy},
        questions::{Early, Questions},
    },
    runtime_path::Private,
};

impl Questions<'_> {
    /// What there is not has a number that nothing has.
    fn number(position: Option<usize>) -> Literal {
        Literal::usize_unsuffixed(position.unwrap_or(usize::MAX))
    }

    pub(crate) fn policy_constant(&self, policy: &Policy, private: &Private) -> TokenStream {
        let index = Self::number(self.policy(policy));
        let name = &policy.name;
        quote!(#private::Requirement::policy(#name, #index))
    }

    pub(crate) fn check_constant(&self, check: &Check, private: &Private) -> TokenStream {
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

    pub(crate) fn named_constant(&self, named: &Named, private: &Private) -> TokenStream {
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
                    let ask = checks::of_caller(check, private);
                    quote!(|#request| #private::run_caller_check(#request, #ask))
                }
            })
            .collect()
    }
}
