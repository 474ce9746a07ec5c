//! An impl block: every associated function that may be a handler gets its decision.

use proc_macro2::{Delimiter, Group, Ident, TokenStream};
use quote::ToTokens;
use syn::{Attribute, ItemImpl, Token, Type, parse::ParseStream};

use super::{
    block::{Context, Item, Items, Written, in_braces, split, without_content, write_function},
    function::Role,
    handler::{self, Owner},
    inside::Inside,
    proof::{Around, Proofs},
};
use crate::{
    annotation::{self, Annotation},
    deny,
    diagnostics::{Diagnostics, Place},
    routes,
    rule::Rule,
    validate,
};

/// An impl block, with our attributes taken out of it and its functions.
pub(crate) struct ImplBlock {
    pub(crate) attributes: Vec<Attribute>,
    /// Ours on the block itself, in source order.
    pub(crate) annotations: Vec<Annotation>,
    header: TokenStream,
    read: ItemImpl,
    owner: Owner,
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
            attributes,
            annotations,
            owner: handler::owner(&read.self_ty),
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

    /// Expands a block that stands in no other.
    pub(crate) fn expand_alone(
        &self,
        context: &Context<'_>,
        diagnostics: &mut Diagnostics,
    ) -> TokenStream {
        let left = deny::left(&self.attributes);
        let runtime = context
            .inside(&self.annotations, &left)
            .runtime(&self.items);
        let mut proofs = Proofs::new(runtime.private());
        let is_denied = context.deny.is_some();
        if self.read.trait_.is_some() && (is_denied || !self.annotations.is_empty()) {
            let name = self
                .annotations
                .first()
                .map_or("deny_by_default", |annotation| annotation.kind.name());
            self.not_of_a_trait(name, diagnostics);
            return self.to_token_stream();
        }
        let mut tokens = self.expand(context, true, &mut proofs, diagnostics);
        tokens.extend(proofs.into_tokens());
        tokens
    }

    /// Reports what stands against expanding the block, and expands it.
    pub(crate) fn expand(
        &self,
        outer: &Context<'_>,
        is_proven: bool,
        proofs: &mut Proofs,
        diagnostics: &mut Diagnostics,
    ) -> TokenStream {
        let left = deny::left(&self.attributes);
        let context = outer.inside(&self.annotations, &left);
        validate::hidden_by_cfg_attr(&self.attributes, diagnostics);
        validate::same_twice(&self.annotations, diagnostics);
        validate::overriding_block(&self.annotations, "an impl block", diagnostics);
        let of_trait = self.read.trait_.as_ref().map(|(path, _)| path);
        let around = Around::ImplBlock {
            generics: &self.read.generics,
            of: &self.read.self_ty,
            of_trait,
            declared: self.items.names(),
        };
        let cfgs: Vec<_> = routes::conditions(&self.attributes).collect();
        if of_trait.is_some() {
            self.expand_trait(&context, &around, &cfgs, is_proven, proofs, diagnostics);
            return self.to_token_stream();
        }
        let taken = self.annotations.iter();
        let mut beside = annotation::uses(taken.filter_map(|annotation| annotation.path.as_ref()));
        let mut content = TokenStream::new();
        let mut handlers = 0;
        self.items.write(&mut content, |item, tokens| {
            handlers += validate::inside_bodies(item, context.outermost(), diagnostics);
            match item {
                Item::Function(function) => {
                    let mut written = Written {
                        owner: Some((&self.owner, &mut beside)),
                        around: &around,
                        cfgs: &cfgs,
                        proofs,
                    };
                    handlers += usize::from(write_function(
                        function,
                        &context,
                        &mut written,
                        diagnostics,
                        tokens,
                    ));
                }
                Item::Value(value) => {
                    value.prove(&around, &cfgs, proofs, diagnostics);
                    item.to_tokens(tokens);
                }
                Item::MacroCall(place, _) => {
                    handlers += 1;
                    validate::macro_in_block(*place, "an impl block", diagnostics);
                    item.to_tokens(tokens);
                }
                _ => item.to_tokens(tokens),
            }
        });
        if let Some(annotation) = self.annotations.first()
            && handlers == 0
        {
            validate::no_handler(annotation, "impl block", diagnostics);
        }
        self.write(content, &mut beside);
        beside
    }

    /// The signatures of a trait's functions are the trait's, so that nothing can be put in front
    /// of their arguments.
    fn expand_trait(
        &self,
        context: &Context<'_>,
        around: &Around<'_>,
        cfgs: &[&Attribute],
        is_proven: bool,
        proofs: &mut Proofs,
        diagnostics: &mut Diagnostics,
    ) {
        let inside = self.items.items.iter().find_map(|item| match item {
            Item::Function(function) => function.annotations.first(),
            _ => None,
        });
        if let Some(annotation) = self.annotations.first().or(inside) {
            self.not_of_a_trait(annotation.kind.name(), diagnostics);
            return;
        }
        if !is_proven && let Some(place) = self.place() {
            proofs.implementing(&place, &self.read.self_ty, around, cfgs);
        }
        for item in &self.items.items {
            validate::inside_bodies(item, context.outermost(), diagnostics);
            match item {
                Item::Function(function) if function.role() == Role::Handler => {
                    validate::undecided_in_trait(&self.owner.name, function, diagnostics);
                }
                Item::Function(function) => proofs.function(function, around, cfgs, diagnostics),
                Item::Value(value) => value.prove(around, cfgs, proofs, diagnostics),
                Item::MacroCall(place, _) => {
                    validate::macro_in_block(*place, "an impl block", diagnostics);
                }
                _ => {}
            }
        }
    }

    /// Where a message about the type points.
    fn place(&self) -> Option<Ident> {
        let word = self.read.self_ty.to_token_stream().into_iter().last()?;
        Some(Ident::new("implementing", word.span()))
    }

    fn not_of_a_trait(&self, name: &str, diagnostics: &mut Diagnostics) {
        let place = match &self.read.trait_ {
            Some((path, _)) => Place::over(path),
            None => Place::over(&self.read.self_ty),
        };
        diagnostics.report_with_help(
            Rule::TargetTraitImpl,
            place,
            format!(
                "`#[{name}]` cannot be applied to the impl of a trait, whose signatures are fixed"
            ),
            "move the handlers to an impl block of the type itself",
        );
    }

    fn write(&self, content: TokenStream, tokens: &mut TokenStream) {
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
