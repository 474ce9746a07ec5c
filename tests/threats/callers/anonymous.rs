//! Handlers that anybody may call, and callers that are nobody.

use super::*;

use actix_web::test::TestRequest;
use actix_web::{App, Either, get, post, test, web};

use crate::support::gate::yields;
use crate::support::principals::{token, verify};
use crate::support::{app, bearer, calls, get, send};

#[get("/maybe-alone")]
async fn maybe_alone(caller: MaybeAuthenticated) -> String {
    calls::count();
    caller
        .principal()
        .map_or("nobody", Principal::subject)
        .to_owned()
}

#[actix_web::test]
async fn u401_10_anonymous_known_or_refused() {
    for auth in both() {
        let app = app!(auth => maybe, maybe_alone);
        for path in ["/maybe", "/maybe-alone"] {
            for nothing in [
                get(path),
                get(path).insert_header(("authorization", "Digest x=y")),
            ] {
                let answer = send(&app, nothing.to_request()).await;
                answer.assert_granted();
                assert_eq!(answer.text(), "nobody");
            }
            let answer = send(&app, get(path).insert_header(token("user")).to_request()).await;
            answer.assert_granted();
            assert_eq!(answer.text(), "rob");
            for (credentials, status) in [
                ("nobody", 401),
                ("expired", 401),
                ("a b", 401),
                ("down", 503),
                ("panic", 500),
            ] {
                let request = get(path).insert_header(token(credentials));
                let answer = send(&app, request.to_request()).await;
                answer.assert_refused(status);
                if status == 401 {
                    assert!(
                        answer.challenges()[0].contains("invalid_token"),
                        "{answer:?}"
                    );
                }
            }
            let doubled = get(path)
                .append_header(token("user"))
                .append_header(token("user"));
            send(&app, doubled.to_request()).await.assert_refused(400);
        }
    }
}

#[actix_web::test]
async fn ignoring_invalid_credentials_takes_them_for_none_and_nothing_else() {
    let lenient = |scheme| {
        bearer(scheme)
            .ignore_invalid_credentials(true)
            .build()
            .unwrap()
    };
    for auth in [
        lenient(Bearer::sync(|token: Secret<'_>| verify(token.expose()))),
        lenient(Bearer::new(|token: Secret<'static>| async move {
            yields(2).await;
            verify(token.expose())
        })),
    ] {
        let app = app!(auth => maybe, maybe_alone, maybe_guarded, self_guarded);
        for path in ["/maybe", "/maybe-alone"] {
            for credentials in ["nobody", "expired", "a b"] {
                let request = get(path).insert_header(token(credentials));
                let answer = send(&app, request.to_request()).await;
                answer.assert_granted();
                assert_eq!(answer.text(), "nobody");
            }
            for (credentials, status) in [("down", 503), ("panic", 500)] {
                let request = get(path).insert_header(token(credentials));
                send(&app, request.to_request())
                    .await
                    .assert_refused(status);
            }
            let doubled = get(path)
                .append_header(token("user"))
                .append_header(token("user"));
            send(&app, doubled.to_request()).await.assert_refused(400);
        }
        for path in ["/maybe-guarded", "/self-guarded"] {
            for credentials in ["nobody", "expired", "a b"] {
                let request = get(path).insert_header(token(credentials));
                send(&app, request.to_request()).await.assert_refused(401);
            }
        }
    }
}

/// What an attribute cannot see: an optional extractor behind another name.
type Optional = Option<Authenticated>;
type Fallible = Result<Authenticated, auth_runtime::Denial>;
type OneOf = Either<Authenticated, String>;

#[get("/optional")]
#[requires_role("admin")]
async fn optional(caller: Optional) -> String {
    calls::count();
    caller
        .map(|caller| caller.subject().to_owned())
        .unwrap_or_default()
}

#[get("/public-optional")]
#[public(reason = "anybody may look")]
async fn public_optional(caller: Optional) -> String {
    calls::count();
    caller
        .map(|caller| caller.subject().to_owned())
        .unwrap_or_default()
}

#[get("/public-fallible")]
#[public(reason = "anybody may look")]
async fn public_fallible(caller: Fallible, _: MaybeAuthenticated) -> String {
    calls::count();
    caller
        .map(|caller| caller.subject().to_owned())
        .unwrap_or_default()
}

#[post("/public-either")]
#[public(reason = "anybody may look")]
async fn public_either(caller: OneOf) -> &'static str {
    calls::count();
    match caller {
        Either::Left(_) => "known",
        Either::Right(_) => "not known",
    }
}

#[actix_web::test]
async fn an_optional_extractor_behind_another_name_opens_nothing() {
    for auth in both() {
        let app = app!(auth => optional, public_optional, public_fallible, public_either);
        send(&app, get("/optional").to_request())
            .await
            .assert_refused(401);
        let request = get("/optional").insert_header(token("user"));
        send(&app, request.to_request()).await.assert_refused(403);
        for path in ["/public-optional", "/public-fallible"] {
            for (credentials, status) in [
                ("nobody", 401),
                ("expired", 401),
                ("down", 503),
                ("panic", 500),
            ] {
                let request = get(path).insert_header(token(credentials));
                send(&app, request.to_request())
                    .await
                    .assert_refused(status);
            }
            let request = get(path).insert_header(token("user"));
            let answer = send(&app, request.to_request()).await;
            answer.assert_granted();
            assert_eq!(answer.text(), "rob");
        }
        for (credentials, status) in [("nobody", 401), ("down", 503)] {
            let request = TestRequest::post()
                .uri("/public-either")
                .insert_header(token(credentials))
                .set_payload("text");
            send(&app, request.to_request())
                .await
                .assert_refused(status);
        }
    }
}

#[post("/public-body")]
#[public(reason = "anybody may write")]
async fn public_body(body: web::Json<serde_json::Value>, _: MaybeAuthenticated) -> String {
    calls::count();
    body.to_string()
}

#[actix_web::test]
async fn invalid_credentials_at_a_public_handler_come_before_a_bad_body() {
    for auth in both() {
        let app = app!(auth => public_body);
        let request = TestRequest::post()
            .uri("/public-body")
            .insert_header(("content-type", "application/json"))
            .insert_header(token("nobody"))
            .set_payload("{");
        send(&app, request.to_request()).await.assert_refused(401);
    }
}

#[actix_web::test]
async fn a_public_handler_needs_no_configuration_and_verifies_nobody() {
    #[get("/open")]
    #[public(reason = "load balancer probe")]
    async fn open() -> &'static str {
        calls::count();
        "open"
    }
    let bare = test::init_service(App::new().service(open)).await;
    send(&bare, get("/open").to_request())
        .await
        .assert_granted();
    verified();
    for auth in both() {
        let app = app!(auth => open);
        for credentials in ["nobody", "down", "panic", "user"] {
            let request = get("/open").insert_header(token(credentials));
            send(&app, request.to_request()).await.assert_granted();
        }
    }
    assert_eq!(verified(), 0);
}
