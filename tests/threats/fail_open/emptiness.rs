//! Empty tokens, empty names, and names of the wrong shape.

use super::*;

use actix_web::{App, test};

use crate::support::principals::{key, token};
use crate::support::{app, auth, bearer, calls, get, send};

#[actix_web::test]
async fn an_empty_token_is_no_token_and_reaches_no_verifier() {
    let everyone = Bearer::sync(|_: Secret<'_>| {
        calls::count();
        Some(Principal::new("anyone").role("admin"))
    });
    let keys = ApiKey::sync("X-Api-Key", |_: Secret<'_>| {
        calls::count();
        Some(Principal::new("anyone").role("admin"))
    });
    let app = app!(bearer(everyone).scheme(keys).build().unwrap() => known, admin);
    for path in ["/known", "/admin"] {
        for value in [
            "",
            " ",
            "Bearer",
            "Bearer ",
            "Bearer   ",
            "bearer",
            "Bearer=",
            "Bearer:x",
        ] {
            let request = get(path).insert_header(("authorization", value));
            let answer = send(&app, request.to_request()).await;
            answer.assert_refused(401);
            assert!(
                !answer.challenges()[0].contains("error"),
                "{value:?}: {answer:?}"
            );
        }
        for value in [
            "Bearer =",
            "Bearer ==",
            "Bearer a b",
            "Bearer a,b",
            "Bearer \t",
            "Bearer\ta",
        ] {
            let request = get(path).insert_header(("authorization", value));
            send(&app, request.to_request()).await.assert_refused(401);
        }
        send(&app, get(path).insert_header(key("")).to_request())
            .await
            .assert_refused(401);
        send(&app, get(path).insert_header(key(" ")).to_request())
            .await
            .assert_refused(401);
    }
}

#[actix_web::test]
async fn an_empty_name_is_no_role() {
    let scheme = Bearer::sync(|_: Secret<'_>| {
        Some(
            Principal::new("")
                .role("")
                .scope("")
                .permission("")
                .grant("")
                .roles([""; 3]),
        )
    });
    let app = app!(bearer(scheme).build().unwrap() => known, admin);
    send(&app, get("/admin").insert_header(token("x")).to_request())
        .await
        .assert_refused(403);
    send(&app, get("/known").insert_header(token("x")).to_request())
        .await
        .assert_granted();
}

#[actix_web::test]
async fn hidden_handlers_fail_closed_as_well() {
    let app = test::init_service(App::new().service(hidden)).await;
    let answer = send(
        &app,
        get("/hidden").insert_header(token("admin")).to_request(),
    )
    .await;
    assert_eq!((answer.status.as_u16(), calls::take()), (404, 0));

    let app = app!(auth() => hidden);
    for credentials in [
        token("panic"),
        token("down"),
        token("user"),
        token("nobody"),
    ] {
        let answer = send(&app, get("/hidden").insert_header(credentials).to_request()).await;
        assert_eq!((answer.status.as_u16(), calls::take()), (404, 0));
    }
    send(
        &app,
        get("/hidden").insert_header(token("admin")).to_request(),
    )
    .await
    .assert_granted();
}

#[actix_web::test]
async fn role_lists_of_the_wrong_shape_grant_nothing() {
    // What a claim of another type becomes is the verifier's to say; what it hands over is
    // compared whole.
    for roles in [
        vec!["[\"admin\"]"],
        vec!["admin,user"],
        vec!["admin user"],
        vec!["a", "d", "m", "i", "n"],
        vec!["null"],
        vec!["true"],
        vec!["*"],
        vec![".*"],
        vec!["admin\u{0}"],
    ] {
        let scheme = Bearer::sync(move |_: Secret<'_>| {
            Some(
                Principal::new("p")
                    .roles(roles.clone())
                    .claim("roles", "admin"),
            )
        });
        let app = app!(bearer(scheme).build().unwrap() => admin);
        send(&app, get("/admin").insert_header(token("x")).to_request())
            .await
            .assert_refused(403);
    }
}
