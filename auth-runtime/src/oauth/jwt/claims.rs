//! What the claims of a token must say.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};

use super::fault::Fault;
use crate::scheme::is_used_for_access;

/// What kind of token an issuer makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Profile {
    /// RFC 9068.
    AccessToken,
    /// Access tokens that do not say so.
    Untyped,
}

/// The rules for the tokens of one issuer.
#[derive(Debug)]
pub(super) struct Rules {
    /// `None` for the app itself, whose tokens have no `iss`.
    pub(super) issuer: Option<String>,
    /// One of these; of any audience, or none, where it is not looked at.
    pub(super) audiences: Option<Vec<String>>,
    pub(super) profile: Profile,
    pub(super) required: Vec<String>,
    pub(super) required_values: Vec<(String, Vec<String>)>,
    pub(super) leeway: Duration,
}

impl Rules {
    /// RFC 9068 §4: the type, so that no other kind of token passes for an access token.
    pub(super) fn check_kind(&self, kind: Option<&str>) -> Result<(), Fault> {
        match (self.profile, kind) {
            (_, Some("at+jwt")) | (Profile::Untyped, None | Some("jwt")) => Ok(()),
            (Profile::AccessToken, None | Some("jwt")) => Err(Fault::Setting(
                "its `typ` is not `at+jwt`: where the issuer does not set it, call `.untyped()`",
            )),
            _ => Err(Fault::Invalid("it is another kind of token")),
        }
    }

    /// Everything that does not change with time.
    pub(super) fn check_content(&self, claims: &Map<String, Value>) -> Result<(), Fault> {
        // RFC 9068 §4: exactly the issuer.
        let is_theirs = match &self.issuer {
            Some(issuer) => claims.get("iss").is_some_and(|named| named == issuer),
            None => !claims.contains_key("iss"),
        };
        if !is_theirs {
            return Err(Fault::Invalid("it is from another issuer"));
        }
        if !self.is_for_us(claims.get("aud")) {
            return Err(if claims.contains_key("aud") {
                Fault::Invalid("it is for another audience")
            } else {
                Fault::Setting(
                    "it has no `aud`: where the issuer writes none, call `.any_audience()` and require a value, such as `client_id`",
                )
            });
        }
        // An empty subject names no one.
        if claims
            .get("sub")
            .and_then(Value::as_str)
            .is_none_or(str::is_empty)
        {
            return Err(Fault::Invalid("it has no subject"));
        }
        if claims.get("iat").is_some_and(|at| seconds(at).is_none()) {
            return Err(Fault::Invalid("`iat` is not a time"));
        }
        if self.profile == Profile::AccessToken {
            // RFC 9068 §2.2.
            let is_text = |name: &str| claims.get(name).is_some_and(Value::is_string);
            if !claims.contains_key("iat") || !is_text("jti") || !is_text("client_id") {
                return Err(Fault::Setting(
                    "`iat`, `jti` or `client_id` is missing, which the type `at+jwt` requires",
                ));
            }
        } else if is_another_kind(claims) {
            return Err(Fault::Invalid("it is another kind of token"));
        }
        // RFC 9449 §7.2, RFC 8705 §3: a token that is bound to a key is no bearer token.
        if claims.contains_key("cnf") {
            return Err(Fault::Invalid("it is bound to a key"));
        }
        if !self.required.iter().all(|name| claims.contains_key(name)) {
            return Err(Fault::Setting(
                "a claim is missing that `.require(..)` names",
            ));
        }
        let has_value = |(name, values): &(String, Vec<String>)| {
            let value = claims.get(name).and_then(Value::as_str);
            value.is_some_and(|text| values.iter().any(|one| one == text))
        };
        if !self.required_values.iter().all(has_value) {
            return Err(Fault::Invalid("a claim has not the required value"));
        }
        Ok(())
    }

    /// RFC 7519 §4.1.3: one of the audiences is this service. Compared whole, byte by byte.
    fn is_for_us(&self, audience: Option<&Value>) -> bool {
        let Some(audiences) = &self.audiences else {
            return true;
        };
        let is_ours = |text: &str| audiences.iter().any(|ours| ours == text);
        match audience {
            Some(Value::String(text)) => is_ours(text),
            Some(Value::Array(texts)) => {
                texts.iter().all(Value::is_string)
                    && texts.iter().filter_map(Value::as_str).any(is_ours)
            }
            _ => false,
        }
    }

    /// RFC 7519 §4.1.4, §4.1.5: not before `nbf`, and before `exp`.
    pub(super) fn check_time(
        &self,
        claims: &Map<String, Value>,
        now: SystemTime,
    ) -> Result<(), Fault> {
        let expires_at = self.expires_at(claims)?;
        if let Some(not_before) = claims.get("nbf") {
            let not_before = time(not_before).ok_or(Fault::Invalid("`nbf` is not a time"))?;
            if now
                .checked_add(self.leeway)
                .is_none_or(|now| now < not_before)
            {
                return Err(Fault::Invalid("it is not valid yet"));
            }
        }
        if now >= expires_at {
            return Err(Fault::Expired);
        }
        Ok(())
    }

    /// From when on the token is refused: `exp` and the leeway.
    pub(super) fn expires_at(&self, claims: &Map<String, Value>) -> Result<SystemTime, Fault> {
        claims
            .get("exp")
            .and_then(time)
            .and_then(|at| at.checked_add(self.leeway))
            .ok_or(Fault::Invalid("`exp` is not a time"))
    }
}

/// RFC 8725 §3.12: what an access token does not have. OpenID Connect Core 1.0 §2, §3.1.3.6 and
/// §3.3.2.11 for ID tokens; RFC 8417 §2.2 for logout tokens and other events; Keycloak says itself
/// what a token is, and its access tokens may have a `nonce`; others say it in `token_use`.
fn is_another_kind(claims: &Map<String, Value>) -> bool {
    let has = |name: &str| claims.contains_key(name);
    let is_access_token = claims.get("typ").and_then(Value::as_str) == Some("Bearer");
    let may_be_another = !is_access_token && (has("typ") || has("nonce"));
    may_be_another
        || !is_used_for_access(claims)
        || ["at_hash", "c_hash", "s_hash", "events", "htm", "htu", "ath"]
            .into_iter()
            .any(has)
}

/// A `NumericDate` (RFC 7519 §2): seconds, perhaps with a fraction.
fn seconds(value: &Value) -> Option<f64> {
    value.as_f64().filter(|seconds| seconds.is_finite())
}

/// The time of a `NumericDate` that is not before 1970 nor beyond what a clock can show.
pub(super) fn time(value: &Value) -> Option<SystemTime> {
    let since = Duration::try_from_secs_f64(seconds(value)?).ok()?;
    UNIX_EPOCH.checked_add(since)
}
