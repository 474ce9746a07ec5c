//! Keys and tokens of real providers, which are not as neat as those of the standards.

use auth_runtime::oauth::jwt::{Algorithm, ClaimMapping, Issuer, Jwt, JwtError, Key};
use serde_json::{Value, json};

use crate::asking::{Ask as _, Clock, app, ask, issuer, with};
use crate::issuing::FakeIssuer;
use crate::minting::{AUDIENCE, ED, ISSUER, P256, RSA, Signer, b64, claims_of, merged};

/// What is answered to these tokens where the issuer publishes these keys.
async fn statuses(keys: &Value, algorithms: &[Algorithm], tokens: &[String]) -> Vec<u16> {
    let server = FakeIssuer::start();
    server.publish_json(keys);
    let issuer = server.issuer().algorithms(algorithms.iter().copied());
    let app = app(with(issuer), Clock::new()).await;
    let mut statuses = Vec::new();
    for token in tokens {
        statuses.push(app.ask(token).await.status.as_u16());
    }
    statuses
}

#[actix_web::test]
async fn jwt_24_keys_of_one_id_serve_by_their_algorithm() {
    use Algorithm::{EdDsa, Es256, Ps256, Rs256};
    let all = [Rs256, Ps256, Es256, EdDsa];
    let twin = Signer::rsa("twin");
    let named = |signer: &Signer, alg: &str| signer.jwk_with(&json!({"kid": "k", "alg": alg}));
    let token = |signer: &Signer, alg: &str| signer.headed(&json!({"kid": "k", "alg": alg}));
    // RFC 7517 §4.5: "One example in which different keys might use the same "kid" value is if
    // they have different "kty" (key type) values".
    let kinds = json!([
        named(&RSA, "RS256"),
        named(&P256, "ES256"),
        named(&ED, "EdDSA")
    ]);
    let tokens = [
        token(&RSA, "RS256"),
        token(&P256, "ES256"),
        token(&ED, "EdDSA"),
    ];
    assert_eq!(statuses(&kinds, &all, &tokens).await, [200; 3]);
    // One RSA key for two algorithms.
    let both = json!([named(&RSA, "RS256"), named(&RSA, "PS256")]);
    let tokens = [
        token(&RSA, "RS256"),
        token(&RSA, "PS256"),
        token(&twin, "RS256"),
    ];
    assert_eq!(statuses(&both, &all, &tokens).await, [200, 200, 401]);
    // The same key twice.
    let same = json!([named(&RSA, "RS256"), named(&RSA, "RS256")]);
    assert_eq!(statuses(&same, &all, &tokens[..1]).await, [200]);
    // Two keys of one id and algorithm: neither serves, and all others do.
    for (first, second) in [(&*RSA, &twin), (&twin, &*RSA)] {
        let keys = json!([
            named(first, "RS256"),
            ED.jwk(),
            named(second, "RS256"),
            named(&RSA, "PS256")
        ]);
        let tokens = [
            ED.good(),
            token(&RSA, "PS256"),
            token(&RSA, "RS256"),
            token(&twin, "RS256"),
        ];
        assert_eq!(statuses(&keys, &all, &tokens).await, [200, 200, 401, 401]);
    }
}

#[actix_web::test]
async fn members_that_are_null_are_not_there() {
    let nulls = json!({
        "alg": null, "use": null, "key_ops": null, "x5c": null, "x5t": null, "d": null, "k": null,
    });
    let keys = json!([ED.jwk_with(&nulls), P256.jwk_with(&nulls)]);
    let all = [Algorithm::EdDsa, Algorithm::Es256];
    assert_eq!(
        statuses(&keys, &all, &[ED.good(), P256.good()]).await,
        [200, 200]
    );
    assert!(Key::jwk(ED.jwk_with(&nulls).to_string()).is_ok());
    // What the key is made of has to be there.
    assert!(Key::jwk(ED.jwk_with(&json!({"x": null})).to_string()).is_err());
}

#[actix_web::test]
async fn jwt_28_ed25519_is_taken_under_both_names_by_default() {
    let server = FakeIssuer::start();
    server.publish(&[&ED]);
    let app = app(with(server.issuer()), Clock::new()).await;
    app.ask(&ED.good()).await.assert_ok();
    app.ask(&ED.headed(&json!({"alg": "Ed25519"})))
        .await
        .assert_ok();
}

fn edwards(point: [u8; 32]) -> Result<Key, JwtError> {
    Key::jwk(json!({"kty": "OKP", "crv": "Ed25519", "x": b64(point)}).to_string())
}

#[test]
fn jwt_05_a_key_that_is_no_key_is_refused() {
    let point = |low: u8, rest: u8, high: u8| {
        let mut point = [rest; 32];
        (point[0], point[31]) = (low, high);
        point
    };
    let of_order_8 = |hex: &str| {
        let mut point = [0; 32];
        for (byte, digits) in point.iter_mut().zip(hex.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap();
        }
        point
    };
    let order_8 = [
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ];
    let small = [
        point(0, 0, 0),
        point(1, 0, 0),
        point(0xec, 0xff, 0x7f),
        // Not smaller than the prime.
        point(0xed, 0xff, 0x7f),
        point(0xee, 0xff, 0x7f),
        point(0xff, 0xff, 0x7f),
        of_order_8(order_8[0]),
        of_order_8(order_8[1]),
    ];
    for mut point in small {
        for sign in [0, 0x80] {
            point[31] |= sign;
            let error = edwards(point).unwrap_err();
            assert!(matches!(error, JwtError::Key(_)), "{point:x?}: {error}");
            // RFC 8410 §4.
            let mut der = vec![
                0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
            ];
            der.extend(point);
            assert!(Key::der(Algorithm::EdDsa, der).is_err());
        }
    }
    // A point beside the curve: the same with another second coordinate.
    for signer in [&*P256, &Signer::p384("p384")] {
        let jwk = signer.jwk();
        assert!(Key::jwk(jwk.to_string()).is_ok());
        let moved = signer.jwk_with(&json!({"y": jwk["x"]}));
        let error = Key::jwk(moved.to_string()).unwrap_err();
        assert!(matches!(error, JwtError::Key(_)), "{error}");
    }
    // RFC 7518 §2: no octets in front that say nothing.
    for name in ["n", "e"] {
        use base64::Engine as _;
        let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
        let mut number = engine.decode(RSA.jwk()[name].as_str().unwrap()).unwrap();
        number.insert(0, 0);
        let jwk = RSA.jwk_with(&json!({name: b64(number)}));
        let error = Key::jwk(jwk.to_string()).unwrap_err();
        assert!(matches!(error, JwtError::Key(_)), "{error}");
    }
}

/// What Amazon Cognito writes: no `aud`, but who it was issued to.
fn cognito(changes: &Value) -> String {
    let mut claims = claims_of("ada");
    claims.as_object_mut().unwrap().remove("aud");
    let own = json!({
        "token_use": "access", "client_id": "web", "username": "ada", "scope": "articles/read",
        "cognito:groups": ["editors"],
    });
    let claims = merged(merged(claims, &own), changes);
    ED.token(&merged(ED.header(), &json!({"typ": null})), &claims)
}

#[actix_web::test]
async fn a_token_without_audience_is_taken_where_another_claim_says_whose_it_is() {
    let trusted = || {
        issuer(&ED, "EdDSA")
            .untyped()
            .any_audience()
            .require_value("token_use", "access")
            .mapping(ClaimMapping::none().scopes("scope").roles("cognito:groups"))
    };
    let of_two = || trusted().require_one_of("client_id", ["web", "app"]);
    for (changes, expected) in [
        (json!({}), 200),
        (json!({"client_id": "app"}), 200),
        (json!({"aud": "https://another.example"}), 200),
        (json!({"client_id": "other"}), 401),
        (json!({"client_id": ["web"]}), 401),
        (json!({"client_id": null}), 401),
        (json!({"token_use": "id"}), 401),
    ] {
        let answer = ask(with(of_two()), &cognito(&changes)).await;
        assert_eq!(answer.status.as_u16(), expected, "{changes}");
    }
    // Otherwise it is not known whose they are.
    for issuer in [
        trusted(),
        trusted().require_value("iss", ISSUER),
        trusted().require("client_id"),
    ] {
        let built = Jwt::builder().audience(AUDIENCE).issuer(issuer).build();
        assert_eq!(built.unwrap_err(), JwtError::NoAudience(ISSUER.into()));
    }
    let strict: Issuer = issuer(&ED, "EdDSA").untyped();
    let answer = ask(with(strict), &cognito(&json!({}))).await;
    answer.assert_invalid("without an audience");
}
