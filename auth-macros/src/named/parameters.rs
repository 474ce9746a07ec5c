//! The parameters of a named requirement: `owns(id: &ArticleId)`.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::{Pat, PatIdent, PatType, Type};

use crate::{
    diagnostics::{Diagnostics, Place},
    model::{expression::is_caller, questions::Questions},
    parse::{
        closures::compact,
        pieces::{Piece, pieces},
    },
    rule::Rule,
};

/// Reads the parameters; `None` where a mistake was reported.
pub(super) fn read(
    name: &Ident,
    tokens: TokenStream,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<PatType>> {
    let place = Place::from(name.span());
    let pieces = pieces(tokens);
    if pieces.is_empty() {
        diagnostics.report_with_help(
            Rule::NamedParameter,
            place,
            format!("`{name}` has parentheses without a parameter in them"),
            format!("write `{name} = ...;`, or name its parameters, as in `{name}(id: &u64)`"),
        );
        return None;
    }
    let before = diagnostics.count();
    let mut seen: Vec<Ident> = Vec::new();
    let mut parameters = Vec::new();
    for piece in &pieces {
        let Some((ident, ty)) = one(piece, diagnostics) else {
            continue;
        };
        if is_caller(&ident) {
            // In a check, it would be either.
            diagnostics.report_with_help(
                Rule::NamedParameter,
                ident.span(),
                format!("`{ident}` is the caller, which every check can take"),
                "remove the parameter, or give it another name",
            );
        } else if seen.contains(&ident) {
            diagnostics.report_with_help(
                Rule::NamedParameter,
                ident.span(),
                format!("`{name}` has two parameters `{ident}`"),
                "give one of them another name",
            );
        }
        seen.push(ident.clone());
        parameters.push(parameter(ident, ty));
    }
    (diagnostics.count() == before).then_some(parameters)
}

fn parameter(ident: Ident, ty: Type) -> PatType {
    let name = PatIdent {
        attrs: Vec::new(),
        by_ref: None,
        mutability: None,
        ident,
        subpat: None,
    };
    PatType {
        attrs: Vec::new(),
        pat: Box::new(Pat::Ident(name)),
        colon_token: <syn::Token![:]>::default(),
        ty: Box::new(ty),
    }
}

/// `id: &ArticleId`.
fn one(piece: &Piece, diagnostics: &mut Diagnostics) -> Option<(Ident, Type)> {
    let (name, ty) = match piece.tokens.as_slice() {
        [TokenTree::Ident(name), TokenTree::Punct(colon), ty @ ..]
            if colon.as_char() == ':' && !ty.is_empty() =>
        {
            (name, ty.iter().cloned().collect::<TokenStream>())
        }
        _ => {
            diagnostics.report_with_help(
                Rule::NamedParameter,
                if piece.tokens.is_empty() {
                    piece.comma.unwrap_or_else(|| piece.place())
                } else {
                    piece.place()
                },
                "a parameter of a named requirement is a name and its type",
                "write it as in `id: &ArticleId`",
            );
            return None;
        }
    };
    if syn::parse2::<Ident>(TokenTree::from(name.clone()).into()).is_err() {
        diagnostics.report_with_help(
            Rule::NamedParameter,
            name.span(),
            format!("`{name}` is a keyword, not a name"),
            "write another name",
        );
        return None;
    }
    let place = Place::over(&ty);
    match syn::parse2::<Type>(ty) {
        Ok(Type::Reference(reference))
            if reference.mutability.is_none() && reference.lifetime.is_none() =>
        {
            Some((name.clone(), Type::Reference(reference)))
        }
        read => {
            let help = match read {
                Ok(Type::Reference(reference)) => {
                    format!("write `{name}: &{}`", compact(&reference.elem))
                }
                Ok(ty) => format!("write `{name}: &{}`", compact(&ty)),
                Err(_) => format!("write its type, as in `{name}: &ArticleId`"),
            };
            diagnostics.report_with_help(
                Rule::NamedParameter,
                place,
                "a named requirement borrows the arguments, which belong to the handler",
                help,
            );
            None
        }
    }
}

/// A parameter that nothing asks for is a condition that was forgotten.
pub(super) fn every_one_is_used(
    name: &Ident,
    parameters: &[PatType],
    questions: &Questions<'_>,
    diagnostics: &mut Diagnostics,
) {
    for parameter in parameters {
        let syn::Pat::Ident(pattern) = &*parameter.pat else {
            continue;
        };
        let ident = &pattern.ident;
        let of_checks = questions.checks.iter().flat_map(|check| &check.parameters);
        let of_named = questions.named.iter().flat_map(|named| &named.arguments);
        let mut asked = of_checks.map(|asked| &asked.name).chain(of_named);
        if !asked.any(|asked| asked == ident) {
            diagnostics.report_with_help(
                Rule::NamedParameter,
                ident.span(),
                format!("parameter `{ident}` of `{name}` is unused"),
                format!("remove it, or use it as in `check(|user, {ident}| ...)`"),
            );
        }
    }
}

/// What to say to who names it without its arguments.
pub(super) fn takes(name: &str, parameters: &[PatType]) -> Option<String> {
    let names = names(parameters);
    let (number, word) = match names.as_slice() {
        [] => return None,
        [_] => (String::from("an"), "argument"),
        several => (several.len().to_string(), "arguments"),
    };
    Some(format!(
        "`{name}` takes {number} {word}: write `{name}({})` with the names of the handler's arguments",
        names.join(", ")
    ))
}

/// The line of documentation that says what it requires.
pub(super) fn doc(parameters: &[PatType], code: &str) -> String {
    if parameters.is_empty() {
        return format!("Requires {code}.");
    }
    let parameters: Vec<String> = parameters
        .iter()
        .zip(names(parameters))
        .map(|(parameter, name)| format!("`{name}: {}`", compact(&parameter.ty)))
        .collect();
    format!("Requires {code} of {}.", parameters.join(" and "))
}

fn names(parameters: &[PatType]) -> Vec<String> {
    let names = parameters.iter().map(|parameter| &*parameter.pat);
    names
        .filter_map(|pattern| match pattern {
            syn::Pat::Ident(pattern) => Some(pattern.ident.to_string()),
            _ => None,
        })
        .collect()
}
