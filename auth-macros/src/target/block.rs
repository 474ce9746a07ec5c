//! What stands inside an impl block or a module, item by item.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, FnArg, ReturnType, Token, Visibility,
    parse::{ParseStream, Parser as _},
};

use super::{function::Function, impl_block::ImplBlock, module::Module};
use crate::{
    annotation::Annotation,
    diagnostics::{Diagnostics, Place},
    routes,
};

/// The items of a block in source order.
pub(crate) struct Items {
    /// `#![...]` at the block's beginning.
    inner: Vec<Attribute>,
    pub(crate) items: Vec<Item>,
}

pub(crate) enum Item {
    Function(Function),
    ImplBlock(ImplBlock),
    Module(Module),
    /// A call of a macro, which may hold anything.
    MacroCall(Place, TokenStream),
    /// An item for tests alone, which holds no handlers of the app.
    Tests(TokenStream),
    /// An item that is none of these. Its values may hold handlers.
    Other(TokenStream),
}

impl Items {
    pub(crate) fn parse(content: TokenStream, diagnostics: &mut Diagnostics) -> syn::Result<Self> {
        (|input: ParseStream<'_>| {
            let inner = input.call(Attribute::parse_inner)?;
            let mut items = Vec::new();
            while !input.is_empty() {
                match captured(input)? {
                    Some(captured) => {
                        items.extend(Self::parse(captured, diagnostics)?.items);
                    }
                    None => items.push(Item::parse(input, diagnostics)?),
                }
            }
            Ok(Self { inner, items })
        })
        .parse2(content)
    }

    /// Writes the block's content, each item as `item` says.
    pub(crate) fn write(
        &self,
        tokens: &mut TokenStream,
        mut item: impl FnMut(&Item, &mut TokenStream),
    ) {
        for attribute in &self.inner {
            attribute.to_tokens(tokens);
        }
        for each in &self.items {
            item(each, tokens);
        }
    }
}

impl Item {
    fn parse(input: ParseStream<'_>, diagnostics: &mut Diagnostics) -> syn::Result<Self> {
        let mut attributes = input.call(Attribute::parse_outer)?;
        let visibility: Visibility = input.parse()?;
        if Function::is_next(input) {
            return Function::parse(input, attributes, visibility, diagnostics).map(Self::Function);
        }
        // A module of tests holds no handlers of the app. It stays as it is written, its own
        // attributes included.
        let is_for_tests = routes::is_for_tests(&attributes);
        let is_module = input.peek(Token![mod]) && !is_for_tests;
        let is_impl = ImplBlock::is_next(input);
        let mut rest = visibility.into_token_stream();
        let is_macro_call = take_item(input, &mut rest)?;
        if is_module {
            let annotations = Annotation::take(&mut attributes, diagnostics);
            return Module::parse(rest, attributes, annotations, diagnostics).map(Self::Module);
        }
        if is_impl {
            let annotations = Annotation::take(&mut attributes, diagnostics);
            return ImplBlock::parse(rest, attributes, annotations, diagnostics)
                .map(Self::ImplBlock);
        }
        let place = Place::over(&rest);
        let mut tokens = TokenStream::new();
        for attribute in &attributes {
            attribute.to_tokens(&mut tokens);
        }
        rest.to_tokens(&mut tokens);
        Ok(if is_macro_call {
            Self::MacroCall(place, tokens)
        } else if is_for_tests {
            Self::Tests(tokens)
        } else {
            Self::Other(tokens)
        })
    }
}

impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Function(function) => function.to_tokens(tokens),
            Self::ImplBlock(block) => block.to_tokens(tokens),
            Self::Module(module) => module.to_tokens(tokens),
            Self::MacroCall(_, item) | Self::Tests(item) | Self::Other(item) => {
                item.to_tokens(tokens);
            }
        }
    }
}

/// Takes an item that a `macro_rules!` captured as `$item:item`: whole, in invisible delimiters.
/// Other captures, such as `$vis:vis`, begin an item.
fn captured(input: ParseStream<'_>) -> syn::Result<Option<TokenStream>> {
    let ahead = input.fork();
    let Ok(TokenTree::Group(group)) = ahead.parse::<TokenTree>() else {
        return Ok(None);
    };
    let is_whole = match group.stream().into_iter().last() {
        Some(TokenTree::Group(last)) => last.delimiter() == Delimiter::Brace,
        Some(TokenTree::Punct(last)) => last.as_char() == ';',
        _ => false,
    };
    if group.delimiter() != Delimiter::None || !is_whole {
        return Ok(None);
    }
    input.parse::<TokenTree>()?;
    Ok(Some(group.stream()))
}

/// Takes the tokens of one item, and says whether it is a macro call.
///
/// Items end with `;` or with their block. Values and paths may hold blocks before the `;`.
fn take_item(input: ParseStream<'_>, tokens: &mut TokenStream) -> syn::Result<bool> {
    let ends_with_semicolon = input.peek(Token![const])
        || input.peek(Token![static])
        || input.peek(Token![type])
        || input.peek(Token![use]);
    let mut is_macro_call = false;
    let mut position = 0;
    let mut is_definition = false;
    while !input.is_empty() {
        let tree: TokenTree = input.parse()?;
        let is_end = match &tree {
            TokenTree::Punct(punct) => {
                is_macro_call |= punct.as_char() == '!' && !ends_with_semicolon && !is_definition;
                punct.as_char() == ';'
            }
            TokenTree::Group(group) => {
                // A block among generic arguments, as in `impl List for Page<{ SIZE }>`, ends nothing.
                group.delimiter() == Delimiter::Brace
                    && !ends_with_semicolon
                    && !input.peek(Token![>])
                    && !input.peek(Token![,])
            }
            TokenTree::Ident(word) => {
                // Words of other items: their `!` is a negative impl, or part of a definition.
                is_definition |= position == 0
                    && [
                        "macro_rules",
                        "impl",
                        "struct",
                        "enum",
                        "union",
                        "trait",
                        "mod",
                        "extern",
                        "unsafe",
                        "auto",
                    ]
                    .iter()
                    .any(|definition| word == definition);
                false
            }
            TokenTree::Literal(_) => false,
        };
        position += 1;
        tree.to_tokens(tokens);
        if is_end {
            break;
        }
    }
    Ok(is_macro_call)
}

/// Whether a function of a block may be mounted as a handler.
///
/// Without an attribute of a route that cannot be known, so that every function counts whose
/// call gives a future; a function of an instance cannot be mounted.
pub(crate) fn may_be_handler(function: &Function) -> bool {
    let signature = &function.signature;
    let has_receiver = matches!(signature.inputs.first(), Some(FnArg::Receiver(_)));
    if routes::has_route(&function.attributes) {
        return true;
    }
    if has_receiver || routes::is_test(&function.attributes) {
        return false;
    }
    let returns_future = match &signature.output {
        ReturnType::Type(_, ty) => routes::mentions(ty.to_token_stream(), &|name| {
            name.to_string().ends_with("Future")
        }),
        ReturnType::Default => false,
    };
    signature.asyncness.is_some() || returns_future
}
