//! An inline module: everything in it that may be a handler gets its decision.

use proc_macro2::{Delimiter, Group, TokenStream};
use quote::ToTokens;
use syn::Attribute;

use crate::{
    diagnostics::Diagnostics,
    item::block::{Items, split},
    model::annotation::Annotation,
    parse::deny::{self, Arguments},
};

/// A module, with our attributes taken out of it at every depth.
pub(crate) struct Module {
    pub(crate) attributes: Vec<Attribute>,
    /// Ours on the module itself, in source order.
    pub(crate) annotations: Vec<Annotation>,
    pub(crate) header: TokenStream,
    /// What a `#[deny_by_default]` says that is left on it.
    pub(crate) left: Arguments,
    /// `None` where the module stands in a file of its own.
    pub(crate) body: Option<(Group, Items)>,
}

impl Module {
    /// Reads a module behind its attributes.
    pub(crate) fn parse(
        rest: TokenStream,
        attributes: Vec<Attribute>,
        annotations: Vec<Annotation>,
        diagnostics: &mut Diagnostics,
    ) -> syn::Result<Self> {
        let (header, body) = match split(rest.clone()) {
            Ok((header, braces)) => {
                let items = Items::parse(braces.stream(), diagnostics)?;
                (header, Some((braces, items)))
            }
            Err(_) => (rest, None),
        };
        Ok(Self {
            left: deny::left(&attributes),
            attributes,
            annotations,
            header,
            body,
        })
    }

    pub(crate) fn items(&self) -> Option<&Items> {
        self.body.as_ref().map(|(_, items)| items)
    }

    /// Writes the module with other content.
    pub(crate) fn write(&self, braces: &Group, content: TokenStream, tokens: &mut TokenStream) {
        for attribute in &self.attributes {
            attribute.to_tokens(tokens);
        }
        self.header.to_tokens(tokens);
        let mut group = Group::new(Delimiter::Brace, content);
        group.set_span(braces.span());
        group.to_tokens(tokens);
    }
}

/// The module as it was written, without our attributes.
impl ToTokens for Module {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Some((braces, items)) = &self.body else {
            for attribute in &self.attributes {
                attribute.to_tokens(tokens);
            }
            self.header.to_tokens(tokens);
            return;
        };
        let mut content = TokenStream::new();
        items.write(&mut content, ToTokens::to_tokens);
        self.write(braces, content, tokens);
    }
}
