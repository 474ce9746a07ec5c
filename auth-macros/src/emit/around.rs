//! Where an item of a block stands: by what path it is named from outside.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{FnArg, Generics, Path, ReturnType, Signature, Type};

use crate::routes;

/// Where an item stands, which says by what path it is named.
pub(crate) enum Around<'a> {
    Module,
    ImplBlock {
        generics: &'a Generics,
        of: &'a Type,
        of_trait: Option<&'a Path>,
        /// The names of its types and constants, which are the trait's where there is one.
        declared: Vec<&'a Ident>,
    },
    Trait {
        generics: &'a Generics,
        name: &'a Ident,
    },
}

/// The type that implements a trait, where its default functions are proven.
pub(super) const SELF_OF_TRAIT: &str = "__AuthSelf";

pub(super) fn implementing() -> Ident {
    Ident::new(SELF_OF_TRAIT, Span::call_site())
}

impl<'a> Around<'a> {
    /// Inside of a type's own declaration.
    pub(super) fn of_type(generics: &'a Generics, of: &'a Type) -> Self {
        Self::ImplBlock {
            generics,
            of,
            of_trait: None,
            declared: Vec::new(),
        }
    }

    /// The item of this name.
    pub(super) fn path(&self, name: &Ident) -> TokenStream {
        match self {
            Self::Module => quote!(self::#name),
            Self::ImplBlock {
                of, of_trait: None, ..
            } => quote!(<#of>::#name),
            Self::ImplBlock {
                of,
                of_trait: Some(of_trait),
                ..
            } => quote!(<#of as #of_trait>::#name),
            Self::Trait { .. } => {
                let itself = implementing();
                let of_trait = self.of_trait();
                quote!(<#itself as #of_trait>::#name)
            }
        }
    }

    /// The receiver of a function that looks like that of `Drop`, which must not be named.
    pub(super) fn dropped<'s>(&self, signature: &'s Signature) -> Option<&'s FnArg> {
        let Self::ImplBlock {
            of_trait: Some(of_trait),
            ..
        } = self
        else {
            return None;
        };
        let is_drop = signature.ident == "drop"
            && routes::last_segment(of_trait).is_some_and(|name| name == "Drop")
            && signature.inputs.len() == 1
            && matches!(signature.output, ReturnType::Default);
        signature.receiver()?;
        signature.inputs.first().filter(|_| is_drop)
    }

    /// A trait with its own parameters.
    pub(super) fn of_trait(&self) -> TokenStream {
        let Self::Trait { generics, name } = self else {
            return TokenStream::new();
        };
        let (_, arguments, _) = generics.split_for_impl();
        quote!(self::#name #arguments)
    }

    pub(super) fn generics(&self) -> Option<&Generics> {
        match self {
            Self::Module => None,
            Self::ImplBlock { generics, .. } | Self::Trait { generics, .. } => Some(generics),
        }
    }

    /// Tokens of the item as they read outside of the block: without `Self`.
    pub(super) fn outside(&self, tokens: TokenStream) -> TokenStream {
        if matches!(self, Self::Module) || !routes::mentions(tokens.clone(), &|word| word == "Self")
        {
            return tokens;
        }
        let mut outside = TokenStream::new();
        let mut trees = tokens.into_iter().peekable();
        while let Some(tree) = trees.next() {
            match tree {
                TokenTree::Ident(word) if word == "Self" => {
                    let mut ahead = trees.clone();
                    let is_path = matches!(ahead.next(), Some(TokenTree::Punct(punct)) if punct.as_char() == ':')
                        && matches!(ahead.next(), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
                    let name = match ahead.next() {
                        Some(TokenTree::Ident(name)) if is_path => Some(name),
                        _ => None,
                    };
                    outside.extend(self.itself(name.as_ref()));
                }
                TokenTree::Group(group) => {
                    let mut inner =
                        proc_macro2::Group::new(group.delimiter(), self.outside(group.stream()));
                    inner.set_span(group.span());
                    outside.extend([TokenTree::Group(inner)]);
                }
                other => outside.extend([other]),
            }
        }
        outside
    }

    /// `Self`, which may be followed by `::name`.
    fn itself(&self, name: Option<&Ident>) -> TokenStream {
        match self {
            Self::Module => quote!(Self),
            Self::Trait { .. } => implementing().into_token_stream(),
            Self::ImplBlock {
                of,
                of_trait,
                declared,
                ..
            } => match (name, of_trait) {
                (None, _) => quote!((#of)),
                (Some(name), Some(of_trait)) if declared.contains(&name) => {
                    quote!(<#of as #of_trait>)
                }
                (Some(_), _) => quote!(<#of>),
            },
        }
    }
}
