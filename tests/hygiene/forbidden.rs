//! Expansions in a crate that forbids what expansions often have to allow. It has nothing to run:
//! it has to compile.

#![deny(warnings)]
#![forbid(
    elided_lifetimes_in_paths,
    missing_debug_implementations,
    missing_docs,
    non_local_definitions,
    private_bounds,
    private_interfaces,
    single_use_lifetimes,
    trivial_casts,
    unnameable_types,
    unreachable_pub,
    unsafe_code,
    unused,
    unused_lifetimes,
    unused_qualifications,
    unused_results
)]

use actix_web::web::Path;
use renamed::{Authorized, Principal, Role, requirement, requires, requires_auth, requires_role};

requirement! {
    crate = ::renamed;
    /// Who may edit.
    pub editors = any(role("editor"), scope("edit"));
    /// Whose it is.
    pub owns(id: &u64) = any(
        editors,
        check(|user: &Principal, id| user.subject() == id.to_string()),
    );
    inner = role(Level::Admin);
}

/// Levels.
#[derive(Clone, Copy, Debug, Role)]
#[role(crate = renamed)]
pub enum Level {
    /// All.
    Admin,
    /// Some.
    Editor,
}

/// Below the route.
#[actix_web::get("/one/{id}")]
#[requires(
    all(editors, owns(id), inner, check(|id: &Path<u64>| **id > 0)),
    crate = ::renamed,
)]
pub(crate) async fn one(id: Path<u64>, may: Authorized<editors>) -> String {
    format!("{id} {}", may.principal().subject())
}

/// Above the route.
#[requires_auth(crate = ::renamed)]
#[actix_web::get("/two")]
pub(crate) async fn two() -> &'static str {
    "two"
}

/// Without a route.
#[requires_auth(crate = ::renamed)]
pub async fn three() -> &'static str {
    "three"
}

mod private {
    use renamed::{public, requires_role};

    #[public(reason = "a test", crate = ::renamed)]
    pub(crate) async fn open() -> &'static str {
        "open"
    }

    #[requires_role("admin", crate = ::renamed)]
    #[actix_web::get("/private")]
    pub(super) async fn routed() -> &'static str {
        "routed"
    }
}

/// A block.
#[renamed::deny_by_default(requires(role("admin")), roles = super::Level, crate = ::renamed)]
pub mod admin {
    use actix_web::{get, web::Path};
    use renamed::{ProtectedScope, not_a_handler, requires, requires_role};

    use super::owns;

    /// A type.
    #[derive(Clone, Debug)]
    pub struct Thing<'a, T: Clone>(pub &'a T, pub Vec<T>);

    impl<'a, T: Clone> Thing<'a, T> {
        /// Of one.
        pub fn new(of: &'a T) -> Self {
            Self(of, vec![of.clone()])
        }

        /// A handler.
        pub async fn list() -> &'static str {
            "list"
        }

        /// Generic.
        pub fn with<U>(&self) -> U
        where
            Self: Sized,
            U: Default,
        {
            U::default()
        }
    }

    #[get("/list")]
    pub(crate) async fn list() -> String {
        load().await.to_string()
    }

    #[not_a_handler]
    async fn load() -> u8 {
        3
    }

    #[requires_role("editor", crate = ::renamed)]
    #[requires(owns(id))]
    #[get("/check/{id}")]
    pub(crate) async fn check(id: Path<u64>) -> String {
        helper(&id.to_string()).to_owned()
    }

    fn helper(text: &str) -> &str {
        text
    }

    /// Mounts it.
    pub fn scope() -> ProtectedScope {
        ProtectedScope::new("/").service(list).service(check)
    }
}

/// Handlers inside of a body.
pub fn mount() -> actix_web::Scope {
    #[requires_auth(crate = ::renamed)]
    async fn nested(id: Path<u64>) -> String {
        id.to_string()
    }

    #[requires(all(editors, check(|id: &Path<u64>| **id > 0)), crate = ::renamed)]
    #[actix_web::get("/checked")]
    async fn checked(id: Path<u64>, may: Authorized<editors>) -> String {
        format!("{id} {}", may.principal().subject())
    }

    #[actix_web::get("/below")]
    #[requires_role("admin", crate = ::renamed)]
    async fn below(id: Path<u64>) -> String {
        id.to_string()
    }

    actix_web::web::scope("")
        .service(one)
        .service(two)
        .service(checked)
        .service(below)
        .service(private::routed)
        .service(admin::scope())
        .route("/open", actix_web::web::get().to(private::open))
        .route("/nested", actix_web::web::get().to(nested))
}

/// Uses it all.
pub fn uses() {
    drop((mount(), three, admin::Thing::<u8>::list));
    drop(admin::Thing::new(&1_u8).with::<String>());
}
