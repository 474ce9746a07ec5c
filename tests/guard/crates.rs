//! `$crate` is written alike in the macros of different crates, and means another thing.

use actix_web::App;
use actix_web::test::{call_service, init_service};
use auth_runtime::prelude::*;

use crate::get;

/// What the library has under the same names, but refuses.
macro_rules! handlers {
    () => {
        auth_tests::behind!(policy by_policy "/policy" policy($crate::gate));
        auth_tests::behind!(check by_check "/check"
            check(|user: &auth_runtime::Principal| $crate::holds(user)));
        auth_tests::behind!(named by_name "/name" $crate::Gate);
    };
}
handlers!();

#[actix_web::test]
async fn each_is_asked() {
    let auth = Auth::builder()
        .realm("crates")
        .scheme(Bearer::sync(|token: Secret<'_>| {
            Some(Principal::new(token.expose()))
        }))
        .build()
        .unwrap();
    let app = App::new()
        .app_data(auth)
        .service(by_policy)
        .service(by_check)
        .service(by_name);
    let app = init_service(app).await;
    for path in ["/policy", "/check", "/name"] {
        let answer = call_service(&app, get(path, "Bearer ada").to_request()).await;
        assert_eq!(answer.status(), 403, "{path}");
    }
}
