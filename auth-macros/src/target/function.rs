//! A function whose signature is read and whose body is not.
//!
//! The body stays the tokens the user wrote: nothing is lost to a parser that is older than the
//! compiler, broken bodies keep their own messages, and expansion costs no time on them.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Ident, Signature, Token, Visibility, ext::IdentExt as _, parse::ParseStream};

use crate::{annotation::Annotation, diagnostics::Diagnostics};

/// A function, with our attributes taken out of its attributes.
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    /// Ours, in source order.
    pub(crate) annotations: Vec<Annotation>,
    pub(crate) visibility: Visibility,
    pub(crate) defaultness: Option<Token![default]>,
    pub(crate) signature: Signature,
    /// The block with its braces, or the `;` of a function without one.
    pub(crate) body: TokenStream,
    pub(crate) has_body: bool,
}

impl Function {
    /// Whether a function begins here, behind attributes and visibility.
    pub(crate) fn is_next(input: ParseStream<'_>) -> bool {
        let ahead = input.fork();
        loop {
            if ahead.peek(Token![fn]) {
                return true;
            }
            if ahead.peek(syn::LitStr) {
                // The ABI of `extern "C" fn`.
                if ahead.parse::<syn::LitStr>().is_err() {
                    return false;
                }
                continue;
            }
            let qualifiers = ["const", "async", "unsafe", "extern", "default", "safe"];
            match Ident::parse_any(&ahead) {
                Ok(name) if qualifiers.iter().any(|qualifier| name == qualifier) => {}
                _ => return false,
            }
        }
    }

    /// Reads a function behind its attributes and visibility.
    pub(crate) fn parse(
        input: ParseStream<'_>,
        mut attributes: Vec<Attribute>,
        visibility: Visibility,
        diagnostics: &mut Diagnostics,
    ) -> syn::Result<Self> {
        let defaultness = input.parse()?;
        let signature = input.parse()?;
        let (body, has_body) = match input.parse()? {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                (TokenTree::Group(group).into(), true)
            }
            other => (other.into(), false),
        };
        let annotations = Annotation::take(&mut attributes, diagnostics);
        Ok(Self {
            attributes,
            annotations,
            visibility,
            defaultness,
            signature,
            body,
            has_body,
        })
    }

    pub(crate) fn name(&self) -> &Ident {
        &self.signature.ident
    }

    /// The name without the `r#` that a keyword needs.
    pub(crate) fn plain_name(&self) -> String {
        self.signature.ident.unraw().to_string()
    }
}

/// The function as it was written, without our attributes.
impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        for attribute in &self.attributes {
            attribute.to_tokens(tokens);
        }
        self.visibility.to_tokens(tokens);
        self.defaultness.to_tokens(tokens);
        self.signature.to_tokens(tokens);
        self.body.to_tokens(tokens);
    }
}
