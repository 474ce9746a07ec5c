//! How the handlers with an attribute become the records of the registry.

use std::any::TypeId;
use std::marker::PhantomData;

use crate::enforce::rule::{Routes, Spec};
use crate::model::handler::{self, HandlerName, HandlerRecord, RouteRecord, SpecType};

#[cfg(not(any(
    windows,
    target_vendor = "apple",
    target_os = "linux",
    target_os = "android",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "dragonfly",
    target_os = "illumos",
    target_os = "solaris",
    target_os = "fuchsia",
    target_os = "haiku",
)))]
compile_error!(
    "auth-runtime does not know where this platform keeps its initialization functions, so that \
     no handler would be recorded"
);

/// What an attribute says of its handler where the macro is called, and the function that records
/// the handler.
///
/// The static is the project's one use of the linker: a pointer among the initialization functions
/// of the binary or shared library, as a C++ constructor has one. Every linker keeps those, whatever
/// it collects as garbage, and the loader calls each once before `main`. `#[used]` keeps the static
/// in its object, and the object in the link. Sound, because the section is of functions of this
/// type and [`register`] is safe to call at any time, from any thread.
///
/// The attribute `unsafe(..)` passes `forbid(unsafe_code)` in the user's crate: the lint looks at
/// what the crate wrote itself, and this is written here.
#[doc(hidden)]
#[macro_export]
macro_rules! __declared {
    ($spec:ident, $name:literal, $access:expr, $routes:expr) => {{
        #[used]
        #[cfg_attr(windows, unsafe(link_section = ".CRT$XCU"))]
        #[cfg_attr(
            target_vendor = "apple",
            unsafe(link_section = "__DATA,__mod_init_func,mod_init_funcs")
        )]
        #[cfg_attr(
            not(any(windows, target_vendor = "apple")),
            unsafe(link_section = ".init_array")
        )]
        static __AUTH_RECORD: extern "C" fn() = $crate::__private::register::<$spec>;
        $crate::__private::Declared {
            path: ::core::concat!(::core::module_path!(), "::", $name),
            file: ::core::file!(),
            line: ::core::line!(),
            column: ::core::column!(),
            access: $access,
            routes: $routes,
        }
    }};
}

/// Records the handler that `S` speaks for. The loader calls it, before `main`.
#[doc(hidden)]
pub extern "C" fn register<S: Spec>() {
    handler::register(record_of::<S>);
}

/// The record of the handler that `S` speaks for.
pub(crate) fn record_of<S: Spec>() -> &'static HandlerRecord {
    const { &HandlerRecord::of::<S>() }
}

impl HandlerRecord {
    /// The record of the handler that `S` speaks for.
    #[must_use]
    pub const fn of<S: Spec>() -> Self {
        Self {
            is_hidden: S::HIDE,
            cross_origin: S::CROSS_ORIGIN,
            overrides: S::OVERRIDES,
            identifies: S::IDENTIFIES,
            kind: S::KIND,
            routes: RoutesOf::<S>::ROUTES,
            spec: SpecType {
                id: TypeId::of::<S>,
            },
            ..Self::new(HandlerName::of::<S>(), S::DECLARED.access)
        }
    }
}

struct RoutesOf<S>(PhantomData<S>);

impl<S: Spec> RoutesOf<S> {
    const ROUTES: &'static [RouteRecord] = match S::DECLARED.routes {
        Routes::None => &[],
        Routes::One(method, path) => &[RouteRecord {
            methods: &[method],
            path,
        }],
        Routes::Many(routes) => routes,
    };
}
