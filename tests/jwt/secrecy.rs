//! What reaches the log: that of all threads, so this is a process of its own.

#[allow(dead_code)]
mod asking;
#[allow(dead_code)]
mod issuing;
#[allow(dead_code)]
mod minting;

use std::io;
use std::sync::{Arc, Mutex};

use auth_runtime::oauth::jwt::{Algorithm, Issuer};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::asking::{Ask as _, Clock, app, with};
use crate::issuing::{FakeIssuer, KEYS, Page, fetching};
use crate::minting::{ED, NOW, P256, RSA, Signer};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[actix_web::test]
async fn bearer_14_no_token_reaches_the_log_and_the_reason_does() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let server = FakeIssuer::start();
    server.publish(&[&ED]);
    let clock = Clock::new();
    let issuer = server
        .issuer()
        .algorithms([Algorithm::EdDsa, Algorithm::Ps256, Algorithm::Rs256]);
    let app = app(with(issuer), clock.clone()).await;
    let secret = "sentinel-in-a-claim";
    let mark = json!({"email": secret});
    let tokens = [
        ED.good_with(&mark),
        ED.good_with(&json!({"email": secret, "exp": NOW - 1})),
        ED.good_with(&json!({"email": secret, "aud": "urn:sentinel-audience"})),
        ED.headed(&json!({"kid": "sentinel-kid"})),
        Signer::ed("ed").good_with(&mark),
        ED.headed(&json!({"typ": "JWT"})),
        ED.good_with(&json!({"client_id": null})),
        Signer::ed("ed").headed(&json!({"kid": null})),
        RSA.headed(&json!({"kid": "ed"})),
        P256.good(),
        ED.headed(&json!({"alg": "none"})),
        ED.headed(&json!({"alg": "sentinel-algorithm"})),
    ];
    for token in &tokens {
        app.ask(token).await;
    }
    // What is wrong with the keys or the settings is a warning, once.
    let twin = Signer::ed("twin");
    server.publish_json(&json!([
        ED.jwk(),
        RSA.jwk(),
        twin.jwk(),
        Signer::ed("twin").jwk(),
        P256.jwk_with(&json!({"kid": "broken", "y": P256.jwk()["x"]})),
    ]));
    for _ in 0..2 {
        clock.go(60);
        app.ask(&ED.headed(&json!({"kid": "sentinel-kid"}))).await;
    }
    server.set(KEYS, Page::Status(500));
    clock.go(60);
    app.ask(&ED.headed(&json!({"kid": "sentinel-kid"})))
        .await
        .assert_unavailable();
    // What another server says of where its keys are is no line of this log.
    let forging = FakeIssuer::start();
    let metadata =
        json!({"issuer": forging.url, "jwks_uri": "http://a.example/\nforged: all is well"});
    let place = "/.well-known/openid-configuration";
    forging.set(place, Page::Json(metadata.to_string()));
    let issuer = Issuer::new(&forging.url).discover().http(fetching());
    let forged = crate::asking::app(with(issuer), clock.clone()).await;
    forged
        .ask(&ED.good_with(&json!({"iss": forging.url})))
        .await
        .assert_unavailable();
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(!text.contains("\nforged"), "{text}");
    assert!(text.contains("forged: all is well"), "{text}");
    for token in &tokens {
        for part in token.split('.') {
            assert!(part == tokens[0].split('.').next().unwrap() || !text.contains(part));
        }
        assert!(!text.contains(token.as_str()));
    }
    assert!(!text.contains("sentinel"), "{text}");
    for warning in [
        "a published RSA key does not name its algorithm",
        "it serves `PS256` alone",
        "different keys are published under one id and algorithm",
        "where the issuer does not set it, call `.untyped()`",
        "`iat`, `jti` or `client_id` is missing",
    ] {
        let lines = text.lines().filter(|line| line.contains(warning));
        let warnings = lines.filter(|line| line.contains("WARN")).count();
        assert_eq!(warnings, 1, "{warning}: {text}");
    }
    assert!(text.contains("it is no point of its curve"), "{text}");
    for reason in [
        "it is for another audience",
        "where the issuer does not set it, call `.untyped()`",
        "`iat`, `jti` or `client_id` is missing",
        "the signature is not that of the key that it names",
        "the key that it names is for another algorithm",
        "it names no key (`kid`)",
        "the algorithm `ES256` is not allowed",
        "the algorithm `none` is not allowed",
        "the algorithm `(unknown)` is not allowed",
        "no key has the id",
        "keys cannot be fetched",
    ] {
        assert!(text.contains(reason), "{reason}: {text}");
    }
}
