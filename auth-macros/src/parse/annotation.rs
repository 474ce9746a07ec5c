//! One attribute of ours, read.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{Attribute, Meta, spanned::Spanned as _};

use crate::{
    diagnostics::{Diagnostics, Place},
    model::{
        annotation::{Annotation, Kind},
        expression::Expression,
    },
    parse::arguments,
    routes,
    rule::Rule,
};

impl Annotation {
    pub(crate) fn parse(
        kind: Kind,
        place: Place,
        arguments: TokenStream,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let arguments = arguments::parse(kind, place, arguments, diagnostics);
        Self {
            kind,
            place,
            requirement: match kind {
                Kind::RequiresAuth => Some(Expression::Authenticated(place)),
                _ => arguments.requirement,
            },
            reason: arguments.reason,
            overrides: arguments.overrides,
            is_hidden: arguments.is_hidden,
            origins: arguments.origins,
            runtime: arguments.runtime,
            path: None,
        }
    }

    /// Takes our attributes out of an item's attributes, in source order.
    pub(crate) fn take(
        attributes: &mut Vec<Attribute>,
        diagnostics: &mut Diagnostics,
    ) -> Vec<Self> {
        let (ours, others) = std::mem::take(attributes)
            .into_iter()
            .map(|attribute| {
                let kind = routes::last_segment(attribute.path()).and_then(Kind::named);
                (attribute, kind)
            })
            .partition::<Vec<_>, _>(|(_, kind)| kind.is_some());
        *attributes = others.into_iter().map(|(attribute, _)| attribute).collect();
        ours.into_iter()
            .filter_map(|(attribute, kind)| {
                let kind = kind?;
                let place = Place::over(attribute.path());
                let tokens = match &attribute.meta {
                    Meta::Path(_) => TokenStream::new(),
                    Meta::List(list) => list.tokens.clone(),
                    Meta::NameValue(pair) => {
                        diagnostics.report_with_help(
                            Rule::AttributeForm,
                            pair.eq_token.span(),
                            format!("`#[{}]` takes its arguments in parentheses", kind.name()),
                            format!("write `#[{}(...)]`", kind.name()),
                        );
                        return None;
                    }
                };
                let path = attribute.path().to_token_stream();
                Some(Self {
                    path: Some(path),
                    ..Self::parse(kind, place, tokens, diagnostics)
                })
            })
            .collect()
    }
}
