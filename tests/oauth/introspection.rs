//! RFC 7662: tokens that the authorization server is asked about.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, get, web};
use auth_runtime::oauth::HttpError;
use auth_runtime::oauth::introspection::Introspection;
use auth_runtime::oauth::introspection::{IntrospectionBuilder, IntrospectionError};
use auth_runtime::prelude::*;
use auth_runtime::scheme::VerifyToken;
use serde_json::{Value, json};

use crate::support::{Answer, NOW, answer, at, get, parameters, with_token};

#[get("/me")]
#[requires_auth]
async fn me(caller: Authenticated) -> String {
    let scopes: Vec<_> = caller.scope_names().collect();
    format!("{} {}", caller.subject(), scopes.join(","))
}

#[get("/recent")]
#[requires(all(max_age("5m"), acr("mfa"), role("admin")))]
async fn recent() -> &'static str {
    "ok"
}

/// An authorization server in the same process.
struct Server {
    url: String,
    /// `Authorization` and body of every question.
    questions: Arc<Mutex<Vec<(String, String)>>>,
}

impl Server {
    /// Answers every question as `answer` does for the token.
    fn start(answer: fn(&str) -> Option<HttpResponse>) -> Self {
        let questions: Arc<Mutex<Vec<_>>> = Arc::default();
        let seen = Arc::clone(&questions);
        let server = HttpServer::new(move || {
            let seen = Arc::clone(&seen);
            App::new().default_service(web::to(move |request: HttpRequest, body: String| {
                let header = request.headers().get("Authorization");
                let header = header
                    .map_or("", |value| value.to_str().unwrap())
                    .to_owned();
                let token = body.split(['=', '&']).nth(1).unwrap().to_owned();
                seen.lock().unwrap().push((header, body));
                async move {
                    match answer(&token) {
                        Some(response) => response,
                        // It never answers.
                        None => std::future::pending().await,
                    }
                }
            }))
        })
        .workers(1)
        .disable_signals()
        .shutdown_timeout(0)
        .bind(("127.0.0.1", 0))
        .unwrap();
        let url = format!("http://{}/introspect", server.addrs()[0]);
        actix_web::rt::spawn(server.run());
        Self { url, questions }
    }

    fn asked(&self) -> usize {
        self.questions.lock().unwrap().len()
    }

    fn client(&self) -> IntrospectionBuilder {
        Introspection::builder(&self.url)
            .client("files-api", "s3c:ret +")
            .audience("https://api.example.com")
            .clock(|| at(NOW))
    }
}

fn auth(verifier: impl VerifyToken) -> Auth {
    Auth::builder()
        .realm("files")
        .scheme(Bearer::verifier(verifier))
        .clock(|| at(NOW))
        .build()
        .unwrap()
}

// As the answers of a server are written: `None` is none at all.
#[allow(clippy::unnecessary_wraps, clippy::needless_pass_by_value)]
fn active(changes: Value) -> Option<HttpResponse> {
    let mut body = json!({
        "active": true,
        "sub": "ada",
        "scope": "files:read files:write",
        "aud": "https://api.example.com",
        "exp": NOW + 60,
    });
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    Some(HttpResponse::Ok().json(body))
}

#[allow(clippy::unnecessary_wraps)]
fn text(body: &'static str) -> Option<HttpResponse> {
    Some(
        HttpResponse::Ok()
            .content_type("application/json")
            .body(body),
    )
}

async fn ask(server: &Server, token: &str) -> Answer {
    let auth = auth(server.client().build().unwrap());
    answer!(auth, [me, recent], with_token(get("/me"), token))
}

fn unavailable(answer: &Answer) {
    assert_eq!(answer.status, 503);
    assert!(answer.challenges().is_empty());
    assert_eq!(answer.header("Retry-After"), Some("5"));
}

fn invalid(answer: &Answer) {
    assert_eq!(answer.status, 401);
    let found = parameters(answer.challenges()[0]);
    assert!(
        found.contains(&("error".into(), "invalid_token".into())),
        "{found:?}"
    );
}

#[actix_web::test]
async fn an_active_token_makes_a_principal() {
    let server = Server::start(|_| active(json!({})));
    let answer = ask(&server, "good").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, "ada files:read,files:write");
    let questions = server.questions.lock().unwrap().clone();
    // RFC 6749 §2.3.1: name and secret are form-encoded before they are joined.
    let expected = "Basic ZmlsZXMtYXBpOnMzYyUzQXJldCUyMCUyQg==";
    assert_eq!(
        questions,
        [(
            expected.to_owned(),
            "token=good&token_type_hint=access_token".to_owned()
        )]
    );
}

#[actix_web::test]
async fn the_server_proves_itself_in_the_way_that_was_chosen() {
    let server = Server::start(|_| active(json!({})));
    let post = server
        .client()
        .client_in_body("files-api", "s3c:ret +")
        .build()
        .unwrap();
    let bearer = server.client().client_token("own-token").build().unwrap();
    for verifier in [post, bearer] {
        let answer = answer!(auth(verifier), [me], with_token(get("/me"), "a+/b="));
        assert_eq!(answer.status, 200);
    }
    let questions = server.questions.lock().unwrap().clone();
    let token = "token=a%2B%2Fb%3D&token_type_hint=access_token";
    assert_eq!(
        questions,
        [
            (
                String::new(),
                format!("{token}&client_id=files-api&client_secret=s3c%3Aret%20%2B")
            ),
            ("Bearer own-token".to_owned(), token.to_owned()),
        ]
    );
}

#[actix_web::test]
async fn bearer_18_only_active_true_is_active() {
    let server = Server::start(|token| match token {
        "false" => text(r#"{"active":false}"#),
        "text" => active(json!({"active": "true"})),
        "one" => active(json!({"active": 1})),
        "null" => active(json!({"active": null})),
        "missing" => text(r#"{"sub":"ada","aud":"https://api.example.com"}"#),
        "twice" => {
            text(r#"{"active":false,"sub":"ada","aud":"https://api.example.com","active":true}"#)
        }
        "array" => text(r#"[{"active":true}]"#),
        "rest" => text(r#"{"active":true,"sub":"ada","aud":"https://api.example.com"} x"#),
        _ => text(""),
    });
    invalid(&ask(&server, "false").await);
    // What does not follow the RFC says nothing about the token: 503, never in.
    for token in [
        "text", "one", "null", "missing", "twice", "array", "rest", "empty",
    ] {
        unavailable(&ask(&server, token).await);
    }
}

#[actix_web::test]
async fn bearer_18_what_is_not_200_and_json_is_an_outage() {
    let server = Server::start(|token| {
        Some(match token {
            "401" => HttpResponse::Unauthorized().json(json!({"active": true, "sub": "ada"})),
            "500" => HttpResponse::InternalServerError().finish(),
            "201" => HttpResponse::Created().json(json!({"active": true, "sub": "ada"})),
            "302" => HttpResponse::Found()
                .insert_header(("Location", "/elsewhere"))
                .finish(),
            "html" => HttpResponse::Ok()
                .content_type("text/html")
                .body(r#"{"active":true}"#),
            "jwt" => HttpResponse::Ok()
                .content_type("application/token-introspection+jwt")
                .body("e30.e30.x"),
            "large" => HttpResponse::Ok()
                .content_type("application/json")
                .body(" ".repeat(10_000_000)),
            _ => HttpResponse::Ok().body(r#"{"active":true}"#),
        })
    });
    for token in [
        "401", "500", "201", "302", "html", "jwt", "large", "untyped",
    ] {
        let before = server.asked();
        unavailable(&ask(&server, token).await);
        assert_eq!(
            server.asked(),
            before + 1,
            "{token}: one question, and no redirect followed"
        );
    }
}

#[actix_web::test]
async fn u401_11_a_server_that_stalls_or_is_gone_is_an_outage() {
    let server = Server::start(|_| None);
    let hasty = server
        .client()
        .time_limit(Duration::from_millis(50))
        .build()
        .unwrap();
    unavailable(&answer!(auth(hasty), [me], with_token(get("/me"), "any")));

    // Nobody listens on a port that was just given back.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let gone = Introspection::builder(format!("http://127.0.0.1:{port}/"))
        .client("files-api", "secret")
        .any_audience()
        .build()
        .unwrap();
    unavailable(&answer!(auth(gone), [me], with_token(get("/me"), "any")));
}

#[actix_web::test]
async fn bearer_19_a_token_bound_to_a_key_is_no_bearer_token() {
    let server = Server::start(|token| match token {
        "dpop" => active(json!({"cnf": {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}})),
        "mtls" => active(json!({"cnf": {"x5t#S256": "x"}})),
        "null" => active(json!({"cnf": null})),
        "type" => active(json!({"token_type": "DPoP"})),
        "odd" => active(json!({"token_type": 7})),
        _ => active(json!({"token_type": "bearer"})),
    });
    for token in ["dpop", "mtls", "null", "type", "odd"] {
        invalid(&ask(&server, token).await);
    }
    assert_eq!(ask(&server, "plain").await.status, 200);
}

/// An active answer with these members alone.
#[allow(clippy::unnecessary_wraps, clippy::needless_pass_by_value)]
fn bare(members: Value) -> Option<HttpResponse> {
    let mut body = json!({"active": true, "exp": NOW + 60});
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    Some(HttpResponse::Ok().json(body))
}

fn without_audience(server: &Server) -> IntrospectionBuilder {
    Introspection::builder(&server.url)
        .client("files-api", "secret")
        .any_audience()
        .clock(|| at(NOW))
}

#[actix_web::test]
async fn the_subject_is_in_the_member_that_the_app_names() {
    let server = Server::start(|token| match token {
        "client" => bare(json!({"client_id": "cc"})),
        "user" => bare(json!({"client_id": "cc", "username": "ada"})),
        "both" => bare(json!({"client_id": "cc", "username": "ada", "sub": "4711"})),
        "null" => bare(json!({"client_id": "cc", "sub": null})),
        "empty" => bare(json!({"client_id": "cc", "sub": ""})),
        "number" => bare(json!({"client_id": "cc", "sub": 7})),
        _ => bare(json!({})),
    });
    let ask = async |members: Option<&[&str]>, token: &str| {
        let builder = without_audience(&server).untyped();
        let builder = match members {
            Some(members) => builder.subject_from(members.iter().copied()),
            None => builder,
        };
        let auth = auth(builder.build().unwrap());
        let answer = answer!(auth, [me], with_token(get("/me"), token));
        match answer.status.as_u16() {
            200 => answer.body.split(' ').next().unwrap_or_default().to_owned(),
            status => status.to_string(),
        }
    };
    let all = Some(&["sub", "username", "client_id"][..]);
    for (members, token, expected) in [
        (None, "both", "4711"),
        (None, "user", "401"),
        (None, "client", "401"),
        (all, "both", "4711"),
        (all, "user", "ada"),
        (all, "client", "cc"),
        (all, "null", "cc"),
        (all, "nothing", "401"),
        // What is there and is no name is not passed over.
        (all, "empty", "401"),
        (all, "number", "401"),
        (Some(&["username"]), "client", "401"),
    ] {
        assert_eq!(ask(members, token).await, expected, "{members:?} {token}");
    }
    let none = without_audience(&server).subject_from([""; 0]).build();
    assert_eq!(none.unwrap_err(), IntrospectionError::NoSubject);
}

#[actix_web::test]
async fn bearer_18_without_an_audience_the_answer_says_what_the_token_is_for() {
    let server = Server::start(|token| match token {
        "bearer" => bare(json!({"sub": "ada", "token_type": "Bearer"})),
        "access" => bare(json!({"sub": "ada", "token_use": "access_token"})),
        "refresh" => bare(json!({"sub": "ada", "token_use": "refresh_token"})),
        "null" => bare(json!({"sub": "ada", "token_type": null})),
        "aud" => bare(json!({"sub": "ada", "aud": "https://api.example.com"})),
        _ => bare(json!({"sub": "ada"})),
    });
    let ask = async |builder: IntrospectionBuilder, token: &str| {
        let auth = auth(builder.build().unwrap());
        answer!(auth, [me], with_token(get("/me"), token)).status
    };
    for (token, strict, untyped) in [
        ("bearer", 200, 200),
        ("access", 200, 200),
        ("refresh", 401, 401),
        // Perhaps a refresh token.
        ("nothing", 401, 200),
        ("null", 401, 200),
        ("aud", 401, 200),
    ] {
        let any = || without_audience(&server);
        assert_eq!(ask(any(), token).await, strict, "{token}");
        assert_eq!(ask(any().untyped(), token).await, untyped, "{token}");
    }
    // A token for this resource is not a refresh token.
    assert_eq!(ask(server.client(), "aud").await, 200);
}

/// As the documentation of Ory Hydra and the source of django-oauth-toolkit have it.
#[actix_web::test]
async fn answers_of_providers_are_read_by_their_presets() {
    let server = Server::start(|token| match token {
        "hydra" => bare(json!({
            "scope": "files:read", "client_id": "web", "sub": "ada", "iat": NOW, "nbf": NOW,
            "aud": ["https://api.example.com"], "iss": "https://hydra.example",
            "token_type": "Bearer", "token_use": "access_token", "ext": {"plan": "pro"},
        })),
        "hydra-refresh" => bare(json!({
            "scope": "files:read", "client_id": "web", "sub": "ada",
            "aud": ["https://api.example.com"], "token_use": "refresh_token",
        })),
        "django" => bare(json!({"scope": "files:read", "client_id": "web", "username": "ada"})),
        "django-client" => bare(json!({"scope": "files:read", "client_id": "web"})),
        _ => text(r#"{"active":false}"#),
    });
    let hydra = || {
        Introspection::hydra(&server.url)
            .audience("https://api.example.com")
            .clock(|| at(NOW))
    };
    let django = || {
        Introspection::django_oauth_toolkit(&server.url)
            .client("files-api", "secret")
            .clock(|| at(NOW))
    };
    for (builder, token, expected) in [
        (hydra(), "hydra", "ada files:read"),
        (hydra(), "hydra-refresh", "401"),
        (hydra(), "unknown", "401"),
        (django(), "django", "ada files:read"),
        (django(), "django-client", "web files:read"),
        (django(), "unknown", "401"),
    ] {
        let auth = auth(builder.build().unwrap());
        let answer = answer!(auth, [me], with_token(get("/me"), token));
        let found = match answer.status.as_u16() {
            200 => answer.body.clone(),
            status => status.to_string(),
        };
        assert_eq!(found, expected, "{token}");
    }
    let questions = server.questions.lock().unwrap();
    assert_eq!(questions[0].0, "", "Hydra is asked without credentials");
    assert!(questions[3].0.starts_with("Basic "));
}

#[actix_web::test]
async fn a_token_of_a_kind_that_the_server_does_not_know_is_none_of_its_own() {
    let server = Server::start(|token| {
        let body = match token {
            "kind" => json!({"error": "unsupported_token_type"}),
            "request" => json!({"error": "invalid_request"}),
            "text" => json!("unsupported_token_type"),
            _ => json!({"error": ["unsupported_token_type"]}),
        };
        Some(HttpResponse::BadRequest().json(body))
    });
    invalid(&ask(&server, "kind").await);
    for token in ["request", "text", "list"] {
        unavailable(&ask(&server, token).await);
    }
}

#[actix_web::test]
async fn an_active_token_that_a_setting_refuses_is_a_warning_once() {
    let server = Server::start(|token| match token {
        "subject" => bare(json!({"aud": "https://api.example.com", "client_id": "cc"})),
        "issuer" => bare(json!({"aud": "https://api.example.com", "sub": "ada"})),
        _ => bare(json!({"sub": "ada"})),
    });
    for (token, setting) in [
        ("subject", ".subject_from("),
        ("audience", ".audience("),
        ("issuer", ".issuer("),
        ("type", ".untyped("),
    ] {
        let builder = match token {
            "type" => without_audience(&server),
            "issuer" => server.client().issuer("https://as.example"),
            _ => server.client(),
        };
        let auth = auth(builder.build().unwrap());
        let log = Log::default();
        let guard = log.listen();
        for _ in 0..3 {
            let answer = answer!(auth, [me], with_token(get("/me"), token));
            assert_eq!(answer.status, 401);
        }
        drop(guard);
        let text = log.text();
        let warnings: Vec<_> = text.lines().filter(|line| line.contains("WARN")).collect();
        assert_eq!(warnings.len(), 1, "{text}");
        assert!(warnings[0].contains(setting), "{text}");
    }
}

#[actix_web::test]
async fn mcp_06_a_token_for_another_resource_is_refused() {
    let server = Server::start(|token| match token {
        "other" => active(json!({"aud": "https://other.example.com"})),
        "prefix" => active(json!({"aud": "https://api.example.com.evil"})),
        "slash" => active(json!({"aud": "https://api.example.com/"})),
        "case" => active(json!({"aud": "HTTPS://api.example.com"})),
        "number" => active(json!({"aud": 7})),
        "empty" => active(json!({"aud": []})),
        "nested" => active(json!({"aud": [["https://api.example.com"]]})),
        "null" => active(json!({"aud": null})),
        "several" => {
            active(json!({"aud": ["https://other.example.com", "https://api.example.com"]}))
        }
        _ => active(json!({})),
    });
    for token in [
        "other", "prefix", "slash", "case", "number", "empty", "nested", "null",
    ] {
        invalid(&ask(&server, token).await);
    }
    for token in ["several", "one"] {
        assert_eq!(ask(&server, token).await.status, 200, "{token}");
    }
}

#[actix_web::test]
async fn a_token_of_another_issuer_or_time_or_nobody_is_refused() {
    let server = Server::start(|token| match token {
        "issuer" => active(json!({"iss": "https://evil.example.com"})),
        "slash" => active(json!({"iss": "https://login.example.com/"})),
        "expired" => active(json!({"exp": NOW})),
        "exp-text" => active(json!({"exp": "never"})),
        "exp-negative" => active(json!({"exp": -1})),
        "exp-null" => active(json!({"exp": null})),
        "nbf" => active(json!({"nbf": NOW + 1, "iss": "https://login.example.com"})),
        "nbf-text" => active(json!({"nbf": "now", "iss": "https://login.example.com"})),
        "sub" => active(json!({"sub": null, "iss": "https://login.example.com"})),
        _ => active(json!({"nbf": NOW, "exp": NOW + 1, "iss": "https://login.example.com"})),
    });
    let verifier = server
        .client()
        .issuer("https://login.example.com")
        .build()
        .unwrap();
    let auth = auth(verifier);
    for token in [
        "issuer",
        "slash",
        "expired",
        "exp-text",
        "exp-negative",
        "exp-null",
        "nbf",
        "nbf-text",
        "sub",
    ] {
        let answer = answer!(auth, [me], with_token(get("/me"), token));
        invalid(&answer);
    }
    let expired = ask(&server, "expired").await;
    assert!(expired.challenges()[0].contains("The access token expired"));
    assert_eq!(
        answer!(auth, [me], with_token(get("/me"), "good")).status,
        200
    );
}

#[actix_web::test]
async fn wrong_types_give_nothing_and_never_more() {
    let server = Server::start(|token| match token {
        "array" => active(json!({"scope": ["files:read"]})),
        "tab" => active(json!({"scope": "files:read\tfiles:write"})),
        _ => active(json!({"scope": 7, "auth_time": "now", "acr": ["mfa"]})),
    });
    assert_eq!(ask(&server, "array").await.body, "ada ");
    assert_eq!(
        ask(&server, "tab").await.body,
        "ada files:read\tfiles:write"
    );
    assert_eq!(ask(&server, "number").await.body, "ada ");
}

#[actix_web::test]
async fn step_up_facts_and_the_apps_own_mapping_reach_the_decision() {
    let server = Server::start(|token| match token {
        "fresh" => active(json!({"auth_time": NOW - 300, "acr": "mfa", "groups": ["admins"]})),
        "stale" => active(json!({"auth_time": NOW - 301, "acr": "mfa", "groups": ["admins"]})),
        "blocked" => active(json!({"blocked": true})),
        _ => active(json!({"auth_time": NOW, "acr": "mfa", "groups": "admins"})),
    });
    let verifier = server
        .client()
        .map(|principal, claims| {
            let groups = claims.get("groups").and_then(Value::as_array);
            let is_admin = groups.is_some_and(|groups| groups.contains(&json!("admins")));
            let is_blocked = claims.contains_key("blocked");
            (!is_blocked).then(|| {
                if is_admin {
                    principal.role("admin")
                } else {
                    principal
                }
            })
        })
        .build()
        .unwrap();
    let auth = auth(verifier);
    for (token, status) in [
        ("fresh", 200),
        ("stale", 401),
        ("blocked", 401),
        ("text", 403),
    ] {
        let answer = answer!(auth, [recent], with_token(get("/recent"), token));
        assert_eq!(answer.status, status, "{token}");
    }
}

#[actix_web::test]
async fn bearer_18_answers_are_kept_up_to_the_bound_and_never_past_exp() {
    static CLOCK: AtomicU64 = AtomicU64::new(NOW);
    static IS_AWAY: AtomicBool = AtomicBool::new(false);
    let now = || at(CLOCK.load(Ordering::Relaxed));
    let server = Server::start(|token| match token {
        _ if IS_AWAY.load(Ordering::Relaxed) => Some(HttpResponse::ServiceUnavailable().finish()),
        "short" => active(json!({"exp": NOW + 10})),
        "inactive" => text(r#"{"active":false}"#),
        _ => active(json!({"exp": NOW + 1000})),
    });
    let verifier = server
        .client()
        .cache_time(Duration::from_secs(30))
        .clock(now)
        .build()
        .unwrap();
    let auth = Auth::builder()
        .realm("files")
        .scheme(Bearer::verifier(verifier.clone()))
        .clock(now)
        .build()
        .unwrap();
    let ask = async |token: &str| {
        let answer = answer!(auth, [me], with_token(get("/me"), token));
        (answer.status.as_u16(), server.asked())
    };
    assert_eq!(ask("long").await, (200, 1));
    assert_eq!(ask("long").await, (200, 1));
    assert_eq!(ask("short").await, (200, 2));
    assert_eq!(ask("inactive").await, (401, 3));
    assert_eq!(
        ask("inactive").await,
        (401, 4),
        "what is not active is not kept"
    );
    CLOCK.store(NOW + 9, Ordering::Relaxed);
    assert_eq!(ask("short").await, (200, 4));
    CLOCK.store(NOW + 10, Ordering::Relaxed);
    assert_eq!(ask("short").await, (401, 5));
    CLOCK.store(NOW + 29, Ordering::Relaxed);
    assert_eq!(ask("long").await, (200, 5));
    CLOCK.store(NOW + 30, Ordering::Relaxed);
    assert_eq!(ask("long").await, (200, 6));
    verifier.forget(&Secret::new("long"));
    assert_eq!(ask("long").await, (200, 7));
    // What was kept outlives an outage, but not its time.
    IS_AWAY.store(true, Ordering::Relaxed);
    assert_eq!(ask("long").await, (200, 7));
    CLOCK.store(NOW + 60, Ordering::Relaxed);
    assert_eq!(ask("long").await.0, 503);
}

/// Knows one token, says what it is told to of the others.
struct First(fn() -> VerifyError);

impl VerifyToken for First {
    async fn verify(&self, token: Secret<'static>) -> Result<Option<Principal>, VerifyError> {
        match token.expose() {
            "signed" => Ok(Some(Principal::new("signed"))),
            "nobody" => Ok(None),
            _ => Err((self.0)()),
        }
    }
}

#[actix_web::test]
async fn a_chain_asks_the_second_only_about_what_the_first_does_not_know() {
    let server = Server::start(|_| active(json!({})));
    for (first, token, status, body, asked) in [
        (
            VerifyError::invalid as fn() -> VerifyError,
            "signed",
            200,
            "signed ",
            0,
        ),
        (
            VerifyError::invalid,
            "nobody",
            200,
            "ada files:read,files:write",
            1,
        ),
        (
            VerifyError::invalid,
            "opaque",
            200,
            "ada files:read,files:write",
            1,
        ),
        (VerifyError::expired, "opaque", 401, "", 0),
        (VerifyError::revoked, "opaque", 401, "", 0),
        (VerifyError::unavailable, "opaque", 503, "", 0),
    ] {
        let before = server.asked();
        let chain = First(first).or_else(server.client().build().unwrap());
        let answer = answer!(auth(chain), [me], with_token(get("/me"), token));
        assert_eq!(
            (answer.status.as_u16(), server.asked() - before),
            (status, asked),
            "{token}"
        );
        if status == 200 {
            assert_eq!(answer.body, body);
        }
    }
}

#[test]
fn what_cannot_work_or_is_not_safe_is_a_configuration_error() {
    let complete = || {
        Introspection::builder("https://as.example/introspect")
            .client("id", "s")
            .audience("a")
    };
    assert!(complete().build().is_ok());
    for url in [
        "",
        "http://as.example/",
        "ftp://as.example/",
        "/introspect",
        "https://u:p@as.example/",
    ] {
        let error = Introspection::builder(url)
            .client("id", "s")
            .audience("a")
            .build()
            .unwrap_err();
        // A password is not repeated.
        let shown = if url.contains('@') { "" } else { url };
        let IntrospectionError::Http(HttpError::Url(text, _)) = error else {
            panic!("{error}");
        };
        assert_eq!(text, shown);
    }
    let builder = || Introspection::builder("https://as.example/introspect");
    assert_eq!(
        builder().client("id", "s").build().unwrap_err(),
        IntrospectionError::NoAudience
    );
    assert_eq!(
        builder().audience("a").build().unwrap_err(),
        IntrospectionError::Credentials
    );
    assert_eq!(
        complete().client("", "s").build().unwrap_err(),
        IntrospectionError::Credentials
    );
    assert_eq!(
        complete().client_token("").build().unwrap_err(),
        IntrospectionError::Credentials
    );
    assert_eq!(
        complete().client_token("a\r\nX: y").build().unwrap_err(),
        IntrospectionError::Credentials
    );
    assert_eq!(
        complete().time_limit(Duration::ZERO).build().unwrap_err(),
        IntrospectionError::Http(HttpError::Limit("time_limit"))
    );
    let pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for pem in ["no certificate", "", pem] {
        assert!(complete().certificate(pem).build().is_err());
    }
}

#[test]
fn bearer_14_secrets_are_not_shown() {
    let builder = Introspection::builder("https://as.example/introspect")
        .client("id", "hunter2")
        .audience("a");
    let shown = format!("{builder:?}");
    let introspection = builder.build().unwrap();
    let shown = format!(
        "{shown} {introspection:?} {:?}",
        auth(introspection.clone())
    );
    assert!(
        !shown.contains("hunter2") && !shown.contains("aWQ6aHVudGVyMg"),
        "{shown}"
    );
}

/// What was logged, at every level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Until the guard is dropped, by this thread.
    fn listen(&self) -> impl Drop {
        // With one subscriber alone, `tracing` asks only the thread that meets an event first
        // whether it is wanted: a test beside this one may not. With two it asks them all.
        static SECOND: std::sync::LazyLock<tracing::Dispatch> = std::sync::LazyLock::new(|| {
            tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default())
        });
        let writer = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        std::sync::LazyLock::force(&SECOND);
        let guard = tracing::subscriber::set_default(subscriber);
        tracing::callsite::rebuild_interest_cache();
        guard
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[actix_web::test]
async fn bearer_14_neither_token_nor_secret_is_logged_or_answered() {
    let log = Log::default();
    let _guard = log.listen();
    let server = Server::start(|token| match token {
        "t0ken-inactive" => text(r#"{"active":false}"#),
        "t0ken-bound" => active(json!({"cnf": {}})),
        "t0ken-outage" => Some(HttpResponse::BadGateway().finish()),
        _ => active(json!({})),
    });
    for token in [
        "t0ken-inactive",
        "t0ken-bound",
        "t0ken-outage",
        "t0ken-good",
    ] {
        let answer = ask(&server, token).await;
        let shown = format!("{:?} {}", answer.headers, answer.body);
        assert!(!shown.contains("t0ken"), "{shown}");
    }
    let text = log.text();
    assert!(
        text.contains("bound to a key") && text.contains("answered 502"),
        "{text}"
    );
    for secret in ["t0ken", "s3c", "ZmlsZXMtYXBp"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

/// `header.claims.signature`, signed with HMAC SHA-256.
fn signed(claims: &Value) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
    let part = |value: &Value| BASE64.encode(value.to_string());
    let text = format!(
        "{}.{}",
        part(&json!({"alg": "HS256", "typ": "at+jwt"})),
        part(claims)
    );
    let signature = hmac_sha256(KEY, text.as_bytes());
    format!("{text}.{}", BASE64.encode(signature))
}

const KEY: &[u8; 32] = b"0123456789abcdef0123456789abcdef";

/// RFC 2104.
fn hmac_sha256(key: &[u8; 32], text: &[u8]) -> [u8; 32] {
    use sha2::{Digest as _, Sha256};
    let pad = |with: u8| -> Vec<u8> {
        let mut block = [0_u8; 64];
        block[..32].copy_from_slice(key);
        block.iter().map(|byte| byte ^ with).collect()
    };
    let inner = Sha256::new()
        .chain_update(pad(0x36))
        .chain_update(text)
        .finalize();
    Sha256::new()
        .chain_update(pad(0x5c))
        .chain_update(inner)
        .finalize()
        .into()
}

#[actix_web::test]
async fn signed_tokens_are_verified_here_and_opaque_ones_at_the_server() {
    use auth_runtime::oauth::jwt::{Algorithm, Issuer, Jwt, Key};
    use auth_runtime::oauth::revocation::Revocations;

    let server = Server::start(|_| active(json!({"sub": "opaque"})));
    let key = Key::hmac(Algorithm::Hs256, KEY).unwrap();
    let jwt = Jwt::builder()
        .issuer(
            Issuer::new("https://login.example.com")
                .algorithms([Algorithm::Hs256])
                .key(key),
        )
        .audience("https://api.example.com")
        .build()
        .unwrap();
    let revocations = Revocations::in_memory().clock(|| at(NOW));
    let chain = jwt.or_else(server.client().build().unwrap());
    let auth = auth(revocations.protect(chain));
    let token = |changes: Value| {
        let mut claims = json!({
            "iss": "https://login.example.com", "aud": "https://api.example.com", "sub": "signed",
            "client_id": "c", "jti": "t1", "iat": NOW - 1, "exp": NOW + 60,
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        signed(&claims)
    };
    let good = token(json!({}));
    let forged = format!("{}x", &good[..good.len() - 1]);
    for (token, status, body, asked) in [
        (good.clone(), 200, "signed ", 0),
        // By the clock of the configuration.
        (token(json!({"exp": NOW - 3600})), 401, "", 0),
        (
            token(json!({"aud": "https://other.example.com"})),
            401,
            "",
            0,
        ),
        (forged, 401, "", 0),
        ("opaque".to_owned(), 200, "opaque files:read,files:write", 1),
    ] {
        let before = server.asked();
        let answer = answer!(auth, [me], with_token(get("/me"), &token));
        assert_eq!(
            (answer.status.as_u16(), server.asked() - before),
            (status, asked)
        );
        if status == 200 {
            assert_eq!(answer.body, body);
        }
    }
    let until = at(NOW + 60);
    revocations
        .revoke_id("https://login.example.com", "t1", until)
        .await
        .unwrap();
    let answer = answer!(auth, [me], with_token(get("/me"), &good));
    assert_eq!((answer.status.as_u16(), server.asked()), (401, 1));
}
