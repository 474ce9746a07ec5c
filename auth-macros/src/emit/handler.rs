//! One handler: its constants beside it, its arguments behind the guard.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{
    Attribute, FnArg, Token, bracketed,
    ext::IdentExt as _,
    parse::{Parse, ParseStream},
    spanned::Spanned as _,
};

use crate::{
    emit::{beside, checks, claims, documented},
    item::{
        function::{Function, guarded_spec},
        owner::Owner,
    },
    model::{
        annotation::{Access, Combined},
        expression::Expression,
        questions::Questions,
    },
    routes,
    runtime_path::{Private, generated},
};

/// A handler in two parts, because in an impl block only one of them may stand inside.
pub(crate) struct Expanded {
    /// The type that carries the decision, and its constants.
    pub(crate) beside: TokenStream,
    pub(crate) function: TokenStream,
}

/// Expands one handler that has passed validation.
pub(crate) fn expand(
    function: &Function,
    combined: &Combined,
    owner: Option<&Owner>,
    outer_cfgs: &[&Attribute],
) -> Expanded {
    let private = combined.runtime.private();
    let spec = spec_name(function, owner);
    let cfgs: Vec<_> = outer_cfgs
        .iter()
        .copied()
        .chain(
            function
                .attributes
                .iter()
                .filter(|attribute| routes::is_cfg(attribute)),
        )
        .collect();
    let doc = claims::doc(combined);
    let declaration = declaration(function, &spec, &cfgs);
    let uses = beside::uses(combined.paths.iter());
    let checks = match &combined.access {
        Access::Requires(requirement) => {
            checks::implementation(function, requirement, &spec, &private)
        }
        Access::Public(_) => None,
    };
    // One item after the other, for what stands in a constant of its own is not at home there.
    let implementation = implementation(function, combined, owner, &spec, &private, checks);
    let beside: TokenStream = implementation
        .iter()
        .map(|item| quote!(#(#cfgs)* #item))
        .collect();
    let protected = claims::protected(function, owner, &private, &cfgs);
    let reader = routes::signature_reader(&function.attributes).filter(|_| owner.is_none());
    if let Some(reader) = reader {
        // The attribute has to see the signature as it was written, so the rewriting is left to
        // an attribute behind it, which says that it was there. Should that one get lost, the check
        // here does not compile.
        let located = Span::call_site().located_at(reader.path().span());
        let check = quote_spanned! {located=>
            const _: () = #private::proof::is_guarded::<#spec, _>();
        };
        let Function {
            attributes,
            visibility,
            defaultness,
            signature,
            body,
            ..
        } = function;
        let attributes = documented::marked(attributes, &function.plain_name(), &private);
        return Expanded {
            beside: quote! {
                #uses
                #declaration
                #(#cfgs)*
                #check
                #beside
                #protected
            },
            function: quote! {
                #attributes
                #[#private::__guard_signature(#spec, [#private], #doc)]
                #visibility #defaultness #signature #body
            },
        };
    }
    Expanded {
        beside: quote! {
            #uses
            #declaration
            #beside
            #protected
        },
        function: guarded(function, &spec, &private, &doc),
    }
}

/// `__auth_list`, `__auth_Controller_list`; around a guard that is already there,
/// `__auth___auth_list`.
///
/// The compiler names it to whoever calls the handler, who is told what to write where nothing
/// but the block says that it is one.
fn spec_name(function: &Function, owner: Option<&Owner>) -> Ident {
    let mut name = function.plain_name();
    if function.annotations.is_empty()
        && guarded_spec(function).is_none()
        && !routes::has_route(&function.attributes)
    {
        name.push_str("_unless_not_a_handler");
    }
    let text = match (guarded_spec(function), owner) {
        (Some(inner), _) => format!("__auth_{inner}"),
        (None, Some(owner)) => format!("__auth_{}_{name}", owner.ident),
        (None, None) => format!("__auth_{name}"),
    };
    Ident::new(&text, Span::call_site().located_at(function.name().span()))
}

/// The type that carries the decision: never made, only named.
fn declaration(function: &Function, spec: &Ident, cfgs: &[&Attribute]) -> TokenStream {
    // Lints that a crate may forbid say nothing of what an expansion writes, and the visibility is
    // the user's.
    let visibility = generated(&function.visibility);
    quote! {
        #(#cfgs)*
        #[doc(hidden)]
        #visibility enum #spec {}
    }
}

fn implementation(
    function: &Function,
    combined: &Combined,
    owner: Option<&Owner>,
    spec: &Ident,
    private: &Private,
    checks: Option<TokenStream>,
) -> Vec<TokenStream> {
    let name = match owner {
        Some(owner) => format!("{}::{}", owner.name, function.plain_name()),
        None => function.plain_name(),
    };
    let access = match &combined.access {
        Access::Public(reason) => quote!(#private::Access::Public(#reason)),
        Access::Requires(requirement) => {
            let requirement = requirement.constant(private, &Questions::of_handler(requirement));
            quote!(#private::Access::Requires(#requirement))
        }
    };
    let hide = combined.is_hidden.then(|| {
        quote!(
            const HIDE: ::core::primitive::bool = true;
        )
    });
    let overrides = combined.overridden.is_some().then(|| {
        quote!(
            const OVERRIDES: ::core::primitive::bool = true;
        )
    });
    let origins = combined
        .origins
        .as_ref()
        .map(|origins| origins.constant(private));
    let asked = match &combined.access {
        Access::Requires(requirement) => Some(asked(requirement, private)),
        Access::Public(_) => None,
    };
    let granted = match &combined.access {
        Access::Requires(requirement) => requirement.granted(),
        Access::Public(_) => Vec::new(),
    };
    let paths: Vec<_> = granted.iter().map(|named| &named.path).collect();
    let proofs = claims::authorized(function).map(|requirement| {
        // A requirement that the handler does not have is reported at the argument.
        let located = Span::call_site().located_at(requirement.span());
        quote_spanned! {located=>
            const _: () = #private::grants::<#spec, #requirement>();
        }
    });
    let holder = match &checks {
        Some(_) => quote!(Self),
        None => quote!(#private::NoChecks),
    };
    // Whoever asks for the caller is told who is not one before anything else is read.
    let identifies = match &combined.access {
        Access::Public(_) if function.words.caller && names_caller(function) => Some(quote!(
            const IDENTIFIES: ::core::primitive::bool = true;
        )),
        _ => None,
    };
    let guards_a_guard = guarded_spec(function).map(|_| {
        quote!(
            const GUARDS_A_GUARD: ::core::primitive::bool = true;
        )
    });
    let routes = routes(function, private);
    // Where the handler is, and not where an attribute around it is: `line!` goes by this.
    let place = function.name().span();
    let private_there = private.at(place);
    let declared =
        quote_spanned!(place=> #private_there::declared!(#spec, #name, #access, #routes));
    let implementation = quote! {
        #[automatically_derived]
        impl #private::Spec for #spec {
            const DECLARED: #private::Declared = #declared;
            #hide
            #overrides
            #origins
            #identifies
            #guards_a_guard
            #asked
            type Checks = #holder;
        }
    };
    // A constant of a trait is computed where it is used, and in a library by who builds it. What a
    // named requirement has to say about its use is said wherever the crate is checked.
    let names_requirement = match &combined.access {
        Access::Requires(requirement) => !Questions::of_handler(requirement).named.is_empty(),
        Access::Public(_) => false,
    };
    let computed = names_requirement.then(|| {
        quote!(
            const _: #private::Declared = <#spec as #private::Spec>::DECLARED;
        )
    });
    let grants = paths.iter().map(|path| {
        quote! {
            #[automatically_derived]
            impl #private::Grants<#path> for #spec {}
        }
    });
    let mut items = vec![implementation];
    items.extend(grants);
    items.extend(checks);
    items.extend(computed);
    items.extend(proofs);
    items
}

fn names_caller(function: &Function) -> bool {
    routes::mentions(function.signature.inputs.to_token_stream(), &|name| {
        name == "Authenticated" || name == "MaybeAuthenticated"
    })
}

/// What the registry is told of the routes below our attribute.
fn routes(function: &Function, private: &Private) -> TokenStream {
    let routes = routes::routes(&function.attributes);
    match routes.as_slice() {
        [] => quote!(#private::Routes::None),
        [route] if route.methods.len() == 1 => {
            let routes::Route { methods, path } = route;
            quote!(#private::Routes::One(#(#methods,)* #path))
        }
        routes => {
            let records = routes.iter().map(|routes::Route { methods, path }| {
                quote!(#private::RouteRecord::new(&[#(#methods),*], #path))
            });
            quote!(#private::Routes::Many(&[#(#records),*]))
        }
    }
}

/// The policies, and what the named requirements ask.
fn asked(requirement: &Expression, private: &Private) -> TokenStream {
    let questions = Questions::of_handler(requirement);
    let policies = questions.policies(private);
    let policies = (!policies.is_empty()).then(|| {
        quote!(
            const POLICIES: &'static [#private::PolicyFn] = &[#(#policies),*];
        )
    });
    let named = (!questions.named.is_empty()).then(|| {
        let named = questions.asked(&requirement.granted(), private);
        quote!(
            const NAMED: &'static [#private::AskedName] = #named;
        )
    });
    quote!(#policies #named)
}

/// The function with its arguments behind the guard.
pub(crate) fn guarded(
    function: &Function,
    spec: &Ident,
    private: &Private,
    doc: &str,
) -> TokenStream {
    let Function {
        attributes,
        visibility,
        defaultness,
        signature,
        body,
        ..
    } = function;
    let (patterns, types): (Vec<_>, Vec<_>) = signature
        .inputs
        .iter()
        .filter_map(|input| match input {
            FnArg::Typed(argument) => Some((&argument.pat, &argument.ty)),
            FnArg::Receiver(_) => None,
        })
        .unzip();
    let syn::Signature {
        asyncness,
        fn_token,
        ident,
        generics,
        output,
        ..
    } = signature;
    let where_clause = &generics.where_clause;
    quote! {
        #(#attributes)*
        #[doc = #doc]
        #visibility #defaultness #asyncness #fn_token #ident #generics (
            #private::Guarded { args: (#(#patterns,)*), .. }: #private::Guarded<#spec, (#(#types,)*)>
        ) #output #where_clause #body
    }
}

/// What the attribute behind a signature reader is told.
pub(crate) struct Deferred {
    spec: Ident,
    private: Private,
    doc: String,
}

impl Parse for Deferred {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let spec = input.call(Ident::parse_any)?;
        input.parse::<Token![,]>()?;
        let private;
        bracketed!(private in input);
        input.parse::<Token![,]>()?;
        let doc: syn::LitStr = input.parse()?;
        Ok(Self {
            spec,
            private: Private::from(private.parse::<TokenStream>()?),
            doc: doc.value(),
        })
    }
}

/// Rewrites the signature that a reader has seen, and says so: by a type that is at home here, for
/// the handler may have been moved into a body by now.
pub(crate) fn expand_deferred(deferred: &Deferred, function: &Function) -> TokenStream {
    let Deferred { spec, private, doc } = deferred;
    let function = guarded(function, spec, private, doc);
    let seen = format_ident!("{spec}_is_guarded");
    quote! {
        #[doc(hidden)]
        enum #seen {}
        #[automatically_derived]
        impl #private::proof::GuardedBy<#seen> for #spec {}
        #function
    }
}
