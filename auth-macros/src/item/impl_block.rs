//! An impl block: every associated function that may be a handler gets its decision.

use proc_macro2::{Delimiter, Group, Ident, TokenStream};
use quote::ToTokens;
use syn::{Attribute, ItemImpl, Token, Type, parse::ParseStream};

use crate::{
    diagnostics::Diagnostics,
    item::{
        block::{Items, in_braces, split, without_content},
        inside::Inside,
        owner::{Owner, owner},
    },
    model::annotation::Annotation,
    parse::deny::{self, Arguments},
    routes,
};

/// An impl block, with our attributes taken out of it and its functions.
pub(crate) struct ImplBlock {
    pub(crate) attributes: Vec<Attribute>,
    /// Ours on the block itself, in source order.
    pub(crate) annotations: Vec<Annotation>,
    header: TokenStream,
    /// What a `#[deny_by_default]` says that is left on it.
    pub(crate) left: Arguments,
    /// Without its content.
    pub(crate) read: ItemImpl,
    pub(crate) owner: Owner,
    braces: Group,
    pub(crate) items: Items,
    /// What may serve requests inside of its header.
    pub(crate) inside: Vec<Inside>,
}

impl ImplBlock {
    pub(crate) fn is_next(input: ParseStream<'_>) -> bool {
        input.peek(Token![impl])
            || (input.peek(Token![unsafe]) && input.peek2(Token![impl]))
            || (input.peek(Token![default]) && input.peek2(Token![impl]))
    }

    /// Reads a block behind its attributes.
    pub(crate) fn parse(
        rest: TokenStream,
        attributes: Vec<Attribute>,
        annotations: Vec<Annotation>,
        diagnostics: &mut Diagnostics,
    ) -> syn::Result<Self> {
        let (header, braces) = split(rest)?;
        // The header is read with an empty body, so that the bodies inside are not.
        let read: ItemImpl = syn::parse2(without_content(&header))?;
        Ok(Self {
            left: deny::left(&attributes),
            attributes,
            annotations,
            owner: owner(&read.self_ty),
            read,
            inside: in_braces(header.clone()),
            header,
            items: Items::parse(braces.stream(), diagnostics)?,
            braces,
        })
    }

    /// The name of its type, where it is one.
    pub(crate) fn name(&self) -> Option<&Ident> {
        match &*self.read.self_ty {
            Type::Path(path) if path.qself.is_none() && path.path.segments.len() == 1 => {
                routes::last_segment(&path.path)
            }
            _ => None,
        }
    }

    /// Where a message about the type points.
    pub(crate) fn place(&self) -> Option<Ident> {
        let word = self.read.self_ty.to_token_stream().into_iter().last()?;
        Some(Ident::new("implementing", word.span()))
    }

    /// Writes the block with other content.
    pub(crate) fn write(&self, content: TokenStream, tokens: &mut TokenStream) {
        for attribute in &self.attributes {
            attribute.to_tokens(tokens);
        }
        self.header.to_tokens(tokens);
        let mut braces = Group::new(Delimiter::Brace, content);
        braces.set_span(self.braces.span());
        braces.to_tokens(tokens);
    }
}

/// The block as it was written, without our attributes.
impl ToTokens for ImplBlock {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let mut content = TokenStream::new();
        self.items.write(&mut content, ToTokens::to_tokens);
        self.write(content, tokens);
    }
}
