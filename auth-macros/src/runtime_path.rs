//! Where the expansion finds the runtime.

use proc_macro2::TokenStream;
use quote::quote;

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
    pub(crate) fn private(&self) -> TokenStream {
        match &self.0 {
            Some(path) => quote!(#path::__private),
            None => quote!(::auth_runtime::__private),
        }
    }

    /// The path as text, to compare two of them.
    pub(crate) fn text(&self) -> String {
        match &self.0 {
            Some(path) => path.to_string(),
            None => String::from(":: auth_runtime"),
        }
    }
}
