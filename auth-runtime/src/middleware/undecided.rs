//! The net under an app whose handlers do not all have an attribute yet.

use std::future::{Future, Ready, ready};
use std::pin::Pin;

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::{Error, HttpMessage as _, HttpRequest, HttpResponse};
use futures_util::future::LocalBoxFuture;

use crate::config::{Auth, MissingAuth, NotFoundPage};
use crate::denial::{Denial, Reason};
use crate::enforce::authenticate::Refusal;
use crate::enforce::decide::Grounds;
use crate::enforce::finish::{self, Place};
#[cfg(feature = "sweep")]
use crate::enforce::state;
use crate::enforce::state::Ledger;
use crate::middleware::routed::{self, Answerer};

/// A middleware that answers 500 where a handler ran without a decision, and logs its route.
///
/// For an app that cannot give every handler an attribute today: a forgotten handler is found by
/// its first request, and its answer does not leave the server. A guard that granted or refused
/// has decided, and so has `#[public]`. Extractors alone have not: [`Authenticated`] in a handler
/// without an attribute asks who it is, and not whether they may.
///
/// ```
/// use actix_web::{App, get};
/// use auth_runtime::{DeclarePublic, DenyUndecided};
/// use auth_runtime::prelude::*;
///
/// #[get("/health")]
/// #[public(reason = "load balancer probe")]
/// async fn health() -> &'static str { "ok" }
///
/// #[get("/forgotten")]
/// async fn forgotten() -> &'static str { "everybody gets 500 and not this" }
///
/// let app = App::new()
///     // The first `wrap` is the innermost: middlewares that answer for themselves, such as a
///     // CORS preflight or a rate limit, come after it.
///     .wrap(DenyUndecided::new())
///     .service(health)
///     .service(forgotten);
/// ```
///
/// What passes without a decision is actix-web's own answer to a path or a method that the app does
/// not have, and that of [`Auth::not_found_service`]. A default service of the app's own needs a
/// decision, such as `#[public]`. Services that cannot have an attribute, such as static files,
/// stand in a scope with [`DeclarePublic`].
///
/// # Errors
///
/// 500 in the look of the app's other denials ([`Reason::Undecided`]), logged at `error` with
/// method and route, and told to the audit.
///
/// # Security
///
/// It looks after the handler has run: the answer is withheld, what the handler did is done. It
/// finds what was forgotten; it does not replace an attribute. Inside it, the answer of a
/// middleware and of a handler look the same, so both count.
///
/// What passes is proven, with one exception: a default service of the app's own that answers 404
/// with no content cannot be told from actix-web's. In a build with `panic = "abort"` an empty 404
/// passes only for paths that no resource has: give such an app `Auth::not_found_service`.
///
/// [`Authenticated`]: crate::Authenticated
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct DenyUndecided {}

impl DenyUndecided {
    /// The net.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

/// A middleware that declares what it wraps to be public, for the given reason.
///
/// For services that cannot have an attribute, in an app with [`DenyUndecided`]: static files, a
/// user interface of another crate. Wrap a scope or a resource of their own with it; a handler
/// has [`#[public]`](macro@crate::public).
///
/// ```
/// use actix_web::web;
/// use auth_runtime::DeclarePublic;
///
/// let assets = web::scope("/assets")
///     .wrap(DeclarePublic::new("style sheets are for everyone"))
///     .route("/{file}", web::get().to(|| async { "a service of another crate" }));
/// ```
///
/// # Errors
///
/// 403 where the network rules of [`Auth`] refuse the client: they hold for public handlers too.
///
/// # Security
///
/// Handlers with an attribute keep their decision inside it.
#[derive(Clone, Copy, Debug)]
pub struct DeclarePublic {
    reason: &'static str,
}

impl DeclarePublic {
    /// The reason is for the reviewer, and for the log at `trace`.
    #[must_use]
    pub const fn new(reason: &'static str) -> Self {
        Self { reason }
    }
}

/// Whether the app has said so, with [`Auth::not_found_service`] or through [`DenyUndecided`].
#[cfg(feature = "sweep")]
pub(crate) fn has_no_route(request: &HttpRequest) -> bool {
    request.extensions().contains::<NotFoundPage>() || state::has_no_route(request)
}

/// Whether the app has no route for the request, and who says so needs no decision: actix-web, or
/// the service of [`Auth::not_found_service`].
fn is_no_route<B: MessageBody>(
    response: ServiceResponse<B>,
    had_witness: bool,
) -> (ServiceResponse<B>, bool) {
    let is_page = response.request().extensions().contains::<NotFoundPage>();
    let (response, answerer) = routed::answerer(response, had_witness);
    let is_own = matches!(answerer, Answerer::NoResource | Answerer::NoMethod);
    (response, is_page || is_own)
}

fn undecided(request: &HttpRequest) -> Denial {
    let route = request
        .match_pattern()
        .unwrap_or_else(|| request.path().to_owned());
    let reason = Reason::Undecided(format!("{} {route}", request.method()).into());
    let auth = Auth::of(request).ok();
    refuse(request, auth, Grounds::Undecidable(reason))
}

fn refuse(request: &HttpRequest, auth: Option<&Auth>, grounds: Grounds) -> Denial {
    let place = Place {
        request,
        rule: None,
        auth,
        principal: None,
    };
    finish::refuse(place, grounds)
}

type Answered<B> = Result<ServiceResponse<EitherBody<B>>, Error>;

impl<S, B> Transform<S, ServiceRequest> for DenyUndecided
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = DenyUndecidedService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(DenyUndecidedService { service }))
    }
}

/// The service of [`DenyUndecided`].
#[derive(Debug)]
pub struct DenyUndecidedService<S> {
    service: S,
}

impl<S, B> Service<ServiceRequest> for DenyUndecidedService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Answered<B>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let ledger = Ledger::of(request.request());
        routed::place_witness(&request);
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let answered = self.service.call(request);
        Box::pin(async move {
            match answered.await {
                Ok(mut response) => {
                    let had_witness = routed::remove_witness(&mut response);
                    if ledger.is_decided() {
                        return Ok(response.map_into_left_body());
                    }
                    let (response, is_no_route) = is_no_route(response, had_witness);
                    if is_no_route {
                        ledger.note_no_route();
                        return Ok(response.map_into_left_body());
                    }
                    let denial = undecided(response.request());
                    let refusal = HttpResponse::<BoxBody>::from_error(denial);
                    Ok(response.into_response(refusal).map_into_right_body())
                }
                Err(error) if ledger.is_decided() => Err(error),
                Err(_) => {
                    let route = format!("{method} {}", uri.path());
                    let reason = Reason::Undecided(route.into());
                    Err(finish::refuse_without_request(reason).into())
                }
            }
        })
    }
}

impl<S, B> Transform<S, ServiceRequest> for DeclarePublic
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = DeclarePublicService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(DeclarePublicService {
            service,
            reason: self.reason,
        }))
    }
}

/// The service of [`DeclarePublic`].
#[derive(Debug)]
pub struct DeclarePublicService<S> {
    service: S,
    reason: &'static str,
}

impl<S, B> Service<ServiceRequest> for DeclarePublicService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Answered<B>>>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let auth = Auth::of(request.request());
        // As for a handler that anybody may call: without a configuration no network is blocked,
        // and between two it cannot be told.
        let refused = match &auth {
            Ok(auth) if auth.permits_network(request.head()) => None,
            Ok(_) => Some(Grounds::Unauthenticated(Refusal::Network)),
            Err(MissingAuth::Absent) => None,
            Err(missing) => Some(Grounds::Unconfigured(*missing)),
        };
        Ledger::of(request.request());
        finish::note_declared(request.request(), refused.is_none());
        let Some(grounds) = refused else {
            tracing::trace!(target: "auth_runtime", reason = self.reason, "declared public");
            let answered = self.service.call(request);
            return Box::pin(
                async move { answered.await.map(ServiceResponse::map_into_left_body) },
            );
        };
        let denial = refuse(request.request(), auth.ok(), grounds);
        let refusal = HttpResponse::<BoxBody>::from_error(denial);
        let response = request.into_response(refusal).map_into_right_body();
        Box::pin(ready(Ok(response)))
    }
}
