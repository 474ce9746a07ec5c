//! The arguments of one attribute: its requirement, then its options.

use proc_macro2::{Ident, TokenStream, TokenTree};

use crate::{
    diagnostics::{Diagnostics, Place, nearest},
    model::{
        annotation::{Family, Kind, Origins},
        expression::Expression,
    },
    parse::{
        grammar::{FORMS, Grammar, is_nearly_a_word},
        pieces::{Piece, pieces},
    },
    rule::Rule,
    runtime_path::RuntimePath,
};

/// What was written in the parentheses of an attribute.
#[derive(Debug, Default)]
pub(crate) struct Arguments {
    pub(crate) requirement: Option<Expression>,
    pub(crate) reason: Option<String>,
    pub(crate) overrides: Option<Place>,
    pub(crate) is_hidden: bool,
    pub(crate) origins: Option<Origins>,
    pub(crate) runtime: Option<(RuntimePath, Place)>,
}

/// Reads the arguments; every mistake is reported and the rest is read on.
pub(crate) fn parse(
    kind: Kind,
    attribute: Place,
    tokens: TokenStream,
    diagnostics: &mut Diagnostics,
) -> Arguments {
    let mut reader = Reader {
        kind,
        attribute,
        diagnostics,
        hide: None,
        overrides: None,
        origins: None,
        reason: None,
        runtime: None,
        first_option: None,
        requirements: Vec::new(),
        has_requirement: false,
        is_complete: true,
    };
    for piece in pieces(tokens) {
        reader.piece(&piece);
    }
    reader.finish()
}

#[derive(Debug)]
struct Reader<'a> {
    kind: Kind,
    attribute: Place,
    diagnostics: &'a mut Diagnostics,
    hide: Option<Place>,
    overrides: Option<Place>,
    /// By the option's name; `None` where its text was no string.
    origins: Option<(&'static str, Option<Origins>, Place)>,
    /// The text is `None` where it was no string.
    reason: Option<(Option<String>, Place)>,
    runtime: Option<(Option<RuntimePath>, Place)>,
    first_option: Option<(String, Place)>,
    requirements: Vec<Expression>,
    has_requirement: bool,
    is_complete: bool,
}

impl Reader<'_> {
    fn piece(&mut self, piece: &Piece) {
        match piece.tokens.split_first() {
            None => {
                let mut grammar = self.grammar(Family::Whole);
                grammar.stray_comma(piece);
                self.is_complete = false;
            }
            Some((TokenTree::Ident(name), rest)) if self.is_option(name, rest) => {
                self.option(name, rest, piece);
            }
            Some((TokenTree::Ident(name), rest)) if self.is_unknown(name, rest) => {
                self.unknown(name, rest.is_empty());
                self.is_complete = false;
            }
            Some(_) => self.requirement(piece),
        }
    }

    fn is_option(&self, name: &Ident, rest: &[TokenTree]) -> bool {
        match name.to_string().as_str() {
            "hide" => true,
            // `crate::path::Role` begins like the option.
            "crate" => {
                !matches!(rest.first(), Some(TokenTree::Punct(punct)) if punct.as_char() == ':')
            }
            "reason" | "overrides" | "same_origin" => self.kind == Kind::Public,
            // A requirement may have this name.
            "cross_origin" => {
                matches!(rest.first(), Some(TokenTree::Punct(punct)) if punct.as_char() == '=')
            }
            _ => false,
        }
    }

    /// A name that is neither an option nor a requirement: alone or with a value.
    fn is_unknown(&self, name: &Ident, rest: &[TokenTree]) -> bool {
        match rest.first() {
            None => match self.kind.family() {
                Some(Family::Whole) => {
                    let text = name.to_string();
                    !FORMS.contains(&text.as_str()) && is_nearly_a_word(&text)
                }
                Some(Family::Strings(_)) => !["all", "any", "not"].iter().any(|form| name == form),
                None => true,
            },
            Some(TokenTree::Punct(punct)) => punct.as_char() == '=',
            Some(_) => false,
        }
    }

    fn option(&mut self, name: &Ident, rest: &[TokenTree], piece: &Piece) {
        let place = piece.place();
        let text = name.to_string();
        if self.first_option.is_none() {
            self.first_option = Some((text.clone(), name.span().into()));
        }
        let earlier = match text.as_str() {
            "hide" => self.hide,
            "overrides" => self.overrides,
            "crate" => self.runtime.as_ref().map(|(_, place)| *place),
            "same_origin" | "cross_origin" => match &self.origins {
                Some((other, _, earlier)) if *other != text => {
                    let earlier = *earlier;
                    self.two_origins(place, earlier);
                    return;
                }
                origins => origins.as_ref().map(|(_, _, place)| *place),
            },
            _ => self.reason.as_ref().map(|(_, place)| *place),
        };
        if let Some(earlier) = earlier {
            let attribute = self.kind.name();
            self.diagnostics.report(
                Rule::OptionTwice,
                place,
                format!("`{text}` is duplicated in `#[{attribute}]`"),
            );
            self.diagnostics.report(
                Rule::OptionTwice,
                earlier,
                format!("the first `{text}` is here"),
            );
            return;
        }
        match text.as_str() {
            "hide" | "overrides" | "same_origin" => {
                match text.as_str() {
                    "hide" => self.hide = Some(place),
                    "overrides" => self.overrides = Some(place),
                    _ => self.origins = Some(("same_origin", Some(Origins::Own), place)),
                }
                if let Some(first) = rest.first() {
                    let place = Place::from(first.span()).to(place);
                    self.diagnostics.report_with_help(
                        Rule::OptionValue,
                        place,
                        format!("`{text}` takes no value"),
                        format!("write `{text}`"),
                    );
                }
            }
            "crate" => self.runtime = Some((self.runtime_path(name, rest), place)),
            "cross_origin" => {
                let help = "`cross_origin = \"the payment provider posts the form\"`";
                let reason = self.text(name, rest, "say which other origin sends it", help);
                self.origins = Some(("cross_origin", reason.map(Origins::Any), place));
            }
            _ => {
                let help = "`reason = \"load balancer probe\"`";
                let reason = self.text(name, rest, "say why the handler is public", help);
                self.reason = Some((reason, place));
            }
        }
    }

    fn two_origins(&mut self, place: Place, earlier: Place) {
        self.diagnostics.report_with_help(
            Rule::TwoOrigins,
            place,
            "`same_origin` and `cross_origin` contradict each other",
            "remove one of them",
        );
        self.diagnostics
            .report(Rule::TwoOrigins, earlier, "the other is here");
    }

    fn runtime_path(&mut self, name: &Ident, rest: &[TokenTree]) -> Option<RuntimePath> {
        let path: Option<TokenStream> = match rest.split_first() {
            Some((TokenTree::Punct(equals), path)) if equals.as_char() == '=' => {
                Some(path.iter().cloned().collect())
            }
            _ => None,
        };
        let parser = syn::Path::parse_mod_style;
        match path {
            Some(path) if syn::parse::Parser::parse2(parser, path.clone()).is_ok() => {
                Some(RuntimePath::written(path))
            }
            _ => {
                let place = Place::from(name.span()).to(Place::of_trees(
                    std::iter::once(TokenTree::Ident(name.clone())).chain(rest.iter().cloned()),
                ));
                self.diagnostics.report_with_help(
                    Rule::OptionValue,
                    place,
                    "`crate` takes the path of `auth_runtime`",
                    "write `crate = my_auth`",
                );
                None
            }
        }
    }

    /// The text of `reason = ".."` or `cross_origin = ".."`.
    fn text(
        &mut self,
        name: &Ident,
        rest: &[TokenTree],
        say: &str,
        example: &str,
    ) -> Option<String> {
        let literal: Option<TokenStream> = match rest.split_first() {
            Some((TokenTree::Punct(equals), value)) if equals.as_char() == '=' => {
                Some(value.iter().cloned().collect())
            }
            _ => None,
        };
        match literal.map(syn::parse2::<syn::LitStr>) {
            Some(Ok(text)) => {
                let value = text.value();
                // The reason is what a reviewer reads in the access matrix: blank says nothing.
                if value.trim().is_empty() {
                    self.diagnostics.report_with_help(
                        Rule::EmptyReason,
                        text.span(),
                        "the reason is empty",
                        format!("{say}, as in {example}"),
                    );
                    return None;
                }
                Some(value)
            }
            _ => {
                self.diagnostics.report_with_help(
                    Rule::OptionValue,
                    name.span(),
                    format!("`{name}` takes a string literal"),
                    format!("write {example}"),
                );
                None
            }
        }
    }

    fn unknown(&mut self, name: &Ident, is_alone: bool) {
        let attribute = self.kind.name();
        let text = name.to_string();
        let (names, expected): (&[&str], String) = match self.kind.family() {
            Some(Family::Whole) => (
                &[
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
                    "hide",
                    "crate",
                ],
                String::from(
                    "`all(...)`, `any(...)`, `not(...)`, `authenticated`, `role(...)`, `scope(...)`, \
                     `permission(...)`, `policy(...)`, `check(...)`, `scheme(...)`, `acr(...)`, `max_age(...)`, `hide` or `crate`",
                ),
            ),
            Some(Family::Strings(kind)) => (
                &["all", "any", "not", "hide", "crate"],
                format!(
                    "a {}, `any(...)`, `all(...)`, `not(...)`, `hide` or `crate`",
                    kind.name()
                ),
            ),
            None if self.kind == Kind::Public => (
                &[
                    "reason",
                    "overrides",
                    "same_origin",
                    "cross_origin",
                    "crate",
                ],
                String::from("`reason`, `overrides`, `same_origin`, `cross_origin` or `crate`"),
            ),
            None => (&["hide", "crate"], String::from("`hide` or `crate`")),
        };
        let help = match nearest(&text, names.iter().copied()) {
            Some(near) if near == text => format!("write `{text}(...)`"),
            Some(near) => format!("there is an argument of a similar name: `{near}`"),
            None => match self.kind.family() {
                // Quotation marks that were forgotten.
                Some(Family::Strings(kind)) if is_alone => {
                    format!("write `\"{text}\"` if it is a {}", kind.name())
                }
                None if text == "overrides" || text == "reason" => {
                    format!("`{text}` belongs to `#[public]`")
                }
                None if text == "same_origin" => String::from(
                    "remove it: with a cookie or `Basic`, requests from other origins are refused \
                     anyway; it is for `#[public]`",
                ),
                None if is_alone && self.kind == Kind::RequiresAuth => {
                    format!("write `#[requires_role(\"{text}\")]` if it is a role")
                }
                _ => format!("expected {expected}"),
            },
        };
        self.diagnostics.report_with_help(
            Rule::UnknownArgument,
            name.span(),
            if names.contains(&text.as_str()) {
                format!("`{text}` takes its argument in parentheses")
            } else {
                format!("unknown argument `{text}` in `#[{attribute}]`")
            },
            help,
        );
    }

    fn requirement(&mut self, piece: &Piece) {
        let Some(family) = self.kind.family() else {
            self.unexpected(piece);
            return;
        };
        if !self.has_requirement
            && let Some((option, place)) = self.first_option.take()
        {
            self.diagnostics.report_with_help(
                Rule::OptionFirst,
                place,
                format!("`{option}` is before the requirement"),
                "write the requirement first and its options behind it",
            );
        }
        self.has_requirement = true;
        match self.grammar(family).expression(piece) {
            Some(requirement) => self.requirements.push(requirement),
            None => self.is_complete = false,
        }
    }

    fn unexpected(&mut self, piece: &Piece) {
        let attribute = self.kind.name();
        let help = if self.kind == Kind::Public {
            "write `#[public(reason = \"...\")]`"
        } else {
            "write `#[requires_role(...)]`, `#[requires_scope(...)]`, \
             `#[requires_permission(...)]` or `#[requires(...)]`"
        };
        self.is_complete = false;
        self.diagnostics.report_with_help(
            Rule::UnexpectedRequirement,
            piece.place(),
            format!("`#[{attribute}]` takes no requirement"),
            help,
        );
    }

    fn finish(mut self) -> Arguments {
        let requirement = match self.kind.family() {
            Some(family) => self.single(family),
            None => None,
        };
        if self.kind == Kind::Public {
            self.public();
        }
        Arguments {
            requirement,
            reason: self.reason.and_then(|(text, _)| text),
            overrides: self.overrides,
            is_hidden: self.hide.is_some(),
            origins: self.origins.and_then(|(_, origins, _)| origins),
            runtime: self
                .runtime
                .and_then(|(path, place)| path.map(|path| (path, place))),
        }
    }

    /// A comma joins nothing: some systems read a list as AND, others as OR, so neither is
    /// guessed.
    fn single(&mut self, family: Family) -> Option<Expression> {
        let mut requirements = std::mem::take(&mut self.requirements);
        if !self.is_complete {
            return None;
        }
        if let (Some(first), Some(last)) = (requirements.first(), requirements.last())
            && requirements.len() > 1
        {
            let place = first.place().to(last.place());
            let these = match family {
                Family::Strings(kind) => format!("{}s", kind.name()),
                Family::Whole => String::from("requirements"),
            };
            let list = self.grammar(family).list(&requirements);
            self.diagnostics.report_with_help(
                Rule::AnyOrAll,
                place,
                format!("ambiguous list of {these}"),
                format!("write `any({list})` or `all({list})`"),
            );
            return None;
        }
        let requirement = requirements.pop();
        if requirement.is_none() {
            let attribute = self.kind.name();
            let example = match family {
                Family::Strings(kind) => match kind.name() {
                    "scope" => "\"articles:read\"",
                    "permission" => "\"articles:edit\"",
                    _ => "\"admin\"",
                },
                Family::Whole => "any(role(\"editor\"), scope(\"articles:write\"))",
            };
            self.diagnostics.report_with_help(
                Rule::MissingRequirement,
                self.attribute,
                format!("`#[{attribute}]` does not say what it requires"),
                format!("write `#[{attribute}({example})]`, or `#[requires_auth]` if every authenticated caller may call it"),
            );
        }
        requirement
    }

    fn public(&mut self) {
        if self.reason.is_none() && self.is_complete {
            self.diagnostics.report_with_help(
                Rule::PublicWithoutReason,
                self.attribute,
                "`#[public]` does not say why",
                "write `#[public(reason = \"...\")]`",
            );
        }
        if let Some(place) = self.hide {
            // No caller is refused, so there is nothing to hide.
            self.diagnostics.report_with_help(
                Rule::UnknownArgument,
                place,
                "unknown argument `hide` in `#[public]`",
                "expected `reason`, `overrides`, `same_origin`, `cross_origin` or `crate`",
            );
        }
    }

    fn grammar(&mut self, family: Family) -> Grammar<'_> {
        Grammar {
            family,
            attribute: self.kind.name(),
            diagnostics: self.diagnostics,
        }
    }
}
