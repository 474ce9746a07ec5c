//! What is refused before any token comes.

use std::time::Duration;

use auth_runtime::oauth::HttpError;
use auth_runtime::oauth::jwt::{Algorithm, Issuer, Jwt, JwtError, Key, Refresh};
use auth_runtime::prelude::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::asking::{algorithm, issuer, key, trusting};
use crate::minting::{AUDIENCE, ED, HMAC, ISSUER, P256, P384, RSA, b64};

#[test]
fn jwt_05_an_hmac_key_is_as_long_as_the_hash() {
    for (algorithm, length) in [
        (Algorithm::Hs256, 32),
        (Algorithm::Hs384, 48),
        (Algorithm::Hs512, 64),
    ] {
        assert!(Key::hmac(algorithm, vec![1; length]).is_ok());
        for short in [0, 1, length - 1] {
            assert_eq!(
                Key::hmac(algorithm, vec![1; short]).unwrap_err(),
                JwtError::ShortSecret {
                    algorithm,
                    at_least: length
                }
            );
        }
        let jwk = json!({"kty": "oct", "alg": algorithm.name(), "k": b64(vec![1; length - 1])});
        assert!(Key::jwk(jwk.to_string()).is_err());
    }
    assert!(Key::hmac(Algorithm::Rs256, [1; 64]).is_err());
    let without = HMAC.jwk().to_string();
    assert!(Key::jwk(without).is_err(), "an `oct` key without `alg`");
}

#[test]
fn jwt_05_an_rsa_key_has_2048_bits() {
    for bits in [512, 1024, 2040] {
        let mut modulus = vec![0xff; bits / 8];
        let jwk = json!({"kty": "RSA", "alg": "RS256", "n": b64(&modulus), "e": "AQAB"});
        modulus.insert(0, 0);
        assert_eq!(
            Key::jwk(jwk.to_string()).unwrap_err(),
            JwtError::RsaKeySize { bits }
        );
        // RFC 8017 §A.1.1: SEQUENCE { INTEGER n, INTEGER e }.
        let integer = |bytes: &[u8]| {
            let length = u16::try_from(bytes.len()).unwrap().to_be_bytes();
            [&[0x02, 0x82], &length[..], bytes].concat()
        };
        let body = [integer(&modulus), integer(&[1, 0, 1])].concat();
        let length = u16::try_from(body.len()).unwrap().to_be_bytes();
        let der = [&[0x30, 0x82], &length[..], &body].concat();
        let pem = format!(
            "-----BEGIN RSA PUBLIC KEY-----\n{}\n-----END RSA PUBLIC KEY-----\n",
            STANDARD.encode(der)
        );
        assert!(Key::pem(Algorithm::Rs256, pem).is_err(), "{bits}");
    }
    for exponent in ["AQ", "AA", "", "Ag", "AQAA"] {
        let jwk = RSA.jwk_with(&json!({"e": exponent}));
        assert!(Key::jwk(jwk.to_string()).is_err(), "{exponent}");
    }
}

#[test]
fn keys_are_read_from_pem_der_and_jwk() {
    for (signer, name) in [
        (&*RSA, "RS256"),
        (&*RSA, "PS512"),
        (&*P256, "ES256"),
        (&*P384, "ES384"),
        (&*ED, "EdDSA"),
    ] {
        let algorithm = algorithm(name);
        assert!(Key::pem(algorithm, signer.pem()).is_ok(), "{name}");
        assert!(
            Key::pem(algorithm, format!("\n{}\n", signer.pem())).is_ok(),
            "{name}"
        );
        assert!(Key::der(algorithm, signer.der()).is_ok(), "{name}");
        assert!(
            Key::jwk(signer.jwk_with(&json!({"alg": name})).to_string()).is_ok(),
            "{name}"
        );
        for other in ["RS256", "ES256", "ES384", "EdDSA", "HS256"] {
            if other[..2] != signer.usual()[..2] || (other.starts_with("ES") && other != name) {
                let wrong = crate::asking::algorithm(other);
                assert_eq!(
                    Key::pem(wrong, signer.pem()).unwrap_err(),
                    JwtError::WrongKeyKind(wrong),
                    "{name} as {other}"
                );
            }
        }
    }
}

#[test]
fn what_is_not_one_public_key_is_no_key() {
    let body = STANDARD.encode(ED.der());
    for wrong in [
        String::new(),
        "hello".into(),
        format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"),
        format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"),
        format!("{}{}", ED.pem(), ED.pem()),
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n".into(),
    ] {
        assert!(Key::pem(Algorithm::EdDsa, &wrong).is_err(), "{wrong}");
    }
    assert!(Key::der(Algorithm::EdDsa, [1, 2, 3]).is_err());
    assert!(Key::jwk("[]").is_err() && Key::jwk("{}").is_err());
}

#[test]
fn jwt_19_a_leeway_of_more_than_five_minutes_is_refused() {
    let build = |seconds| trusting(&ED).leeway(Duration::from_secs(seconds)).build();
    assert!(build(0).is_ok() && build(300).is_ok());
    assert_eq!(
        build(301).unwrap_err(),
        JwtError::Leeway(Duration::from_secs(301))
    );
}

#[test]
fn what_is_missing_or_contradictory_is_told() {
    let keyed = || Issuer::new(ISSUER).key(key(&ED, "EdDSA"));
    let build = |issuer| {
        Jwt::builder()
            .audience(AUDIENCE)
            .issuer(issuer)
            .build()
            .unwrap_err()
    };
    assert_eq!(
        Jwt::builder().audience(AUDIENCE).build().unwrap_err(),
        JwtError::NoIssuer
    );
    assert_eq!(
        Jwt::builder().issuer(keyed()).build().unwrap_err(),
        JwtError::NoAudience(ISSUER.into())
    );
    assert!(matches!(
        build(keyed().audience("")),
        JwtError::NoAudience(_)
    ));
    assert!(matches!(
        build(Issuer::new("").key(key(&ED, "EdDSA"))),
        JwtError::IssuerName(_)
    ));
    assert!(matches!(build(Issuer::new(ISSUER)), JwtError::Keys(..)));
    assert!(matches!(
        build(keyed().algorithms([])),
        JwtError::Algorithms(..)
    ));
    let unlisted = build(keyed().algorithms([Algorithm::Rs256]));
    assert!(matches!(unlisted, JwtError::Keys(..)));
    assert!(
        format!("{unlisted:?}").contains("name it in `.algorithms([..])`"),
        "{unlisted}"
    );
    assert!(matches!(
        build(keyed().jwks_url("https://id.example/keys")),
        JwtError::Keys(..)
    ));
    let remote = || Issuer::new(ISSUER).jwks_url("https://id.example/keys");
    assert!(matches!(
        build(remote().algorithms([Algorithm::Hs256])),
        JwtError::Algorithms(..)
    ));
    for refresh in [
        Refresh::default().unknown_key_interval(Duration::ZERO),
        Refresh::default().retry_interval(Duration::ZERO),
        Refresh::default().stale_for_at_most(Duration::ZERO),
        Refresh::default().max_age_between(Duration::from_secs(2), Duration::from_secs(1)),
    ] {
        assert!(matches!(
            build(remote().refresh(refresh)),
            JwtError::Limit(_)
        ));
    }
}

#[test]
fn jwt_32_issuers_that_could_be_confused_are_refused() {
    let two = |first: Issuer, second: Issuer| {
        Jwt::builder()
            .audience(AUDIENCE)
            .issuer(first)
            .issuer(second)
    };
    let other = || Issuer::new("https://other.example").key(key(&ED, "EdDSA"));
    let ours = || issuer(&ED, "EdDSA");
    let ambiguous = Err(JwtError::AmbiguousSubjects);
    let outcome = |builder: auth_runtime::oauth::jwt::JwtBuilder| builder.build().map(|_| ());
    assert_eq!(outcome(two(ours(), other())), ambiguous);
    assert_eq!(
        outcome(two(ours(), other().subject_prefix("b|"))),
        ambiguous
    );
    assert_eq!(
        outcome(two(
            ours().subject_prefix("b"),
            other().subject_prefix("b|")
        )),
        ambiguous
    );
    assert_eq!(
        outcome(two(
            ours().subject_prefix("a|"),
            other().subject_prefix("b|")
        )),
        Ok(())
    );
    assert_eq!(outcome(two(ours(), other()).shared_subjects(true)), Ok(()));
    let same = two(ours().subject_prefix("a|"), ours().subject_prefix("b|"));
    assert_eq!(outcome(same), Err(JwtError::IssuerName(ISSUER.into())));
}

#[test]
fn what_is_wrong_is_told_when_the_configuration_is_built() {
    let error = Auth::builder()
        .realm("api")
        .scheme(Bearer::jwt(Jwt::builder().audience(AUDIENCE)))
        .build()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "scheme `Bearer`: no issuer: call `.issuer(Issuer::new(\"https://...\"))`"
    );
}

#[test]
fn only_https_is_fetched() {
    for url in [
        "http://id.example/keys",
        "ftp://id.example/keys",
        "file:///etc/passwd",
        "/keys",
        "",
        "https://user:pass@id.example/keys",
        "http://127.0.0.1/keys",
    ] {
        let issuer = Issuer::new(ISSUER).jwks_url(url);
        let outcome = Jwt::builder().audience(AUDIENCE).issuer(issuer).build();
        let error = outcome.unwrap_err();
        assert!(matches!(error, JwtError::Http(HttpError::Url(..))), "{url}");
        assert!(!error.to_string().contains("pass@"), "{error}");
    }
    let plain = Issuer::new("http://id.example").discover();
    assert!(
        Jwt::builder()
            .audience(AUDIENCE)
            .issuer(plain)
            .build()
            .is_err()
    );
}

#[test]
fn debug_shows_no_key() {
    let secret = "k".repeat(64);
    let key = Key::hmac(Algorithm::Hs256, &secret).unwrap();
    let issuer = Issuer::new(ISSUER).algorithms([Algorithm::Hs256]).key(key);
    assert!(!format!("{issuer:?}").contains("kkkk"));
    let jwt = Jwt::builder().audience(AUDIENCE).issuer(issuer);
    assert!(!format!("{jwt:?}").contains("kkkk"));
    let jwt = jwt.build().unwrap();
    let text = format!("{jwt:?}");
    assert!(
        !text.contains("kkkk") && !text.contains("107, 107"),
        "{text}"
    );
}
