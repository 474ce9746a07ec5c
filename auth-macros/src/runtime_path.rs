//! Where the expansion finds the runtime.

use proc_macro2::{Span, TokenStream, TokenTree};
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
        let mut path = self.clone();
        for tree in &mut path.0 {
            tree.set_span(place);
        }
        path
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
