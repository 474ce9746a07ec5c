//! actix-web-httpauth: its middleware finds the user of the token and leaves them in the request;
//! an extractor asks for the role and hands the user to the handler.

use std::future::{Ready, ready};
use std::hint::black_box;
use std::sync::Arc;

use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::ErrorForbidden;
use actix_web::{
    App, Error, FromRequest, HttpMessage as _, HttpRequest, HttpResponse, get, post, test, web,
};
use actix_web_httpauth::extractors::AuthenticationError;
use actix_web_httpauth::extractors::bearer::{self, BearerAuth};
use actix_web_httpauth::middleware::HttpAuthentication;

use super::{ANSWER, Answers, body_limit, started};
use crate::users::{ROLE, Tokens, User, tokens};

struct Admin(Arc<User>);

impl FromRequest for Admin {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let user = request.extensions().get::<Arc<User>>().cloned();
        ready(match user {
            Some(user) if user.has_role(ROLE) => Ok(Self(user)),
            _ => Err(ErrorForbidden("role missing")),
        })
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

async fn validate(
    request: ServiceRequest,
    credentials: BearerAuth,
) -> Result<ServiceRequest, (Error, ServiceRequest)> {
    let user = request
        .app_data::<web::Data<Tokens<Arc<User>>>>()
        .and_then(|tokens| tokens.get(credentials.token()))
        .cloned();
    if let Some(user) = user {
        request.extensions_mut().insert(user);
        return Ok(request);
    }
    let config = request
        .app_data::<bearer::Config>()
        .cloned()
        .unwrap_or_default();
    Err((AuthenticationError::from(config).into(), request))
}

pub(super) async fn service() -> Box<dyn Answers> {
    let tokens = web::Data::new(tokens(|record| Arc::new(User::new(record))));
    let app = App::new()
        .app_data(body_limit())
        .app_data(tokens)
        .app_data(bearer::Config::default().realm("reports"))
        .wrap(HttpAuthentication::bearer(validate))
        .service(read)
        .service(write);
    started(test::init_service(app).await)
}
