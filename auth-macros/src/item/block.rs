//! What stands inside a module, impl block or trait, item by item.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    Attribute, DeriveInput, Token, Visibility,
    ext::IdentExt as _,
    parse::{ParseStream, Parser as _},
};

use crate::{
    diagnostics::{Diagnostics, Place},
    item::{
        exempt,
        function::Function,
        impl_block::ImplBlock,
        inside::{self, Inside},
        module::Module,
        names_of_types,
        traits::Trait,
    },
    model::annotation::{self, Annotation},
    routes,
    runtime_path::RuntimePath,
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
    Trait(Trait),
    /// A constant or static.
    Value(Value),
    Type(Box<Declared>),
    /// A call of a macro, which may hold anything.
    MacroCall(Place, TokenStream),
    /// An item of tests alone, or one that says that it serves nothing.
    Exempt(Exempt),
    /// An item that is none of these. What stands in it may hold handlers.
    Other(TokenStream, Vec<Inside>),
}

/// An item that is left as it is written.
pub(crate) struct Exempt {
    pub(crate) attributes: Vec<Attribute>,
    tokens: TokenStream,
    /// What may serve requests inside of one that says that it serves nothing.
    pub(crate) inside: Vec<Inside>,
}

/// A constant or static.
pub(crate) struct Value {
    pub(crate) attributes: Vec<Attribute>,
    /// `None` for `_`, and where a trait leaves the value to its implementations.
    pub(crate) name: Option<Ident>,
    pub(crate) is_mutable: bool,
    tokens: TokenStream,
    inside: Vec<Inside>,
}

/// A struct, enum or union.
pub(crate) struct Declared {
    pub(crate) read: DeriveInput,
    tokens: TokenStream,
    inside: Vec<Inside>,
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

    /// The first path of a runtime that an attribute inside names.
    pub(crate) fn runtime(&self) -> Option<RuntimePath> {
        self.items.iter().find_map(|item| {
            let (annotations, inside) = match item {
                Item::Function(function) => (&function.annotations, None),
                Item::ImplBlock(block) => (&block.annotations, Some(&block.items)),
                Item::Module(module) => (&module.annotations, module.items()),
                _ => return None,
            };
            let annotations: Vec<_> = annotations.iter().collect();
            annotation::named_runtime(&annotations).or_else(|| inside.and_then(Self::runtime))
        })
    }

    /// The names of the types and constants of an impl block.
    pub(crate) fn names(&self) -> Vec<&Ident> {
        self.items
            .iter()
            .filter_map(|item| match item {
                Item::Value(value) => value.name.as_ref(),
                _ => None,
            })
            .collect()
    }

    /// Whether an impl of a trait has a function of this name, here or in a module inside.
    pub(crate) fn implement(&self, name: &str) -> bool {
        self.items.iter().any(|item| match item {
            Item::ImplBlock(block) => {
                block.read.trait_.is_some()
                    && block.items.items.iter().any(
                        |item| matches!(item, Item::Function(function) if function.name() == name),
                    )
            }
            Item::Module(module) => module.items().is_some_and(|items| items.implement(name)),
            _ => false,
        })
    }

    /// Whether a type of this name is declared here, whose own proof holds for each impl of it: one
    /// without parameters, which an impl may choose, and without conditions.
    pub(crate) fn declares(&self, name: &Ident) -> bool {
        let mut items = self.items.iter();
        items.any(|item| {
            matches!(item, Item::Type(declared) if declared.read.ident == *name
                && names_of_types(&declared.read.generics).next().is_none()
                && routes::conditions(&declared.read.attrs).next().is_none())
        })
    }
}

impl Item {
    fn parse(input: ParseStream<'_>, diagnostics: &mut Diagnostics) -> syn::Result<Self> {
        let mut attributes = input.call(Attribute::parse_outer)?;
        let visibility: Visibility = input.parse()?;
        // Items of tests stay as they are written, with attributes of ours; a function with a route
        // is a handler wherever it is compiled.
        let is_function = Function::is_next(input);
        if exempt::is_exempt(&attributes) || (routes::is_for_tests(&attributes) && !is_function) {
            let mut rest = visibility.into_token_stream();
            take_item(input, &mut rest)?;
            let inside = if exempt::is_exempt(&attributes) {
                inside::found(rest.clone())
            } else {
                Vec::new()
            };
            let mut tokens = exempt::seen(quote!(#(#attributes)*));
            tokens.extend(exempt::seen(rest));
            return Ok(Self::Exempt(Exempt {
                attributes,
                tokens,
                inside,
            }));
        }
        if is_function {
            let mut function = Function::parse(input, attributes, visibility, diagnostics)?;
            if !routes::is_test(&function.attributes) {
                function.inside = inside::found(function.body.clone());
                let signature = function.signature.to_token_stream();
                function.inside.extend(in_braces(signature));
            }
            function.body = exempt::seen(function.body);
            return Ok(Self::Function(function));
        }
        let kind = Kind::of(input);
        let mut rest = visibility.into_token_stream();
        let is_macro_call = take_item(input, &mut rest)?;
        match kind {
            Kind::Module => {
                let annotations = Annotation::take(&mut attributes, diagnostics);
                return Module::parse(rest, attributes, annotations, diagnostics).map(Self::Module);
            }
            Kind::ImplBlock => {
                let annotations = Annotation::take(&mut attributes, diagnostics);
                return ImplBlock::parse(rest, attributes, annotations, diagnostics)
                    .map(Self::ImplBlock);
            }
            Kind::Trait => return Trait::parse(rest, attributes, diagnostics).map(Self::Trait),
            _ => {}
        }
        let place = Place::over(&rest);
        let inside = match kind {
            Kind::Value => inside::found(rest.clone()),
            // What a macro is defined as is not what is written here.
            Kind::Definition => Vec::new(),
            _ => in_braces(rest.clone()),
        };
        let mut tokens = TokenStream::new();
        for attribute in &attributes {
            attribute.to_tokens(&mut tokens);
        }
        exempt::seen(rest.clone()).to_tokens(&mut tokens);
        Ok(match kind {
            Kind::Type => Self::Type(Box::new(Declared {
                read: syn::parse2(tokens.clone())?,
                tokens,
                inside,
            })),
            Kind::Value => Self::Value(Value::parse(attributes, rest, tokens, inside)),
            _ if is_macro_call => Self::MacroCall(place, tokens),
            _ => Self::Other(tokens, inside),
        })
    }

    /// What may serve requests inside of its bodies and values.
    pub(crate) fn inside(&self) -> &[Inside] {
        match self {
            Self::Function(function) => &function.inside,
            Self::ImplBlock(block) => &block.inside,
            Self::Value(value) => &value.inside,
            Self::Type(declared) => &declared.inside,
            Self::Trait(item) => &item.inside,
            Self::Other(_, inside) => inside,
            Self::Module(_) | Self::MacroCall(..) | Self::Exempt(_) => &[],
        }
    }
}

/// What may serve requests in the values among types, as that of a length.
pub(super) fn in_braces(tokens: TokenStream) -> Vec<Inside> {
    let mut found = Vec::new();
    for tree in tokens {
        if let TokenTree::Group(group) = tree {
            if group.delimiter() == Delimiter::Brace {
                found.extend(inside::found(TokenTree::Group(group).into()));
            } else {
                found.extend(in_braces(group.stream()));
            }
        }
    }
    found
}

impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Function(function) => function.to_tokens(tokens),
            Self::ImplBlock(block) => block.to_tokens(tokens),
            Self::Module(module) => module.to_tokens(tokens),
            Self::Trait(item) => item.to_tokens(tokens),
            Self::Value(value) => value.tokens.to_tokens(tokens),
            Self::Type(declared) => declared.tokens.to_tokens(tokens),
            Self::Exempt(item) => item.tokens.to_tokens(tokens),
            Self::MacroCall(_, item) | Self::Other(item, _) => item.to_tokens(tokens),
        }
    }
}

/// What an item is, by the words it begins with behind its visibility.
#[derive(Clone, Copy)]
enum Kind {
    Module,
    ImplBlock,
    Trait,
    Type,
    Value,
    /// Of a `macro_rules!`.
    Definition,
    Other,
}

impl Kind {
    fn of(input: ParseStream<'_>) -> Self {
        let words = ["unsafe", "auto", "default"];
        let ahead = input.fork();
        loop {
            let Ok(word) = Ident::parse_any(&ahead) else {
                return Self::Other;
            };
            let word = word.to_string();
            return match word.as_str() {
                "mod" => Self::Module,
                "impl" => Self::ImplBlock,
                "trait" => Self::Trait,
                "struct" | "enum" => Self::Type,
                "const" | "static" => Self::Value,
                "macro_rules" => Self::Definition,
                // A macro or path of this name is no union.
                "union" if ahead.peek(syn::Ident) => Self::Type,
                word if words.contains(&word) && !ahead.peek(Token![!]) => continue,
                _ => Self::Other,
            };
        }
    }
}

impl Value {
    fn parse(
        attributes: Vec<Attribute>,
        rest: TokenStream,
        tokens: TokenStream,
        inside: Vec<Inside>,
    ) -> Self {
        let words: Vec<Ident> = rest
            .clone()
            .into_iter()
            .skip_while(|tree| {
                !matches!(tree, TokenTree::Ident(word) if word == "const" || word == "static")
            })
            .skip(1)
            .map_while(|tree| match tree {
                TokenTree::Ident(word) => Some(word),
                _ => None,
            })
            .collect();
        let is_mutable = words.first().is_some_and(|word| word == "mut");
        let has_value = rest
            .into_iter()
            .any(|tree| matches!(tree, TokenTree::Punct(punct) if punct.as_char() == '='));
        let name = words.into_iter().last();
        Self {
            attributes,
            name: name.filter(|name| has_value && name != "_"),
            is_mutable,
            tokens,
            inside,
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

/// An item's tokens up to its block, and the block.
pub(super) fn split(item: TokenStream) -> syn::Result<(TokenStream, Group)> {
    let mut trees: Vec<TokenTree> = item.into_iter().collect();
    match trees.pop() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
            Ok((trees.into_iter().collect(), group))
        }
        last => Err(syn::Error::new_spanned(
            last.into_token_stream(),
            "expected a block",
        )),
    }
}

/// A header with an empty block, which is read without what is in the block.
pub(super) fn without_content(header: &TokenStream) -> TokenStream {
    let mut empty = header.clone();
    empty.extend([TokenTree::Group(Group::new(
        Delimiter::Brace,
        TokenStream::new(),
    ))]);
    empty
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
                // Words of other items: their `!` is a negative impl, or part of a definition. Two
                // of them are no keywords, so that a macro or a path may have their name.
                let is_path = (word == "union" || word == "auto")
                    && (input.peek(Token![!]) || input.peek(Token![::]));
                is_definition |= position == 0
                    && !is_path
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
