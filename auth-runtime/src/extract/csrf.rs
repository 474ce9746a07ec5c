//! A token that only pages of this origin can send back: for browsers that say nothing of where a
//! request comes from.

use std::fmt;
use std::future::{Ready, ready};
use std::ops::Deref;

use actix_session::{Session, SessionExt as _};
use actix_web::cookie::Key;
use actix_web::dev::Payload;
use actix_web::http::header::HeaderName;
use actix_web::{Error, FromRequest, HttpRequest, web};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq as _;

use crate::config::Auth;
use crate::denial::{Denial, Reason};
use crate::enforce::decide::Grounds;
use crate::enforce::finish::{self, Place};
use crate::http::local_path::query_value;
use crate::scheme::session::current::Current;
use crate::scheme::session::record::CSRF_KEY;

/// The name of the field of a form.
const FIELD: &str = "csrf_token";
static HEADER: HeaderName = HeaderName::from_static("x-csrf-token");

/// In bytes.
const LENGTH: usize = 32;

/// A token of the caller's session, for the forms and scripts of a page.
///
/// Handlers that take sessions refuse requests from other sites by what browsers say of them, and
/// browsers have said it since 2020. Those from before send a form with neither `Origin` nor
/// `Sec-Fetch-Site`. Where they matter, put this into each form, and take the form with
/// [`CsrfForm`], or the script's request with [`CsrfHeader`].
///
/// ```
/// use actix_web::{HttpResponse, get, post};
/// use auth_runtime::prelude::*;
/// use auth_runtime::{CsrfForm, CsrfToken};
/// # #[derive(serde::Deserialize)]
/// struct Notice { text: String }
///
/// #[get("/notice")]
/// #[requires_auth]
/// async fn page(token: CsrfToken) -> HttpResponse {
///     let field = token.field();
///     HttpResponse::Ok().content_type("text/html").body(format!(
///         r#"<form method="post">{field}<input name="text"><button>Send</button></form>"#
///     ))
/// }
///
/// #[post("/notice")]
/// #[requires_auth]
/// async fn send(form: CsrfForm<Notice>) -> String { form.text.clone() }
/// ```
///
/// # Security
///
/// The secret behind it is in the session, whose cookie is encrypted and signed, and changes at each
/// login. A token is good for as long as its session; each is written differently, so that the
/// compression of a page tells nothing of it (BREACH).
pub struct CsrfToken([u8; LENGTH]);

impl CsrfToken {
    /// The token as text: letters, digits, `-` and `_`.
    #[must_use]
    pub fn value(&self) -> String {
        let mask = random();
        let masked = mask.iter().zip(self.0).map(|(mask, byte)| mask ^ byte);
        let bytes: Vec<u8> = mask.iter().copied().chain(masked).collect();
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The field of a form that holds it: `<input type="hidden" name="csrf_token" value="..">`.
    #[must_use]
    pub fn field(&self) -> String {
        let value = self.value();
        format!(r#"<input type="hidden" name="{FIELD}" value="{value}">"#)
    }

    fn is(&self, text: &str) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(text) else {
            return false;
        };
        let Some((mask, masked)) = bytes.split_at_checked(LENGTH) else {
            return false;
        };
        let secret: Vec<u8> = mask
            .iter()
            .zip(masked)
            .map(|(mask, byte)| mask ^ byte)
            .collect();
        masked.len() == LENGTH && bool::from(secret.ct_eq(&self.0))
    }

    /// The secret of the session, if it has one.
    fn of(session: &Session) -> Option<Self> {
        let text: String = session.get(CSRF_KEY).ok()??;
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }
}

fn random() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    // The system's randomness.
    for (byte, random) in bytes.iter_mut().zip(Key::generate().signing()) {
        *byte = *random;
    }
    bytes
}

/// Whether the request brings the token of its session, found in `text`.
fn check(request: &HttpRequest, text: Option<&str>) -> Result<(), Denial> {
    let grounds = if Current::of(request).is_none() {
        without_middleware()
    } else {
        let token = CsrfToken::of(&request.get_session());
        match (token, text) {
            (Some(token), Some(text)) if token.is(text) => return Ok(()),
            (_, None) => Grounds::Forbidden(Reason::CrossOrigin("it has no token")),
            _ => Grounds::Forbidden(Reason::CrossOrigin("its token is not that of the session")),
        }
    };
    Err(refuse(request, grounds))
}

fn without_middleware() -> Grounds {
    Grounds::Undecidable(Reason::Misconfigured(
        "the app is not wrapped in the middleware of its sessions: add `.wrap(sessions.middleware(store))`",
    ))
}

fn refuse(request: &HttpRequest, grounds: Grounds) -> Denial {
    let place = Place {
        request,
        rule: None,
        auth: Auth::of(request).ok(),
        principal: None,
    };
    finish::refuse(place, grounds)
}

impl FromRequest for CsrfToken {
    type Error = Denial;
    type Future = Ready<Result<Self, Denial>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        if Current::of(request).is_none() {
            return ready(Err(refuse(request, without_middleware())));
        }
        let session = request.get_session();
        if let Some(token) = Self::of(&session) {
            return ready(Ok(token));
        }
        let token = Self(random());
        let written = session.insert(CSRF_KEY, URL_SAFE_NO_PAD.encode(token.0));
        ready(written.map(|()| token).map_err(|_| {
            let reason = Reason::Misconfigured("the session cannot be written");
            refuse(request, Grounds::Undecidable(reason))
        }))
    }
}

/// A form with a [`CsrfToken`] in the field `csrf_token`: reads as a `T`.
///
/// # Errors
///
/// 403 where the token is missing or not that of the session; those of `web::Form` where the form
/// cannot be read.
#[derive(Clone, Debug)]
pub struct CsrfForm<T>(T);

impl<T> CsrfForm<T> {
    /// The form.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for CsrfForm<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for CsrfForm<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let fields = web::Form::<Vec<(String, String)>>::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let fields = fields.await?.into_inner();
            let (tokens, fields): (Vec<_>, Vec<_>) =
                fields.into_iter().partition(|(name, _)| name == FIELD);
            let token = match &tokens[..] {
                [(_, token)] => Some(token.as_str()),
                _ => None,
            };
            check(&request, token)?;
            let fields: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{}={}", query_value(name), query_value(value)))
                .collect();
            Ok(Self(
                web::Query::<T>::from_query(&fields.join("&"))?.into_inner(),
            ))
        })
    }
}

/// Proof that a request has a [`CsrfToken`] in the header `X-CSRF-Token`.
///
/// # Errors
///
/// 403 where it is missing or not that of the session.
#[derive(Clone, Copy, Debug)]
pub struct CsrfHeader(());

impl FromRequest for CsrfHeader {
    type Error = Denial;
    type Future = Ready<Result<Self, Denial>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.headers().get(&HEADER);
        let text = text.and_then(|line| line.to_str().ok());
        ready(check(request, text).map(|()| Self(())))
    }
}

impl fmt::Debug for CsrfToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CsrfToken(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_that_of_its_session_however_it_is_written() {
        let (mine, other) = (CsrfToken(random()), CsrfToken(random()));
        let (first, second) = (mine.value(), mine.value());
        assert_ne!(first, second);
        assert!(mine.is(&first) && mine.is(&second));
        assert!(!other.is(&first));
        let plain = URL_SAFE_NO_PAD.encode(mine.0);
        for wrong in [
            "",
            "A",
            &plain,
            &first[1..],
            &format!("{first}AA"),
            &"A".repeat(86),
        ] {
            assert!(!mine.is(wrong), "{wrong}");
        }
    }
}
