//! An app that issues its own tokens.

use std::time::Duration;

use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, get};
use auth_runtime::oauth::jwt::{Algorithm, Issuer, Jwt, JwtError, Key, SigningKey, TokenSigner};
use auth_runtime::oauth::revocation::Revocations;
use auth_runtime::prelude::*;
use serde_json::{Value, json};

use crate::asking::{Ask, Clock, app, ask, revocable};
use crate::minting::{AUDIENCE, ED, ISSUER, NOW, Signer, b64, claims_of, merged};

fn random(id: &str) -> SigningKey {
    SigningKey::random(id).unwrap()
}

fn signer(clock: &Clock) -> TokenSigner {
    let clock = clock.clone();
    TokenSigner::new(random("1")).clock(move || clock.now())
}

fn jwt(signer: &TokenSigner) -> auth_runtime::oauth::jwt::JwtBuilder {
    Jwt::builder()
        .leeway(Duration::ZERO)
        .issuer(signer.issuer())
}

fn payload(token: &str) -> Value {
    use base64::Engine as _;
    let part = token.split('.').nth(1).unwrap();
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    serde_json::from_slice(&engine.decode(part).unwrap()).unwrap()
}

#[actix_web::test]
async fn what_the_app_signs_it_accepts_until_it_expires() {
    let clock = Clock::new();
    let signer = signer(&clock);
    let app = app(jwt(&signer), clock.clone()).await;
    let token = signer
        .token("ada")
        .role("editor")
        .scope("a:read")
        .scope("a:write")
        .permission("articles:edit")
        .claim("plan", "pro")
        .sign()
        .unwrap();
    let answer = app.ask(&token).await;
    answer.assert_ok();
    assert_eq!(
        answer.json(),
        json!({
            "subject": "ada", "roles": ["editor"], "scopes": ["a:read", "a:write"],
            "permissions": ["articles:edit"],
        })
    );
    let claims = payload(&token);
    for name in ["iss", "aud", "client_id"] {
        assert!(claims.get(name).is_none(), "{name}");
    }
    clock.go(15 * 60 - 1);
    app.ask(&token).await.assert_ok();
    clock.go(1);
    app.ask(&token).await.assert_expired();
}

#[actix_web::test]
async fn jwt_14_only_the_apps_own_keys_sign_its_tokens() {
    let clock = Clock::new();
    let own = signer(&clock);
    let stranger = TokenSigner::new(random("1"));
    let app = app(jwt(&own), clock.clone()).await;
    app.ask(&stranger.token("ada").sign().unwrap())
        .await
        .assert_invalid("another's key under the same id");
    let good = own.token("ada").sign().unwrap();
    let (message, _) = good.rsplit_once('.').unwrap();
    app.ask(&format!("{message}.{}", "A".repeat(86)))
        .await
        .assert_invalid("no signature");
    // The claims of the signer are not the app's to set.
    let claims = payload(
        &own.token("ada")
            .claim("sub", "root")
            .claim("iss", ISSUER)
            .claim("exp", 9_999_999_999_u64)
            .claim("iat", 0)
            .claim("jti", "1")
            .sign()
            .unwrap(),
    );
    assert_eq!(claims["sub"], "ada");
    assert!(claims.get("iss").is_none());
    assert_eq!(claims["exp"], NOW + 15 * 60);
    assert_ne!((&claims["iat"], &claims["jti"]), (&json!(0), &json!("1")));
}

#[actix_web::test]
async fn jwt_13_a_token_with_an_issuer_is_not_the_apps_own_and_the_other_way_round() {
    let claims = |changes: Value| {
        let mut claims = merged(claims_of("ada"), &changes);
        let members = claims.as_object_mut().unwrap();
        members.retain(|_, value| !value.is_null());
        ED.token(&merged(ED.header(), &json!({"typ": "JWT"})), &claims)
    };
    let key = || Key::jwk(ED.jwk().to_string()).unwrap();
    let own = || Jwt::builder().issuer(Issuer::without_name().key(key()));
    for (changes, expected) in [
        (json!({"iss": null, "aud": null}), 200),
        (json!({"iss": null}), 200),
        (json!({"aud": null}), 401),
        (json!({"iss": 7, "aud": null}), 401),
        (json!({"iss": "", "aud": null}), 401),
        (json!({"iss": null, "aud": null, "sub": null}), 401),
        (json!({"iss": null, "aud": null, "exp": null}), 401),
        (json!({"iss": null, "aud": null, "nonce": "n"}), 401),
        (json!({"iss": null, "aud": null, "cnf": {}}), 401),
    ] {
        let answer = ask(own(), &claims(changes.clone())).await;
        assert_eq!(answer.status.as_u16(), expected, "{changes}");
    }
    // Beside an issuer with a name, each takes its own.
    let named = Issuer::new(ISSUER).untyped().audience(AUDIENCE).key(key());
    let both = own().issuer(named.subject_prefix("idp|")).build();
    assert_eq!(both.unwrap_err(), JwtError::AmbiguousSubjects);
    let both = || {
        Jwt::builder()
            .issuer(Issuer::without_name().key(key()).subject_prefix("own|"))
            .issuer(
                Issuer::new(ISSUER)
                    .untyped()
                    .audience(AUDIENCE)
                    .key(key())
                    .subject_prefix("idp|"),
            )
    };
    for (changes, subject) in [
        (json!({}), "idp|ada"),
        (json!({"iss": null, "aud": null}), "own|ada"),
    ] {
        let answer = ask(both(), &claims(changes)).await;
        assert_eq!(answer.json()["subject"], subject);
    }
    let twice = Jwt::builder()
        .issuer(Issuer::without_name().key(key()).subject_prefix("a|"))
        .issuer(Issuer::without_name().key(key()).subject_prefix("b|"))
        .build();
    assert!(matches!(twice.unwrap_err(), JwtError::IssuerName(_)));
    let without_keys = Jwt::builder().issuer(Issuer::without_name()).build();
    assert!(matches!(without_keys.unwrap_err(), JwtError::Keys(..)));
    let fetched = Issuer::without_name().jwks_url("https://id.example/keys");
    let fetched = Jwt::builder().issuer(fetched).build();
    assert!(matches!(fetched.unwrap_err(), JwtError::Keys(..)));
}

#[actix_web::test]
async fn jwt_23_a_rotation_reaches_signing_and_verifying() {
    let clock = Clock::new();
    let signer = signer(&clock);
    let app = app(jwt(&signer), clock.clone()).await;
    let first = signer.token("ada").sign().unwrap();
    app.ask(&first).await.assert_ok();
    signer.rotate(random("2")).unwrap();
    let second = signer.token("ada").sign().unwrap();
    for token in [&first, &second] {
        app.ask(token).await.assert_ok();
    }
    assert!(signer.jwks().contains("\"1\"") && signer.jwks().contains("\"2\""));
    // What no longer can be valid has no key any more.
    clock.go(15 * 60 + 300);
    signer.rotate(random("3")).unwrap();
    assert!(!signer.jwks().contains("\"1\"") && !signer.jwks().contains("\"d\""));
    app.ask(&first).await.assert_invalid("its key is gone");
    let third = signer.token("ada").sign().unwrap();
    app.ask(&third).await.assert_ok();
    // A key is not replaced under its id, nor by one of another kind.
    assert!(matches!(signer.rotate(random("3")), Err(JwtError::Key(_))));
    let hmac = SigningKey::hmac("4", Algorithm::Hs256, [7; 32]).unwrap();
    assert_eq!(
        signer.rotate(hmac),
        Err(JwtError::WrongKeyKind(Algorithm::EdDsa))
    );
}

#[actix_web::test]
async fn a_key_of_before_the_restart_is_accepted() {
    let clock = Clock::new();
    let former = Signer::ed("former");
    let key = Key::jwk(former.jwk().to_string()).unwrap();
    let signer = signer(&clock).accepting(key).unwrap();
    let mut claims = claims_of("ada");
    let members = claims.as_object_mut().unwrap();
    members.retain(|name, _| !["iss", "aud"].contains(&name.as_str()));
    let token = former.token(&merged(former.header(), &json!({"typ": "JWT"})), &claims);
    ask(jwt(&signer), &token).await.assert_ok();
    let other = Key::hmac(Algorithm::Hs256, [7; 32]).unwrap();
    assert!(signer.accepting(other).is_err());
}

#[actix_web::test]
async fn jwt_16_a_named_signer_makes_access_tokens_for_several_services() {
    let clock = Clock::new();
    let signer = signer(&clock).named("https://shop.example", "https://api.shop.example");
    let token = signer.token("ada").sign().unwrap();
    ask(jwt(&signer), &token).await.assert_ok();
    // Another service trusts the name and the published keys.
    let path = std::env::temp_dir().join(format!("auth-own-{}.jwks", std::process::id()));
    std::fs::write(&path, signer.jwks()).unwrap();
    let other = |audience: &str| {
        let issuer = Issuer::new("https://shop.example").jwks_file(&path);
        Jwt::builder().audience(audience).issuer(issuer)
    };
    ask(other("https://api.shop.example"), &token)
        .await
        .assert_ok();
    ask(other("https://another.example"), &token)
        .await
        .assert_invalid("another audience");
    std::fs::remove_file(&path).unwrap();
}

#[actix_web::test]
async fn every_kind_of_key_signs_what_it_verifies() {
    let pem = |der: &[u8]| {
        use base64::Engine as _;
        let body = base64::engine::general_purpose::STANDARD.encode(der);
        format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")
    };
    let generated = |algorithm: &'static str| {
        use aws_lc_rs::signature as s;
        let random = aws_lc_rs::rand::SystemRandom::new();
        let ec = |kind| s::EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
        match algorithm {
            "ES256" => pem(ec(&s::ECDSA_P256_SHA256_FIXED_SIGNING).as_ref()),
            "ES384" => pem(ec(&s::ECDSA_P384_SHA384_FIXED_SIGNING).as_ref()),
            "EdDSA" => pem(s::Ed25519KeyPair::generate_pkcs8(&random).unwrap().as_ref()),
            _ => {
                let pair = s::RsaKeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
                pem(
                    aws_lc_rs::encoding::AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(
                        &pair,
                    )
                    .unwrap()
                    .as_ref(),
                )
            }
        }
    };
    let clock = Clock::new();
    let mut keys: Vec<_> = ["EdDSA", "ES256", "ES384", "RS256", "RS384", "RS512"]
        .into_iter()
        .map(|name| {
            let algorithm = crate::asking::algorithm(name);
            let text = generated(name);
            for other in [Algorithm::EdDsa, Algorithm::Es256, Algorithm::Rs256] {
                let read = SigningKey::pem("k", other, &text);
                let same_kind = name[..1] == other.name()[..1] && name[1..2] == other.name()[1..2];
                assert_eq!(
                    read.is_ok(),
                    same_kind && name != "ES384",
                    "{name} as {other}"
                );
            }
            SigningKey::pem("k", algorithm, text).unwrap()
        })
        .collect();
    for algorithm in [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512] {
        keys.push(SigningKey::hmac("k", algorithm, [7; 64]).unwrap());
    }
    for key in keys {
        let (shown, clock) = (format!("{key:?}"), clock.clone());
        let signer = TokenSigner::new(key).clock(move || clock.now());
        let token = signer.token("ada").sign().unwrap();
        let answer = ask(jwt(&signer), &token).await;
        assert!(answer.is_ok(), "{shown}: {answer:?}");
        assert!(
            !signer.jwks().contains("\"k\":"),
            "a secret is not published"
        );
    }
    for wrong in ["", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----"] {
        assert!(SigningKey::pem("k", Algorithm::EdDsa, wrong).is_err());
    }
    assert!(SigningKey::hmac("k", Algorithm::Hs256, b"short").is_err());
}

#[actix_web::test]
async fn change_the_password_and_stay_signed_in() {
    let clock = Clock::new();
    let signer = signer(&clock);
    let revocations = Revocations::in_memory();
    let app = revocable(&revocations, jwt(&signer), clock.clone()).await;
    let before = signer.token("ada").sign().unwrap();
    app.ask(&before).await.assert_ok();
    clock.advance(Duration::from_millis(300));
    let until = clock.now() + Duration::from_secs(3600);
    let revoked = revocations.revoke_subject("", "ada", until);
    revoked.await.unwrap();
    clock.advance(Duration::from_millis(1));
    let after = signer.token("ada").sign().unwrap();
    app.ask(&before).await.assert_invalid("revoked");
    app.ask(&after).await.assert_ok();
    app.ask(&signer.token("eve").sign().unwrap())
        .await
        .assert_ok();
}

#[get("/me")]
#[requires_scope("profile")]
async fn me(caller: Authenticated) -> String {
    caller.subject().to_owned()
}

#[actix_web::test]
async fn a_scheme_of_another_name_has_the_errors_of_rfc_6750() {
    let signer = TokenSigner::new(random("1"));
    let scheme = |name| Bearer::jwt(Jwt::builder().issuer(signer.issuer())).scheme_name(name);
    let auth = Auth::builder()
        .realm("shop")
        .scheme(scheme("Token"))
        .build()
        .unwrap();
    let app = init_service(App::new().app_data(auth).service(me)).await;
    let good = signer.token("ada").scope("profile").sign().unwrap();
    let other = signer.token("ada").sign().unwrap();
    let ask = async |value: String| {
        let mut request = TestRequest::with_uri("/me");
        if !value.is_empty() {
            request = request.insert_header(("Authorization", value));
        }
        let response = call_service(&app, request.to_request()).await;
        let challenge = response.headers().get("www-authenticate");
        let challenge = challenge
            .map_or("", |value| value.to_str().unwrap())
            .to_owned();
        (response.status().as_u16(), challenge)
    };
    assert_eq!(ask(format!("Token {good}")).await.0, 200);
    assert_eq!(ask(format!("token {good}")).await.0, 200);
    for (value, status, challenge) in [
        (String::new(), 401, r#"Token realm="shop""#.to_owned()),
        (format!("Bearer {good}"), 401, r#"Token realm="shop""#.into()),
        (
            "Token x".into(),
            401,
            r#"Token realm="shop", error="invalid_token", error_description="The access token is invalid""#.into(),
        ),
        (
            format!("Token {other}"),
            403,
            r#"Token realm="shop", error="insufficient_scope", scope="profile", error_description="The token lacks a required scope""#.into(),
        ),
    ] {
        assert_eq!(ask(value.clone()).await, (status, challenge), "{value}");
    }
    let wrong = Auth::builder()
        .realm("shop")
        .scheme(scheme("To ken"))
        .build();
    assert!(wrong.is_err());
    let both = Auth::builder()
        .realm("shop")
        .scheme(scheme("Token"))
        .scheme(scheme("Bearer"))
        .build();
    assert!(both.is_ok());
}

#[test]
fn nothing_of_a_key_or_a_person_is_shown() {
    let key = SigningKey::hmac(
        "1",
        Algorithm::Hs256,
        b"sentinel-sentinel-sentinel-sentinel!",
    )
    .unwrap();
    let shown = format!("{key:?}");
    let signer = TokenSigner::new(key);
    let token = signer.token("sentinel-subject");
    let shown = format!("{shown} {signer:?} {token:?} {:?}", signer.issuer());
    assert!(!shown.contains("sentinel"), "{shown}");
    assert!(!shown.contains(&b64("sentinel")[..8]), "{shown}");
}
