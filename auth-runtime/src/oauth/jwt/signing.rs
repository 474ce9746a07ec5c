//! Keys that sign the app's own tokens.

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RsaEncoding, RsaKeyPair,
};
use aws_lc_rs::{hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::algorithm::Algorithm;
use super::fault::JwtError;
use super::key::Key;

/// A private key, for [`TokenSigner`](super::TokenSigner), with the id under which its tokens name
/// it and the algorithm that it signs with.
///
/// ```
/// use auth_runtime::oauth::jwt::{Algorithm, SigningKey};
///
/// // Known to this process alone: its tokens end with it.
/// let key = SigningKey::random("1")?;
/// // Shared by several servers, and kept between restarts: `openssl genpkey -algorithm ed25519`.
/// # let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----";
/// let key = SigningKey::pem("2026-02", Algorithm::EdDsa, pem)?;
/// # Ok::<(), auth_runtime::oauth::jwt::JwtError>(())
/// ```
pub struct SigningKey {
    id: String,
    algorithm: Algorithm,
    private: Private,
}

enum Private {
    Hmac(hmac::Algorithm, Vec<u8>),
    Ed(Box<Ed25519KeyPair>),
    Ec(Box<EcdsaKeyPair>),
    Rsa(Box<RsaKeyPair>, &'static dyn RsaEncoding),
}

impl SigningKey {
    /// A new key of Ed25519, drawn at random.
    ///
    /// # Errors
    ///
    /// [`JwtError::Key`] where the system has no random numbers.
    pub fn random(id: impl Into<String>) -> Result<Self, JwtError> {
        let pair = Ed25519KeyPair::generate()
            .map_err(|_| JwtError::Key("the system has no random numbers"))?;
        Ok(Self {
            id: id.into(),
            algorithm: Algorithm::EdDsa,
            private: Private::Ed(Box::new(pair)),
        })
    }

    /// A private key in PEM, unencrypted PKCS #8: `-----BEGIN PRIVATE KEY-----` (RFC 5958). The
    /// algorithm is `EdDSA`, `ES256`, `ES384`, `RS256`, `RS384` or `RS512`.
    ///
    /// # Errors
    ///
    /// [`JwtError`] where it is no such key, not of the kind that the algorithm takes, or too short.
    pub fn pem(
        id: impl Into<String>,
        algorithm: Algorithm,
        pem: impl AsRef<[u8]>,
    ) -> Result<Self, JwtError> {
        let text = std::str::from_utf8(pem.as_ref()).ok();
        let body = text
            .and_then(|text| text.trim().strip_prefix("-----BEGIN PRIVATE KEY-----"))
            .and_then(|text| text.strip_suffix("-----END PRIVATE KEY-----"))
            .ok_or(JwtError::Key("it is not one private key in PEM (PKCS #8)"))?;
        let body: String = body.split_ascii_whitespace().collect();
        let der = STANDARD
            .decode(body)
            .map_err(|_| JwtError::Key("it is not PEM"))?;
        let wrong = || JwtError::WrongKeyKind(algorithm);
        let ec = |algorithm| EcdsaKeyPair::from_pkcs8(algorithm, &der).map(Box::new);
        let rsa = |encoding: &'static dyn RsaEncoding| {
            RsaKeyPair::from_pkcs8(&der).map(|pair| Private::Rsa(Box::new(pair), encoding))
        };
        let private = match algorithm {
            Algorithm::EdDsa | Algorithm::Ed25519 => {
                Ed25519KeyPair::from_pkcs8(&der).map(|pair| Private::Ed(Box::new(pair)))
            }
            Algorithm::Es256 => ec(&ECDSA_P256_SHA256_FIXED_SIGNING).map(Private::Ec),
            Algorithm::Es384 => ec(&ECDSA_P384_SHA384_FIXED_SIGNING).map(Private::Ec),
            Algorithm::Rs256 => rsa(&RSA_PKCS1_SHA256),
            Algorithm::Rs384 => rsa(&RSA_PKCS1_SHA384),
            Algorithm::Rs512 => rsa(&RSA_PKCS1_SHA512),
            _ => return Err(wrong()),
        };
        let key = Self {
            id: id.into(),
            algorithm,
            private: private.map_err(|_| wrong())?,
        };
        // What it signs has to be accepted: this checks the size.
        key.verifying()?;
        Ok(key)
    }

    /// A secret for `HS256`, `HS384` or `HS512`, which verifies as well as it signs: where no one
    /// but the app itself does either.
    ///
    /// # Errors
    ///
    /// Those of [`Key::hmac`].
    pub fn hmac(
        id: impl Into<String>,
        algorithm: Algorithm,
        secret: impl AsRef<[u8]>,
    ) -> Result<Self, JwtError> {
        let secret = secret.as_ref();
        Key::hmac(algorithm, secret)?;
        let hash = match algorithm {
            Algorithm::Hs384 => hmac::HMAC_SHA384,
            Algorithm::Hs512 => hmac::HMAC_SHA512,
            _ => hmac::HMAC_SHA256,
        };
        Ok(Self {
            id: id.into(),
            algorithm,
            private: Private::Hmac(hash, secret.to_vec()),
        })
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// What may be published of it; `None` for a secret.
    pub(crate) fn public(&self) -> Option<Value> {
        let b64 = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let mut jwk = match &self.private {
            Private::Hmac(..) => return None,
            Private::Ed(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": b64(pair.public_key().as_ref())})
            }
            Private::Ec(pair) => {
                // SEC 1 §2.3.3: 4, x, y.
                let point = pair.public_key().as_ref().get(1..).unwrap_or_default();
                let (x, y) = point.split_at_checked(point.len() / 2)?;
                let curve = match self.algorithm {
                    Algorithm::Es384 => "P-384",
                    _ => "P-256",
                };
                json!({"kty": "EC", "crv": curve, "x": b64(x), "y": b64(y)})
            }
            Private::Rsa(pair, _) => {
                let public = pair.public_key();
                let n = public.modulus().big_endian_without_leading_zero();
                let e = public.exponent().big_endian_without_leading_zero();
                json!({"kty": "RSA", "n": b64(n), "e": b64(e)})
            }
        };
        if let Some(members) = jwk.as_object_mut() {
            members.insert("alg".into(), self.algorithm.name().into());
            members.insert("kid".into(), self.id.as_str().into());
            members.insert("use".into(), "sig".into());
        }
        Some(jwk)
    }

    /// The key that verifies what this one signs.
    pub(crate) fn verifying(&self) -> Result<Key, JwtError> {
        match (&self.private, self.public()) {
            (Private::Hmac(_, secret), _) => {
                Ok(Key::hmac(self.algorithm, secret)?.with_id(&self.id))
            }
            (_, Some(jwk)) => Key::jwk(jwk.to_string()),
            (_, None) => Err(JwtError::WrongKeyKind(self.algorithm)),
        }
    }

    /// The signature, in base64url.
    pub(crate) fn sign(&self, message: &str) -> Result<String, JwtError> {
        let message = message.as_bytes();
        let failed = |_| JwtError::Key("it cannot sign");
        let signature = match &self.private {
            Private::Hmac(hash, secret) => {
                let key = hmac::Key::new(*hash, secret);
                hmac::sign(&key, message).as_ref().to_vec()
            }
            Private::Ed(pair) => pair.sign(message).as_ref().to_vec(),
            Private::Ec(pair) => {
                let signature = pair.sign(&SystemRandom::new(), message).map_err(failed)?;
                signature.as_ref().to_vec()
            }
            Private::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &SystemRandom::new(), message, &mut signature)
                    .map_err(failed)?;
                signature
            }
        };
        Ok(URL_SAFE_NO_PAD.encode(signature))
    }
}

/// An identifier that no one can guess: 128 bits, in base64url.
pub(crate) fn random_id() -> Result<String, JwtError> {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).map_err(|_| JwtError::Key("the system has no random numbers"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("id", &self.id)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}
