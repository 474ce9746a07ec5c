//! Conditions on the handler's arguments: closures that run after extraction and before the
//! handler.

use std::any::Any;
use std::fmt;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;

use super::policy::PolicyOutcome;
use super::questions::NamedCheckFns;
use crate::model::containment::contained;
use crate::model::decision::Decision;
use crate::model::principal::Principal;

/// What a check may answer: `bool`, a [`Decision`], or a `Result` of one of them. An error is a
/// refusal.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what a check answers",
    label = "the check answers this",
    note = "answer `bool`, `Decision`, or a `Result` of one of them whose error can be displayed",
    note = "a check that waits is written `check(async |..| ..)`"
)]
pub trait IntoAnswer {
    /// The decision, or the text of the error.
    #[doc(hidden)]
    fn into_answer(self) -> Result<Decision, String>;
}

impl IntoAnswer for bool {
    fn into_answer(self) -> Result<Decision, String> {
        Ok(Decision::allow_if(self))
    }
}

impl IntoAnswer for Decision {
    fn into_answer(self) -> Result<Decision, String> {
        Ok(self)
    }
}

impl<A: IntoAnswer, E: fmt::Display> IntoAnswer for Result<A, E> {
    fn into_answer(self) -> Result<Decision, String> {
        self.map_or_else(|error| Err(error.to_string()), IntoAnswer::into_answer)
    }
}

/// The future of a check, which borrows the arguments.
pub type CheckFuture<'a> = LocalBoxFuture<'a, PolicyOutcome>;

/// A check of a handler, by the caller and the handler's arguments.
pub(crate) type CheckFn<A> = for<'a> fn(&'a Principal, &'a A) -> CheckFuture<'a>;

/// The checks of a handler, by index.
pub type CheckFns<A> = &'static [CheckFn<A>];

/// The checks of a handler whose arguments are `A`.
#[diagnostic::on_unimplemented(
    message = "the checks of this handler do not fit its arguments",
    note = "the attribute writes both: is another attribute changing the signature?"
)]
pub trait Checks<A: 'static> {
    /// By index.
    const CHECKS: CheckFns<A> = &[];
    /// Those of the named requirements that take arguments.
    const NAMED: NamedCheckFns<A> = &[];
}

/// Of a handler that has no checks.
#[derive(Clone, Copy, Debug)]
pub struct NoChecks;

impl<A: 'static> Checks<A> for NoChecks {}

/// An argument of a check that is an argument of its handler.
#[must_use]
pub fn given<T: ?Sized>(argument: &T) -> Option<&T> {
    Some(argument)
}

/// An argument of a check that is the app's own value of the caller, where the verifier attached
/// one of this type.
#[must_use]
pub fn own<T: Any + Send + Sync>(caller: &Principal) -> Option<&T> {
    caller.get()
}

const NOT_ATTACHED: &str =
    "the principal has no value of the type that the check reads: attach it with `Principal::with`";

async fn outcome_of<R: IntoAnswer>(asked: impl Future<Output = Option<R>>) -> PolicyOutcome {
    let answer = async move { asked.await.map(IntoAnswer::into_answer) };
    match contained(AssertUnwindSafe(answer).catch_unwind().await) {
        Some(Some(Ok(decision))) => PolicyOutcome::Decided(decision),
        Some(Some(Err(error))) => PolicyOutcome::Failed(error.into()),
        Some(None) => PolicyOutcome::Failed(NOT_ATTACHED.into()),
        None => PolicyOutcome::Failed("it panicked".into()),
    }
}

/// One pair of functions for each number of arguments: a closure learns the types of its
/// parameters from the bound of the function that it is handed to.
macro_rules! run_checks {
    ($($sync:ident $async:ident ($($argument:ident: $ty:ident),*))*) => {$(
        /// Asks a check.
        // As many as a check has parameters, and the check.
        #[allow(clippy::too_many_arguments)]
        pub fn $sync<'a, $($ty: ?Sized + 'a,)* R, F>(
            check: F
            $(, $argument: Option<&'a $ty>)*
        ) -> CheckFuture<'a>
        where
            R: IntoAnswer + 'a,
            F: FnOnce($(&$ty),*) -> R + 'a,
        {
            outcome_of(async move { Some(check($($argument?),*)) }).boxed_local()
        }

        /// Asks a check that waits.
        #[allow(clippy::too_many_arguments)]
        pub fn $async<'a, $($ty: ?Sized + 'a,)* R, F>(
            check: F
            $(, $argument: Option<&'a $ty>)*
        ) -> CheckFuture<'a>
        where
            R: IntoAnswer + 'a,
            F: AsyncFnOnce($(&$ty),*) -> R + 'a,
        {
            outcome_of(async move { Some(check($($argument?),*).await) }).boxed_local()
        }
    )*};
}

run_checks! {
    check0 async_check0 ()
    check1 async_check1 (a: A)
    check2 async_check2 (a: A, b: B)
    check3 async_check3 (a: A, b: B, c: C)
    check4 async_check4 (a: A, b: B, c: C, d: D)
    check5 async_check5 (a: A, b: B, c: C, d: D, e: E)
    check6 async_check6 (a: A, b: B, c: C, d: D, e: E, f: G)
    check7 async_check7 (a: A, b: B, c: C, d: D, e: E, f: G, g: H)
    check8 async_check8 (a: A, b: B, c: C, d: D, e: E, f: G, g: H, h: I)
}
