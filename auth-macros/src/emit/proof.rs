//! What the compiler is given to prove of the items of a block that are no handlers.
//!
//! The runtime's module `proof` says how it decides. Here each item becomes a statement of a
//! function that is never called. What has generic parameters gets a function of its own, which has
//! them as well.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{
    Attribute, FieldsUnnamed, FnArg, GenericArgument, GenericParam, Generics, Path, PathArguments,
    ReceiverKind, ReturnType, Type, punctuated::Punctuated,
};

use crate::{
    emit::around::{Around, SELF_OF_TRAIT, implementing},
    item::{
        function::{Function, MOST_ARGUMENTS},
        names_of_types,
    },
    routes,
    runtime_path::{Private, moved},
};

/// The proofs of a block.
pub(crate) struct Proofs {
    private: Private,
    statements: TokenStream,
    functions: TokenStream,
}

/// A proof on its way: where its messages point, and what it has to be behind.
struct Proof<'a> {
    name: &'a Ident,
    place: Span,
    cfgs: Vec<&'a Attribute>,
    /// To name what is deprecated is no use of it.
    allowed: Option<TokenStream>,
}

impl Proofs {
    pub(crate) fn new(private: Private) -> Self {
        Self {
            private,
            statements: TokenStream::new(),
            functions: TokenStream::new(),
        }
    }

    /// That a function can neither be mounted nor mounts anything unprotected.
    pub(crate) fn function(
        &mut self,
        function: &Function,
        around: &Around<'_>,
        outer_cfgs: &[&Attribute],
    ) {
        let signature = &function.signature;
        let name = function.name();
        let proof = Proof::of(name, &function.attributes, outer_cfgs);
        if let Some(receiver) = around.dropped(signature) {
            let receiver = around.outside(type_of(receiver));
            self.prove(
                &proof,
                around,
                None,
                |private| quote!(#private::called::<(), #private::Cons<#receiver, ()>, (), _>()),
            );
            return;
        }
        let path = around.path(name);
        let result = match &signature.output {
            ReturnType::Type(_, ty) => Returned::of(ty),
            ReturnType::Default => Returned::Value,
        };
        let count = signature.inputs.len();
        let takes_opaque = signature.inputs.iter().any(|input| match input {
            FnArg::Typed(argument) => has_opaque(&argument.ty),
            FnArg::Receiver(_) => false,
        });
        let parameters: Vec<&Ident> = [Some(&signature.generics), around.generics()]
            .into_iter()
            .flatten()
            .flat_map(names_of_types)
            .collect();
        if parameters.is_empty() && !takes_opaque && !matches!(around, Around::Trait { .. }) {
            let by_arguments = format_ident!("function{count}");
            self.prove(
                &proof,
                around,
                None,
                |private| quote!(#private::#by_arguments(#path)),
            );
            let by_result = match result {
                Returned::Value => None,
                Returned::Callable => Some(format_ident!("result{count}")),
                Returned::Holder => Some(format_ident!("held{count}")),
            };
            if let Some(by_result) = by_result {
                self.prove(
                    &proof,
                    around,
                    None,
                    |private| quote!(#private::#by_result(#path)),
                );
            }
            return;
        }
        self.generic_function(&proof, function, around, &parameters, result);
    }

    /// A generic function is called with arguments of its own types, for `impl Trait` cannot be
    /// named.
    fn generic_function(
        &mut self,
        proof: &Proof<'_>,
        function: &Function,
        around: &Around<'_>,
        parameters: &[&Ident],
        returned: Returned,
    ) {
        let signature = &function.signature;
        let mut arguments: Punctuated<Ident, syn::Token![,]> = Punctuated::new();
        let mut typed = Vec::new();
        let mut known = Vec::new();
        let mut list = quote!(());
        let is_parameter = |word: &Ident| word == SELF_OF_TRAIT || parameters.contains(&word);
        for (index, input) in signature.inputs.iter().enumerate() {
            let argument = format_ident!("__auth_argument{index}");
            let ty = around.outside(type_of(input));
            typed.push(quote!(#argument: #ty));
            arguments.push(argument);
            if !routes::mentions(ty.clone(), &|word| word == "impl") {
                if !routes::mentions(ty.clone(), &is_parameter) {
                    known.push(ty.clone());
                }
                let private = &self.private;
                list = quote!(#private::proof::Cons<#ty, #list>);
            }
        }
        let path = around.path(function.name());
        let own: Vec<&Ident> = names_of_types(&signature.generics).collect();
        let own = (!own.is_empty()).then(|| quote!(::<#(#own),*>));
        let inside = (&signature.generics, quote!(#(#typed),*));
        let result = quote!(#path #own (#arguments));
        self.prove(
            proof,
            around,
            Some(inside.clone()),
            |private| quote!(#private::returned::<(#(#known,)*), #list, _, _>(&#result)),
        );
        let by_result = match returned {
            Returned::Value => return,
            Returned::Callable => format_ident!("value"),
            Returned::Holder => format_ident!("held"),
        };
        self.prove(
            proof,
            around,
            Some(inside),
            |private| quote!(#private::#by_result(&#result)),
        );
    }

    /// That what has the name of a guard is one.
    pub(crate) fn guard(&mut self, function: &Function, guard: &Path, outer_cfgs: &[&Attribute]) {
        let Proof { place, cfgs, .. } =
            Proof::of(function.name(), &function.attributes, outer_cfgs);
        // Its other parameter may name those of the function.
        let spec = guard
            .segments
            .last()
            .and_then(|last| match &last.arguments {
                PathArguments::AngleBracketed(arguments) => arguments.args.first(),
                _ => None,
            });
        let leading = &guard.leading_colon;
        let names = guard.segments.iter().map(|segment| &segment.ident);
        let guard = quote!(#leading #(#names)::*<#spec, ()>);
        let private = &self.private;
        let decides = quote_spanned!(place=> #private::proof::decides);
        self.statements
            .extend(quote_spanned!(place=> #(#cfgs)* let () = #decides::<#guard>();));
    }

    /// That a constant or static is nothing that serves requests.
    pub(crate) fn value(
        &mut self,
        name: &Ident,
        attributes: &[Attribute],
        around: &Around<'_>,
        outer_cfgs: &[&Attribute],
    ) {
        let path = around.path(name);
        let proof = Proof::of(name, attributes, outer_cfgs);
        self.prove(
            &proof,
            around,
            None,
            |private| quote!(#private::value(&#path)),
        );
    }

    /// That a type serves no requests, nor any of its fields that can be seen.
    pub(crate) fn ty(
        &mut self,
        name: &Ident,
        attributes: &[Attribute],
        generics: &Generics,
        fields: &[&Type],
    ) {
        let (_, arguments, _) = generics.split_for_impl();
        let ty = Type::Verbatim(quote!(self::#name #arguments));
        let around = Around::of_type(generics, &ty);
        let proof = Proof::of(name, attributes, &[]);
        self.prove(
            &proof,
            &around,
            None,
            |private| quote!(#private::of::<*const #ty, _>()),
        );
        self.fields(name, attributes, &[], generics, fields);
    }

    /// That no field of these types serves requests.
    pub(crate) fn fields(
        &mut self,
        name: &Ident,
        attributes: &[Attribute],
        conditions: &[&Attribute],
        generics: &Generics,
        fields: &[&Type],
    ) {
        if fields.is_empty() {
            return;
        }
        let (_, arguments, _) = generics.split_for_impl();
        let ty = Type::Verbatim(quote!(self::#name #arguments));
        let around = Around::of_type(generics, &ty);
        let private = &self.private;
        let list = fields.iter().rfold(
            quote!(()),
            |list, field| quote!(#private::proof::Cons<*const #field, #list>),
        );
        let list = around.outside(list);
        let proof = Proof::of(name, attributes, conditions);
        self.prove(
            &proof,
            &around,
            None,
            |private| quote!(#private::of::<#list, _>()),
        );
    }

    /// That what makes a type of these fields is no function that returns a future.
    pub(crate) fn constructor(
        &mut self,
        name: &Ident,
        attributes: &[Attribute],
        conditions: &[&Attribute],
        generics: &Generics,
        fields: &FieldsUnnamed,
    ) {
        if fields.unnamed.len() > MOST_ARGUMENTS {
            return;
        }
        let (_, arguments, _) = generics.split_for_impl();
        let ty = Type::Verbatim(quote!(self::#name #arguments));
        let around = Around::of_type(generics, &ty);
        let types = fields.unnamed.iter().map(|field| &field.ty);
        let types = around.outside(quote!(#(#types,)*));
        let proof = Proof::of(name, attributes, conditions);
        self.prove(
            &proof,
            &around,
            None,
            |private| quote!(#private::called::<(#types), (), #ty, _>()),
        );
    }

    /// That the type of an impl of a trait serves no requests: that the trait is none of those.
    pub(crate) fn implementing(
        &mut self,
        place: &Ident,
        ty: &Type,
        around: &Around<'_>,
        cfgs: &[&Attribute],
    ) {
        let proof = Proof::of(place, &[], cfgs);
        self.prove(
            &proof,
            around,
            None,
            |private| quote!(#private::of::<*const #ty, _>()),
        );
    }

    /// Adds one statement, in a function of its own where parameters have to be in scope.
    fn prove(
        &mut self,
        proof: &Proof<'_>,
        around: &Around<'_>,
        inside: Option<(&Generics, TokenStream)>,
        item: impl FnOnce(&TokenStream) -> TokenStream,
    ) {
        let Proof {
            name,
            place,
            cfgs,
            allowed,
        } = proof;
        let private = &self.private;
        let item = item(&quote!(#private::proof));
        let decided = quote!(#item.__auth_item().__auth_found().__auth_is_decided());
        let generics = around
            .generics()
            .filter(|generics| !generics.params.is_empty());
        let is_trait = matches!(around, Around::Trait { .. });
        if generics.is_none() && inside.is_none() && !is_trait {
            let decided = moved(decided, *place);
            self.statements
                .extend(quote_spanned!(*place=> #(#cfgs)* #allowed let () = #decided;));
            return;
        }
        let (own, arguments) = inside.unzip();
        // What a type demands of its parameters holds where it is an argument.
        let implied = match around {
            Around::ImplBlock { of, .. } => Some(quote!(_: *const #of,)),
            Around::Module | Around::Trait { .. } => None,
        };
        let all = [around.generics(), own];
        let all: Vec<&Generics> = all.into_iter().flatten().collect();
        let itself = is_trait.then(|| {
            let of_trait = around.of_trait();
            let itself = implementing();
            quote!(#itself: #of_trait)
        });
        // Lifetimes first, as they have to be.
        let (lifetimes, types): (Vec<_>, Vec<_>) = all
            .iter()
            .flat_map(|generics| &generics.params)
            .partition(|parameter| matches!(parameter, GenericParam::Lifetime(_)));
        let parameters = lifetimes.into_iter().chain(types).map(without_default);
        let parameters = parameters.chain(itself);
        let predicates = all
            .iter()
            .filter_map(|generics| generics.where_clause.as_ref())
            .flat_map(|clause| &clause.predicates)
            .map(ToTokens::to_token_stream)
            .filter(|predicate| predicate.to_string() != "Self : Sized");
        let function = format_ident!("__auth_proof_{}", syn::ext::IdentExt::unraw(*name));
        let function = around.outside(quote! {
            fn #function<#(#parameters),*>(#implied #arguments)
            where #(#predicates,)*
        });
        // A parameter may stand for an extractor. Where one of its types is named, it would be that
        // of either trait.
        let itself = is_trait.then(implementing);
        let assumed: Vec<Ident> = all
            .iter()
            .flat_map(|generics| generics.type_params())
            .map(|parameter| parameter.ident.clone())
            .chain(itself)
            .filter(|parameter| {
                let is_named = |tokens: &TokenStream| names_part_of(tokens.clone(), parameter);
                !is_named(&function) && !is_named(&decided)
            })
            .collect();
        let function = moved(
            quote!(#function #(#assumed: #private::proof::Extractor,)* { #decided }),
            *place,
        );
        // In a constant of its own, for several may have the same name.
        self.functions
            .extend(quote_spanned!(*place=> #(#cfgs)* #allowed const _: () = { #function };));
    }

    /// What the compiler is given, where there is anything to prove.
    pub(crate) fn into_tokens(self) -> TokenStream {
        let Self {
            private,
            statements,
            functions,
        } = self;
        if statements.is_empty() && functions.is_empty() {
            return TokenStream::new();
        }
        let statements = (!statements.is_empty()).then(|| {
            quote! {
                fn __auth_proofs() { #statements }
            }
        });
        quote! {
            const _: () = {
                use #private::proof::methods::*;
                #statements
                #functions
            };
        }
    }
}

impl<'a> Proof<'a> {
    fn of(name: &'a Ident, attributes: &'a [Attribute], outer_cfgs: &[&'a Attribute]) -> Self {
        Self {
            name,
            place: Span::call_site().located_at(name.span()),
            cfgs: outer_cfgs
                .iter()
                .copied()
                .chain(routes::carried(attributes))
                .collect(),
            allowed: attributes
                .iter()
                .any(|attribute| attribute.path().is_ident("deprecated"))
                .then(|| quote!(#[allow(deprecated)])),
        }
    }
}

/// Whether a type is `impl Trait`, or holds one: no other type can be a closure.
fn has_opaque(ty: &Type) -> bool {
    routes::mentions(ty.to_token_stream(), &|word| word == "impl")
}

/// What a function returns, where that may be something to call, such as a closure.
#[derive(Clone, Copy)]
enum Returned {
    /// Nothing to call.
    Value,
    /// Something that may be called.
    Callable,
    /// Something that holds an `impl Trait`.
    Holder,
}

impl Returned {
    fn of(ty: &Type) -> Self {
        if has_opaque(ty) && !is_opaque(ty) {
            Self::Holder
        } else if may_be_called(ty) {
            Self::Callable
        } else {
            Self::Value
        }
    }
}

/// Whether a type is `impl Trait`, or can be called as one.
fn is_opaque(ty: &Type) -> bool {
    match ty {
        Type::ImplTrait(_) => true,
        Type::Reference(reference) => is_opaque(&reference.elem),
        Type::Paren(paren) => is_opaque(&paren.elem),
        Type::Group(group) => is_opaque(&group.elem),
        Type::Path(path) => path.path.segments.last().is_some_and(|last| {
            let PathArguments::AngleBracketed(arguments) = &last.arguments else {
                return false;
            };
            last.ident == "Box"
                && matches!(arguments.args.first(), Some(GenericArgument::Type(ty)) if is_opaque(ty))
        }),
        _ => false,
    }
}

/// Whether what a function returns may be something to call, such as a closure.
///
/// That costs the compiler most, so that what is called as the standard library calls it is taken
/// at its word: a handler that it stood for would be declared outside of the block.
fn may_be_called(ty: &Type) -> bool {
    const NAMES: &[&str] = &[
        "bool",
        "char",
        "f32",
        "f64",
        "i16",
        "i32",
        "i64",
        "i8",
        "isize",
        "str",
        "u16",
        "u32",
        "u64",
        "u8",
        "usize",
        "Option",
        "Result",
        "Self",
        "String",
        "Vec",
        "HttpResponse",
    ];
    match ty {
        Type::Path(path) => routes::last_segment(&path.path)
            .is_none_or(|name| !NAMES.iter().any(|known| name == known)),
        Type::Reference(reference) => may_be_called(&reference.elem),
        Type::Slice(_) | Type::Array(_) | Type::Never(_) | Type::Tuple(_) => false,
        _ => true,
    }
}

/// Whether tokens hold `parameter::`.
fn names_part_of(tokens: TokenStream, parameter: &Ident) -> bool {
    let trees = routes::visible(tokens);
    trees.windows(2).any(|two| {
        matches!(two, [TokenTree::Ident(name), TokenTree::Punct(colon)]
            if name == parameter
                && colon.as_char() == ':'
                && colon.spacing() == proc_macro2::Spacing::Joint)
    }) || trees.into_iter().any(|tree| match tree {
        TokenTree::Group(group) => names_part_of(group.stream(), parameter),
        _ => false,
    })
}

/// A parameter as a function declares it.
fn without_default(parameter: &GenericParam) -> TokenStream {
    match parameter {
        GenericParam::Type(parameter) => {
            let (ident, bounds) = (&parameter.ident, &parameter.bounds);
            quote!(#ident: #bounds)
        }
        GenericParam::Const(parameter) => {
            let (ident, ty) = (&parameter.ident, &parameter.ty);
            quote!(const #ident: #ty)
        }
        GenericParam::Lifetime(parameter) => {
            let (lifetime, bounds) = (&parameter.lifetime, &parameter.bounds);
            quote!(#lifetime: #bounds)
        }
    }
}

fn type_of(input: &FnArg) -> TokenStream {
    match input {
        FnArg::Typed(argument) => argument.ty.to_token_stream(),
        FnArg::Receiver(receiver) => match &receiver.kind {
            ReceiverKind::Reference(and, lifetime, mutability) => {
                quote!(#and #lifetime #mutability Self)
            }
            ReceiverKind::Typed(_, ty) => ty.to_token_stream(),
            _ => quote!(Self),
        },
    }
}
