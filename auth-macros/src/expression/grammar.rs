//! The grammar of requirements: tokens in, tree out, every mistake reported.
//!
//! The text is cut at its commas first and every piece is read to its last token, so that one
//! mistake does not hide the next and nothing that was written is ever ignored.

use proc_macro2::{
    Delimiter, Group as Parenthesized, Ident, Literal, Spacing, TokenStream, TokenTree,
};

use super::{Connective, Expression, Group, Leaf, LeafKind, Not, Policy, Short};
use crate::{
    diagnostics::{Diagnostics, Place, nearest},
    rule::Rule,
};

/// Forms whose name is followed by parentheses, in `#[requires(...)]`.
const FORMS: &[&str] = &[
    "all",
    "any",
    "not",
    "authenticated",
    "role",
    "scope",
    "permission",
    "policy",
    "scheme",
];

/// Which requirements an attribute takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Family {
    /// Strings of one kind: `#[requires_role]` and its kin.
    Strings(LeafKind),
    /// The whole language: `#[requires]`.
    Whole,
}

/// One argument: what stands between two commas.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) tokens: Vec<TokenTree>,
    /// The comma behind it, where there is one.
    pub(crate) comma: Option<Place>,
}

impl Piece {
    pub(crate) fn place(&self) -> Place {
        Place::of_trees(self.tokens.iter().cloned())
    }
}

/// Cuts a list at its commas. A comma at the end is allowed.
pub(crate) fn pieces(tokens: TokenStream) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut current = Vec::new();
    for tree in tokens {
        match tree {
            TokenTree::Punct(punct) if punct.as_char() == ',' => pieces.push(Piece {
                tokens: std::mem::take(&mut current),
                comma: Some(punct.span().into()),
            }),
            // What a `macro_rules!` capture wraps in invisible delimiters is the text itself.
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                current.extend(visible(group.stream()));
            }
            tree => current.push(tree),
        }
    }
    if !current.is_empty() {
        pieces.push(Piece {
            tokens: current,
            comma: None,
        });
    }
    pieces
}

fn visible(tokens: TokenStream) -> Vec<TokenTree> {
    tokens
        .into_iter()
        .flat_map(|tree| match tree {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                visible(group.stream())
            }
            tree => vec![tree],
        })
        .collect()
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
                if name == "authenticated" && self.family == Family::Whole {
                    (Some(Expression::Authenticated(name.span().into())), rest)
                } else {
                    self.lone_name(name, next.map(|(next, _)| next), piece);
                    return None;
                }
            }
            (TokenTree::Punct(punct), _) if punct.as_char() == '!' => {
                self.operator(piece, "!", "not(...)", punct.span().into());
                return None;
            }
            (first, _) => {
                let expected = self.expected();
                self.diagnostics.report_with_help(
                    Rule::UnknownForm,
                    first.span(),
                    format!("expected a requirement, found `{}`", shown(first)),
                    format!("expected {expected}"),
                );
                return None;
            }
        };
        if self.is_end(rest, piece) {
            expression
        } else {
            None
        }
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
            ("scheme", Family::Whole) => self.scheme(name, arguments),
            (_, Family::Whole) => {
                let Some(kind) = LeafKind::EVERY.into_iter().find(|kind| kind.name() == text)
                else {
                    self.unknown_form(name);
                    return None;
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
                        String::from("write `#[requires(...)]` to mix what a handler asks for")
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
    /// one refuses everybody, the other lets everybody in.
    fn empty_group(&mut self, name: &Ident, place: Place) {
        let expected = self.expected();
        self.diagnostics.report_with_help(
            Rule::EmptyGroup,
            place,
            format!("`{name}()` of nothing cannot be decided"),
            format!("expected {expected}"),
        );
    }

    /// `role("...")`, `scope("...")` or `permission("...")`.
    fn leaf(
        &mut self,
        kind: LeafKind,
        name: &Ident,
        arguments: &Parenthesized,
    ) -> Option<Expression> {
        let inner = pieces(arguments.stream());
        if let Some(piece) = inner.iter().find(|piece| piece.tokens.is_empty()) {
            self.stray_comma(piece);
            return None;
        }
        let (first, others) = self.one(name, arguments, &inner)?;
        if others {
            let mut strings = Grammar {
                family: Family::Strings(kind),
                attribute: self.attribute,
                diagnostics: self.diagnostics,
            };
            let read: Option<Vec<_>> = inner
                .iter()
                .map(|piece| strings.expression(piece))
                .collect();
            let list = self.list(&read?);
            self.diagnostics.report_with_help(
                Rule::TakesOne,
                Place::over(arguments.stream()),
                format!("`{name}` takes one {name}"),
                format!("write `any({list})` or `all({list})`"),
            );
            return None;
        }
        match first.tokens.split_first() {
            Some((TokenTree::Literal(literal), rest)) => {
                let leaf = self.string(kind, literal);
                if self.is_end(rest, first) { leaf } else { None }
            }
            _ => {
                self.expected_literal(kind, first);
                None
            }
        }
    }

    fn scheme(&mut self, name: &Ident, arguments: &Parenthesized) -> Option<Expression> {
        let inner = pieces(arguments.stream());
        let (first, others) = self.one(name, arguments, &inner)?;
        match (first.tokens.as_slice(), others) {
            ([TokenTree::Ident(ident)], false) => Some(Expression::Leaf(Leaf {
                kind: LeafKind::Scheme,
                value: ident.to_string(),
                span: ident.span(),
            })),
            ([TokenTree::Literal(literal)], false) => self.string(LeafKind::Scheme, literal),
            _ => {
                self.diagnostics.report_with_help(
                    Rule::SchemeName,
                    Place::over(arguments.stream()),
                    "`scheme` takes the name of one scheme",
                    "write a name such as `scheme(Bearer)`, or a string such as `scheme(\"Bearer\")`",
                );
                None
            }
        }
    }

    fn policy(
        &mut self,
        name: &Ident,
        place: Place,
        arguments: &Parenthesized,
    ) -> Option<Expression> {
        let path = arguments.stream();
        if path.is_empty() {
            self.missing_argument(name, place);
            return None;
        }
        if syn::parse2::<syn::ExprPath>(path.clone()).is_err() {
            self.diagnostics.report_with_help(
                Rule::PolicyPath,
                Place::over(&path),
                "`policy` takes the path of an async fn",
                "move the condition into an `async fn` that answers a `Decision`, and name that fn",
            );
            return None;
        }
        if path
            .clone()
            .into_iter()
            .next()
            .is_some_and(|first| matches!(first, TokenTree::Ident(first) if first == "Self"))
        {
            self.diagnostics.report_with_help(
                Rule::PolicySelf,
                Place::over(&path),
                "`Self` cannot be named in a requirement",
                "write the name of the type",
            );
            return None;
        }
        Some(Expression::Policy(Policy {
            name: path.to_string().replace(' ', ""),
            place: Place::over(&path),
            path,
        }))
    }

    /// The first argument of a form that takes one, and whether there are more.
    fn one<'p>(
        &mut self,
        name: &Ident,
        arguments: &Parenthesized,
        inner: &'p [Piece],
    ) -> Option<(&'p Piece, bool)> {
        let Some((first, others)) = inner.split_first() else {
            let place = Place::from(name.span()).to(arguments.span_close().into());
            self.missing_argument(name, place);
            return None;
        };
        Some((first, !others.is_empty()))
    }

    fn missing_argument(&mut self, name: &Ident, place: Place) {
        let example = match name.to_string().as_str() {
            "policy" => "policy(is_author)",
            "scheme" => "scheme(Bearer)",
            "scope" => "scope(\"articles:read\")",
            "permission" => "permission(\"articles:edit\")",
            "not" => "not(role(\"guest\"))",
            "all" => "all(role(\"editor\"), scope(\"articles:write\"))",
            "any" => "any(role(\"editor\"), role(\"admin\"))",
            _ => "role(\"admin\")",
        };
        self.diagnostics.report_with_help(
            Rule::MissingArgument,
            place,
            format!("`{name}` needs an argument"),
            format!("write `{example}`"),
        );
    }

    /// A string literal where the attribute takes strings.
    fn literal(&mut self, literal: &Literal) -> Option<Expression> {
        match self.family {
            Family::Strings(kind) => self.string(kind, literal),
            Family::Whole => {
                self.diagnostics.report_with_help(
                    Rule::BareLiteral,
                    literal.span(),
                    format!("is {literal} a role, a scope or a permission?"),
                    format!(
                        "write `role({literal})`, `scope({literal})` or `permission({literal})`"
                    ),
                );
                None
            }
        }
    }

    fn string(&mut self, kind: LeafKind, literal: &Literal) -> Option<Expression> {
        let read = syn::parse2::<syn::LitStr>(TokenTree::Literal(literal.clone()).into());
        match read {
            Ok(text) if text.suffix().is_empty() => Some(Expression::Leaf(Leaf {
                kind,
                value: text.value(),
                span: literal.span(),
            })),
            _ => {
                self.expected_literal(
                    kind,
                    &Piece {
                        tokens: vec![TokenTree::Literal(literal.clone())],
                        comma: None,
                    },
                );
                None
            }
        }
    }

    fn expected_literal(&mut self, kind: LeafKind, found: &Piece) {
        let name = kind.name();
        self.diagnostics.report_with_help(
            Rule::ExpectedLiteral,
            found.place(),
            format!("expected the {name} as a string literal"),
            match self.family {
                Family::Strings(_) => format!("write `#[{}(\"...\")]`", self.attribute),
                Family::Whole => format!(
                    "write `{name}(\"...\")`, and combine several with `any(...)` or `all(...)`"
                ),
            },
        );
    }

    /// A name with neither parentheses behind it nor a meaning of its own.
    fn lone_name(&mut self, name: &Ident, next: Option<&TokenTree>, piece: &Piece) {
        let is_path = matches!(next, Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
        match self.family {
            Family::Strings(kind) if is_path => self.expected_literal(kind, piece),
            _ if FORMS.contains(&name.to_string().as_str()) && !is_path => {
                self.missing_argument(name, name.span().into());
            }
            _ => self.unknown_form(name),
        }
    }

    fn unknown_form(&mut self, name: &Ident) {
        let text = name.to_string();
        let candidates = match self.family {
            Family::Whole => FORMS,
            Family::Strings(_) => &["all", "any", "not"],
        };
        let help = match nearest(&text, candidates.iter().copied()) {
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
    fn is_end(&mut self, rest: &[TokenTree], piece: &Piece) -> bool {
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
            self.operator(
                piece,
                operator,
                instead,
                Place::from(punct.span()).to(end.into()),
            );
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

    fn operator(&mut self, _piece: &Piece, operator: &str, instead: &str, place: Place) {
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
                 `permission(...)`, `policy(...)` or `scheme(...)`",
            ),
        }
    }
}

fn shown(tree: &TokenTree) -> String {
    match tree {
        TokenTree::Group(group) => String::from(match group.delimiter() {
            Delimiter::Parenthesis => "(",
            Delimiter::Brace => "{",
            Delimiter::Bracket => "[",
            Delimiter::None => "",
        }),
        tree => tree.to_string(),
    }
}
