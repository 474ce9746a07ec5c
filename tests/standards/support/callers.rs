//! The callers that the verifiers know, and the schemes by which they present themselves.

use actix_web::http::header::{COOKIE, HeaderName};
use auth_runtime::AuthBuilder;
use auth_runtime::http::Credentials;
use auth_runtime::scheme::{Attempt, Scheme};
use auth_runtime::{ApiKey, Auth, Basic, Bearer, Principal, Secret, VerifyError};

/// The scope of `/s`.
pub const WRITE: &str = "files:write";

/// The right password of somebody who may not come in any more.
pub const DISABLED_PASSWORD: &str = "once-was-right";

/// A configuration of the realm `api` that lacks its schemes.
pub fn api() -> AuthBuilder {
    Auth::builder().realm("api")
}

pub fn bearer_only() -> Auth {
    api().scheme(bearer()).build().unwrap()
}

/// Every scheme, added in another order than that in which the challenges are to stand.
pub fn all_schemes() -> Auth {
    api()
        .scheme(cookie())
        .scheme(api_key())
        .scheme(basic())
        .scheme(bearer())
        .build()
        .unwrap()
}

/// Whom a token stands for.
pub fn find_token(token: &str) -> Result<Option<Principal>, VerifyError> {
    let user = || Principal::new("rob");
    match token {
        "user" | "mF_9.B5f-4.1JqM" => Ok(Some(user())),
        "admin" => Ok(Some(Principal::new("ada").role("admin"))),
        "writer" => Ok(Some(user().scope(WRITE))),
        "only-a" => Ok(Some(user().scope("a"))),
        "a-and-b" => Ok(Some(user().scopes(["a", "b"]))),
        "expired" => Err(VerifyError::expired().because("exp was 1300819380")),
        "revoked" => Err(VerifyError::invalid().because("jti 4711 is on the list")),
        "outage" => Err(VerifyError::unavailable().because("10.0.0.7:5432 refused the connection")),
        "panic" => panic!("the token store is on fire"),
        _ => Ok(None),
    }
}

pub fn bearer() -> Bearer {
    Bearer::sync(|token: Secret<'_>| find_token(token.expose()))
}

/// Answers only after it was polled a second time, as a verifier does that asks another server.
pub fn slow_bearer() -> Bearer {
    Bearer::new(|token: Secret<'static>| async move {
        let mut polled = false;
        futures_util::future::poll_fn(|cx| {
            if std::mem::replace(&mut polled, true) {
                return std::task::Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            std::task::Poll::Pending
        })
        .await;
        find_token(token.expose())
    })
}

pub fn basic() -> Basic {
    Basic::sync(|user: String, password: Secret<'static>| {
        let (expected, role) = match user.as_str() {
            "Aladdin" => ("open sesame", "user"),
            "test" => ("123\u{a3}", "user"),
            "a" => ("b:c", "user"),
            "ada" => ("correct-horse", "admin"),
            "nopass" => ("", "user"),
            // Composed (NFC).
            "caf\u{e9}" => ("caf\u{e9}", "user"),
            "carol" => (DISABLED_PASSWORD, "user"),
            _ => return None,
        };
        let is_disabled = user == "carol";
        (password.ct_eq(expected) && !is_disabled).then(|| Principal::new(user).role(role))
    })
}

pub fn api_key() -> ApiKey {
    ApiKey::sync("X-Api-Key", |key: Secret<'_>| match key.expose() {
        "good-key" => Some(Principal::new("robot")),
        "admin-key" => Some(Principal::new("chief robot").role("admin")),
        _ => None,
    })
}

pub fn cookie() -> Session {
    Session
}

/// A session cookie: a scheme of the app's own.
pub struct Session;

impl Scheme for Session {
    fn name(&self) -> &'static str {
        "Cookie"
    }

    fn credential_header(&self) -> Option<&HeaderName> {
        Some(&COOKIE)
    }

    fn authenticate(&self, credentials: &Credentials<'_>) -> Attempt {
        match credentials.cookie("session") {
            Ok(None) => Attempt::Absent,
            Ok(Some(b"good")) => Attempt::verified(Some(Principal::new("rob"))),
            Ok(Some(b"expired")) => Attempt::verified(Err::<Principal, _>(VerifyError::expired())),
            Ok(Some(_)) => Attempt::invalid(),
            Err(_) => Attempt::Ambiguous,
        }
    }
}
