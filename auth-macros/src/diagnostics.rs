//! Every mistake of one annotation, collected before any is reported.

use std::fmt::Write as _;

use proc_macro2::{Delimiter, Group, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};

use crate::rule::Rule;

/// Where a message points: the first and the last token of the user's text it is about.
///
/// Stable procedural macros cannot join two spans, but a `compile_error!` whose first token
/// carries one and whose last token carries the other is underlined from one to the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    start: Span,
    end: Span,
}

impl Place {
    pub(crate) fn over(tokens: impl ToTokens) -> Self {
        Self::of_trees(tokens.into_token_stream())
    }

    pub(crate) fn of_trees(trees: impl IntoIterator<Item = TokenTree>) -> Self {
        let mut trees = trees.into_iter();
        let Some(first) = trees.next() else {
            return Self::from(Span::call_site());
        };
        let start = first.span();
        let end = trees.last().map_or(start, |last| last.span());
        Self { start, end }
    }

    pub(crate) fn to(self, last: Self) -> Self {
        Self {
            start: self.start,
            end: last.end,
        }
    }

    pub(crate) fn span(self) -> Span {
        self.start
    }
}

impl From<Span> for Place {
    fn from(span: Span) -> Self {
        Self {
            start: span,
            end: span,
        }
    }
}

#[derive(Debug)]
struct Diagnostic {
    #[cfg(test)]
    rule: Rule,
    place: Place,
    message: String,
}

/// The mistakes found so far, in the order in which they are reported.
#[derive(Debug, Default)]
pub(crate) struct Diagnostics {
    found: Vec<Diagnostic>,
}

impl Diagnostics {
    pub(crate) fn report(
        &mut self,
        rule: Rule,
        place: impl Into<Place>,
        message: impl Into<String>,
    ) {
        // The rule is named at every call so that the list of rules cannot drift from what is
        // enforced: a rule that nothing reports is dead code to the compiler.
        #[cfg(not(test))]
        let _ = rule;
        self.found.push(Diagnostic {
            #[cfg(test)]
            rule,
            place: place.into(),
            message: message.into(),
        });
    }

    pub(crate) fn report_with_help(
        &mut self,
        rule: Rule,
        place: impl Into<Place>,
        message: impl Into<String>,
        help: impl AsRef<str>,
    ) {
        let mut message = message.into();
        // `compile_error!` takes one string; rustc indents the lines after the first.
        let _ = write!(message, "\n\n  = help: {}", help.as_ref());
        self.report(rule, place, message);
    }

    /// Says all mistakes in other words.
    pub(crate) fn reword(&mut self, reworded: impl Fn(&str) -> String) {
        for found in &mut self.found {
            found.message = reworded(&found.message);
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.found.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// One `compile_error!` a mistake.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.found
            .into_iter()
            .map(|Diagnostic { place, message, .. }| {
                let mut literal = Literal::string(&message);
                literal.set_span(place.end);
                let mut group = Group::new(
                    Delimiter::Brace,
                    TokenStream::from(TokenTree::Literal(literal)),
                );
                group.set_span(place.end);
                quote_spanned!(place.start=> ::core::compile_error! #group)
            })
            .collect()
    }

    #[cfg(test)]
    pub(crate) fn rules(&self) -> Vec<Rule> {
        self.found.iter().map(|found| found.rule).collect()
    }

    #[cfg(test)]
    pub(crate) fn messages(&self) -> Vec<&str> {
        self.found
            .iter()
            .map(|found| found.message.as_str())
            .collect()
    }
}

/// The candidate that was most likely meant, where one is near enough to be worth naming.
pub(crate) fn nearest<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let tolerated = (written.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(written, candidate), candidate))
        .filter(|(distance, _)| *distance <= tolerated)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance, one row at a time.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, from) in left.chars().enumerate() {
        let mut diagonal = line;
        let mut before = line + 1;
        for (cell, to) in row.iter_mut().skip(1).zip(&right) {
            let substituted = diagonal + usize::from(from != *to);
            diagonal = *cell;
            *cell = substituted.min(before + 1).min(diagonal + 1);
            before = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = line + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_insertions_deletions_and_substitutions() {
        assert_eq!(distance("", ""), 0);
        assert_eq!(distance("hide", "hide"), 0);
        assert_eq!(distance("hid", "hide"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "any"), 3);
    }

    #[test]
    fn nearest_names_only_what_is_near() {
        let names = ["role", "scope", "permission"];
        assert_eq!(nearest("rolle", names), Some("role"));
        assert_eq!(nearest("permision", names), Some("permission"));
        assert_eq!(nearest("owner", names), None);
    }

    #[test]
    fn help_follows_the_message_after_an_empty_line() {
        let mut diagnostics = Diagnostics::default();
        diagnostics.report_with_help(Rule::EmptyString, Span::call_site(), "fact", "text");
        assert_eq!(diagnostics.messages(), ["fact\n\n  = help: text"]);
    }
}
