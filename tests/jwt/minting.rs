//! Tokens, built here and signed with aws-lc-rs itself.

use std::sync::LazyLock;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING,
    ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair,
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256,
    RSA_PSS_SHA384, RSA_PSS_SHA512, RsaKeyPair, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// The time of the tests.
pub const NOW: u64 = 1_800_000_000;
pub const ISSUER: &str = "https://id.example";
pub const AUDIENCE: &str = "https://rs.example";

pub fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A private key and what is published of it.
pub struct Signer {
    pub id: String,
    secret: Secret,
}

enum Secret {
    Hmac(Vec<u8>),
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair, &'static str, Vec<u8>),
    Ed(Ed25519KeyPair),
}

impl Signer {
    pub fn hmac(id: &str, secret: &[u8]) -> Self {
        Self {
            id: id.into(),
            secret: Secret::Hmac(secret.to_vec()),
        }
    }

    pub fn rsa(id: &str) -> Self {
        Self {
            id: id.into(),
            secret: Secret::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()),
        }
    }

    pub fn p256(id: &str) -> Self {
        Self::ec(id, &ECDSA_P256_SHA256_FIXED_SIGNING, "P-256")
    }

    pub fn p384(id: &str) -> Self {
        Self::ec(id, &ECDSA_P384_SHA384_FIXED_SIGNING, "P-384")
    }

    fn ec(id: &str, algorithm: &'static EcdsaSigningAlgorithm, curve: &'static str) -> Self {
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new()).unwrap();
        let document = document.as_ref().to_vec();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, &document).unwrap();
        Self {
            id: id.into(),
            secret: Secret::Ec(pair, curve, document),
        }
    }

    pub fn ed(id: &str) -> Self {
        Self {
            id: id.into(),
            secret: Secret::Ed(Ed25519KeyPair::generate().unwrap()),
        }
    }

    /// The public key as `SubjectPublicKeyInfo`.
    pub fn der(&self) -> Vec<u8> {
        match &self.secret {
            Secret::Hmac(_) => panic!("a secret has no public key"),
            Secret::Rsa(pair) => pair.public_key().as_der().unwrap().as_ref().to_vec(),
            Secret::Ec(pair, ..) => pair.public_key().as_der().unwrap().as_ref().to_vec(),
            Secret::Ed(pair) => pair.public_key().as_der().unwrap().as_ref().to_vec(),
        }
    }

    pub fn pem(&self) -> String {
        let body = STANDARD.encode(self.der());
        format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n")
    }

    /// The public JWK, without `alg` and `use`.
    pub fn jwk(&self) -> Value {
        match &self.secret {
            Secret::Hmac(secret) => json!({"kty": "oct", "kid": self.id, "k": b64(secret)}),
            Secret::Rsa(pair) => {
                let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                json!({"kty": "RSA", "kid": self.id, "n": b64(public.n), "e": b64(public.e)})
            }
            Secret::Ec(pair, curve, _) => {
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                json!({"kty": "EC", "crv": curve, "kid": self.id, "x": b64(x), "y": b64(y)})
            }
            Secret::Ed(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "kid": self.id, "x": b64(pair.public_key())})
            }
        }
    }

    /// The JWK with some members set, or removed where `null`.
    pub fn jwk_with(&self, members: &Value) -> Value {
        merged(self.jwk(), members)
    }

    pub fn sign(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match (&self.secret, algorithm) {
            (Secret::Hmac(secret), _) => {
                let hash = match algorithm {
                    "HS384" => hmac::HMAC_SHA384,
                    "HS512" => hmac::HMAC_SHA512,
                    _ => hmac::HMAC_SHA256,
                };
                hmac::sign(&hmac::Key::new(hash, secret), message)
                    .as_ref()
                    .to_vec()
            }
            (Secret::Rsa(pair), _) => {
                let padding: &dyn aws_lc_rs::signature::RsaEncoding = match algorithm {
                    "RS384" => &RSA_PKCS1_SHA384,
                    "RS512" => &RSA_PKCS1_SHA512,
                    "PS256" => &RSA_PSS_SHA256,
                    "PS384" => &RSA_PSS_SHA384,
                    "PS512" => &RSA_PSS_SHA512,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &random, message, &mut signature)
                    .unwrap();
                signature
            }
            (Secret::Ec(_, _, document), "ES256-DER") => {
                let pair =
                    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document).unwrap();
                pair.sign(&random, message).unwrap().as_ref().to_vec()
            }
            (Secret::Ec(pair, ..), _) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            (Secret::Ed(pair), _) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// The algorithm that this key is usually for.
    pub fn usual(&self) -> &'static str {
        match &self.secret {
            Secret::Hmac(_) => "HS256",
            Secret::Rsa(_) => "RS256",
            Secret::Ec(_, "P-384", _) => "ES384",
            Secret::Ec(..) => "ES256",
            Secret::Ed(_) => "EdDSA",
        }
    }

    /// A good header for this key.
    pub fn header(&self) -> Value {
        json!({"alg": self.usual(), "typ": "at+jwt", "kid": self.id})
    }

    /// A token of these, signed as `alg` says.
    pub fn token(&self, header: &Value, claims: &Value) -> String {
        let algorithm = header["alg"].as_str().unwrap_or_default();
        self.token_of(algorithm, header.to_string(), claims.to_string())
    }

    /// A token of any bytes.
    pub fn token_of(
        &self,
        algorithm: &str,
        header: impl AsRef<[u8]>,
        payload: impl AsRef<[u8]>,
    ) -> String {
        let message = format!("{}.{}", b64(header), b64(payload));
        let signature = self.sign(algorithm, message.as_bytes());
        format!("{message}.{}", b64(signature))
    }

    /// A good token, with some claims changed.
    pub fn good_with(&self, claims: &Value) -> String {
        self.token(&self.header(), &merged(claims_of("ada"), claims))
    }

    /// A good token, with some of the header changed.
    pub fn headed(&self, header: &Value) -> String {
        self.token(&merged(self.header(), header), &claims_of("ada"))
    }

    pub fn good(&self) -> String {
        self.good_with(&json!({}))
    }
}

/// The claims of a good token (RFC 9068 §2.2).
pub fn claims_of(subject: &str) -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": subject, "client_id": "app", "jti": "t-1",
        "iat": NOW - 10, "exp": NOW + 600,
    })
}

/// Sets members; `null` removes.
pub fn merged(mut base: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            base.as_object_mut().unwrap().remove(name);
        } else {
            base[name] = value.clone();
        }
    }
    base
}

/// One key of each kind: generating RSA keys takes long.
pub static RSA: LazyLock<Signer> = LazyLock::new(|| Signer::rsa("rsa"));
pub static P256: LazyLock<Signer> = LazyLock::new(|| Signer::p256("p256"));
pub static P384: LazyLock<Signer> = LazyLock::new(|| Signer::p384("p384"));
pub static ED: LazyLock<Signer> = LazyLock::new(|| Signer::ed("ed"));
pub static HMAC: LazyLock<Signer> = LazyLock::new(|| Signer::hmac("hmac", &[7; 64]));
