//! Keys and answers over `https`: whose certificate is trusted, and where it does not lead.

use std::time::Duration;

use auth_runtime::Secret;
use auth_runtime::oauth::HttpSettings;
use auth_runtime::oauth::introspection::Introspection;
use auth_runtime::oauth::jwt::{Issuer, Jwt, JwtError};
use auth_runtime::scheme::VerifyToken as _;
use serde_json::json;

use crate::asking::{Answer, Ask as _, Clock, app, with};
use crate::issuing::{FakeIssuer, KEYS};
use crate::minting::{AUDIENCE, ED, ISSUER};
use crate::tls::{Authority, SecureServer, Subject};

const METADATA: &str = "/.well-known/openid-configuration";

/// `https` alone, and the system's certificate authorities.
fn strict() -> HttpSettings {
    HttpSettings::default().time_limit(Duration::from_secs(10))
}

fn trusting(authority: &Authority) -> HttpSettings {
    strict().certificate(authority.pem.clone())
}

/// A server that publishes the key and says where it is.
fn server(authority: &Authority, subject: Subject) -> SecureServer {
    let server = SecureServer::start(authority, subject);
    server.json(KEYS, &json!({"keys": [ED.jwk()]}));
    let keys = format!("{}{KEYS}", server.url);
    server.json(METADATA, &json!({"issuer": server.url, "jwks_uri": keys}));
    server
}

/// A good token, where the keys are at this URL.
async fn ask_at(url: &str, fetching: HttpSettings) -> Answer {
    let issuer = Issuer::new(ISSUER).jwks_url(url).http(fetching);
    app(with(issuer), Clock::new()).await.ask(&ED.good()).await
}

/// A good token, where the keys are discovered from the name of the issuer.
async fn discover(issuer: &str, fetching: HttpSettings) -> Answer {
    let token = ED.good_with(&json!({"iss": issuer}));
    let issuer = Issuer::new(issuer).discover().http(fetching);
    app(with(issuer), Clock::new()).await.ask(&token).await
}

#[actix_web::test]
async fn keys_and_metadata_come_from_a_server_whose_authority_is_trusted() {
    let authority = Authority::new();
    let server = server(&authority, Subject::Localhost);
    let keys = format!("{}{KEYS}", server.url);
    ask_at(&keys, trusting(&authority)).await.assert_ok();
    discover(&server.url, trusting(&authority))
        .await
        .assert_ok();
    assert_eq!(server.asked(), [KEYS, METADATA, KEYS]);
    // Of several authorities, each is trusted.
    let both = trusting(&Authority::new()).certificate(authority.pem.clone());
    ask_at(&keys, both).await.assert_ok();
    let bundle = format!("{}{}", Authority::new().pem, authority.pem);
    ask_at(&keys, strict().certificate(bundle))
        .await
        .assert_ok();
}

#[actix_web::test]
async fn an_unknown_authority_is_an_outage_and_not_a_bypass() {
    let (authority, other) = (Authority::new(), Authority::new());
    let server = server(&authority, Subject::Localhost);
    let keys = format!("{}{KEYS}", server.url);
    for fetching in [
        strict(),
        trusting(&other),
        // What is for tests on this machine alone allows `http`, and no certificate.
        strict().http_on_loopback(true),
    ] {
        ask_at(&keys, fetching.clone()).await.assert_unavailable();
        discover(&server.url, fetching).await.assert_unavailable();
    }
    assert_eq!(server.asked(), [""; 0], "it was told nothing");
}

#[actix_web::test]
async fn a_certificate_for_another_host_or_time_is_an_outage() {
    let authority = Authority::new();
    for subject in [Subject::AnotherHost, Subject::LocalhostLongAgo] {
        let server = server(&authority, subject);
        let keys = format!("{}{KEYS}", server.url);
        ask_at(&keys, trusting(&authority))
            .await
            .assert_unavailable();
        assert_eq!(server.asked(), [""; 0]);
    }
}

#[actix_web::test]
async fn jwt_25_a_redirect_from_https_to_http_is_not_followed() {
    let authority = Authority::new();
    let server = server(&authority, Subject::Localhost);
    let plain = FakeIssuer::start();
    plain.publish(&[&ED]);
    let to = format!("{}{KEYS}", plain.url);
    server.redirect("/elsewhere", &to);
    let from = format!("{}/elsewhere", server.url);
    // Also where the plain address could be used by itself.
    for fetching in [
        trusting(&authority),
        trusting(&authority).http_on_loopback(true),
    ] {
        ask_at(&from, fetching).await.assert_unavailable();
    }
    assert_eq!(plain.fetches(), 0);
    // The same name and port, without TLS.
    server.redirect("/elsewhere", &from.replace("https", "http"));
    ask_at(&from, trusting(&authority))
        .await
        .assert_unavailable();
    assert_eq!(server.asked(), ["/elsewhere"; 3]);
}

#[actix_web::test]
async fn jwt_25_a_redirect_to_another_https_server_is_not_followed() {
    let authority = Authority::new();
    let (server, other) = (
        server(&authority, Subject::Localhost),
        server(&authority, Subject::Localhost),
    );
    server.redirect("/elsewhere", &format!("{}{KEYS}", other.url));
    let from = format!("{}/elsewhere", server.url);
    ask_at(&from, trusting(&authority))
        .await
        .assert_unavailable();
    assert_eq!(other.asked(), [""; 0]);
    // Within the server it is.
    server.redirect("/elsewhere", KEYS);
    ask_at(&from, trusting(&authority)).await.assert_ok();
}

#[actix_web::test]
async fn jwt_25_metadata_does_not_lead_from_https_to_http() {
    let authority = Authority::new();
    let server = server(&authority, Subject::Localhost);
    let plain = FakeIssuer::start();
    plain.publish(&[&ED]);
    let keys = format!("{}{KEYS}", plain.url);
    server.json(METADATA, &json!({"issuer": server.url, "jwks_uri": keys}));
    discover(&server.url, trusting(&authority))
        .await
        .assert_unavailable();
    assert_eq!(plain.fetches(), 0);
}

#[actix_web::test]
async fn a_server_without_tls_is_an_outage() {
    let plain = FakeIssuer::start();
    plain.publish(&[&ED]);
    let url = format!("{}{KEYS}", plain.url.replace("http", "https"));
    ask_at(&url, strict()).await.assert_unavailable();
    assert_eq!(plain.fetches(), 0);
}

#[test]
fn what_is_no_certificate_is_a_configuration_error() {
    let authority = Authority::new().pem;
    for wrong in [
        "",
        "no certificate",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        &authority.replace("CERTIFICATE", "PUBLIC KEY"),
        &authority[..authority.len() / 2],
    ] {
        let issuer = Issuer::new(ISSUER)
            .jwks_url("https://id.example/keys")
            .http(strict().certificate(wrong));
        let built = Jwt::builder().audience(AUDIENCE).issuer(issuer).build();
        assert!(matches!(built, Err(JwtError::Http(_))), "{wrong:?}");
    }
}

#[actix_web::test]
async fn introspection_asks_a_server_whose_authority_is_trusted_and_no_other() {
    let authority = Authority::new();
    let server = SecureServer::start(&authority, Subject::Localhost);
    let plain = FakeIssuer::start();
    server.json(
        "/ask",
        &json!({"active": true, "token_type": "Bearer", "sub": "ada"}),
    );
    server.redirect("/elsewhere", &format!("{}/ask", plain.url));
    let ask = async |path: &str, roots: &[&str]| {
        let builder = Introspection::builder(format!("{}{path}", server.url))
            .client("api", "secret")
            .any_audience();
        let trust = |builder: auth_runtime::oauth::introspection::IntrospectionBuilder,
                     pem: &&str| { builder.certificate(*pem) };
        let introspection = roots.iter().fold(builder, trust).build().unwrap();
        introspection.verify(Secret::new("token")).await
    };
    let found = ask("/ask", &[&authority.pem]).await.unwrap().unwrap();
    assert_eq!(found.subject(), "ada");
    for roots in [&[][..], &[&*Authority::new().pem]] {
        assert!(ask("/ask", roots).await.is_err());
    }
    assert_eq!(server.asked(), ["/ask"], "strangers get no token");
    assert!(ask("/elsewhere", &[&authority.pem]).await.is_err());
    assert_eq!(plain.hits("/ask"), 0);
}
