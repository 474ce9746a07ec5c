//! F403: somebody is known, and may not.

use actix_web::http::Method;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, HttpResponse, web};
use auth_runtime::prelude::*;

use crate::support::app::{Called, routes, send, with_basic};
use crate::support::challenge::expected;
use crate::support::{
    Answer, Calls, all_schemes, api, ask, assert_no_challenge, basic, bearer, bearer_only, get,
    only_challenge, with_bearer,
};

const LACKS_WRITE: [(&str, &str); 4] = [
    ("realm", "api"),
    ("error", "insufficient_scope"),
    ("scope", "files:write"),
    ("error_description", "The token lacks a required scope"),
];

#[actix_web::test]
async fn f403_01_who_is_known_and_may_not_gets_403() {
    let auth = all_schemes();
    for request in [
        with_bearer("/r", "user"),
        with_bearer("/permission", "admin"),
        with_bearer("/policy", "admin"),
        with_basic("/r", "test:123\u{a3}"),
    ] {
        let answer = ask(&auth, request).await;
        answer.assert_refused(403);
        assert_eq!(answer.json()["detail"], "You are not allowed to do this.");
    }
    ask(&auth, with_bearer("/r", "admin"))
        .await
        .assert_granted();
}

#[actix_web::test]
async fn f403_02_and_f403_03_a_missing_scope_is_insufficient_scope() {
    for auth in [bearer_only(), all_schemes()] {
        let answer = ask(&auth, with_bearer("/s", "user")).await;
        answer.assert_refused(403);
        assert_eq!(only_challenge(&answer), expected("Bearer", &LACKS_WRITE));
        assert_eq!(answer.json()["error"], "insufficient_scope");
        ask(&auth, with_bearer("/s", "writer"))
            .await
            .assert_granted();
    }
}

#[actix_web::test]
async fn f403_04_all_the_scopes_that_the_operation_needs_are_named() {
    for token in ["only-a", "user"] {
        let answer = ask(&bearer_only(), with_bearer("/ab", token)).await;
        answer.assert_refused(403);
        let (_, parameters) = only_challenge(&answer);
        assert_eq!(
            parameters[2],
            ("scope".to_owned(), "a b".to_owned()),
            "{token}"
        );
    }
    ask(&bearer_only(), with_bearer("/ab", "a-and-b"))
        .await
        .assert_granted();
}

#[actix_web::test]
async fn f403_05_a_missing_role_permission_or_policy_has_no_challenge() {
    for path in ["/r", "/permission", "/policy"] {
        let answer = ask(&bearer_only(), with_bearer(path, "user")).await;
        answer.assert_refused(403);
        assert_no_challenge(&answer);
    }
}

#[actix_web::test]
async fn f403_05_the_switch_puts_a_challenge_without_error_on_every_403_of_a_bearer_request() {
    let auth = api()
        .scheme(bearer())
        .scheme(basic())
        .challenge_every_bearer_403(true)
        .build()
        .unwrap();
    for path in ["/r", "/permission", "/policy"] {
        let answer = ask(&auth, with_bearer(path, "user")).await;
        answer.assert_refused(403);
        assert_eq!(answer.lines("www-authenticate"), [r#"Bearer realm="api""#]);
        assert_eq!(answer.json().get("error"), None);
    }
    let answer = ask(&auth, with_bearer("/s", "user")).await;
    assert_eq!(only_challenge(&answer), expected("Bearer", &LACKS_WRITE));
    let answer = ask(&auth, with_basic("/r", "test:123\u{a3}")).await;
    answer.assert_refused(403);
    assert_no_challenge(&answer);
}

#[actix_web::test]
async fn f403_06_a_network_rule_refuses_without_a_challenge() {
    let auth = api()
        .scheme(bearer())
        .deny_networks(["192.0.2.0/24", "2001:db8::/32"])
        .challenge_every_bearer_403(true)
        .build()
        .unwrap();
    for peer in [
        "192.0.2.7:4711",
        "[2001:db8::1]:4711",
        "[::ffff:192.0.2.7]:4711",
    ] {
        for request in [
            get("/p"),
            with_bearer("/p", "admin"),
            with_bearer("/p", "nobody"),
            with_bearer("/p", "outage"),
            get("/o"),
        ] {
            let answer = ask(&auth, request.peer_addr(peer.parse().unwrap())).await;
            answer.assert_refused(403);
            assert_no_challenge(&answer);
        }
    }
    let elsewhere = "198.51.100.1:4711".parse().unwrap();
    ask(&auth, with_bearer("/p", "user").peer_addr(elsewhere))
        .await
        .assert_granted();
}

#[actix_web::test]
async fn f403_07_a_403_of_a_session_or_a_key_has_no_challenge() {
    let auth = api()
        .scheme(bearer())
        .scheme(crate::support::api_key())
        .scheme(crate::support::cookie())
        .challenge_every_bearer_403(true)
        .build()
        .unwrap();
    for (path, name, value) in [
        ("/cr", "cookie", "session=good"),
        ("/r", "cookie", "session=good"),
        ("/s", "cookie", "session=good"),
        ("/kr", "x-api-key", "good-key"),
        ("/s", "x-api-key", "good-key"),
    ] {
        let answer = ask(&auth, get(path).insert_header((name, value))).await;
        answer.assert_refused(403);
        assert_no_challenge(&answer);
        assert_eq!(answer.json().get("error"), None);
    }
}

/// Every way to be refused, and none to be let in.
fn refused_at(method: &Method, path: &str) -> Vec<TestRequest> {
    let request = || TestRequest::default().method(method.clone()).uri(path);
    let with = |name: &str, value: &str| request().insert_header((name, value));
    let peer = "198.51.100.1:4711".parse().unwrap();
    let mut requests = vec![
        request(),
        with("authorization", "Bearer user"),
        with("authorization", "Bearer nobody"),
        with("authorization", "Bearer expired"),
        with("authorization", "Bearer outage"),
        with("authorization", "Bearer panic"),
        with("authorization", "Bearer not a token"),
        with("authorization", "Basic YWRhOndyb25n"),
        with("authorization", "Foo x"),
        with("authorization", "Bearer user").append_header(("authorization", "Bearer user")),
        with("x-api-key", "good-key"),
        with("cookie", "session=expired"),
    ];
    requests = requests
        .into_iter()
        .map(|request| request.peer_addr(peer))
        .collect();
    requests
        .push(with("authorization", "Bearer admin").peer_addr("192.0.2.7:4711".parse().unwrap()));
    requests
}

/// What the same requests get for a path that there is not.
async fn assert_hidden(auth: Option<&Auth>, default: fn(Option<&Auth>, &mut web::ServiceConfig)) {
    let calls = Calls::default();
    let mut app = App::new().app_data(calls.clone()).configure(routes);
    if let Some(auth) = auth {
        app = app.app_data(auth.clone());
    }
    let service = init_service(app.configure(|config| default(auth, config))).await;
    for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
        let known = refused_at(&method, "/hidden");
        for (position, (hidden, unknown)) in known
            .into_iter()
            .zip(refused_at(&method, "/no-such-path"))
            .enumerate()
        {
            let hidden = send(&service, hidden).await;
            let unknown = send(&service, unknown).await;
            assert_eq!(hidden.status, 404);
            assert_eq!(
                hidden.seen(),
                unknown.seen(),
                "{method}, request {position}"
            );
            assert_no_challenge(&hidden);
        }
    }
    assert_eq!(calls.count(), 0);
}

fn hiding() -> Auth {
    api()
        .scheme(bearer())
        .scheme(basic())
        .scheme(crate::support::api_key())
        .deny_networks(["192.0.2.0/24"])
        .explain_denials(true)
        .challenge_every_bearer_403(true)
        .build()
        .unwrap()
}

#[actix_web::test]
async fn f403_08_a_hidden_handler_answers_as_actix_web_answers_an_unknown_path() {
    assert_hidden(Some(&hiding()), |_, _| {}).await;
}

#[actix_web::test]
async fn f403_08_a_hidden_handler_answers_as_the_not_found_service_does() {
    assert_hidden(Some(&hiding()), |auth, config| {
        config.default_service(auth.unwrap().not_found_service());
    })
    .await;
}

#[actix_web::test]
async fn f403_08_a_hidden_handler_answers_as_the_apps_own_not_found_service_does() {
    let auth = api()
        .scheme(bearer())
        .deny_networks(["192.0.2.0/24"])
        .not_found(|head: &actix_web::dev::RequestHead| {
            HttpResponse::NotFound()
                .insert_header(("x-app", "ours"))
                .body(format!("{} is not here", head.method))
        })
        .build()
        .unwrap();
    assert_hidden(Some(&auth), |auth, config| {
        config.default_service(auth.unwrap().not_found_service());
    })
    .await;
}

#[actix_web::test]
async fn f403_08_a_hidden_handler_without_a_configuration_is_hidden_too() {
    assert_hidden(None, |_, _| {}).await;
}

#[actix_web::test]
async fn f403_08_who_may_see_it_sees_it() {
    let answer = ask(
        &hiding(),
        with_bearer("/hidden", "admin").peer_addr("198.51.100.1:1".parse().unwrap()),
    )
    .await;
    answer.assert_granted();
    assert_eq!(answer.text(), "hidden");
}

#[actix_web::test]
async fn f403_09_the_body_names_nothing_of_the_rule_unless_told_to() {
    const SECRETS: [&str; 7] = [
        "admin", "role", "policy", "never", "4711", "eve", "articles",
    ];
    for (path, explained) in [
        ("/r", "`role(\"admin\")` is not satisfied"),
        (
            "/policy",
            "policy `never` denied: the row 4711 of table articles belongs to eve",
        ),
        (
            "/permission",
            "`permission(\"articles:edit\")` is not satisfied",
        ),
    ] {
        let answer = ask(&bearer_only(), with_bearer(path, "user")).await;
        answer.assert_refused(403);
        for secret in SECRETS {
            assert!(
                !answer.text().contains(secret),
                "{secret}: {}",
                answer.text()
            );
        }
        let development = api()
            .scheme(bearer())
            .explain_denials(true)
            .build()
            .unwrap();
        let answer = ask(&development, with_bearer(path, "user")).await;
        answer.assert_refused(403);
        assert_eq!(answer.json()["detail"], explained);
    }
}

#[actix_web::test]
async fn f403_10_nothing_about_a_missing_role_invites_to_try_again() {
    let answer = ask(&bearer_only(), with_bearer("/r", "user")).await;
    answer.assert_refused(403);
    assert_no_challenge(&answer);
    assert_eq!(answer.lines("retry-after"), Vec::<String>::new());
    assert_eq!(answer.json().get("error"), None);
    let auth = api()
        .scheme(bearer())
        .renderer(
            |_: &actix_web::dev::RequestHead, denial: &auth_runtime::Denial| {
                HttpResponse::build(denial.status())
                    .insert_header(("retry-after", "1"))
                    .finish()
            },
        )
        .build()
        .unwrap();
    let answer = ask(&auth, with_bearer("/r", "user")).await;
    assert_eq!((answer.status, answer.lines("retry-after").len()), (403, 0));
}

#[actix_web::test]
async fn f403_11_of_several_credentials_one_valid_makes_it_403_and_none_makes_it_401() {
    let auth = all_schemes();
    let presenting = |token: Option<&str>, key: Option<&str>| {
        let mut request = get("/r");
        if let Some(token) = token {
            request = request.insert_header(("authorization", format!("Bearer {token}")));
        }
        if let Some(key) = key {
            request = request.insert_header(("x-api-key", key));
        }
        request
    };
    for (token, key, status) in [
        (None, None, 401),
        (Some("nobody"), None, 401),
        (None, Some("wrong"), 401),
        (Some("nobody"), Some("wrong"), 401),
        (Some("expired"), Some("wrong"), 401),
        (Some("user"), None, 403),
        (None, Some("good-key"), 403),
        (Some("user"), Some("good-key"), 403),
        (Some("nobody"), Some("good-key"), 403),
        (Some("expired"), Some("good-key"), 403),
        (Some("user"), Some("wrong"), 403),
    ] {
        let answer = ask(&auth, presenting(token, key)).await;
        answer.assert_refused(status);
    }
    for (token, key) in [
        (Some("nobody"), Some("admin-key")),
        (Some("admin"), Some("wrong")),
    ] {
        ask(&auth, presenting(token, key)).await.assert_granted();
    }
}

#[actix_web::get("/either")]
#[requires(any(role("admin"), scope("files:write")))]
async fn either(_: Called) -> &'static str {
    "either"
}

#[actix_web::get("/both")]
#[requires(all(role("admin"), scope("files:write")))]
async fn both(_: Called) -> &'static str {
    "both"
}

async fn at_combined(token: &str, path: &str) -> Answer {
    let app = App::new()
        .app_data(bearer_only())
        .app_data(Calls::default())
        .service(either)
        .service(both);
    send(&init_service(app).await, with_bearer(path, token)).await
}

#[actix_web::test]
async fn f403_02_and_f403_05_a_scope_is_asked_for_only_where_scopes_alone_would_help() {
    let answer = at_combined("user", "/either").await;
    answer.assert_refused(403);
    assert_eq!(only_challenge(&answer), expected("Bearer", &LACKS_WRITE));
    let answer = at_combined("user", "/both").await;
    answer.assert_refused(403);
    assert_no_challenge(&answer);
    let answer = at_combined("writer", "/both").await;
    answer.assert_refused(403);
    assert_no_challenge(&answer);
    let answer = at_combined("admin", "/both").await;
    answer.assert_refused(403);
    assert_eq!(only_challenge(&answer), expected("Bearer", &LACKS_WRITE));
}
