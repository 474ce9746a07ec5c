//! Where the expansion finds the runtime.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};

/// The path of `auth-runtime` as the user's crate sees it.
#[derive(Clone, Debug)]
pub(crate) struct RuntimePath(Option<TokenStream>);

impl RuntimePath {
    /// `::auth_runtime`, which a local module of that name cannot shadow.
    pub(crate) const DEFAULT: Self = Self(None);

    /// The path of `crate = path`.
    pub(crate) fn written(path: TokenStream) -> Self {
        Self(Some(path))
    }

    /// The module that holds what expansions name.
    pub(crate) fn private(&self) -> Private {
        Private::from(match &self.0 {
            Some(path) => quote!(#path::__private),
            None => quote!(::auth_runtime::__private),
        })
    }

    /// The path as text, to compare two of them.
    pub(crate) fn text(&self) -> String {
        match &self.0 {
            Some(path) => path.to_string(),
            None => String::from(":: auth_runtime"),
        }
    }
}

/// The path of the module that holds what expansions name.
///
/// Its tokens one by one: an expansion names it many times, and the compiler takes a stream into
/// another at a price, a token for nothing.
#[derive(Clone, Debug)]
pub(crate) struct Private(Vec<TokenTree>);

impl Private {
    /// The same path at another place.
    pub(crate) fn at(&self, place: Span) -> Self {
        Self(
            self.0
                .iter()
                .cloned()
                .map(|tree| moved_tree(tree, place))
                .collect(),
        )
    }
}

impl From<TokenStream> for Private {
    fn from(path: TokenStream) -> Self {
        Self(path.into_iter().collect())
    }
}

impl ToTokens for Private {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.0.iter().cloned());
    }
}

/// The same tokens at another place.
pub(crate) fn moved(tokens: TokenStream, place: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|tree| moved_tree(tree, place))
        .collect()
}

fn moved_tree(mut tree: TokenTree, place: Span) -> TokenTree {
    match &tree {
        TokenTree::Group(group) => {
            let mut moved = Group::new(group.delimiter(), moved(group.stream(), place));
            moved.set_span(place);
            moved.into()
        }
        // Its span says which crate it means.
        TokenTree::Ident(word) if word == "$crate" => {
            tree.set_span(tree.span().located_at(place));
            tree
        }
        _ => {
            tree.set_span(place);
            tree
        }
    }
}

/// Tokens of the user's in an item that is not: it counts as written by the expansion.
pub(crate) fn generated(tokens: impl ToTokens) -> TokenStream {
    tokens
        .into_token_stream()
        .into_iter()
        .map(|tree| {
            let place = Span::call_site().located_at(tree.span());
            moved(tree.into(), place)
        })
        .collect()
}
