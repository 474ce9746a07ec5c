//! Without the feature `testing` nothing reads the header of the test kit; and with it, which a
//! build of the whole workspace has, the header names nobody that this process did not name.

use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, get};
use auth_runtime::prelude::*;

#[get("/admin")]
#[requires_role("admin")]
async fn admin() -> &'static str {
    "admin"
}

#[actix_web::test]
async fn the_header_of_the_test_kit_names_nobody() {
    let auth = Auth::builder()
        .realm("test")
        .scheme(Bearer::sync(|_: Secret<'_>| None::<Principal>))
        .build()
        .unwrap();
    let app = init_service(App::new().app_data(auth).service(admin)).await;
    for value in [
        "admin",
        "1",
        "0000000000000000",
        "00000000000000000000000000000000",
    ] {
        let request =
            TestRequest::with_uri("/admin").insert_header(("x-auth-runtime-test-principal", value));
        let response = call_service(&app, request.to_request()).await;
        assert_eq!(response.status(), 401, "{value}");
    }
}
