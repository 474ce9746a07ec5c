//! The app's own rules: async functions of the request's head.

use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use actix_web::dev::{ConnectionInfo, PeerAddr};
use actix_web::http::{Method, Uri};
use actix_web::{FromRequest, Handler, HttpRequest, web};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;

use crate::model::containment::contained;
use crate::model::decision::Decision;

/// An argument of a policy: an extractor that reads the request's head and not its body, because a
/// policy decides before any byte of the body is read.
///
/// Implement it for an extractor of the app's own that keeps to that:
///
/// ```
/// use actix_web::{FromRequest, HttpRequest, dev::Payload};
/// use std::future::{Ready, ready};
///
/// struct Tenant(String);
///
/// impl FromRequest for Tenant {
///     type Error = actix_web::Error;
///     type Future = Ready<Result<Self, Self::Error>>;
///
///     fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
///         ready(Ok(Tenant(request.match_info().query("tenant").to_owned())))
///     }
/// }
///
/// impl auth_runtime::FromRequestHead for Tenant {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a policy",
    note = "a policy runs before the body is read: use `web::Path`, `web::Query`, `web::Data`, `HttpRequest`, `Authenticated` and their like",
    note = "an extractor of your own that reads only the head may implement `auth_runtime::FromRequestHead`"
)]
pub trait FromRequestHead: FromRequest {}

impl FromRequestHead for HttpRequest {}
impl FromRequestHead for Method {}
impl FromRequestHead for Uri {}
impl FromRequestHead for ConnectionInfo {}
impl FromRequestHead for PeerAddr {}
impl<T> FromRequestHead for web::Path<T> where Self: FromRequest {}
impl<T> FromRequestHead for web::Query<T> where Self: FromRequest {}
impl<T> FromRequestHead for web::Header<T> where Self: FromRequest {}
impl<T: ?Sized> FromRequestHead for web::Data<T> where Self: FromRequest {}
impl<T> FromRequestHead for web::ThinData<T> where Self: FromRequest {}
impl<T: Clone + 'static> FromRequestHead for web::ReqData<T> where Self: FromRequest {}

/// The arguments of a policy: up to eight extractors of the request's head.
pub trait HeadArguments: FromRequest {}

impl HeadArguments for () {}

macro_rules! head_arguments {
    ($($name:ident)+) => {
        impl<$($name: FromRequestHead + 'static),+> HeadArguments for ($($name,)+) {}
    };
}
head_arguments! { A }
head_arguments! { A B }
head_arguments! { A B C }
head_arguments! { A B C D }
head_arguments! { A B C D E }
head_arguments! { A B C D E F }
head_arguments! { A B C D E F G }
head_arguments! { A B C D E F G H }

/// What a policy may return: a [`Decision`], or a `Result` of one. An error is a refusal.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what a policy answers",
    note = "answer `Decision` or `Result<Decision, E>`, where `E` can be displayed"
)]
pub trait IntoDecision {
    /// The decision, or the text of the error.
    #[doc(hidden)]
    fn into_decision(self) -> Result<Decision, String>;
}

impl IntoDecision for Decision {
    fn into_decision(self) -> Result<Decision, String> {
        Ok(self)
    }
}

impl<E: fmt::Display> IntoDecision for Result<Decision, E> {
    fn into_decision(self) -> Result<Decision, String> {
        self.map_err(|error| error.to_string())
    }
}

/// An async function that decides: `async fn is_author(id: web::Path<u64>, caller: Authenticated)
/// -> Decision`. Named in an attribute as `policy(is_author)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a policy",
    note = "a policy is an `async fn` of up to eight extractors of the request's head that returns `Decision` or `Result<Decision, E>`"
)]
pub trait Policy<Arguments>: Clone + 'static {
    /// Asks the policy.
    #[doc(hidden)]
    fn ask(&self, arguments: Arguments) -> impl Future<Output = Result<Decision, String>>;
}

impl<F, Arguments> Policy<Arguments> for F
where
    F: Handler<Arguments>,
    F::Output: IntoDecision,
    Arguments: HeadArguments,
{
    fn ask(&self, arguments: Arguments) -> impl Future<Output = Result<Decision, String>> {
        self.call(arguments).map(IntoDecision::into_decision)
    }
}

/// What came of asking a policy.
#[derive(Debug)]
pub enum PolicyOutcome {
    /// It decided.
    Decided(Decision),
    /// It could not: by the client's doing (its arguments cannot be read from this request).
    BadArguments(Arc<str>),
    /// It could not: by its own.
    Failed(Arc<str>),
    /// It did not answer within the time limit.
    Late,
}

/// The future of a policy.
pub(crate) type PolicyFuture = LocalBoxFuture<'static, PolicyOutcome>;

/// A policy of a handler, by the request alone.
pub type PolicyFn = fn(&HttpRequest) -> PolicyFuture;

/// Reads the policy's arguments from the request and asks it.
pub fn run_policy<P, Arguments>(policy: P, request: &HttpRequest) -> PolicyFuture
where
    P: Policy<Arguments>,
    Arguments: HeadArguments + 'static,
{
    let request = request.clone();
    let asked = async move {
        let arguments = match Arguments::extract(&request).await {
            Ok(arguments) => arguments,
            Err(error) => {
                let error: actix_web::Error = error.into();
                let text = format!("its arguments cannot be read: {error}").into();
                let is_client_error = error.as_response_error().status_code().is_client_error();
                return if is_client_error {
                    PolicyOutcome::BadArguments(text)
                } else {
                    PolicyOutcome::Failed(text)
                };
            }
        };
        match policy.ask(arguments).await {
            Ok(decision) => PolicyOutcome::Decided(decision),
            Err(error) => PolicyOutcome::Failed(error.into()),
        }
    };
    AssertUnwindSafe(asked)
        .catch_unwind()
        .map(|caught| {
            contained(caught).unwrap_or_else(|| PolicyOutcome::Failed("it panicked".into()))
        })
        .boxed_local()
}
