//! What an attribute is on.

pub(crate) mod block;
pub(crate) mod context;
pub(crate) mod exempt;
pub(crate) mod function;
pub(crate) mod impl_block;
pub(crate) mod inside;
pub(crate) mod module;
pub(crate) mod owner;
pub(crate) mod traits;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    Attribute, GenericParam, Generics, Ident, Token, Visibility,
    parse::{ParseStream, Parser as _},
};

use crate::{
    diagnostics::Diagnostics,
    item::{
        function::{Function, Words},
        impl_block::ImplBlock,
        module::Module,
    },
    model::annotation::{Annotation, Kind},
    routes,
    rule::Rule,
};

/// The parameters that are types and constants.
pub(crate) fn names_of_types(generics: &Generics) -> impl Iterator<Item = &Ident> {
    generics
        .params
        .iter()
        .filter_map(|parameter| match parameter {
            GenericParam::Type(parameter) => Some(&parameter.ident),
            GenericParam::Const(parameter) => Some(&parameter.ident),
            GenericParam::Lifetime(_) => None,
        })
}

/// An item with our attributes taken out of it, at every depth where one may stand.
pub(crate) enum Target {
    Handler(Box<Function>),
    ImplBlock(Box<ImplBlock>),
    Module(Box<Module>),
    /// Anything else, which is refused.
    Other(Other),
}

/// An item that decides nothing about access.
pub(crate) struct Other {
    pub(crate) rule: Rule,
    /// What it is, with its article.
    pub(crate) description: &'static str,
    attributes: Vec<Attribute>,
    pub(crate) annotations: Vec<Annotation>,
    rest: TokenStream,
}

/// Items by the word they begin with, behind their visibility.
const OTHERS: &[(&str, Rule, &str)] = &[
    ("struct", Rule::TargetStruct, "a struct"),
    ("enum", Rule::TargetEnum, "an enum"),
    ("union", Rule::TargetUnion, "a union"),
    ("const", Rule::TargetConst, "a constant"),
    ("static", Rule::TargetStatic, "a static"),
    ("trait", Rule::TargetTrait, "a trait"),
    ("type", Rule::TargetTypeAlias, "a type alias"),
    ("use", Rule::TargetUse, "an import"),
];

/// Takes the body out of a function and leaves an empty one: what is not read need not be walked
/// through. Other items keep theirs.
fn take_body(item: &mut [TokenTree]) -> Option<Group> {
    let first = item.iter().find_map(|tree| match tree {
        TokenTree::Ident(word) => {
            let word = word.to_string();
            ["fn", "impl", "mod", "struct", "enum", "union", "trait"]
                .contains(&word.as_str())
                .then_some(word)
        }
        _ => None,
    });
    match item.last_mut() {
        Some(TokenTree::Group(group))
            if group.delimiter() == Delimiter::Brace && first.is_some_and(|word| word == "fn") =>
        {
            let mut empty = Group::new(Delimiter::Brace, TokenStream::new());
            empty.set_span(group.span());
            Some(std::mem::replace(group, empty))
        }
        _ => None,
    }
}

impl Target {
    /// Reads an item. An error is one of syn's own, for syntax it does not know.
    pub(crate) fn parse(item: TokenStream, diagnostics: &mut Diagnostics) -> syn::Result<Self> {
        let mut trees: Vec<_> = item.into_iter().collect();
        let body = take_body(&mut trees);
        let words = body.as_ref().map(|_| Words::of(&trees));
        let parse = |input: ParseStream<'_>| Self::parse_stream(input, diagnostics);
        let mut target = parse.parse2(trees.into_iter().collect())?;
        if let (Self::Handler(function), Some(body), Some(words)) = (&mut target, body, words) {
            function.body = TokenTree::Group(body).into();
            function.words = words;
        }
        Ok(target)
    }

    fn parse_stream(input: ParseStream<'_>, diagnostics: &mut Diagnostics) -> syn::Result<Self> {
        let mut attributes = input.call(Attribute::parse_outer)?;
        let ahead = input.fork();
        let visibility: Visibility = ahead.parse()?;
        if Function::is_next(&ahead) {
            let visibility = input.parse::<Visibility>().unwrap_or(visibility);
            let function = Function::parse(input, attributes, visibility, diagnostics)?;
            return Ok(Self::Handler(Box::new(function)));
        }
        if ahead.peek(Token![mod]) || (ahead.peek(Token![unsafe]) && ahead.peek2(Token![mod])) {
            let annotations = Annotation::take(&mut attributes, diagnostics);
            let module = Module::parse(input.parse()?, attributes, annotations, diagnostics)?;
            return Ok(Self::Module(Box::new(module)));
        }
        if ImplBlock::is_next(&ahead) {
            let annotations = Annotation::take(&mut attributes, diagnostics);
            let block = ImplBlock::parse(input.parse()?, attributes, annotations, diagnostics)?;
            return Ok(Self::ImplBlock(Box::new(block)));
        }
        let annotations = Annotation::take(&mut attributes, diagnostics);
        let (rule, description) = other(&ahead);
        Ok(Self::Other(Other {
            rule,
            description,
            attributes,
            annotations,
            rest: input.parse()?,
        }))
    }

    /// The item where a mistake was reported: as it was written, without our attributes. That
    /// imports of theirs are unused, or what those behind a `cfg_attr` say, would be news of the
    /// same mistake.
    pub(crate) fn kept(&self) -> TokenStream {
        match self {
            Self::Module(module) => {
                let module = without_hidden(module.to_token_stream());
                quote!(#[allow(unused_imports)] #module)
            }
            Self::ImplBlock(block) => without_hidden(block.to_token_stream()),
            Self::Handler(_) | Self::Other(_) => self.to_token_stream(),
        }
    }

    /// Our attributes on the item itself, in source order.
    pub(crate) fn annotations_mut(&mut self) -> &mut Vec<Annotation> {
        match self {
            Self::Handler(function) => &mut function.annotations,
            Self::ImplBlock(block) => &mut block.annotations,
            Self::Module(module) => &mut module.annotations,
            Self::Other(other) => &mut other.annotations,
        }
    }
}

/// The item as it was written, without our attributes.
impl ToTokens for Target {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Handler(function) => function.to_tokens(tokens),
            Self::ImplBlock(block) => block.to_tokens(tokens),
            Self::Module(module) => module.to_tokens(tokens),
            Self::Other(other) => {
                for attribute in &other.attributes {
                    attribute.to_tokens(tokens);
                }
                other.rest.to_tokens(tokens);
            }
        }
    }
}

/// Leaves out `#[cfg_attr(..)]` with attributes of ours, in blocks of items.
fn without_hidden(tokens: TokenStream) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    for tree in tokens {
        let TokenTree::Group(group) = &tree else {
            kept.push(tree);
            continue;
        };
        match group.delimiter() {
            Delimiter::Bracket if ends_with_hash(&kept) && is_hidden(group) => {
                kept.pop();
            }
            Delimiter::Brace => {
                let mut inner = Group::new(Delimiter::Brace, without_hidden(group.stream()));
                inner.set_span(group.span());
                kept.push(inner.into());
            }
            _ => kept.push(tree),
        }
    }
    kept.into_iter().collect()
}

fn ends_with_hash(trees: &[TokenTree]) -> bool {
    matches!(trees.last(), Some(TokenTree::Punct(punct)) if punct.as_char() == '#')
}

fn is_hidden(brackets: &Group) -> bool {
    let mut trees = brackets.stream().into_iter();
    matches!(trees.next(), Some(TokenTree::Ident(name)) if name == "cfg_attr")
        && routes::mentions(trees.collect(), &|name| Kind::named(name).is_some())
}

fn other(input: ParseStream<'_>) -> (Rule, &'static str) {
    let rest: TokenStream = input.fork().parse().unwrap_or_default();
    let mut trees = rest.into_iter();
    let first = trees.next();
    if let Some(TokenTree::Ident(word)) = &first
        && let Some((_, rule, description)) = OTHERS.iter().find(|(begin, ..)| word == begin)
    {
        return (*rule, description);
    }
    // A path and a `!`.
    let is_macro_call = first
        .into_iter()
        .chain(trees)
        .take_while(
            |tree| !matches!(tree, TokenTree::Group(group) if group.delimiter() != Delimiter::None),
        )
        .any(|tree| matches!(tree, TokenTree::Punct(punct) if punct.as_char() == '!'));
    if is_macro_call {
        (Rule::TargetMacroCall, "a macro call")
    } else {
        (Rule::TargetOther, "this item")
    }
}
