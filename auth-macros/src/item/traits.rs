//! A trait inside of a block: its default functions are handlers as others are, but for that
//! nothing can be put in front of their arguments.

use proc_macro2::{Group, TokenStream};
use quote::ToTokens;
use syn::{Attribute, ItemTrait};

use crate::{
    diagnostics::Diagnostics,
    item::{
        block::{Items, in_braces, split, without_content},
        inside::Inside,
    },
};

/// A trait, with our attributes taken out of its functions.
pub(crate) struct Trait {
    pub(crate) attributes: Vec<Attribute>,
    header: TokenStream,
    /// Without its content.
    pub(crate) read: ItemTrait,
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
