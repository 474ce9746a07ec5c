//! A list of arguments, cut at its commas.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::{diagnostics::Place, routes::visible};

/// One argument: what stands between two commas.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) tokens: Vec<TokenTree>,
    /// The comma behind it, where there is one.
    pub(crate) comma: Option<Place>,
}

impl Piece {
    pub(crate) fn place(&self) -> Place {
        Place::of_trees(self.tokens.iter().cloned())
    }
}

/// Cuts a list at its commas. A comma at the end is allowed.
pub(crate) fn pieces(tokens: TokenStream) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut current = Vec::new();
    for tree in tokens {
        match tree {
            TokenTree::Punct(punct) if punct.as_char() == ',' => pieces.push(Piece {
                tokens: std::mem::take(&mut current),
                comma: Some(punct.span().into()),
            }),
            // What a `macro_rules!` capture wraps in invisible delimiters is the text itself.
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                current.extend(visible(group.stream()));
            }
            tree => current.push(tree),
        }
    }
    if !current.is_empty() {
        pieces.push(Piece {
            tokens: current,
            comma: None,
        });
    }
    pieces
}

/// A token as a message names it; of a group, how it opens.
pub(super) fn shown(tree: &TokenTree) -> String {
    match tree {
        TokenTree::Group(group) => String::from(match group.delimiter() {
            Delimiter::Parenthesis => "(",
            Delimiter::Brace => "{",
            Delimiter::Bracket => "[",
            Delimiter::None => "",
        }),
        tree => tree.to_string(),
    }
}
