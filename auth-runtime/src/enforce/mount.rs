//! A requirement for what no attribute can stand on: a scope, a service, a whole app.

use std::fmt;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready as poll_ready};

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::{Error, HttpResponse};
use futures_util::future::LocalBoxFuture;
use pin_project_lite::pin_project;

use super::admit::{Step, admit};
use super::check::NoChecks;
use super::questions::CheckTable;
use super::rule::{Rule, RuleOf, Spec};
use crate::denial::Denial;
use crate::model::handler::HandlerRecord;

/// A requirement for everything inside a scope, a service or a whole app: what
/// [`require!`](crate::require) makes.
///
/// A middleware for `App::wrap`, `Scope::wrap`, `Resource::wrap` and `Route::wrap`, for what cannot
/// have an attribute: static files, closures, services of other crates. Handlers have an attribute,
/// which sees their arguments and cannot be lost when they are mounted elsewhere.
///
/// ```
/// use actix_web::{App, web};
/// use auth_runtime::require;
///
/// let app = App::new()
///     .service(
///         web::scope("/admin")
///             .wrap(require!(role("admin")))
///             .route("/ping", web::get().to(|| async { "pong" })),
///     )
///     .service(
///         web::scope("/assets")
///             .wrap(require!(public(reason = "style sheets are for everyone")))
///             .route("/{file}", web::get().to(|| async { "a service of another crate" })),
///     );
/// ```
///
/// It decides before anything inside is routed, and answers a refused request as the guard of a
/// handler would, with the body unread. The attributes of the handlers inside, and the mount points
/// inside, decide as well: all of them have to grant. The caller is authenticated once.
///
/// A policy sees the request as it is then: of the path's parameters, those of the scopes around.
///
/// The configuration is the nearest around it: that of the app, or of the scope that it wraps.
///
/// # Errors
///
/// The [`Denial`] of the request.
///
/// # Security
///
/// It stands around what it wraps, and around nothing else: a service that is mounted a second time
/// outside is not guarded there, and the sweep over an app's routes (feature `sweep`) tells so.
///
/// The first `wrap` is the innermost: what is wrapped later sees a request earlier. CORS belongs
/// outside, because a preflight presents no credentials. A middleware inside runs for authorized
/// requests alone.
///
/// Where a policy keeps a clone of the `HttpRequest` for longer than it decides, actix-web panics
/// when it routes, and the request is not served.
#[derive(Clone, Copy)]
#[must_use = "a mount point guards what it wraps: `.wrap(require!(..))`"]
pub struct MountPoint {
    rule: &'static Rule,
    record: &'static HandlerRecord,
}

impl MountPoint {
    /// Of what `require!` wrote.
    #[doc(hidden)]
    pub const fn of<S: Spec<Checks = NoChecks>>() -> Self {
        Self {
            rule: RuleOf::<S, ()>::RULE,
            record: const { &HandlerRecord::of::<S>() },
        }
    }

    /// Its record among those of the handlers.
    #[must_use]
    pub const fn record(&self) -> &'static HandlerRecord {
        self.record
    }
}

impl fmt::Debug for MountPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MountPoint")
            .field(&format_args!("{}", self.record.access))
            .finish()
    }
}

impl<S, B> Transform<S, ServiceRequest> for MountPoint
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = MountPointService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(MountPointService {
            service: Rc::new(service),
            mount: *self,
        }))
    }
}

/// The service of [`MountPoint`].
#[derive(Debug)]
pub struct MountPointService<S> {
    service: Rc<S>,
    mount: MountPoint,
}

impl<S, B> Service<ServiceRequest> for MountPointService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = MountPointFuture<S::Future, B>;

    forward_ready!(service);

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        let (head, payload) = request.parts_mut();
        let stage = match admit(head, self.mount.rule, payload) {
            Step::Ready(Ok(None)) => Stage::Inside {
                answer: self.service.call(request),
            },
            Step::Ready(Err(denial)) => Stage::Refused {
                response: Some(refused(request, denial)),
            },
            step => Stage::Deciding {
                answer: Box::pin(later(request, step, Rc::clone(&self.service))),
            },
        };
        MountPointFuture { stage }
    }
}

async fn later<S, B>(mut request: ServiceRequest, step: Step, service: Rc<S>) -> Answered<B>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    let entry = match step {
        Step::Ready(entry) => entry,
        // It holds the request, and has to be dropped before the request is routed.
        Step::Pending(deciding) => {
            let (entry, payload) = deciding.await;
            request.set_payload(payload);
            entry
        }
    };
    let decided = match entry {
        Ok(None) => Ok(()),
        // There are no arguments, so that this is refused.
        Ok(Some(asking)) => asking.ask_checks(CheckTable::NONE, &()).await,
        Err(denial) => Err(denial),
    };
    match decided {
        Ok(()) => Ok(service.call(request).await?.map_into_left_body()),
        Err(denial) => Ok(refused(request, denial).map_into_right_body()),
    }
}

fn refused(request: ServiceRequest, denial: Denial) -> ServiceResponse<BoxBody> {
    request.into_response(HttpResponse::from_error(denial))
}

pin_project! {
    /// The future of [`MountPointService`].
    pub struct MountPointFuture<F, B> {
        #[pin]
        stage: Stage<F, B>,
    }
}

pin_project! {
    #[project = StageProjection]
    enum Stage<F, B> {
        /// Granted: what is inside answers.
        Inside {
            #[pin]
            answer: F,
        },
        Refused { response: Option<ServiceResponse<BoxBody>> },
        Deciding { answer: LocalBoxFuture<'static, Answered<B>> },
    }
}

type Answered<B> = Result<ServiceResponse<EitherBody<B>>, Error>;

impl<F, B> Future for MountPointFuture<F, B>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
    B: MessageBody,
{
    type Output = Answered<B>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().stage.project() {
            StageProjection::Inside { answer } => {
                let response = poll_ready!(answer.poll(cx));
                Poll::Ready(response.map(ServiceResponse::map_into_left_body))
            }
            StageProjection::Refused { response } => match response.take() {
                Some(response) => Poll::Ready(Ok(response.map_into_right_body())),
                // Polled again after it was ready: there is nothing more to come.
                None => Poll::Pending,
            },
            StageProjection::Deciding { answer } => answer.as_mut().poll(cx),
        }
    }
}

impl<F, B> fmt::Debug for MountPointFuture<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MountPointFuture").finish_non_exhaustive()
    }
}
