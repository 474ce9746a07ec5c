//! A function whose signature is read and whose body is not.
//!
//! The body stays the tokens the user wrote: nothing is lost to a parser that is older than the
//! compiler, broken bodies keep their own messages, and expansion costs no time on them.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, FnArg, GenericArgument, Ident, Path, PathArguments, Signature, Token, Type,
    Visibility, ext::IdentExt as _, parse::ParseStream,
};

use crate::{
    diagnostics::Diagnostics, item::inside::Inside, model::annotation::Annotation, routes,
};

/// A function, with our attributes taken out of its attributes.
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    /// Ours, in source order.
    pub(crate) annotations: Vec<Annotation>,
    pub(crate) visibility: Visibility,
    pub(crate) defaultness: Option<Token![default]>,
    pub(crate) signature: Signature,
    /// The block with its braces, or the `;` of a function without one.
    pub(crate) body: TokenStream,
    pub(crate) has_body: bool,
    pub(crate) words: Words,
    /// What may serve requests inside of it, where it stands in a block.
    pub(crate) inside: Vec<Inside>,
}

/// What a function of a block is, as far as its own tokens tell.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Role {
    /// An `async fn`, or one with an attribute of a route.
    Handler,
    Test,
    /// Something else, or an `async fn` that borrows: what it is the compiler says.
    Other,
}

/// Words that may stand in the signature. Where one does not, no rule has to look for it.
#[derive(Clone, Copy)]
pub(crate) struct Words {
    /// `Self`.
    pub(crate) own_type: bool,
    /// `Guarded`.
    pub(crate) guard: bool,
    /// `Authenticated` or `MaybeAuthenticated`.
    pub(crate) caller: bool,
}

impl Words {
    /// Not looked at yet.
    const ANY: Self = Self {
        own_type: true,
        guard: true,
        caller: true,
    };

    /// The words in these tokens, at any depth.
    pub(crate) fn of(trees: &[TokenTree]) -> Self {
        let mut words = Self {
            own_type: false,
            guard: false,
            caller: false,
        };
        for tree in trees {
            words.see(tree);
        }
        words
    }

    fn see(&mut self, tree: &TokenTree) {
        match tree {
            TokenTree::Ident(word) => match word.to_string().as_str() {
                "Self" => self.own_type = true,
                "Guarded" => self.guard = true,
                "Authenticated" | "MaybeAuthenticated" => self.caller = true,
                _ => {}
            },
            TokenTree::Group(group) => {
                for tree in group.stream() {
                    self.see(&tree);
                }
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

impl Function {
    /// Whether a function begins here, behind attributes and visibility.
    pub(crate) fn is_next(input: ParseStream<'_>) -> bool {
        let ahead = input.fork();
        loop {
            if ahead.peek(Token![fn]) {
                return true;
            }
            if ahead.peek(syn::LitStr) {
                // The ABI of `extern "C" fn`.
                if ahead.parse::<syn::LitStr>().is_err() {
                    return false;
                }
                continue;
            }
            let qualifiers = ["const", "async", "unsafe", "extern", "default", "safe"];
            match Ident::parse_any(&ahead) {
                Ok(name) if qualifiers.iter().any(|qualifier| name == qualifier) => {}
                _ => return false,
            }
        }
    }

    /// Reads a function behind its attributes and visibility.
    pub(crate) fn parse(
        input: ParseStream<'_>,
        mut attributes: Vec<Attribute>,
        visibility: Visibility,
        diagnostics: &mut Diagnostics,
    ) -> syn::Result<Self> {
        let defaultness = input.parse()?;
        let signature = input.parse()?;
        let (body, has_body) = match input.parse()? {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                (TokenTree::Group(group).into(), true)
            }
            other => (other.into(), false),
        };
        let annotations = Annotation::take(&mut attributes, diagnostics);
        Ok(Self {
            attributes,
            annotations,
            visibility,
            defaultness,
            signature,
            body,
            has_body,
            words: Words::ANY,
            inside: Vec::new(),
        })
    }

    /// What it is where nothing of ours is on it.
    ///
    /// An extractor is owned, so that a function that borrows an argument is hardly a handler.
    pub(crate) fn role(&self) -> Role {
        if routes::has_route(&self.attributes) {
            return Role::Handler;
        }
        if routes::is_test(&self.attributes) {
            return Role::Test;
        }
        let borrows = self.signature.inputs.iter().any(|input| match input {
            FnArg::Receiver(_) => true,
            FnArg::Typed(argument) => is_reference(&argument.ty),
        });
        if self.signature.asyncness.is_some() && !borrows {
            Role::Handler
        } else {
            Role::Other
        }
    }

    pub(crate) fn name(&self) -> &Ident {
        &self.signature.ident
    }

    /// The name without the `r#` that a keyword needs.
    pub(crate) fn plain_name(&self) -> String {
        self.signature.ident.unraw().to_string()
    }
}

fn is_reference(ty: &Type) -> bool {
    match ty {
        Type::Reference(_) => true,
        // What a `macro_rules!` capture wraps in invisible delimiters is the type itself.
        Type::Group(group) => is_reference(&group.elem),
        Type::Paren(paren) => is_reference(&paren.elem),
        _ => false,
    }
}

/// The function as it was written, without our attributes.
impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        for attribute in &self.attributes {
            attribute.to_tokens(tokens);
        }
        self.visibility.to_tokens(tokens);
        self.defaultness.to_tokens(tokens);
        self.signature.to_tokens(tokens);
        self.body.to_tokens(tokens);
    }
}

/// How many arguments actix-web extracts for one handler.
pub(crate) const MOST_ARGUMENTS: usize = 16;

/// The type of the guard that an expansion before this one has already put around the arguments.
pub(crate) fn guarded_spec(function: &Function) -> Option<&Ident> {
    expanded_guard(only_argument(function)?)
}

/// The guard itself.
pub(crate) fn guard(function: &Function) -> Option<&Path> {
    let only = only_argument(function)?;
    match only {
        Type::Path(path) => expanded_guard(only).map(|_| &path.path),
        _ => None,
    }
}

fn only_argument(function: &Function) -> Option<&Type> {
    let mut inputs = function.signature.inputs.iter();
    match (inputs.next(), inputs.next()) {
        (Some(FnArg::Typed(only)), None) => Some(&only.ty),
        _ => None,
    }
}

/// The first parameter of a type that an expansion wrote: `..::__private::Guarded<__auth_x, ..>`.
pub(crate) fn expanded_guard(ty: &Type) -> Option<&Ident> {
    let Type::Path(path) = ty else { return None };
    let mut segments = path.path.segments.iter().rev();
    let last = segments.next()?;
    let is_private = segments
        .next()
        .is_some_and(|segment| segment.ident == "__private");
    if last.ident != "Guarded" || !is_private {
        return None;
    }
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(Type::Path(spec)) => {
            let spec = spec.path.get_ident()?;
            spec.to_string().starts_with("__auth_").then_some(spec)
        }
        _ => None,
    }
}
