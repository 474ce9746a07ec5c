//! `require!(role("admin"))`: a requirement as a value, for what no attribute can stand on.

use proc_macro2::{Delimiter, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};

use crate::{
    diagnostics::{Diagnostics, Place},
    model::{
        annotation::{Annotation, Kind},
        expression::Expression,
        questions::Questions,
    },
    routes::visible,
    rule::Rule,
    runtime_path::{Private, RuntimePath},
};

/// What the record of a mount point is called, behind the path of its module. No function has such
/// a name.
const NAME: &str = "require!";

/// How attributes are written, and how their arguments are here.
const WORDS: &[(&str, &str)] = &[
    ("#[requires_auth]", "require!(authenticated)"),
    ("#[requires]", "require!"),
    ("#[requires(", "require!("),
    ("#[public]", "public(...)"),
    (
        "#[public(reason = \"...\")]",
        "require!(public(reason = \"...\"))",
    ),
    (")]`", ")`"),
];

/// Expands the macro to an expression.
pub(crate) fn require(input: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let expanded = require_into(input, &mut diagnostics);
    diagnostics.reword(|message| {
        WORDS
            .iter()
            .fold(message.to_owned(), |message, (attribute, here)| {
                message.replace(attribute, here)
            })
    });
    let mistakes = diagnostics.into_tokens();
    quote!({ #mistakes #expanded })
}

/// What stands in the block of the expression.
pub(crate) fn require_into(input: TokenStream, diagnostics: &mut Diagnostics) -> TokenStream {
    let place = Place::from(Span::call_site());
    let annotation = match of_public(input.clone()) {
        Some(arguments) => Annotation::parse(Kind::Public, place, arguments, diagnostics),
        None => Annotation::parse(Kind::Requires, place, input, diagnostics),
    };
    if let Some(overrides) = annotation.overrides {
        diagnostics.report_with_help(
            Rule::NothingToOverride,
            overrides,
            "a mount point overrides nothing",
            "remove `overrides`",
        );
    }
    let runtime = match &annotation.runtime {
        Some((runtime, _)) => runtime,
        None => &RuntimePath::DEFAULT,
    };
    let private = runtime.private();
    let decision = match (&annotation.requirement, &annotation.reason) {
        (Some(requirement), _) => required(requirement, &private, diagnostics),
        (None, Some(reason)) => Decision {
            access: quote!(#private::Access::Public(#reason)),
            asked: TokenStream::new(),
            names: false,
        },
        // A mistake was reported.
        (None, None) => return TokenStream::new(),
    };
    if !diagnostics.is_empty() {
        return TokenStream::new();
    }
    let Decision {
        access,
        asked,
        names,
    } = decision;
    let hide = annotation.is_hidden.then(|| {
        quote!(
            const HIDE: ::core::primitive::bool = true;
        )
    });
    let origins = annotation
        .origins
        .as_ref()
        .map(|origins| origins.constant(&private));
    // What a named requirement has to say about its use is said wherever the crate is checked.
    let computed = names.then(|| {
        quote!(
            const _: #private::Declared = <__AuthMountPoint as #private::Spec>::DECLARED;
        )
    });
    quote! {
        enum __AuthMountPoint {}
        #[automatically_derived]
        impl #private::Spec for __AuthMountPoint {
            const DECLARED: #private::Declared = #private::declared!(
                __AuthMountPoint, #NAME, #access, #private::Routes::None
            );
            const KIND: #private::RecordKind = #private::RecordKind::MountPoint;
            #hide
            #origins
            #asked
            type Checks = #private::NoChecks;
        }
        #computed
        #private::MountPoint::of::<__AuthMountPoint>()
    }
}

/// Access as a constant, and what has to be asked for it.
struct Decision {
    access: TokenStream,
    asked: TokenStream,
    /// It names a requirement of `requirement!`.
    names: bool,
}

fn required(
    requirement: &Expression,
    private: &Private,
    diagnostics: &mut Diagnostics,
) -> Decision {
    let questions = Questions::of_name(requirement);
    without_arguments(&questions, diagnostics);
    let constant = requirement.constant(private, &questions);
    let policies = questions.policies(private);
    let policies = (!policies.is_empty()).then(|| {
        quote!(
            const POLICIES: &'static [#private::PolicyFn] = &[#(#policies),*];
        )
    });
    let named = (!questions.named.is_empty()).then(|| {
        let named = questions.asked(&[], private);
        quote!(
            const NAMED: &'static [#private::AskedName] = #named;
        )
    });
    Decision {
        access: quote!(#private::Access::Requires(#constant)),
        asked: quote!(#policies #named),
        names: !questions.named.is_empty(),
    }
}

/// A mount point decides before routing: there is no handler yet whose arguments could be asked for.
fn without_arguments(questions: &Questions<'_>, diagnostics: &mut Diagnostics) {
    for check in &questions.checks {
        diagnostics.report_with_help(
            Rule::MountPointCheck,
            check.place,
            "a mount point has no arguments for this `check`",
            "use `policy(path)` with an async fn that takes extractors of the request's head, or put \
             the check on the handler",
        );
    }
    for named in questions.named_with_arguments() {
        diagnostics.report_with_help(
            Rule::MountPointCheck,
            named.place,
            format!("a mount point has no arguments for `{}`", named.name),
            "name it on the handler, or use a requirement without parameters",
        );
    }
}

/// The arguments of `public(..)` with the options behind it; `None` where it stands for none.
fn of_public(input: TokenStream) -> Option<TokenStream> {
    let trees = visible(input);
    let [
        TokenTree::Ident(name),
        TokenTree::Group(arguments),
        options @ ..,
    ] = trees.as_slice()
    else {
        return None;
    };
    let is_public = name == "public" && arguments.delimiter() == Delimiter::Parenthesis;
    let is_alone = match options.first() {
        None => true,
        Some(TokenTree::Punct(punct)) => punct.as_char() == ',',
        Some(_) => false,
    };
    (is_public && is_alone).then(|| {
        let comma = Punct::new(',', Spacing::Alone);
        let ends_in_comma = matches!(
            visible(arguments.stream()).last(),
            Some(TokenTree::Punct(punct)) if punct.as_char() == ','
        );
        let mut joined = arguments.stream();
        match options {
            [_, rest @ ..] if !rest.is_empty() => {
                if !ends_in_comma && !arguments.stream().is_empty() {
                    joined.extend(comma.into_token_stream());
                }
                joined.extend(rest.iter().cloned());
            }
            _ => {}
        }
        joined
    })
}
