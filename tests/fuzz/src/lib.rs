//! What the targets share.

use std::future::Future;

use actix_http::Request;
use actix_web::dev::Service as _;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::rt::Runtime;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, get};
use auth_runtime::prelude::*;
use futures_util::future::LocalBoxFuture;
use proc_macro2::TokenStream;

/// Runs futures on this thread.
pub struct Executor(Runtime);

impl Executor {
    #[must_use]
    pub fn new() -> Self {
        Self(Runtime::new().expect("a runtime starts"))
    }

    pub fn run<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }
}

impl Default for Executor {
    fn default() -> Self {
        Self::new()
    }
}

type Call = Box<dyn Fn(Request) -> LocalBoxFuture<'static, (u16, HeaderMap)>>;

/// An app with one handler, for administrators.
pub struct Guarded {
    executor: Executor,
    call: Call,
}

#[get("/")]
#[requires_role("admin")]
async fn admin() -> &'static str {
    "in"
}

impl Guarded {
    /// Never dropped: at the end of a thread what it would need is gone already.
    #[must_use]
    pub fn new(auth: Auth) -> &'static Self {
        let executor = Executor::new();
        let app = executor.run(init_service(App::new().app_data(auth).service(admin)));
        let call: Call = Box::new(move |request| {
            let answer = app.call(request);
            Box::pin(async move {
                let answer = answer.await.expect("an error is an answer");
                (answer.status().as_u16(), answer.headers().clone())
            })
        });
        Box::leak(Box::new(Self { executor, call }))
    }

    /// Sends a request, and answers with status and headers.
    pub fn ask(&self, request: TestRequest) -> (u16, HeaderMap) {
        self.executor.run((self.call)(request.to_request()))
    }
}

/// A header of each line that can be one.
#[must_use]
pub fn lines(name: &'static str, data: &[u8]) -> Vec<(HeaderName, HeaderValue)> {
    let values = data
        .split(|byte| *byte == b'\n')
        .map(HeaderValue::from_bytes);
    values
        .flatten()
        .map(|value| (HeaderName::from_static(name), value))
        .collect()
}

/// Adds headers to a request.
#[must_use]
pub fn with_headers(
    request: TestRequest,
    headers: impl IntoIterator<Item = (HeaderName, HeaderValue)>,
) -> TestRequest {
    headers
        .into_iter()
        .fold(request, TestRequest::append_header)
}

/// Fails where an expansion is neither items nor a compile error.
pub fn assert_expansion(expansion: &TokenStream) {
    let text = expansion.to_string();
    assert!(
        text.contains("compile_error") || syn::parse2::<syn::File>(expansion.clone()).is_ok(),
        "neither items nor an error: {text}"
    );
}
