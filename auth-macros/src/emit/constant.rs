//! A requirement as a constant of the runtime's.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use crate::{
    model::{
        expression::{Connective, Expression, Leaf, LeafKind, duration_seconds},
        questions::Questions,
    },
    runtime_path::Private,
};

impl LeafKind {
    /// Its variant of the runtime's `Requirement`. A variant, because a call of a constructor in a
    /// constant costs the compiler more than what it makes.
    fn variant(self) -> &'static str {
        match self {
            Self::Role => "Role",
            Self::Scope => "Scope",
            Self::Permission => "Permission",
            Self::Scheme => "Scheme",
            Self::Acr => "Acr",
            Self::MaxAge => "MaxAge",
        }
    }
}

impl Connective {
    /// Its variant of the runtime's `Requirement`.
    fn variant(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Any => "Any",
        }
    }
}

impl Expression {
    /// The tree as a constant expression of the runtime's `Requirement`.
    pub(crate) fn constant(&self, private: &Private, questions: &Questions<'_>) -> TokenStream {
        match self {
            Self::Authenticated(_) => quote!(#private::Requirement::Authenticated),
            Self::Leaf(leaf) => {
                let constructor = syn::Ident::new(leaf.kind.variant(), Span::call_site());
                match leaf.kind {
                    LeafKind::Acr => quote!(#private::Requirement::#constructor(&[#leaf])),
                    LeafKind::MaxAge => {
                        // What is no duration was reported; 0 is the strictest there is.
                        let seconds = duration_seconds(&leaf.value).unwrap_or(0);
                        let seconds = Literal::u64_unsuffixed(seconds);
                        quote!(#private::Requirement::#constructor(#seconds))
                    }
                    _ => quote!(#private::Requirement::#constructor(#leaf)),
                }
            }
            Self::TypedRole(role) => {
                let path = &role.path;
                // A type that is no role type is reported at its path.
                let located = Span::call_site().located_at(role.path_place.span());
                let set = quote_spanned!(located=> #private::role_set(#path));
                quote!(#private::Requirement::typed_role(|| #set))
            }
            Self::Policy(policy) => questions.policy_constant(policy, private),
            Self::Named(named) => questions.named_constant(named, private),
            Self::Check(check) => questions.check_constant(check, private),
            Self::Group(group) => {
                let constructor = syn::Ident::new(group.connective.variant(), Span::call_site());
                let members = group
                    .members
                    .iter()
                    .map(|member| member.constant(private, questions));
                quote!(#private::Requirement::#constructor(&[#(#members),*]))
            }
            Self::Not(not) => {
                let operand = not.operand.constant(private, questions);
                quote!(#private::Requirement::Not(&#operand))
            }
        }
    }
}

impl ToTokens for Leaf {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let mut literal = Literal::string(&self.value);
        literal.set_span(self.span);
        literal.to_tokens(tokens);
    }
}
