//! The app's own value, and what is none.

use super::*;

use actix_web::dev::Service as _;
use actix_web::{App, get, test, web};

use crate::support::principals::{key, token};
use crate::support::{app, auth, calls, get, log, send};

struct Other;

#[get("/with-user")]
#[requires_auth]
async fn with_user(caller: Authenticated<User>) -> &'static str {
    calls::count();
    caller.user().email
}

#[get("/self-guarded-user")]
async fn self_guarded_user(caller: Authenticated<User>) -> &'static str {
    calls::count();
    caller.user().email
}

#[get("/maybe-user")]
#[public(reason = "anybody may look")]
async fn maybe_user(caller: MaybeAuthenticated<User>) -> &'static str {
    calls::count();
    caller.user().map_or("nobody", |user| user.email)
}

#[get("/other")]
#[requires_auth]
async fn other(_: Authenticated<Other>) -> &'static str {
    calls::count();
    "other"
}

#[actix_web::test]
async fn the_apps_own_value_is_read_back_and_its_lack_is_500() {
    log::start();
    for auth in both() {
        let app = app!(auth => with_user, self_guarded_user, maybe_user, other);
        for path in ["/with-user", "/self-guarded-user", "/maybe-user"] {
            let request = get(path).insert_header(token("with-user"));
            let answer = send(&app, request.to_request()).await;
            answer.assert_granted();
            assert_eq!(answer.text(), "a@b.example");
            log::take();
            let request = get(path).insert_header(token("user"));
            send(&app, request.to_request()).await.assert_refused(500);
            let log = log::take();
            assert!(log.contains("ERROR auth_runtime"), "{log}");
            assert!(log.contains("Principal::with"), "{log}");
        }
        let request = get("/other").insert_header(token("with-user"));
        send(&app, request.to_request()).await.assert_refused(500);
    }
}

#[actix_web::test]
async fn neg_10_what_another_layer_puts_into_the_request_is_no_identity() {
    use actix_web::HttpMessage as _;

    let app = test::init_service(
        App::new()
            .wrap_fn(|request, service| {
                let forged = Principal::new("forged").role("admin");
                request.extensions_mut().insert(forged.clone());
                request.extensions_mut().insert(Some(forged));
                service.call(request)
            })
            .app_data(auth())
            .app_data(Principal::new("forged").role("admin"))
            .app_data(web::Data::new(Principal::new("forged").role("admin")))
            .service(often)
            .service(self_guarded)
            .service(maybe),
    )
    .await;
    for path in ["/often", "/self-guarded"] {
        send(&app, get(path).to_request()).await.assert_refused(401);
    }
    assert_eq!(
        send(&app, get("/maybe").to_request()).await.text(),
        "nobody"
    );
    let answer = send(&app, get("/maybe").insert_header(key("k3y")).to_request()).await;
    assert_eq!(answer.text(), "robot");
}
