//! Expansions in a crate that renames the runtime, has no prelude, shadows what expansions might
//! name, forbids `unsafe` and denies every warning. It has nothing to run: it has to compile.

#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    clippy::pedantic
)]
// actix-web wants handlers to be `async`, with or without an `.await`.
#![allow(clippy::unused_async)]

/// A module named as the runtime's crate is.
#[allow(dead_code)]
mod auth_runtime {}

#[allow(dead_code, non_camel_case_types, missing_debug_implementations)]
mod shadows {
    pub(crate) struct Ok;
    pub(crate) struct Err;
    pub(crate) struct Some;
    pub(crate) struct None;
    pub(crate) struct Result;
    pub(crate) struct Option;
    pub(crate) struct Box;
    pub(crate) struct Vec;
    pub(crate) struct String;
    pub(crate) struct Guarded;
    pub(crate) struct Spec;
    pub(crate) struct Requirement;
    pub(crate) struct bool;
    pub(crate) struct str;
    pub(crate) trait Future {}
    pub(crate) trait From {}
    pub(crate) mod core {}
    pub(crate) mod std {}
}
#[allow(unused_imports)]
use shadows::*;

/// A block with items of every kind.
#[::renamed::deny_by_default(requires(role("clerk")), crate = ::renamed)]
pub mod denied {
    #[allow(unused_imports)]
    use super::shadows::*;

    use ::renamed::{ProtectedScope, not_a_handler};

    /// A type, and its functions.
    #[derive(::core::fmt::Debug)]
    pub struct Page<'a, T>(pub &'a T);

    impl<T: ::core::clone::Clone> Page<'_, T> {
        /// Not a handler.
        #[must_use]
        pub fn first<U>(&self, other: U) -> (T, U) {
            (::core::clone::Clone::clone(self.0), other)
        }

        /// A handler.
        pub async fn list() -> &'static ::core::primitive::str {
            "list"
        }
    }

    impl<T> ::core::convert::AsRef<T> for Page<'_, T> {
        fn as_ref(&self) -> &T {
            self.0
        }
    }

    /// Named as functions of the proofs are.
    pub trait Function<Item> {
        /// By default.
        fn value(&self, item: Item) -> Item {
            item
        }
    }

    /// Another.
    pub const VALUE: ::core::primitive::u8 = function1(1);

    const fn function1(of: ::core::primitive::u8) -> ::core::primitive::u8 {
        of
    }

    /// Waits.
    #[not_a_handler]
    pub async fn waits() -> ::core::primitive::u8 {
        VALUE
    }

    /// Nothing unprotected.
    pub fn scope() -> ProtectedScope {
        ProtectedScope::new("").route(
            "/",
            (::actix_web::web::get(), Page::<::core::primitive::u8>::list),
        )
    }
}

/// Handlers of every kind.
pub mod handlers {
    #[allow(unused_imports)]
    use super::shadows::*;

    // actix-web's own route attributes name it so.
    use ::actix_web;
    use ::renamed::{
        Authenticated, Authorized, Decision, Principal, public, requirement, requires,
        requires_auth, requires_role, requires_scope,
    };

    requirement! {
        crate = ::renamed;
        /// Who may write.
        pub Writers = any(role("writer"), scope("write"));
        /// Who may write this.
        pub Owners(id: &::core::primitive::u64, text: &::core::primitive::str) = all(
            Writers,
            policy(is_positive),
            check(|user: &Principal| !user.subject().is_empty()),
            check(|id, text: &::core::primitive::str| *id > 0 && !text.is_empty()),
        );
        Nested(number: &::core::primitive::u64, text: &::core::primitive::str) = not(
            Owners(number, text)
        );
    }

    /// Asked with arguments.
    #[requires(any(Owners(id, body), Nested(id, body)), crate = ::renamed)]
    #[::actix_web::put("/own/{id}")]
    pub async fn own(
        id: ::actix_web::web::Path<u64>,
        body: ::std::string::String,
    ) -> ::std::string::String {
        ::std::format!("{id} {body}")
    }

    /// Clerks only, but for one.
    #[requires_role("clerk", crate = ::renamed)]
    pub mod clerks {
        use ::actix_web;
        use ::renamed::public;

        /// For everyone all the same.
        #[public(reason = "a test", overrides)]
        #[::actix_web::get("/prices")]
        pub async fn prices() -> &'static ::core::primitive::str {
            "prices"
        }
    }

    /// Conditions on the arguments, and a proof.
    #[requires(
        all(
            Writers,
            check(|user: &Principal, body: &::std::string::String| body == user.subject()),
            check(async |user, id: &::actix_web::web::Path<u64>| **id > 0 || user.subject() == "x"),
        ),
        crate = ::renamed,
    )]
    #[::actix_web::put("/write/{id}")]
    pub async fn write(
        id: ::actix_web::web::Path<u64>,
        body: ::std::string::String,
        may: Authorized<Writers>,
    ) -> ::std::string::String {
        let by = may.principal().subject();
        ::std::format!("{id} {body} {by}")
    }

    /// Above the route.
    #[requires_auth(crate = ::renamed)]
    #[::actix_web::get("/above")]
    pub async fn above(caller: Authenticated) -> ::std::string::String {
        ::std::borrow::ToOwned::to_owned(caller.subject())
    }

    /// Below the route.
    #[::actix_web::post("/below/{id}")]
    #[requires(any(role("admin"), policy(is_positive)), hide, crate = ::renamed)]
    pub async fn below(
        path: ::actix_web::web::Path<u64>,
        mut body: ::std::string::String,
    ) -> ::actix_web::HttpResponse {
        body.push('!');
        let id = path.into_inner();
        ::actix_web::HttpResponse::Ok().body(::std::format!("{id} {body}"))
    }

    async fn is_positive(id: ::actix_web::web::Path<u64>) -> Decision {
        Decision::allow_if(*id > 0)
    }

    /// Without a route.
    #[requires_role(any("a", "b"), crate = ::renamed)]
    pub async fn plain<T: ::actix_web::FromRequest + 'static>(
        _: T,
    ) -> &'static ::core::primitive::str {
        "plain"
    }

    /// Under two attributes, each imported by name, of which one expands.
    #[requires_auth(crate = ::renamed)]
    #[requires_scope("a", crate = ::renamed)]
    pub async fn twice() -> &'static ::core::primitive::str {
        "twice"
    }

    /// For everyone.
    #[public(reason = "a test", crate = ::renamed)]
    pub async fn open() -> &'static ::core::primitive::str {
        "open"
    }

    #[requires_auth(crate = ::renamed)]
    async fn private_one() -> &'static ::core::primitive::str {
        "private"
    }

    /// Mounts them all.
    pub fn configure(config: &mut ::actix_web::web::ServiceConfig) {
        config
            .service(above)
            .service(below)
            .service(write)
            .service(own)
            .service(clerks::prices)
            .route(
                "/plain",
                ::actix_web::web::get().to(plain::<::actix_web::HttpRequest>),
            )
            .route("/private", ::actix_web::web::get().to(private_one))
            .route("/twice", ::actix_web::web::get().to(twice))
            .route("/open", ::actix_web::web::get().to(open));
    }
}
