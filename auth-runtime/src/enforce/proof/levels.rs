//! The order in which an item is suspected: by each level, the compiler looks at what is left.

use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;

use actix_web::{FromRequest, Handler};

use super::{
    Called, CalledWith, Configuration, Configures, Mountable, Mounted, Pointer, Served, Serves,
    Unserved, Vouched,
};
use crate::enforce::protected::Protected;

/// Declares the levels: which trait, for which type, where what holds, and what it finds.
macro_rules! levels {
    ($(
        $(#[$prose:meta])*
        $level:ident [$($how:ident)?] [$($parameter:ident)*] $of:ty
        where { $($bounds:tt)* } => $found:ident $(<$what:ident>)?;
    )*) => {$(
        $(#[$prose])*
        pub trait $level<$($how)?> {
            type Found;

            fn __auth_found(&self) -> Self::Found;
        }

        impl<$($parameter,)* $($how)?> $level<$($how)?> for $of
        where
            $($bounds)*
        {
            type Found = $found $(<$what>)?;

            fn __auth_found(&self) -> Self::Found {
                $found $((PhantomData::<fn() -> $what>))?
            }
        }
    )*};
}

levels! {
    /// It takes what handlers are mounted on.
    Level6 [How] [A L R] Suspect<Called<A, L>, R>
    where { L: Configures<How> } => Configuration<R>;
    /// The same of a generic function.
    Level6Generic [How] [A L R] Suspect<CalledWith<A, L>, R>
    where { L: Configures<How> } => Configuration<R>;
    /// What it mounts has requirements.
    Level5 [How] [C T] After<C, T, 5>
    where { T: Vouched<How> } => Unserved;
    /// The same of a type.
    Level5Type [] [T] After<(), *const T, 5>
    where { T: Protected } => Unserved;
    /// It can be mounted with `.to(..)`, or as a service.
    Level4 [How] [A L R] After<Called<A, L>, R, 4>
    where { (A, R): Mountable<How> } => Mounted<R>;
    /// The same of a generic function.
    Level4Generic [] [A L R] After<CalledWith<A, L>, R, 4>
    where { A: FromRequest, R: Future } => Mounted<R>;
    /// It is a service, or holds one.
    Level3 [How] [C T] After<C, T, 3>
    where { T: Serves<How> } => Served<T>;
    /// A pointer to a function that is not mounted.
    Level2 [] [C T] After<C, T, 2>
    where { T: Pointer } => Unserved;
    /// Anything else that can be called as a handler, such as a closure.
    Level1 [How] [C T] After<C, T, 1>
    where { T: Handler<How> } => Served<T>;
    /// The same of a type.
    Level1Type [How] [T] After<(), *const T, 1>
    where { T: Handler<How> } => Served<T>;
    /// Anything else.
    Level0 [] [C T] After<C, T, 0>
    where {} => Unserved;
}

/// An item that may serve requests.
#[derive(Debug)]
pub struct Suspect<C, T>(After<C, T, 5>);

impl<C, T> Suspect<C, T> {
    pub(super) const fn new() -> Self {
        Self(After(PhantomData))
    }
}

impl<C, T> Deref for Suspect<C, T> {
    type Target = After<C, T, 5>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// The same for a level below.
#[derive(Debug)]
pub struct After<C, T, const LEVEL: u8>(PhantomData<fn() -> (C, T)>);

macro_rules! after {
    ($($level:literal $next:literal)*) => {$(
        impl<C, T> Deref for After<C, T, $level> {
            type Target = After<C, T, $next>;

            fn deref(&self) -> &Self::Target {
                const { &After(PhantomData) }
            }
        }
    )*};
}

after! { 5 4 4 3 3 2 2 1 1 0 }
