//! An inline module: everything in it that may be a handler gets its decision.

use proc_macro2::{Delimiter, Group, TokenStream};
use quote::ToTokens;
use syn::Attribute;

use super::{
    block::{Item, Items, may_be_handler},
    function::Function,
    handler, impl_block,
};
use crate::{
    annotation::{self, Annotation, Combined},
    deny::{self, Deny},
    diagnostics::{Diagnostics, Place},
    routes,
    rule::Rule,
    validate,
};

/// A module, with our attributes taken out of it at every depth.
pub(crate) struct Module {
    pub(crate) attributes: Vec<Attribute>,
    /// Ours on the module itself, in source order.
    pub(crate) annotations: Vec<Annotation>,
    header: TokenStream,
    /// `None` where the module stands in a file of its own.
    body: Option<(Group, Items)>,
}

impl Module {
    /// Reads a module behind its attributes.
    pub(crate) fn parse(
        rest: TokenStream,
        attributes: Vec<Attribute>,
        annotations: Vec<Annotation>,
        diagnostics: &mut Diagnostics,
    ) -> syn::Result<Self> {
        let (header, body) = match impl_block::split(rest.clone()) {
            Ok((header, braces)) => {
                let items = Items::parse(braces.stream(), diagnostics)?;
                (header, Some((braces, items)))
            }
            Err(_) => (rest, None),
        };
        Ok(Self {
            attributes,
            annotations,
            header,
            body,
        })
    }

    /// Reports what stands against expanding the module, and expands it.
    pub(crate) fn expand(
        &self,
        outer: &[&[Annotation]],
        deny: Option<Deny<'_>>,
        roles: Option<&TokenStream>,
        diagnostics: &mut Diagnostics,
    ) -> TokenStream {
        let left = deny::left(&self.attributes);
        let roles = left.roles.as_ref().or(roles);
        let deny = deny.map(|deny| left.nearer_than(deny));
        validate::hidden_by_cfg_attr(&self.attributes, diagnostics);
        validate::same_twice(&self.annotations, diagnostics);
        validate::overriding_block(&self.annotations, "a module", diagnostics);
        let Some((braces, items)) = &self.body else {
            diagnostics.report_with_help(
                Rule::TargetModuleFile,
                Place::over(&self.header),
                "a module in a file of its own cannot be seen from here",
                "write the module's items here, or put the attributes on the handlers in the file",
            );
            return self.to_token_stream();
        };
        let levels: Vec<&[Annotation]> = outer
            .iter()
            .copied()
            .chain([self.annotations.as_slice()])
            .collect();
        let is_decided = levels.iter().any(|level| !level.is_empty());
        let inside = deny.map(Deny::inside);
        let is_test = routes::is_for_tests(&self.attributes);
        let mut content = TokenStream::new();
        let mut handlers = 0;
        if is_decided || (deny.is_some() && !is_test) {
            let outermost = levels.iter().find_map(|level| level.first());
            let inside = |item| validate::inside_bodies(item, outermost, diagnostics);
            handlers = items.items.iter().map(inside).sum();
        }
        items.write(&mut content, |item, tokens| match item {
            Item::Function(function) => {
                let is_handler =
                    expand_function(function, &levels, deny, roles, diagnostics, tokens);
                handlers += usize::from(is_handler);
            }
            Item::ImplBlock(block) => {
                handlers += 1;
                block
                    .expand(&levels, &[], inside, roles, diagnostics)
                    .to_tokens(tokens);
            }
            Item::Module(module) => {
                handlers += 1;
                module
                    .expand(&levels, inside, roles, diagnostics)
                    .to_tokens(tokens);
            }
            Item::MacroCall(place, _) => {
                handlers += 1;
                // Tests mount nothing that is served.
                if is_decided || !is_test {
                    validate::macro_in_block(*place, "a module", diagnostics);
                }
                item.to_tokens(tokens);
            }
            Item::Tests(_) | Item::Other(_) => item.to_tokens(tokens),
        });
        if let Some(annotation) = self.annotations.first()
            && handlers == 0
        {
            validate::no_handler(annotation, "module", diagnostics);
        }
        let taken = self.annotations.iter();
        let mut tokens = annotation::uses(taken.filter_map(|annotation| annotation.path.as_ref()));
        self.write(braces, content, &mut tokens);
        tokens
    }

    fn write(&self, braces: &Group, content: TokenStream, tokens: &mut TokenStream) {
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

/// Writes a function of the module: guarded, where something is decided for it. Whether it is a
/// handler of ours.
fn expand_function(
    function: &Function,
    around: &[&[Annotation]],
    deny: Option<Deny<'_>>,
    roles: Option<&TokenStream>,
    diagnostics: &mut Diagnostics,
    tokens: &mut TokenStream,
) -> bool {
    let is_decided = around.iter().any(|level| !level.is_empty());
    let before = diagnostics.count();
    validate::hidden_by_cfg_attr(&function.attributes, diagnostics);
    let is_seen = diagnostics.count() == before;
    let mut own = function.annotations.as_slice();
    if own.is_empty() {
        let is_handler = if is_decided {
            may_be_handler(function)
        } else {
            // An attribute above this one may have guarded it already.
            routes::mounts(&function.attributes) && handler::guarded_spec(function).is_none()
        };
        if is_handler && !is_decided {
            own = deny.map_or(&[][..], |deny| deny.default);
        }
        if is_handler && !is_decided && own.is_empty() && is_seen {
            deny::no_decision(function.name(), diagnostics);
        }
        if !is_handler || (!is_decided && own.is_empty()) {
            function.to_tokens(tokens);
            return false;
        }
    }
    let levels: Vec<&[Annotation]> = around.iter().copied().chain([own]).collect();
    if let Some(annotation) = levels.iter().rev().find_map(|level| level.first()) {
        validate::function(function, annotation.kind, false, diagnostics);
    }
    validate::together(&levels, diagnostics);
    let all: Vec<_> = levels.iter().copied().flatten().collect();
    match Combined::of(&all) {
        Some(combined) if diagnostics.is_empty() => {
            let combined = combined.using_only(&[own]);
            let expanded = handler::expand(function, &combined, None, &[]);
            let cfgs: Vec<_> = routes::cfgs(&function.attributes).collect();
            combined.role_checks(roles, &cfgs).to_tokens(tokens);
            expanded.beside.to_tokens(tokens);
            expanded.function.to_tokens(tokens);
        }
        _ => function.to_tokens(tokens),
    }
    true
}
