//! U401: nobody is known, or not yet.

use actix_web::http::Method;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, web};
use auth_runtime::prelude::*;

use crate::support::app::{Called, send, with_authorization, with_basic};
use crate::support::callers::{DISABLED_PASSWORD, slow_bearer};
use crate::support::challenge::expected;
use crate::support::wire::{Server, head};
use crate::support::{
    Calls, all_schemes, api, api_key, ask, assert_no_challenge, basic, bearer, bearer_only,
    challenges, cookie, get, only_challenge, with_bearer,
};

const INVALID: [(&str, &str); 3] = [
    ("realm", "api"),
    ("error", "invalid_token"),
    ("error_description", "The access token is invalid"),
];

#[actix_web::test]
async fn u401_01_without_credentials_the_challenge_has_no_error() {
    for path in ["/p", "/s", "/r", "/plain"] {
        let answer = ask(&bearer_only(), get(path)).await;
        answer.assert_refused(401);
        assert_eq!(answer.lines("www-authenticate"), [r#"Bearer realm="api""#]);
        assert_eq!(answer.json().get("error"), None);
    }
}

#[actix_web::test]
async fn u401_02_an_unknown_scheme_counts_as_no_credentials() {
    let none = ask(&bearer_only(), get("/p")).await;
    for value in [
        "Foo x",
        "Foo",
        "Digest username=\"ada\", response=\"0\"",
        "Negotiate YII=",
    ] {
        let answer = ask(&bearer_only(), with_authorization("/p", value.as_bytes())).await;
        assert_eq!(answer.seen(), none.seen(), "{value}");
    }
}

#[actix_web::test]
async fn u401_03_invalid_credentials_get_401_with_a_challenge() {
    let auth = all_schemes();
    for (request, error) in [
        (with_bearer("/p", "nobody"), Some("invalid_token")),
        (with_bearer("/p", "revoked"), Some("invalid_token")),
        (with_basic("/p", "ada:wrong"), None),
        (get("/p").insert_header(("x-api-key", "revoked-key")), None),
        (get("/p").insert_header(("cookie", "session=forged")), None),
    ] {
        let answer = ask(&auth, request).await;
        answer.assert_refused(401);
        assert_eq!(challenges(&answer).len(), 4);
        assert_eq!(
            answer.json().get("error").and_then(|error| error.as_str()),
            error
        );
    }
}

#[actix_web::test]
async fn u401_04_valid_but_inadequate_credentials_get_403() {
    for path in ["/r", "/s", "/permission", "/policy"] {
        ask(&bearer_only(), with_bearer(path, "user"))
            .await
            .assert_refused(403);
    }
}

#[actix_web::test]
async fn u401_05_authentication_is_judged_before_authorization() {
    let answer = ask(&bearer_only(), with_bearer("/r", "expired")).await;
    answer.assert_refused(401);
    let description = ("error_description", "The access token expired");
    assert_eq!(
        only_challenge(&answer),
        expected("Bearer", &[INVALID[0], INVALID[1], description])
    );
    let answer = ask(&bearer_only(), with_bearer("/r", "nobody")).await;
    answer.assert_refused(401);
    assert_eq!(only_challenge(&answer), expected("Bearer", &INVALID));
}

#[actix_web::test]
async fn u401_06_neither_handler_nor_extractors_run_on_a_refusal() {
    let huge = vec![b'['; 4 << 20];
    for auth in [bearer_only(), api().scheme(slow_bearer()).build().unwrap()] {
        for body in [&b"{ not json"[..], b"", &huge] {
            for (token, has_error) in [
                (None, false),
                (Some("nobody"), true),
                (Some("expired"), true),
            ] {
                let mut request = TestRequest::post()
                    .uri("/p")
                    .insert_header(("content-type", "application/json"))
                    .set_payload(body.to_vec());
                if let Some(token) = token {
                    request = request.insert_header(("authorization", format!("Bearer {token}")));
                }
                let answer = ask(&auth, request).await;
                answer.assert_refused(401);
                assert_eq!(answer.json().get("error").is_some(), has_error);
            }
        }
        // The same bodies reach the extractor where the caller is known.
        let known = TestRequest::post()
            .uri("/p")
            .insert_header(("authorization", "Bearer user"))
            .insert_header(("content-type", "application/json"));
        let answer = ask(&auth, known.set_payload("{ not json")).await;
        assert_eq!((answer.status, answer.calls), (400, 1));
    }
}

/// actix-http answers `100 Continue` before any handler is called, against RFC 9110 §10.1.1; this
/// crate cannot change it. What it can do, it does: it never waits for the body.
#[test]
fn u401_07_a_refusal_does_not_wait_for_the_body_that_a_client_holds_back() {
    let server = Server::start(bearer_only());
    let mut connection = server.connect();
    connection.write(
        "POST /p HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: 1000\r\nExpect: 100-continue\r\n\r\n",
    );
    let interim = connection.read(false);
    assert_eq!(
        interim.status, 100,
        "actix-http keeps to RFC 9110 now: say so in the README"
    );
    let answer = connection.read(false);
    answer.assert_refused(401);
    assert_eq!(
        only_challenge(&answer),
        expected("Bearer", &[("realm", "api")])
    );
    assert_eq!(server.calls(), 0);
}

#[actix_web::test]
async fn u401_08_preconditions_and_ranges_do_not_matter_to_a_refusal() {
    for (method, name, value) in [
        (Method::GET, "if-none-match", "*"),
        (
            Method::GET,
            "if-modified-since",
            "Sun, 06 Nov 1994 08:49:37 GMT",
        ),
        (Method::PUT, "if-match", "\"x\""),
        (
            Method::PUT,
            "if-unmodified-since",
            "Sun, 06 Nov 1994 08:49:37 GMT",
        ),
        (Method::GET, "range", "bytes=0-1"),
        (Method::GET, "range", "bytes=9999999-"),
    ] {
        let plain = TestRequest::default().method(method.clone()).uri("/p");
        let with_condition = TestRequest::default()
            .method(method)
            .uri("/p")
            .insert_header((name, value));
        let answer = ask(&bearer_only(), with_condition).await;
        answer.assert_refused(401);
        assert_eq!(
            answer.seen(),
            ask(&bearer_only(), plain).await.seen(),
            "{name}: {value}"
        );
    }
}

#[actix_web::test]
async fn u401_09_a_refusal_explains_itself_and_says_if_it_is_temporary() {
    let auth = bearer_only();
    for (request, status, detail) in [
        (get("/p"), 401, "Authentication is required."),
        (
            with_bearer("/p", "nobody"),
            401,
            "The credentials are not valid.",
        ),
        (
            with_bearer("/p", "expired"),
            401,
            "The credentials have expired.",
        ),
        (
            with_bearer("/r", "user"),
            403,
            "You are not allowed to do this.",
        ),
        (
            with_bearer("/s", "user"),
            403,
            "The token lacks a required scope.",
        ),
        (
            with_bearer("/p", "outage"),
            503,
            "Credentials cannot be checked at the moment. Try again later.",
        ),
    ] {
        let answer = ask(&auth, request).await;
        answer.assert_refused(status);
        assert_eq!(answer.json()["detail"], detail);
    }
}

#[test]
fn u401_09_an_answer_to_head_has_no_body() {
    let server = Server::start(bearer_only());
    let mut connection = server.connect();
    connection.write(head("HEAD", "/head", &["Connection: close"]));
    assert_eq!(connection.read(true).status, 401);
    assert_eq!(connection.read_rest(), b"");
}

#[actix_web::test]
async fn u401_10_an_optional_caller_is_anonymous_without_credentials_only() {
    let auth = all_schemes();
    let answer = ask(&auth, get("/o")).await;
    answer.assert_granted();
    assert_eq!(answer.text(), "anonymous");
    let answer = ask(&auth, with_bearer("/o", "user")).await;
    answer.assert_granted();
    assert_eq!(answer.text(), "rob");
    for request in [
        with_bearer("/o", "nobody"),
        with_bearer("/o", "expired"),
        with_basic("/o", "ada:wrong"),
        get("/o").insert_header(("x-api-key", "wrong")),
        get("/o").insert_header(("cookie", "session=expired")),
    ] {
        ask(&auth, request).await.assert_refused(401);
    }
    ask(&auth, with_bearer("/o", "outage"))
        .await
        .assert_refused(503);
}

#[actix_web::test]
async fn u401_10_ignore_invalid_credentials_takes_them_for_none() {
    let auth = api()
        .scheme(bearer())
        .ignore_invalid_credentials(true)
        .build()
        .unwrap();
    for token in ["nobody", "expired", "revoked"] {
        let answer = ask(&auth, with_bearer("/o", token)).await;
        answer.assert_granted();
        assert_eq!(answer.text(), "anonymous");
        ask(&auth, with_bearer("/p", token))
            .await
            .assert_refused(401);
    }
    ask(&auth, with_bearer("/o", "outage"))
        .await
        .assert_refused(503);
}

#[actix_web::test]
async fn u401_11_an_outage_of_the_verifier_is_503_and_no_judgement_of_the_token() {
    for auth in [
        bearer_only(),
        api().scheme(slow_bearer()).build().unwrap(),
        all_schemes(),
    ] {
        let answer = ask(&auth, with_bearer("/r", "outage")).await;
        answer.assert_refused(503);
        assert_no_challenge(&answer);
        assert_eq!(answer.header("retry-after").as_deref(), Some("5"));
        assert_eq!(answer.json().get("error"), None);
        assert!(!answer.text().contains("10.0.0.7"));
    }
}

#[actix_web::test]
async fn u401_11_the_verifier_says_when_to_try_again() {
    let auth = api()
        .scheme(Bearer::sync(|_: Secret<'_>| {
            Err::<Option<Principal>, _>(
                VerifyError::unavailable().retry_after(std::time::Duration::from_millis(90_500)),
            )
        }))
        .build()
        .unwrap();
    let answer = ask(&auth, with_bearer("/p", "t")).await;
    answer.assert_refused(503);
    assert_eq!(answer.header("retry-after").as_deref(), Some("90"));
}

#[actix_web::test]
async fn u401_12_missing_and_wrong_keys_get_the_same_bytes() {
    let auth = api().scheme(api_key()).build().unwrap();
    let missing = ask(&auth, get("/k")).await;
    missing.assert_refused(401);
    assert_eq!(missing.lines("www-authenticate"), [r#"ApiKey realm="api""#]);
    for key in ["wrong", "", "two words", "caf\u{e9}"] {
        let answer = ask(&auth, get("/k").insert_header(("x-api-key", key))).await;
        assert_eq!(answer.seen(), missing.seen(), "{key:?}: {}", answer.text());
    }
    ask(&auth, get("/k").insert_header(("x-api-key", "good-key")))
        .await
        .assert_granted();
}

#[actix_web::test]
async fn u401_12_the_name_of_the_key_scheme_can_be_set() {
    let auth = api()
        .scheme(api_key().scheme_name("Token"))
        .build()
        .unwrap();
    let answer = ask(&auth, get("/p")).await;
    answer.assert_refused(401);
    assert_eq!(answer.lines("www-authenticate"), [r#"Token realm="api""#]);
}

#[actix_web::test]
async fn u401_13_a_cookie_session_gets_a_challenge_that_prompts_nobody() {
    for auth in [api().scheme(cookie()).build().unwrap(), all_schemes()] {
        for request in [
            get("/c"),
            get("/c").insert_header(("cookie", "session=expired")),
            get("/c").insert_header(("cookie", "session=forged")),
        ] {
            let answer = ask(&auth, request.insert_header(("accept", "text/html"))).await;
            answer.assert_refused(401);
            assert_eq!(answer.lines("www-authenticate"), [r#"Cookie realm="api""#]);
        }
        ask(&auth, get("/c").insert_header(("cookie", "session=good")))
            .await
            .assert_granted();
    }
}

/// RFC 9113 §8.2.3: "the Cookie header field MAY be split into separate header fields".
#[actix_web::test]
async fn u401_13_cookies_may_come_in_several_lines() {
    let auth = api().scheme(cookie()).build().unwrap();
    for (lines, status) in [
        (&["session=good", "theme=dark"][..], 200),
        (&["theme=dark", "session=good"], 200),
        (&["theme=dark; session=good; a=b=c", "x=y"], 200),
        (&["theme=dark;session=good"], 200),
        (&["session=good", "session=good"], 400),
        // Which session is meant cannot be told.
        (&["session=good", "session=other"], 400),
        (&["session=good; session="], 400),
        (&["Session=good", "xsession=good", "session"], 401),
        (&["theme=\"a; session=forged\""], 401),
        (&["session=\"good\""], 401),
        (&[""], 401),
    ] {
        let request = lines.iter().fold(get("/c"), |request, line| {
            request.append_header(("cookie", *line))
        });
        let answer = ask(&auth, request).await;
        if status == 200 {
            answer.assert_granted();
        } else {
            answer.assert_refused(status);
        }
    }
}

#[actix_web::test]
async fn u401_15_unknown_wrong_and_disabled_are_the_same_bytes() {
    let auth = api().scheme(basic()).build().unwrap();
    let wrong = ask(&auth, with_basic("/p", "ada:wrong")).await;
    wrong.assert_refused(401);
    let disabled = format!("carol:{DISABLED_PASSWORD}");
    for credentials in [
        "nobody:correct-horse",
        "nobody:",
        ":correct-horse",
        &disabled,
        "carol:x",
    ] {
        let answer = ask(&auth, with_basic("/p", credentials)).await;
        assert_eq!(answer.seen(), wrong.seen(), "{credentials}");
    }
}

#[actix_web::post("/comments")]
#[public(reason = "anybody may comment")]
async fn comment(_: Called, _: web::Json<u8>, caller: MaybeAuthenticated) -> String {
    caller
        .principal()
        .map_or("anonymous", |_| "known")
        .to_owned()
}

#[actix_web::test]
async fn u401_10_invalid_credentials_come_before_the_body_where_the_caller_is_optional() {
    for auth in [bearer_only(), api().scheme(slow_bearer()).build().unwrap()] {
        let calls = Calls::default();
        let app = App::new()
            .app_data(auth)
            .app_data(calls.clone())
            .service(comment);
        let service = init_service(app).await;
        let ask = |token: &'static str| {
            let request = TestRequest::post()
                .uri("/comments")
                .insert_header(("authorization", format!("Bearer {token}")))
                .set_payload("not JSON");
            send(&service, request)
        };
        assert_eq!(ask("nobody").await.status, 401);
        assert_eq!(ask("outage").await.status, 503);
        assert_eq!(calls.count(), 0, "no extractor ran");
        assert_eq!(ask("user").await.status, 400, "then the body counts");
    }
}
