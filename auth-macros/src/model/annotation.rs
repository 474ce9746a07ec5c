//! One attribute of ours on an item, and what all of them on a handler come to.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::ext::IdentExt as _;

use crate::{
    diagnostics::Place,
    model::expression::{Expression, LeafKind},
    runtime_path::{Private, RuntimePath},
};

/// Which attribute it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    RequiresAuth,
    RequiresRole,
    RequiresScope,
    RequiresPermission,
    Requires,
    Public,
}

impl Kind {
    const EVERY: [Self; 6] = [
        Self::RequiresAuth,
        Self::RequiresRole,
        Self::RequiresScope,
        Self::RequiresPermission,
        Self::Requires,
        Self::Public,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RequiresAuth => "requires_auth",
            Self::RequiresRole => "requires_role",
            Self::RequiresScope => "requires_scope",
            Self::RequiresPermission => "requires_permission",
            Self::Requires => "requires",
            Self::Public => "public",
        }
    }

    /// The requirements it takes, where it takes any.
    pub(crate) fn family(self) -> Option<Family> {
        match self {
            Self::RequiresAuth | Self::Public => None,
            Self::RequiresRole => Some(Family::Strings(LeafKind::Role)),
            Self::RequiresScope => Some(Family::Strings(LeafKind::Scope)),
            Self::RequiresPermission => Some(Family::Strings(LeafKind::Permission)),
            Self::Requires => Some(Family::Whole),
        }
    }

    /// The attribute that an identifier names.
    pub(crate) fn named(name: &Ident) -> Option<Self> {
        let name = name.unraw();
        Self::EVERY.into_iter().find(|kind| name == kind.name())
    }
}

/// One attribute with its arguments.
#[derive(Clone, Debug)]
pub(crate) struct Annotation {
    pub(crate) kind: Kind,
    /// Where the attribute is named.
    pub(crate) place: Place,
    /// `None` for `#[public]`, and where a mistake was reported.
    pub(crate) requirement: Option<Expression>,
    /// Of `#[public]`: why no authentication is required.
    pub(crate) reason: Option<String>,
    /// Of `#[public]`: where it says that it replaces the requirement around the handler.
    pub(crate) overrides: Option<Place>,
    pub(crate) is_hidden: bool,
    /// What it says of requests from pages of other origins.
    pub(crate) origins: Option<Origins>,
    pub(crate) runtime: Option<(RuntimePath, Place)>,
    /// The attribute's path as it was written; `None` for the one that the compiler expands.
    pub(crate) path: Option<TokenStream>,
}

/// Who may call a handler.
#[derive(Clone, Debug)]
pub(crate) enum Access {
    Public(String),
    Requires(Expression),
}

/// Pages of which origins may make a browser call a handler, where that is not by the scheme.
#[derive(Clone, Debug)]
pub(crate) enum Origins {
    /// `same_origin`.
    Own,
    /// `cross_origin = "why"`.
    Any(String),
}

impl Origins {
    /// The constant of the handler's `Spec`.
    pub(crate) fn constant(&self, private: &Private) -> TokenStream {
        let stated = match self {
            Self::Own => quote!(Refused),
            Self::Any(reason) => quote!(Permitted(#reason)),
        };
        quote!(
            const CROSS_ORIGIN: #private::CrossOrigin = #private::CrossOrigin::#stated;
        )
    }
}

/// What all annotations of a handler come to.
#[derive(Clone, Debug)]
pub(crate) struct Combined {
    pub(crate) access: Access,
    /// The requirement around the handler that its `#[public(.., overrides)]` replaces.
    pub(crate) overridden: Option<Expression>,
    pub(crate) is_hidden: bool,
    pub(crate) origins: Option<Origins>,
    pub(crate) runtime: RuntimePath,
    /// Attributes that this expansion took for the compiler, which would call their imports unused.
    pub(crate) paths: Vec<TokenStream>,
}

impl Combined {
    /// Annotations from the outermost to the innermost; requirements are joined with AND.
    ///
    /// `None` where there is nothing to combine: then a mistake was reported.
    pub(crate) fn of(annotations: &[&Annotation]) -> Option<Self> {
        let requirements: Vec<_> = annotations
            .iter()
            .filter_map(|annotation| annotation.requirement.clone())
            .collect();
        let is_overriding = annotations
            .iter()
            .any(|annotation| annotation.overrides.is_some());
        let (access, overridden) = match Expression::all(requirements) {
            Some(requirement) if !is_overriding => (Access::Requires(requirement), None),
            overridden => {
                let reason = annotations
                    .iter()
                    .rev()
                    .find_map(|annotation| annotation.reason.clone())?;
                (Access::Public(reason), overridden)
            }
        };
        Some(Self {
            access,
            // A public handler has nothing to hide.
            is_hidden: overridden.is_none()
                && annotations.iter().any(|annotation| annotation.is_hidden),
            // `same_origin` around a handler is not undone inside.
            origins: annotations
                .iter()
                .filter_map(|annotation| annotation.origins.clone())
                .reduce(|outer, inner| match outer {
                    Origins::Own => outer,
                    Origins::Any(_) => inner,
                }),
            overridden,
            runtime: named_runtime(annotations).unwrap_or(RuntimePath::DEFAULT),
            paths: annotations
                .iter()
                .filter_map(|annotation| annotation.path.clone())
                .collect(),
        })
    }

    /// Leaves the uses of attributes of blocks outside to those blocks, around which their paths
    /// mean what they mean.
    pub(crate) fn using_only(mut self, annotations: &[&[Annotation]]) -> Self {
        self.paths = annotations
            .iter()
            .copied()
            .flatten()
            .filter_map(|annotation| annotation.path.clone())
            .collect();
        self
    }
}

/// The innermost `crate = path`.
pub(crate) fn named_runtime(annotations: &[&Annotation]) -> Option<RuntimePath> {
    let mut named = annotations.iter().rev();
    let (path, _) = named.find_map(|annotation| annotation.runtime.as_ref())?;
    Some(path.clone())
}

/// Which requirements an attribute takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Family {
    /// Strings of one kind: `#[requires_role]` and its kin.
    Strings(LeafKind),
    /// The whole language: `#[requires]`.
    Whole,
}
