//! What an attribute says of its handler.

use std::marker::PhantomData;

use crate::enforce::arguments::Arguments;
use crate::enforce::kit;
use crate::enforce::policy::PolicyFn;
use crate::enforce::questions::{AskedName, Questions};
use crate::model::cross_origin::CrossOrigin;
use crate::model::handler::{HandlerName, RecordKind, RouteRecord};
use crate::model::requirement::Access;

impl HandlerName {
    /// The name of the handler that `S` speaks for.
    pub(crate) const fn of<S: Spec>() -> Self {
        let Declared {
            path,
            file,
            line,
            column,
            ..
        } = S::DECLARED;
        Self {
            path,
            file,
            line,
            column,
        }
    }
}

/// What an attribute says of every handler.
///
/// One value without references to others, because the compiler checks each constant, and each
/// reference inside of one, by itself, in every handler.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Declared {
    /// [`HandlerName::path`].
    pub path: &'static str,
    /// [`HandlerName::file`].
    pub file: &'static str,
    /// [`HandlerName::line`].
    pub line: u32,
    /// [`HandlerName::column`].
    pub column: u32,
    /// The access decision.
    pub access: Access,
    /// The routes whose attributes stand below ours.
    pub routes: Routes,
}

/// The routes whose attributes stand below ours.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Routes {
    /// None is seen.
    None,
    /// One method and its path.
    One(&'static str, &'static str),
    /// Several methods, or several paths.
    Many(&'static [RouteRecord]),
}

/// What an attribute says of its handler: a type that the attribute writes beside it.
#[diagnostic::on_unimplemented(
    message = "the access decision of this handler was lost",
    label = "its decision was lost behind another attribute",
    note = "another attribute on this handler drops the attributes below it, and the guard with them: remove that attribute"
)]
pub trait Spec: 'static {
    /// The handler, its access decision and its routes.
    const DECLARED: Declared;
    /// Whether refusals look like an unknown path.
    const HIDE: bool = false;
    /// Whether a public handler overrides a requirement around it.
    const OVERRIDES: bool = false;
    /// Whether a public handler takes its caller as an argument.
    const IDENTIFIES: bool = false;
    /// Whether the handler's only argument is the guard of another attribute, which decides as well.
    const GUARDS_A_GUARD: bool = false;
    /// What requests from pages of other origins may do.
    const CROSS_ORIGIN: CrossOrigin = CrossOrigin::NotWithAmbientCredentials;
    /// What the decision is for.
    const KIND: RecordKind = RecordKind::Handler;
    /// The policies that the requirement names, by index.
    const POLICIES: &'static [PolicyFn] = &[];
    /// The named requirements in the requirement, in the order in which their questions are
    /// numbered.
    const NAMED: &'static [AskedName] = &[];
    /// What holds the checks that the requirement names: [`NoChecks`](super::check::NoChecks), or this type itself.
    type Checks;
}

/// A [`Spec`] as a value, so that one function decides for all handlers.
#[derive(Clone, Copy)]
pub(crate) struct Rule {
    pub(crate) handler: HandlerName,
    pub(crate) access: Access,
    pub(crate) hide: bool,
    pub(crate) cross_origin: CrossOrigin,
    /// Whether a public handler takes its caller as an argument.
    pub(crate) takes_caller: fn() -> bool,
    /// All but the checks of its own.
    pub(crate) questions: Questions,
    /// The decision depends on the time.
    pub(crate) is_timed: bool,
    /// The access decision, where it names schemes: the handler takes no others.
    pub(crate) choosing: Option<&'static Access>,
    /// What the test kits have to know of it.
    pub(crate) kit: kit::RuleSlot,
}

/// The rule of an attribute, for a handler with these arguments.
pub(crate) struct RuleOf<S, A>(PhantomData<(S, A)>);

impl<S: Spec, A: Arguments> RuleOf<S, A> {
    const ACCESS: &'static Access = &S::DECLARED.access;

    pub(crate) const RULE: &'static Rule = &Rule {
        handler: HandlerName::of::<S>(),
        access: S::DECLARED.access,
        hide: S::HIDE,
        cross_origin: S::CROSS_ORIGIN,
        takes_caller: || S::IDENTIFIES || A::take_caller(),
        questions: Questions::new(S::POLICIES, S::NAMED, 0),
        is_timed: match Self::ACCESS {
            Access::Public(_) => false,
            Access::Requires(requirement) => requirement.depends_on_time(),
        },
        choosing: if Self::ACCESS.names_scheme() {
            Some(Self::ACCESS)
        } else {
            None
        },
        kit: kit::rule_slot::<S>(),
    };
}
