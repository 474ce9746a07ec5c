//! Proofs that an item of a block with an attribute serves no request.
//!
//! An attribute on a module or impl block guards the handlers inside. Whether another item could
//! be mounted depends on types, which a macro does not see: an alias hides a future, an import
//! renames a trait. So the expansion hands each item to a function of this module, in code that
//! never runs, and the compiler decides:
//!
//! ```text
//! function2(helper).__auth_item().__auth_found().__auth_is_decided();
//! ```
//!
//! The compiler takes a method of a type itself before that of a trait, where its bounds hold. So
//! `__auth_item` gives [`Unserved`] at once for nearly every item, and a [`Suspect`] for the others,
//! which `Level6` to `Level0` look at in turn, each behind a `Deref`. What they find has a bound
//! that nothing meets, and the bound has the message.

#![allow(missing_docs, reason = "named by expansions alone, which do not read")]

mod levels;

use std::borrow::Cow;
use std::cell::{Cell, LazyCell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::future::Future;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, RwLock, mpsc};

use actix_web::dev::{
    AppService, HttpServiceFactory, Server, Service, ServiceFactory, ServiceRequest,
};
use actix_web::{App, Either, FromRequest, Handler, Responder, web};

pub use self::levels::{After, Suspect};
use super::guarded;
use super::protected::Protected;
use super::rule::Spec;

/// An item: how it is called, if it is a function, and what it is or returns.
///
/// `How` is left to the compiler: why the item is suspect, or nothing.
#[derive(Debug)]
pub struct Item<C, T, How>(PhantomData<(C, T, How)>);

impl<C, T, How> Item<C, T, How> {
    const fn new() -> Self {
        Self(PhantomData)
    }
}

/// A function's arguments, as a tuple and as a list.
#[derive(Debug)]
pub struct Called<A, L>(PhantomData<fn() -> (A, L)>);

/// A generic function's arguments: those that name no parameter, and all of them. What a parameter
/// stands for is unknown, so that it counts as an extractor.
#[derive(Debug)]
pub struct CalledWith<A, L>(PhantomData<fn() -> (A, L)>);

/// The first of a list of types, and the others.
#[derive(Debug)]
pub struct Cons<H, T>(PhantomData<fn() -> (H, T)>);

/// A constant or static.
#[must_use]
pub const fn value<T, How>(_: &T) -> Item<(), T, How> {
    Item::new()
}

/// The result of a generic function, which holds an `impl Trait`.
#[must_use]
pub const fn held<T, How>(_: &T) -> Item<(), Held<T>, How> {
    Item::new()
}

/// A type, or a list of types.
#[must_use]
pub const fn of<T, How>() -> Item<(), T, How> {
    Item::new()
}

/// A function of these arguments, as a tuple and as a list, and this result, which is not named: what
/// makes a type, or a destructor.
#[must_use]
pub const fn called<A, L, T, How>() -> Item<Called<A, L>, T, How> {
    Item::new()
}

/// What is suspect: an item and how it is called.
pub trait Suspicious<How> {}

/// What a type is suspected of, or what is inside of it. `How` keeps the implementations apart.
pub trait MayServe<How> {}

/// What a type serves, or what is inside of it.
pub trait Serves<How> {}

/// The same of what holds an `impl Trait`, which may be a closure. What is mounted as a function is
/// tried at every depth, which costs more.
pub trait Holds<How> {}

/// A type that holds an `impl Trait`.
#[derive(Debug)]
pub struct Held<T>(PhantomData<fn() -> T>);

/// A list of arguments with one that handlers can be added to.
pub trait Configures<How> {}

/// A type whose every service has requirements.
pub trait Vouched<How> {}

impl<T: Protected> Vouched<AsFactory> for T {}
impl<T: Vouched<How>, How> Vouched<Inside<How>> for Option<T> {}
impl<T: Vouched<How>, E, How> Vouched<Inside<How>> for Result<T, E> {}
impl<T: Vouched<How>, How> Vouched<Inside<How>> for Vec<T> {}
impl<T: Vouched<How>, How> Vouched<Inside<How>> for Held<T> {}
impl<T: Vouched<How>, How, const N: usize> Vouched<Inside<How>> for [T; N] {}

/// An argument through which handlers can be added to what the caller has.
pub trait Lends<How> {}

impl<T: Serves<How> + ?Sized, How> Lends<How> for &mut T {}
impl<T: Lends<How>, How> Lends<Inside<How>> for Option<T> {}
impl<T: Lends<How>, How> Lends<Inside<How>> for Pin<T> {}
impl<T: Lends<How> + ?Sized, How> Lends<Inside<How>> for Box<T> {}
impl<T: Lends<How> + ?Sized, How> Lends<Inside<How>> for Rc<T> {}
impl<T: Lends<How> + ?Sized, How> Lends<Inside<How>> for Arc<T> {}
impl<T: Lends<How> + ?Sized, How> Lends<Inside<How>> for &T {}
impl<T: Serves<How>, How> Lends<How> for Cell<T> {}
impl<T: Serves<How>, How> Lends<How> for OnceCell<T> {}
impl<T: Serves<How>, How> Lends<How> for RefCell<T> {}
impl<T: Serves<How>, How> Lends<How> for Mutex<T> {}
impl<T: Serves<How>, How> Lends<How> for OnceLock<T> {}
impl<T: Serves<How>, How> Lends<How> for RwLock<T> {}
impl<T: Serves<How>, How> Lends<How> for mpsc::Sender<T> {}
impl<A: Lends<How>, How> Lends<Inside<How>> for (A,) {}
impl<A: Lends<How>, B, How> Lends<Inside<How>> for (A, B) {}
impl<A, B: Lends<How>, How> Lends<Behind<How>> for (A, B) {}

/// A pointer to a function.
pub trait Pointer {}

/// Arguments and result of what is mounted as a handler or as a service.
pub trait Mountable<How> {}

#[derive(Debug)]
pub struct AsHandler<How>(PhantomData<How>);
#[derive(Debug)]
pub struct AsService<How>(PhantomData<How>);
#[derive(Debug)]
pub struct AsFactory;
#[derive(Debug)]
pub struct AsCalled;
#[derive(Debug)]
pub struct AsConfiguration;
#[derive(Debug)]
pub struct AsFunction<How>(PhantomData<How>);
#[derive(Debug)]
pub struct Configuring<How>(PhantomData<How>);
#[derive(Debug)]
pub struct Inside<How>(PhantomData<How>);
#[derive(Debug)]
pub struct Behind<How>(PhantomData<How>);
#[derive(Debug)]
pub struct Returned<How>(PhantomData<How>);
#[derive(Debug)]
pub struct Each<How>(PhantomData<How>);

impl<A, L, R, How> Suspicious<AsHandler<How>> for (Called<A, L>, R) where (A, R): Mountable<How> {}
impl<A: FromRequest, L, R: Future> Suspicious<AsHandler<()>> for (CalledWith<A, L>, R) {}
impl<A, L: Configures<How>, R, How> Suspicious<Configuring<How>> for (Called<A, L>, R) {}
impl<A, L: Configures<How>, R, How> Suspicious<Configuring<How>> for (CalledWith<A, L>, R) {}
impl<C, T: MayServe<How>, How> Suspicious<Inside<How>> for (C, T) {}
// Seventeen implementations of actix-web's are tried for these.
impl<T: Handler<A>, A> Suspicious<AsFunction<A>> for ((), T) {}
impl<T: Handler<A>, A> Suspicious<Behind<A>> for ((), *const T) {}

impl<A: FromRequest, R: Future<Output: Responder>> Mountable<AsHandler<()>> for (A, R) {}
impl<R: Future> Mountable<AsService<()>> for ((ServiceRequest,), R) {}
impl<R: Future, N> Mountable<AsService<()>> for ((ServiceRequest, N), R) {}

impl<H: Lends<How>, L, How> Configures<Inside<How>> for Cons<H, L> {}
impl<H, L: Configures<How>, How> Configures<Behind<How>> for Cons<H, L> {}

macro_rules! tuples {
    ($serving:ident $(($($part:ident)*))*) => {$(
        impl<$($part,)* How> $serving<Inside<How>> for ($($part,)*)
        where
            list!($($part)*): $serving<How>,
        {
        }
    )*};
}

/// A list of types.
macro_rules! list {
    () => { () };
    ($first:ident $($others:ident)*) => { Cons<$first, list!($($others)*)> };
}

/// What both traits have in common.
macro_rules! serving {
    ($($serving:ident)*) => {$(
        impl<T: HttpServiceFactory> $serving<AsFactory> for T {}
        impl<T: ServiceFactory<ServiceRequest>> $serving<AsService<()>> for T {}
        impl<T: Service<ServiceRequest>> $serving<AsCalled> for T {}
        impl $serving<Configuring<()>> for web::ServiceConfig {}
        impl $serving<Configuring<()>> for AppService {}
        impl $serving<Configuring<()>> for Server {}
        impl<T> $serving<Configuring<()>> for App<T> {}
        impl<T: FnOnce(&mut web::ServiceConfig) + ?Sized> $serving<AsConfiguration> for T {}

        impl<T: $serving<How>, How> $serving<Inside<How>> for Option<T> {}
        impl<T: $serving<How>, E, How> $serving<Inside<How>> for Result<T, E> {}
        impl<T: $serving<How>, How> $serving<Inside<How>> for [T] {}
        impl<T: $serving<How>, How, const N: usize> $serving<Inside<How>> for [T; N] {}
        // A vector of factories is a factory itself.
        impl<T: $serving<AsHandler<How>>, How> $serving<Inside<AsHandler<How>>> for Vec<T> {}
        impl<T: $serving<AsService<How>>, How> $serving<Inside<AsService<How>>> for Vec<T> {}
        impl<T: $serving<AsConfiguration>> $serving<Inside<AsConfiguration>> for Vec<T> {}
        impl<T: $serving<AsFunction<How>>, How> $serving<Inside<AsFunction<How>>> for Vec<T> {}
        impl<T: $serving<Inside<How>>, How> $serving<Inside<Inside<How>>> for Vec<T> {}
        impl<T: $serving<Behind<How>>, How> $serving<Inside<Behind<How>>> for Vec<T> {}
        impl<T: $serving<Each<How>>, How> $serving<Inside<Each<How>>> for Vec<T> {}
        impl<T: Iterator<Item: $serving<How>>, How> $serving<Each<How>> for T {}
        impl<T: $serving<How>, How> $serving<Inside<How>> for VecDeque<T> {}
        impl<T: $serving<How>, How> $serving<Inside<How>> for LinkedList<T> {}
        impl<T: $serving<How>, How> $serving<Inside<How>> for BinaryHeap<T> {}
        impl<T: $serving<How>, How> $serving<Inside<How>> for BTreeSet<T> {}
        impl<T: $serving<How>, How, S> $serving<Inside<How>> for HashSet<T, S> {}
        impl<T: ToOwned<Owned: $serving<How>> + ?Sized, How> $serving<Inside<How>> for Cow<'_, T> {}
        impl<T: $serving<How>, How> $serving<Inside<How>> for ManuallyDrop<T> {}
        impl<T: $serving<How>, How> $serving<Inside<How>> for Pin<T> {}
        impl<T: $serving<How> + ?Sized, How> $serving<Inside<How>> for web::Data<T> {}
        impl<T: $serving<How> + ?Sized, How> $serving<Inside<How>> for &mut T {}
        impl<T: $serving<How>, How, F> $serving<Inside<How>> for LazyCell<T, F> {}
        impl<T: $serving<How>, How> $serving<Inside<How>> for OnceCell<T> {}
        impl<K, T: $serving<How>, How, S> $serving<Inside<How>> for HashMap<K, T, S> {}
        impl<K, T: $serving<How>, How> $serving<Inside<How>> for BTreeMap<K, T> {}
        impl<L: $serving<How>, R, How> $serving<Inside<How>> for Either<L, R> {}
        impl<L, R: $serving<How>, How> $serving<Behind<How>> for Either<L, R> {}
        impl<T: $serving<How> + ?Sized, How> $serving<Inside<How>> for Box<T> {}
        impl<T: $serving<How>, How> $serving<Inside<How>> for Cell<T> {}
        impl<T: $serving<How>, How> $serving<Inside<How>> for RefCell<T> {}
        impl<T: $serving<How> + ?Sized, How> $serving<Inside<How>> for &T {}
        impl<T: $serving<How> + ?Sized, How> $serving<Inside<How>> for *const T {}
        impl<T: $serving<How> + ?Sized, How> $serving<Inside<How>> for Rc<T> {}
        impl<T: $serving<How> + ?Sized, How> $serving<Inside<How>> for Arc<T> {}
        impl<T: $serving<How>, How, F> $serving<Inside<How>> for LazyLock<T, F> {}
        impl<T: $serving<How>, How> $serving<Inside<How>> for OnceLock<T> {}
        impl<T: $serving<How>, How> $serving<Inside<How>> for Mutex<T> {}
        impl<T: $serving<How>, How> $serving<Inside<How>> for RwLock<T> {}
        tuples! {
            $serving (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G)
            (A B C D E F G H) (A B C D E F G H I) (A B C D E F G H I J) (A B C D E F G H I J K)
            (A B C D E F G H I J K L)
        }
        impl<H: $serving<How>, T, How> $serving<Inside<How>> for Cons<H, T> {}
        impl<H, T: $serving<How>, How> $serving<Behind<How>> for Cons<H, T> {}
    )*};
}

serving! { MayServe Serves Holds }

impl<T: Handler<A>, A> Holds<AsFunction<A>> for T {}
impl<T: Holds<How>, How> MayServe<Inside<How>> for Held<T> {}
impl<T: Holds<How>, How> Serves<Inside<How>> for Held<T> {}

macro_rules! functions {
    ($($function:ident $result:ident $held:ident ($($argument:ident)*);)*) => {$(
        /// A function of so many arguments, none of which names a generic parameter.
        pub const fn $function<Func, $($argument,)* R, How>(
            _: Func,
        ) -> Item<Called<($($argument,)*), list!($($argument)*)>, R, How>
        where
            Func: Fn($($argument),*) -> R + Copy,
        {
            Item::new()
        }

        /// The result of such a function, which may be a closure.
        pub const fn $result<Func, $($argument,)* R, How>(_: Func) -> Item<(), R, How>
        where
            Func: Fn($($argument),*) -> R + Copy,
        {
            Item::new()
        }

        /// The result of such a function, which holds an `impl Trait`.
        pub const fn $held<Func, $($argument,)* R, How>(_: Func) -> Item<(), Held<R>, How>
        where
            Func: Fn($($argument),*) -> R + Copy,
        {
            Item::new()
        }

        impl<$($argument,)* R> Pointer for fn($($argument),*) -> R {}
        impl<$($argument,)* R: MayServe<How>, How> MayServe<Returned<How>>
            for fn($($argument),*) -> R
        {
        }
        impl<$($argument,)* R: Serves<How>, How> Serves<Returned<How>>
            for fn($($argument),*) -> R
        {
        }

        functions! { @serves ($($argument)*) fn($($argument),*) -> R, AsHandler<()> }
        functions! { @serves ($($argument)*) dyn Fn($($argument),*) -> R, AsHandler<()> }
        functions! { @serves ($($argument)*) dyn Fn($($argument),*) -> R + Send, AsHandler<()> }
        functions! { @serves ($($argument)*) dyn Fn($($argument),*) -> R + Sync, AsHandler<()> }
        functions! {
            @serves ($($argument)*) dyn Fn($($argument),*) -> R + Send + Sync, AsHandler<()>
        }
    )*};
    (@serves ($($argument:ident)*) $function:ty, $how:ty) => {
        impl<$($argument,)* R> Serves<$how> for $function
        where
            (($($argument,)*), R): Mountable<AsHandler<()>>,
        {
        }

        impl<$($argument,)* R> MayServe<$how> for $function
        where
            (($($argument,)*), R): Mountable<AsHandler<()>>,
        {
        }
    };
}

functions! {
    function0 result0 held0 ();
    function1 result1 held1 (A);
    function2 result2 held2 (A B);
    function3 result3 held3 (A B C);
    function4 result4 held4 (A B C D);
    function5 result5 held5 (A B C D E);
    function6 result6 held6 (A B C D E F);
    function7 result7 held7 (A B C D E F G);
    function8 result8 held8 (A B C D E F G H);
    function9 result9 held9 (A B C D E F G H I);
    function10 result10 held10 (A B C D E F G H I J);
    function11 result11 held11 (A B C D E F G H I J K);
    function12 result12 held12 (A B C D E F G H I J K L);
    function13 result13 held13 (A B C D E F G H I J K L M);
    function14 result14 held14 (A B C D E F G H I J K L M N);
    function15 result15 held15 (A B C D E F G H I J K L M N O);
    function16 result16 held16 (A B C D E F G H I J K L M N O P);
}

/// What a generic function returns. `A` are those of its arguments that name no parameter, as a
/// tuple, and `L` all that can be named, as a list.
#[must_use]
pub const fn returned<A, L, R, How>(_: &R) -> Item<CalledWith<A, L>, R, How> {
    Item::new()
}

/// It serves nothing, or only what has a requirement.
#[derive(Debug)]
pub struct Unserved;

impl Unserved {
    #[must_use]
    pub const fn __auth_found(self) -> Self {
        self
    }

    pub const fn __auth_is_decided(self) {}
}

impl<C, T, How> Item<C, T, How>
where
    (C, T): Suspicious<How>,
{
    #[must_use]
    pub const fn __auth_item(self) -> Suspect<C, T> {
        Suspect::new()
    }
}

/// An item that is not suspect.
pub trait Plain {
    #[must_use]
    fn __auth_item(self) -> Unserved;
}

impl<C, T> Plain for Item<C, T, ()> {
    fn __auth_item(self) -> Unserved {
        Unserved
    }
}

/// A function that can be mounted.
#[derive(Debug)]
pub struct Mounted<T>(PhantomData<fn() -> T>);

impl<T> Mounted<T> {
    pub const fn __auth_is_decided(self)
    where
        Self: Guarded,
    {
    }
}

#[diagnostic::on_unimplemented(
    message = "this function can be mounted as a handler, and no requirement guards it",
    label = "returns a future that actix-web can serve",
    note = "a handler is an `async fn` that borrows no argument: the attribute on the block guards it if it is one",
    note = "or add `#[not_a_handler]` if it is never mounted"
)]
pub trait Guarded {}

/// A function that can mount other handlers.
#[derive(Debug)]
pub struct Configuration<T>(PhantomData<fn() -> T>);

impl<T> Configuration<T> {
    pub const fn __auth_is_decided(self)
    where
        Self: Secure,
    {
    }
}

#[diagnostic::on_unimplemented(
    message = "this function can mount handlers that no requirement guards",
    label = "takes what handlers are mounted on",
    note = "take `&mut ProtectedConfig<'_>`, which mounts only handlers with a requirement",
    note = "or move the function out of the block"
)]
pub trait Secure {}

/// A service, or what holds one.
#[derive(Debug)]
pub struct Served<T>(PhantomData<fn() -> T>);

impl<T> Served<T> {
    pub const fn __auth_is_decided(self)
    where
        Self: Decided,
    {
    }
}

#[diagnostic::on_unimplemented(
    message = "this item serves requests, and no requirement guards it",
    label = "is, returns or holds what actix-web can serve",
    note = "mount handlers through `ProtectedScope` or `ProtectedConfig`, which take only those with a requirement",
    note = "or move the item out of the block, or add `#[not_a_handler]` if it is never mounted"
)]
pub trait Decided {}

/// What a generic parameter may stand for, and so is taken to stand for.
pub trait Extractor: FromRequest {}

/// That a handler whose signature another attribute reads takes the guard for all that: the
/// attribute that puts it there implements this, for a type of its own.
#[diagnostic::on_unimplemented(
    message = "the access decision of this handler was lost",
    label = "its decision was lost behind another attribute",
    note = "another attribute on this handler drops the attributes below it, and the guard with them: remove that attribute"
)]
pub trait GuardedBy<T> {}

/// Compiles where the guard is there.
pub const fn is_guarded<S: GuardedBy<T>, T>() {}

/// A guard that another expansion wrote, and not something of its name.
#[diagnostic::on_unimplemented(
    message = "this handler has no access decision",
    label = "takes what has the name of a guard and is none",
    note = "add `#[requires_auth]`, or `#[public(reason = \"...\")]` if anyone may call it"
)]
pub trait Decides {}

impl<S: Spec, A> Decides for guarded::Guarded<S, A> {}

/// Compiles where it is one.
pub const fn decides<G: Decides>() {}

/// The traits of this module that expansions call methods of, without names.
pub mod methods {
    pub use super::Plain as _;
    pub use super::levels::{
        Level0 as _, Level1 as _, Level1Type as _, Level2 as _, Level3 as _, Level4 as _,
        Level4Generic as _, Level5 as _, Level5Type as _, Level6 as _, Level6Generic as _,
    };
}
