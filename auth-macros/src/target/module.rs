//! An inline module: everything in it that may be a handler gets its decision.

use proc_macro2::{Delimiter, Group, TokenStream};
use quote::ToTokens;
use syn::Attribute;

use super::{
    block::{Context, Item, Items, Written, prove_type, split, write_function},
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
        let (header, body) = match split(rest.clone()) {
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

    pub(crate) fn items(&self) -> Option<&Items> {
        self.body.as_ref().map(|(_, items)| items)
    }

    /// Reports what stands against expanding the module, and expands it.
    pub(crate) fn expand(&self, outer: &Context<'_>, diagnostics: &mut Diagnostics) -> TokenStream {
        let left = deny::left(&self.attributes);
        let context = outer.inside(&self.annotations, &left);
        validate::hidden_by_cfg_attr(&self.attributes, diagnostics);
        validate::same_twice(&self.annotations, diagnostics);
        validate::overriding_block(&self.annotations, "a module", diagnostics);
        let Some((braces, items)) = &self.body else {
            diagnostics.report_with_help(
                Rule::TargetModuleFile,
                Place::over(&self.header),
                "a module in a file of its own cannot be seen from here",
                "write the module's items here; or, in the file, put them into an inline module with \
                 the attribute: `#[deny_by_default] mod handlers { ... } pub use handlers::*;`",
            );
            return self.to_token_stream();
        };
        if !context.is_decided() && routes::is_for_tests(&self.attributes) {
            return self.to_token_stream();
        }
        let mut proofs = Proofs::new(context.runtime(items).private());
        let mut content = TokenStream::new();
        let mut handlers = 0;
        items.write(&mut content, |item, tokens| {
            handlers += validate::inside_bodies(item, context.outermost(), diagnostics);
            match item {
                Item::Function(function) => {
                    let mut written = Written {
                        owner: None,
                        around: &Around::Module,
                        cfgs: &[],
                        proofs: &mut proofs,
                    };
                    handlers += usize::from(write_function(
                        function,
                        &context,
                        &mut written,
                        diagnostics,
                        tokens,
                    ));
                }
                Item::ImplBlock(block) => {
                    handlers += 1;
                    // What is proven of a type that is declared here need not be proven again.
                    let is_proven = block.name().is_some_and(|name| items.declares(name));
                    block
                        .expand(&context, is_proven, &mut proofs, diagnostics)
                        .to_tokens(tokens);
                }
                Item::Module(module) => {
                    handlers += 1;
                    module.expand(&context, diagnostics).to_tokens(tokens);
                }
                Item::Trait(of) => {
                    of.expand(&context, &mut proofs, diagnostics);
                    item.to_tokens(tokens);
                }
                Item::Value(value) => {
                    value.prove(&Around::Module, &[], &mut proofs, diagnostics);
                    item.to_tokens(tokens);
                }
                Item::Type(declared) => {
                    prove_type(declared, &mut proofs);
                    item.to_tokens(tokens);
                }
                Item::MacroCall(place, _) => {
                    handlers += 1;
                    validate::macro_in_block(*place, "a module", diagnostics);
                    item.to_tokens(tokens);
                }
                Item::Exempt(_) | Item::Other(..) => item.to_tokens(tokens),
            }
        });
        content.extend(proofs.into_tokens());
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
