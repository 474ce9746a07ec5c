//! `requirement! { pub editors = any(..); }`: requirements that have a name.

mod cycles;
mod parameters;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    Attribute, Ident, PatType, Token, Visibility,
    ext::IdentExt as _,
    parse::{ParseStream, Parser as _},
};

use crate::{
    diagnostics::{Diagnostics, Place},
    emit::{checks, claims::code},
    model::{
        annotation::{Family, Kind},
        expression::Expression,
        questions::Questions,
    },
    parse::{grammar::Grammar, pieces::Piece},
    routes,
    rule::Rule,
    runtime_path::{RuntimePath, generated},
    validate::{self, given},
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
        let mut declarations = Vec::new();
        if input.is_empty() {
            diagnostics.report_with_help(
                Rule::NamedForm,
                Span::call_site(),
                "`requirement!` names nothing",
                EXAMPLE,
            );
        }
        while !input.is_empty() {
            declarations.push(Declaration::parse(input, diagnostics)?);
        }
        cycles::break_open(&mut declarations, diagnostics);
        let mut tokens = TokenStream::new();
        for declaration in &declarations {
            tokens.extend(declaration.expand(&runtime, diagnostics));
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

/// One name and what it stands for.
struct Declaration {
    attributes: Vec<Attribute>,
    visibility: Visibility,
    name: Ident,
    /// `None` where a mistake in them was reported.
    parameters: Option<Vec<PatType>>,
    /// `None` where a mistake was reported.
    requirement: Option<Expression>,
}

impl Declaration {
    fn parse(input: ParseStream<'_>, diagnostics: &mut Diagnostics) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility: Visibility = input.parse()?;
        let name: Ident = input.parse()?;
        let parameters = if input.peek(syn::token::Paren) {
            let content;
            syn::parenthesized!(content in input);
            parameters::read(&name, content.parse()?, diagnostics)
        } else {
            Some(Vec::new())
        };
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
        Ok(Self {
            attributes,
            visibility,
            name,
            parameters,
            requirement,
        })
    }

    /// A type, so that whatever names it no longer compiles once it is renamed, and so that it can
    /// be the parameter of `Authorized`.
    fn expand(&self, runtime: &RuntimePath, diagnostics: &mut Diagnostics) -> TokenStream {
        let Self {
            attributes,
            visibility,
            name,
            parameters,
            requirement,
        } = self;
        let private = runtime.private();
        let questions = match requirement {
            Some(requirement) => Questions::of_name(requirement),
            None => Questions::default(),
        };
        // A name that stands for nothing yet is a name nonetheless: one mistake, one message.
        let constant = match requirement {
            Some(requirement) => requirement.constant(&private, &questions),
            None => quote!(#private::Requirement::any(&[])),
        };
        let asked = questions.constant(&private);
        let text = name.unraw().to_string();
        let parameters = parameters.as_deref();
        let doc = requirement.as_ref().map(|requirement| {
            let doc = parameters::doc(parameters.unwrap_or_default(), &code(requirement));
            quote!(#[doc = ""] #[doc = #doc])
        });
        let takes = parameters::takes(&text, parameters.unwrap_or_default());
        let takes = takes.map(|takes| {
            quote!(
                const TAKES: &'static ::core::primitive::str = #takes;
            )
        });
        let before = diagnostics.count();
        if let Some(parameters) = parameters {
            given::name(name, parameters, &questions, diagnostics);
        }
        // One that was misspelt where it is asked for was reported there.
        if let (Some(parameters), Some(_)) = (parameters, requirement)
            && diagnostics.count() == before
        {
            parameters::every_one_is_used(name, parameters, &questions, diagnostics);
        }
        let of =
            parameters.map(|parameters| checks::of_name(name, parameters, &questions, &private));
        // Lints that a crate may forbid say nothing of what an expansion writes.
        let (generated_visibility, generated_name) = (generated(visibility), generated(name));
        quote! {
            #(#attributes)*
            #doc
            #generated_visibility enum #generated_name {}
            #[automatically_derived]
            impl #private::NamedRequirement for #name {
                const NAME: &'static ::core::primitive::str = #text;
                const REQUIREMENT: #private::Requirement = #constant;
                #asked
                #takes
            }
            #of
        }
    }
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
            format!("`{name}` has no requirement"),
            EXAMPLE,
        );
        return None;
    }
    let piece = Piece {
        tokens: routes::visible(tokens.into_iter().collect()),
        comma: None,
    };
    let mut grammar = Grammar {
        family: Family::Whole,
        attribute: Kind::Requires.name(),
        diagnostics,
    };
    let requirement = grammar.expression(&piece)?;
    validate::requirement(&requirement, Kind::Requires, diagnostics);
    Some(requirement)
}
