//! Which protection to use, and what each of them proves.
//!
//! | protection | use it for | it proves | it does not prove |
//! |---|---|---|---|
//! | [attribute](#the-attribute) | every handler that you write | the handler runs for authorized callers alone, wherever it is mounted | that other handlers have one |
//! | [block](#the-block) | a module or impl block of handlers | nothing inside serves a request unprotected | anything of what is outside |
//! | [mount point](#the-mount-point) | what cannot have an attribute: static files, closures, services of other crates, a whole app | nothing inside is reached by callers who are not authorized | anything of the same service mounted elsewhere |
//! | [sweep](#the-sweep-in-tests) | a test of the whole app | every route that the app has answers with a decision | that the decision is the right one |
//! | [lock file](#the-lock-file-in-review) | code review | who may call what has not changed since it was reviewed | that every route has a decision |
//! | [`DenyUnprotected`](#an-app-that-is-not-protected-yet) | an app whose handlers do not all have an attribute yet | no answer of an unprotected handler leaves the server | that the handler has not run |
//!
//! A new app needs the first, the fourth and the fifth. They complete each other: the attribute
//! decides, the sweep finds the route without a decision, and the lock file shows a reviewer each
//! change of a decision.
//!
//! # The attribute
//!
//! It stands on the handler, so that the decision goes where the handler goes. It decides before
//! the handler's arguments are extracted, and it alone sees them: `check(..)` asks for a condition
//! on them.
//!
//! ```
//! use actix_web::{delete, web};
//! use auth_runtime::prelude::*;
//!
//! #[delete("/articles/{id}")]
//! #[requires(all(
//!     scope("articles:write"),
//!     check(|user: &Principal, id| **id != 1 || user.has_role("admin")),
//! ))]
//! async fn delete_article(id: web::Path<u64>) -> String { format!("article {id} is gone") }
//! ```
//!
//! # The block
//!
//! An attribute on a module or an impl block is that of every handler inside, and
//! `#[deny_by_default]` makes a handler without a decision a compile error. Handlers inside can ask
//! for more.
//!
//! ```
//! use auth_runtime::prelude::*;
//!
//! #[requires_role("admin")]
//! mod admin {
//!     use actix_web::{get, post};
//!     use auth_runtime::requires_scope;
//!
//!     #[get("/admin/users")]
//!     pub async fn users() -> &'static str { "users" }
//!
//!     #[post("/admin/purge")]
//!     #[requires_scope("admin:purge")]
//!     pub async fn purge() -> &'static str { "purged" }
//! }
//! # let _ = actix_web::App::new().service(admin::users).service(admin::purge);
//! ```
//!
//! # The mount point
//!
//! [`require!`](crate::require) is a requirement as a middleware. It decides before anything inside
//! is routed, gives the answers that an attribute would, and leaves the body unread.
//!
//! ```
//! use actix_web::{App, web};
//! use auth_runtime::prelude::*;
//!
//! async fn in_office(_: actix_web::HttpRequest) -> Decision { Decision::allow() }
//!
//! let app = App::new()
//!     .service(
//!         web::scope("/reports")
//!             .wrap(require!(all(role("auditor"), policy(in_office))))
//!             // Here, `Files::new("", "reports")` of actix-files, or `SwaggerUi` of utoipa.
//!             .route("/{file}", web::get().to(|| async { "a report" })),
//!     )
//!     .service(
//!         web::scope("/assets")
//!             .wrap(require!(public(reason = "style sheets are for everyone")))
//!             .route("/{file}", web::get().to(|| async { "a style sheet" })),
//!     );
//! ```
//!
//! What to know of it:
//!
//! - **All of them have to grant**: the mount point, mount points inside, and the attributes of the
//!   handlers inside. A handler inside that is `#[public]` is public for those who pass the mount
//!   point. Where one of them says `hide`, the refusals of all look like an unknown path.
//! - **It guards what it wraps.** A handler that is mounted a second time, outside, is not guarded
//!   there. The attribute is better where there can be one.
//! - **Its configuration is the nearest around it**: of the app for `App::wrap`, of the scope for
//!   `Scope::wrap` where the scope has an [`Auth`](crate::Auth) of its own. A scope inside with
//!   another `Auth` authenticates its handlers' callers by that, and both have to grant.
//! - **The first `wrap` is the innermost.** Put CORS outside: a preflight has no credentials.
//!
//!   ```
//!   # use actix_web::{middleware::DefaultHeaders, web};
//!   # use auth_runtime::require;
//!   # struct Cors;
//!   # impl Cors { fn permissive() -> DefaultHeaders { DefaultHeaders::new() } }
//!   let admin = web::scope("/admin")
//!       .wrap(require!(role("admin")))
//!       .wrap(Cors::permissive()) // wrapped later: sees a request earlier
//!       .route("/", web::get().to(|| async { "admin" }));
//!   ```
//! - **There are no arguments yet**: a `check(..)` of a handler's arguments does not compile. A
//!   `policy(..)` sees the head of the request, and of the path's parameters those of the scopes
//!   around.
//!
//! Its decision has a record beside those of the handlers, with the path of its module and
//! `require!` as its name, so that the lock file and the access matrix show it. In an OpenAPI
//! document, an operation inside has it by `OperationSecurity::of_mount_point` (feature `utoipa`).
//!
//! # The sweep, in tests
//!
//! `assert_no_unprotected_routes` (feature `sweep`) asks every route of the real app, by its own
//! methods and others and as every kind of caller, and names the routes that answer without a
//! decision. What is asked is the running app, so that it also finds what an attribute cannot know:
//! a handler mounted outside its guarded scope, a default service, a service of another crate.
//!
//! ```no_run
//! # #[cfg(feature = "sweep")]
//! # mod tests {
//! # use actix_web::App;
//! # mod my_app {
//! #     pub fn auth() -> auth_runtime::Auth { unimplemented!() }
//! #     pub fn routes(_: &mut actix_web::web::ServiceConfig) {}
//! # }
//! #[actix_web::test]
//! async fn every_route_decides() {
//!     let app = App::new().app_data(my_app::auth()).configure(my_app::routes);
//!     auth_runtime::testing::sweep::assert_no_unprotected_routes(app).await;
//! }
//! # }
//! ```
//!
//! actix-web's own 404 and 405 are no findings. A default service of the app's own, such as a page
//! for unknown paths, needs a decision like a handler:
//! [`Auth::not_found_service`](crate::Auth::not_found_service) has one, `#[public]` is one.
//!
//! # The lock file, in review
//!
//! [`assert_access_lock!`](crate::assert_access_lock) compares the requirements of all handlers and
//! mount points with a file that is committed. A change of access fails the test until the file is
//! written again, and so is a line in the pull request.
//!
//! ```no_run
//! #[test]
//! fn access_is_as_reviewed() {
//!     auth_runtime::assert_access_lock!("access.lock");
//! }
//! ```
//!
//! # An app that is not protected yet
//!
//! [`DenyUnprotected`](crate::DenyUnprotected) answers 500 in place of a handler that ran without a
//! decision, and names its route in the log. The handler has run by then: it is for the way to an
//! app whose sweep is clean, and does not replace an attribute.
//!
//! ```
//! use actix_web::App;
//! use auth_runtime::DenyUnprotected;
//!
//! let app = App::new().wrap(DenyUnprotected::new());
//! ```
