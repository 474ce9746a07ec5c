//! What an introspection answer says of a token.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};

use crate::http::json;
use crate::model::principal::Principal;
use crate::scheme::{VerifyError, is_used_for_access, of_token};

pub(super) type Mapping =
    Arc<dyn Fn(Principal, &Map<String, Value>) -> Option<Principal> + Send + Sync>;

/// What a token has to be, besides active.
pub(super) struct Rules {
    /// One of these; of any audience where there are none.
    pub(super) audiences: Vec<String>,
    pub(super) issuer: Option<String>,
    /// Where no audience is checked: whether an answer need not say what the token is for.
    pub(super) is_untyped: bool,
    /// The members that name the subject: the first that is there does.
    pub(super) subject: Vec<String>,
    pub(super) mapping: Option<Mapping>,
}

/// Why there is no principal.
#[derive(Clone)]
pub(super) enum Refusal {
    Error(VerifyError),
    /// An active token is refused for a reason that holds for all tokens of its server.
    Setting(&'static str),
}

impl From<VerifyError> for Refusal {
    fn from(error: VerifyError) -> Self {
        Self::Error(error)
    }
}

impl Rules {
    /// Who the token stands for; `None` where it is not active.
    pub(super) fn read(&self, body: &[u8], now: SystemTime) -> Result<Option<Principal>, Refusal> {
        // Which of two values of one name was meant cannot be told.
        let Some(members) = json::object(body) else {
            return Err(VerifyError::unavailable()
                .because("the introspection answer is no JSON object, or a name occurs twice")
                .into());
        };
        // RFC 7662 §2.2: "Boolean indicator": not "true", not 1.
        match members.get("active") {
            Some(Value::Bool(true)) => {}
            Some(Value::Bool(false)) => return Ok(None),
            _ => {
                return Err(VerifyError::unavailable()
                    .because("the introspection answer has no boolean `active`")
                    .into());
            }
        }
        self.accept(&members, now)
    }

    fn accept(
        &self,
        members: &Map<String, Value>,
        now: SystemTime,
    ) -> Result<Option<Principal>, Refusal> {
        let refuse_for_setting = |because| Err(Refusal::Setting(because));
        let refuse = |because: &str| Err(VerifyError::invalid().because(because).into());
        // RFC 9449 §6.2, RFC 8705 §3.2: a token bound to a key is worth nothing without the proof.
        if members.contains_key("cnf") {
            return refuse("the token is bound to a key, and was presented without proof");
        }
        match members.get("token_type") {
            None | Some(Value::Null) => {}
            Some(Value::String(kind)) if kind.eq_ignore_ascii_case("Bearer") => {}
            Some(_) => return refuse("the token is not of the type `Bearer`"),
        }
        // RFC 7662 §2.2 makes the type optional. Without audience and type a refresh token would
        // look like an access token.
        let says_what_it_is = ["token_type", "token_use"]
            .iter()
            .any(|name| members.get(*name).is_some_and(Value::is_string));
        if self.audiences.is_empty() && !self.is_untyped && !says_what_it_is {
            return refuse_for_setting(
                "the answer has no `token_type`, and no audience is checked, so that a refresh token would be accepted: call `.audience(..)`, or `.untyped()` where the server answers for access tokens alone",
            );
        }
        // RFC 7662 §2.1: the server may look among its refresh tokens too.
        if !is_used_for_access(members) || is_named_another_kind(members) {
            return refuse("it is another kind of token");
        }
        let Ok(expires_at) = instant(members, "exp") else {
            return refuse("`exp` is not a time");
        };
        if expires_at.is_some_and(|at| at <= now) {
            return Err(VerifyError::expired().into());
        }
        match instant(members, "nbf") {
            Ok(None) => {}
            Ok(Some(at)) if at <= now => {}
            _ => return refuse("the token is not valid yet, or `nbf` is not a time"),
        }
        if let Some(issuer) = &self.issuer
            && members.get("iss").and_then(Value::as_str) != Some(issuer)
        {
            return if members.contains_key("iss") {
                refuse("the token is of another issuer")
            } else {
                refuse_for_setting("the answer has no `iss`, which `.issuer(..)` requires")
            };
        }
        if !self.audiences.is_empty() && !self.is_meant_for(members.get("aud")) {
            return if members.contains_key("aud") {
                refuse("the token is meant for another audience")
            } else {
                refuse_for_setting("the answer has no `aud`, which `.audience(..)` requires")
            };
        }
        let mut present = self
            .subject
            .iter()
            .filter_map(|name| members.get(name).filter(|value| !value.is_null()));
        // An empty subject names no one.
        let subject = present.next().and_then(Value::as_str);
        let Some(subject) = subject.filter(|subject| !subject.is_empty()) else {
            return refuse_for_setting(
                "the answer has no subject, by default its member `sub`: say which member names it with `.subject_from([\"sub\", \"username\", \"client_id\"])`",
            );
        };
        let mut principal = Principal::new(subject);
        if let Some(scope) = members.get("scope").and_then(Value::as_str) {
            principal = principal.scopes(scope.split(' '));
        }
        if let Some(at) = expires_at {
            principal = principal.with_expires_at(at);
        }
        if let Ok(Some(at)) = instant(members, "auth_time") {
            principal = principal.with_authenticated_at(at);
        }
        if let Some(acr) = members.get("acr").and_then(Value::as_str) {
            principal = principal.with_acr(acr);
        }
        let principal = principal.with_claims(members.clone());
        Ok(match &self.mapping {
            // RFC 7662 §4: whoever they are to the app, the token ends when it ends.
            Some(mapping) => {
                let token = principal.clone();
                mapping(principal, members).map(|mapped| of_token(mapped, &token))
            }
            None => Some(principal),
        })
    }

    /// RFC 7519 §4.1.3: one text or a list of them, compared byte by byte.
    fn is_meant_for(&self, audience: Option<&Value>) -> bool {
        let is_ours = |value: &Value| {
            value
                .as_str()
                .is_some_and(|text| self.audiences.iter().any(|own| own == text))
        };
        match audience {
            Some(Value::Array(several)) => {
                several.iter().all(Value::is_string) && several.iter().any(is_ours)
            }
            Some(one) => is_ours(one),
            None => false,
        }
    }
}

/// Keycloak says in `typ` what a token is.
fn is_named_another_kind(members: &Map<String, Value>) -> bool {
    let kind = members.get("typ").and_then(Value::as_str);
    matches!(kind, Some("Refresh" | "Offline" | "ID" | "Logout"))
}

/// RFC 7519 §2 `NumericDate`: seconds since the epoch, with or without a fraction.
fn instant(members: &Map<String, Value>, name: &str) -> Result<Option<SystemTime>, ()> {
    let Some(value) = members.get(name) else {
        return Ok(None);
    };
    let seconds = value.as_f64().ok_or(())?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .and_then(|since| SystemTime::UNIX_EPOCH.checked_add(since))
        .map(Some)
        .ok_or(())
}
