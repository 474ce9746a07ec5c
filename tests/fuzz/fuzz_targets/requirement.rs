//! Arguments of an attribute: any tokens give a handler or an error.
//!
//! Half of the inputs are texts, the other half are tokens of the language, one a byte, which come
//! deeper.
#![no_main]

use auth_fuzz::assert_expansion;
use libfuzzer_sys::fuzz_target;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

const HANDLER: &str =
    "async fn publish(id: web::Path<u64>, mut body: web::Json<Article>) -> HttpResponse { done() }";

const WORDS: &[&str] = &[
    "all",
    "any",
    "not",
    "role",
    "scope",
    "permission",
    "policy",
    "check",
    "max_age",
    "acr",
    "scheme",
    "authenticated",
    "hide",
    "crate",
    "requires",
    "overrides",
    "reason",
    "=",
    ",",
    "::",
    "|",
    "\"admin\"",
    "\"articles:write\"",
    "\"15m\"",
    "\"\"",
    "\"*\"",
    "Role::Admin",
    "Owner",
    "owns",
    "id",
    "body",
    "user",
    "is_author",
    "&",
    "1",
    "true",
    "async",
    "move",
    ".",
    "-> bool",
    "|user, body| body.author == user.subject()",
    "|user: &Principal| true",
    "r#\"raw\"#",
    "'a",
    "$crate",
    "#",
    "!",
    "?",
    "b\"x\"",
    "self",
];

/// A tree of tokens: two bytes open a group, one closes it, the others are words.
fn tokens(bytes: &mut impl Iterator<Item = u8>, depth: usize) -> TokenStream {
    let mut stream = TokenStream::new();
    while let Some(byte) = bytes.next() {
        match byte {
            0..=59 if depth < 40 => {
                let delimiter = match byte {
                    0..=54 => Delimiter::Parenthesis,
                    55 | 56 => Delimiter::Bracket,
                    57 | 58 => Delimiter::Brace,
                    _ => Delimiter::None,
                };
                stream.extend([TokenTree::from(Group::new(
                    delimiter,
                    tokens(bytes, depth + 1),
                ))]);
            }
            60..=99 if depth > 0 => break,
            _ => {
                let word = WORDS[usize::from(byte) % WORDS.len()];
                stream.extend(word.parse::<TokenStream>().expect("words are tokens"));
            }
        }
    }
    stream
}

fuzz_target!(|data: &[u8]| {
    let Some((kind, data)) = data.split_first() else {
        return;
    };
    let arguments = if kind % 2 == 0 {
        let Ok(Ok(arguments)) = std::str::from_utf8(data).map(str::parse) else {
            return;
        };
        arguments
    } else {
        tokens(&mut data.iter().copied(), 0)
    };
    let handler = || {
        HANDLER
            .parse::<TokenStream>()
            .expect("the handler is tokens")
    };
    let expansion = match kind / 2 % 8 {
        0 => auth_attributes::requires_auth(arguments, handler()),
        1 => auth_attributes::requires_role(arguments, handler()),
        2 => auth_attributes::requires_scope(arguments, handler()),
        3 => auth_attributes::requires_permission(arguments, handler()),
        4 => auth_attributes::public(arguments, handler()),
        5 => auth_attributes::deny_by_default(arguments, handler()),
        _ => auth_attributes::requires(arguments, handler()),
    };
    assert_expansion(&expansion);
});
