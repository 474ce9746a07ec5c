//! The app under load.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use actix_web::rt::{System, time::sleep};
use actix_web::{App, HttpServer, Responder, get, post, web};
use auth_runtime::oauth::jwt::Jwt;
use auth_runtime::oauth::revocation::{RevocationStore, Revocations};
use auth_runtime::prelude::*;
use auth_runtime::scheme::VerifyToken;

use crate::callers::{Outages, Soak, opaque, role, subject};

#[get("/me")]
#[requires_auth]
async fn me(caller: Authenticated) -> impl Responder {
    caller.subject().to_owned()
}

#[get("/even")]
#[requires_role("even")]
async fn even(caller: Authenticated) -> impl Responder {
    caller.subject().to_owned()
}

#[post("/echo")]
#[requires_auth]
async fn echo(caller: Authenticated, body: String) -> impl Responder {
    format!("{}:{body}", caller.subject())
}

#[get("/open")]
#[public(reason = "says whose request it is")]
async fn open(caller: MaybeAuthenticated) -> impl Responder {
    caller.principal().map_or_else(
        || String::from("anonymous"),
        |caller| caller.subject().to_owned(),
    )
}

/// Tokens that no key signed, some of which take their time.
struct Opaque;

impl VerifyToken for Opaque {
    async fn verify(&self, token: Secret<'static>) -> Result<Option<Principal>, VerifyError> {
        let number = token
            .expose()
            .split('-')
            .nth(1)
            .and_then(|number| number.parse().ok());
        let Some(number) = number else {
            return Ok(None);
        };
        match number % 8 {
            0 => sleep(Duration::from_millis(number as u64 % 5)).await,
            1 => actix_web::rt::task::yield_now().await,
            _ => {}
        }
        Ok(token
            .ct_eq(opaque(number))
            .then(|| Principal::new(subject(number)).role(role(number))))
    }
}

/// Starts the server on a thread of its own.
pub(crate) fn start<S: RevocationStore>(
    soak: &Arc<Soak>,
    revocations: &Revocations<S>,
) -> SocketAddr {
    let jwt = Jwt::builder()
        .issuer(soak.signer.issuer())
        .cache_size(1024 * 1024)
        .build();
    let signed = revocations.protect(jwt.expect("a right configuration"));
    let auth = Auth::builder()
        .realm("soak")
        .scheme(Bearer::verifier(signed.or_else(Opaque)))
        .audit(Outages(soak.clone()))
        .build()
        .expect("a right configuration");
    let app = move || {
        App::new()
            .app_data(auth.clone())
            .app_data(web::PayloadConfig::new(64 * 1024))
            .service(me)
            .service(even)
            .service(echo)
            .service(open)
    };
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it has an address");
    thread::spawn(move || {
        let server = HttpServer::new(app).workers(2).listen_auto_h2c(listener);
        System::new().block_on(server.expect("it listens").run())
    });
    address
}
