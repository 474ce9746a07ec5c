//! What holds for an item of a block: the attributes around it, and a default.

use proc_macro2::TokenStream;
use syn::{Attribute, Path};

use crate::{
    item::{
        block::Items,
        function::{Function, Role, guard},
    },
    model::annotation::{self, Annotation},
    parse::deny::{Arguments, Deny},
    routes,
    runtime_path::RuntimePath,
};

/// What becomes of a function of a block.
pub(crate) enum Treatment<'a> {
    /// It is a handler, with these attributes of its own, or with a default.
    Guard(&'a [Annotation]),
    /// It is a handler whose argument has the name of a guard that an expansion before this one wrote.
    Guarded(&'a Path),
    /// It is a handler without a decision.
    Unprotected,
    /// It is a test, and compiled as one alone.
    Test,
    /// The compiler has to prove that it is no handler.
    Prove,
}

/// What is said around an item, and holds for it.
#[derive(Clone)]
pub(crate) struct Context<'a> {
    /// The attributes of the blocks around it, the outermost block first.
    pub(crate) levels: Vec<&'a [Annotation]>,
    pub(crate) deny: Option<Deny<'a>>,
    pub(crate) roles: Option<&'a TokenStream>,
}

impl<'a> Context<'a> {
    /// Of one attribute on the block itself.
    pub(crate) fn alone() -> Self {
        Self {
            levels: Vec::new(),
            deny: None,
            roles: None,
        }
    }

    /// The same inside of a block with these attributes, and with what a `#[deny_by_default]` says
    /// that is left on it.
    pub(crate) fn inside(&self, annotations: &'a [Annotation], left: &'a Arguments) -> Self {
        Self {
            levels: self.levels.iter().copied().chain([annotations]).collect(),
            deny: self.deny.map(|deny| left.nearer_than(deny)),
            roles: left.roles.as_ref().or(self.roles),
        }
    }

    /// Whether something is required of every handler inside, or every one is public.
    pub(crate) fn is_decided(&self) -> bool {
        self.outermost().is_some()
    }

    /// The outermost attribute.
    pub(crate) fn outermost(&self) -> Option<&'a Annotation> {
        self.levels.iter().find_map(|level| level.first())
    }

    /// Where the runtime is, as far as that is said around or inside of the block.
    pub(crate) fn runtime(&self, items: &Items) -> RuntimePath {
        let around: Vec<_> = self.levels.iter().copied().flatten().collect();
        annotation::named_runtime(&around)
            .or_else(|| self.deny.and_then(|deny| deny.runtime).cloned())
            .or_else(|| items.runtime())
            .unwrap_or(RuntimePath::DEFAULT)
    }

    /// What becomes of a function.
    pub(crate) fn treatment(&self, function: &'a Function) -> Treatment<'a> {
        if !function.annotations.is_empty() {
            return Treatment::Guard(&function.annotations);
        }
        match function.role() {
            Role::Test => return Treatment::Test,
            Role::Other => return Treatment::Prove,
            Role::Handler => {}
        }
        if self.is_decided() {
            return Treatment::Guard(&[]);
        }
        // An attribute above this one may have guarded it.
        if let Some(guard) = guard(function) {
            return Treatment::Guarded(guard);
        }
        match self.deny.map_or(&[][..], |deny| deny.default) {
            [] => Treatment::Unprotected,
            default => Treatment::Guard(default),
        }
    }

    /// The attributes of a handler with these of its own, the outermost first.
    pub(crate) fn levels_of(&self, own: &'a [Annotation]) -> Vec<&'a [Annotation]> {
        self.levels.iter().copied().chain([own]).collect()
    }

    /// Whether a module with these attributes is left as it is: of tests, where nothing is decided.
    pub(crate) fn leaves(&self, attributes: &[Attribute]) -> bool {
        !self.is_decided() && routes::is_for_tests(attributes)
    }

    /// Where the runtime is by a `#[deny_by_default]`, where none of these attributes says it.
    pub(crate) fn runtime_of_default(&self, annotations: &[&Annotation]) -> Option<RuntimePath> {
        match annotation::named_runtime(annotations) {
            Some(_) => None,
            None => self.deny.and_then(|deny| deny.runtime).cloned(),
        }
    }
}
