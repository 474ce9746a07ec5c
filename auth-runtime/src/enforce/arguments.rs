//! A handler's arguments.

use std::any::TypeId;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::dev::Payload;
use actix_web::{Error, FromRequest, HttpRequest};
use pin_project_lite::pin_project;

use crate::enforce::caller::Extraction;

/// The arguments of a handler, as a tuple of up to sixteen extractors.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the arguments of a handler",
    note = "every argument has to implement `actix_web::FromRequest`, and there may be sixteen"
)]
pub trait Arguments: Sized + 'static {
    /// What extracts them.
    type Future: Future<Output = Result<Self, Error>>;

    /// Starts to extract them.
    fn extract(request: &HttpRequest, payload: &mut Payload) -> Self::Future;

    /// Whether one of them is the caller, whatever it is called there.
    fn take_caller() -> bool;
}

/// Whether this extractor is one of the caller: no other has its future.
fn is_caller<T: FromRequest + 'static>() -> bool {
    TypeId::of::<T::Future>() == TypeId::of::<Extraction<T>>()
}

impl Arguments for () {
    type Future = Ready<Result<(), Error>>;

    #[inline]
    fn extract(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(()))
    }

    fn take_caller() -> bool {
        false
    }
}

pin_project! {
    /// The future of a single argument.
    #[derive(Debug)]
    pub struct Single<F> {
        #[pin]
        future: F,
    }
}

impl<F, T, E> Future for Single<F>
where
    F: Future<Output = Result<T, E>>,
    E: Into<Error>,
{
    type Output = Result<(T,), Error>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().future.poll(cx) {
            Poll::Ready(Ok(argument)) => Poll::Ready(Ok((argument,))),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<A: FromRequest + 'static> Arguments for (A,) {
    type Future = Single<A::Future>;

    #[inline]
    fn extract(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        Single {
            future: A::from_request(request, payload),
        }
    }

    fn take_caller() -> bool {
        is_caller::<A>()
    }
}

macro_rules! several {
    ($($name:ident)+) => {
        impl<$($name: FromRequest + 'static),+> Arguments for ($($name,)+) {
            type Future = <Self as FromRequest>::Future;

            #[inline]
            fn extract(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
                Self::from_request(request, payload)
            }

            fn take_caller() -> bool {
                $(is_caller::<$name>())||+
            }
        }
    };
}

several! { A B }
several! { A B C }
several! { A B C D }
several! { A B C D E }
several! { A B C D E F }
several! { A B C D E F G }
several! { A B C D E F G H }
several! { A B C D E F G H I }
several! { A B C D E F G H I J }
several! { A B C D E F G H I J K }
several! { A B C D E F G H I J K L }
several! { A B C D E F G H I J K L M }
several! { A B C D E F G H I J K L M N }
several! { A B C D E F G H I J K L M N O }
several! { A B C D E F G H I J K L M N O P }
