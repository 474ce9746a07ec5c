//! Attributes of other crates that matter here, recognised by their last path segment.

use proc_macro2::{Delimiter, Ident, Literal, TokenStream, TokenTree};
use syn::{
    Attribute, Expr, ExprLit, Lit, LitStr, MetaNameValue, Path, Token,
    ext::IdentExt as _,
    parse::{ParseStream, Parser as _},
    punctuated::Punctuated,
};

/// Attributes that describe an interface from the handler's signature. They have to see the
/// signature as the user wrote it, so they expand before it is rewritten.
const SIGNATURE_READERS: &[&str] = &["path", "api_operation", "api_v2_operation"];

/// The last segment of a path: `get` in `#[actix_web::get]`.
pub(crate) fn last_segment(path: &Path) -> Option<&Ident> {
    path.segments.last().map(|segment| &segment.ident)
}

/// The first attribute that reads the signature, where one is on the handler.
pub(crate) fn signature_reader(attributes: &[Attribute]) -> Option<&Attribute> {
    attributes.iter().find(|attribute| {
        let path = attribute.path();
        last_segment(path).is_some_and(|name| {
            // `#[path = "file.rs"]` is rustc's own attribute of modules.
            SIGNATURE_READERS.iter().any(|reader| name == reader)
                && !(path.is_ident("path") && attribute.meta.require_name_value().is_ok())
        })
    })
}

/// Whether an attribute is `#[cfg(...)]`, which what is beside the item has to share.
pub(crate) fn is_cfg(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
}

/// Those of them.
pub(crate) fn cfgs(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| is_cfg(attribute))
}

/// What an item is compiled on condition of: `#[cfg(..)]`, and what may be one behind a `cfg_attr`.
pub(crate) fn conditions(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| {
        is_cfg(attribute)
            || matches!(&attribute.meta, syn::Meta::List(list)
            if list.path.is_ident("cfg_attr")
                && list.tokens.clone().into_iter().any(
                    |tree| matches!(tree, TokenTree::Ident(name) if name == "cfg")
                ))
    })
}

/// What holds for code beside an item as well: its conditions, and the lints that it allows.
pub(crate) fn carried(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    let allowed = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("allow"));
    conditions(attributes).chain(allowed)
}

/// Whether a stream names one of `names` anywhere, at any depth.
pub(crate) fn mentions(tokens: TokenStream, is_named: &dyn Fn(&Ident) -> bool) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Ident(ident) => is_named(&ident),
        TokenTree::Group(group) => mentions(group.stream(), is_named),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// The tokens without invisible delimiters, which `macro_rules!` puts around what it captured.
pub(crate) fn visible(tokens: TokenStream) -> Vec<TokenTree> {
    let mut trees = Vec::new();
    for tree in tokens {
        match tree {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                trees.extend(visible(group.stream()));
            }
            tree => trees.push(tree),
        }
    }
    trees
}

/// Attributes that mount a handler.
const ROUTES: &[&str] = &[
    "connect", "delete", "get", "head", "options", "patch", "post", "put", "query", "route",
    "routes", "trace",
];

/// Whether a name is that of a route attribute, `r#get` as well.
pub(crate) fn is_route(name: &Ident) -> bool {
    let name = name.unraw();
    ROUTES.iter().any(|route| name == route)
}

/// Whether an attribute of a route is on a function.
pub(crate) fn has_route(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|attribute| last_segment(attribute.path()).is_some_and(is_route))
}

/// Whether the arguments of an attribute begin with a path: a route whose name is unknown, such
/// as that of `use actix_web::get as fetch`.
pub(crate) fn begins_with_a_path(arguments: TokenStream) -> bool {
    matches!(
        arguments.into_iter().next(),
        Some(TokenTree::Literal(literal)) if is_path(&literal)
    )
}

fn is_path(literal: &Literal) -> bool {
    literal
        .to_string()
        .trim_start_matches(['r', '#'])
        .starts_with("\"/")
}

/// Whether an attribute behind a `cfg_attr` is, or may be, that of a route.
pub(crate) fn mounts_inside(arguments: TokenStream) -> bool {
    arguments.into_iter().any(|tree| match tree {
        TokenTree::Ident(name) => is_route(&name),
        TokenTree::Literal(literal) => is_path(&literal),
        TokenTree::Group(group) => mounts_inside(group.stream()),
        TokenTree::Punct(_) => false,
    })
}

/// What an attribute of a route says.
pub(crate) struct Route {
    /// In capital letters, in source order, each once.
    pub(crate) methods: Vec<String>,
    pub(crate) path: String,
}

/// The routes that stand on a function, in source order. What is no route that actix-web would
/// take is left to actix-web to refuse.
pub(crate) fn routes(attributes: &[Attribute]) -> Vec<Route> {
    attributes.iter().filter_map(route).collect()
}

fn route(attribute: &Attribute) -> Option<Route> {
    let name = last_segment(attribute.path())?.unraw().to_string();
    // `#[routes]` says nothing by itself: the routes follow it.
    if name == "routes" || !ROUTES.contains(&name.as_str()) {
        return None;
    }
    let arguments = |input: ParseStream<'_>| {
        let path: LitStr = input.parse()?;
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
        let options = Punctuated::<MetaNameValue, Token![,]>::parse_terminated(input)?;
        Ok((path, options))
    };
    let tokens = attribute.meta.require_list().ok()?.tokens.clone();
    let (path, options) = arguments.parse2(tokens).ok()?;
    let mut methods = Vec::new();
    if name == "route" {
        for option in &options {
            if option.path.is_ident("method")
                && let Expr::Lit(ExprLit {
                    lit: Lit::Str(method),
                    ..
                }) = &option.value
                && !methods.contains(&method.value())
            {
                methods.push(method.value());
            }
        }
    } else {
        methods.push(name.to_uppercase());
    }
    Some(Route {
        methods,
        path: path.value(),
    })
}

/// Whether a function is part of the tests: `#[test]`, `#[actix_web::test]`, `#[cfg(test)]`.
pub(crate) fn is_test(attributes: &[Attribute]) -> bool {
    is_for_tests(attributes)
        || attributes
            .iter()
            .any(|attribute| last_segment(attribute.path()).is_some_and(|name| name == "test"))
}

/// Whether an item is compiled for tests alone: `#[cfg(test)]`.
pub(crate) fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        is_cfg(attribute)
            && attribute
                .parse_args::<Ident>()
                .is_ok_and(|condition| condition == "test")
    })
}
