//! One token a second time, by the raw library, at first sight, and cached.

#[allow(dead_code)]
#[path = "../../minting.rs"]
mod minting;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use auth_runtime::scheme::Verification;
use auth_runtime::oauth::jwt::{Algorithm, Issuer, Jwt, Key};
use jsonwebtoken::{DecodingKey, Validation, decode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use minting::{AUDIENCE, ISSUER, NOW, Signer};

/// The algorithms that are measured.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Hs256,
    Rs256,
    Es256,
    EdDsa,
}

/// The claims of `raw`, as an app would write them.
#[derive(Debug, Deserialize)]
#[allow(dead_code)]
pub struct Claims {
    iss: String,
    aud: String,
    sub: String,
    client_id: String,
    jti: String,
    iat: u64,
    exp: u64,
    scope: String,
    roles: Vec<String>,
}

/// A token, and everything that verifies it.
pub struct Case {
    token: String,
    jwt: Jwt,
    key: DecodingKey,
    validation: Validation,
    now: SystemTime,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::Hs256, Self::Rs256, Self::Es256, Self::EdDsa];

    pub fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Nothing is cached, neither by us nor by what is initialised once.
    pub fn case(self) -> Case {
        let (signer, ours, theirs) = match self {
            Self::Hs256 => (
                Signer::hmac("k", &[7; 32]),
                Algorithm::Hs256,
                jsonwebtoken::Algorithm::HS256,
            ),
            Self::Rs256 => (
                Signer::rsa("k"),
                Algorithm::Rs256,
                jsonwebtoken::Algorithm::RS256,
            ),
            Self::Es256 => (
                Signer::p256("k"),
                Algorithm::Es256,
                jsonwebtoken::Algorithm::ES256,
            ),
            Self::EdDsa => (
                Signer::ed("k"),
                Algorithm::EdDsa,
                jsonwebtoken::Algorithm::EdDSA,
            ),
        };
        let (key, decoding) = match self {
            Self::Hs256 => (
                Key::hmac(ours, [7; 32]),
                Ok(DecodingKey::from_secret(&[7; 32])),
            ),
            Self::Rs256 => (
                Key::pem(ours, signer.pem()),
                DecodingKey::from_rsa_pem(signer.pem().as_bytes()),
            ),
            Self::Es256 => (
                Key::pem(ours, signer.pem()),
                DecodingKey::from_ec_pem(signer.pem().as_bytes()),
            ),
            Self::EdDsa => (
                Key::pem(ours, signer.pem()),
                DecodingKey::from_ed_pem(signer.pem().as_bytes()),
            ),
        };
        let issuer = Issuer::new(ISSUER)
            .algorithms([ours])
            .key(key.unwrap().with_id("k"));
        let jwt = Jwt::builder()
            .audience(AUDIENCE)
            .issuer(issuer)
            .build()
            .unwrap();
        let mut validation = Validation::new(theirs);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[ISSUER]);
        validation.validate_nbf = true;
        Case {
            token: signer.good_with(&json!({
                "scope": "reports:read reports:write", "roles": ["editor", "author"],
                "jti": "0198f1d2-7c1c-7d6e-9b1f-0c8a5d1e2f3a",
                "exp": 4_000_000_000_u64,
            })),
            jwt,
            key: decoding.unwrap(),
            validation,
            now: UNIX_EPOCH + Duration::from_secs(NOW),
        }
    }

    /// The code and its tables are warm: another token of another key has been verified.
    pub fn warm(self) -> Case {
        let other = self.case();
        assert!(other.ours() && other.raw_typed() && other.raw_map());
        self.case()
    }

    /// The token has been seen.
    pub fn seen(self) -> Case {
        let case = self.warm();
        assert!(case.ours());
        case
    }
}

impl Case {
    pub fn ours(&self) -> bool {
        matches!(
            self.jwt.verify_at(&self.token, self.now),
            Verification::Ready(Ok(_))
        )
    }

    /// As at first sight.
    pub fn forget(&self) {
        self.jwt.forget_verified();
    }

    /// Into the app's own type.
    pub fn raw_typed(&self) -> bool {
        decode::<Claims>(&self.token, &self.key, &self.validation).is_ok()
    }

    /// Into all the claims, which is what a principal holds.
    pub fn raw_map(&self) -> bool {
        decode::<Map<String, Value>>(&self.token, &self.key, &self.validation).is_ok()
    }
}

/// Many tokens of one issuer in the cache: the estimate, and how many there are.
pub fn fill(tokens: usize) -> (Jwt, (usize, usize)) {
    let signer = Signer::hmac("k", &[7; 32]);
    let key = Key::hmac(Algorithm::Hs256, [7; 32]).unwrap();
    let issuer = Issuer::new(ISSUER).algorithms([Algorithm::Hs256]).key(key);
    let jwt = Jwt::builder()
        .audience(AUDIENCE)
        .issuer(issuer)
        .build()
        .unwrap();
    for number in 0..tokens {
        let token = signer.good_with(&json!({
            "scope": "reports:read reports:write", "roles": ["editor", "author"],
            "jti": format!("0198f1d2-7c1c-7d6e-9b1f-{number:012}"),
        }));
        let now = UNIX_EPOCH + Duration::from_secs(NOW);
        assert!(matches!(
            jwt.verify_at(&token, now),
            Verification::Ready(Ok(_))
        ));
    }
    let usage = jwt.cache_usage();
    (jwt, usage)
}
