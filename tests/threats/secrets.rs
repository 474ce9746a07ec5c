//! The answer itself: nothing in it that an attacker wrote, nothing that an attacker wants.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use actix_web::http::header::{AUTHORIZATION, COOKIE, HeaderName};
use actix_web::test::TestRequest;
use actix_web::{get, web};
use auth_runtime::Denial;
use auth_runtime::audit::AuditSink;
use auth_runtime::audit::DecisionEvent;
use auth_runtime::http::Challenge;
use auth_runtime::http::Credentials;
use auth_runtime::prelude::*;
use serde::Deserialize;

use crate::support::principals::{admin, key, password, token};
use crate::support::{app, auth, bearer, builder, calls, get, log, send};

#[get("/admin")]
#[requires_role("admin")]
async fn admin_only(_: Authenticated) -> &'static str {
    calls::count();
    "admin"
}

#[get("/notes/{kind}")]
#[requires(policy(is_known_kind))]
async fn notes(_: web::Path<String>) -> &'static str {
    calls::count();
    "notes"
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Own,
}

async fn is_known_kind(kind: web::Path<Kind>, _: Authenticated) -> Decision {
    match *kind {
        Kind::Own => Decision::allow(),
    }
}

const SECRETS: [&str; 5] = [
    "t0ken-of-ada",
    "correct-horse-battery",
    "k3y-of-the-robot",
    "c00kie-value",
    "qu3ry-token",
];

/// Every way to present a secret, right or wrong.
fn presented() -> Vec<(HeaderName, String)> {
    vec![
        token("t0ken-of-ada"),
        token("t0ken-of-ada-wrong"),
        (AUTHORIZATION, "Bearer t0ken-of-ada !".into()),
        (AUTHORIZATION, "Bearer\tt0ken-of-ada".into()),
        (AUTHORIZATION, "Digest t0ken-of-ada".into()),
        (AUTHORIZATION, "t0ken-of-ada".into()),
        password("ada", "correct-horse-battery"),
        password("ada", "correct-horse-battery-wrong"),
        password("nobody", "correct-horse-battery"),
        (AUTHORIZATION, "Basic correct-horse-battery".into()),
        key("k3y-of-the-robot"),
        key("k3y-of-the-robot-wrong"),
        key("k3y-of-the-robot with space"),
        (COOKIE, "session=c00kie-value".into()),
    ]
}

fn secretive(sink: Events) -> Auth {
    Auth::builder()
        .realm("api")
        .scheme(Bearer::sync(|token: Secret<'_>| {
            assert_eq!(format!("{token:?}"), "Secret(..)");
            token.ct_eq("t0ken-of-ada").then(admin)
        }))
        .scheme(Basic::new(
            |user: String, password: Secret<'static>| async move {
                assert_eq!(format!("{password:?}"), "Secret(..)");
                if user == "ada" && password.ct_eq("correct-horse-battery") {
                    Ok(Some(
                        admin()
                            .with(String::from("c00kie-value"))
                            .claim("jti", "t0ken-of-ada"),
                    ))
                } else {
                    Err(VerifyError::invalid().because("no such password"))
                }
            },
        ))
        .scheme(ApiKey::sync("X-Api-Key", |key: Secret<'_>| {
            key.ct_eq("k3y-of-the-robot")
                .then(|| Principal::new("robot"))
        }))
        .audit(sink)
        .build()
        .unwrap()
}

/// Writes every event down as `Debug` shows it.
#[derive(Clone, Default)]
struct Events(Arc<Mutex<String>>);

impl AuditSink for Events {
    fn record(&self, event: &DecisionEvent<'_>) {
        let mut text = self.0.lock().unwrap();
        writeln!(text, "{event:?} {event:#?}").unwrap();
        writeln!(text, "{:?} {:?}", event.principal, event.reason).unwrap();
    }
}

#[track_caller]
fn assert_silent(text: &str, where_: &str) {
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} in {where_}: {text}");
    }
    let encoded = password("ada", "correct-horse-battery").1;
    assert!(
        !text.contains(encoded.trim_start_matches("Basic ")),
        "{where_}: {text}"
    );
}

#[actix_web::test]
async fn bearer_14_no_secret_is_in_a_log_or_an_answer() {
    log::start();
    let auth = secretive(Events::default());
    let mut granted = 0;
    let app = app!(auth => admin_only);
    for header in presented() {
        let request = get("/admin?access_token=qu3ry-token").insert_header(header);
        let answer = send(&app, request.to_request()).await;
        granted += calls::take();
        assert_silent(&format!("{answer:?}"), "an answer");
    }
    assert_eq!(granted, 2, "the control");
    let log = log::take();
    assert!(log.contains("auth_runtime"), "the control: {log}");
    assert_silent(&log, "the log");
}

#[actix_web::test]
async fn no_secret_is_in_an_audit_event() {
    let events = Events::default();
    let app = app!(secretive(events.clone()) => admin_only);
    for header in presented() {
        let request = get("/admin").insert_header(header);
        send(&app, request.to_request()).await;
        calls::take();
    }
    let text = events.0.lock().unwrap();
    assert!(
        text.contains("Granted") && text.contains("Denied"),
        "the control"
    );
    assert_silent(&text, "the audit events");
}

#[actix_web::test]
async fn no_secret_is_in_debug_of_credentials() {
    for (name, value) in presented() {
        let request = TestRequest::default()
            .insert_header((name, value))
            .to_http_request();
        let credentials = Credentials::of(&request).unwrap();
        let text = format!("{credentials:?} {:?}", credentials.authorization("Bearer"));
        assert_silent(&text, "credentials");
    }
}

#[actix_web::test]
async fn no_secret_is_in_debug_of_anything_else() {
    let auth = secretive(Events::default());
    let principal = admin()
        .with(String::from("c00kie-value"))
        .claim("jti", "t0ken-of-ada");
    let denial = Denial::forbidden("no");
    let scheme = Bearer::sync(|_: Secret<'_>| None);
    let text = format!(
        "{auth:?} {principal:?} {denial:?} {scheme:?} {:?}",
        builder()
    );
    assert_silent(&text, "debug");
}

#[actix_web::test]
async fn u401_15_unknown_user_wrong_password_and_disabled_user_are_the_same_bytes() {
    let basic = || {
        Basic::new(|user: String, password: Secret<'static>| async move {
            match &*user {
                "ada" if password.ct_eq("right") => Ok(Some(admin())),
                "disabled" => Err(VerifyError::invalid().because("the account is disabled")),
                "locked" => Err(VerifyError::invalid()),
                _ => Ok(None),
            }
        })
    };
    for auth in [
        Auth::builder().realm("api").scheme(basic()),
        builder_with(basic()).renderer(auth_runtime::denial::Negotiated),
        builder_with(basic()).explain_denials(true),
    ] {
        let app = app!(auth.build().unwrap() => admin_only);
        let mut answers = Vec::new();
        for credentials in [
            password("unknown", "x"),
            password("ada", "wrong"),
            password("ada", ""),
            password("", "right"),
            password("disabled", "right"),
            password("locked", "right"),
            password("a-name-that-is-much-longer-than-the-others", "x"),
        ] {
            let answer = send(&app, get("/admin").insert_header(credentials).to_request()).await;
            assert_eq!((answer.status.as_u16(), calls::take()), (401, 0));
            answers.push(answer.fingerprint());
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{answers:?}");
    }
}

fn builder_with(basic: Basic) -> auth_runtime::AuthBuilder {
    bearer(Bearer::sync(|_: Secret<'_>| None)).scheme(basic)
}

#[actix_web::test]
async fn a_wrong_and_a_missing_key_and_every_wrong_token_are_the_same_bytes() {
    let app = app!(auth() => admin_only);
    let mut answers = Vec::new();
    for presented in ["nobody", "refused", "a", "=", "a=b", "admin%20", "\u{e9}"] {
        let request = get("/admin").insert_header(token(presented));
        answers.push(send(&app, request.to_request()).await.fingerprint());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");

    let keys = ApiKey::sync("X-Api-Key", |_: Secret<'_>| None);
    let app = app!(Auth::builder().realm("api").scheme(keys).build().unwrap() => admin_only);
    let missing = send(&app, get("/admin").to_request()).await;
    let wrong = send(&app, get("/admin").insert_header(key("wrong")).to_request()).await;
    assert_eq!(missing.challenges(), ["ApiKey realm=\"api\""]);
    assert_eq!(missing.challenges(), wrong.challenges());
}

#[actix_web::test]
async fn ch_10_no_text_splits_the_response() {
    let scheme = || Bearer::sync(|_: Secret<'_>| None);
    for text in [
        "x\r\nSet-Cookie: a=b",
        "x\nSet-Cookie: a=b",
        "x\r",
        "x\0",
        "x\u{7f}",
        "x\u{b}y",
        "caf\u{e9}",
        "x\u{85}y",
        "x\u{2028}y",
        "say \"hi\"",
        "back\\slash",
        "it's",
        "",
        "\t",
    ] {
        assert!(
            Auth::builder()
                .realm(text)
                .scheme(scheme())
                .build()
                .is_err(),
            "{text:?} is a realm"
        );
        if text.bytes().any(|byte| !(b' '..=b'~').contains(&byte)) {
            let challenge = Challenge::new("Bearer").unwrap();
            assert!(
                challenge.with("error_description", text).is_err(),
                "{text:?} is a value"
            );
        }
        // RFC 9110 §5.6.2: `'` may stand in a token.
        if text != "it's" {
            let challenge = Challenge::new("Bearer").unwrap();
            assert!(Challenge::new(text).is_err(), "{text:?} is a scheme");
            assert!(challenge.with(text, "x").is_err(), "{text:?} is a name");
        }
    }
    let named = ApiKey::sync("X-Api-Key", |_: Secret<'_>| None).scheme_name("Api\r\nKey");
    assert!(Auth::builder().realm("a").scheme(named).build().is_err());
}

#[actix_web::test]
async fn what_the_client_writes_is_not_echoed() {
    let markup = "<script>alert(1)</script>";
    let auth = builder()
        .renderer(auth_runtime::denial::Negotiated)
        .explain_denials(true)
        .build()
        .unwrap();
    let app = app!(auth => admin_only, notes);
    for path in ["/admin?q=", "/notes/own?q="] {
        for accept in ["text/html", "application/json", "text/plain", markup] {
            for credentials in [token(markup), password(markup, markup), token("user")] {
                let path = format!("{path}%3Cscript%3Ealert(1)%3C/script%3E");
                let request = get(&path)
                    .insert_header(("accept", accept))
                    .insert_header(("user-agent", markup))
                    .insert_header(credentials);
                let answer = send(&app, request.to_request()).await;
                calls::take();
                assert!(!format!("{answer:?}").contains("alert(1)"), "{answer:?}");
            }
        }
    }
    let request = get("/notes/%3Cscript%3Ealert(1)%3C%2Fscript%3E")
        .insert_header(("accept", "text/html"))
        .insert_header(token("user"));
    let answer = send(&app, request.to_request()).await;
    assert_eq!((answer.status.as_u16(), calls::take()), (403, 0));
    assert!(!answer.text().contains("<script"), "{answer:?}");
}

#[actix_web::test]
async fn what_the_client_writes_forges_no_line_of_the_log() {
    log::start();
    let app = app!(auth() => admin_only, notes);
    for line in [
        "x%0a2026-01-01T00:00:00Z%20ERROR%20forged",
        "x%0d%0aforged",
        "x%1b[2Jforged",
    ] {
        let request = get(&format!("/notes/{line}")).insert_header(token("user"));
        send(&app, request.to_request()).await.assert_refused(403);
    }
    let log = log::take();
    assert!(log.contains("policy_failed"), "the control: {log}");
    assert_eq!(log.lines().count(), 3, "one line an event: {log}");
    assert!(!log.contains('\u{1b}') && !log.contains('\r'), "{log:?}");
}
