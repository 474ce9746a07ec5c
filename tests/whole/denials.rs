//! Every reason for a refusal has a word in the test kit.

use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, get, web};
use auth_runtime::prelude::*;
use auth_runtime::testing::{Denied, TestRequestExt as _, check_denied};
use auth_runtime::{DenyUnprotected, assert_denied, assert_granted};

#[get("/fresh")]
#[requires(max_age("15m"))]
async fn fresh() -> &'static str {
    "fresh"
}

#[get("/short/{name}")]
#[requires(check(|name: &web::Path<String>| match name.as_str() {
    "fails" => Err("no connection"),
    name => Ok(name.len() < 6),
}))]
async fn short(name: web::Path<String>) -> String {
    name.into_inner()
}

#[get("/forgotten")]
async fn forgotten() -> &'static str {
    "forgotten"
}

#[actix_web::test]
async fn checks_step_ups_and_forgotten_handlers_have_a_word() {
    let auth = Auth::builder()
        .realm("test")
        .scheme(Bearer::sync(|_: Secret<'_>| None::<Principal>))
        .build()
        .unwrap();
    let app = App::new()
        .app_data(auth)
        .wrap(DenyUnprotected::new())
        .service((fresh, short, forgotten));
    let app = init_service(app).await;
    let ask = async |path: &str| {
        let request = TestRequest::with_uri(path).principal(Principal::new("ada"));
        call_service(&app, request.to_request())
            .await
            .map_into_boxed_body()
    };
    assert_granted!(ask("/short/ada").await);
    assert_denied!(ask("/short/ada-lovelace").await, CheckDenied);
    assert_denied!(ask("/short/fails").await, CheckFailed);
    assert_denied!(ask("/forgotten").await, Unprotected);
    let response = ask("/fresh").await;
    assert_denied!(response, StepUp);
    assert_denied!(response, Unauthenticated);
    let others = [
        Denied::CheckDenied,
        Denied::CheckFailed,
        Denied::Unprotected,
    ];
    assert!(check_denied(&response, &others).is_err());
}
