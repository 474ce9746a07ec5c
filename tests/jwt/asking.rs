//! An app that knows its callers by their tokens.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::body::to_bytes;
use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, get, web};
use auth_runtime::oauth::jwt::{Algorithm, IntoJwt, Issuer, Jwt, JwtBuilder, Key};
use auth_runtime::oauth::revocation::Revocations;
use auth_runtime::prelude::*;
use serde_json::{Value, json};

use crate::minting::{AUDIENCE, ISSUER, NOW, Signer};

/// A clock that goes when told to; in milliseconds.
#[derive(Clone)]
pub struct Clock(Arc<AtomicU64>);

impl Clock {
    pub fn new() -> Self {
        Self(Arc::new(AtomicU64::new(NOW * 1000)))
    }

    pub fn go(&self, seconds: u64) {
        self.advance(Duration::from_secs(seconds));
    }

    pub fn advance(&self, time: Duration) {
        let milliseconds = u64::try_from(time.as_millis()).unwrap();
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }

    pub fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: StatusCode,
    pub challenge: Option<String>,
    pub retry_after: Option<String>,
    pub body: String,
    /// How often the handler has been called.
    pub calls: usize,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub fn is_ok(&self) -> bool {
        self.status == StatusCode::OK && self.calls > 0
    }

    #[track_caller]
    pub fn assert_ok(&self) -> &Self {
        assert!(self.is_ok(), "{self:?}");
        self
    }

    /// 401 `invalid_token`, with the words of the closed list and nothing else (JWT-29).
    #[track_caller]
    pub fn assert_invalid(&self, what: &str) {
        assert_eq!(self.status, StatusCode::UNAUTHORIZED, "{what}: {self:?}");
        assert_eq!(
            self.challenge.as_deref(),
            Some(
                "Bearer realm=\"api\", error=\"invalid_token\", error_description=\"The access token is invalid\""
            ),
            "{what}"
        );
        assert_eq!(
            self.body,
            "{\"title\":\"Unauthorized\",\"status\":401,\"detail\":\"The credentials are not valid.\",\"error\":\"invalid_token\"}",
            "{what}"
        );
    }

    #[track_caller]
    pub fn assert_expired(&self) {
        assert_eq!(self.status, StatusCode::UNAUTHORIZED, "{self:?}");
        assert_eq!(
            self.challenge.as_deref(),
            Some(
                "Bearer realm=\"api\", error=\"invalid_token\", error_description=\"The access token expired\""
            )
        );
    }

    #[track_caller]
    pub fn assert_unavailable(&self) {
        assert_eq!(self.status, StatusCode::SERVICE_UNAVAILABLE, "{self:?}");
        assert!(
            self.retry_after.is_some() && self.challenge.is_none(),
            "{self:?}"
        );
    }
}

#[get("/p")]
#[requires_auth]
async fn protected(caller: Authenticated, calls: web::Data<AtomicUsize>) -> web::Json<Value> {
    calls.fetch_add(1, Ordering::SeqCst);
    web::Json(json!({
        "subject": caller.subject(),
        "roles": caller.role_names().collect::<Vec<_>>(),
        "scopes": caller.scope_names().collect::<Vec<_>>(),
        "permissions": caller.permission_names().collect::<Vec<_>>(),
    }))
}

/// Something that can be asked with a token.
pub trait Ask {
    fn ask(&self, token: &str) -> impl Future<Output = Answer>;
}

pub struct Asking<S> {
    service: S,
    calls: web::Data<AtomicUsize>,
}

impl<S, B> Ask for Asking<S>
where
    S: actix_web::dev::Service<
            actix_http::Request,
            Response = actix_web::dev::ServiceResponse<B>,
            Error = actix_web::Error,
        >,
    B: actix_web::body::MessageBody,
    B::Error: std::fmt::Debug,
{
    async fn ask(&self, token: &str) -> Answer {
        let before = self.calls.load(Ordering::SeqCst);
        let request = TestRequest::get()
            .uri("/p")
            .insert_header(("Authorization", format!("Bearer {token}")))
            .to_request();
        let response = call_service(&self.service, request).await;
        let header = |name: &str| {
            let value = response.headers().get(name)?;
            Some(value.to_str().unwrap().to_owned())
        };
        let (status, challenge) = (response.status(), header("www-authenticate"));
        let retry_after = header("retry-after");
        let body = to_bytes(response.into_body()).await.unwrap();
        Answer {
            status,
            challenge,
            retry_after,
            body: String::from_utf8(body.to_vec()).unwrap(),
            calls: self.calls.load(Ordering::SeqCst) - before,
        }
    }
}

/// An app with this verifier, by this clock.
pub async fn app(jwt: impl IntoJwt, clock: Clock) -> impl Ask {
    app_of(Bearer::jwt(jwt), clock).await
}

/// An app with these revocations around the verifier, by this clock.
pub async fn revocable(revocations: &Revocations, jwt: JwtBuilder, clock: Clock) -> impl Ask {
    let verifier = revocations.protect(jwt.build().unwrap());
    app_of(Bearer::verifier(verifier), clock).await
}

async fn app_of(bearer: Bearer, clock: Clock) -> impl Ask {
    let auth = Auth::builder()
        .realm("api")
        .scheme(bearer)
        .clock(move || clock.now())
        .build()
        .unwrap();
    let calls = web::Data::new(AtomicUsize::new(0));
    let service = init_service(
        App::new()
            .app_data(auth)
            .app_data(calls.clone())
            .service(protected),
    )
    .await;
    Asking { service, calls }
}

/// What is answered to one token.
pub async fn ask(jwt: impl IntoJwt, token: &str) -> Answer {
    app(jwt, Clock::new()).await.ask(token).await
}

pub fn algorithm(name: &str) -> Algorithm {
    use Algorithm as A;
    match name {
        "HS256" => A::Hs256,
        "HS384" => A::Hs384,
        "HS512" => A::Hs512,
        "RS256" => A::Rs256,
        "RS384" => A::Rs384,
        "RS512" => A::Rs512,
        "PS256" => A::Ps256,
        "PS384" => A::Ps384,
        "PS512" => A::Ps512,
        "ES256" => A::Es256,
        "ES384" => A::Es384,
        "EdDSA" => A::EdDsa,
        "Ed25519" => A::Ed25519,
        other => panic!("{other}"),
    }
}

/// The public key of a signer for an algorithm.
pub fn key(signer: &Signer, name: &str) -> Key {
    let key = match name.strip_prefix("HS") {
        Some(_) => Key::jwk(signer.jwk_with(&json!({"alg": name})).to_string()),
        None => Key::pem(algorithm(name), signer.pem()),
    };
    key.unwrap().with_id(&signer.id)
}

/// The issuer of the tests with one key for one algorithm, which is the only one allowed.
pub fn issuer(signer: &Signer, name: &str) -> Issuer {
    Issuer::new(ISSUER)
        .algorithms([algorithm(name)])
        .key(key(signer, name))
}

pub fn with(issuer: Issuer) -> JwtBuilder {
    Jwt::builder()
        .audience(AUDIENCE)
        .leeway(Duration::ZERO)
        .issuer(issuer)
}

/// A verifier that trusts one key for its usual algorithm.
pub fn trusting(signer: &Signer) -> JwtBuilder {
    with(issuer(signer, signer.usual()))
}
