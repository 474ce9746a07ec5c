//! What an attribute on a function stands in, as far as the source text tells.
//!
//! An attribute is handed its item and nothing around it. In an impl block or trait, where nothing
//! can stand beside a function, the expansion does not compile, and rustc says so in words that
//! help nobody (`enum is not supported in impls`). The text around the attribute serves for a
//! better message and for nothing else: where it is taken for an impl block the program does not
//! compile either way.

use std::str::FromStr as _;

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

use crate::{annotation::Kind, target::function::Function};

/// Where nothing can stand beside a function.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Surroundings {
    ImplBlock,
    TraitImpl,
    Trait,
}

/// What the function stands in whose attribute is being expanded. `None` is anything else, and
/// also what cannot be told: where the text is not formatted, or not that of a file.
#[cfg(not(test))]
pub(crate) fn of(function: &Function) -> Option<Surroundings> {
    if !proc_macro::is_available() {
        return None;
    }
    let span = proc_macro::Span::call_site();
    // Reading costs more than expanding: what is not indented stands in no block.
    if span.column() == 1 {
        return None;
    }
    let text = std::fs::read_to_string(span.local_file()?).ok()?;
    in_text(&text, span.line(), span.column(), &function.plain_name())
}

/// Unit tests have no file, and say it themselves.
#[cfg(test)]
pub(crate) fn of(_: &Function) -> Option<Surroundings> {
    tests::SURROUNDINGS.get()
}

/// What the function stands in whose attribute begins at `line` and `column`, from 1.
#[cfg_attr(test, allow(dead_code))]
fn in_text(text: &str, line: usize, column: usize, function: &str) -> Option<Surroundings> {
    is_below_a_header(text, line, column)
        .then(|| TokenStream::from_str(text).ok())
        .flatten()
        .and_then(|file| in_tokens(file, function))
}

/// Whether the nearest line above that is indented less may be the end of a header. That is cheap,
/// and true of hardly any function that is not in an impl block or trait.
fn is_below_a_header(text: &str, line: usize, column: usize) -> bool {
    // The text to the end of the attribute's line, from its end.
    let end = text.split_inclusive('\n').take(line).map(str::len).sum();
    let mut above = text.get(..end).unwrap_or_default().lines().rev();
    if above.next().is_none_or(|own| indent(own) + 1 != column) {
        return false;
    }
    let mut outer = above
        .filter(|line| !line.trim().is_empty())
        .skip_while(|line| indent(line) + 1 >= column)
        .peekable();
    let Some(last) = outer.peek().map(|line| indent(line)) else {
        return false;
    };
    // A long header has its brace, and the word `where`, on lines of their own.
    outer
        .filter(|line| indent(line) == last)
        .map(str::trim)
        .find(|line| !matches!(*line, "{" | "where"))
        .is_some_and(|line| {
            line.split(|letter: char| !letter.is_alphanumeric())
                .any(|word| word == "impl" || word == "trait")
        })
}

fn indent(line: &str) -> usize {
    line.chars()
        .take_while(|letter| letter.is_whitespace())
        .count()
}

/// Looks for the function, with an attribute of ours, at any depth.
fn in_tokens(tokens: TokenStream, function: &str) -> Option<Surroundings> {
    let mut header = Vec::new();
    for tree in tokens {
        if let TokenTree::Group(group) = &tree {
            if group.delimiter() == Delimiter::Brace {
                let found = surroundings(&header)
                    .filter(|_| holds(group, function))
                    .or_else(|| in_tokens(group.stream(), function));
                if found.is_some() {
                    return found;
                }
                header.clear();
            } else {
                header.push(tree);
            }
        } else if matches!(&tree, TokenTree::Punct(punct) if punct.as_char() == ';') {
            header.clear();
        } else {
            header.push(tree);
        }
    }
    None
}

/// What a block behind these tokens is.
fn surroundings(header: &[TokenTree]) -> Option<Surroundings> {
    let is = |tree: &TokenTree, word: &str| matches!(tree, TokenTree::Ident(name) if name == word);
    // `fn list() -> impl Responder` is no header of a block of ours.
    if header.iter().any(|tree| is(tree, "fn")) {
        return None;
    }
    if header.iter().any(|tree| is(tree, "trait")) {
        return Some(Surroundings::Trait);
    }
    if !header.iter().any(|tree| is(tree, "impl")) {
        return None;
    }
    // `for<'a>` is a bound.
    let is_of_a_trait = header.windows(2).any(|two| match two {
        [first, second] => {
            is(first, "for") && !matches!(second, TokenTree::Punct(punct) if punct.as_char() == '<')
        }
        _ => false,
    });
    Some(if is_of_a_trait {
        Surroundings::TraitImpl
    } else {
        Surroundings::ImplBlock
    })
}

/// Whether the function stands directly in the block, below an attribute of ours.
fn holds(block: &Group, function: &str) -> bool {
    let mut is_ours = false;
    let mut before = None;
    for tree in block.stream() {
        match &tree {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => {
                is_ours |= is_attribute(group);
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => is_ours = false,
            TokenTree::Ident(name) if is_ours && is_function(before.as_ref(), name, function) => {
                return true;
            }
            _ => {}
        }
        before = Some(tree);
    }
    false
}

fn is_function(before: Option<&TokenTree>, name: &Ident, function: &str) -> bool {
    matches!(before, Some(TokenTree::Ident(word)) if word == "fn")
        && name.to_string().trim_start_matches("r#") == function
}

/// Whether `[..]` holds the path of an attribute of ours.
fn is_attribute(brackets: &Group) -> bool {
    brackets
        .stream()
        .into_iter()
        .take_while(|tree| !matches!(tree, TokenTree::Group(_)))
        .any(|tree| matches!(&tree, TokenTree::Ident(name) if Kind::named(name).is_some()))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        /// What the function stands in that a test expands.
        pub(crate) static SURROUNDINGS: Cell<Option<Surroundings>> = const { Cell::new(None) };
    }

    /// What the function `list` stands in, whose attribute is the only one of its kind.
    fn of_list(text: &str) -> Option<Surroundings> {
        let before = text
            .find("#[requires_auth]")
            .expect("the attribute is there");
        let above = &text[..before];
        let line = above.matches('\n').count() + 1;
        let column = above
            .chars()
            .rev()
            .take_while(|letter| *letter != '\n')
            .count()
            + 1;
        in_text(text, line, column, "list")
    }

    #[test]
    fn impl_blocks_and_traits_are_told() {
        for (header, expected) in [
            ("impl Controller {", Surroundings::ImplBlock),
            (
                "impl<T: for<'a> Of<'a>> Controller<T> {",
                Surroundings::ImplBlock,
            ),
            (
                "impl<T> Controller<T>\nwhere\n    T: Clone,\n{",
                Surroundings::ImplBlock,
            ),
            (
                "#[allow(x)]\nunsafe impl Controller {",
                Surroundings::ImplBlock,
            ),
            ("impl List for Controller {", Surroundings::TraitImpl),
            ("pub(crate) trait List {", Surroundings::Trait),
        ] {
            for between in [
                "",
                "    const A: u8 = 1;\n\n",
                "    fn a() {\n        b()\n    }\n\n",
            ] {
                let text = format!(
                    "struct A;\n\n{header}\n{between}    #[requires_auth]\n    async fn list() {{}}\n}}\n"
                );
                assert_eq!(of_list(&text), Some(expected), "{text}");
            }
        }
    }

    #[test]
    fn everything_else_is_nothing() {
        for text in [
            "#[requires_auth]\nasync fn list() {}",
            "mod api {\n    #[requires_auth]\n    async fn list() {}\n}",
            "fn mount() -> impl Responder {\n    #[requires_auth]\n    async fn list() {}\n}",
            "impl A {\n    fn a() {\n        #[requires_auth]\n        async fn list() {}\n    }\n}",
            // Not formatted, so that the impl block seems the nearest.
            "impl A {\n    fn a() {\n    #[requires_auth]\n    async fn list() {}\n    }\n}",
            "impl A {\n    fn list() {}\n    fn a() {\n    #[requires_auth]\n    async fn list() {}\n    }\n}",
            "handlers! { impl {\n    #[requires_auth]\n    async fn other() {}\n} }",
        ] {
            assert_eq!(of_list(text), None, "{text}");
        }
    }

    #[test]
    fn an_unclosed_file_is_nothing() {
        let text = "impl A {\n    #[requires_auth]\n    async fn list() {}\n";
        assert_eq!(of_list(text), None);
    }
}
