//! The grammar of requirements: tokens in, tree out, every mistake reported.
//!
//! The text is cut at its commas first and every piece is read to its last token, so that one
//! mistake does not hide the next and nothing that was written is ever ignored.

use proc_macro2::{Delimiter, Group as Parenthesized, Ident, Spacing, TokenStream, TokenTree};

use crate::{
    diagnostics::{Diagnostics, Place, nearest},
    model::{
        annotation::Family,
        expression::{Connective, Expression, Group, LeafKind, Not, Short},
    },
    parse::{
        leaves::{named, typed_role},
        pieces::{Piece, pieces, shown},
    },
    rule::Rule,
};

/// Forms whose name is followed by parentheses, in `#[requires(...)]`.
pub(crate) const FORMS: &[&str] = &[
    "all",
    "any",
    "not",
    "authenticated",
    "role",
    "scope",
    "permission",
    "policy",
    "check",
    "scheme",
    "acr",
    "max_age",
];

/// Whether a lone word is more likely a misspelt word of the language than a name of the app's.
pub(crate) fn is_nearly_a_word(text: &str) -> bool {
    nearest(text, ["authenticated", "hide"]).is_some()
}

/// Whether what stands in parentheses could be meant as the arguments of a named requirement: none,
/// or names that something is done to.
fn is_like_arguments(arguments: &Parenthesized) -> bool {
    pieces(arguments.stream())
        .iter()
        .all(|piece| match piece.tokens.as_slice() {
            [TokenTree::Punct(punct), ..] => matches!(punct.as_char(), '&' | '*'),
            [TokenTree::Ident(_)] => true,
            [TokenTree::Ident(_), TokenTree::Punct(punct), ..] => punct.as_char() == '.',
            _ => false,
        })
}

/// Reads requirements of one family.
#[derive(Debug)]
pub(crate) struct Grammar<'a> {
    pub(crate) family: Family,
    /// The attribute's name, for messages.
    pub(crate) attribute: &'static str,
    pub(crate) diagnostics: &'a mut Diagnostics,
}

impl Grammar<'_> {
    /// One requirement and nothing behind it. `None` where a mistake was reported.
    pub(crate) fn expression(&mut self, piece: &Piece) -> Option<Expression> {
        let (first, rest) = piece.tokens.split_first()?;
        let (expression, rest) = match (first, rest.split_first()) {
            (TokenTree::Literal(literal), _) => (self.literal(literal), rest),
            (TokenTree::Ident(name), Some((TokenTree::Group(group), rest)))
                if group.delimiter() == Delimiter::Parenthesis =>
            {
                (self.form(name, group), rest)
            }
            (TokenTree::Ident(name), next) => {
                if self.family == Family::Strings(LeafKind::Role)
                    && let Some(role) = typed_role(piece, piece.place())
                {
                    return Some(role);
                }
                if let Some(named) = self.named(name, rest, piece) {
                    return Some(named);
                }
                if let Some((last, arguments)) = self.arguments_behind_path(rest) {
                    self.named_argument(&last, &arguments);
                    return None;
                }
                if name == "authenticated" && self.family == Family::Whole {
                    (Some(Expression::Authenticated(name.span().into())), rest)
                } else {
                    self.lone_name(name, next.map(|(next, _)| next), piece);
                    return None;
                }
            }
            (TokenTree::Punct(punct), _)
                if punct.as_char() == ':' && self.family == Family::Whole =>
            {
                if let Some(named) = named(piece) {
                    return Some(Expression::Named(named));
                }
                self.unknown_start(first);
                return None;
            }
            (TokenTree::Punct(punct), _) if punct.as_char() == '!' => {
                self.operator("!", "not(...)", punct.span().into());
                return None;
            }
            (first, _) => {
                self.unknown_start(first);
                return None;
            }
        };
        if self.is_end(rest) { expression } else { None }
    }

    /// A path that is none of the language's own words: alone, one that is not nearly such a word.
    fn named(&mut self, name: &Ident, rest: &[TokenTree], piece: &Piece) -> Option<Expression> {
        let text = name.to_string();
        let is_word = FORMS.contains(&text.as_str()) || is_nearly_a_word(&text);
        if self.family != Family::Whole || (rest.is_empty() && is_word) {
            return None;
        }
        named(piece).map(Expression::Named)
    }

    /// What stands in parentheses behind a path, as in `access::owns(id.0)`.
    fn arguments_behind_path(&self, rest: &[TokenTree]) -> Option<(Ident, Parenthesized)> {
        match rest {
            [
                TokenTree::Punct(colon),
                ..,
                TokenTree::Ident(last),
                TokenTree::Group(group),
            ] if colon.as_char() == ':'
                && group.delimiter() == Delimiter::Parenthesis
                && self.family == Family::Whole =>
            {
                Some((last.clone(), group.clone()))
            }
            _ => None,
        }
    }

    fn unknown_start(&mut self, first: &TokenTree) {
        let expected = self.expected();
        self.diagnostics.report_with_help(
            Rule::UnknownForm,
            first.span(),
            format!("expected a requirement, found `{}`", shown(first)),
            format!("expected {expected}"),
        );
    }

    /// The members of `any(...)` or `all(...)`, or all requirements of an attribute.
    ///
    /// The second value says whether every one of them was read without a mistake.
    fn members(&mut self, tokens: TokenStream) -> (Vec<Expression>, bool) {
        let mut complete = true;
        let mut members = Vec::new();
        for piece in pieces(tokens) {
            if piece.tokens.is_empty() {
                self.stray_comma(&piece);
                complete = false;
                continue;
            }
            match self.expression(&piece) {
                Some(member) => members.push(member),
                None => complete = false,
            }
        }
        (members, complete)
    }

    /// A comma with nothing in front of it.
    pub(crate) fn stray_comma(&mut self, piece: &Piece) {
        if let Some(comma) = piece.comma {
            self.diagnostics.report(
                Rule::StrayComma,
                comma,
                format!("expected {}, found `,`", self.expected()),
            );
        }
    }

    fn form(&mut self, name: &Ident, arguments: &Parenthesized) -> Option<Expression> {
        let place = Place::from(name.span()).to(arguments.span_close().into());
        let text = name.to_string();
        match (text.as_str(), self.family) {
            ("all", _) => self.group(Connective::All, name, place, arguments),
            ("any", _) => self.group(Connective::Any, name, place, arguments),
            ("not", _) => self.not(name, place, arguments),
            ("authenticated", Family::Whole) => {
                self.diagnostics.report_with_help(
                    Rule::TrailingTokens,
                    arguments.span(),
                    "`authenticated` takes no argument",
                    "write `authenticated`",
                );
                None
            }
            ("policy", Family::Whole) => self.policy(name, place, arguments),
            ("check", Family::Whole) => self.check(name, place, arguments),
            ("scheme", Family::Whole) => self.scheme(name, arguments),
            (_, Family::Whole) => {
                let Some(kind) = LeafKind::EVERY.into_iter().find(|kind| kind.name() == text)
                else {
                    return self.named_form(name, arguments);
                };
                self.leaf(kind, name, arguments)
            }
            (_, Family::Strings(kind)) => {
                if FORMS.contains(&text.as_str()) {
                    let help = if text == kind.name() {
                        format!(
                            "write the {} itself, as in `#[{}(\"...\")]`",
                            kind.name(),
                            self.attribute
                        )
                    } else {
                        String::from("write `#[requires(...)]` to mix kinds of requirements")
                    };
                    self.diagnostics.report_with_help(
                        Rule::UnknownForm,
                        name.span(),
                        format!("`{text}(...)` cannot be used in `#[{}]`", self.attribute),
                        help,
                    );
                } else {
                    self.unknown_form(name);
                }
                None
            }
        }
    }

    /// A named requirement with its arguments, unless it is more likely a misspelt word of the
    /// language.
    fn named_form(&mut self, name: &Ident, arguments: &Parenthesized) -> Option<Expression> {
        if let Some(near) = nearest(&name.to_string(), self.forms().iter().copied()) {
            self.diagnostics.report_with_help(
                Rule::UnknownForm,
                name.span(),
                format!("unknown requirement `{name}` in `#[{}]`", self.attribute),
                if is_like_arguments(arguments) {
                    format!(
                        "there is a requirement of a similar name: `{near}`; a named requirement of \
                         yours is written `self::{name}(...)`"
                    )
                } else {
                    format!("there is a requirement of a similar name: `{near}`")
                },
            );
            return None;
        }
        let tokens = vec![
            TokenTree::Ident(name.clone()),
            TokenTree::Group(arguments.clone()),
        ];
        let piece = Piece {
            tokens,
            comma: None,
        };
        if let Some(named) = named(&piece) {
            return Some(Expression::Named(named));
        }
        if is_like_arguments(arguments) {
            self.named_argument(name, arguments);
        } else {
            self.unknown_form(name);
        }
        None
    }

    /// An argument of a named requirement is an argument of the handler, by its name alone.
    fn named_argument(&mut self, name: &Ident, arguments: &Parenthesized) {
        if arguments.stream().is_empty() {
            self.diagnostics.report_with_help(
                Rule::NamedArgument,
                Place::over(TokenTree::Group(arguments.clone())),
                format!("`{name}()` names no argument"),
                format!("write `{name}`, or the names of the arguments that it takes"),
            );
            return;
        }
        self.diagnostics.report_with_help(
            Rule::NamedArgument,
            Place::over(arguments.stream()),
            "an argument of a named requirement is the name of one of the handler's arguments",
            format!("write it as in `{name}(id)`: it is borrowed, and taken apart where `{name}` is declared"),
        );
    }

    fn group(
        &mut self,
        connective: Connective,
        name: &Ident,
        place: Place,
        arguments: &Parenthesized,
    ) -> Option<Expression> {
        let (members, complete) = self.members(arguments.stream());
        if !complete {
            return None;
        }
        if members.is_empty() {
            self.empty_group(name, place);
            return None;
        }
        Some(Expression::Group(Group {
            connective,
            place,
            members,
        }))
    }

    fn not(&mut self, name: &Ident, place: Place, arguments: &Parenthesized) -> Option<Expression> {
        let (mut members, complete) = self.members(arguments.stream());
        if !complete {
            return None;
        }
        if members.len() > 1 {
            let list = self.list(&members);
            self.diagnostics.report_with_help(
                Rule::TakesOne,
                Place::over(arguments.stream()),
                "`not` takes one requirement",
                format!("write `not(any({list}))` or `not(all({list}))`"),
            );
            return None;
        }
        let Some(operand) = members.pop() else {
            self.empty_group(name, place);
            return None;
        };
        Some(Expression::Not(Not {
            place,
            operand: Box::new(operand),
        }))
    }

    /// `any()` and `all()` of nothing have a value in logic, and neither is what was meant: the
    /// one refuses every caller, the other admits every caller.
    fn empty_group(&mut self, name: &Ident, place: Place) {
        let expected = self.expected();
        self.diagnostics.report_with_help(
            Rule::EmptyGroup,
            place,
            format!("`{name}()` of nothing cannot be decided"),
            format!("expected {expected}"),
        );
    }

    /// A name with neither parentheses behind it nor a meaning of its own.
    fn lone_name(&mut self, name: &Ident, next: Option<&TokenTree>, piece: &Piece) {
        let is_path = matches!(next, Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
        match self.family {
            Family::Strings(kind) if is_path => self.expected_literal(kind, piece),
            _ if self.forms().contains(&name.to_string().as_str()) && !is_path => match next {
                Some(TokenTree::Group(group)) => self.diagnostics.report_with_help(
                    Rule::UnknownForm,
                    group.span_open(),
                    format!("expected `(` behind `{name}`"),
                    format!("write `{name}(...)`"),
                ),
                _ => self.missing_argument(name, name.span().into()),
            },
            Family::Strings(kind)
                if next.is_none()
                    && nearest(&name.to_string(), ["any", "all", "not"]).is_none() =>
            {
                // Quotation marks that were forgotten.
                self.diagnostics.report_with_help(
                    Rule::UnknownForm,
                    name.span(),
                    format!("unknown requirement `{name}` in `#[{}]`", self.attribute),
                    format!("write `\"{name}\"` if it is a {}", kind.name()),
                );
            }
            _ => self.unknown_form(name),
        }
    }

    /// Forms that may stand here.
    fn forms(&self) -> &'static [&'static str] {
        match self.family {
            Family::Whole => FORMS,
            Family::Strings(_) => &["all", "any", "not"],
        }
    }

    fn unknown_form(&mut self, name: &Ident) {
        let text = name.to_string();
        let help = match nearest(&text, self.forms().iter().copied()) {
            Some(near) => format!("there is a requirement of a similar name: `{near}`"),
            None => format!("expected {}", self.expected()),
        };
        self.diagnostics.report_with_help(
            Rule::UnknownForm,
            name.span(),
            format!("unknown requirement `{text}` in `#[{}]`", self.attribute),
            help,
        );
    }

    /// Whether nothing follows a requirement. What follows is never ignored.
    pub(super) fn is_end(&mut self, rest: &[TokenTree]) -> bool {
        let Some((first, behind)) = rest.split_first() else {
            return true;
        };
        let place = Place::of_trees(rest.iter().cloned());
        if let TokenTree::Punct(punct) = first
            && let Some((operator, instead)) = match punct.as_char() {
                '|' => Some(("||", "any(...)")),
                '&' => Some(("&&", "all(...)")),
                _ => None,
            }
        {
            let end = match behind.first() {
                Some(TokenTree::Punct(second)) if punct.spacing() == Spacing::Joint => {
                    second.span()
                }
                _ => punct.span(),
            };
            self.operator(operator, instead, Place::from(punct.span()).to(end.into()));
            return false;
        }
        self.diagnostics.report_with_help(
            Rule::TrailingTokens,
            place,
            format!("unexpected `{}` behind a requirement", shown(first)),
            "separate requirements with commas inside `any(...)` or `all(...)`",
        );
        false
    }

    fn operator(&mut self, operator: &str, instead: &str, place: Place) {
        self.diagnostics.report_with_help(
            Rule::Operator,
            place,
            format!("requirements have no operator `{operator}`"),
            format!("write `{instead}`"),
        );
    }

    /// Requirements as a list to paste.
    pub(crate) fn list(&self, members: &[Expression]) -> String {
        let texts: Vec<String> = members
            .iter()
            .map(|member| match self.family {
                Family::Strings(kind) => Short(member, kind).to_string(),
                Family::Whole => member.to_string(),
            })
            .collect();
        texts.join(", ")
    }

    /// What may stand here.
    pub(crate) fn expected(&self) -> String {
        match self.family {
            Family::Strings(kind) => {
                format!("a {}, `any(...)`, `all(...)` or `not(...)`", kind.name())
            }
            Family::Whole => String::from(
                "`all(...)`, `any(...)`, `not(...)`, `authenticated`, `role(...)`, `scope(...)`, \
                 `permission(...)`, `policy(...)`, `check(...)`, `scheme(...)`, `acr(...)` or `max_age(...)`",
            ),
        }
    }
}
