//! The forms that hold no other requirement: strings, schemes and policies.

use proc_macro2::{Delimiter, Group as Parenthesized, Ident, Literal, TokenStream, TokenTree};

use crate::{
    diagnostics::Place,
    model::{
        annotation::Family,
        expression::{Expression, Leaf, LeafKind, Named, Policy, TypedRole},
    },
    parse::{
        closures,
        grammar::Grammar,
        pieces::{Piece, pieces},
    },
    rule::Rule,
};

impl Grammar<'_> {
    /// `role("...")`, `scope("...")`, `permission("...")`, `acr("...")` or `max_age("...")`.
    pub(super) fn leaf(
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
                match kind {
                    // No caller has two.
                    LeafKind::Acr => format!("write `any({list})`"),
                    _ => format!("write `any({list})` or `all({list})`"),
                },
            );
            return None;
        }
        match first.tokens.split_first() {
            Some((TokenTree::Literal(literal), rest)) => {
                let leaf = self.string(kind, literal, form_place(name, arguments));
                if self.is_end(rest) { leaf } else { None }
            }
            _ => {
                let place = form_place(name, arguments);
                if kind == LeafKind::Role
                    && let Some(role) = typed_role(first, place)
                {
                    return Some(role);
                }
                self.expected_literal(kind, first);
                None
            }
        }
    }

    pub(super) fn scheme(&mut self, name: &Ident, arguments: &Parenthesized) -> Option<Expression> {
        let inner = pieces(arguments.stream());
        let (first, others) = self.one(name, arguments, &inner)?;
        match (first.tokens.as_slice(), others) {
            ([TokenTree::Ident(ident)], false) => Some(Expression::Leaf(Leaf {
                kind: LeafKind::Scheme,
                value: ident.to_string(),
                span: ident.span(),
                place: form_place(name, arguments),
            })),
            ([TokenTree::Literal(literal)], false) => {
                let place = form_place(name, arguments);
                self.string(LeafKind::Scheme, literal, place)
            }
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

    pub(super) fn policy(
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

    pub(super) fn check(
        &mut self,
        name: &Ident,
        place: Place,
        arguments: &Parenthesized,
    ) -> Option<Expression> {
        let closure = arguments.stream();
        if closure.is_empty() {
            self.missing_argument(name, place);
            return None;
        }
        closures::parse(&closure, place, self.diagnostics).map(Expression::Check)
    }

    /// The first argument of a form that takes one, and whether there are more.
    fn one<'p>(
        &mut self,
        name: &Ident,
        arguments: &Parenthesized,
        inner: &'p [Piece],
    ) -> Option<(&'p Piece, bool)> {
        let Some((first, others)) = inner.split_first() else {
            self.missing_argument(name, form_place(name, arguments));
            return None;
        };
        Some((first, !others.is_empty()))
    }

    pub(super) fn missing_argument(&mut self, name: &Ident, place: Place) {
        let example = match (name.to_string().as_str(), self.family) {
            (group, Family::Strings(_)) => format!("{group}(\"...\")"),
            ("policy", _) => String::from("policy(is_author)"),
            ("check", _) => String::from("check(|user, body| ...)"),
            ("scheme", _) => String::from("scheme(Bearer)"),
            ("max_age", _) => String::from("max_age(\"15m\")"),
            ("not", _) => String::from("not(role(\"...\"))"),
            (group @ ("all" | "any"), _) => format!("{group}(role(\"...\"), scope(\"...\"))"),
            (leaf, _) => format!("{leaf}(\"...\")"),
        };
        self.diagnostics.report_with_help(
            Rule::MissingArgument,
            place,
            format!("`{name}` needs an argument"),
            format!("write `{example}`"),
        );
    }

    /// A string literal where the attribute takes strings.
    pub(super) fn literal(&mut self, literal: &Literal) -> Option<Expression> {
        match self.family {
            Family::Strings(kind) => self.string(kind, literal, literal.span().into()),
            Family::Whole => {
                self.diagnostics.report_with_help(
                    Rule::BareLiteral,
                    literal.span(),
                    format!("{literal} is not marked as a role, a scope or a permission"),
                    format!(
                        "write `role({literal})`, `scope({literal})` or `permission({literal})`"
                    ),
                );
                None
            }
        }
    }

    fn string(&mut self, kind: LeafKind, literal: &Literal, place: Place) -> Option<Expression> {
        let read = syn::parse2::<syn::LitStr>(TokenTree::Literal(literal.clone()).into());
        match read {
            Ok(text) if text.suffix().is_empty() => Some(Expression::Leaf(Leaf {
                kind,
                value: text.value(),
                span: literal.span(),
                place,
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

    pub(super) fn expected_literal(&mut self, kind: LeafKind, found: &Piece) {
        let name = kind.name();
        self.diagnostics.report_with_help(
            Rule::ExpectedLiteral,
            found.place(),
            format!("expected the {name} as a string literal"),
            match (self.family, kind) {
                (Family::Strings(_), _) => format!("write `#[{}(\"...\")]`", self.attribute),
                (Family::Whole, LeafKind::MaxAge) => String::from("write `max_age(\"15m\")`"),
                (Family::Whole, LeafKind::Role) => String::from(
                    "write `role(\"...\")` or `role(Role::...)`, and combine several with `any(...)` or `all(...)`",
                ),
                (Family::Whole, _) => format!(
                    "write `{name}(\"...\")`, and combine several with `any(...)` or `all(...)`"
                ),
            },
        );
    }
}

/// A form from its name to its closing parenthesis.
fn form_place(name: &Ident, arguments: &Parenthesized) -> Place {
    Place::from(name.span()).to(arguments.span_close().into())
}

/// The path of a named requirement, its arguments where it has some, and nothing behind it.
pub(super) fn named(piece: &Piece) -> Option<Named> {
    let (path, arguments) = match piece.tokens.split_last() {
        Some((TokenTree::Group(group), path)) if group.delimiter() == Delimiter::Parenthesis => {
            (path, Some(names(group)?))
        }
        _ => (piece.tokens.as_slice(), None),
    };
    let path_place = Place::of_trees(path.iter().cloned());
    let path: TokenStream = path.iter().cloned().collect();
    let parser = syn::Path::parse_mod_style;
    syn::parse::Parser::parse2(parser, path.clone()).ok()?;
    let mut name = path.to_string().replace(' ', "");
    if let Some(arguments) = &arguments {
        let names: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        name = format!("{name}({})", names.join(", "));
    }
    Some(Named {
        name,
        path_place,
        arguments: arguments.unwrap_or_default(),
        place: piece.place(),
        path,
    })
}

/// A list of names, and nothing else; not empty.
fn names(group: &Parenthesized) -> Option<Vec<Ident>> {
    let names: Option<Vec<Ident>> = pieces(group.stream())
        .iter()
        .map(|piece| match piece.tokens.as_slice() {
            [TokenTree::Ident(name)] => Some(name.clone()),
            _ => None,
        })
        .collect();
    names.filter(|names| !names.is_empty())
}

/// A path of two segments or more, such as `Role::Admin`, and nothing behind it.
pub(super) fn typed_role(piece: &Piece, place: Place) -> Option<Expression> {
    let path: TokenStream = piece.tokens.iter().cloned().collect();
    let read = syn::parse2::<syn::ExprPath>(path.clone()).ok()?;
    let is_path = read.path.segments.len() > 1 || read.qself.is_some();
    is_path.then(|| {
        Expression::TypedRole(TypedRole {
            name: path.to_string().replace(' ', ""),
            path_place: piece.place(),
            place,
            path,
        })
    })
}
