//! What an app writes that needs one scheme, one role and one kind of answer: an extractor that
//! finds the user of the token, asks for the role and hands the user to the handler.

use std::fmt;
use std::future::{Ready, ready};
use std::hint::black_box;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use actix_web::{App, FromRequest, HttpRequest, HttpResponse, ResponseError, get, post, test, web};

use super::{ANSWER, Answers, body_limit, started};
use crate::users::{ROLE, Tokens, User, tokens};

struct Admin(Arc<User>);

#[derive(Debug)]
pub(super) enum Refusal {
    NobodyKnown,
    InvalidToken,
    MayNot,
}

impl FromRequest for Admin {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(authenticate(request).and_then(|user| {
            if user.has_role(ROLE) {
                Ok(Self(user))
            } else {
                Err(Refusal::MayNot)
            }
        }))
    }
}

fn authenticate(request: &HttpRequest) -> Result<Arc<User>, Refusal> {
    let token = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .ok_or(Refusal::NobodyKnown)?;
    request
        .app_data::<web::Data<Tokens<Arc<User>>>>()
        .and_then(|tokens| tokens.get(token))
        .cloned()
        .ok_or(Refusal::InvalidToken)
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NobodyKnown => "no credentials",
            Self::InvalidToken => "invalid token",
            Self::MayNot => "role missing",
        })
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NobodyKnown | Self::InvalidToken => StatusCode::UNAUTHORIZED,
            Self::MayNot => StatusCode::FORBIDDEN,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response
            .insert_header((CONTENT_TYPE, "application/problem+json"))
            .insert_header((CACHE_CONTROL, "no-store"));
        match self {
            Self::NobodyKnown => {
                response.insert_header((WWW_AUTHENTICATE, "Bearer realm=\"reports\""));
                response.body(
                    r#"{"title":"Unauthorized","status":401,"detail":"Credentials are needed."}"#,
                )
            }
            Self::InvalidToken => {
                response.insert_header((
                    WWW_AUTHENTICATE,
                    "Bearer realm=\"reports\", error=\"invalid_token\"",
                ));
                response.body(
                    r#"{"title":"Unauthorized","status":401,"detail":"The token is not valid."}"#,
                )
            }
            Self::MayNot => response
                .body(r#"{"title":"Forbidden","status":403,"detail":"You may not do this."}"#),
        }
    }
}

#[get("/reports")]
async fn read(Admin(user): Admin) -> HttpResponse {
    black_box(user.subject.as_str());
    HttpResponse::Ok().body(ANSWER)
}

#[post("/reports")]
async fn write(Admin(user): Admin, _body: web::Bytes) -> HttpResponse {
    black_box(user.subject.as_str());
    HttpResponse::Ok().body(ANSWER)
}

pub(super) async fn service() -> Box<dyn Answers> {
    let tokens = web::Data::new(tokens(|record| Arc::new(User::new(record))));
    started(
        test::init_service(
            App::new()
                .app_data(body_limit())
                .app_data(tokens)
                .service(read)
                .service(write),
        )
        .await,
    )
}
