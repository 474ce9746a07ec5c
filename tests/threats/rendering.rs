//! Bodies of the app's own: theirs to write, the rest is not.

use actix_web::dev::RequestHead;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE,
};
use actix_web::test::init_service;
use actix_web::{App, HttpResponse, get};
use auth_runtime::denial::{Html, Negotiated, PlainJson, RenderDenial, Text};
use auth_runtime::prelude::*;
use auth_runtime::{Denial, denial};

use crate::support::principals::{key, password, token};
use crate::support::{Answer, app, builder, calls, get, head, send};

#[get("/admin")]
#[requires_role("admin")]
async fn admin() -> &'static str {
    calls::count();
    "admin"
}

#[get("/scope")]
#[requires_scope("files:delete")]
async fn scope() -> &'static str {
    calls::count();
    "scope"
}

#[get("/policy")]
#[requires(all(authenticated, policy(secretive)))]
async fn policy() -> &'static str {
    calls::count();
    "policy"
}

async fn secretive() -> Decision {
    Decision::deny("the vault is behind the painting")
}

#[get("/alone")]
async fn alone(_: Authenticated) -> &'static str {
    calls::count();
    "alone"
}

/// Does everything that a renderer must not.
fn hostile(_: &RequestHead, denial: &Denial) -> HttpResponse {
    HttpResponse::build(StatusCode::OK)
        .insert_header((WWW_AUTHENTICATE, "Basic realm=\"forged\""))
        .append_header((WWW_AUTHENTICATE, "Bearer realm=\"forged\""))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000"))
        .insert_header((RETRY_AFTER, "0"))
        .insert_header(("x-code", denial.status().as_str()))
        .content_type("text/x-own")
        .body("own body")
}

fn assert_own(answer: &Answer, status: u16, challenges: usize) {
    assert_eq!(calls::take(), 0);
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.challenges().len(), challenges, "{answer:?}");
    assert!(
        answer
            .challenges()
            .iter()
            .all(|line| !line.contains("forged")),
        "{answer:?}"
    );
    assert_eq!(answer.header(CACHE_CONTROL), Some("no-store"));
    assert_eq!(answer.headers.get_all(CACHE_CONTROL).count(), 1);
    let retry_after = if status == 503 { Some("5") } else { None };
    assert_eq!(answer.header(RETRY_AFTER), retry_after);
    assert_eq!(answer.header(CONTENT_TYPE), Some("text/x-own"));
    assert_eq!(
        answer.header(HeaderName::from_static("x-code")),
        Some(&*status.to_string())
    );
    assert_eq!(answer.text(), "own body");
}

#[actix_web::test]
async fn a_renderer_can_change_neither_status_nor_challenges_nor_caching() {
    let app = app!(builder().renderer(hostile).build().unwrap() => admin, scope, alone);
    for path in ["/admin", "/alone"] {
        assert_own(&send(&app, get(path).to_request()).await, 401, 3);
        for (credentials, status, challenges) in [
            ("nobody", 401, 3),
            ("expired", 401, 3),
            ("down", 503, 0),
            ("panic", 500, 0),
        ] {
            let request = get(path).insert_header(token(credentials));
            assert_own(&send(&app, request.to_request()).await, status, challenges);
        }
        let request = get(path)
            .append_header(token("a"))
            .append_header(token("b"));
        assert_own(&send(&app, request.to_request()).await, 400, 3);
    }
    let request = get("/admin").insert_header(token("user"));
    assert_own(&send(&app, request.to_request()).await, 403, 0);
    let request = get("/scope").insert_header(token("user"));
    assert_own(&send(&app, request.to_request()).await, 403, 1);
}

#[actix_web::test]
async fn a_renderer_sees_the_request_and_the_decision() {
    let seeing = |head: &RequestHead, denial: &Denial| {
        HttpResponse::build(denial.status()).body(format!(
            "{} {} {} {} {}",
            head.method,
            head.uri.path(),
            denial.reason().code(),
            denial.challenges().count(),
            denial.error().unwrap_or("-"),
        ))
    };
    let app = app!(builder().renderer(seeing).build().unwrap() => admin, scope);
    let answer = send(&app, get("/admin?x=y").to_request()).await;
    assert_eq!(answer.text(), "GET /admin no_credentials 3 -");
    let answer = send(
        &app,
        get("/admin").insert_header(token("expired")).to_request(),
    )
    .await;
    assert_eq!(
        answer.text(),
        "GET /admin expired_credentials 3 invalid_token"
    );
    let answer = send(
        &app,
        get("/scope").insert_header(token("user")).to_request(),
    )
    .await;
    assert_eq!(
        answer.text(),
        "GET /scope missing_scopes 1 insufficient_scope"
    );
    assert_eq!(calls::take(), 0);
}

#[actix_web::test]
async fn a_renderer_that_panics_lets_nobody_in() {
    let panicking = |_: &RequestHead, _: &Denial| -> HttpResponse { panic!("no ink") };
    let app = app!(builder().renderer(panicking).build().unwrap() => admin);
    for credentials in ["nobody", "user"] {
        let request = get("/admin").insert_header(token(credentials)).to_request();
        let sent = std::panic::AssertUnwindSafe(send(&app, request));
        let outcome = futures_util::FutureExt::catch_unwind(sent).await;
        assert_eq!(calls::take(), 0);
        assert!(outcome.is_err() || outcome.is_ok_and(|answer| answer.status != 200));
    }
}

#[actix_web::test]
async fn built_in_renderers_write_what_they_say() {
    macro_rules! answer {
        ($renderer:expr) => {{
            let app = app!(builder().renderer($renderer).build().unwrap() => admin);
            let answer = send(&app, get("/admin").insert_header(token("user")).to_request()).await;
            assert_eq!((answer.status.as_u16(), calls::take()), (403, 0));
            assert_eq!(answer.header(CACHE_CONTROL), Some("no-store"));
            answer
        }};
    }
    let detail = "You are not allowed to do this.";
    let answer = answer!(denial::ProblemJson);
    assert_eq!(
        answer.header(CONTENT_TYPE),
        Some("application/problem+json")
    );
    let expected = serde_json::json!({"title": "Forbidden", "status": 403, "detail": detail});
    assert_eq!(answer.json(), expected);
    let answer = answer!(PlainJson);
    assert_eq!(answer.header(CONTENT_TYPE), Some("application/json"));
    assert_eq!(answer.json(), serde_json::json!({ "error": detail }));
    let answer = answer!(Html);
    assert_eq!(
        answer.header(CONTENT_TYPE),
        Some("text/html; charset=utf-8")
    );
    assert!(
        answer
            .text()
            .contains("<p>You are not allowed to do this.</p>")
    );
    assert!(!answer.text().contains("<script") && !answer.text().contains("http"));
    let answer = answer!(Text);
    assert_eq!(
        answer.header(CONTENT_TYPE),
        Some("text/plain; charset=utf-8")
    );
    assert_eq!(answer.text(), format!("Forbidden: {detail}\n"));
}

#[actix_web::test]
async fn problem_09_negotiated_answers_what_is_accepted_and_never_406() {
    let app = app!(builder().renderer(Negotiated).build().unwrap() => admin);
    for (accept, content_type) in [
        ("", "application/problem+json"),
        ("*/*", "application/problem+json"),
        ("application/json", "application/json"),
        (
            "application/problem+json;q=0.5, application/json;q=0.4",
            "application/problem+json",
        ),
        (
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "text/html; charset=utf-8",
        ),
        ("TEXT/HTML", "text/html; charset=utf-8"),
        ("text/plain", "text/plain; charset=utf-8"),
        ("image/png", "application/problem+json"),
        ("text/html;q=0", "application/problem+json"),
        ("nonsense", "application/problem+json"),
        (",,;;/q=", "application/problem+json"),
        ("text/html;q=\"", "application/problem+json"),
    ] {
        let request = get("/admin").insert_header(("accept", accept));
        let answer = send(&app, request.to_request()).await;
        assert_eq!(answer.status, 401, "{accept}");
        assert_eq!(answer.header(CONTENT_TYPE), Some(content_type), "{accept}");
        assert_eq!(answer.challenges().len(), 3);
    }
    let long = "text/html;q=0.1,".repeat(5000);
    let request = get("/admin").insert_header(("accept", long));
    assert_eq!(send(&app, request.to_request()).await.status, 401);
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(512))]
    #[test]
    fn negotiated_panics_on_no_accept(lines in proptest::collection::vec("[ -~]{0,40}", 0..4)) {
        accept(&lines);
    }

    #[test]
    fn negotiated_panics_on_no_accept_that_looks_right(
        lines in proptest::collection::vec("[a-z*]{0,4}/[a-z+*]{0,6}(;q?=?\"?[0-9.]{0,5}\"?){0,2},?", 0..4)
    ) {
        accept(&lines);
    }
}

/// Renders a denial for these `Accept` lines.
fn accept(lines: &[String]) {
    let mut request = actix_web::test::TestRequest::default();
    for line in lines {
        request = request.append_header(("accept", line.as_str()));
    }
    let request = request.to_http_request();
    let response = Negotiated.render(request.head(), &Denial::forbidden("x"));
    assert_eq!(response.status(), 403);
}

#[actix_web::test]
async fn f403_09_only_explained_denials_say_what_is_missing() {
    let silent = app!(builder().build().unwrap() => admin, scope, policy);
    let speaking = app!(builder().explain_denials(true).build().unwrap() => admin, scope, policy);
    for (path, secret) in [
        ("/admin", "role(\"admin\")"),
        ("/scope", "files:delete"),
        ("/policy", "behind the painting"),
    ] {
        let request = || get(path).insert_header(token("user")).to_request();
        let answer = send(&silent, request()).await;
        answer.assert_refused(403);
        assert!(!answer.text().contains(secret), "{answer:?}");
        let answer = send(&speaking, request()).await;
        answer.assert_refused(403);
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(secret), "{answer:?}");
    }
    // C-12: the challenge says nothing more.
    let request = get("/admin").insert_header(token("refused"));
    let answer = send(&speaking, request.to_request()).await;
    answer.assert_refused(401);
    let expected = "Bearer realm=\"api\", error=\"invalid_token\", \
                    error_description=\"The access token is invalid\"";
    assert_eq!(answer.challenges()[0], expected);
    assert!(!answer.text().contains("account disabled"), "{answer:?}");
}

#[actix_web::test]
async fn f403_05_the_switch_puts_a_plain_challenge_on_bearer_403s_alone() {
    let off = app!(builder().build().unwrap() => admin, scope, policy);
    let on =
        app!(builder().challenge_every_bearer_403(true).build().unwrap() => admin, scope, policy);
    for path in ["/admin", "/policy"] {
        let request = || get(path).insert_header(token("user")).to_request();
        send(&off, request()).await.assert_refused(403);
        let answer = send(&on, request()).await;
        assert_eq!((answer.status.as_u16(), calls::take()), (403, 0));
        assert_eq!(answer.challenges(), ["Bearer realm=\"api\""]);
    }
    // F403-07: not for passwords and keys.
    for credentials in [password("ada", "correct-horse"), key("k3y")] {
        let request = get("/policy").insert_header(credentials);
        let answer = send(&on, request.to_request()).await;
        answer.assert_refused(403);
        assert_eq!(answer.challenges(), Vec::<&str>::new());
    }
    // F403-02 stands either way.
    let expected = "Bearer realm=\"api\", error=\"insufficient_scope\", scope=\"files:delete\", \
                    error_description=\"The token lacks a required scope\"";
    let request = || get("/scope").insert_header(token("user")).to_request();
    for answer in [send(&on, request()).await, send(&off, request()).await] {
        answer.assert_refused(403);
        assert_eq!(answer.challenges(), [expected]);
    }
    for credentials in [password("ada", "correct-horse"), key("k3y")] {
        let request = get("/scope").insert_header(credentials);
        let answer = send(&off, request.to_request()).await;
        answer.assert_refused(403);
        assert_eq!(answer.challenges(), Vec::<&str>::new());
    }
}

#[actix_web::test]
async fn a_refused_head_request_has_the_headers_of_get() {
    let app = app!(builder().build().unwrap() => admin_head);
    let answer = send(&app, head("/any").to_request()).await;
    let of_get = send(&app, get("/any").to_request()).await;
    assert_eq!(answer.status, of_get.status);
    assert_eq!(answer.fingerprint().1, of_get.fingerprint().1);
}

#[actix_web::route("/any", method = "GET", method = "HEAD")]
#[requires_role("admin")]
async fn admin_head() -> &'static str {
    calls::count();
    "any"
}

#[actix_web::test]
async fn a_renderer_that_panics_changes_no_answer() {
    #[get("/hidden")]
    #[requires_role("admin", hide)]
    async fn hidden() -> &'static str {
        calls::count();
        "hidden"
    }
    let broken = |_: &RequestHead, _: &Denial| -> HttpResponse { panic!("in the renderer") };
    let lost = |_: &RequestHead| -> HttpResponse { panic!("in the renderer of unknown paths") };
    let auth = builder().renderer(broken).not_found(lost).build().unwrap();
    let unknown = auth.not_found_service();
    let app = App::new().app_data(auth).service(admin).service(hidden);
    let app = init_service(app.default_service(unknown)).await;
    let answer = send(&app, get("/admin").to_request()).await;
    assert_eq!((answer.status.as_u16(), calls::take()), (401, 0));
    assert!(!answer.challenges().is_empty(), "{answer:?}");
    assert_eq!(
        answer.header(CONTENT_TYPE),
        Some("application/problem+json")
    );
    let answer = send(
        &app,
        get("/admin").insert_header(token("user")).to_request(),
    )
    .await;
    assert_eq!((answer.status.as_u16(), calls::take()), (403, 0));
    assert_eq!(answer.header(CACHE_CONTROL), Some("no-store"));
    let refused = send(&app, get("/hidden").to_request()).await;
    let nowhere = send(&app, get("/nowhere").to_request()).await;
    let statuses = [refused.status.as_u16(), nowhere.status.as_u16()];
    assert_eq!((statuses, calls::take()), ([404, 404], 0));
    assert_eq!(refused.text(), nowhere.text());
}
