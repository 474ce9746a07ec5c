//! The mark of a handler in its OpenAPI operation, by which the runtime knows whose operation it is.
//!
//! A document has the functions' bare names and no more, and handlers of one name are usual. Where
//! our attribute stands above `#[utoipa::path]`, the operation is told which handler it is of.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{Attribute, Meta, spanned::Spanned as _};

use crate::{routes, runtime_path::Private};

/// The snapshots of these tests are the same whatever features the workspace turns on.
const MARKS: bool = cfg!(all(feature = "utoipa", not(test)));

/// The attributes of the handler of this name, with its mark in `#[utoipa::path]`.
pub(crate) fn marked(attributes: &[Attribute], name: &str, private: &Private) -> TokenStream {
    let mut tokens = TokenStream::new();
    for attribute in attributes {
        match &attribute.meta {
            Meta::List(list) if MARKS && is_operation(attribute) => {
                let path = &list.path;
                let arguments = with_mark(&list.tokens, name, private);
                let located = path.span();
                quote_spanned!(located=> #[#path(#arguments)]).to_tokens(&mut tokens);
            }
            _ => attribute.to_tokens(&mut tokens),
        }
    }
    tokens
}

/// `#[utoipa::path(..)]`, or `#[path(..)]` where it is imported.
fn is_operation(attribute: &Attribute) -> bool {
    let path = attribute.path();
    let segments = &path.segments;
    routes::last_segment(path).is_some_and(|name| name == "path")
        && (segments.len() == 1 || segments.iter().any(|segment| segment.ident == "utoipa"))
}

/// The arguments, with one more extension.
fn with_mark(arguments: &TokenStream, name: &str, private: &Private) -> TokenStream {
    let mark = quote!(
        ("x-auth-handler" = json!(#private::mark(
            ::core::concat!(::core::module_path!(), "::", #name)
        )))
    );
    let mut trees: Vec<TokenTree> = arguments.clone().into_iter().collect();
    // Of two lists, utoipa takes the last.
    let own = trees
        .windows(2)
        .rposition(|pair| {
            matches!(pair, [TokenTree::Ident(word), TokenTree::Group(_)] if word == "extensions")
        })
        .map(|at| at + 1);
    match own.and_then(|at| trees.get_mut(at)) {
        Some(TokenTree::Group(group)) => {
            let extensions = listed(&group.stream(), &mark);
            let mut marked = proc_macro2::Group::new(group.delimiter(), extensions);
            marked.set_span(group.span());
            *group = marked;
            trees.into_iter().collect()
        }
        _ => listed(arguments, &quote!(extensions(#mark))),
    }
}

/// A list, separated by commas, with one more element.
fn listed(list: &TokenStream, element: &TokenStream) -> TokenStream {
    let mut longer = list.clone();
    let end = longer.clone().into_iter().last();
    if end.is_some_and(|end| !matches!(end, TokenTree::Punct(comma) if comma.as_char() == ',')) {
        quote!(,).to_tokens(&mut longer);
    }
    element.to_tokens(&mut longer);
    longer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(arguments: &str) -> String {
        let arguments: TokenStream = arguments.parse().unwrap();
        let private = Private::from(quote!(p));
        let mark = quote!(
            ("x-auth-handler" = json!(p::mark(::core::concat!(
                ::core::module_path!(),
                "::",
                "list"
            ))))
        );
        with_mark(&arguments, "list", &private)
            .to_string()
            .replace(&mark.to_string(), "MARK")
    }

    fn plain(tokens: &str) -> String {
        tokens.parse::<TokenStream>().unwrap().to_string()
    }

    #[test]
    fn the_mark_joins_what_is_written() {
        for (written, expected) in [
            ("", "extensions(MARK)"),
            ("get", "get, extensions(MARK)"),
            ("get, path = \"/\",", "get, path = \"/\", extensions(MARK)"),
            (
                "get, extensions((\"x-a\" = json!(1))), tag = \"t\"",
                "get, extensions((\"x-a\" = json!(1)), MARK), tag = \"t\"",
            ),
            ("extensions()", "extensions(MARK)"),
        ] {
            assert_eq!(with(written), plain(expected), "{written}");
        }
    }

    #[test]
    fn other_attributes_are_no_operations() {
        for (attribute, expected) in [
            (quote!(#[utoipa::path(get)]), true),
            (quote!(#[::utoipa::path(get)]), true),
            (quote!(#[path(get)]), true),
            (quote!(#[other::path(get)]), false),
            (quote!(#[utoipa::schema(get)]), false),
        ] {
            let item: syn::ItemFn = syn::parse2(quote!(#attribute fn f() {})).unwrap();
            assert_eq!(is_operation(&item.attrs[0]), expected, "{attribute}");
        }
    }
}
