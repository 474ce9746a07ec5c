//! Who signed it, with what.

use auth_runtime::oauth::jwt::{Issuer, Key};
use serde_json::json;

use crate::asking::{algorithm, ask, issuer, key, trusting, with};
use crate::minting::{ED, HMAC, ISSUER, P256, P384, RSA, Signer, b64, claims_of};

/// Every signer with every algorithm of its kind.
const PAIRS: &[(&std::sync::LazyLock<Signer>, &str)] = &[
    (&HMAC, "HS256"),
    (&HMAC, "HS384"),
    (&HMAC, "HS512"),
    (&RSA, "RS256"),
    (&RSA, "RS384"),
    (&RSA, "RS512"),
    (&RSA, "PS256"),
    (&RSA, "PS384"),
    (&RSA, "PS512"),
    (&P256, "ES256"),
    (&P384, "ES384"),
    (&ED, "EdDSA"),
    (&ED, "Ed25519"),
];

#[actix_web::test]
async fn a_token_by_the_right_key_is_accepted_for_every_algorithm() {
    for (signer, name) in PAIRS {
        let token = signer.headed(&json!({"alg": name}));
        let answer = ask(with(issuer(signer, name)), &token).await;
        assert_eq!(answer.assert_ok().json()["subject"], "ada", "{name}");
    }
}

#[actix_web::test]
async fn jwt_01_an_algorithm_that_is_not_allowed_is_refused() {
    for (signer, name) in PAIRS {
        let token = signer.headed(&json!({"alg": name}));
        for (other, allowed) in PAIRS.iter().filter(|(_, allowed)| allowed != name) {
            let answer = ask(with(issuer(other, allowed)), &token).await;
            answer.assert_invalid(&format!("{name} where {allowed} is allowed"));
        }
    }
}

#[actix_web::test]
async fn jwt_02_no_spelling_of_none_is_accepted() {
    for spelling in [
        "none", "None", "NONE", "noNE", "nOnE", "", "rs256", "RS256 ",
    ] {
        let header = json!({"alg": spelling, "typ": "at+jwt", "kid": "rsa"}).to_string();
        let message = format!("{}.{}", b64(header), b64(claims_of("ada").to_string()));
        let right = b64(RSA.sign("RS256", message.as_bytes()));
        for signature in ["", "AA", right.as_str()] {
            let answer = ask(trusting(&RSA), &format!("{message}.{signature}")).await;
            answer.assert_invalid(spelling);
        }
    }
    // And with a good header, the signature left out.
    let token = RSA.good();
    let (message, _) = token.rsplit_once('.').unwrap();
    ask(trusting(&RSA), &format!("{message}."))
        .await
        .assert_invalid("empty signature");
}

#[actix_web::test]
async fn jwt_03_a_public_key_is_no_shared_secret() {
    let pem = RSA.pem();
    for secret in [
        pem.as_bytes().to_vec(),
        pem.trim_end().as_bytes().to_vec(),
        RSA.der(),
        RSA.jwk().to_string().into_bytes(),
    ] {
        for name in ["HS256", "HS384", "HS512"] {
            let forger = Signer::hmac("rsa", &secret);
            let token = forger.headed(&json!({"alg": name}));
            ask(trusting(&RSA), &token).await.assert_invalid(name);
            // Also where HMAC is allowed for another key of the same issuer.
            let both = Issuer::new(ISSUER)
                .algorithms([algorithm("RS256"), algorithm(name)])
                .key(key(&RSA, "RS256"))
                .key(key(&HMAC, name));
            ask(with(both), &token).await.assert_invalid(name);
        }
    }
}

#[actix_web::test]
async fn jwt_03_the_header_does_not_choose_how_a_key_is_used() {
    let all: Vec<_> = PAIRS.iter().map(|(_, name)| algorithm(name)).collect();
    for (signer, name) in PAIRS {
        for (other, claimed) in PAIRS {
            let same = name == claimed || (name.starts_with("Ed") && claimed.starts_with("Ed"));
            if same {
                continue;
            }
            // The key of `signer` is for `name`; the token says `claimed`, signed by whoever can.
            let issuer = Issuer::new(ISSUER)
                .algorithms(all.clone())
                .key(key(signer, name));
            let header = json!({"alg": claimed, "kid": signer.id});
            let what = format!("{claimed} with a key for {name}");
            ask(with(issuer), &other.headed(&header))
                .await
                .assert_invalid(&what);
            if signer.usual()[..2] == other.usual()[..2] {
                let issuer = Issuer::new(ISSUER)
                    .algorithms(all.clone())
                    .key(key(signer, name));
                ask(with(issuer), &signer.headed(&header))
                    .await
                    .assert_invalid(&what);
            }
        }
    }
}

#[test]
fn jwt_04_a_jwk_that_is_not_for_verifying_is_no_key() {
    for members in [
        json!({"use": "enc"}),
        json!({"use": 1}),
        json!({"key_ops": ["sign"]}),
        json!({"key_ops": []}),
        json!({"key_ops": "verify"}),
        json!({"alg": "RSA-OAEP"}),
        json!({"alg": "ES256"}),
        json!({"alg": "HS256"}),
        json!({"alg": "none"}),
        json!({"kid": 1}),
        json!({"d": "AQAB"}),
        json!({"kty": "EC"}),
        json!({"kty": "rsa"}),
        json!({"n": null}),
    ] {
        let jwk = RSA.jwk_with(&members).to_string();
        assert!(Key::jwk(&jwk).is_err(), "{members}");
    }
    for members in [
        json!({}),
        json!({"use": "sig", "alg": "RS256"}),
        json!({"key_ops": ["verify"], "alg": "PS512"}),
    ] {
        assert!(
            Key::jwk(RSA.jwk_with(&members).to_string()).is_ok(),
            "{members}"
        );
    }
    // A key for P-256 with the algorithm of P-384, and coordinates of another size.
    for (signer, members) in [
        (&*P256, json!({"alg": "ES384"})),
        (&*P256, json!({"crv": "P-384"})),
        (&*P256, json!({"crv": "secp256k1"})),
        (&*P384, json!({"crv": "P-256"})),
        (&*ED, json!({"crv": "Ed448"})),
        (&*ED, json!({"x": "AAAA"})),
    ] {
        assert!(
            Key::jwk(signer.jwk_with(&members).to_string()).is_err(),
            "{members}"
        );
    }
}

#[actix_web::test]
async fn jwt_06_an_ecdsa_signature_is_two_numbers_of_fixed_length() {
    for (signer, length) in [(&*P256, 64), (&*P384, 96)] {
        let token = signer.good();
        ask(trusting(signer), &token).await.assert_ok();
        let (message, signature) = token.rsplit_once('.').unwrap();
        let good = signer.sign(signer.usual(), message.as_bytes());
        assert_eq!(good.len(), length);
        assert!(!signature.is_empty());
        let (r, s) = good.split_at(length / 2);
        let zero = vec![0; length / 2];
        let mut wrong = vec![
            good[1..].to_vec(),
            good[..length - 1].to_vec(),
            [&good[..], &[0]].concat(),
            [&[0], &good[..]].concat(),
            [&zero[..], s].concat(),
            [r, &zero[..]].concat(),
            vec![0; length],
            vec![0xff; length],
            [s, r].concat(),
        ];
        if length == 64 {
            wrong.push(signer.sign("ES256-DER", message.as_bytes()));
        }
        for signature in wrong {
            let token = format!("{message}.{}", b64(&signature));
            ask(trusting(signer), &token)
                .await
                .assert_invalid(&format!("{} bytes", signature.len()));
        }
    }
}

#[actix_web::test]
async fn jwt_07_one_changed_bit_refuses_the_token() {
    for signer in [&*RSA, &*P256, &*ED] {
        let token = signer.good();
        let (message, signature) = token.rsplit_once('.').unwrap();
        let (header, payload) = message.split_once('.').unwrap();
        let other = b64(claims_of("eve").to_string());
        for changed in [
            format!("{header}.{other}.{signature}"),
            format!(
                "{message}.{}",
                signer
                    .good_with(&json!({"jti": "t-2"}))
                    .rsplit('.')
                    .next()
                    .unwrap()
            ),
            format!(
                "{message}.{}A",
                &signature[..signature.len() - 1].to_owned()
            ),
            format!("{header}.{payload}.A{}", &signature[1..]),
        ] {
            if changed != token {
                ask(trusting(signer), &changed)
                    .await
                    .assert_invalid(&changed);
            }
        }
    }
}

#[actix_web::test]
async fn jwt_14_the_keys_are_those_of_the_issuer_that_the_token_names() {
    let (ours, theirs) = (Signer::ed("k"), Signer::ed("k"));
    let other = "https://other.example";
    let both = || {
        with(issuer(&ours, "EdDSA").subject_prefix("a|")).issuer(
            Issuer::new(other)
                .key(key(&theirs, "EdDSA"))
                .subject_prefix("b|"),
        )
    };
    let answer = ask(both(), &ours.good()).await;
    assert_eq!(answer.assert_ok().json()["subject"], "a|ada");
    let answer = ask(both(), &theirs.good_with(&json!({"iss": other}))).await;
    assert_eq!(answer.assert_ok().json()["subject"], "b|ada");
    ask(both(), &ours.good_with(&json!({"iss": other})))
        .await
        .assert_invalid("the other's name with our key");
    ask(both(), &theirs.good())
        .await
        .assert_invalid("our name with the other's key");
}

#[actix_web::test]
async fn jwt_21_a_key_id_is_looked_up_and_nothing_else() {
    for kid in [
        "../../etc/passwd",
        "/dev/null",
        "' OR 1=1 --",
        "*)(uid=*",
        "ED",
        "ed ",
        "ed\0",
        "",
        &"k".repeat(5000),
    ] {
        ask(trusting(&ED), &ED.headed(&json!({"kid": kid})))
            .await
            .assert_invalid(kid);
    }
    for kid in [json!(1), json!(["ed"]), json!({"ed": 1}), json!(true)] {
        ask(trusting(&ED), &ED.headed(&json!({"kid": kid})))
            .await
            .assert_invalid("not a text");
    }
    let null = ED.token_of(
        "EdDSA",
        br#"{"alg":"EdDSA","typ":"at+jwt","kid":null}"#,
        claims_of("ada").to_string(),
    );
    ask(trusting(&ED), &null).await.assert_invalid("null");
    // Without an id, the keys that fit are tried.
    ask(trusting(&ED), &ED.headed(&json!({"kid": null})))
        .await
        .assert_ok();
}

#[actix_web::test]
async fn a_key_without_an_id_is_tried_for_every_token() {
    let issuer = Issuer::new(ISSUER).key(Key::pem(algorithm("EdDSA"), ED.pem()).unwrap());
    ask(with(issuer), &ED.headed(&json!({"kid": "whatever"})))
        .await
        .assert_ok();
}

#[actix_web::test]
async fn jwt_22_the_header_brings_no_key() {
    let forger = Signer::ed("ed");
    for header in [
        json!({"jwk": forger.jwk()}),
        json!({"jwk": forger.jwk(), "kid": null}),
        json!({"jku": "https://evil.example/keys"}),
        json!({"x5u": "https://evil.example/cert"}),
        json!({"x5c": ["MIIB"]}),
    ] {
        ask(trusting(&ED), &forger.headed(&header))
            .await
            .assert_invalid("forged");
        // Refused even where the signature is right, unless told to ignore it.
        ask(trusting(&ED), &ED.headed(&header))
            .await
            .assert_invalid("right");
        let lenient = || with(issuer(&ED, "EdDSA").ignore_key_headers(true));
        ask(lenient(), &ED.headed(&header)).await.assert_ok();
        ask(lenient(), &forger.headed(&header))
            .await
            .assert_invalid("forged, ignored");
    }
}

#[actix_web::test]
async fn jwt_22_no_connection_is_made_to_where_the_header_points() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}/keys", listener.local_addr().unwrap());
    let forger = Signer::ed("ed");
    for name in ["jku", "x5u"] {
        let lenient = with(issuer(&ED, "EdDSA").ignore_key_headers(true));
        ask(lenient, &forger.headed(&json!({ name: url })))
            .await
            .assert_invalid(name);
    }
    assert!(listener.accept().is_err());
}

#[actix_web::test]
async fn jwt_28_ed25519_is_accepted_under_its_own_name_when_configured() {
    let token = ED.headed(&json!({"alg": "Ed25519"}));
    ask(trusting(&ED), &token)
        .await
        .assert_invalid("not configured");
    ask(with(issuer(&ED, "Ed25519")), &token).await.assert_ok();
    ask(with(issuer(&ED, "Ed25519")), &ED.good())
        .await
        .assert_invalid("the old name");
}

#[actix_web::test]
async fn jwt_30_rs256_is_allowed_by_default() {
    for signer in [&*RSA, &*P256, &*ED] {
        let issuer = Issuer::new(ISSUER).key(key(signer, signer.usual()));
        ask(with(issuer), &signer.good()).await.assert_ok();
    }
}
