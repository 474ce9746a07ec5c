//! An impl block: every associated function that may be a handler gets its decision.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, ItemImpl, Token, parse::ParseStream};

use super::{
    block::{Item, Items, may_be_handler},
    handler::{self, Owner},
};
use crate::{
    annotation::{Annotation, Combined},
    deny::{self, Deny},
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
    is_trait: bool,
    trait_place: Place,
    owner: Owner,
    braces: Group,
    pub(crate) items: Items,
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
        let mut empty = header.clone();
        empty.extend([TokenTree::Group(Group::new(
            Delimiter::Brace,
            TokenStream::new(),
        ))]);
        let read: ItemImpl = syn::parse2(empty)?;
        Ok(Self {
            attributes,
            annotations,
            is_trait: read.trait_.is_some(),
            trait_place: match &read.trait_ {
                Some((path, _)) => Place::over(path),
                None => Place::over(&read.self_ty),
            },
            owner: handler::owner(&read.self_ty),
            header,
            items: Items::parse(braces.stream(), diagnostics)?,
            braces,
        })
    }

    /// Reports what stands against expanding the block, and expands it.
    pub(crate) fn expand(
        &self,
        outer: &[&[Annotation]],
        outer_cfgs: &[&Attribute],
        deny: Option<Deny<'_>>,
        roles: Option<&TokenStream>,
        diagnostics: &mut Diagnostics,
    ) -> TokenStream {
        let left = deny::left(&self.attributes);
        let roles = left.roles.as_ref().or(roles);
        validate::hidden_by_cfg_attr(&self.attributes, diagnostics);
        validate::same_twice(&self.annotations, diagnostics);
        validate::overriding_block(&self.annotations, "an impl block", diagnostics);
        let mut handlers = self.inside_bodies(outer, deny.is_some(), diagnostics);
        if self.is_trait {
            self.expand_trait(outer, deny, diagnostics);
            return self.to_token_stream();
        }
        let is_annotated = !self.annotations.is_empty();
        let is_inside = outer.iter().any(|level| !level.is_empty());
        let is_denied = deny.is_some_and(|deny| deny.is_own);
        let default = match deny {
            Some(deny) if deny.is_own => left.nearer_than(deny).default,
            _ => &[],
        };
        let cfgs: Vec<_> = outer_cfgs
            .iter()
            .copied()
            .chain(routes::cfgs(&self.attributes))
            .collect();
        let mut beside = TokenStream::new();
        let mut content = TokenStream::new();
        self.items.write(&mut content, |item, tokens| {
            let Item::Function(function) = item else {
                if let Item::MacroCall(place, _) = item
                    && (is_annotated || is_denied)
                {
                    handlers += 1;
                    validate::macro_in_block(*place, "an impl block", diagnostics);
                }
                item.to_tokens(tokens);
                return;
            };
            validate::hidden_by_cfg_attr(&function.attributes, diagnostics);
            let mut own = function.annotations.as_slice();
            if own.is_empty() {
                let is_guarded = handler::guarded_spec(function).is_some();
                if !may_be_handler(function) || (is_guarded && !is_annotated) {
                    item.to_tokens(tokens);
                    return;
                }
                if !is_annotated {
                    own = default;
                    if own.is_empty() {
                        if is_denied {
                            deny::no_decision_in_block(function.name(), diagnostics);
                        } else if is_inside {
                            self.undecided(function.name(), diagnostics);
                        }
                        item.to_tokens(tokens);
                        return;
                    }
                }
            }
            handlers += 1;
            let levels: Vec<&[Annotation]> = outer
                .iter()
                .copied()
                .chain([self.annotations.as_slice(), own])
                .collect();
            if let Some(annotation) = levels.iter().rev().find_map(|level| level.first()) {
                validate::function(function, annotation.kind, true, diagnostics);
            }
            validate::together(&levels, diagnostics);
            let all: Vec<_> = levels.iter().copied().flatten().collect();
            match Combined::of(&all) {
                Some(combined) if diagnostics.is_empty() => {
                    let combined = combined.using_only(&[&self.annotations, own]);
                    let expanded = handler::expand(function, &combined, Some(&self.owner), &cfgs);
                    let own = routes::cfgs(&function.attributes);
                    let cfgs: Vec<_> = cfgs.iter().copied().chain(own).collect();
                    combined.role_checks(roles, &cfgs).to_tokens(&mut beside);
                    expanded.beside.to_tokens(&mut beside);
                    expanded.function.to_tokens(tokens);
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

    /// Reports the handlers inside of the functions, and says how many there are.
    fn inside_bodies(
        &self,
        outer: &[&[Annotation]],
        is_denied: bool,
        diagnostics: &mut Diagnostics,
    ) -> usize {
        let outermost = outer
            .iter()
            .copied()
            .chain([self.annotations.as_slice()])
            .find_map(<[Annotation]>::first);
        if !is_denied && outermost.is_none() {
            return 0;
        }
        let inside = |item| validate::inside_bodies(item, outermost, diagnostics);
        self.items.items.iter().map(inside).sum()
    }

    /// The signatures of a trait's functions are the trait's, so that nothing can be put in front
    /// of their arguments.
    fn expand_trait(
        &self,
        outer: &[&[Annotation]],
        deny: Option<Deny<'_>>,
        diagnostics: &mut Diagnostics,
    ) {
        let inside = self.items.items.iter().find_map(|item| match item {
            Item::Function(function) => function.annotations.first(),
            _ => None,
        });
        let name = match self.annotations.first().or(inside) {
            Some(annotation) => Some(annotation.kind.name()),
            None => deny.filter(|deny| deny.is_own).map(|_| "deny_by_default"),
        };
        if let Some(name) = name {
            diagnostics.report_with_help(
                Rule::TargetTraitImpl,
                self.trait_place,
                format!(
                    "`#[{name}]` cannot be applied to the impl of a trait, whose signatures are fixed"
                ),
                "move the handlers to an impl block of the type itself",
            );
        } else if outer.iter().any(|level| !level.is_empty()) {
            for item in &self.items.items {
                if let Item::Function(function) = item
                    && may_be_handler(function)
                {
                    self.undecided(function.name(), diagnostics);
                }
            }
        }
    }

    /// Inside a module with an annotation, an associated function may be a handler or a
    /// constructor. Taking it for either would be a guess.
    fn undecided(&self, function: &syn::Ident, diagnostics: &mut Diagnostics) {
        diagnostics.report_with_help(
            Rule::UndecidedImplBlock,
            function.span(),
            format!("is `{}::{function}` a handler?", self.owner.name),
            if self.is_trait {
                "move this impl block out of the module that has an attribute"
            } else {
                "put `#[requires_auth]` on its impl block if it is, or move the impl block out of the module"
            },
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

/// An item's tokens up to its block, and the block.
pub(super) fn split(item: TokenStream) -> syn::Result<(TokenStream, Group)> {
    let mut trees: Vec<TokenTree> = item.into_iter().collect();
    match trees.pop() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
            Ok((trees.into_iter().collect(), group))
        }
        last => Err(syn::Error::new_spanned(
            last.into_token_stream(),
            "expected a block",
        )),
    }
}
