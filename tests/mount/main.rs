//! `require!`: a requirement on a scope, a service, a whole app.

#![forbid(unsafe_code)]

mod answers;
mod attacks;
mod configuration;
mod nested;
mod order;
mod registered;
mod seen;
mod services;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::test::{TestRequest, try_call_service};
use auth_runtime::AuthBuilder;
use auth_runtime::prelude::*;

/// Callers by token: `admin`, `editor`, and `known` without a role.
fn principal(token: &Secret<'_>) -> Option<Principal> {
    for name in ["admin", "editor", "known"] {
        if token.ct_eq(name) {
            let principal = Principal::new(name).scope("articles:read");
            return Some(match name {
                "known" => principal,
                role => principal.role(role),
            });
        }
    }
    None
}

fn builder() -> AuthBuilder {
    Auth::builder()
        .realm("test")
        .scheme(Bearer::sync(|token: Secret<'_>| principal(&token)))
}

fn auth() -> Auth {
    builder().build().unwrap()
}

/// With a verifier that is not ready at once, and counts its calls.
fn slow_auth(calls: &Arc<AtomicUsize>) -> Auth {
    let calls = Arc::clone(calls);
    Auth::builder()
        .realm("test")
        .scheme(Bearer::new(move |token: Secret<'_>| {
            let principal = principal(&token);
            calls.fetch_add(1, Ordering::SeqCst);
            async move {
                actix_web::rt::time::sleep(std::time::Duration::from_millis(2)).await;
                principal
            }
        }))
        .build()
        .unwrap()
}

fn request(method: Method, path: &str, token: &str) -> TestRequest {
    let request = TestRequest::with_uri(path).method(method);
    if token.is_empty() {
        request
    } else {
        request.insert_header((header::AUTHORIZATION, format!("Bearer {token}")))
    }
}

fn get(path: &str, token: &str) -> TestRequest {
    request(Method::GET, path, token)
}

/// The status, also where a middleware answers with an error.
async fn status<S, B, E>(app: &S, request: TestRequest) -> u16
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = E>,
    B: MessageBody,
    E: Into<actix_web::Error> + std::fmt::Debug,
{
    match try_call_service(app, request.to_request()).await {
        Ok(response) => response.status().as_u16(),
        Err(error) => {
            let error: actix_web::Error = error.into();
            error.as_response_error().status_code().as_u16()
        }
    }
}

async fn open() -> &'static str {
    "open"
}
