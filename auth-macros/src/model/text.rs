//! Tokens as text, the same for the same tokens whatever their layout and the compiler's version.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

use crate::routes::visible;

/// The text of these tokens, on one line.
pub(super) fn of(tokens: TokenStream) -> String {
    let mut writer = Writer {
        text: String::new(),
        last: Last::Opening,
        is_in_bars: false,
        is_type: false,
        generics: 0,
        operator: String::new(),
    };
    writer.write(tokens);
    writer.text
}

/// Those of several characters.
const OPERATORS: &[&str] = &[
    "::", "..", "...", "..=", "->", "=>", "==", "!=", "<=", ">=", "&&", "||", "<<", ">>", "+=",
    "-=", "*=", "/=", "%=", "^=", "&=", "|=", "<<=", ">>=",
];

/// Words that an operand follows.
const BEFORE_OPERANDS: &[&str] = &[
    "as", "async", "break", "const", "else", "if", "in", "let", "match", "move", "mut", "ref",
    "return", "static", "unsafe", "while",
];

struct Writer {
    text: String,
    last: Last,
    /// Among the parameters of a closure.
    is_in_bars: bool,
    /// The last word is called as types are.
    is_type: bool,
    /// How many lists of generic arguments are open.
    generics: usize,
    /// The operator that has begun.
    operator: String,
}

/// What the last token was, as far as the space behind it depends on it.
#[derive(Clone, Copy, PartialEq)]
enum Last {
    /// A word, a literal or a closed group: an operand.
    Operand,
    /// An opened group, or what is written in front of an operand without a space: `&`, `!`.
    Opening,
    /// What stands between two operands without spaces: `.`, `::`.
    Joining,
    /// The beginning of an operator of several characters.
    Begun,
    /// An operator, or what separates: a space follows.
    Operator,
}

impl Writer {
    fn write(&mut self, tokens: TokenStream) {
        for tree in visible(tokens) {
            match tree {
                TokenTree::Group(group) => {
                    let (open, close) = match group.delimiter() {
                        Delimiter::Parenthesis => ('(', ')'),
                        Delimiter::Bracket => ('[', ']'),
                        Delimiter::Brace | Delimiter::None => ('{', '}'),
                    };
                    let is_block = open == '{';
                    if is_block {
                        self.space_unless(&[Last::Opening]);
                    } else {
                        self.space_unless(&[Last::Opening, Last::Joining, Last::Operand]);
                    }
                    self.text.push(open);
                    self.last = if is_block {
                        Last::Operator
                    } else {
                        Last::Opening
                    };
                    let was_in_bars = std::mem::take(&mut self.is_in_bars);
                    let is_empty = group.stream().is_empty();
                    self.write(group.stream());
                    self.is_in_bars = was_in_bars;
                    if is_block && !is_empty {
                        self.text.push(' ');
                    }
                    self.text.push(close);
                    self.last = Last::Operand;
                }
                TokenTree::Ident(word) => self.operand(&word.to_string()),
                TokenTree::Literal(literal) => self.operand(&literal.to_string()),
                TokenTree::Punct(punct) => {
                    self.punct(punct.as_char(), punct.spacing() == Spacing::Joint);
                }
            }
        }
    }

    fn operand(&mut self, text: &str) {
        self.space_unless(&[Last::Opening, Last::Joining]);
        self.text.push_str(text);
        self.is_type = text.starts_with(|letter: char| letter.is_uppercase());
        self.last = if BEFORE_OPERANDS.contains(&text) {
            Last::Operator
        } else {
            Last::Operand
        };
    }

    fn punct(&mut self, character: char, is_joint: bool) {
        if self.last == Last::Begun {
            self.operator.push(character);
            if OPERATORS.contains(&self.operator.as_str()) {
                self.text.push(character);
                self.last = match (is_joint, self.operator.as_str()) {
                    (_, "::") => Last::Joining,
                    (true, _) => Last::Begun,
                    (false, _) => Last::Operator,
                };
                return;
            }
            // What follows without a space is no part of it.
            self.last = Last::Operator;
        }
        self.operator = character.to_string();
        let is_behind_operand = self.last == Last::Operand;
        match character {
            ',' | ';' => {
                self.text.push(character);
                self.last = Last::Operator;
            }
            '.' | '?' => {
                self.text.push(character);
                self.last = match (is_joint, character) {
                    (true, '.') => Last::Begun,
                    (_, '?') => Last::Operand,
                    _ => Last::Joining,
                };
            }
            ':' => {
                self.text.push(character);
                self.last = if is_joint {
                    Last::Begun
                } else {
                    Last::Operator
                };
            }
            '|' if !is_joint && (self.is_in_bars || !is_behind_operand) => {
                if self.is_in_bars {
                    self.last = Last::Operator;
                } else {
                    self.space_unless(&[Last::Opening]);
                    self.last = Last::Opening;
                }
                self.text.push(character);
                self.is_in_bars = !self.is_in_bars;
            }
            // A lifetime, `$crate`, an attribute.
            '\'' | '$' | '#' => self.prefix(character),
            // Of a macro call.
            '!' if is_behind_operand && !is_joint => {
                self.text.push(character);
                self.last = Last::Operand;
            }
            // No token tells generic arguments from comparisons, but how types are called does.
            '<' if self.last == Last::Joining || (is_behind_operand && self.is_type) => {
                self.text.push(character);
                self.generics += 1;
                self.last = Last::Opening;
            }
            '>' if self.generics > 0 => {
                self.text.push(character);
                self.generics -= 1;
                self.last = Last::Operand;
            }
            '&' | '*' if !is_behind_operand => self.prefix(character),
            '-' | '!' if !is_behind_operand && !is_joint => self.prefix(character),
            _ => {
                self.space_unless(&[Last::Opening, Last::Joining]);
                self.text.push(character);
                self.last = if is_joint {
                    Last::Begun
                } else {
                    Last::Operator
                };
            }
        }
    }

    /// What stands in front of an operand, without a space.
    fn prefix(&mut self, character: char) {
        self.space_unless(&[Last::Opening, Last::Joining]);
        self.text.push(character);
        self.last = Last::Opening;
    }

    fn space_unless(&mut self, those: &[Last]) {
        if !those.contains(&self.last) && !self.text.is_empty() {
            self.text.push(' ');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closure_reads_as_it_is_usually_written() {
        for text in [
            "|user, body| body.from == user.subject()",
            "|user: &Principal, id: &web::Path<u64>| **id > 0 && !user.is_admin()",
            "|map: &Map<u8, Vec<T>>| map.get::<str>(a) < b && c > d",
            "async move |user| find(user).await?.is_some()",
            "|user| { let x = [1, 2]; x.len() as u64 >= -1 || matches!(user.kind, Kind::A | Kind::B) }",
            "|user| ('(' as u32 & 0xff) == b')' as u32",
            "|a| map(|b| b.0[1..=2] != a, &a)",
        ] {
            let tokens: TokenStream = text.parse().expect("tokens");
            let expected = text.replace("..=2", "..= 2");
            assert_eq!(of(tokens), expected);
        }
    }

    #[test]
    fn layout_and_comments_change_nothing() {
        let text = |text: &str| of(text.parse().expect("tokens"));
        for (one, other) in [
            (
                "|user,body|body . from==user . subject( )",
                "|user, body|\n    // Whose it is.\n    body.from == user.subject()",
            ),
            ("|a|a==&b&&!c", "|a| a == &b && !c"),
            ("|a|{a>-1}", "|a| { a > -1 }"),
        ] {
            assert_eq!(text(one), text(other));
        }
    }

    #[test]
    fn what_means_something_else_reads_otherwise() {
        let text = |text: &str| of(text.parse().expect("tokens"));
        for (one, other) in [
            ("|a| a & &b", "|a| a && b"),
            ("|a| a.b", "|a| a..b"),
            ("|a| \"a  b\"", "|a| \"a b\""),
            ("|a| a == b", "|a| a != b"),
            ("|a| true", "|a| false"),
        ] {
            assert_ne!(text(one), text(other), "{one}");
        }
    }
}
