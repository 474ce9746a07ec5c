//! The type whose associated function a handler is.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Type, ext::IdentExt as _};

/// The type whose associated function the handler is.
#[derive(Clone, Debug)]
pub(crate) struct Owner {
    /// As part of a generated name: `Controller` or `api_Controller_u8`.
    pub(crate) ident: String,
    /// As part of the handler's name: `Controller`.
    pub(crate) name: String,
}

/// A name for a type: the words in it, joined.
pub(crate) fn owner(ty: &Type) -> Owner {
    let mut words = Vec::new();
    collect_words(ty.to_token_stream(), &mut words);
    let name = match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .map(|segment| segment.ident.unraw().to_string()),
        _ => None,
    };
    let ident = words.join("_");
    Owner {
        name: name.unwrap_or_else(|| ident.clone()),
        ident,
    }
}

fn collect_words(tokens: TokenStream, words: &mut Vec<String>) {
    for tree in tokens {
        match tree {
            proc_macro2::TokenTree::Ident(ident) => {
                words.push(ident.unraw().to_string());
            }
            proc_macro2::TokenTree::Group(group) => collect_words(group.stream(), words),
            proc_macro2::TokenTree::Literal(literal) => words.push(
                literal
                    .to_string()
                    .chars()
                    .filter(char::is_ascii_alphanumeric)
                    .collect(),
            ),
            proc_macro2::TokenTree::Punct(_) => {}
        }
    }
}
