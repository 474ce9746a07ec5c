//! Mounting nothing that has no access decision.

use actix_web::body::MessageBody;
use actix_web::dev::{
    AppService, HttpServiceFactory, ServiceFactory, ServiceRequest, ServiceResponse, Transform,
};
use actix_web::guard::Guard;
use actix_web::{Error, FromRequest, Handler, Responder, Route, Scope, web};

use crate::enforce::guarded::Guarded;
use crate::enforce::rule::Spec;

/// A service whose every handler has an access decision: what `#[get("/x")]` and its kin make of a
/// handler with one of our attributes, and a [`ProtectedScope`].
///
/// The attributes implement it. They have to see the route for that: they stand above it, or on a
/// module around the handler. An implementation by hand vouches for what is mounted.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no access decision that can be seen from here",
    label = "no access decision was found",
    note = "write the attribute above the route: `#[requires_auth]`, then `#[get(\"/path\")]`",
    note = "mount a handler without a route attribute with `.route(path, (web::get(), handler))`",
    note = "mount several handlers under one path with `ProtectedScope::new(path)`"
)]
pub trait Protected: HttpServiceFactory {}

/// A handler that has an access decision: an `async fn` with one of our attributes.
#[diagnostic::on_unimplemented(
    message = "the handler `{Self}` has no access decision",
    label = "has no access decision",
    note = "add `#[requires_auth]`, or `#[public(reason = \"...\")]` if anyone may call it",
    note = "a closure cannot have an attribute: write an `async fn`"
)]
pub trait ProtectedHandler<Arguments>: Handler<Arguments> {}

impl<F, S, A> ProtectedHandler<(Guarded<S, A>,)> for F
where
    F: Handler<(Guarded<S, A>,)>,
    S: Spec,
{
}

/// A route with its handler, which has an access decision: `(web::get(), handler)`.
#[diagnostic::on_unimplemented(
    message = "the handler of this route cannot be seen, nor its access decision",
    label = "not a route with its handler: write `(web::get(), handler)`",
    note = "a `Route` hides the handler that `.to(handler)` gives it"
)]
pub trait ProtectedRoute<Arguments> {
    /// The route that calls the handler.
    #[doc(hidden)]
    fn into_route(self) -> Route;
}

impl<F, Arguments> ProtectedRoute<Arguments> for (Route, F)
where
    F: ProtectedHandler<Arguments>,
    Arguments: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    fn into_route(self) -> Route {
        let (route, handler) = self;
        route.to(handler)
    }
}

/// A scope in which nothing can be mounted that has no access decision.
///
/// ```
/// use actix_web::{App, get, web};
/// use auth_runtime::{ProtectedScope, prelude::*};
///
/// #[requires_role("admin")]
/// #[get("/users")]
/// async fn list_users() -> &'static str { "users" }
///
/// #[requires_auth]
/// async fn me(caller: Authenticated) -> String { caller.subject().to_owned() }
///
/// let scope = ProtectedScope::new("/api")
///     .service(list_users)
///     .route("/me", (web::get(), me));
/// let app = App::new().service(scope);
/// ```
///
/// What has no attribute does not compile:
///
/// ```compile_fail,E0277
/// use actix_web::web;
/// use auth_runtime::ProtectedScope;
///
/// async fn open() -> &'static str { "forgotten" }
///
/// let scope = ProtectedScope::new("/api").route("/open", (web::get(), open));
/// ```
///
/// Nor does a service whose attribute stands below the route: the route has hidden the handler by
/// then. Write the attribute above the route, or on the module around the handler.
///
/// # Security
///
/// It says that there is an access decision and not which: `#[public]` is one. A middleware may
/// answer by itself.
#[must_use = "a scope that is not mounted serves nothing"]
pub struct ProtectedScope<S = Scope>(S);

impl ProtectedScope {
    /// An empty scope of this path prefix.
    pub fn new(path: &str) -> Self {
        Self(web::scope(path))
    }
}

impl<T> ProtectedScope<Scope<T>>
where
    T: ServiceFactory<ServiceRequest, Config = (), Error = Error, InitError = ()>,
{
    /// Mounts a service whose handlers have access decisions.
    pub fn service<F: Protected + 'static>(self, factory: F) -> Self {
        Self(self.0.service(factory))
    }

    /// Mounts what a function says, and nothing without an access decision.
    ///
    /// ```
    /// use actix_web::web;
    /// use auth_runtime::{ProtectedConfig, ProtectedScope, prelude::*};
    ///
    /// #[requires_auth]
    /// async fn me(caller: Authenticated) -> String { caller.subject().to_owned() }
    ///
    /// fn routes(config: &mut ProtectedConfig<'_>) {
    ///     config.route("/me", (web::get(), me));
    /// }
    ///
    /// let scope = ProtectedScope::new("/api").configure(routes);
    /// ```
    pub fn configure<F: FnOnce(&mut ProtectedConfig<'_>)>(self, configure: F) -> Self {
        Self(
            self.0
                .configure(|config| configure(&mut ProtectedConfig::new(config))),
        )
    }

    /// Mounts a handler that has an access decision. A handler that the route has already is
    /// replaced.
    pub fn route<Arguments>(self, path: &str, route: impl ProtectedRoute<Arguments>) -> Self {
        Self(self.0.route(path, route.into_route()))
    }

    /// Puts a middleware around all that is mounted.
    ///
    /// ```
    /// use actix_web::middleware::{NormalizePath, from_fn};
    /// use auth_runtime::{ProtectedScope, keep_private};
    ///
    /// let scope = ProtectedScope::new("/api")
    ///     .wrap(NormalizePath::trim())
    ///     .wrap(from_fn(keep_private));
    /// ```
    pub fn wrap<M, B>(
        self,
        middleware: M,
    ) -> ProtectedScope<
        Scope<
            impl ServiceFactory<
                ServiceRequest,
                Config = (),
                Response = ServiceResponse<B>,
                Error = Error,
                InitError = (),
            >,
        >,
    >
    where
        M: Transform<
                T::Service,
                ServiceRequest,
                Response = ServiceResponse<B>,
                Error = Error,
                InitError = (),
            > + 'static,
        B: MessageBody,
    {
        ProtectedScope(self.0.wrap(middleware))
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

impl<T> HttpServiceFactory for ProtectedScope<Scope<T>>
where
    Scope<T>: HttpServiceFactory,
{
    fn register(self, config: &mut AppService) {
        self.0.register(config);
    }
}

impl<T> Protected for ProtectedScope<Scope<T>> where Scope<T>: HttpServiceFactory {}

impl<S> std::fmt::Debug for ProtectedScope<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProtectedScope").finish_non_exhaustive()
    }
}

/// A [`ServiceConfig`](web::ServiceConfig) through which nothing can be mounted that has no access
/// decision.
///
/// ```
/// use actix_web::{App, get, web};
/// use auth_runtime::{ProtectedConfig, prelude::*};
///
/// #[requires_role("admin")]
/// #[get("/users")]
/// async fn list_users() -> &'static str { "users" }
///
/// fn routes(config: &mut ProtectedConfig<'_>) {
///     config.service(list_users);
/// }
///
/// let app = App::new().configure(|config| routes(&mut ProtectedConfig::new(config)));
/// ```
pub struct ProtectedConfig<'a>(&'a mut web::ServiceConfig);

impl<'a> ProtectedConfig<'a> {
    /// Mounts through this configuration.
    pub fn new(config: &'a mut web::ServiceConfig) -> Self {
        Self(config)
    }

    /// Mounts a service whose handlers have access decisions.
    pub fn service<F: Protected + 'static>(&mut self, factory: F) -> &mut Self {
        self.0.service(factory);
        self
    }

    /// Mounts a handler that has an access decision. A handler that the route has already is
    /// replaced.
    pub fn route<Arguments>(
        &mut self,
        path: &str,
        route: impl ProtectedRoute<Arguments>,
    ) -> &mut Self {
        self.0.route(path, route.into_route());
        self
    }

    /// Mounts what another function says.
    pub fn configure<F: FnOnce(&mut ProtectedConfig<'_>)>(&mut self, configure: F) -> &mut Self {
        configure(self);
        self
    }

    /// Adds data for the handlers.
    pub fn app_data<U: 'static>(&mut self, data: U) -> &mut Self {
        self.0.app_data(data);
        self
    }
}

impl std::fmt::Debug for ProtectedConfig<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProtectedConfig").finish_non_exhaustive()
    }
}
