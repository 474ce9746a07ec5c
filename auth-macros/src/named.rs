//! `requirement! { pub editors = any(..); }`: requirements that have a name.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    Attribute, Ident, Token, Visibility,
    ext::IdentExt as _,
    parse::{ParseStream, Parser as _},
};

use crate::{
    annotation::Kind,
    diagnostics::{Diagnostics, Place},
    expression::{
        Expression,
        grammar::{Family, Grammar},
        pieces::Piece,
    },
    rule::Rule,
    runtime_path::RuntimePath,
    validate,
};

/// Expands the macro; every mistake is reported, and what was named stays a name.
pub(crate) fn requirement(input: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let expanded = requirement_into(input, &mut diagnostics);
    let mut tokens = diagnostics.into_tokens();
    tokens.extend(expanded);
    tokens
}

pub(crate) fn requirement_into(input: TokenStream, diagnostics: &mut Diagnostics) -> TokenStream {
    let read = (|input: ParseStream<'_>| {
        let runtime = runtime_path(input)?;
        let mut tokens = TokenStream::new();
        if input.is_empty() {
            diagnostics.report_with_help(
                Rule::NamedForm,
                Span::call_site(),
                "`requirement!` names nothing",
                EXAMPLE,
            );
        }
        while !input.is_empty() {
            declaration(input, &runtime, diagnostics)?.to_tokens(&mut tokens);
        }
        Ok(tokens)
    })
    .parse2(input);
    read.unwrap_or_else(|error| {
        diagnostics.report_with_help(Rule::NamedForm, error.span(), error.to_string(), EXAMPLE);
        TokenStream::new()
    })
}

const EXAMPLE: &str = "write `pub editors = any(role(\"editor\"), permission(\"articles:edit\"));`";

/// `crate = path;` in front of the first name.
fn runtime_path(input: ParseStream<'_>) -> syn::Result<RuntimePath> {
    if !(input.peek(Token![crate]) && input.peek2(Token![=])) {
        return Ok(RuntimePath::DEFAULT);
    }
    input.parse::<Token![crate]>()?;
    input.parse::<Token![=]>()?;
    let path = input.call(syn::Path::parse_mod_style)?;
    input.parse::<Token![;]>()?;
    Ok(RuntimePath::written(path.to_token_stream()))
}

/// One name and what it stands for: a type, so that whatever names it no longer compiles once it
/// is renamed, and so that it can be the parameter of `Authorized`.
fn declaration(
    input: ParseStream<'_>,
    runtime: &RuntimePath,
    diagnostics: &mut Diagnostics,
) -> syn::Result<TokenStream> {
    let attributes = input.call(Attribute::parse_outer)?;
    let visibility: Visibility = input.parse()?;
    let name: Ident = input.parse()?;
    let equals: Token![=] = input.parse()?;
    let mut tokens = Vec::new();
    while !input.peek(Token![;]) {
        if input.is_empty() {
            return Err(input.error("expected `;` behind the requirement"));
        }
        tokens.push(input.parse::<TokenTree>()?);
    }
    input.parse::<Token![;]>()?;
    let place = if tokens.is_empty() {
        Place::over(equals)
    } else {
        Place::of_trees(tokens.iter().cloned())
    };
    let requirement = expression(&name, tokens, place, diagnostics);
    let private = runtime.private();
    // A name that stands for nothing yet is a name nonetheless: one mistake, one message.
    let constant = match &requirement {
        Some(requirement) => requirement.constant(&private, &requirement.questions()),
        None => quote!(#private::Requirement::any(&[])),
    };
    let text = name.unraw().to_string();
    let doc = requirement.map(|requirement| format!("Requires `{requirement}`."));
    let doc = doc.map(|doc| quote!(#[doc = ""] #[doc = #doc]));
    Ok(quote! {
        #(#attributes)*
        #doc
        #[allow(non_camel_case_types, missing_debug_implementations)]
        #visibility enum #name {}
        #[automatically_derived]
        impl #private::NamedRequirement for #name {
            const NAME: &'static ::core::primitive::str = #text;
            const REQUIREMENT: #private::Requirement = #constant;
        }
    })
}

fn expression(
    name: &Ident,
    tokens: Vec<TokenTree>,
    place: Place,
    diagnostics: &mut Diagnostics,
) -> Option<Expression> {
    if tokens.is_empty() {
        diagnostics.report_with_help(
            Rule::NamedForm,
            place,
            format!("`{name}` stands for nothing"),
            EXAMPLE,
        );
        return None;
    }
    let piece = Piece {
        tokens,
        comma: None,
    };
    let mut grammar = Grammar {
        family: Family::Whole,
        attribute: Kind::Requires.name(),
        diagnostics,
    };
    let requirement = grammar.expression(&piece)?;
    validate::requirement(&requirement, Kind::Requires, diagnostics);
    question(name, &requirement, diagnostics)?;
    Some(requirement)
}

/// What has to be asked belongs to the handler that has the arguments to ask it with: a name holds
/// what is decided by the principal alone, and is so the same for whoever reads it.
fn question(name: &Ident, requirement: &Expression, diagnostics: &mut Diagnostics) -> Option<()> {
    let questions = requirement.questions();
    let policies = questions
        .policies
        .iter()
        .map(|policy| ("policy", policy.place));
    let checks = questions.checks.iter().map(|check| ("check", check.place));
    let mut is_without = true;
    for (form, place) in policies.chain(checks) {
        is_without = false;
        diagnostics.report_with_help(
            Rule::NamedQuestion,
            place,
            format!("`{form}(...)` cannot stand in a named requirement"),
            format!("write it where the name is used, as in `all({name}, {form}(...))`"),
        );
    }
    is_without.then_some(())
}
