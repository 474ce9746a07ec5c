//! The text of a token, taken apart.

use serde_json::{Map, Value};

use super::algorithm::Algorithm;
use super::fault::Fault;
use crate::http::json;

/// A token that has been read but not verified.
pub(super) struct Token<'a> {
    /// Header and payload with the dot between them: what is signed.
    pub(super) signed: &'a str,
    pub(super) signature: Vec<u8>,
    pub(super) algorithm: Algorithm,
    pub(super) key_id: Option<String>,
    /// `typ` without `application/`, in lower case.
    pub(super) kind: Option<String>,
    /// The header names a place for the key, or brings it.
    pub(super) brings_a_key: bool,
    pub(super) claims: Map<String, Value>,
}

impl<'a> Token<'a> {
    /// Reads the compact form (RFC 7515 §7.1); there is no other here.
    pub(super) fn read(text: &'a str) -> Result<Self, Fault> {
        let mut parts = text.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            // RFC 7516 §9: five parts are an encrypted token, which cannot be read here.
            return Err(Fault::Invalid("it has not three parts"));
        };
        let signed = text
            .get(..header.len() + 1 + payload.len())
            .ok_or(Fault::Invalid("it has not three parts"))?;
        let signature = json::base64url(signature)
            .filter(|signature| !signature.is_empty())
            .ok_or(Fault::Invalid("the signature is not base64url"))?;
        let header = part(header).ok_or(Fault::Invalid("the header is not one JSON object"))?;
        let header = Header::read(&header)?;
        let claims = part(payload).ok_or(Fault::Invalid("the payload is not one JSON object"))?;
        Ok(Self {
            signed,
            signature,
            algorithm: header.algorithm,
            key_id: header.key_id,
            kind: header.kind,
            brings_a_key: header.brings_a_key,
            claims,
        })
    }
}

/// RFC 7519 §7.2, steps 3, 4, 9 and 10.
fn part(text: &str) -> Option<Map<String, Value>> {
    json::object(&json::base64url(text)?)
}

struct Header {
    algorithm: Algorithm,
    key_id: Option<String>,
    kind: Option<String>,
    brings_a_key: bool,
}

impl Header {
    fn read(header: &Map<String, Value>) -> Result<Self, Fault> {
        // RFC 7515 §4.1.11: extensions that are not understood are refused. None is understood, and
        // an empty list, or one of registered names, must not be there.
        if header.contains_key("crit") {
            return Err(Fault::Invalid("the header has `crit`"));
        }
        // RFC 7797 §7: an unencoded payload is such an extension, with or without `crit`.
        // RFC 7516 §4.1: the other two belong to encrypted tokens, which may be compressed.
        if ["b64", "enc", "zip"]
            .iter()
            .any(|name| header.contains_key(*name))
        {
            return Err(Fault::Invalid(
                "the header is that of another kind of token",
            ));
        }
        let Some(name) = header.get("alg").and_then(Value::as_str) else {
            return Err(Fault::Invalid("`alg` is missing or not a string"));
        };
        let algorithm =
            Algorithm::named(name).ok_or(Fault::Algorithm(Algorithm::known_name(name)))?;
        let key_id = match header.get("kid") {
            None => None,
            Some(Value::String(kid)) => Some(kid.clone()),
            Some(_) => return Err(Fault::Invalid("`kid` is not a string")),
        };
        let kind = match header.get("typ") {
            None => None,
            Some(Value::String(kind)) => Some(media_type(kind)),
            Some(_) => return Err(Fault::Invalid("`typ` is not a string")),
        };
        let brings_a_key = ["jku", "jwk", "x5u", "x5c"]
            .iter()
            .any(|name| header.contains_key(*name));
        Ok(Self {
            algorithm,
            key_id,
            kind,
            brings_a_key,
        })
    }
}

/// RFC 7515 §4.1.9: a media type, which is compared without regard to case, and whose
/// `application/` may be left out.
fn media_type(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    match lower.strip_prefix("application/") {
        Some(rest) => rest.to_owned(),
        None => lower,
    }
}
