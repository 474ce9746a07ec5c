//! Modules, impl blocks and traits: handlers are guarded, and the compiler proves the rest.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Data, Field, Fields, Visibility};

use crate::{
    emit::{around::Around, beside, handler, proof::Proofs},
    item::{
        block::{Declared, Item, Value},
        context::{Context, Treatment},
        function::{Function, Role},
        impl_block::ImplBlock,
        module::Module,
        owner::Owner,
        traits::Trait,
    },
    model::annotation::{Annotation, Combined},
    routes,
};

/// A module that has passed validation.
pub(crate) fn module(module: &Module, outer: &Context<'_>) -> TokenStream {
    let context = outer.inside(&module.annotations, &module.left);
    let Some((braces, items)) = &module.body else {
        return module.to_token_stream();
    };
    if context.leaves(&module.attributes) {
        return module.to_token_stream();
    }
    let mut proofs = Proofs::new(context.runtime(items).private());
    let may_be_futures = items.implement("poll");
    let mut inner = TokenStream::new();
    items.write(&mut inner, |item, tokens| match item {
        Item::Function(function) => {
            let written = Written {
                owner: None,
                around: &Around::Module,
                cfgs: &[],
                proofs: &mut proofs,
            };
            written.write(function, &context, tokens);
        }
        Item::ImplBlock(block) => {
            // What is proven of a type that is declared here need not be proven again.
            let is_proven = block.name().is_some_and(|name| items.declares(name));
            inner_impl_block(block, &context, is_proven, &mut proofs).to_tokens(tokens);
        }
        Item::Module(module) => self::module(module, &context).to_tokens(tokens),
        Item::Trait(of) => {
            trait_functions(of, &mut proofs);
            item.to_tokens(tokens);
        }
        Item::Value(value) => {
            prove_value(value, &Around::Module, &[], &mut proofs);
            item.to_tokens(tokens);
        }
        Item::Type(declared) => {
            prove_type(declared, may_be_futures, &mut proofs);
            item.to_tokens(tokens);
        }
        Item::MacroCall(..) | Item::Exempt(_) | Item::Other(..) => item.to_tokens(tokens),
    });
    inner.extend(proofs.into_tokens());
    let mut tokens = uses(&module.annotations);
    module.write(braces, inner, &mut tokens);
    tokens
}

/// An impl block that is in no other block, and has passed validation.
pub(crate) fn impl_block(block: &ImplBlock, outer: &Context<'_>) -> TokenStream {
    let context = outer.inside(&block.annotations, &block.left);
    let mut proofs = Proofs::new(context.runtime(&block.items).private());
    let mut tokens = inner_impl_block(block, outer, true, &mut proofs);
    tokens.extend(proofs.into_tokens());
    tokens
}

fn inner_impl_block(
    block: &ImplBlock,
    outer: &Context<'_>,
    is_proven: bool,
    proofs: &mut Proofs,
) -> TokenStream {
    let context = outer.inside(&block.annotations, &block.left);
    let of_trait = block.read.trait_.as_ref().map(|(path, _)| path);
    let around = Around::ImplBlock {
        generics: &block.read.generics,
        of: &block.read.self_ty,
        of_trait,
        declared: block.items.names(),
    };
    let cfgs: Vec<_> = routes::carried(&block.attributes).collect();
    if of_trait.is_some()
        && !is_proven
        && let Some(place) = block.place()
    {
        proofs.implementing(&place, &block.read.self_ty, &around, &cfgs);
    }
    let mut beside = uses(&block.annotations);
    let mut inner = TokenStream::new();
    block.items.write(&mut inner, |item, tokens| match item {
        Item::Function(function) => {
            let written = Written {
                owner: Some((&block.owner, &mut beside)),
                around: &around,
                cfgs: &cfgs,
                proofs,
            };
            written.write(function, &context, tokens);
        }
        Item::Value(value) => {
            prove_value(value, &around, &cfgs, proofs);
            item.to_tokens(tokens);
        }
        _ => item.to_tokens(tokens),
    });
    block.write(inner, &mut beside);
    beside
}

/// The default functions and values of a trait.
fn trait_functions(of: &Trait, proofs: &mut Proofs) {
    let around = Around::Trait {
        generics: &of.read.generics,
        name: &of.read.ident,
    };
    let cfgs: Vec<_> = routes::carried(&of.attributes).collect();
    for item in &of.items.items {
        match item {
            // The implementations of what has no body are looked at where they are.
            Item::Function(function) if function.has_body && function.role() != Role::Handler => {
                proofs.function(function, &around, &cfgs);
            }
            Item::Value(value) => prove_value(value, &around, &cfgs, proofs),
            _ => {}
        }
    }
}

fn uses(annotations: &[Annotation]) -> TokenStream {
    let paths = annotations
        .iter()
        .filter_map(|annotation| annotation.path.as_ref());
    beside::uses(paths)
}

/// What the functions of a block are written into.
struct Written<'a> {
    /// Of an impl block: the type, and what is written beside the block.
    owner: Option<(&'a Owner, &'a mut TokenStream)>,
    around: &'a Around<'a>,
    cfgs: &'a [&'a Attribute],
    proofs: &'a mut Proofs,
}

impl Written<'_> {
    /// Writes a function: guarded where it is a handler, and proven to be none otherwise.
    fn write(self, function: &Function, context: &Context<'_>, tokens: &mut TokenStream) {
        let own = match context.treatment(function) {
            Treatment::Guard(own) => own,
            Treatment::Test => {
                // Where it is compiled at all, it is no part of what is served.
                tokens.extend(quote!(#[cfg(test)]));
                function.to_tokens(tokens);
                return;
            }
            Treatment::Prove => {
                self.proofs.function(function, self.around, self.cfgs);
                function.to_tokens(tokens);
                return;
            }
            Treatment::Guarded(guard) => {
                self.proofs.guard(function, guard, self.cfgs);
                function.to_tokens(tokens);
                return;
            }
            // It was reported.
            Treatment::Unprotected => {
                function.to_tokens(tokens);
                return;
            }
        };
        let levels = context.levels_of(own);
        let all: Vec<_> = levels.iter().copied().flatten().collect();
        let Some(combined) = Combined::of(&all) else {
            function.to_tokens(tokens);
            return;
        };
        let mut combined = combined.using_only(&[own]);
        if let Some(runtime) = context.runtime_of_default(&all) {
            combined.runtime = runtime;
        }
        let owner = self.owner.as_ref().map(|(owner, _)| *owner);
        let expanded = handler::expand(function, &combined, owner, self.cfgs);
        let own_cfgs = routes::cfgs(&function.attributes);
        let cfgs: Vec<_> = self.cfgs.iter().copied().chain(own_cfgs).collect();
        let checks = combined.role_checks(context.roles, &cfgs);
        let beside = match self.owner {
            Some((_, beside)) => beside,
            None => &mut *tokens,
        };
        checks.to_tokens(beside);
        expanded.beside.to_tokens(beside);
        expanded.function.to_tokens(tokens);
    }
}

/// A constant or static is nothing that serves requests.
fn prove_value(value: &Value, around: &Around<'_>, cfgs: &[&Attribute], proofs: &mut Proofs) {
    if let Some(name) = &value.name {
        proofs.value(name, &value.attributes, around, cfgs);
    }
}

/// A type serves no requests, nor does what it holds in sight. What makes a future by hand is a
/// function that returns it.
fn prove_type(declared: &Declared, may_be_future: bool, proofs: &mut Proofs) {
    let syn::DeriveInput {
        ident,
        attrs,
        generics,
        data,
        ..
    } = &declared.read;
    let mut variants: Vec<(Vec<&Attribute>, Vec<&Field>)> = Vec::new();
    let mut constructors: Vec<(Vec<&Attribute>, &Fields)> = Vec::new();
    match data {
        Data::Struct(data) => {
            let visible = data.fields.iter().filter(|field| is_visible(field));
            variants.push((Vec::new(), visible.collect()));
            if data.fields.iter().all(is_visible) {
                constructors.push((Vec::new(), &data.fields));
            }
        }
        Data::Union(data) => {
            let visible = data.fields.named.iter().filter(|field| is_visible(field));
            variants.push((Vec::new(), visible.collect()));
        }
        Data::Enum(data) => {
            for variant in &data.variants {
                let conditions: Vec<_> = routes::conditions(&variant.attrs).collect();
                variants.push((conditions.clone(), variant.fields.iter().collect()));
                constructors.push((conditions, &variant.fields));
            }
        }
    }
    let mut types = Vec::new();
    let mut conditional = Vec::new();
    for (outer, fields) in variants {
        for field in fields {
            let conditions: Vec<_> = outer
                .iter()
                .copied()
                .chain(routes::conditions(&field.attrs))
                .collect();
            if conditions.is_empty() {
                types.push(&field.ty);
            } else {
                conditional.push((conditions, &field.ty));
            }
        }
    }
    proofs.ty(ident, attrs, generics, &types);
    for (conditions, ty) in conditional {
        proofs.fields(ident, attrs, &conditions, generics, &[ty]);
    }
    for (conditions, fields) in constructors {
        if may_be_future && let Fields::Unnamed(fields) = fields {
            proofs.constructor(ident, attrs, &conditions, generics, fields);
        }
    }
}

fn is_visible(field: &Field) -> bool {
    !matches!(field.vis, Visibility::Inherited)
}
