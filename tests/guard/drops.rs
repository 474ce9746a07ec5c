//! What is given up after the time limit may panic once more, when it is dropped.

use std::time::Duration;

use actix_web::test::{call_service, init_service};
use actix_web::{App, get, web};
use auth_runtime::prelude::*;

use crate::get;

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "dropped");
    }
}

async fn never<T>() -> T {
    let _bomb = Bomb;
    std::future::pending().await
}

async fn late() -> Decision {
    never().await
}

#[get("/policy")]
#[requires(policy(late))]
async fn by_policy() -> &'static str {
    "never"
}

#[get("/check/{id}")]
#[requires(check(async |_id: &web::Path<u8>| never::<bool>().await))]
async fn by_check(_id: web::Path<u8>) -> &'static str {
    "never"
}

#[get("/auth")]
#[requires_auth]
async fn by_verifier() -> &'static str {
    "never"
}

#[actix_web::test]
async fn a_panic_at_the_end_of_the_time_limit_is_an_answer_nonetheless() {
    let auth = Auth::builder()
        .realm("drops")
        .time_limit(Duration::from_millis(20))
        .scheme(Bearer::new(|token: Secret<'static>| async move {
            if token.expose() == "late" {
                return never().await;
            }
            Some(Principal::new("ada"))
        }))
        .build()
        .unwrap();
    let app = App::new()
        .app_data(auth)
        .service(by_policy)
        .service(by_check)
        .service(by_verifier);
    let app = init_service(app).await;
    for (path, token) in [("/policy", "ada"), ("/check/1", "ada"), ("/auth", "late")] {
        let request = get(path, &format!("Bearer {token}")).to_request();
        let answer = call_service(&app, request).await;
        assert_eq!(answer.status(), 503, "{path}");
    }
}

#[actix_web::test]
async fn a_verifier_that_panics_as_it_is_given_up_is_an_answer_nonetheless() {
    let auth = Auth::builder()
        .realm("drops")
        .scheme(Bearer::new(|token: Secret<'static>| async move {
            actix_web::rt::task::yield_now().await;
            Some(Principal::new(token.expose()))
        }))
        // It waits for as long as the token is looked at, and is not needed any more.
        .scheme(ApiKey::new("x-key", |_: Secret<'static>| {
            never::<Option<Principal>>()
        }))
        .build()
        .unwrap();
    let app = init_service(App::new().app_data(auth).service(by_verifier)).await;
    let request = get("/auth", "Bearer ada").insert_header(("x-key", "key"));
    let answer = call_service(&app, request.to_request()).await;
    assert_eq!(answer.status(), 500);
}
