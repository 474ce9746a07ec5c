//! Whole files: each item with one of our attributes is expanded, as the compiler would.
#![no_main]

use auth_fuzz::assert_expansion;
use libfuzzer_sys::fuzz_target;
use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{Attribute, File, Item, Meta};

/// The arguments of an attribute, as the compiler gives them.
fn arguments(attribute: &Attribute) -> Option<TokenStream> {
    match &attribute.meta {
        Meta::Path(_) => Some(TokenStream::new()),
        Meta::List(list) => Some(list.tokens.clone()),
        Meta::NameValue(_) => None,
    }
}

fn attributes(item: &mut Item) -> Option<&mut Vec<Attribute>> {
    match item {
        Item::Fn(item) => Some(&mut item.attrs),
        Item::Impl(item) => Some(&mut item.attrs),
        Item::Mod(item) => Some(&mut item.attrs),
        Item::Struct(item) => Some(&mut item.attrs),
        Item::Enum(item) => Some(&mut item.attrs),
        Item::Trait(item) => Some(&mut item.attrs),
        _ => None,
    }
}

type Expand = fn(TokenStream, TokenStream) -> TokenStream;

fn ours(attribute: &Attribute) -> Option<Expand> {
    let name = attribute.path().segments.last()?.ident.to_string();
    Some(match name.as_str() {
        "requires" => auth_attributes::requires,
        "requires_auth" => auth_attributes::requires_auth,
        "requires_role" => auth_attributes::requires_role,
        "requires_scope" => auth_attributes::requires_scope,
        "requires_permission" => auth_attributes::requires_permission,
        "public" => auth_attributes::public,
        "deny_by_default" => auth_attributes::deny_by_default,
        "not_a_handler" => auth_attributes::not_a_handler,
        _ => return None,
    })
}

fn expand(mut item: Item) {
    if let Item::Macro(call) = &item {
        let tokens = call.mac.tokens.clone();
        match call
            .mac
            .path
            .segments
            .last()
            .map(|name| name.ident.to_string())
            .as_deref()
        {
            Some("requirement") => assert_expansion(&auth_attributes::requirement(tokens)),
            // An expression.
            Some("require") => drop(auth_attributes::require(tokens)),
            _ => {}
        }
        return;
    }
    let Some(attributes) = attributes(&mut item) else {
        return;
    };
    let found = attributes
        .iter()
        .enumerate()
        .find_map(|(position, attribute)| {
            Some((position, ours(attribute)?, arguments(attribute)?))
        });
    if let Some((position, expand, arguments)) = found {
        attributes.remove(position);
        let item = quote_item(&item);
        assert_expansion(&expand(arguments, item));
    } else if let Item::Mod(module) = item
        && let Some((_, items)) = module.content
    {
        items.into_iter().for_each(expand);
    }
}

fn quote_item(item: &Item) -> TokenStream {
    let mut tokens = TokenStream::new();
    item.to_tokens(&mut tokens);
    tokens
}

fuzz_target!(|data: &str| {
    if let Ok(file) = syn::parse_str::<File>(data) {
        file.items.into_iter().for_each(expand);
    }
});
