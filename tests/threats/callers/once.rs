//! One verification a request, however many ask.

use super::*;

use actix_web::dev::Service as _;
use actix_web::{HttpRequest, get};
use futures_util::FutureExt as _;

use crate::support::gate::{Gate, yields};
use crate::support::principals::token;
use crate::support::{app, bearer, calls, get, send};

#[get("/twice")]
async fn twice(
    first: Authenticated,
    second: Authenticated,
    third: MaybeAuthenticated,
    _: HttpRequest,
) -> String {
    calls::count();
    let third = third
        .principal()
        .map(Principal::subject)
        .unwrap_or_default()
        .to_owned();
    format!("{} {} {third}", first.subject(), second.subject())
}

#[actix_web::test]
async fn an_extractor_alone_asks_for_somebody() {
    for auth in both() {
        let app = app!(auth => self_guarded);
        let answer = send(&app, get("/self-guarded").to_request()).await;
        answer.assert_refused(401);
        assert_eq!(answer.challenges(), ["Bearer realm=\"api\""]);
        for (credentials, status) in [
            ("nobody", 401),
            ("expired", 401),
            ("down", 503),
            ("panic", 500),
        ] {
            let request = get("/self-guarded").insert_header(token(credentials));
            send(&app, request.to_request())
                .await
                .assert_refused(status);
        }
        let request = get("/self-guarded").insert_header(token("user"));
        let answer = send(&app, request.to_request()).await;
        answer.assert_granted();
        assert_eq!(answer.text(), "rob");
    }
}

#[actix_web::test]
async fn the_caller_is_verified_once_a_request_however_many_ask() {
    for auth in both() {
        let app = app!(auth => twice, often, self_guarded, maybe_guarded);
        verified();
        for (path, text) in [
            ("/twice", "ada ada ada"),
            ("/often", "ada ada ada"),
            ("/maybe-guarded", "ada"),
        ] {
            for _ in 0..3 {
                let request = get(path).insert_header(token("with-user"));
                let answer = send(&app, request.to_request()).await;
                answer.assert_granted();
                assert_eq!(answer.text(), text);
                assert_eq!(verified(), 1, "{path}");
            }
            for (credentials, status) in [("nobody", 401), ("down", 503)] {
                let request = get(path).insert_header(token(credentials));
                send(&app, request.to_request())
                    .await
                    .assert_refused(status);
                assert_eq!(verified(), 1, "{path} {credentials}");
            }
        }
    }
}

#[actix_web::test]
async fn two_extractors_wait_for_one_verification() {
    let gate = Gate::default();
    let inside = gate.clone();
    let scheme = Bearer::new(move |token: Secret<'static>| {
        let passed = inside.pass();
        async move {
            passed.await;
            counted(token.expose())
        }
    });
    let app = app!(bearer(scheme).build().unwrap() => twice);
    let mut answer =
        Box::pin(app.call(get("/twice").insert_header(token("with-user")).to_request()));
    for _ in 0..5 {
        assert!(answer.as_mut().now_or_never().is_none());
        yields(1).await;
    }
    assert_eq!(gate.arrived(), 1);
    gate.open();
    assert_eq!(answer.await.unwrap().status(), 200);
    assert_eq!((gate.passed(), verified(), calls::take()), (1, 1, 1));
}
