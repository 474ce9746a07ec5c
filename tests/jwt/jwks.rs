//! Keys that are fetched, that rotate, and whose server fails.

use std::time::Duration;

use auth_runtime::oauth::jwt::{Algorithm, Issuer, Jwt, JwtError, Refresh};
use auth_runtime::scheme::Verification;
use futures_util::future::join_all;
use serde_json::json;

use crate::asking::{Ask as _, Clock, app, with};
use crate::issuing::{FakeIssuer, KEYS, Page, fetching};
use crate::minting::{AUDIENCE, ED, HMAC, ISSUER, P256, RSA, Signer};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

#[actix_web::test]
async fn the_keys_are_fetched_when_the_first_token_comes_and_then_known() {
    let server = FakeIssuer::start();
    server.publish(&[&ED, &RSA, &P256]);
    let app = app(with(server.issuer()), Clock::new()).await;
    assert_eq!(server.fetches(), 0);
    for signer in [&*ED, &*RSA, &*P256] {
        app.ask(&signer.good()).await.assert_ok();
    }
    assert_eq!(server.fetches(), 1);
    // It may have changed under its id, which is found out within the limit of unknown keys.
    for _ in 0..20 {
        app.ask(&Signer::ed("ed").good())
            .await
            .assert_invalid("another key of that id");
    }
    assert_eq!(server.fetches(), 6);
}

#[actix_web::test]
async fn sixty_four_tasks_cause_one_fetch() {
    let server = FakeIssuer::start();
    server.publish(&[&ED]);
    let app = app(with(server.issuer()), Clock::new()).await;
    let tokens: Vec<_> = (0..64)
        .map(|n| ED.good_with(&json!({"jti": n.to_string()})))
        .collect();
    let answers = join_all(tokens.iter().map(|token| app.ask(token))).await;
    assert!(
        answers.iter().all(|answer| answer.status == 200),
        "{answers:?}"
    );
    assert_eq!(server.fetches(), 1);
}

#[actix_web::test]
async fn eight_workers_cause_one_fetch() {
    let server = FakeIssuer::start();
    server.publish(&[&ED]);
    let jwt = with(server.issuer()).build().unwrap();
    let clock = Clock::new();
    let workers: Vec<_> = (0..8)
        .map(|number| {
            let (jwt, now) = (jwt.clone(), clock.now());
            let token = ED.good_with(&json!({"jti": number.to_string()}));
            std::thread::spawn(move || {
                actix_web::rt::System::new().block_on(async move {
                    match jwt.verify_at(&token, now) {
                        Verification::Pending(outcome) => outcome.await.is_ok(),
                        Verification::Ready(outcome) => outcome.is_ok(),
                        _ => false,
                    }
                })
            })
        })
        .collect();
    let joined = actix_web::rt::task::spawn_blocking(move || {
        workers.into_iter().all(|worker| worker.join().unwrap())
    });
    assert!(joined.await.unwrap());
    assert_eq!(server.fetches(), 1);
}

#[actix_web::test]
async fn jwt_23_a_thousand_unknown_key_ids_cause_one_fetch_and_an_attack_no_more_than_a_burst() {
    let server = FakeIssuer::start();
    server.publish(&[&ED]);
    let clock = Clock::new();
    let app = app(with(server.issuer()), clock.clone()).await;
    app.ask(&ED.good()).await.assert_ok();
    assert_eq!(server.fetches(), 1);
    for round in 0..3 {
        let tokens: Vec<_> = (0..1000)
            .map(|number| ED.headed(&json!({"kid": format!("random-{round}-{number}")})))
            .collect();
        for answer in join_all(tokens.iter().map(|token| app.ask(token))).await {
            assert!(matches!(answer.status.as_u16(), 401 | 503), "{answer:?}");
        }
        // One after the other: each that comes after the last fetch may be of a newer key.
        for token in &tokens[..100] {
            let answer = app.ask(token).await;
            if answer.status == 503 {
                assert_eq!(answer.retry_after.as_deref(), Some("10"));
            } else {
                answer.assert_invalid("an unknown key");
            }
        }
        app.ask(&tokens[0]).await.assert_unavailable();
        assert_eq!(server.fetches(), 6 + round, "a burst, and one an interval");
        app.ask(&ED.good()).await.assert_ok();
        clock.go(10);
    }
}

#[actix_web::test]
async fn jwt_23_a_new_key_is_accepted_and_the_removed_one_refused() {
    let (old, new) = (Signer::ed("2026-01"), Signer::p256("2026-02"));
    let server = FakeIssuer::start();
    server.publish(&[&old]);
    let clock = Clock::new();
    let jwt = with(server.issuer()).build().unwrap();
    let app = app(jwt.clone(), clock.clone()).await;
    app.ask(&old.good()).await.assert_ok();
    assert_eq!(jwt.cache_usage().0, 1);
    // Rotation with both published: nobody sees a failure.
    server.publish(&[&old, &new]);
    let token = new.good();
    app.ask(&token).await.assert_ok();
    app.ask(&old.good()).await.assert_ok();
    assert_eq!((server.fetches(), jwt.cache_usage().0), (2, 2));
    // The old one goes. Known tokens of it go with it, when the keys are looked at again.
    server.publish(&[&new]);
    clock.go(10);
    app.ask(&Signer::ed("unknown").good())
        .await
        .assert_invalid("unknown");
    app.ask(&old.good()).await.assert_invalid("its key is gone");
    app.ask(&token).await.assert_ok();
    assert_eq!(jwt.cache_usage().0, 1);
    // One for each token of a key that was not there when it came.
    assert_eq!(server.fetches(), 4);
}

#[actix_web::test]
async fn a_key_that_changes_under_its_id_is_another_key() {
    let (old, new) = (Signer::ed("k"), Signer::ed("k"));
    let server = FakeIssuer::start();
    server.publish(&[&old]);
    let clock = Clock::new();
    let app = app(with(server.issuer()), clock.clone()).await;
    app.ask(&old.good()).await.assert_ok();
    server.publish(&[&new]);
    app.ask(&new.good()).await.assert_ok();
    app.ask(&old.good()).await.assert_invalid("its key is gone");
    server.publish(&[&old]);
    app.ask(&old.good()).await.assert_ok();
    server.publish(&[&new]);
    let before = server.fetches();
    clock.go(HOUR);
    let token = old.good_with(&json!({"exp": crate::minting::NOW + 2 * HOUR}));
    // This one is answered with the old keys, and has the new ones fetched.
    app.ask(&token).await.assert_ok();
    server.until(|server| server.fetches() == before + 1).await;
    while app.ask(&token).await.is_ok() {
        actix_web::rt::task::yield_now().await;
    }
    app.ask(&token).await.assert_invalid("its key is gone");
    app.ask(&new.good_with(&json!({"exp": crate::minting::NOW + 2 * HOUR})))
        .await
        .assert_ok();
}

#[actix_web::test]
async fn keys_without_ids_are_found_and_rotate() {
    let (old, new) = (Signer::ed("x"), Signer::ed("y"));
    let published = |signer: &Signer| json!([signer.jwk_with(&json!({"kid": null}))]);
    let server = FakeIssuer::start();
    server.publish_json(&published(&old));
    let clock = Clock::new();
    let app = app(with(server.issuer()), clock.clone()).await;
    for token in [old.good(), old.headed(&json!({"kid": null}))] {
        app.ask(&token).await.assert_ok();
    }
    server.publish_json(&published(&new));
    app.ask(&new.headed(&json!({"kid": null})))
        .await
        .assert_ok();
    app.ask(&old.good()).await.assert_invalid("its key is gone");
    assert_eq!(server.fetches(), 3);
}

/// Longer than any test lasts by its clock.
fn lasting(signer: &Signer) -> String {
    signer.good_with(&json!({"exp": crate::minting::NOW + 1000 * HOUR}))
}

#[actix_web::test]
async fn keys_are_fresh_for_as_long_as_their_server_says_within_bounds() {
    for (directives, fresh) in [
        ("max-age=1800", 30 * MINUTE),
        ("public, MAX-AGE=1800, immutable", 30 * MINUTE),
        ("max-age=1", 5 * MINUTE),
        ("no-store", 5 * MINUTE),
        ("no-cache", 5 * MINUTE),
        ("max-age=99999999", 12 * HOUR),
        ("max-age=x", HOUR),
        ("", HOUR),
    ] {
        let server = FakeIssuer::start();
        let body = json!({"keys": [ED.jwk()]}).to_string();
        server.set(KEYS, Page::Cached(body, directives));
        let clock = Clock::new();
        let bounds = Refresh::default().max_age_between(
            Duration::from_secs(5 * MINUTE),
            Duration::from_secs(12 * HOUR),
        );
        let bounds = bounds.spread(0.0);
        let app = app(with(server.issuer().refresh(bounds)), clock.clone()).await;
        app.ask(&lasting(&ED)).await.assert_ok();
        clock.go(fresh - 1);
        app.ask(&lasting(&ED)).await.assert_ok();
        assert_eq!(server.fetches(), 1, "{directives}");
        clock.go(1);
        // In the background: nobody waits.
        app.ask(&lasting(&ED)).await.assert_ok();
        server.until(|server| server.fetches() == 2).await;
    }
}

#[actix_web::test]
async fn keys_that_have_not_changed_are_not_sent_again() {
    let (old, new) = (Signer::ed("old"), Signer::ed("new"));
    let page =
        |signer: &Signer, tag| Page::Tagged(json!({"keys": [signer.jwk()]}).to_string(), tag);
    let server = FakeIssuer::start();
    server.set(KEYS, page(&old, "\"1\""));
    let clock = Clock::new();
    let app = app(with(server.issuer()), clock.clone()).await;
    app.ask(&lasting(&old)).await.assert_ok();
    for round in 1..=3 {
        clock.go(HOUR);
        // In the background, perhaps after the last fetch has been taken in.
        while server.unmodified() < round {
            app.ask(&lasting(&old)).await.assert_ok();
            actix_web::rt::time::sleep(Duration::from_millis(1)).await;
        }
    }
    server.set(KEYS, page(&new, "\"2\""));
    app.ask(&lasting(&new)).await.assert_ok();
    app.ask(&lasting(&old))
        .await
        .assert_invalid("its key is gone");
    // A server that says 304 to who knows nothing says nothing.
    server.set(KEYS, Page::Status(304));
    let fresh = crate::asking::app(with(server.issuer()), clock).await;
    fresh.ask(&lasting(&new)).await.assert_unavailable();
}

#[actix_web::test]
async fn keys_are_there_before_the_first_token() {
    let server = FakeIssuer::start();
    server.publish(&[&ED]);
    let clock = Clock::new();
    let now = clock.clone();
    let jwt = with(server.issuer()).clock(move || now.now());
    let jwt = jwt.build().unwrap();
    jwt.warm_up().await.unwrap();
    jwt.warm_up().await.unwrap();
    assert_eq!(server.fetches(), 1);
    assert!(matches!(
        jwt.verify_at(&ED.good(), clock.now()),
        Verification::Ready(Ok(_))
    ));
    server.set(KEYS, Page::Status(500));
    let jwt = with(server.issuer()).build().unwrap();
    let error = jwt.warm_up().await.unwrap_err();
    assert_eq!(error, JwtError::Unavailable(ISSUER.into()));
    // Nothing to fetch.
    crate::asking::trusting(&ED)
        .build()
        .unwrap()
        .warm_up()
        .await
        .unwrap();
}

/// The ways in which a server fails.
fn failures(server: &FakeIssuer) -> Vec<(&'static str, Page)> {
    let keys = json!({"keys": [ED.jwk()]}).to_string();
    let private = json!({"keys": [ED.jwk_with(&json!({"d": "AAAA"}))]}).to_string();
    let mixed = json!({"keys": [ED.jwk(), RSA.jwk_with(&json!({"d": "AAAA"}))]}).to_string();
    server.set("/elsewhere", Page::Json(keys.clone()));
    server.set("/loop", Page::Redirect(format!("{}/loop", server.url)));
    vec![
        ("500", Page::Status(500)),
        ("404", Page::Status(404)),
        ("201", Page::Status(201)),
        ("401", Page::Status(401)),
        ("HTML", Page::Html),
        ("10 MB, announced", Page::Long(10 * 1024 * 1024, true)),
        ("10 MB, in chunks", Page::Long(10 * 1024 * 1024, false)),
        ("it stalls", Page::Stall),
        ("it is silent", Page::Silence),
        ("it hangs up", Page::HangUp),
        ("a loop", Page::Redirect("/loop".into())),
        (
            "another port",
            Page::Redirect("http://127.0.0.1:1/elsewhere".into()),
        ),
        (
            "another host",
            Page::Redirect(format!(
                "{}/elsewhere",
                server.url.replace("127.0.0.1", "localhost")
            )),
        ),
        ("not JSON", Page::Json("keys".into())),
        ("an array", Page::Json("[]".into())),
        ("no keys", Page::Json("{}".into())),
        (
            "keys twice",
            Page::Json(keys.replacen('{', "{\"keys\":[],", 1)),
        ),
        ("a private key", Page::Json(private)),
        ("a private key beside", Page::Json(mixed)),
    ]
}

#[actix_web::test]
async fn u401_11_without_keys_the_answer_is_503_and_the_server_is_left_in_peace() {
    let server = FakeIssuer::start();
    for (what, page) in failures(&server) {
        server.set(KEYS, page);
        let before = server.fetches();
        let clock = Clock::new();
        let app = app(with(server.issuer()), clock.clone()).await;
        for _ in 0..5 {
            let answer = app.ask(&ED.good()).await;
            assert_eq!(
                answer.retry_after.as_deref(),
                Some("5"),
                "{what}: {answer:?}"
            );
            answer.assert_unavailable();
        }
        assert_eq!(server.fetches() - before, 1, "{what}");
        // What is wrong whatever the keys is wrong all the same.
        app.ask(&ED.good_with(&json!({"aud": "x"})))
            .await
            .assert_invalid(what);
        // It recovers.
        server.publish(&[&ED]);
        clock.go(5);
        app.ask(&ED.good()).await.assert_ok();
    }
}

#[actix_web::test]
async fn the_old_keys_serve_while_the_server_fails_until_they_are_too_old() {
    let server = FakeIssuer::start();
    for (what, page) in [
        ("500", Page::Status(500)),
        ("HTML", Page::Html),
        ("silence", Page::Silence),
    ] {
        server.publish(&[&ED]);
        let clock = Clock::new();
        let refresh = Refresh::default().stale_for_at_most(Duration::from_secs(6 * HOUR));
        let app = app(with(server.issuer().refresh(refresh)), clock.clone()).await;
        app.ask(&lasting(&ED)).await.assert_ok();
        server.set(KEYS, page);
        for _ in 1..6 {
            clock.go(HOUR);
            let before = server.fetches();
            // The last fetch may still be on its way, so it takes more than one request.
            while server.fetches() == before {
                app.ask(&lasting(&ED)).await.assert_ok();
                actix_web::rt::time::sleep(Duration::from_millis(5)).await;
            }
            app.ask(&lasting(&ED)).await.assert_ok();
        }
        clock.go(HOUR);
        // Cached or not: the keys are too old.
        app.ask(&lasting(&ED)).await.assert_unavailable();
        app.ask(&ED.good_with(&json!({"exp": crate::minting::NOW + 99 * HOUR, "jti": "n"})))
            .await
            .assert_unavailable();
        server.publish(&[&ED]);
        clock.go(5);
        let answer = app.ask(&lasting(&ED)).await;
        assert!(answer.is_ok(), "{what}: {answer:?}");
    }
}

#[actix_web::test]
async fn an_unknown_key_id_is_503_while_the_server_cannot_be_asked() {
    let new = Signer::ed("new");
    let server = FakeIssuer::start();
    server.publish(&[&ED]);
    let clock = Clock::new();
    let app = app(with(server.issuer()), clock.clone()).await;
    app.ask(&ED.good()).await.assert_ok();
    server.set(KEYS, Page::Status(500));
    for _ in 0..20 {
        app.ask(&new.good()).await.assert_unavailable();
    }
    assert_eq!(server.fetches(), 2);
    app.ask(&ED.good()).await.assert_ok();
    // It is asked again after the retry interval, and clients are told how long that is.
    server.publish(&[&ED, &new]);
    for (seconds, rest) in [(0, "5"), (1, "4"), (3, "1")] {
        clock.go(seconds);
        let answer = app.ask(&new.good()).await;
        answer.assert_unavailable();
        assert_eq!(answer.retry_after.as_deref(), Some(rest));
    }
    assert_eq!(server.fetches(), 2);
    clock.go(1);
    app.ask(&new.good()).await.assert_ok();
}

#[actix_web::test]
async fn a_fetch_outlives_the_request_that_caused_it() {
    let server = FakeIssuer::start();
    server.publish(&[&ED]);
    let jwt = with(server.issuer()).build().unwrap();
    let clock = Clock::new();
    let pending = jwt.verify_at(&ED.good(), clock.now());
    assert!(matches!(pending, Verification::Pending(_)));
    drop(pending);
    let app = app(jwt, clock).await;
    app.ask(&ED.good()).await.assert_ok();
    assert_eq!(server.fetches(), 1);
}

#[actix_web::test]
async fn a_clock_that_is_set_back_has_the_keys_fetched_again() {
    let server = FakeIssuer::start();
    server.publish(&[&ED]);
    let jwt = with(server.issuer()).build().unwrap();
    let clock = Clock::new();
    clock.go(100);
    let before = clock.now() - Duration::from_secs(50);
    let first = app(jwt.clone(), clock).await;
    first.ask(&ED.good()).await.assert_ok();
    assert!(matches!(
        jwt.verify_at(&ED.good(), before),
        Verification::Ready(Ok(_))
    ));
    server.until(|server| server.fetches() == 2).await;
}

#[actix_web::test]
async fn jwt_24_keys_that_are_not_understood_are_left_out() {
    let server = FakeIssuer::start();
    server.publish_json(&json!([
        {"kty": "XYZ", "kid": "a"}, {"kty": "RSA", "kid": "b"}, {"kid": "c"}, 7, null,
        {"kty": "EC", "crv": "secp256k1", "kid": "d", "x": "AA", "y": "AA"},
        RSA.jwk_with(&json!({"kid": "enc", "use": "enc"})),
        RSA.jwk_with(&json!({"kid": "oaep", "alg": "RSA-OAEP"})),
        RSA.jwk_with(&json!({"kid": "short", "n": "AQAB"})),
        RSA.jwk_with(&json!({"kid": "pss", "alg": "PS256"})),
        HMAC.jwk_with(&json!({"alg": "HS256"})),
        ED.jwk(), RSA.jwk_with(&json!({"use": "sig", "alg": "RS256"})),
    ]));
    let clock = Clock::new();
    let app = app(with(server.issuer()), clock).await;
    app.ask(&ED.good()).await.assert_ok();
    app.ask(&RSA.good()).await.assert_ok();
    for kid in ["enc", "oaep", "pss", "short"] {
        app.ask(&RSA.headed(&json!({"kid": kid})))
            .await
            .assert_invalid(kid);
    }
    app.ask(&HMAC.good())
        .await
        .assert_invalid("a secret that is published");
}

#[actix_web::test]
async fn an_rsa_key_without_an_algorithm_is_for_the_first_that_is_allowed() {
    let server = FakeIssuer::start();
    server.publish(&[&RSA]);
    let issuer = server
        .issuer()
        .algorithms([Algorithm::Ps256, Algorithm::Rs256]);
    let app = app(with(issuer), Clock::new()).await;
    app.ask(&RSA.headed(&json!({"alg": "PS256"})))
        .await
        .assert_ok();
    app.ask(&RSA.good()).await.assert_invalid("RS256");
}

#[actix_web::test]
async fn a_redirect_to_the_same_origin_is_followed() {
    let server = FakeIssuer::start();
    server.set(KEYS, Page::Redirect("/keys/v2".into()));
    server.set(
        "/keys/v2",
        Page::Json(json!({"keys": [ED.jwk()]}).to_string()),
    );
    app(with(server.issuer()), Clock::new())
        .await
        .ask(&ED.good())
        .await
        .assert_ok();
    let none = server.issuer().http(fetching().max_redirects(0));
    app(with(none), Clock::new())
        .await
        .ask(&ED.good())
        .await
        .assert_unavailable();
}

fn metadata(issuer: &str, keys: &str) -> Page {
    Page::Json(json!({"issuer": issuer, "jwks_uri": keys}).to_string())
}

fn discovering(issuer: &str) -> Jwt {
    let issuer = Issuer::new(issuer).discover().http(fetching());
    Jwt::builder()
        .audience(AUDIENCE)
        .issuer(issuer)
        .build()
        .unwrap()
}

#[actix_web::test]
async fn jwt_25_the_keys_are_found_by_openid_discovery_or_rfc_8414() {
    for (path, place) in [
        ("", "/.well-known/openid-configuration"),
        ("/", "/.well-known/openid-configuration"),
        (
            "/realms/shop",
            "/realms/shop/.well-known/openid-configuration",
        ),
        ("", "/.well-known/oauth-authorization-server"),
        (
            "/realms/shop",
            "/.well-known/oauth-authorization-server/realms/shop",
        ),
    ] {
        let server = FakeIssuer::start();
        server.publish(&[&ED]);
        let issuer = format!("{}{path}", server.url);
        server.set(place, metadata(&issuer, &format!("{}{KEYS}", server.url)));
        let clock = Clock::new();
        let app = app(discovering(&issuer), clock.clone()).await;
        let token = ED.good_with(&json!({"iss": issuer, "exp": crate::minting::NOW + 9 * HOUR}));
        app.ask(&token).await.assert_ok();
        assert_eq!((server.hits(place), server.fetches()), (1, 1), "{place}");
        // The address is remembered when the keys are fetched again.
        clock.go(HOUR);
        app.ask(&token).await.assert_ok();
        server.until(|server| server.fetches() == 2).await;
        assert_eq!(server.hits(place), 1);
    }
}

#[actix_web::test]
async fn keys_that_move_are_found_though_the_old_place_still_answers() {
    let (old, new) = (Signer::ed("2026-01"), Signer::ed("2026-02"));
    let server = FakeIssuer::start();
    let place = "/.well-known/openid-configuration";
    let issuer = server.url.clone();
    let at = |path: &str| metadata(&issuer, &format!("{issuer}{path}"));
    server.publish(&[&old]);
    server.set(place, at(KEYS));
    let clock = Clock::new();
    let app = app(discovering(&issuer), clock.clone()).await;
    let token = |signer: &Signer| signer.good_with(&json!({"iss": issuer}));
    app.ask(&token(&old)).await.assert_ok();
    // The keys are published elsewhere; a copy of the old ones stays behind.
    let both = json!({"keys": [old.jwk(), new.jwk()]});
    server.set("/keys/v2", Page::Json(both.to_string()));
    server.set(place, at("/keys/v2"));
    app.ask(&token(&new)).await.assert_ok();
    app.ask(&token(&old)).await.assert_ok();
    assert_eq!((server.hits(place), server.hits("/keys/v2")), (2, 1));
    // Without its metadata the issuer is still found where it was.
    let next = Signer::ed("2026-03");
    server.set(place, Page::Status(500));
    let three = json!({"keys": [old.jwk(), new.jwk(), next.jwk()]});
    server.set("/keys/v2", Page::Json(three.to_string()));
    clock.go(10);
    app.ask(&token(&next)).await.assert_ok();
    assert_eq!((server.hits(place), server.hits("/keys/v2")), (3, 2));
    // Strangers' keys ask for no more than a burst of looks at both, whatever their number.
    for number in 0..100 {
        let stranger = Signer::ed(&format!("x{number}"));
        assert!(!app.ask(&token(&stranger)).await.is_ok());
    }
    assert_eq!((server.hits(place), server.hits("/keys/v2")), (7, 6));
}

#[actix_web::test]
async fn jwt_25_metadata_of_another_issuer_is_not_used() {
    let server = FakeIssuer::start();
    server.publish(&[&ED]);
    let keys = format!("{}{KEYS}", server.url);
    let place = "/.well-known/openid-configuration";
    let issuer = server.url.clone();
    for (what, page) in [
        ("a slash", metadata(&format!("{issuer}/"), &keys)),
        ("another", metadata("https://evil.example", &keys)),
        ("upper case", metadata(&issuer.to_uppercase(), &keys)),
        ("none", Page::Json(json!({"jwks_uri": keys}).to_string())),
        ("no keys", Page::Json(json!({"issuer": issuer}).to_string())),
        (
            "keys without TLS",
            metadata(&issuer, "http://id.example/keys"),
        ),
        ("keys in a file", metadata(&issuer, "file:///etc/passwd")),
        (
            "a number",
            Page::Json(json!({"issuer": issuer, "jwks_uri": 1}).to_string()),
        ),
        (
            "issuer twice",
            Page::Json(format!(
                "{{\"issuer\":\"x\",\"issuer\":\"{issuer}\",\"jwks_uri\":\"{keys}\"}}"
            )),
        ),
        ("500", Page::Status(500)),
        ("HTML", Page::Html),
        ("too long", Page::Long(10 * 1024 * 1024, false)),
        ("another host", Page::Redirect("http://localhost:1/".into())),
    ] {
        server.set(place, page);
        let app = app(discovering(&issuer), Clock::new()).await;
        let answer = app.ask(&ED.good_with(&json!({"iss": issuer}))).await;
        assert_eq!(
            (answer.status.as_u16(), server.fetches()),
            (503, 0),
            "{what}"
        );
    }
}

#[actix_web::test]
async fn keys_of_two_issuers_are_fetched_and_kept_apart() {
    let (first, second) = (FakeIssuer::start(), FakeIssuer::start());
    let (ours, theirs) = (Signer::ed("k"), Signer::ed("k"));
    first.publish(&[&ours]);
    second.publish(&[&theirs]);
    let other = "https://other.example";
    let jwt = with(first.issuer().subject_prefix("a|")).issuer(
        Issuer::new(other)
            .jwks_url(format!("{}{KEYS}", second.url))
            .http(fetching())
            .subject_prefix("b|"),
    );
    let app = app(jwt, Clock::new()).await;
    app.ask(&ours.good()).await.assert_ok();
    assert_eq!((first.fetches(), second.fetches()), (1, 0));
    app.ask(&theirs.good_with(&json!({"iss": other})))
        .await
        .assert_ok();
    app.ask(&theirs.good())
        .await
        .assert_invalid("the other's key");
    app.ask(&ours.good_with(&json!({"iss": other})))
        .await
        .assert_invalid("our key");
    // One that fails does not hurt the other.
    second.set(KEYS, Page::Status(500));
    app.ask(&ours.good_with(&json!({"jti": "n"})))
        .await
        .assert_ok();
}

#[actix_web::test]
async fn keys_from_a_file_are_read_again() {
    let (old, new) = (Signer::ed("old"), Signer::ed("new"));
    let path = std::env::temp_dir().join(format!("auth-keys-{}.json", std::process::id()));
    let write = |signers: &[&Signer]| {
        let keys: Vec<_> = signers.iter().map(|signer| signer.jwk()).collect();
        std::fs::write(&path, json!({ "keys": keys }).to_string()).unwrap();
    };
    write(&[&old]);
    let clock = Clock::new();
    let app = app(with(Issuer::new(ISSUER).jwks_file(&path)), clock.clone()).await;
    app.ask(&old.good()).await.assert_ok();
    write(&[&new]);
    app.ask(&new.good()).await.assert_ok();
    app.ask(&old.good()).await.assert_invalid("its key is gone");
    std::fs::write(&path, "gone").unwrap();
    clock.go(10);
    app.ask(&Signer::ed("third").good())
        .await
        .assert_unavailable();
    app.ask(&new.good()).await.assert_ok();
    std::fs::remove_file(&path).unwrap();
    let missing = with(Issuer::new(ISSUER).jwks_file(&path)).build();
    assert!(missing.is_err());
}

#[actix_web::test]
async fn a_rotation_under_load_fails_nobody() {
    let server = FakeIssuer::start();
    let mut keys: Vec<Signer> = (0..3).map(|n| Signer::ed(&n.to_string())).collect();
    let publish = |keys: &[Signer]| {
        // The last one, the current one, and the next one before it is used.
        let published: Vec<_> = keys.iter().rev().take(3).collect();
        server.publish(&published);
    };
    publish(&keys);
    let clock = Clock::new();
    let app = app(with(server.issuer()), clock.clone()).await;
    for round in 0..10 {
        let (last, current) = (&keys[keys.len() - 3], &keys[keys.len() - 2]);
        let tokens: Vec<_> = (0..100)
            .map(|n| {
                let signer = if n % 4 == 0 { last } else { current };
                signer.good_with(&json!({"jti": format!("{round}-{}", n / 2)}))
            })
            .collect();
        for answer in join_all(tokens.iter().map(|token| app.ask(token))).await {
            assert_eq!(answer.status, 200, "round {round}: {answer:?}");
        }
        clock.go(10);
        keys.push(Signer::ed(&(round + 3).to_string()));
        publish(&keys);
    }
    assert!(server.fetches() <= 11);
    app.ask(&keys[0].good())
        .await
        .assert_invalid("its key is gone");
}
