//! The test kit's own authorization server, through the verifier of an app.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, get};
use auth_runtime::audit::Memory;
use auth_runtime::oauth::jwt::{ClaimMapping, Issuer, Jwt, JwtBuilder};
use auth_runtime::prelude::*;
use auth_runtime::testing::{TestIssuer, TestRequestExt as _, TestToken};
use auth_runtime::{assert_denied, assert_granted};

const NOW: Duration = Duration::from_secs(1_800_000_000);

#[get("/admin")]
#[requires(all(role("admin"), scope("articles:write"), permission("articles:edit")))]
async fn admin(caller: Authenticated) -> String {
    caller.subject().to_owned()
}

#[get("/transfer")]
#[requires(all(acr("urn:mfa"), max_age("15m")))]
async fn transfer() -> &'static str {
    "transferred"
}

fn issuer() -> TestIssuer {
    TestIssuer::new("https://id.test").clock(|| UNIX_EPOCH + NOW)
}

fn auth(jwt: JwtBuilder, log: &Memory) -> Auth {
    Auth::builder()
        .realm("articles")
        .scheme(Bearer::jwt(jwt))
        .clock(|| UNIX_EPOCH + NOW)
        .audit(log.clone())
        .build()
        .unwrap()
}

fn grown(token: TestToken) -> TestToken {
    token
        .role("reader")
        .role("admin")
        .scope("openid")
        .scope("articles:write")
        .permission("articles:edit")
}

#[actix_web::test]
async fn five_lines_make_a_token_that_the_app_accepts() {
    let issuer = TestIssuer::new("https://id.test");
    let auth = Auth::builder()
        .realm("articles")
        .scheme(Bearer::jwt(Jwt::builder().issuer(issuer.trusted())))
        .build()
        .unwrap();
    let app = init_service(App::new().app_data(auth).service(admin)).await;
    let request = TestRequest::with_uri("/admin").bearer(&grown(issuer.token("ada")).sign());
    let response = call_service(&app, request.to_request()).await;
    assert_granted!(response);
    assert_eq!(actix_web::test::read_body(response).await, "ada");
}

#[actix_web::test]
async fn what_is_wrong_with_a_token_is_what_the_test_says() {
    let (issuer, log) = (issuer(), Memory::new());
    let auth = auth(Jwt::builder().issuer(issuer.trusted()), &log);
    let app = init_service(App::new().app_data(auth).service(admin)).await;
    let good = || grown(issuer.token("ada"));
    let ask = async |token: TestToken| {
        let request = TestRequest::with_uri("/admin").bearer(&token.sign());
        call_service(&app, request.to_request()).await
    };
    assert_granted!(ask(good()).await);
    assert_denied!(ask(good().expired()).await, ExpiredCredentials);
    let a_minute_ago = UNIX_EPOCH + NOW - Duration::from_secs(60);
    assert_denied!(
        ask(good().expires_at(a_minute_ago)).await,
        ExpiredCredentials
    );
    for wrong in [
        good().not_yet_valid(),
        good().forged(),
        good().audience("https://another.test"),
        good().claim("iss", "https://evil.test"),
        good().header("alg", "none"),
        good().header("alg", "HS256"),
        good().header("typ", "JWT"),
        good().without("client_id"),
        TestIssuer::new("https://id.test")
            .clock(|| UNIX_EPOCH + NOW)
            .token("ada"),
    ] {
        assert_denied!(ask(wrong).await, InvalidCredentials);
    }
    assert_denied!(ask(good().without("roles")).await, MissingRole("admin"));
    assert_denied!(
        ask(good().without("scope")).await,
        MissingScope("articles:write")
    );
    assert_eq!(log.take().len(), 14);
}

#[actix_web::test]
async fn a_token_says_how_its_subject_authenticated() {
    let (issuer, log) = (issuer(), Memory::new());
    let auth = auth(Jwt::builder().issuer(issuer.trusted()), &log);
    let app = init_service(App::new().app_data(auth).service(transfer)).await;
    let at = |minutes: u64| UNIX_EPOCH + NOW - Duration::from_secs(60 * minutes);
    let ask = async |token: TestToken| {
        let request = TestRequest::with_uri("/transfer").bearer(&token.sign());
        call_service(&app, request.to_request()).await
    };
    let fresh = || issuer.token("ada").authenticated_at(at(15));
    assert_granted!(ask(fresh().acr("urn:mfa")).await);
    for weak in [
        fresh(),
        fresh().acr("urn:password"),
        fresh().claim("acr", ["urn:mfa"].as_slice()),
        fresh().claim("acr", 1),
        issuer.token("ada").acr("urn:mfa"),
        issuer.token("ada").acr("urn:mfa").authenticated_at(at(16)),
    ] {
        let response = ask(weak).await;
        let challenge = response.headers().get("www-authenticate").unwrap();
        assert!(
            challenge
                .to_str()
                .unwrap()
                .contains("insufficient_user_authentication")
        );
        assert_denied!(response, Unauthenticated);
    }
}

#[actix_web::test]
async fn an_app_with_another_kind_of_token_takes_the_key() {
    let (issuer, log) = (issuer(), Memory::new());
    let name = "https://id.test/realms/shop";
    let trusted = Issuer::keycloak("https://id.test", "shop").key(issuer.key());
    let jwt = Jwt::builder().audience("shop").issuer(trusted);
    let app = App::new().app_data(auth(jwt, &log)).service(admin);
    let app = init_service(app).await;
    let token = issuer
        .token("ada")
        .header("typ", "JWT")
        .claim("iss", name)
        .claim("typ", "Bearer")
        .audience("shop")
        .claim("realm_access", serde_json::json!({ "roles": ["admin"] }));
    let request = TestRequest::with_uri("/admin").bearer(&token.sign());
    // The preset maps no permissions.
    let response = call_service(&app, request.to_request()).await;
    assert_denied!(
        response,
        MissingPermission("articles:edit") | MissingScope("articles:write")
    );
    assert_eq!(log.take()[0].subject.as_deref(), Some("ada"));
}

#[actix_web::test]
async fn the_published_keys_are_those_that_a_file_may_hold() {
    let (issuer, log) = (issuer(), Memory::new());
    let path = std::env::temp_dir().join(format!("auth-kit-{}.jwks", std::process::id()));
    assert!(!issuer.jwks().contains("\"d\""));
    std::fs::write(&path, issuer.jwks()).unwrap();
    let trusted = Issuer::new("https://id.test")
        .mapping(ClaimMapping::default())
        .jwks_file(&path);
    let jwt = Jwt::builder().audience("https://api.test").issuer(trusted);
    let app = App::new().app_data(auth(jwt, &log)).service(admin);
    let app = init_service(app).await;
    let request = TestRequest::with_uri("/admin").bearer(&grown(issuer.token("eve")).sign());
    assert_granted!(call_service(&app, request.to_request()).await);
    std::fs::remove_file(path).unwrap();
}

#[test]
fn every_issuer_has_a_key_of_its_own_and_shows_it_to_nobody() {
    let (one, other) = (issuer(), issuer());
    assert_ne!(one.jwks(), other.jwks());
    assert_eq!(one.jwks(), one.clone().jwks());
    let first = one.token("ada").sign();
    assert_ne!(first, one.token("ada").sign(), "each token has an id");
    for text in [
        format!("{one:?}"),
        format!("{:?}", one.token("secret-subject").claim("x", "secret")),
    ] {
        assert!(
            !text.contains("secret") && !text.contains("private"),
            "{text}"
        );
    }
    // A time before 1970 is no reason to panic.
    let early = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    assert!(
        !one.clock(move || early)
            .token("ada")
            .expired()
            .sign()
            .is_empty()
    );
}
