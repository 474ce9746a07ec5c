//! Handlers inside of function bodies and values, which no expansion reaches.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

use super::block::Item;
use crate::{annotation::Kind, routes};

/// A function with an attribute of a route.
pub(crate) struct Handler {
    pub(crate) name: Ident,
    /// It has an attribute of ours.
    pub(crate) is_decided: bool,
}

/// The handlers at any depth of the bodies and values of an item.
pub(crate) fn handlers(item: &Item) -> Vec<Handler> {
    match item {
        Item::Function(function)
            if !routes::is_test(&function.attributes) && may_hold_attributes(&function.body) =>
        {
            in_tokens(function.body.clone())
        }
        Item::Other(tokens) => in_tokens(tokens.clone()),
        _ => Vec::new(),
    }
}

/// Bodies are not parsed: an attribute is `#` and brackets, and it belongs to the next `fn`.
fn in_tokens(tokens: TokenStream) -> Vec<Handler> {
    let mut found = Vec::new();
    collect(tokens, &mut found);
    found
}

/// Whether a body can hold an attribute at all. Walking tokens costs more than looking at the text.
fn may_hold_attributes(body: &TokenStream) -> bool {
    let Some(TokenTree::Group(block)) = body.clone().into_iter().next() else {
        return true;
    };
    // The text of what a macro wrote is that of the macro.
    block.span().source_text().is_none_or(|text| {
        !text.starts_with('{') || !text.ends_with('}') || text.contains(['#', '$'])
    })
}

fn collect(tokens: TokenStream, found: &mut Vec<Handler>) {
    let mut is_mounted = false;
    let mut is_decided = false;
    // The last tokens that say what the next one is.
    let mut is_hash = false;
    let mut is_fn = false;
    let mut definition = Definition::None;
    for tree in tokens {
        let (was_hash, was_fn) = (is_hash, is_fn);
        (is_hash, is_fn) = (false, false);
        match tree {
            TokenTree::Group(group) => {
                if was_hash && group.delimiter() == Delimiter::Bracket {
                    let attribute = Attribute::of(&group);
                    is_mounted |= attribute.mounts;
                    is_decided |= attribute.decides;
                    continue;
                }
                // What a macro is defined as is not what is written here.
                if definition != Definition::Named {
                    collect(group.stream(), found);
                }
                if group.delimiter() == Delimiter::Brace {
                    (is_mounted, is_decided) = (false, false);
                }
                definition = Definition::None;
            }
            TokenTree::Ident(name) => {
                if was_fn && is_mounted {
                    found.push(Handler { name, is_decided });
                    (is_mounted, is_decided) = (false, false);
                    continue;
                }
                is_fn = name == "fn";
                definition = match definition {
                    Definition::Begun => Definition::Named,
                    _ if name == "macro_rules" => Definition::Begun,
                    _ => Definition::None,
                };
            }
            TokenTree::Punct(punct) => {
                is_hash = punct.as_char() == '#';
                if punct.as_char() == ';' {
                    (is_mounted, is_decided) = (false, false);
                }
            }
            TokenTree::Literal(_) => {}
        }
    }
}

/// How much of `macro_rules! name` has been read.
#[derive(Clone, Copy, PartialEq)]
enum Definition {
    None,
    Begun,
    Named,
}

struct Attribute {
    mounts: bool,
    decides: bool,
}

impl Attribute {
    fn of(brackets: &Group) -> Self {
        let mut name = None;
        let mut arguments = TokenStream::new();
        for tree in brackets.stream() {
            match tree {
                TokenTree::Ident(ident) => name = Some(ident),
                TokenTree::Group(group) => {
                    arguments = group.stream();
                    break;
                }
                _ => {}
            }
        }
        let Some(name) = name else {
            return Self {
                mounts: false,
                decides: false,
            };
        };
        Self {
            mounts: routes::is_route(&name)
                || (name != "doc" && routes::begins_with_a_path(arguments.clone()))
                || (name == "cfg_attr" && routes::mounts_inside(arguments)),
            decides: Kind::named(&name).is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_routes_without_a_decision_are_found() {
        for (body, expected) in [
            ("{ #[get(\"/a\")] async fn a() {} }", &["a"][..]),
            (
                "{ #[actix_web::get(\"/a\")] #[allow(x)] pub(crate) async fn a() {} }",
                &["a"],
            ),
            ("{ #[r#get(\"/a\")] async fn a() {} }", &["a"]),
            ("{ #[fetch(\"/a\")] async fn a() {} }", &["a"]),
            ("{ #[cfg_attr(x, get(\"/a\"))] async fn a() {} }", &["a"]),
            ("{ if x { || { #[get(\"/a\")] async fn a() {} } } }", &["a"]),
            (
                "{ #[routes] #[get(\"/a\")] #[post(\"/a\")] async fn a() {} #[get(\"/b\")] async fn b() {} }",
                &["a", "b"],
            ),
            ("{ #[get(\"/a\")] #[requires_auth] async fn a() {} }", &[]),
            (
                "{ #[requires_auth] #[get(\"/a\")] async fn a() {} #[get(\"/b\")] async fn b() {} }",
                &["b"],
            ),
            (
                "{ #[requires_auth] struct A; #[get(\"/b\")] async fn b() {} }",
                &["b"],
            ),
            ("{ #[get] struct A {} async fn b() {} }", &[]),
            (
                "{ macro_rules! m { () => { #[get(\"/a\")] async fn a() {} } } }",
                &[],
            ),
            ("{ let a = map.get(\"/a\"); async fn a() {} }", &[]),
            ("{ #[doc(\"/a\")] fn a() {} }", &[]),
        ] {
            let found = in_tokens(body.parse().expect("tokens"));
            let names: Vec<String> = found
                .iter()
                .filter(|handler| !handler.is_decided)
                .map(|handler| handler.name.to_string())
                .collect();
            assert_eq!(names, expected, "{body}");
        }
    }
}
