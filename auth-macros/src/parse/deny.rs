//! `#[deny_by_default]`: every handler has a decision, or does not compile.

use proc_macro2::{TokenStream, TokenTree};
use syn::Attribute;

use crate::{
    diagnostics::{Diagnostics, Place, nearest},
    model::annotation::{Annotation, Family, Kind},
    parse::{
        grammar::Grammar,
        pieces::{Piece, pieces},
    },
    routes,
    rule::Rule,
    runtime_path::RuntimePath,
};

/// What applies to handlers without a decision of their own, inside a `#[deny_by_default]`.
#[derive(Clone, Copy)]
pub(crate) struct Deny<'a> {
    /// The decision of those that have none; empty where they do not compile.
    pub(crate) default: &'a [Annotation],
    /// Where the runtime is, if that is said.
    pub(crate) runtime: Option<&'a RuntimePath>,
}

/// What a `#[deny_by_default]` says.
#[derive(Default)]
pub(crate) struct Arguments {
    pub(crate) default: Vec<Annotation>,
    pub(crate) roles: Option<TokenStream>,
    pub(crate) runtime: Option<RuntimePath>,
}

impl Arguments {
    /// What applies where these arguments stand nearer to the handlers than `outer`.
    pub(crate) fn nearer_than<'a>(&'a self, outer: Deny<'a>) -> Deny<'a> {
        Deny {
            default: if self.default.is_empty() {
                outer.default
            } else {
                &self.default
            },
            runtime: self.runtime.as_ref().or(outer.runtime),
        }
    }
}

/// What a `#[deny_by_default]` says that is left on a block, below or inside of the attribute that
/// expands: once it comes to it, the requirements are gone, and every handler has a decision. Its
/// mistakes it reports itself.
pub(crate) fn left(attributes: &[Attribute]) -> Arguments {
    let left = attributes.iter().rev().filter_map(|attribute| {
        let syn::Meta::List(list) = &attribute.meta else {
            return None;
        };
        let name = routes::last_segment(attribute.path())?;
        (name == "deny_by_default").then(|| parse(list.tokens.clone(), &mut Diagnostics::default()))
    });
    // Of several on one block, the lowest is the nearest to the handlers.
    left.fold(Arguments::default(), |nearer, outer| Arguments {
        default: if nearer.default.is_empty() {
            outer.default
        } else {
            nearer.default
        },
        roles: outer.roles.or(nearer.roles),
        runtime: outer.runtime.or(nearer.runtime),
    })
}

/// Reads the arguments.
pub(crate) fn parse(tokens: TokenStream, diagnostics: &mut Diagnostics) -> Arguments {
    let mut arguments = Arguments::default();
    let mut seen = Vec::new();
    for piece in pieces(tokens) {
        let name = match piece.tokens.first() {
            Some(TokenTree::Ident(name)) => name.to_string(),
            _ => String::new(),
        };
        if seen.contains(&name) {
            diagnostics.report(
                Rule::DenyArgument,
                piece.place(),
                format!("`{name}` is duplicated in `#[deny_by_default]`"),
            );
            continue;
        }
        match name.as_str() {
            "roles" => arguments.roles = roles(&piece, diagnostics),
            "requires" => arguments.default.extend(default(&piece, diagnostics)),
            "crate" => arguments.runtime = runtime(&piece, diagnostics),
            _ => unknown(&piece, &name, diagnostics),
        }
        seen.push(name);
    }
    arguments
}

/// `roles = Role`.
fn roles(piece: &Piece, diagnostics: &mut Diagnostics) -> Option<TokenStream> {
    let path = path_behind_equals(piece);
    let is_path = syn::parse2::<syn::TypePath>(path.clone()).is_ok();
    if !is_path {
        diagnostics.report_with_help(
            Rule::DenyArgument,
            piece.place(),
            "`roles` takes a role type",
            "write `roles = Role`",
        );
    }
    is_path.then_some(path)
}

/// `crate = path`.
fn runtime(piece: &Piece, diagnostics: &mut Diagnostics) -> Option<RuntimePath> {
    let path = path_behind_equals(piece);
    let is_path = syn::parse2::<syn::Path>(path.clone()).is_ok();
    if !is_path {
        diagnostics.report_with_help(
            Rule::DenyArgument,
            piece.place(),
            "`crate` takes the path of the runtime",
            "write `crate = path::to::auth_runtime`",
        );
    }
    is_path.then(|| RuntimePath::written(path))
}

fn path_behind_equals(piece: &Piece) -> TokenStream {
    match piece.tokens.get(1..) {
        Some([TokenTree::Punct(equals), path @ ..]) if equals.as_char() == '=' => {
            path.iter().cloned().collect()
        }
        _ => TokenStream::new(),
    }
}

/// `requires(EXPR)`.
fn default(piece: &Piece, diagnostics: &mut Diagnostics) -> Option<Annotation> {
    let [TokenTree::Ident(name), TokenTree::Group(group)] = piece.tokens.as_slice() else {
        diagnostics.report_with_help(
            Rule::DenyArgument,
            piece.place(),
            "`requires` takes one requirement",
            "write `requires(authenticated)`",
        );
        return None;
    };
    let inner = pieces(group.stream());
    let requirement = match inner.as_slice() {
        [only] => Grammar {
            family: Family::Whole,
            attribute: "deny_by_default",
            diagnostics,
        }
        .expression(only)?,
        _ => {
            diagnostics.report_with_help(
                Rule::DenyArgument,
                piece.place(),
                "`requires` takes one requirement",
                "write `requires(authenticated)`, and combine several with `any(...)` or `all(...)`",
            );
            return None;
        }
    };
    Some(Annotation {
        kind: Kind::Requires,
        place: Place::from(name.span()),
        requirement: Some(requirement),
        reason: None,
        overrides: None,
        is_hidden: false,
        origins: None,
        runtime: None,
        path: None,
    })
}

fn unknown(piece: &Piece, name: &str, diagnostics: &mut Diagnostics) {
    let help = match nearest(name, ["roles", "requires", "crate"]) {
        Some(near) => format!("there is an argument of a similar name: `{near}`"),
        None => String::from("expected `roles = Role`, `requires(...)` or `crate = path`"),
    };
    diagnostics.report_with_help(
        Rule::DenyArgument,
        piece.place(),
        format!("unknown argument `{name}` in `#[deny_by_default]`"),
        help,
    );
}
