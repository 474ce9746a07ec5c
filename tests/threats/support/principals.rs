//! Who there is, and how they prove it.

use actix_web::http::header::{AUTHORIZATION, HeaderName};
use auth_runtime::AuthBuilder;
use auth_runtime::prelude::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What a bearer token stands for. `panic` makes the verifier panic, `down` makes it unavailable.
pub(crate) fn verify(token: &str) -> Result<Option<Principal>, VerifyError> {
    match token {
        "admin" => Ok(Some(admin())),
        "user" => Ok(Some(Principal::new("rob").role("user").scope("files:read"))),
        "writer" => Ok(Some(Principal::new("eve").scope("files:write"))),
        "editor" => Ok(Some(Principal::new("ed").permission("articles:edit"))),
        "expired" => Err(VerifyError::expired().because("session 4711 ended")),
        "refused" => Err(VerifyError::invalid().because("account disabled")),
        "down" => Err(VerifyError::unavailable().because("connection to db.internal refused")),
        "panic" => panic!("the verifier panics"),
        _ => Ok(None),
    }
}

pub(crate) fn admin() -> Principal {
    Principal::new("ada").role("admin").scope("files:write")
}

/// Tokens, passwords and keys; verified at once.
pub(crate) fn builder() -> AuthBuilder {
    Auth::builder()
        .realm("api")
        .scheme(Bearer::sync(|token: Secret<'_>| verify(token.expose())))
        .scheme(Basic::sync(|user: String, password: Secret<'static>| {
            let matches = password.ct_eq("correct-horse");
            (user == "ada" && matches).then(admin)
        }))
        .scheme(ApiKey::sync("X-Api-Key", |key: Secret<'_>| {
            key.ct_eq("k3y")
                .then(|| Principal::new("robot").role("admin"))
        }))
}

/// [`builder`], built.
pub(crate) fn auth() -> Auth {
    builder().build().expect("the configuration is complete")
}

/// Tokens alone, by a verifier of the test's own.
pub(crate) fn bearer(scheme: Bearer) -> AuthBuilder {
    Auth::builder().realm("api").scheme(scheme)
}

pub(crate) fn token(token: &str) -> (HeaderName, String) {
    (AUTHORIZATION, format!("Bearer {token}"))
}

pub(crate) fn password(user: &str, password: &str) -> (HeaderName, String) {
    let encoded = STANDARD.encode(format!("{user}:{password}"));
    (AUTHORIZATION, format!("Basic {encoded}"))
}

pub(crate) fn key(key: &str) -> (HeaderName, String) {
    (HeaderName::from_static("x-api-key"), key.to_owned())
}
