//! actix-web-grants: its middleware finds the roles of the token and leaves the user in the
//! request, `#[protect]` asks for the role, the handler takes the user from the request.

use std::collections::HashSet;
use std::future::{Ready, ready};
use std::hint::black_box;
use std::sync::Arc;

use actix_web::dev::ServiceRequest;
use actix_web::error::{ErrorInternalServerError, InternalError};
use actix_web::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use actix_web::{App, Error, HttpMessage as _, HttpResponse, get, post, test, web};
use actix_web_grants::{GrantsMiddleware, protect};

use super::{ANSWER, Answers, body_limit, started};
use crate::users::{Tokens, User, tokens};

#[get("/reports")]
#[protect("admin")]
async fn read(user: web::ReqData<Arc<User>>) -> HttpResponse {
    black_box(user.subject.as_str());
    HttpResponse::Ok().body(ANSWER)
}

#[post("/reports")]
#[protect("admin")]
async fn write(user: web::ReqData<Arc<User>>, _body: web::Bytes) -> HttpResponse {
    black_box(user.subject.as_str());
    HttpResponse::Ok().body(ANSWER)
}

/// The user, and the roles in the form that the middleware asks for, made once.
struct Known {
    user: Arc<User>,
    roles: HashSet<String>,
}

fn extract(request: &ServiceRequest) -> Ready<Result<HashSet<String>, Error>> {
    ready(roles(request))
}

fn roles(request: &ServiceRequest) -> Result<HashSet<String>, Error> {
    let token = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .ok_or_else(unauthorized)?;
    let known = request
        .app_data::<web::Data<Tokens<Known>>>()
        .ok_or_else(|| ErrorInternalServerError("no tokens"))?
        .get(token)
        .ok_or_else(unauthorized)?;
    request.extensions_mut().insert(Arc::clone(&known.user));
    Ok(known.roles.clone())
}

fn unauthorized() -> Error {
    let response = HttpResponse::Unauthorized()
        .insert_header((WWW_AUTHENTICATE, "Bearer realm=\"reports\""))
        .finish();
    InternalError::from_response("unauthorized", response).into()
}

pub(super) async fn service() -> Box<dyn Answers> {
    let tokens = web::Data::new(tokens(|record| Known {
        user: Arc::new(User::new(record)),
        roles: record.roles.iter().map(|role| (*role).to_owned()).collect(),
    }));
    let app = App::new()
        .app_data(body_limit())
        .app_data(tokens)
        .wrap(GrantsMiddleware::with_extractor(extract))
        .service(read)
        .service(write);
    started(test::init_service(app).await)
}
