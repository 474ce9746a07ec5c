//! Keys, each bound to its algorithm.

use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

use aws_lc_rs::signature;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;
use jsonwebtoken::{DecodingKey, DecodingKeyKind};
use serde_json::{Map, Value};

use super::algorithm::{Algorithm, Family};
use super::fault::JwtError;
use crate::http::json;

/// A key that verifies signatures of one algorithm.
///
/// The algorithm belongs to the key and comes from the configuration; the header of a token can
/// only agree with it (RFC 8725 §3.1).
///
/// ```
/// use auth_runtime::oauth::jwt::{Algorithm, Key};
///
/// let key = Key::jwk(r#"{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"2026-01",
///     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#)?;
/// assert!(Key::hmac(Algorithm::Hs256, b"too short").is_err());
/// # Ok::<(), auth_runtime::oauth::jwt::JwtError>(())
/// ```
pub struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    decoding: DecodingKey,
    /// The key is no longer in its set: what it signed is no longer valid.
    retired: AtomicBool,
}

impl Key {
    /// A shared secret. Who knows it can sign as well as verify.
    ///
    /// By default an issuer allows no HMAC: name it in
    /// [`Issuer::algorithms`](super::Issuer::algorithms).
    ///
    /// # Errors
    ///
    /// [`JwtError::ShortSecret`] where it is shorter than the algorithm's hash (RFC 7518 §3.2),
    /// [`JwtError::WrongKeyKind`] where the algorithm is not an HMAC.
    pub fn hmac(algorithm: Algorithm, secret: impl AsRef<[u8]>) -> Result<Self, JwtError> {
        let secret = secret.as_ref();
        if algorithm.family() != Family::Hmac {
            return Err(JwtError::WrongKeyKind(algorithm));
        }
        let at_least = algorithm.hash_length();
        if secret.len() < at_least {
            return Err(JwtError::ShortSecret {
                algorithm,
                at_least,
            });
        }
        Ok(Self::new(algorithm, DecodingKey::from_secret(secret)))
    }

    /// A public key in PEM: `-----BEGIN PUBLIC KEY-----` (RFC 5280 §4.1) or, for RSA,
    /// `-----BEGIN RSA PUBLIC KEY-----` (RFC 8017 §A.1.1). Neither private keys nor certificates.
    ///
    /// # Errors
    ///
    /// [`JwtError`] where it is not such a key, not of the kind that the algorithm takes, or too
    /// short.
    pub fn pem(algorithm: Algorithm, pem: impl AsRef<[u8]>) -> Result<Self, JwtError> {
        let text = std::str::from_utf8(pem.as_ref())
            .map_err(|_| JwtError::Key("it is not PEM"))?
            .trim();
        // The parser below would also take a private key or a certificate for a public key.
        if !["PUBLIC KEY", "RSA PUBLIC KEY"]
            .iter()
            .any(|label| text.starts_with(&format!("-----BEGIN {label}-----")))
            || text.matches("-----BEGIN ").count() != 1
        {
            return Err(JwtError::Key("it is not one public key in PEM"));
        }
        let read = match algorithm.family() {
            Family::Hmac => return Err(JwtError::WrongKeyKind(algorithm)),
            Family::Rsa => DecodingKey::from_rsa_pem(text.as_bytes()),
            Family::Ec => DecodingKey::from_ec_pem(text.as_bytes()),
            Family::Ed => DecodingKey::from_ed_pem(text.as_bytes()),
        };
        let decoding = read.map_err(|_| JwtError::WrongKeyKind(algorithm))?;
        Self::checked(algorithm, decoding)
    }

    /// A public key in DER: a `SubjectPublicKeyInfo` (RFC 5280 §4.1).
    ///
    /// # Errors
    ///
    /// Those of [`pem`](Self::pem).
    pub fn der(algorithm: Algorithm, der: impl AsRef<[u8]>) -> Result<Self, JwtError> {
        let body = STANDARD.encode(der);
        Self::pem(
            algorithm,
            format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n"),
        )
    }

    /// A JWK (RFC 7517 §4) as JSON text. Its `alg` says what it verifies; without one, an RSA key
    /// verifies RS256, and the others what their curve is for. A symmetric key (`oct`) needs its
    /// `alg`.
    ///
    /// # Errors
    ///
    /// [`JwtError`] where it cannot verify signatures, is a private key, or is too short.
    pub fn jwk(json: impl AsRef<[u8]>) -> Result<Self, JwtError> {
        let members = json::object(json.as_ref()).ok_or(JwtError::Key("it is not a JWK"))?;
        if members.get("kty").and_then(Value::as_str) != Some("oct") {
            return Self::of_jwk(&members, Algorithm::Rs256);
        }
        let members = without_nulls(&members);
        let algorithm = intended_algorithm(&members)?.ok_or(JwtError::Key("it has no `alg`"))?;
        check_use(&members)?;
        let secret = bytes(&members, "k")?;
        Ok(Self {
            id: key_id(&members)?,
            ..Self::hmac(algorithm, secret)?
        })
    }

    /// A public JWK. An RSA key without `alg` is for `rsa`.
    pub(super) fn of_jwk(members: &Map<String, Value>, rsa: Algorithm) -> Result<Self, JwtError> {
        let members = &without_nulls(members);
        if members.contains_key("d") || members.contains_key("k") {
            return Err(JwtError::Key("it is not a public key"));
        }
        check_use(members)?;
        let intended = intended_algorithm(members)?;
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        let (algorithm, decoding) = match (text("kty"), text("crv")) {
            (Some("RSA"), _) => {
                let (n, e) = (bytes(members, "n")?, bytes(members, "e")?);
                // RFC 7518 §2: a Base64urlUInt has the minimum number of octets.
                if n.first() == Some(&0) || e.first() == Some(&0) {
                    return Err(JwtError::Key("a number of it begins with a zero octet"));
                }
                let key = DecodingKey::from_rsa_raw_components(&n, &e);
                (intended.unwrap_or(rsa), key)
            }
            (Some("EC"), Some(curve)) => {
                let (algorithm, length) = match curve {
                    "P-256" => (Algorithm::Es256, 32),
                    "P-384" => (Algorithm::Es384, 48),
                    _ => return Err(JwtError::Key("its curve is not supported")),
                };
                let (x, y) = (bytes(members, "x")?, bytes(members, "y")?);
                // RFC 7518 §6.2.1.2: the full size of a coordinate.
                if x.len() != length || y.len() != length {
                    return Err(JwtError::Key("its coordinates are not of the curve's size"));
                }
                // SEC 1 §2.3.3: an uncompressed point.
                let point = [&[4], x.as_slice(), y.as_slice()].concat();
                (
                    intended.unwrap_or(algorithm),
                    DecodingKey::from_ec_der(&point),
                )
            }
            (Some("OKP"), Some("Ed25519")) => {
                let x = bytes(members, "x")?;
                (
                    intended.unwrap_or(Algorithm::EdDsa),
                    DecodingKey::from_ed_der(&x),
                )
            }
            _ => return Err(JwtError::Key("its kind is not supported")),
        };
        Ok(Self {
            id: key_id(members)?,
            ..Self::checked(algorithm, decoding)?
        })
    }

    /// Gives the key an id, for tokens that name it in `kid`. A key without one is tried for every
    /// token.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    fn new(algorithm: Algorithm, decoding: DecodingKey) -> Self {
        Self {
            id: None,
            algorithm,
            decoding,
            retired: AtomicBool::new(false),
        }
    }

    /// Checks kind and size of a public key.
    fn checked(algorithm: Algorithm, decoding: DecodingKey) -> Result<Self, JwtError> {
        let wrong = || JwtError::WrongKeyKind(algorithm);
        if decoding.family() != algorithm.of_library().family() {
            return Err(wrong());
        }
        match (algorithm, decoding.kind()) {
            (_, DecodingKeyKind::RsaModulusExponent { n, e }) => check_rsa(n, e)?,
            (Algorithm::Es256, DecodingKeyKind::SecretOrDer(point)) => {
                expect(point.len() == 65, wrong)?;
                check_point(&signature::ECDSA_P256_SHA256_FIXED, point)?;
            }
            (Algorithm::Es384, DecodingKeyKind::SecretOrDer(point)) => {
                expect(point.len() == 97, wrong)?;
                check_point(&signature::ECDSA_P384_SHA384_FIXED, point)?;
            }
            (Algorithm::EdDsa | Algorithm::Ed25519, DecodingKeyKind::SecretOrDer(point)) => {
                let point = <[u8; 32]>::try_from(point.as_slice()).map_err(|_| wrong())?;
                check_edwards(point)?;
            }
            (_, DecodingKeyKind::SecretOrDer(der)) => {
                let components = (DEFAULT_PROVIDER
                    .key_utils
                    .rsa_pub_components_from_public_key)(der);
                let (n, e) = components.map_err(|_| wrong())?;
                check_rsa(&n, &e)?;
            }
        }
        Ok(Self::new(algorithm, decoding))
    }

    pub(super) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether this key made the signature. `algorithm` is what the header says; it decides
    /// nothing, it has to agree.
    pub(super) fn verifies(&self, algorithm: Algorithm, signed: &str, signature: &Vec<u8>) -> bool {
        self.algorithm.is_same_as(algorithm)
            && (DEFAULT_PROVIDER.verifier_factory)(&self.algorithm.of_library(), &self.decoding)
                .is_ok_and(|verifier| verifier.verify(signed.as_bytes(), signature).is_ok())
    }

    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        let same_material = match (self.decoding.kind(), other.decoding.kind()) {
            (DecodingKeyKind::SecretOrDer(ours), DecodingKeyKind::SecretOrDer(theirs)) => {
                ours == theirs
            }
            (
                DecodingKeyKind::RsaModulusExponent { n, e },
                DecodingKeyKind::RsaModulusExponent { n: m, e: f },
            ) => n == m && e == f,
            _ => false,
        };
        same_material && self.id == other.id && self.algorithm == other.algorithm
    }

    pub(super) fn retire(&self) {
        self.retired.store(true, Ordering::Release);
    }

    pub(super) fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Acquire)
    }
}

fn expect(holds: bool, otherwise: impl Fn() -> JwtError) -> Result<(), JwtError> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

/// RFC 7518 §3.3: 2048 bits or more. The library verifies no more than 8192.
fn check_rsa(n: &[u8], e: &[u8]) -> Result<(), JwtError> {
    let bits = bit_length(n);
    if !(2048..=8192).contains(&bits) {
        return Err(JwtError::RsaKeySize { bits });
    }
    // RFC 8017 §3.1: an odd number of 3 or more.
    if bit_length(e) < 2 || e.last().is_none_or(|last| last % 2 == 0) {
        return Err(JwtError::Key("its exponent is not that of an RSA key"));
    }
    Ok(())
}

/// SEC 1 §3.2.2: the point is on the curve.
fn check_point(
    algorithm: &'static dyn signature::VerificationAlgorithm,
    point: &[u8],
) -> Result<(), JwtError> {
    signature::ParsedPublicKey::new(algorithm, point)
        .map(drop)
        .map_err(|_| JwtError::Key("it is no point of its curve"))
}

/// RFC 8032 §5.1.3 and §5.1.7: a point of small order is no key, for everyone can make signatures
/// that it verifies; nor is one whose coordinate is not smaller than the prime.
fn check_edwards(mut point: [u8; 32]) -> Result<(), JwtError> {
    /// The coordinates of the points of order 1, 2, 4 and 8, in little-endian order.
    const SMALL_ORDER: [&str; 5] = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];
    // The sign of the other coordinate.
    if let Some(last) = point.last_mut() {
        *last &= 0x7f;
    }
    let hex = point.iter().fold(String::new(), |mut hex, byte| {
        _ = write!(hex, "{byte:02x}");
        hex
    });
    // The prime, 2^255 - 19, is `edff..ff7f`.
    let [first, middle @ .., last] = point;
    let is_reduced = first < 0xed || last != 0x7f || middle.iter().any(|byte| *byte != 0xff);
    if SMALL_ORDER.contains(&hex.as_str()) || !is_reduced {
        return Err(JwtError::Key("it is a point that is no key"));
    }
    Ok(())
}

/// Some servers write `null` for members that they do not have.
fn without_nulls(members: &Map<String, Value>) -> Map<String, Value> {
    let present = members.iter().filter(|(_, value)| !value.is_null());
    present
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn bit_length(number: &[u8]) -> usize {
    let mut bytes = number.iter().skip_while(|byte| **byte == 0);
    let Some(first) = bytes.next() else {
        return 0;
    };
    bytes.count() * 8 + (8 - first.leading_zeros() as usize)
}

/// RFC 7517 §4.2, §4.3: a key that is not for verifying does not verify.
fn check_use(members: &Map<String, Value>) -> Result<(), JwtError> {
    let for_signatures = members.get("use").is_none_or(|value| value == "sig");
    let verifies = members.get("key_ops").is_none_or(|operations| {
        operations
            .as_array()
            .is_some_and(|operations| operations.iter().any(|operation| operation == "verify"))
    });
    expect(for_signatures && verifies, || {
        JwtError::Key("it is not for verifying signatures")
    })
}

/// RFC 7517 §4.4.
fn intended_algorithm(members: &Map<String, Value>) -> Result<Option<Algorithm>, JwtError> {
    match members.get("alg") {
        None => Ok(None),
        Some(name) => name
            .as_str()
            .and_then(Algorithm::named)
            .map(Some)
            .ok_or(JwtError::Key("its algorithm is not supported")),
    }
}

fn key_id(members: &Map<String, Value>) -> Result<Option<String>, JwtError> {
    match members.get("kid") {
        None => Ok(None),
        Some(Value::String(id)) => Ok(Some(id.clone())),
        Some(_) => Err(JwtError::Key("its `kid` is not a string")),
    }
}

fn bytes(members: &Map<String, Value>, name: &str) -> Result<Vec<u8>, JwtError> {
    members
        .get(name)
        .and_then(Value::as_str)
        .and_then(json::base64url)
        .ok_or(JwtError::Key("a member is missing or not base64url"))
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("id", &self.id)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}
