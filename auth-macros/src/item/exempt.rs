//! `#[not_a_handler]`: an item of a block says that nothing mounts it.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::quote;
use syn::{Attribute, ext::IdentExt as _};

use crate::{
    diagnostics::{Diagnostics, Place},
    routes,
    rule::Rule,
};

const NAME: &str = "not_a_handler";

/// The argument that a block adds.
const SEEN: &str = "__auth_seen";

/// Whether an attribute is the word.
pub(crate) fn is_word(attribute: &Attribute) -> bool {
    routes::last_segment(attribute.path()).is_some_and(|name| name.unraw() == NAME)
}

/// Whether an item says that nothing mounts it.
pub(crate) fn is_exempt(attributes: &[Attribute]) -> bool {
    attributes.iter().any(is_word)
}

/// The same tokens, with each word marked as one that a block has seen, at every depth.
///
/// The word stays, for who imports it is not told that the import is unused.
pub(crate) fn seen(tokens: TokenStream) -> TokenStream {
    if !routes::mentions(tokens.clone(), &|name| name.unraw() == NAME) {
        return tokens;
    }
    let mut marked: Vec<TokenTree> = Vec::new();
    for tree in tokens {
        let TokenTree::Group(group) = tree else {
            marked.push(tree);
            continue;
        };
        let is_attribute =
            matches!(marked.last(), Some(TokenTree::Punct(punct)) if punct.as_char() == '#');
        let is_word = is_attribute && group.delimiter() == Delimiter::Bracket && is_word_in(&group);
        let mut content = seen(group.stream());
        if is_word {
            let mark = Ident::new(SEEN, Span::call_site());
            content.extend(quote!((#mark)));
        }
        let mut inner = Group::new(group.delimiter(), content);
        inner.set_span(group.span());
        marked.push(inner.into());
    }
    marked.into_iter().collect()
}

/// Whether `[..]` holds the word, by any path.
pub(crate) fn is_word_in(brackets: &Group) -> bool {
    let trees = routes::visible(brackets.stream());
    matches!(trees.last(), Some(TokenTree::Ident(name)) if name.unraw() == NAME)
}

/// Expands the word where no block takes it out.
pub(crate) fn expand(arguments: &TokenStream, item: TokenStream) -> TokenStream {
    if arguments.to_string() == SEEN {
        return item;
    }
    let mut diagnostics = Diagnostics::default();
    expand_into(arguments, &mut diagnostics);
    let mut tokens = diagnostics.into_tokens();
    tokens.extend(item);
    tokens
}

/// Reports the mistake that this is.
pub(crate) fn expand_into(arguments: &TokenStream, diagnostics: &mut Diagnostics) {
    if arguments.is_empty() {
        diagnostics.report_with_help(
            Rule::NothingToExempt,
            Place::from(Span::call_site()),
            "`#[not_a_handler]` is outside a module or impl block with an access decision",
            "remove it",
        );
    } else {
        diagnostics.report(
            Rule::NothingToExempt,
            Place::over(arguments),
            "`#[not_a_handler]` takes no arguments",
        );
    }
}
