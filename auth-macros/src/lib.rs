//! The attributes of `auth-runtime`. Depend on `auth-runtime`, which brings them along.
//!
//! Place an attribute on an actix-web handler, above or below its route, or on an inline module
//! or impl block, where it applies to every handler inside. The requirement is read completely,
//! checked, and emitted as constant data that the runtime evaluates: generated code decides
//! nothing by itself.
//!
//! # What a handler becomes
//!
//! ```text
//! #[requires_role("admin")]
//! pub async fn list(page: web::Query<Page>) -> HttpResponse { /* body */ }
//!
//! // becomes, beside its attributes:
//!
//! pub enum __auth_list {}
//! impl Spec for __auth_list {
//!     const HANDLER: HandlerName = HandlerName { path: "app::list", .. };
//!     const ACCESS: Access = Access::requires(Requirement::role("admin"));
//!     const RECORDED: () = { /* the handler's entry in the registry, for the linker */ };
//! }
//! pub async fn list(
//!     Guarded { args: (page,), .. }: Guarded<__auth_list, (web::Query<Page>,)>,
//! ) -> HttpResponse { /* body, untouched */ }
//! ```
//!
//! `Guarded` authenticates, decides, and only then constructs the handler's own extractors.

mod diagnostics;
mod emit;
mod expand;
mod item;
mod model;
mod mount;
mod named;
mod parse;
mod role;
mod routes;
mod rule;
mod runtime_path;
#[cfg(test)]
mod tests;
mod validate;

use proc_macro::TokenStream;

use crate::model::annotation::Kind;

/// Requires an authenticated caller.
///
/// ```text
/// #[requires_auth]
/// #[requires_auth(OPTION, ..)]        OPTION = hide | crate = path
/// ```
///
/// An unauthenticated caller gets 401 with a challenge for each scheme (RFC 9110 §15.5.2). On a module or
/// impl block it applies to every handler inside, joined with the handler's own requirement.
///
/// ```text
/// #[get("/me")]
/// #[requires_auth]
/// async fn me(caller: Authenticated) -> impl Responder { .. }
/// ```
///
/// The caller is an argument, `Authenticated`. An optional one does not compile:
///
/// ```text
/// error: `Option<Authenticated>` would treat invalid credentials as anonymous
///
///          = help: write `MaybeAuthenticated`, which is anonymous only when nothing was presented
///  --> src/main.rs:7:18
///   |
/// 7 | async fn me(user: Option<Authenticated>) -> String {
///   |                   ^^^^^^^^^^^^^^^^^^^^^
/// ```
///
/// # Limits
///
/// The handler is an `async fn` without `self`, of sixteen arguments at most. A function in an impl
/// block needs an attribute on the block, `#[deny_by_default]` for one. What an attribute on a module
/// or impl block reaches, and what does not compile there, is at [`deny_by_default`].
///
#[doc = include_str!("../docs/expansions/requires_auth.md")]
#[proc_macro_attribute]
pub fn requires_auth(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(Kind::RequiresAuth, arguments.into(), item.into()).into()
}

/// Requires a role.
///
/// ```text
/// #[requires_role(ROLE)]
/// #[requires_role(ROLE, OPTION, ..)]  ROLE = "name" | Role::VARIANT
///                                          | any(ROLE, ..) | all(ROLE, ..) | not(ROLE)
///                                     OPTION = hide | crate = path
/// ```
///
/// An unauthenticated caller gets 401, a caller without the role 403 (RFC 9110 §15.5.4). Roles are compared byte
/// by byte. A variant of an enum with `#[derive(Role)]` also admits the roles that imply it; a
/// name admits itself alone.
///
/// ```text
/// #[post("/articles")]
/// #[requires_role(any("editor", "admin"))]
/// async fn create(article: web::Json<Article>) -> HttpResponse { .. }
/// ```
///
/// A list could mean AND or OR, so it is an error:
///
/// ```text
/// error: ambiguous list of roles
///
///          = help: write `any("editor", "admin")` or `all("editor", "admin")`
///  --> src/main.rs:5:17
///   |
/// 5 | #[requires_role("editor", "admin")]
///   |                 ^^^^^^^^^^^^^^^^^
/// ```
///
#[doc = include_str!("../docs/expansions/requires_role.md")]
#[proc_macro_attribute]
pub fn requires_role(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(Kind::RequiresRole, arguments.into(), item.into()).into()
}

/// Requires a scope of the token.
///
/// ```text
/// #[requires_scope(SCOPE)]
/// #[requires_scope(SCOPE, OPTION, ..)]  SCOPE = "name" | any(SCOPE, ..) | all(SCOPE, ..) | not(SCOPE)
///                                       OPTION = hide | crate = path
/// ```
///
/// A `Bearer` request whose token lacks it gets 403 with `insufficient_scope` and every scope that
/// the handler needs (RFC 6750 §3.1).
///
/// ```text
/// #[get("/reports")]
/// #[requires_scope("reports:read")]
/// async fn reports() -> impl Responder { .. }
/// ```
///
/// A scope is a token of RFC 6749 §3.3; two of them in one string do not compile:
///
/// ```text
/// error: the scope holds ' '
///
///          = help: a scope is one word: write `all("a", "b")` or `any("a", "b")`
///  --> src/main.rs:5:18
///   |
/// 5 | #[requires_scope("a b")]
///   |                  ^^^^^
/// ```
///
#[doc = include_str!("../docs/expansions/requires_scope.md")]
#[proc_macro_attribute]
pub fn requires_scope(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(Kind::RequiresScope, arguments.into(), item.into()).into()
}

/// Requires a permission, by its name or by a pattern that was granted.
///
/// ```text
/// #[requires_permission(PERMISSION)]
/// #[requires_permission(PERMISSION, OPTION, ..)]
///     PERMISSION = "resource:action" | any(PERMISSION, ..) | all(PERMISSION, ..) | not(PERMISSION)
///     OPTION = hide | crate = path
/// ```
///
/// ```text
/// #[delete("/articles/{id}")]
/// #[requires_permission("articles:delete")]
/// async fn delete_article(id: web::Path<u64>) -> HttpResponse { .. }
/// ```
///
/// Wildcards belong in what a principal was granted:
///
/// ```text
/// error: a permission that is asked for holds no `*`
///
///          = help: name the permission; wildcards belong to what a principal is granted (`Principal::grant`)
///  --> src/main.rs:5:23
///   |
/// 5 | #[requires_permission("articles:*")]
///   |                       ^^^^^^^^^^^^
/// ```
///
#[doc = include_str!("../docs/expansions/requires_permission.md")]
#[proc_macro_attribute]
pub fn requires_permission(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(Kind::RequiresPermission, arguments.into(), item.into()).into()
}

/// Requires a caller for whom an expression is true.
///
/// ```text
/// #[requires(EXPR)]
/// #[requires(EXPR, OPTION, ..)]
///     EXPR = all(EXPR, ..) | any(EXPR, ..) | not(EXPR)
///          | authenticated | role("name") | role(Role::VARIANT) | scope("name")
///          | permission("resource:action")
///          | scheme(Name) | acr("name") | max_age("15m") | policy(path)
///          | check(|ARGUMENT, ..| ..) | NAMED
///     OPTION = hide | crate = path
/// ```
///
/// Whatever the expression says, the caller must be authenticated. `policy(path)` names an `async fn` of up
/// to eight extractors of the request's head that answers a `Decision`, or a `Result` of one; an
/// error is a refusal. `scheme(Bearer)` admits callers authenticated by that scheme; the handler's
/// challenges then offer no other.
///
/// `max_age("15m")` admits callers who authenticated at most that long ago (a whole number and `s`, `m`,
/// `h` or `d`), and `acr("urn:example:mfa")` those who did so in that way; `any(acr("a"), acr("b"))`
/// takes either and prefers the first. Others are answered with 401 and
/// `insufficient_user_authentication` (RFC 9470).
///
/// ```text
/// #[post("/articles/{id}/publish")]
/// #[requires(all(scope("articles:write"), any(role("editor"), policy(is_author))))]
/// async fn publish(id: web::Path<u64>, body: web::Json<Publish>) -> HttpResponse { .. }
/// ```
///
/// `check(..)` is a closure, `async` or not, over up to eight of the handler's own arguments, by
/// name and by reference. It answers `bool`, a `Decision`, or a `Result` of one, and runs between
/// the handler's extractors and the handler. What the rest of the expression can decide without it
/// is decided before any byte of the body is read. An argument that is a pattern is named by the one
/// name in it (`web::Json(body): web::Json<Transfer>` by `body`); the check gets the whole argument
/// nonetheless. `user` and `principal` are the caller: `&Principal`, or by another type the value
/// that the verifier attached with `Principal::with`.
///
/// ```text
/// #[post("/transfers")]
/// #[requires(any(role("clerk"), check(|user: &Principal, body: &web::Json<Transfer>| {
///     body.from == user.subject()
/// })))]
/// async fn transfer(body: web::Json<Transfer>) -> HttpResponse { .. }
/// ```
///
/// A check that does not hold is 403; one that panics or errs is 500, under `not(..)` too.
///
/// `NAMED` is the path of a requirement that `requirement!` names, with the names of the handler's
/// arguments where it takes any: `owns(id)`.
///
/// On a module the paths in the expression mean, for each handler, what they mean beside it: in a
/// module inside that has an item of that name, this item. A path from `crate` means one thing
/// everywhere.
///
/// A requirement that no caller can satisfy does not compile:
///
/// ```text
/// error: `all(role("a"), not(role("a")))` is never true, so no caller could reach the handler
///
///          = help: remove one side of the contradiction
///  --> src/main.rs:5:12
///   |
/// 5 | #[requires(all(role("a"), not(role("a"))))]
///   |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
/// ```
///
#[doc = include_str!("../docs/expansions/requires.md")]
#[proc_macro_attribute]
pub fn requires(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(Kind::Requires, arguments.into(), item.into()).into()
}

/// Makes a handler public, and says why.
///
/// ```text
/// #[public(reason = "..")]
/// #[public(reason = "..", crate = path)]
/// #[public(reason = "..", overrides)]
/// #[public(reason = "..", same_origin)]
/// ```
///
/// With `same_origin` it refuses what a page of another origin makes a browser send, which is for
/// login forms: 403, where the method is not safe or a WebSocket is opened. Handlers that authenticate
/// their caller by a cookie or by `Basic` refuse it by themselves; `cross_origin = "why"`, on any of the
/// attributes, lets it in, and the access matrix and the access lock say so.
///
/// The reason is for the reviewer. A network that the configuration blocks stays blocked. An
/// authenticated caller is available as `MaybeAuthenticated`.
///
/// Inside a module or an impl block that requires something, `#[public]` alone does not compile.
/// With `overrides`, on the handler itself, it is public whatever is required around it; its
/// documentation, the access matrix and the access lock say so. Where nothing is required around
/// it, `overrides` does not compile; the default of a `#[deny_by_default(requires(..))]` is none
/// that has to be overridden, for every decision of a handler replaces it.
///
/// ```text
/// #[requires_role("clerk")]
/// mod orders {
///     #[get("/prices")]
///     #[public(reason = "printed in every shop", overrides)]
///     async fn prices() -> HttpResponse { .. }
/// }
/// ```
///
/// ```text
/// #[get("/health")]
/// #[public(reason = "load balancer probe")]
/// async fn health() -> &'static str { "ok" }
/// ```
///
/// ```text
/// error: `#[public]` does not say why
///
///          = help: write `#[public(reason = "...")]`
///  --> src/main.rs:5:1
///   |
/// 5 | #[public]
///   | ^^^^^^^^^
/// ```
///
#[doc = include_str!("../docs/expansions/public.md")]
#[proc_macro_attribute]
pub fn public(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(Kind::Public, arguments.into(), item.into()).into()
}

/// Gives requirements a name.
///
/// ```text
/// requirement! {
///     crate = path;                       where the runtime is, if it was renamed
///     /// Documentation.
///     VISIBILITY NAME = EXPR;             EXPR as in `requires`
///     VISIBILITY NAME(PARAMETER: &TYPE, ..) = EXPR;
///     ..
/// }
/// ```
///
/// The name is used by its path, alone or inside of other requirements, and is the parameter of
/// `Authorized`:
///
/// ```text
/// requirement! {
///     /// Who may change articles.
///     pub editors = any(role(Role::Editor), permission("articles:edit"));
///     pub CanDelete = all(editors, scope("articles:delete"));
/// }
///
/// #[delete("/articles/{id}")]
/// #[requires(CanDelete)]
/// async fn delete_article(id: web::Path<u64>, may: Authorized<CanDelete>) -> HttpResponse { .. }
/// ```
///
/// It is a type without values, whose documentation says what it requires. A use of a name that
/// there is not does not compile. A requirement of one lower-case word that is nearly `hide` or
/// `authenticated` is named by a longer path (`self::hides`).
///
/// A policy, and a check of the caller alone, is asked before the handler's arguments are extracted.
/// A check of more asks for a parameter, by its name and by reference; the use names the handler's
/// argument that it is given, or, in another named requirement, a parameter of that one:
///
/// ```text
/// requirement! {
///     /// Whose article it is.
///     pub owns(article: &ArticleId) = any(role("admin"), check(|user: &Principal, article| {
///         article.is_by(user.subject())
///     }));
///     pub publishes(article: &ArticleId, draft: &Draft) = all(
///         scope("articles:write"),
///         owns(article),
///         check(|draft| !draft.is_empty()),
///     );
/// }
///
/// #[post("/articles/{id}/publish")]
/// #[requires(publishes(id, body))]
/// async fn publish(id: web::Path<ArticleId>, body: web::Json<Draft>) -> HttpResponse { .. }
/// ```
///
/// A parameter is what the argument is, or what it derefs to (`&ArticleId` of `web::Path<ArticleId>`).
/// Each use asks with its own arguments. A requirement with parameters cannot be that of an
/// `Authorized`, which does not say of what it is a proof.
///
/// An argument of another type, or a parameter that nothing asks for, does not compile:
///
/// ```text
/// error: parameter `author` of `owns` is unused
///
///          = help: remove it, or use it as in `check(|user, author| ...)`
///  --> src/main.rs:4:20
///   |
/// 4 |     owns(id: &u64, author: &u64) = any(role("admin"), check(|id: &u64| *id > 0));
///   |                    ^^^^^^
/// ```
///
/// A name that is defined by itself, directly or through others, does not compile either.
#[proc_macro]
pub fn requirement(input: TokenStream) -> TokenStream {
    named::requirement(input.into()).into()
}

/// A requirement as a middleware, for services that cannot have an attribute.
///
/// ```text
/// require!(EXPR)                              EXPR as in `requires`
/// require!(EXPR, hide, crate = path)          with its options
/// require!(public(reason = "..."))            open to unauthenticated callers
/// ```
///
/// The value is a middleware, a `MountPoint`, for `App`, `web::scope`, `web::resource` and single
/// routes:
///
/// ```text
/// App::new()
///     .service(
///         web::scope("/admin")
///             .wrap(require!(role("admin")))
///             .service(Files::new("/reports", "reports"))
///             .route("/now", web::get().to(|| async { Utc::now().to_string() })),
///     )
///     .service(
///         web::scope("/assets")
///             .wrap(require!(public(reason = "style sheets are for everyone")))
///             .service(Files::new("", "assets")),
///     )
/// ```
///
/// It decides before anything inside is routed. Attributes of the handlers inside, and mount points
/// inside, decide as well: all of them have to grant. A handler cannot override a mount point
/// around it.
///
/// A `check(..)` of the caller alone is asked. One of a handler's arguments does not compile, for
/// there is no handler yet:
///
/// ```text
/// error: a mount point has no arguments for this `check`
///
///          = help: use `policy(path)` with an async fn that takes extractors of the request's head, or put the check on the handler
///  --> src/main.rs:9:24
///   |
/// 9 |         .wrap(require!(check(|user, body| body.from == user.subject())))
///   |                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
/// ```
#[proc_macro]
pub fn require(input: TokenStream) -> TokenStream {
    mount::require(input.into()).into()
}

/// Refuses to compile a handler without an access decision.
///
/// ```text
/// #[deny_by_default]
/// #[deny_by_default(OPTION, ..)]      OPTION = requires(EXPR) | roles = Role | crate = path
/// ```
///
/// Place it on an inline module or an impl block. A handler inside takes its decision from an
/// attribute of its own, from one on a module or impl block around it, or from the default,
/// `requires(EXPR)`; of several defaults around it the nearest applies. A handler without any is a
/// compile error. With `roles = Role`, a role that is written as a string has to be the name of one
/// of `Role`.
///
/// # What is inside of a block
///
/// The rules are the same for a module or impl block with `#[deny_by_default]`, `#[requires_*]`,
/// `#[requires]` or `#[public]`, and for the modules and impl blocks inside of it:
///
/// - Every `async fn` is a handler, with or without a route attribute. It is guarded.
/// - An `async fn` that borrows an argument (`&self`, `&Pool`) is not: an extractor is owned. The
///   compiler proves that it cannot be mounted.
/// - The compiler proves of every other function, constant, static and type that it serves no
///   requests: that it is, returns or holds neither a handler nor a service (`Scope`, `Resource`,
///   `Route`, `App`, functions that return a future of a response), and takes nothing that handlers
///   are mounted on. What does is an error. A function that mounts handlers takes
///   `&mut ProtectedConfig<'_>`, or returns a `ProtectedScope`.
/// - An `async fn` of a trait or of its impl, an `async fn` inside of a body, an impl block inside of
///   a body, a macro call between items, a module in a file of its own, and one of these attributes
///   behind `cfg_attr` are errors: nothing can guard the first, and the others cannot be seen.
/// - `#[not_a_handler]` on an item says that nothing mounts it.
/// - Items with `#[cfg(test)]` are left alone.
///
/// Helpers, types, constants and impls of ordinary traits need no word.
///
/// ```text
/// #[deny_by_default]
/// mod api {
///     #[get("/users")]
///     async fn list_users() -> impl Responder { .. }
/// }
///
/// error: handler `list_users` has no access decision
///
///          = help: add `#[requires_auth]`, or `#[public(reason = "...")]` if anyone may call it; if it is never mounted, add `#[not_a_handler]`
///  --> src/api.rs:4:14
///   |
/// 4 |     async fn list_users() -> impl Responder { .. }
///   |              ^^^^^^^^^^
/// ```
///
/// # Limits
///
/// Not seen: an `App` or a server that a function builds and runs in its own body; what a macro call
/// in a body expands to; what a function hands to a callback; a handler in a private field, in a type
/// that is declared outside of the block, in a container of another crate, or in a generic struct as
/// a function of a type that holds the parameter; what an item that is declared outside of the block
/// and imported into it serves.
#[proc_macro_attribute]
pub fn deny_by_default(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::deny_by_default(arguments.into(), item.into()).into()
}

/// Excludes an item of a protected module or impl block: it is never mounted.
///
/// ```text
/// #[not_a_handler]
/// ```
///
/// In a module or impl block with `#[requires_*]`, `#[requires]`, `#[public]` or
/// `#[deny_by_default]` every `async fn` counts as a handler, and what else could serve requests does
/// not compile. This word leaves an item as it is written: an `async fn` that other code calls, a
/// function that returns a future, a constant, a trait, an impl block, a module, a macro call.
///
/// ```text
/// #[requires_role("admin")]
/// mod administration {
///     #[get("/users")]
///     pub async fn list_users() -> impl Responder { load().await }
///
///     #[not_a_handler]
///     async fn load() -> Vec<User> { .. }
/// }
/// ```
///
/// Functions that borrow an argument, and whatever cannot be mounted by its types, need no word; see
/// [`deny_by_default`]. An `async fn` that another function calls, and that lacks the word, is
/// reported where it is called:
///
/// ```text
/// error[E0061]: this function takes 1 argument but 0 arguments were supplied
///  --> src/main.rs:7:9
///   |
/// 7 |         load().await
///   |         ^^^^-- argument #1 of type `Guarded<__auth_load_unless_not_a_handler, ()>` is missing
/// ```
///
/// # Security
///
/// Nothing guards the item: mounted, it is open to anyone. Beside a route attribute the word does not
/// compile.
#[proc_macro_attribute]
pub fn not_a_handler(arguments: TokenStream, item: TokenStream) -> TokenStream {
    item::exempt::expand(&arguments.into(), item.into()).into()
}

/// Makes a fieldless enum a role type; see the trait `RoleType` of `auth-runtime`.
///
/// ```text
/// #[derive(Clone, Copy, Role)]
/// enum Role {
///     #[role(name = "wire-name", implies(OTHER, ..), grants("resource:action", ..))]
///     VARIANT,
/// }
/// ```
///
/// - `name`: the wire name; the variant in kebab-case by default (`SuperAdmin` is `super-admin`).
/// - `implies`: roles that holders of this one have as well. The hierarchy is closed at compile
///   time; a circle does not compile.
/// - `grants`: permissions of the holders, with `*` for a whole part. They take effect with
///   `Auth::builder().roles::<Role>()`.
/// - `#[role(crate = path)]` on the enum says where the runtime is if it was renamed.
///
/// It implements `RoleType`, `Display`, `FromStr`, `Serialize` and `Deserialize`, the last four by wire
/// name, and `From<Role> for String`. The enum must be `Copy`.
///
/// ```text
/// error: there is no role `Edtor`
///
///          = help: there is a role of a similar name: `Editor`
///  --> src/main.rs:5:20
///   |
/// 5 |     #[role(implies(Edtor))]
///   |                    ^^^^^
/// ```
#[proc_macro_derive(Role, attributes(role))]
pub fn derive_role(item: TokenStream) -> TokenStream {
    role::derive(item.into()).into()
}

/// What the other attributes leave behind one that has to read the handler's signature first. Not
/// for use by hand.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn __guard_signature(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::guard_signature(arguments.into(), item.into()).into()
}
