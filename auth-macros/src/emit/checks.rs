//! The checks of a requirement, with the arguments that they and named requirements are given.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{GenericParam, Generics, PatType, Type, WherePredicate};

use crate::{
    item::function::Function,
    model::{
        expression::{Check, Expression, Named},
        questions::Questions,
    },
    routes,
    runtime_path::Private,
    validate::given::{Found, Given, Source},
};

/// The function that a named requirement is given its arguments with.
pub(crate) const OF: &str = "__auth_of";

/// The constants of the checks of a handler that has passed validation; `None` where it has none.
pub(crate) fn implementation(
    function: &Function,
    requirement: &Expression,
    spec: &Ident,
    private: &Private,
) -> Option<TokenStream> {
    let questions = Questions::of_handler(requirement);
    if questions.checks.is_empty() && questions.named_with_arguments().next().is_none() {
        return None;
    }
    let given = Given::of_handler(function);
    let found = Found::of(&questions, &given)?;
    let is_read = |index: usize| found.read().any(|read| read == index);
    // What nothing reads may be of any type: `impl Trait` and elided lifetimes cannot be named
    // here.
    let mut others = Vec::new();
    let mut read = TokenStream::new();
    let mut types = Vec::new();
    for (index, argument) in given.arguments.iter().enumerate() {
        if is_read(index) {
            argument.ty.to_tokens(&mut read);
            types.push(argument.ty.to_token_stream());
        } else {
            let other = format_ident!("__AuthArgument{index}", span = Span::mixed_site());
            types.push(other.to_token_stream());
            others.push(other);
        }
    }
    let generics = &function.signature.generics;
    let parameters = named_generics(generics, &read);
    let predicates = predicates(generics, &parameters);
    let where_clause = (!predicates.is_empty()).then(|| quote!(where #(#predicates,)*));
    let caller = Ident::new("__auth_caller", Span::mixed_site());
    let arguments = Ident::new("__auth_arguments", Span::mixed_site());
    let number = Ident::new("__auth_number", Span::mixed_site());
    let argument = |index: usize| {
        let index = Literal::usize_unsuffixed(index);
        quote!(&#arguments.#index)
    };
    let checks = found.checks.iter().map(|(check, sources)| {
        let call = call(check, sources, &caller, &argument, private);
        quote_spanned!(located(check)=> |#caller, #arguments| #call)
    });
    let checks = (!found.checks.is_empty())
        .then(|| quote!(const CHECKS: #private::CheckFns<(#(#types,)*)> = &[#(#checks),*];));
    let named = found.named.iter().map(|(named, indices)| {
        let call = call_named(named, indices, &argument);
        quote!(|#number, #caller, #arguments| #call(#number, #caller))
    });
    let named = (!found.named.is_empty())
        .then(|| quote!(const NAMED: #private::NamedCheckFns<(#(#types,)*)> = &[#(#named),*];));
    Some(quote! {
        #[automatically_derived]
        impl<#(#parameters,)* #(#others: 'static,)*> #private::Checks<(#(#types,)*)> for #spec
        #where_clause
        {
            #checks
            #named
        }
    })
}

/// The function that gives a named requirement its arguments, and asks its checks with them.
pub(crate) fn of_name(
    name: &Ident,
    parameters: &[PatType],
    questions: &Questions<'_>,
    private: &Private,
) -> TokenStream {
    let found = Found::of(questions, &Given::of_name(name, parameters));
    let of = Ident::new(OF, Span::call_site().located_at(name.span()));
    if parameters.is_empty() {
        // For who gives it arguments, so that the message says that it takes none.
        return quote! {
            #[automatically_derived]
            impl #name {
                #[doc(hidden)]
                pub fn #of() -> #private::NoArguments { |_, _| ::core::option::Option::None }
            }
        };
    }
    let lifetime = syn::Lifetime::new("'__auth", Span::mixed_site());
    let caller = Ident::new("__auth_caller", Span::mixed_site());
    let number = Ident::new("__auth_number", Span::mixed_site());
    let argument = |index: usize| {
        let span = parameters
            .get(index)
            .map(|parameter| syn::spanned::Spanned::span(&parameter.pat));
        let span = Span::mixed_site().located_at(span.unwrap_or_else(Span::mixed_site));
        Ident::new(&format!("__auth_argument{index}"), span)
    };
    let value = |index: usize| argument(index).to_token_stream();
    let signature = parameters.iter().enumerate().map(|(index, parameter)| {
        let argument = argument(index);
        let ty = match &*parameter.ty {
            Type::Reference(reference) => reference.elem.to_token_stream(),
            other => other.to_token_stream(),
        };
        quote!(#argument: &#lifetime #ty)
    });
    let (checks, named): (Vec<_>, Vec<_>) = match &found {
        Some(found) => (
            found
                .checks
                .iter()
                .map(|(check, sources)| {
                    let call = call(check, sources, &caller, &value, private);
                    quote_spanned!(located(check)=> &|| #call)
                })
                .collect(),
            found
                .named
                .iter()
                .map(|(named, indices)| {
                    let call = call_named(named, indices, &value);
                    quote!(&|#number| #call(#number, #caller))
                })
                .collect(),
        ),
        None => (Vec::new(), Vec::new()),
    };
    quote! {
        impl #name {
            #[doc(hidden)]
            pub fn #of<#lifetime>(#(#signature),*) -> impl #private::AskNamed<#lifetime> {
                move |#number, #caller| #private::ask_named(
                    <Self as #private::NamedRequirement>::QUESTIONS,
                    #number,
                    &[#(#named),*],
                    &[#(#checks),*],
                )
            }
        }
    }
}

/// A check of the caller alone, as a function.
pub(crate) fn of_caller(check: &Check, private: &Private) -> TokenStream {
    let caller = Ident::new("__auth_caller", Span::mixed_site());
    let sources: Vec<_> = check.parameters.iter().map(Source::caller).collect();
    let none = |_| TokenStream::new();
    let call = call(check, &sources, &caller, &none, private);
    quote_spanned!(located(check)=> |#caller| #call)
}

/// A closure of the wrong shape is reported at the closure.
fn located(check: &Check) -> Span {
    Span::call_site().located_at(check.closure_place.span())
}

fn call(
    check: &Check,
    sources: &[Source<'_>],
    caller: &Ident,
    argument: &dyn Fn(usize) -> TokenStream,
    private: &Private,
) -> TokenStream {
    let prefix = if check.is_async {
        "async_check"
    } else {
        "check"
    };
    let located = located(check);
    let run = format_ident!("{prefix}{}", sources.len(), span = located);
    let given = sources.iter().map(|source| match source {
        Source::Caller => quote!(#private::given(#caller)),
        Source::Own(ty) => quote!(#private::own::<#ty>(#caller)),
        Source::Argument(index) => {
            let argument = argument(*index);
            quote!(#private::given(#argument))
        }
    });
    let closure = &check.closure;
    let runtime = private.at(located);
    quote_spanned!(located=> #runtime::#run(#closure, #(#given),*))
}

/// A named requirement with its arguments: what is left to be given is a number and the caller.
///
/// An argument of another type, and too many or too few of them, are reported where they stand.
fn call_named(
    named: &Named,
    indices: &[usize],
    argument: &dyn Fn(usize) -> TokenStream,
) -> TokenStream {
    let path = &named.path;
    let located = Span::call_site().located_at(named.path_place.span());
    let of = Ident::new(OF, located);
    let arguments = named.arguments.iter().zip(indices).map(|(name, index)| {
        let located = Span::mixed_site().located_at(name.span());
        let argument = argument(*index);
        argument
            .into_iter()
            .map(|mut tree| {
                tree.set_span(located);
                tree
            })
            .collect::<TokenStream>()
    });
    // As a type, so that a name that there is not is not looked for among modules, too.
    quote_spanned!(located=> <#path>::#of(#(#arguments),*))
}

/// Those generics of the handler that `types` name.
fn named_generics<'a>(generics: &'a Generics, types: &TokenStream) -> Vec<&'a GenericParam> {
    let is_named = |parameter: &&GenericParam| names(types.to_token_stream(), parameter);
    generics.params.iter().filter(is_named).collect()
}

/// What the handler demands of these generics, and of none but these.
fn predicates<'a>(generics: &'a Generics, these: &[&GenericParam]) -> Vec<&'a WherePredicate> {
    let is_other = |parameter: &&GenericParam| {
        let mut these = these.iter();
        !these.any(|this| ident(this) == ident(parameter))
    };
    let others: Vec<_> = generics.params.iter().filter(is_other).collect();
    let clause = generics.where_clause.iter();
    clause
        .flat_map(|clause| &clause.predicates)
        .filter(|predicate| {
            let mut others = others.iter();
            !these.is_empty() && !others.any(|other| names(predicate.to_token_stream(), other))
        })
        .collect()
}

fn names(tokens: TokenStream, parameter: &GenericParam) -> bool {
    routes::mentions(tokens, &|word| word == ident(parameter))
}

fn ident(parameter: &GenericParam) -> &Ident {
    match parameter {
        GenericParam::Type(parameter) => &parameter.ident,
        GenericParam::Const(parameter) => &parameter.ident,
        GenericParam::Lifetime(parameter) => &parameter.lifetime.ident,
    }
}
