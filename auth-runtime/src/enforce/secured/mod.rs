//! Mounting nothing that has no access decision.

mod judged;

use actix_web::dev::{AppService, HttpServiceFactory};
use actix_web::guard::Guard;
use actix_web::{FromRequest, Handler, Responder, Route, Scope, web};

use self::judged::{Undecided, is_decided};
use crate::enforce::guarded::Guarded;
use crate::enforce::rule::Spec;

/// A service whose every handler has an access decision: what `#[get("/x")]` and its kin make of a
/// handler with one of our attributes, and a [`SecureScope`].
///
/// The attributes implement it. They have to see the route for that: they stand above it, or on a
/// module around the handler. What has its attribute below the route is mounted with
/// [`SecureScope::judged_service`]. Who implements it by hand vouches for what is mounted.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no access decision that can be seen from here",
    label = "not known to be decided",
    note = "write the attribute above the route: `#[requires_auth]`, then `#[get(\"/path\")]`",
    note = "if it stands below the route, mount it with `.judged_service(..)`, which looks when the server starts",
    note = "a handler without a route attribute is mounted with `.route(path, web::get(), handler)`"
)]
pub trait Secured: HttpServiceFactory {}

/// A handler that has an access decision: an `async fn` with one of our attributes.
#[diagnostic::on_unimplemented(
    message = "the handler `{Self}` has no access decision",
    label = "has no access decision",
    note = "add `#[requires_auth]`, or `#[public(reason = \"...\")]` if anyone may call it",
    note = "a closure cannot have an attribute: write an `async fn`"
)]
pub trait SecuredHandler<Arguments>: Handler<Arguments> {}

impl<F, S, A> SecuredHandler<(Guarded<S, A>,)> for F
where
    F: Handler<(Guarded<S, A>,)>,
    S: Spec,
{
}

/// A scope in which nothing undecided can be mounted.
///
/// ```
/// use actix_web::{App, get, web};
/// use auth_runtime::{SecureScope, prelude::*};
///
/// #[requires_role("admin")]
/// #[get("/users")]
/// async fn list_users() -> &'static str { "users" }
///
/// #[requires_auth]
/// async fn me(caller: Authenticated) -> String { caller.subject().to_owned() }
///
/// let scope = SecureScope::new("/api")
///     .service(list_users)
///     .route("/me", web::get(), me);
/// let app = App::new().service(scope);
/// ```
///
/// What has no attribute does not compile:
///
/// ```compile_fail,E0277
/// use actix_web::web;
/// use auth_runtime::SecureScope;
///
/// async fn open() -> &'static str { "forgotten" }
///
/// let scope = SecureScope::new("/api").route("/open", web::get(), open);
/// ```
///
/// Where the attribute stands below the route, it has expanded before it can say anything of the
/// service. Such a service is judged when the server starts:
///
/// ```
/// use actix_web::get;
/// use auth_runtime::{SecureScope, prelude::*};
///
/// #[get("/users")]
/// #[requires_role("admin")]
/// async fn list_users() -> &'static str { "users" }
///
/// let scope = SecureScope::new("/api").judged_service(list_users);
/// ```
///
/// Middleware goes round it: `web::scope("").wrap(..).service(secure_scope)`.
///
/// # Security
///
/// It says that there is a decision and not which: `#[public]` is one.
#[must_use = "a scope that is not mounted serves nothing"]
pub struct SecureScope(Scope);

impl SecureScope {
    /// An empty scope of this path prefix.
    pub fn new(path: &str) -> Self {
        Self(web::scope(path))
    }

    /// Mounts a service whose handlers are decided.
    pub fn service<F: Secured + 'static>(self, factory: F) -> Self {
        Self(self.0.service(factory))
    }

    /// Mounts what a route attribute made of a handler with one of our attributes below it.
    ///
    /// That there is such an attribute is looked up in the [registry](crate::review) when the
    /// app is made. Services of other kinds cannot be judged and count as undecided; so does every
    /// service that is written by hand, unless it imitates what a route attribute writes.
    ///
    /// It goes by the name of the service, with its path. Where several have the same, which are
    /// those in different blocks of one function and those of a library and a binary of one name,
    /// as many have to be decided as are judged: one that is undecided passes only where a decided
    /// one of its name is never judged. With the attribute above the route, and
    /// [`service`](Self::service), the compiler knows.
    ///
    /// # Errors
    ///
    /// An app with a service that is not decided does not start: `HttpServer::run` ends with an
    /// error, and an error in the log names the handler.
    pub fn judged_service<F: HttpServiceFactory + 'static>(self, factory: F) -> Self {
        if is_decided::<F>() {
            Self(self.0.service(factory))
        } else {
            Self(self.0.service(Undecided::of::<F>()))
        }
    }

    /// Mounts what a function says, and nothing undecided.
    ///
    /// ```
    /// use actix_web::web;
    /// use auth_runtime::{SecureConfig, SecureScope, prelude::*};
    ///
    /// #[requires_auth]
    /// async fn me(caller: Authenticated) -> String { caller.subject().to_owned() }
    ///
    /// fn routes(config: &mut SecureConfig<'_>) {
    ///     config.route("/me", web::get(), me);
    /// }
    ///
    /// let scope = SecureScope::new("/api").configure(routes);
    /// ```
    pub fn configure<F: FnOnce(&mut SecureConfig<'_>)>(self, configure: F) -> Self {
        Self(
            self.0
                .configure(|config| configure(&mut SecureConfig::new(config))),
        )
    }

    /// Mounts a handler that is decided. A handler that `route` has already is replaced.
    pub fn route<F, Arguments>(self, path: &str, route: Route, handler: F) -> Self
    where
        F: SecuredHandler<Arguments>,
        Arguments: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        Self(self.0.route(path, route.to(handler)))
    }

    /// Serves the scope only where the guard matches.
    pub fn guard<G: Guard + 'static>(self, guard: G) -> Self {
        Self(self.0.guard(guard))
    }

    /// Adds data for the scope's handlers.
    pub fn app_data<U: 'static>(self, data: U) -> Self {
        Self(self.0.app_data(data))
    }
}

impl HttpServiceFactory for SecureScope {
    fn register(self, config: &mut AppService) {
        self.0.register(config);
    }
}

impl Secured for SecureScope {}

impl std::fmt::Debug for SecureScope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecureScope").finish_non_exhaustive()
    }
}

/// A [`ServiceConfig`](web::ServiceConfig) through which nothing undecided can be mounted.
///
/// ```
/// use actix_web::{App, get, web};
/// use auth_runtime::{SecureConfig, prelude::*};
///
/// #[requires_role("admin")]
/// #[get("/users")]
/// async fn list_users() -> &'static str { "users" }
///
/// fn routes(config: &mut SecureConfig<'_>) {
///     config.service(list_users);
/// }
///
/// let app = App::new().configure(|config| routes(&mut SecureConfig::new(config)));
/// ```
pub struct SecureConfig<'a>(&'a mut web::ServiceConfig);

impl<'a> SecureConfig<'a> {
    /// Mounts through this configuration.
    pub fn new(config: &'a mut web::ServiceConfig) -> Self {
        Self(config)
    }

    /// Mounts a service whose handlers are decided.
    pub fn service<F: Secured + 'static>(&mut self, factory: F) -> &mut Self {
        self.0.service(factory);
        self
    }

    /// Mounts what a route attribute made of a handler with one of our attributes below it, which
    /// is looked up when the app is made.
    ///
    /// # Errors
    ///
    /// As with [`SecureScope::judged_service`], an app with an undecided service does not start.
    pub fn judged_service<F: HttpServiceFactory + 'static>(&mut self, factory: F) -> &mut Self {
        if is_decided::<F>() {
            self.0.service(factory);
        } else {
            self.0.service(Undecided::of::<F>());
        }
        self
    }

    /// Mounts a handler that is decided. A handler that `route` has already is replaced.
    pub fn route<F, Arguments>(&mut self, path: &str, route: Route, handler: F) -> &mut Self
    where
        F: SecuredHandler<Arguments>,
        Arguments: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.0.route(path, route.to(handler));
        self
    }

    /// Adds data for the handlers.
    pub fn app_data<U: 'static>(&mut self, data: U) -> &mut Self {
        self.0.app_data(data);
        self
    }
}

impl std::fmt::Debug for SecureConfig<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecureConfig").finish_non_exhaustive()
    }
}
