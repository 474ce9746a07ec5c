//! Rejecting responses from handlers without a decision.

use std::future::{Ready, ready};

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::{Error, HttpMessage as _, HttpRequest, HttpResponse};
use futures_util::future::LocalBoxFuture;

use crate::config::{Auth, NotFoundPage};
use crate::denial::{Denial, Reason};
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
/// use auth_runtime::DenyUnprotected;
/// use auth_runtime::prelude::*;
///
/// #[get("/health")]
/// #[public(reason = "load balancer probe")]
/// async fn health() -> &'static str { "ok" }
///
/// #[get("/forgotten")]
/// async fn forgotten() -> &'static str { "the client gets 500 and not this" }
///
/// let app = App::new()
///     // The first `wrap` is the innermost: middlewares that answer for themselves, such as a
///     // CORS preflight or a rate limit, come after it.
///     .wrap(DenyUnprotected::new())
///     .service(health)
///     .service(forgotten);
/// ```
///
/// What passes without a decision is actix-web's own answer to a path or a method that the app does
/// not have, and that of [`Auth::not_found_service`]. A default service of the app's own needs a
/// decision, such as `#[public]`. Services that cannot have an attribute, such as static files,
/// stand in a scope with [`require!`](crate::require).
///
/// # Errors
///
/// 500 in the look of the app's other denials ([`Reason::Unprotected`]), logged at `error` with
/// method and route, and told to the audit.
///
/// # Security
///
/// It looks after the handler has run: the answer is withheld, what the handler did is done. It
/// finds what was forgotten; it does not replace an attribute. Inside it, the answer of a
/// middleware and of a handler look the same, so both count: `ErrorHandlers` that write a page for
/// 404 belong outside, or the app says with [`Auth::not_found_service`] what answers unknown paths.
///
/// What passes is proven, with one exception: a default service of the app's own that answers 404
/// with no content cannot be told from actix-web's. In a build with `panic = "abort"` an empty 404
/// passes only for paths that no resource has: give such an app `Auth::not_found_service`.
///
/// [`Authenticated`]: crate::Authenticated
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct DenyUnprotected {}

impl DenyUnprotected {
    /// The middleware.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

/// Whether the app has said so, with [`Auth::not_found_service`] or through [`DenyUnprotected`].
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

fn unprotected(request: &HttpRequest) -> Denial {
    let route = request
        .match_pattern()
        .unwrap_or_else(|| request.path().to_owned());
    let reason = Reason::Unprotected(format!("{} {route}", request.method()).into());
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

impl<S, B> Transform<S, ServiceRequest> for DenyUnprotected
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = DenyUnprotectedService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        Ledger::announce();
        ready(Ok(DenyUnprotectedService { service }))
    }
}

/// The service of [`DenyUnprotected`].
#[derive(Debug)]
pub struct DenyUnprotectedService<S> {
    service: S,
}

impl<S, B> Service<ServiceRequest> for DenyUnprotectedService<S>
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
                    let denial = unprotected(response.request());
                    let refusal = HttpResponse::<BoxBody>::from_error(denial);
                    Ok(response.into_response(refusal).map_into_right_body())
                }
                Err(error) if ledger.is_decided() => Err(error),
                Err(_) => {
                    let route = format!("{method} {}", uri.path());
                    let reason = Reason::Unprotected(route.into());
                    Err(finish::refuse_without_request(reason).into())
                }
            }
        })
    }
}
