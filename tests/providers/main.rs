//! A resource server whose tokens come from software that others wrote.
//!
//! The environment says where from: `ISSUER` for signed tokens, by discovery; `INTROSPECTION` for
//! opaque ones, as `CLIENT_ID` with `CLIENT_SECRET`, of a django-oauth-toolkit with `TOOLKIT`; with
//! both, each kind in its own way. Without either, the tokens are those of `find_token`. It speaks
//! HTTP/1.1 and h2c on `PORT`.

use std::env;
use std::error::Error;
use std::time::Duration;

use actix_web::{App, HttpResponse, HttpServer, get, post, route, web};
use auth_runtime::http::Credentials;
use auth_runtime::oauth::introspection::Introspection;
use auth_runtime::oauth::jwt::{Issuer, Jwt, Refresh};
use auth_runtime::oauth::{HttpSettings, ResourceMetadata};
use auth_runtime::prelude::*;
use auth_runtime::scheme::{Attempt, Scheme, VerifyToken as _};
use auth_runtime::{AuthBuilder, DenyUnprotected};
use serde_json::json;

#[route("/api/me", method = "GET", method = "HEAD")]
#[requires_auth]
async fn me(caller: Authenticated) -> HttpResponse {
    let scopes: Vec<_> = caller.scope_names().collect();
    HttpResponse::Ok().json(json!({
        "subject": caller.subject(),
        "scopes": scopes,
        "acr": caller.acr(),
        "client": caller.claims().get("client_id"),
    }))
}

#[get("/api/read")]
#[requires_scope("api:read")]
async fn read() -> &'static str {
    "read"
}

#[post("/api/write")]
#[requires_scope(all("api:read", "api:write"))]
async fn write(body: web::Bytes) -> String {
    format!("{} bytes", body.len())
}

#[get("/api/strong")]
#[requires(acr("urn:example:strong"))]
async fn strong() -> &'static str {
    "strong"
}

#[get("/api/fresh")]
#[requires(max_age("2s"))]
async fn fresh() -> &'static str {
    "fresh"
}

#[post("/api/hidden")]
#[requires_role("admin", hide)]
async fn hidden(body: web::Bytes) -> String {
    format!("{} bytes", body.len())
}

#[get("/health")]
#[public(reason = "the tests wait for it")]
async fn health() -> &'static str {
    "ok"
}

/// Sessions by cookie, of which HTTP/2 may send each in a line of its own.
struct Session;

impl Scheme for Session {
    fn name(&self) -> &'static str {
        "Cookie"
    }

    fn authenticate(&self, credentials: &Credentials<'_>) -> Attempt {
        match credentials.cookie("session") {
            Ok(Some(b"demo-session")) => Attempt::verified(Some(Principal::new("sue"))),
            Ok(Some(_)) => Attempt::verified(None),
            Ok(None) => Attempt::Absent,
            Err(_) => Attempt::Ambiguous,
        }
    }
}

fn find_token(token: &str) -> Option<Principal> {
    match token {
        "demo-admin" => Some(Principal::new("ada").role("admin")),
        "demo-reader" => Some(Principal::new("rob").scope("api:read")),
        "demo-writer" => Some(Principal::new("eve").scopes(["api:read", "api:write"])),
        _ => None,
    }
}

fn jwt(issuer: &str, resource: &str) -> Result<Jwt, Box<dyn Error>> {
    let refresh = Refresh::default()
        .unknown_key_interval(Duration::from_secs(1))
        .retry_interval(Duration::from_secs(1));
    let issuer = Issuer::new(issuer)
        .discover()
        .http(HttpSettings::default().http_on_loopback(true))
        .refresh(refresh);
    Ok(Jwt::builder().audience(resource).issuer(issuer).build()?)
}

fn introspection(endpoint: &str, resource: &str) -> Result<Introspection, Box<dyn Error>> {
    let builder = match env::var("TOOLKIT") {
        Ok(_) => Introspection::django_oauth_toolkit(endpoint),
        Err(_) => Introspection::builder(endpoint).subject_from(["sub", "client_id"]),
    };
    let builder = match env::var("ANY_AUDIENCE") {
        Ok(_) => builder,
        Err(_) => builder.audience(resource),
    };
    let builder = builder
        .client(env::var("CLIENT_ID")?, env::var("CLIENT_SECRET")?)
        .cache_time(Duration::from_secs(1));
    Ok(builder.build()?)
}

fn configuration(resource: &str) -> Result<AuthBuilder, Box<dyn Error>> {
    let signed = env::var("ISSUER").ok();
    let opaque = env::var("INTROSPECTION").ok();
    let bearer = match (&signed, &opaque) {
        (None, None) => Bearer::sync(|token: Secret<'_>| find_token(token.expose())),
        (Some(issuer), None) => Bearer::jwt(jwt(issuer, resource)?),
        (None, Some(endpoint)) => Bearer::verifier(introspection(endpoint, resource)?),
        (Some(issuer), Some(endpoint)) => {
            let signed = jwt(issuer, resource)?;
            Bearer::verifier(signed.or_else(introspection(endpoint, resource)?))
        }
    };
    let server = env::var("AUTHORIZATION_SERVER").ok().or(signed);
    let server = server.unwrap_or_else(|| "https://login.example.com".to_owned());
    let metadata = ResourceMetadata::new(resource).authorization_server(server);
    Ok(Auth::builder()
        .realm("api")
        .scheme(bearer)
        .scheme(ApiKey::sync("X-Api-Key", |key: Secret<'_>| {
            key.ct_eq("demo-key").then(|| Principal::new("machine"))
        }))
        .scheme(Session)
        .resource_metadata(metadata))
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(env::var("RUST_LOG").unwrap_or_else(|_| "info".to_owned()))
        .init();
    if env::var("UNTIL_END_OF_INPUT").is_ok() {
        // With the test that started it, however that ends.
        std::thread::spawn(|| {
            drop(std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
            std::process::exit(0);
        });
    }
    let port: u16 = env::var("PORT")?.parse()?;
    let auth = configuration(&format!("http://localhost:{port}/api"))?.build()?;
    let server = HttpServer::new(move || {
        App::new()
            .app_data(auth.clone())
            .wrap(DenyUnprotected::new())
            .service(auth.resource_metadata_service())
            .service(me)
            .service(read)
            .service(write)
            .service(strong)
            .service(fresh)
            .service(hidden)
            .service(health)
            .default_service(auth.not_found_service())
    });
    server
        .workers(1)
        .bind_auto_h2c(("127.0.0.1", port))?
        .run()
        .await?;
    Ok(())
}
