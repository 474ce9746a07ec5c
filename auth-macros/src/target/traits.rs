//! A trait inside of a block: its default functions are handlers as others are, but for that
//! nothing can be put in front of their arguments.

use proc_macro2::{Group, TokenStream};
use quote::ToTokens;
use syn::{Attribute, ItemTrait};

use super::{
    block::{Context, Item, Items, in_braces, split, without_content},
    function::Role,
    inside::Inside,
    proof::{Around, Proofs},
};
use crate::{diagnostics::Diagnostics, routes, validate};

/// A trait, with our attributes taken out of its functions.
pub(crate) struct Trait {
    attributes: Vec<Attribute>,
    header: TokenStream,
    read: ItemTrait,
    braces: Group,
    pub(crate) items: Items,
    /// What may serve requests inside of its header.
    pub(crate) inside: Vec<Inside>,
}

impl Trait {
    /// Reads a trait behind its attributes.
    pub(crate) fn parse(
        rest: TokenStream,
        attributes: Vec<Attribute>,
        diagnostics: &mut Diagnostics,
    ) -> syn::Result<Self> {
        let (header, braces) = split(rest)?;
        Ok(Self {
            attributes,
            read: syn::parse2(without_content(&header))?,
            inside: in_braces(header.clone()),
            header,
            items: Items::parse(braces.stream(), diagnostics)?,
            braces,
        })
    }

    /// Reports what may be a handler, and leaves the rest to the compiler to prove.
    pub(crate) fn expand(
        &self,
        context: &Context<'_>,
        proofs: &mut Proofs,
        diagnostics: &mut Diagnostics,
    ) {
        let around = Around::Trait {
            generics: &self.read.generics,
            name: &self.read.ident,
        };
        let cfgs: Vec<_> = routes::conditions(&self.attributes).collect();
        for item in &self.items.items {
            validate::inside_bodies(item, context.outermost(), diagnostics);
            match item {
                Item::Function(function) => {
                    if let Some(annotation) = function.annotations.first() {
                        validate::function_of_trait(function, annotation.kind, diagnostics);
                    } else if !function.has_body {
                        // Its implementations are looked at where they are.
                    } else if function.role() == Role::Handler {
                        let of = self.read.ident.to_string();
                        validate::undecided_in_trait(&of, function, diagnostics);
                    } else {
                        proofs.function(function, &around, &cfgs, diagnostics);
                    }
                }
                Item::Value(value) => value.prove(&around, &cfgs, proofs, diagnostics),
                Item::MacroCall(place, _) => {
                    validate::macro_in_block(*place, "a trait", diagnostics);
                }
                _ => {}
            }
        }
    }
}

/// The trait as it was written, without our attributes.
impl ToTokens for Trait {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        for attribute in &self.attributes {
            attribute.to_tokens(tokens);
        }
        self.header.to_tokens(tokens);
        let mut content = TokenStream::new();
        self.items.write(&mut content, ToTokens::to_tokens);
        let mut braces = Group::new(self.braces.delimiter(), content);
        braces.set_span(self.braces.span());
        braces.to_tokens(tokens);
    }
}
