//! What somebody with a token of their own, or with an issuer of their own, would try.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, get};
use auth_runtime::oauth::jwt::{Issuer, Jwt};
use auth_runtime::oauth::revocation::Revocations;
use auth_runtime::prelude::*;
use auth_runtime::scheme::VerifyToken as _;
use serde_json::{Value, json};

use crate::asking::{Ask as _, Clock, app, revocable, trusting, with};
use crate::issuing::{FakeIssuer, fetching};
use crate::minting::{AUDIENCE, ED, ISSUER, NOW, P256, RSA, Signer, b64};

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

/// The order of P-256 (FIPS 186-5, SP 800-186 §3.2.1.3).
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// Another text of the same ES256 token: where (r, s) is a signature, (r, n - s) is one too.
fn twisted(token: &str) -> String {
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let mut signature = engine.decode(signature).unwrap();
    let mut borrow = 0;
    for index in (0..32).rev() {
        let difference = i16::from(ORDER[index]) - i16::from(signature[32 + index]) - borrow;
        borrow = i16::from(difference < 0);
        signature[32 + index] = u8::try_from(difference.rem_euclid(256)).unwrap();
    }
    format!("{signed}.{}", b64(signature))
}

#[actix_web::test]
async fn a_second_text_of_a_revoked_token_is_revoked_too() {
    let token = P256.good();
    let other = twisted(&token);
    assert_ne!(token, other);
    let far = at(NOW + 600);
    for (revoked, presented) in [(&token, &other), (&other, &token)] {
        let revocations = Revocations::in_memory();
        let app = revocable(&revocations, trusting(&P256), Clock::new()).await;
        for text in [&token, &other] {
            app.ask(text).await.assert_ok();
        }
        let revoked = Secret::new(revoked.as_str());
        revocations.revoke_token(&revoked, far).await.unwrap();
        app.ask(presented).await.assert_invalid("the same token");
    }
    // Another token of the same person is another token.
    let revocations = Revocations::in_memory().clock(|| at(NOW));
    let revoked = Secret::new(token.as_str());
    revocations.revoke_token(&revoked, far).await.unwrap();
    let app = revocable(&revocations, trusting(&P256), Clock::new()).await;
    app.ask(&P256.good_with(&json!({"jti": "another"})))
        .await
        .assert_ok();
}

#[actix_web::test]
async fn a_token_that_is_accepted_by_the_leeway_is_revoked_for_as_long() {
    let (exp, leeway) = (NOW + 60, 300);
    let token = ED.good_with(&json!({"exp": exp}));
    let issued = |seconds: u64| {
        trusting(&ED)
            .leeway(Duration::from_secs(leeway))
            .clock(move || at(seconds))
            .build()
            .unwrap()
    };
    // Revoked in time, and after `exp` while the leeway still lets it in.
    for revoked_at in [NOW, exp + 1, exp + leeway - 1] {
        let revocations = Revocations::in_memory().clock(move || at(revoked_at));
        let later = exp + leeway - 1;
        let jwt = issued(later);
        let text = || Secret::new(token.clone());
        assert!(jwt.verify(text()).await.unwrap().is_some());
        revocations.revoke_id(ISSUER, "t-1", at(exp)).await.unwrap();
        // The same store at that time.
        let revocations = revocations.clock(move || at(later));
        let verifier = revocations.protect(jwt);
        assert!(verifier.verify(text()).await.is_err(), "{revoked_at}");
    }
    // However much is on the list.
    let revocations = Revocations::in_memory();
    let clock = Clock::new();
    let (jwt, exp) = (trusting(&ED).leeway(Duration::from_secs(300)), at(NOW + 60));
    let app = revocable(&revocations, jwt, clock.clone()).await;
    revocations.revoke_id(ISSUER, "t-1", exp).await.unwrap();
    clock.go(60 + 299);
    for number in 0..3000 {
        let id = number.to_string();
        revocations.revoke_id(ISSUER, &id, exp).await.unwrap();
    }
    app.ask(&token)
        .await
        .assert_invalid("it was swept off the list");
}

#[get("/strong")]
#[requires(all(acr("mfa"), max_age("5m")))]
async fn strong() -> &'static str {
    "ok"
}

#[get("/now")]
#[requires(max_age("0s"))]
async fn just_now() -> &'static str {
    "ok"
}

async fn status(path: &str, claims: &Value) -> u16 {
    let auth = Auth::builder()
        .realm("api")
        .scheme(Bearer::jwt(trusting(&ED)))
        .clock(|| at(NOW))
        .build()
        .unwrap();
    let service = init_service(App::new().app_data(auth).service(strong).service(just_now)).await;
    let token = ED.good_with(claims);
    let request = TestRequest::get()
        .uri(path)
        .insert_header(("Authorization", format!("Bearer {token}")));
    call_service(&service, request.to_request())
        .await
        .status()
        .as_u16()
}

#[actix_web::test]
async fn stepup_05_a_signed_token_says_how_and_when_they_authenticated() {
    assert_eq!(
        status("/strong", &json!({"acr": "mfa", "auth_time": NOW - 300})).await,
        200
    );
    for (acr, auth_time) in [
        (json!("pwd"), json!(NOW)),
        (json!("MFA"), json!(NOW)),
        (json!("mfa pwd"), json!(NOW)),
        (json!(["mfa"]), json!(NOW)),
        (json!({"mfa": true}), json!(NOW)),
        (json!(true), json!(NOW)),
        (json!(""), json!(NOW)),
        (json!(null), json!(NOW)),
        (json!("mfa"), json!(NOW - 301)),
        (json!("mfa"), json!(NOW + 61)),
        (json!("mfa"), json!(1e18)),
        (json!("mfa"), json!(-1)),
        (json!("mfa"), json!(NOW.to_string())),
        (json!("mfa"), json!([NOW])),
        (json!("mfa"), json!(null)),
    ] {
        let claims = json!({"acr": acr, "auth_time": auth_time});
        assert_eq!(status("/strong", &claims).await, 401, "{claims}");
    }
}

#[actix_web::test]
async fn stepup_05_max_age_zero_is_now_and_not_some_time() {
    for (auth_time, expected) in [
        (json!(NOW), 200),
        (json!(NOW - 1), 401),
        // A clock that is a little ahead.
        (json!(NOW + 60), 200),
        (json!(NOW + 61), 401),
        (json!(u64::MAX), 401),
        (json!(f64::MAX), 401),
    ] {
        let claims = json!({"auth_time": auth_time});
        assert_eq!(status("/now", &claims).await, expected, "{claims}");
    }
}

#[actix_web::test]
async fn jwt_14_an_issuer_that_publishes_the_keys_of_another_gains_nothing_and_takes_nothing() {
    let other = "https://other.example";
    let (good, evil) = (FakeIssuer::start(), FakeIssuer::start());
    let theirs = Signer::ed("ed");
    good.publish(&[&ED]);
    // Its own key under the other's id, and the other's key besides.
    evil.publish_json(&json!([
        theirs.jwk(),
        ED.jwk_with(&json!({"kid": "stolen"}))
    ]));
    let builder = || {
        with(good.issuer().subject_prefix("a|")).issuer(
            Issuer::new(other)
                .jwks_url(format!("{}/keys", evil.url))
                .http(fetching())
                .subject_prefix("b|"),
        )
    };
    let jwt = builder().build().unwrap();
    let app = app(jwt, Clock::new()).await;
    for _ in 0..2 {
        let own = app.ask(&ED.good()).await;
        assert_eq!(own.assert_ok().json()["subject"], "a|ada");
        let own = app.ask(&theirs.good_with(&json!({"iss": other}))).await;
        assert_eq!(own.assert_ok().json()["subject"], "b|ada");
        for forged in [
            theirs.good(),
            theirs.good_with(&json!({"iss": [ISSUER, other]})),
            theirs.good_with(&json!({"iss": format!("{ISSUER} ")})),
            theirs.headed(&json!({"iss": other})),
        ] {
            app.ask(&forged).await.assert_invalid(&forged);
        }
        // The good issuer's tokens are still those of its own name alone.
        app.ask(&ED.good_with(&json!({"iss": other})))
            .await
            .assert_invalid("our key, under our own id, in the other's name");
    }
}

#[actix_web::test]
async fn jwt_24_a_poisoned_key_set_is_not_used_at_all_or_without_the_poison() {
    let secret = Signer::hmac("shared", &[9; 32]);
    let twin = Signer::ed("ed");
    for (keys, is_used) in [
        (json!([ED.jwk()]), true),
        // A secret that anybody can read is none.
        (
            json!([secret.jwk_with(&json!({"alg": "HS256"})), ED.jwk()]),
            true,
        ),
        (
            json!([{"kty": "oct", "kid": "ed", "k": b64([9; 32]), "alg": "HS256"}, ED.jwk()]),
            true,
        ),
        // Two keys of one id and algorithm, in either order; of two algorithms; the same twice.
        (json!([ED.jwk(), twin.jwk()]), false),
        (json!([twin.jwk(), ED.jwk()]), false),
        (json!([ED.jwk(), RSA.jwk_with(&json!({"kid": "ed"}))]), true),
        (
            json!([ED.jwk(), P256.jwk_with(&json!({"kid": "ed"}))]),
            true,
        ),
        (json!([ED.jwk(), ED.jwk()]), true),
        // A private key.
        (
            json!([
                ED.jwk(),
                twin.jwk_with(&json!({"kid": "x", "d": b64([1; 32])}))
            ]),
            false,
        ),
    ] {
        let server = FakeIssuer::start();
        server.publish_json(&keys);
        let app = app(with(server.issuer()), Clock::new()).await;
        let answer = app.ask(&ED.good()).await;
        if is_used {
            answer.assert_ok();
        } else {
            assert!(matches!(answer.status.as_u16(), 401 | 503), "{keys}");
        }
        for forged in [
            Signer::hmac("shared", &[9; 32]).good(),
            Signer::hmac("ed", &[9; 32]).good(),
        ] {
            assert!(!app.ask(&forged).await.is_ok(), "{keys}");
        }
    }
}

#[actix_web::test]
async fn a_known_token_with_another_signature_or_payload_is_not_known() {
    let jwt = trusting(&P256).build().unwrap();
    let app = app(jwt.clone(), Clock::new()).await;
    let (ada, eve) = (
        P256.good(),
        P256.good_with(&json!({"sub": "eve", "jti": "2"})),
    );
    app.ask(&ada).await.assert_ok();
    app.ask(&eve).await.assert_ok();
    let cut = |token: &str| {
        let parts: Vec<String> = token.split('.').map(str::to_owned).collect();
        <[String; 3]>::try_from(parts).unwrap()
    };
    let ([header, of_ada, by_ada], [_, of_eve, by_eve]) = (cut(&ada), cut(&eve));
    let unsigned = b64(br#"{"alg":"none","typ":"at+jwt"}"#);
    for mixed in [
        format!("{header}.{of_eve}.{by_ada}"),
        format!("{header}.{of_ada}.{by_eve}"),
        format!("{unsigned}.{of_ada}.{by_ada}"),
        format!("{header}..{by_ada}"),
        format!("..{by_ada}"),
        format!("{header}.{of_ada}."),
        format!("{header}{of_ada}.{by_ada}"),
        format!("{header}.{of_ada}{by_ada}"),
        format!("{header}.{of_ada}.{by_ada}."),
        format!("{header}.{of_ada}.{by_ada}.{by_ada}"),
        format!(".{header}.{of_ada}.{by_ada}"),
        by_ada.clone(),
    ] {
        app.ask(&mixed).await.assert_invalid(&mixed);
    }
    assert_eq!(jwt.cache_usage().0, 2);
    let answer = app.ask(&ada).await;
    assert_eq!(answer.assert_ok().json()["subject"], "ada");
    let answer = app.ask(&eve).await;
    assert_eq!(answer.assert_ok().json()["subject"], "eve");
}

#[actix_web::test]
async fn two_verifiers_know_nothing_of_each_others_tokens() {
    let ours = trusting(&ED).build().unwrap();
    let elsewhere = Jwt::builder()
        .audience("https://elsewhere.example")
        .issuer(crate::asking::issuer(&ED, "EdDSA"))
        .build()
        .unwrap();
    let token = ED.good_with(&json!({"aud": [AUDIENCE, "x"]}));
    let (ours, elsewhere) = (
        app(ours, Clock::new()).await,
        app(elsewhere, Clock::new()).await,
    );
    ours.ask(&token).await.assert_ok();
    elsewhere
        .ask(&token)
        .await
        .assert_invalid("another audience");
}
