//! Tests of the crate as a whole: attributes in, items and mistakes out.

mod deny;
mod expansion;
mod grammar;
mod logic;
mod rules;
mod snapshots;

use proc_macro2::TokenStream;

use crate::{diagnostics::Diagnostics, expand, model::annotation::Kind, rule::Rule};

/// What one attribute makes of an item.
struct Outcome {
    tokens: TokenStream,
    rules: Vec<Rule>,
    messages: Vec<String>,
}

fn expand(kind: Kind, arguments: &str, item: &str) -> Outcome {
    expand_tokens(
        kind,
        arguments.parse().expect("arguments are tokens"),
        item.parse().expect("an item is tokens"),
    )
}

fn expand_tokens(kind: Kind, arguments: TokenStream, item: TokenStream) -> Outcome {
    let mut diagnostics = Diagnostics::default();
    let tokens = expand::attribute_into(kind, arguments, item, &mut diagnostics);
    Outcome {
        tokens,
        rules: diagnostics.rules(),
        messages: diagnostics
            .messages()
            .into_iter()
            .map(String::from)
            .collect(),
    }
}

/// The mistakes in the arguments of an attribute on a plain handler.
fn mistakes(kind: Kind, arguments: &str) -> Vec<Rule> {
    expand(kind, arguments, "async fn list() {}").rules
}
