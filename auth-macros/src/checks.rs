//! The parameters of checks, found among the arguments of their handler.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{FnArg, GenericParam, Generics, Pat, PatType, Type};

use crate::{
    diagnostics::{Diagnostics, Place, nearest},
    expression::{Check, Expression, Parameter},
    routes,
    rule::Rule,
    target::function::Function,
};

/// Names under which a check asks for the caller.
const CALLER: [&str; 2] = ["user", "principal"];

/// Where a parameter of a check comes from.
enum Source<'a> {
    /// The principal.
    Caller,
    /// The app's own value of this type.
    Own(&'a TokenStream),
    /// The handler's argument of this index.
    Argument(usize),
}

/// Finds every parameter of every check, or reports those that no argument has.
pub(crate) fn validate(
    function: &Function,
    requirement: &Expression,
    diagnostics: &mut Diagnostics,
) {
    let arguments = arguments(function);
    for check in requirement.questions().checks {
        for parameter in &check.parameters {
            find(parameter, function, &arguments, diagnostics);
        }
    }
}

/// The constants of the checks of a handler: `None` where it has none, or where a mistake was
/// reported.
pub(crate) fn implementation(
    function: &Function,
    requirement: &Expression,
    spec: &Ident,
    private: &TokenStream,
    diagnostics: &mut Diagnostics,
) -> Option<TokenStream> {
    let checks = requirement.questions().checks;
    if checks.is_empty() {
        return None;
    }
    let arguments = arguments(function);
    let mut is_read = vec![false; arguments.len()];
    let mut sources = Vec::new();
    for check in &checks {
        let mut found = Vec::new();
        for parameter in &check.parameters {
            let source = find(parameter, function, &arguments, diagnostics)?;
            if let Source::Argument(index) = source
                && let Some(is_read) = is_read.get_mut(index)
            {
                *is_read = true;
            }
            found.push(source);
        }
        sources.push(found);
    }
    // What no check reads may be of any type: `impl Trait` and elided lifetimes cannot be named
    // here.
    let mut others = Vec::new();
    let types: Vec<TokenStream> = arguments
        .iter()
        .zip(&is_read)
        .enumerate()
        .map(|(index, (argument, is_read))| {
            if *is_read {
                argument.ty.to_token_stream()
            } else {
                let other = format_ident!("__AuthArgument{index}", span = Span::mixed_site());
                others.push(other.clone());
                other.to_token_stream()
            }
        })
        .collect();
    let read: TokenStream = arguments
        .iter()
        .zip(&is_read)
        .filter(|(_, is_read)| **is_read)
        .map(|(argument, _)| argument.ty.to_token_stream())
        .collect();
    let generics = &function.signature.generics;
    let parameters = named_generics(generics, &read);
    let where_clause = generics
        .where_clause
        .as_ref()
        .filter(|_| !parameters.is_empty());
    let calls = checks
        .iter()
        .zip(&sources)
        .map(|(check, sources)| call(check, sources, private));
    Some(quote! {
        #[automatically_derived]
        impl<#(#parameters,)* #(#others: 'static,)*> #private::Checks<(#(#types,)*)> for #spec
        #where_clause
        {
            const CHECKS: #private::CheckFns<(#(#types,)*)> = &[#(#calls),*];
        }
    })
}

fn call(check: &Check, sources: &[Source<'_>], private: &TokenStream) -> TokenStream {
    let caller = Ident::new("__auth_caller", Span::mixed_site());
    let arguments = Ident::new("__auth_arguments", Span::mixed_site());
    let prefix = if check.is_async {
        "async_check"
    } else {
        "check"
    };
    // A closure of the wrong shape is reported at the closure.
    let located = Span::call_site().located_at(check.closure_place.span());
    let run = format_ident!("{prefix}{}", sources.len(), span = located);
    let given = sources.iter().map(|source| match source {
        Source::Caller => quote!(#private::given(#caller)),
        Source::Own(ty) => quote!(#private::own::<#ty>(#caller)),
        Source::Argument(index) => {
            let index = Literal::usize_unsuffixed(*index);
            quote!(#private::given(&#arguments.#index))
        }
    });
    let closure = &check.closure;
    let runtime: TokenStream = private
        .clone()
        .into_iter()
        .map(|mut tree| {
            tree.set_span(located);
            tree
        })
        .collect();
    quote_spanned!(located=> |#caller, #arguments| #runtime::#run(#closure, #(#given),*))
}

fn arguments(function: &Function) -> Vec<&PatType> {
    function
        .signature
        .inputs
        .iter()
        .filter_map(|input| match input {
            FnArg::Typed(argument) => Some(argument),
            FnArg::Receiver(_) => None,
        })
        .collect()
}

/// The caller by its name, anything else by the name of the handler's argument.
///
/// A pattern is known by the one name in it (`web::Json(body): web::Json<Transfer>` by `body`);
/// the check gets the whole argument nonetheless.
fn find<'a>(
    parameter: &'a Parameter,
    function: &Function,
    arguments: &[&PatType],
    diagnostics: &mut Diagnostics,
) -> Option<Source<'a>> {
    let index = arguments
        .iter()
        .position(|argument| only_name(&argument.pat).is_some_and(|name| *name == parameter.name));
    if CALLER.iter().any(|caller| parameter.name == caller) {
        return Some(match (&parameter.ty, index) {
            (Some(ty), Some(index))
                if arguments
                    .get(index)
                    .is_some_and(|argument| text(&argument.ty) == text(ty)) =>
            {
                Source::Argument(index)
            }
            (Some(ty), _) if !is_principal(ty) => Source::Own(ty),
            _ => Source::Caller,
        });
    }
    let Some(index) = index else {
        unknown(parameter, function, arguments, diagnostics);
        return None;
    };
    if let Some(argument) = arguments.get(index) {
        unnamed_type(parameter, &argument.ty, diagnostics)?;
    }
    Some(Source::Argument(index))
}

/// A check is given what its handler is given, and the caller; nothing else is there to be asked.
fn unknown(
    parameter: &Parameter,
    function: &Function,
    arguments: &[&PatType],
    diagnostics: &mut Diagnostics,
) {
    let name = &parameter.name;
    let is_inside = arguments
        .iter()
        .any(|argument| routes::mentions(argument.pat.to_token_stream(), &|word| word == name));
    let help = if is_inside {
        String::from(
            "a pattern with several names cannot be told by one of them: name the argument, and \
             take it apart in the handler's body",
        )
    } else {
        let names: Vec<String> = arguments
            .iter()
            .filter_map(|argument| only_name(&argument.pat))
            .map(ToString::to_string)
            .filter(|name| !CALLER.contains(&name.as_str()))
            .collect();
        match nearest(&name.to_string(), names.iter().map(String::as_str)) {
            Some(near) => format!("there is an argument of a similar name: `{near}`"),
            None => {
                let listed: Vec<String> = names
                    .iter()
                    .map(|name| format!("`{name}`, "))
                    .chain([String::from("`user` or `principal` for the caller")])
                    .collect();
                format!("expected {}", listed.concat())
            }
        }
    };
    diagnostics.report_with_help(
        Rule::CheckArgument,
        name.span(),
        format!("handler `{}` has no argument `{name}`", function.name()),
        help,
    );
}

/// The constants stand beside the handler, where neither `Self` nor `impl Trait` can be named.
fn unnamed_type(parameter: &Parameter, ty: &Type, diagnostics: &mut Diagnostics) -> Option<()> {
    let is_unnamed = routes::mentions(ty.to_token_stream(), &|word| {
        word == "impl" || word == "Self"
    });
    if is_unnamed {
        diagnostics.report_with_help(
            Rule::CheckArgument,
            parameter.name.span(),
            format!(
                "the type of the argument `{}` has no name here",
                parameter.name
            ),
            "write the argument's type without `impl` and `Self`",
        );
        return None;
    }
    Some(())
}

/// The one name that a pattern binds.
fn only_name(pattern: &Pat) -> Option<&Ident> {
    match pattern {
        Pat::Ident(name) if name.subpat.is_none() => Some(&name.ident),
        Pat::TupleStruct(inside) if inside.elems.len() == 1 => only_name(inside.elems.first()?),
        Pat::Paren(inside) => only_name(&inside.pat),
        _ => None,
    }
}

fn is_principal(ty: &TokenStream) -> bool {
    syn::parse2::<syn::Path>(ty.clone())
        .is_ok_and(|path| routes::last_segment(&path).is_some_and(|name| name == "Principal"))
}

fn text(tokens: impl ToTokens) -> String {
    tokens.to_token_stream().to_string()
}

/// A type as it is usually written.
fn compact(ty: &Type) -> String {
    let text = text(ty).replace(" ::", "::").replace(":: ", "::");
    text.replace(" <", "<")
        .replace("< ", "<")
        .replace(" >", ">")
        .replace(" ,", ",")
}

/// Those generics of the handler that `types` name.
fn named_generics<'a>(generics: &'a Generics, types: &TokenStream) -> Vec<&'a GenericParam> {
    let is_named = |parameter: &&GenericParam| {
        let ident = match parameter {
            GenericParam::Type(parameter) => &parameter.ident,
            GenericParam::Const(parameter) => &parameter.ident,
            GenericParam::Lifetime(parameter) => &parameter.lifetime.ident,
        };
        routes::mentions(types.clone(), &|word| word == ident)
    };
    generics.params.iter().filter(is_named).collect()
}

/// Reads `check(|user: &Principal, body: &web::Json<Transfer>| ..)`.
pub(crate) fn parse(
    tokens: &TokenStream,
    place: Place,
    diagnostics: &mut Diagnostics,
) -> Option<Check> {
    let Ok(closure) = syn::parse2::<syn::ExprClosure>(tokens.clone()) else {
        diagnostics.report_with_help(
            Rule::CheckClosure,
            Place::over(tokens),
            "`check` takes a closure over the handler's arguments",
            "write `check(|user: &Principal, body: &web::Json<Transfer>| body.from == user.subject())`",
        );
        return None;
    };
    if routes::mentions(tokens.clone(), &|word| word == "Self") {
        diagnostics.report_with_help(
            Rule::PolicySelf,
            Place::over(tokens),
            "`Self` cannot be named in a requirement",
            "write the name of the type",
        );
        return None;
    }
    let before = diagnostics.count();
    let parameters: Vec<Parameter> = closure
        .inputs
        .iter()
        .filter_map(|pattern| parameter(pattern, diagnostics))
        .collect();
    if let Some(ninth) = closure.inputs.iter().nth(MOST_PARAMETERS) {
        diagnostics.report_with_help(
            Rule::CheckParameter,
            Place::over(ninth),
            format!("a check takes {MOST_PARAMETERS} parameters at most"),
            "ask for fewer arguments, or write two checks",
        );
    }
    (diagnostics.count() == before).then(|| Check {
        closure: tokens.clone(),
        closure_place: Place::over(tokens),
        is_async: closure.asyncness.is_some(),
        parameters,
        place,
    })
}

const MOST_PARAMETERS: usize = 8;

/// A parameter is found by its name, and borrows: the arguments belong to the handler.
fn parameter(pattern: &Pat, diagnostics: &mut Diagnostics) -> Option<Parameter> {
    let (name, ty) = match pattern {
        Pat::Type(typed) => (&*typed.pat, Some(&*typed.ty)),
        untyped => (untyped, None),
    };
    let Pat::Ident(name) = name else {
        diagnostics.report_with_help(
            Rule::CheckParameter,
            Place::over(name),
            "a parameter of a check is the name of an argument",
            "name the argument, and take it apart in the closure's body",
        );
        return None;
    };
    let ty = match ty {
        None => None,
        Some(Type::Reference(reference)) if reference.mutability.is_none() => {
            Some(reference.elem.to_token_stream())
        }
        Some(ty) => {
            diagnostics.report_with_help(
                Rule::CheckParameter,
                Place::over(ty),
                "a check borrows the arguments, which belong to the handler",
                format!(
                    "write `{}: &{}`",
                    name.ident,
                    match ty {
                        Type::Reference(reference) => compact(&reference.elem),
                        ty => compact(ty),
                    }
                ),
            );
            return None;
        }
    };
    Some(Parameter {
        name: name.ident.clone(),
        ty,
    })
}
