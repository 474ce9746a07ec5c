//! What an attribute on a function stands in, as far as the source text tells.
//!
//! An attribute is handed its item and nothing around it. In an impl block or trait, where nothing
//! can stand beside a function, the expansion does not compile, and rustc says so in words that
//! help nobody (`enum is not supported in impls`). The text around the attribute serves for a
//! better message and for nothing else: where it is taken for an impl block the program does not
//! compile either way.

use std::str::FromStr as _;
#[cfg(not(test))]
use std::{cell::RefCell, path::PathBuf, time::SystemTime};

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
    with_source(span.local_file()?, |source| {
        source.surroundings(span.line(), span.column(), &function.plain_name())
    })
}

/// Reads a file once for all attributes that follow each other in it.
#[cfg(not(test))]
fn with_source<T>(path: PathBuf, look: impl FnOnce(&mut Source) -> Option<T>) -> Option<T> {
    thread_local! {
        static LAST: RefCell<Option<(PathBuf, SystemTime, Source)>> = const { RefCell::new(None) };
    }
    // Editors keep the process, and change the file.
    let changed = path.metadata().ok()?.modified().ok()?;
    LAST.with_borrow_mut(|last| {
        if !matches!(last, Some((of, at, _)) if *of == path && *at == changed) {
            let text = std::fs::read_to_string(&path).ok()?;
            *last = Some((path, changed, Source::new(text)));
        }
        let (_, _, source) = last.as_mut()?;
        look(source)
    })
}

/// Unit tests have no file, and say it themselves.
#[cfg(test)]
pub(crate) fn of(_: &Function) -> Option<Surroundings> {
    tests::SURROUNDINGS.get()
}

/// The text of a file, by lines.
#[cfg_attr(test, allow(dead_code))]
struct Source {
    text: String,
    /// Where the lines begin.
    starts: Vec<usize>,
    /// What was found last, so that a long block is not walked for each function in it.
    last: Option<Found>,
}

/// Whether what stands at this line and column stands below a header.
#[derive(Clone, Copy)]
struct Found {
    line: usize,
    column: usize,
    is_below_a_header: bool,
}

#[cfg_attr(test, allow(dead_code))]
impl Source {
    fn new(text: String) -> Self {
        let ends = text.match_indices('\n').map(|(end, _)| end + 1);
        Self {
            starts: std::iter::once(0).chain(ends).collect(),
            text,
            last: None,
        }
    }

    /// A line, from 1. There are none above the first.
    fn line(&self, number: usize) -> &str {
        let start = number
            .checked_sub(1)
            .and_then(|index| self.starts.get(index));
        let end = self.starts.get(number).copied().unwrap_or(self.text.len());
        start
            .and_then(|start| self.text.get(*start..end))
            .unwrap_or_default()
    }

    /// What the function stands in whose attribute begins at `line` and `column`, from 1.
    fn surroundings(&mut self, line: usize, column: usize, function: &str) -> Option<Surroundings> {
        let is_below_a_header = self.is_below_a_header(line, column);
        self.last = Some(Found {
            line,
            column,
            is_below_a_header,
        });
        is_below_a_header
            .then(|| TokenStream::from_str(&self.text).ok())
            .flatten()
            .and_then(|file| in_tokens(file, function))
    }

    /// Whether the nearest line above that is indented less may be the end of a header. That is
    /// cheap, and true of hardly any function that is not in an impl block or trait.
    fn is_below_a_header(&self, line: usize, column: usize) -> bool {
        if indent(self.line(line)) + 1 != column {
            return false;
        }
        let mut above = (1..line).rev();
        let outer = above.find_map(|number| {
            if let Some(found) = self.last
                && (found.line, found.column) == (number, column)
            {
                return Some(Err(found.is_below_a_header));
            }
            let text = self.line(number);
            let is_outer = !text.trim().is_empty() && indent(text) + 1 < column;
            is_outer.then_some(Ok(number))
        });
        match outer {
            None => false,
            Some(Err(answer)) => answer,
            Some(Ok(last)) => self.is_header(last),
        }
    }

    /// Whether a header of an impl block or trait ends at this line.
    fn is_header(&self, last: usize) -> bool {
        let depth = indent(self.line(last));
        // A long one has its brace, and the word `where`, on lines of their own.
        (1..=last)
            .rev()
            .map(|number| self.line(number))
            .filter(|line| indent(line) == depth)
            .map(str::trim)
            .find(|line| !matches!(*line, "" | "{" | "where"))
            .is_some_and(|line| {
                line.split(|letter: char| !letter.is_alphanumeric())
                    .any(|word| word == "impl" || word == "trait")
            })
    }
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
        Source::new(text.to_owned()).surroundings(line, column, "list")
    }

    #[test]
    fn one_file_answers_for_many_functions() {
        let block = |header: &str, name: &str| {
            let functions = (0..3).map(|number| {
                format!("    #[requires_auth]\n    async fn {name}{number}() {{}}\n\n")
            });
            format!("{header} {{\n{}}}\n", functions.collect::<String>())
        };
        let text = format!(
            "{}{}{}",
            block("mod a", "list"),
            block("impl A", "show"),
            block("mod b", "hide")
        );
        let mut source = Source::new(text.clone());
        let mut answers = Vec::new();
        for (index, line) in text.lines().enumerate() {
            if line.contains("requires_auth") {
                let name = text.lines().nth(index + 1).unwrap_or_default();
                let name = name.trim().trim_start_matches("async fn ");
                let (name, _) = name.split_once('(').unwrap_or_default();
                answers.push(source.surroundings(index + 1, 5, name));
            }
        }
        let block = Some(Surroundings::ImplBlock);
        assert_eq!(
            answers,
            [None, None, None, block, block, block, None, None, None]
        );
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
