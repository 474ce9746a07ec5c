//! Handlers inside of function bodies and values, which no expansion reaches.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

use crate::{item::exempt, model::annotation::Kind, routes};

/// What stands in a body and may serve requests.
#[derive(Clone)]
pub(crate) enum Inside {
    /// A function that can be mounted.
    Handler {
        name: Ident,
        /// It has an attribute of ours.
        is_decided: bool,
        /// It has an attribute of a route.
        mounts: bool,
    },
    /// An impl block of a type that is not declared in the body, so that it is no secret of it.
    ImplBlock(Span),
}

/// What may serve requests at any depth of a body or value.
pub(crate) fn found(tokens: TokenStream) -> Vec<Inside> {
    let mut found = Vec::new();
    if may_hold_items(&tokens) {
        collect(routes::visible(tokens), &[], &mut found);
    }
    found
}

/// Whether a body can hold what is looked for. Walking tokens costs more than looking at the text.
fn may_hold_items(body: &TokenStream) -> bool {
    let mut trees = body.clone().into_iter();
    let (Some(TokenTree::Group(block)), None) = (trees.next(), trees.next()) else {
        return true;
    };
    // The text of what a macro wrote is that of the macro.
    block.span().source_text().is_none_or(|text| {
        !text.starts_with('{')
            || !text.ends_with('}')
            || text.contains(['#', '$'])
            || text.contains("async")
            || text.contains("impl")
    })
}

/// What has been read of an item.
#[derive(Default)]
struct State {
    attributes: Attributes,
    last: Last,
    /// An item may begin with the next token.
    is_start: bool,
    /// `async` was read, and what may follow it in front of `fn`.
    is_async: bool,
    definition: Definition,
}

/// The last token, where it says what the next one is.
#[derive(Clone, Copy, Default, PartialEq)]
enum Last {
    #[default]
    Other,
    /// `#` in front of an attribute, or `#!`.
    Hash,
    /// `fn` in front of a name.
    Fn,
}

/// Bodies are not parsed: an attribute is `#` and brackets, and it belongs to the next item.
fn collect(trees: Vec<TokenTree>, outer: &[Ident], found: &mut Vec<Inside>) {
    let declared: Vec<Ident> = outer.iter().cloned().chain(declared(&trees)).collect();
    let mut state = State {
        is_start: true,
        ..State::default()
    };
    let mut trees = trees.into_iter().peekable();
    while let Some(tree) = trees.next() {
        let last = std::mem::take(&mut state.last);
        let was_start = std::mem::take(&mut state.is_start);
        let was_async = std::mem::take(&mut state.is_async);
        match tree {
            TokenTree::Group(group) => {
                if last == Last::Hash && group.delimiter() == Delimiter::Bracket {
                    state.attributes.see(&group);
                    state.is_start = was_start;
                    continue;
                }
                // What a macro is defined as is not what is written here.
                if state.definition != Definition::Named {
                    collect(routes::visible(group.stream()), &declared, found);
                }
                if group.delimiter() == Delimiter::Brace {
                    state = State {
                        is_start: true,
                        ..State::default()
                    };
                }
                state.definition = Definition::None;
            }
            TokenTree::Ident(name) if last == Last::Fn => {
                let attributes = std::mem::take(&mut state.attributes);
                let is_async = was_async && !borrows(trees.clone());
                if (attributes.mounts || is_async) && !attributes.is_exempt {
                    found.push(Inside::Handler {
                        name,
                        is_decided: attributes.decides,
                        mounts: attributes.mounts,
                    });
                }
            }
            TokenTree::Ident(word) => {
                state.definition = match state.definition {
                    Definition::Begun => Definition::Named,
                    _ if word == "macro_rules" => Definition::Begun,
                    _ => Definition::None,
                };
                match word.to_string().as_str() {
                    "async" => state.is_async = true,
                    "fn" => (state.last, state.is_async) = (Last::Fn, was_async),
                    "unsafe" | "extern" | "default" | "pub" | "crate" => {
                        (state.is_async, state.is_start) = (was_async, was_start);
                    }
                    "impl" if was_start => {
                        let is_exempt = std::mem::take(&mut state.attributes).is_exempt;
                        if !is_exempt && !is_of_declared(trees.clone(), &declared) {
                            found.push(Inside::ImplBlock(word.span()));
                        }
                    }
                    _ => {}
                }
            }
            TokenTree::Punct(punct) => {
                let is_hash =
                    punct.as_char() == '#' || (last == Last::Hash && punct.as_char() == '!');
                if is_hash {
                    state.last = Last::Hash;
                }
                state.is_start = punct.as_char() == ';' || (is_hash && was_start);
                if punct.as_char() == ';' {
                    state.attributes = Attributes::default();
                }
            }
            // The ABI of `extern "C" fn`.
            TokenTree::Literal(_) => state.is_async = was_async,
        }
    }
}

/// The types that are declared directly in a body.
fn declared(trees: &[TokenTree]) -> impl Iterator<Item = Ident> + '_ {
    trees.windows(2).filter_map(|two| match two {
        [TokenTree::Ident(word), TokenTree::Ident(name)]
            if word == "struct" || word == "enum" || word == "union" =>
        {
            Some(name.clone())
        }
        _ => None,
    })
}

/// Whether the impl block that goes on with these tokens is of a type of these names.
fn is_of_declared(header: impl Iterator<Item = TokenTree>, declared: &[Ident]) -> bool {
    let header: Vec<_> = header
        .take_while(|tree| {
            !matches!(tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
        })
        .collect();
    let mut depth = Depth::default();
    let mut beginning = 0;
    for (index, tree) in header.iter().enumerate() {
        let is_outside = depth.see(tree);
        let is_bound =
            matches!(header.get(index + 1), Some(TokenTree::Punct(next)) if next.as_char() == '<');
        match tree {
            // `for<'a>` is a bound.
            TokenTree::Ident(word) if is_outside && word == "for" && !is_bound => {
                beginning = index + 1;
            }
            // The end of the generics.
            TokenTree::Punct(punct) if is_outside && punct.as_char() == '>' && beginning == 0 => {
                beginning = index + 1;
            }
            _ => {}
        }
    }
    let mut of = header.iter().skip(beginning);
    let (Some(TokenTree::Ident(name)), next) = (of.next(), of.next()) else {
        return false;
    };
    let is_path = matches!(next, Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    !is_path && declared.contains(name)
}

/// Whether a function borrows an argument, so that it cannot be mounted: what is behind its
/// name.
fn borrows(signature: impl Iterator<Item = TokenTree>) -> bool {
    let mut depth = Depth::default();
    for tree in signature {
        let is_outside = depth.see(&tree);
        if let TokenTree::Group(group) = &tree
            && is_outside
            && group.delimiter() == Delimiter::Parenthesis
        {
            let arguments = routes::visible(group.stream());
            let mut is_type = true;
            return arguments.iter().any(|tree| match tree {
                TokenTree::Punct(punct) => {
                    let is_reference = is_type && punct.as_char() == '&';
                    is_type =
                        punct.as_char() == ':' && punct.spacing() == proc_macro2::Spacing::Alone;
                    is_reference
                }
                _ => {
                    is_type = false;
                    false
                }
            });
        }
    }
    false
}

/// How deep in generic arguments.
#[derive(Default)]
struct Depth {
    angles: usize,
    is_arrow: bool,
}

impl Depth {
    /// Whether the token stands outside of generic arguments; their end does.
    fn see(&mut self, tree: &TokenTree) -> bool {
        let was_arrow = std::mem::take(&mut self.is_arrow);
        if let TokenTree::Punct(punct) = tree {
            match punct.as_char() {
                '<' => self.angles += 1,
                '>' if !was_arrow => self.angles = self.angles.saturating_sub(1),
                '-' => self.is_arrow = true,
                _ => {}
            }
        }
        self.angles == 0
    }
}

/// How much of `macro_rules! name` has been read.
#[derive(Clone, Copy, Default, PartialEq)]
enum Definition {
    #[default]
    None,
    Begun,
    Named,
}

/// What the attributes of an item say.
#[derive(Default)]
struct Attributes {
    mounts: bool,
    decides: bool,
    is_exempt: bool,
}

impl Attributes {
    fn see(&mut self, brackets: &Group) {
        let mut name = None;
        let mut arguments = TokenStream::new();
        for tree in routes::visible(brackets.stream()) {
            match tree {
                TokenTree::Ident(ident) => name = Some(ident),
                TokenTree::Group(group) => {
                    arguments = group.stream();
                    break;
                }
                _ => {}
            }
        }
        let Some(name) = name else { return };
        self.mounts |= routes::is_route(&name)
            || (name != "doc" && routes::begins_with_a_path(arguments.clone()))
            || (name == "cfg_attr" && routes::mounts_inside(arguments.clone()));
        self.decides |= Kind::named(&name).is_some();
        self.is_exempt |=
            exempt::is_word_in(brackets) || (name == "cfg" && arguments.to_string() == "test");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of what is found, with `!` in front of what is decided.
    fn names(body: &str) -> Vec<String> {
        let found = found(body.parse().expect("tokens"));
        let name = |inside: &Inside| match inside {
            Inside::Handler {
                name, is_decided, ..
            } => {
                format!("{}{name}", if *is_decided { "!" } else { "" })
            }
            Inside::ImplBlock(_) => String::from("impl"),
        };
        found.iter().map(name).collect()
    }

    #[test]
    fn what_may_be_mounted_is_found() {
        for (body, expected) in [
            ("{ #[get(\"/a\")] async fn a() {} }", &["a"][..]),
            ("{ async fn a() {} }", &["a"]),
            ("{ async unsafe extern \"C\" fn a() {} }", &["a"]),
            (
                "{ pub(crate) async fn a<F: Fn(&str) -> u8>(f: F) {} }",
                &["a"],
            ),
            ("{ async fn a(s: Self::Of, n: u8) {} }", &["a"]),
            ("{ #[r#get(\"/a\")] fn a() {} }", &["a"]),
            ("{ #[fetch(\"/a\")] fn a() {} }", &["a"]),
            ("{ #[cfg_attr(x, get(\"/a\"))] fn a() {} }", &["a"]),
            ("{ if x { || { async fn a() {} } } }", &["a"]),
            ("{ call(async || { async fn a() {} }) }", &["a"]),
            (
                "{ #[routes] #[get(\"/a\")] #[post(\"/a\")] async fn a() {} #[get(\"/b\")] async fn b() {} }",
                &["a", "b"],
            ),
            (
                "{ #[get(\"/a\")] #[requires_auth] async fn a() {} }",
                &["!a"],
            ),
            (
                "{ #[requires_auth] #[get(\"/a\")] async fn a() {} #[get(\"/b\")] async fn b() {} }",
                &["!a", "b"],
            ),
            ("{ #[requires_auth] struct A; async fn b() {} }", &["b"]),
            ("{ impl super::C { fn a() {} } }", &["impl"]),
            ("{ let x = 1; #[allow(y)] impl H for C {} }", &["impl"]),
            ("{ struct C; impl From<C> for super::C { } }", &["impl"]),
            (
                "{ struct C; { unsafe impl<T> H<C> for D<T> { } } }",
                &["impl"],
            ),
        ] {
            assert_eq!(names(body), expected, "{body}");
        }
    }

    #[test]
    fn what_cannot_be_mounted_is_not_found() {
        for body in [
            "{ async { 1 }; async move { 2 }; async || 3 }",
            "{ async fn a(x: &str) {} }",
            "{ async fn a<'a, F: Fn(u8) -> u8>(f: F, x: &'a str) {} }",
            "{ async fn a(&self) {} }",
            "{ #[not_a_handler] async fn a() {} }",
            "{ #[auth_runtime::not_a_handler] impl C { fn a() {} } }",
            "{ #[cfg(test)] async fn a() {} }",
            "{ struct V; impl<'de> Visitor<'de> for V { fn a(x: impl Fn()) -> impl Sized {} } }",
            "{ struct V<T>(T); { impl<T: for<'a> F<'a>> V<T> { fn a() {} } } }",
            "{ fn a(x: u8) -> impl Sized { x } }",
            "{ macro_rules! m { () => { async fn a() {} } } }",
            "{ let a = map.get(\"/a\"); fn b() {} }",
            "{ #[doc(\"/a\")] fn a() {} }",
        ] {
            assert_eq!(names(body), Vec::<String>::new(), "{body}");
        }
    }

    #[test]
    fn invisible_delimiters_hide_nothing() {
        let invisible = |text: &str| -> TokenStream {
            let tokens = text.parse().expect("tokens");
            TokenTree::from(Group::new(Delimiter::None, tokens)).into()
        };
        let attribute = invisible("get(\"/a\")");
        let item = invisible("async fn b() {}");
        let body = quote::quote!({ #[#attribute] fn a() {} #item });
        assert_eq!(found(body).len(), 2);
    }
}
