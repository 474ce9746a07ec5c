//! Signed tokens, from an issuer that rotates its keys. Issuer and resource server are one process
//! here, and know each other over HTTP only: the resource server is told the issuer's name, and
//! discovers the rest.
//!
//! ```sh
//! cargo run -p auth-examples-extra --example jwt
//!
//! TOKEN=$(curl -s -X POST 'localhost:8080/issuer/token?user=ada&role=admin&scope=reports:read')
//! curl -i localhost:8080/me                                          # 401
//! curl -i localhost:8080/me -H "Authorization: Bearer $TOKEN"        # 200
//! curl -i localhost:8080/admin -H "Authorization: Bearer $TOKEN"     # 200
//! curl -i localhost:8080/reports -H "Authorization: Bearer $TOKEN"   # 200
//! curl -i localhost:8080/me -H "Authorization: Bearer ${TOKEN}x"     # 401, invalid_token
//!
//! ROB=$(curl -s -X POST 'localhost:8080/issuer/token?user=rob&alg=ES256')
//! curl -i localhost:8080/me -H "Authorization: Bearer $ROB"          # 200, another algorithm
//! curl -i localhost:8080/admin -H "Authorization: Bearer $ROB"       # 403
//! curl -i localhost:8080/reports -H "Authorization: Bearer $ROB"     # 403, insufficient_scope
//!
//! curl -s localhost:8080/issuer/keys                                 # the public keys
//! curl -s -X POST localhost:8080/issuer/rotate                       # others from now on
//! curl -i localhost:8080/me -H "Authorization: Bearer $TOKEN"        # 200: the old key is still published
//! NEW=$(curl -s -X POST 'localhost:8080/issuer/token?user=ada')
//! curl -i localhost:8080/me -H "Authorization: Bearer $NEW"          # 200: the new one is known
//!
//! curl -s -X POST localhost:8080/sign-out -H "Authorization: Bearer $TOKEN"
//! curl -i localhost:8080/me -H "Authorization: Bearer $TOKEN"        # 401: revoked
//! ```

use std::collections::VecDeque;
use std::env;
use std::error::Error;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::web::{Data, Json, Query};
use actix_web::{App, HttpResponse, HttpServer, Responder, get, post, web};
use auth_runtime::oauth::HttpSettings;
use auth_runtime::oauth::jwt::{Issuer, Jwt, Refresh};
use auth_runtime::oauth::revocation::Revocations;
use auth_runtime::prelude::*;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde::Deserialize;
use serde_json::{Value, json};

const AUDIENCE: &str = "https://reports.example";
const LIFETIME: u64 = 600;

// The resource server.

#[get("/me")]
#[requires_auth]
async fn me(caller: Authenticated) -> impl Responder {
    Json(json!({
        "subject": caller.subject(),
        "roles": caller.role_names().collect::<Vec<_>>(),
        "scopes": caller.scope_names().collect::<Vec<_>>(),
    }))
}

#[get("/admin")]
#[requires_role("admin")]
async fn admin(caller: Authenticated) -> impl Responder {
    format!("Welcome to the administration, {}.\n", caller.subject())
}

#[get("/reports")]
#[requires_scope("reports:read")]
async fn reports() -> impl Responder {
    Json(json!({ "reports": ["2026-Q3"] }))
}

/// Revokes the caller's token: its `jti`, for as long as it would have lasted.
#[post("/sign-out")]
#[requires_auth]
async fn sign_out(
    caller: Authenticated,
    revocations: Data<Revocations>,
    authority: Data<Authority>,
) -> Result<HttpResponse, Box<dyn Error>> {
    if let (Some(Value::String(id)), Some(until)) =
        (caller.claims().get("jti"), caller.expires_at())
    {
        revocations.revoke_id(&authority.name, id, until).await?;
    }
    Ok(HttpResponse::NoContent().finish())
}

fn resource_server(issuer: &str, revocations: &Revocations) -> Result<Auth, Box<dyn Error>> {
    let issuer = Issuer::new(issuer)
        .discover()
        // For an issuer on this machine without TLS. Never elsewhere.
        .http(HttpSettings::default().http_on_loopback(true))
        // So that one can rotate as fast as one types. The default is 10 seconds.
        .refresh(Refresh::default().unknown_key_interval(Duration::from_secs(1)));
    let jwt = Jwt::builder().audience(AUDIENCE).issuer(issuer).build()?;
    Ok(Auth::builder()
        .realm("reports")
        .scheme(Bearer::verifier(revocations.protect(jwt)))
        .build()?)
}

// The issuer: what Keycloak, Auth0, Okta or Entra ID would be.

struct Authority {
    name: String,
    /// The last pair of keys, the current one, and the next, which is published before it is used.
    keys: Mutex<VecDeque<Generation>>,
}

/// A key of each algorithm.
struct Generation {
    eddsa: SigningKey,
    es256: SigningKey,
}

struct SigningKey {
    id: String,
    key: EncodingKey,
    jwk: Value,
}

impl Generation {
    fn new() -> Result<Self, Box<dyn Error>> {
        let random = SystemRandom::new();
        let document = Ed25519KeyPair::generate_pkcs8(&random)?;
        let pair = Ed25519KeyPair::from_pkcs8(document.as_ref())?;
        let x = BASE64.encode(pair.public_key());
        let id = random_text()?;
        let eddsa = SigningKey {
            jwk: json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": id, "x": x}),
            key: EncodingKey::from_ed_der(document.as_ref()),
            id,
        };
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random)?;
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref())?;
        // SEC 1 §2.3.3: 4, x, y.
        let point = pair.public_key().as_ref();
        let (x, y) = (BASE64.encode(&point[1..33]), BASE64.encode(&point[33..]));
        let id = random_text()?;
        let es256 = SigningKey {
            jwk: json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": id, "x": x, "y": y}),
            key: EncodingKey::from_ec_der(document.as_ref()),
            id,
        };
        Ok(Self { eddsa, es256 })
    }
}

fn random_text() -> Result<String, Box<dyn Error>> {
    let mut bytes = [0; 12];
    aws_lc_rs::rand::fill(&mut bytes)?;
    Ok(BASE64.encode(bytes))
}

#[get("/.well-known/openid-configuration")]
#[public(reason = "clients and resource servers discover the issuer here")]
async fn metadata(authority: Data<Authority>) -> impl Responder {
    Json(json!({ "issuer": authority.name, "jwks_uri": format!("{}/keys", authority.name) }))
}

#[get("/keys")]
#[public(reason = "public keys are public")]
async fn keys(authority: Data<Authority>) -> impl Responder {
    let generations = authority
        .keys
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let keys: Vec<_> = generations
        .iter()
        .flat_map(|generation| [&generation.eddsa.jwk, &generation.es256.jwk])
        .collect();
    Json(json!({ "keys": keys }))
}

#[derive(Deserialize)]
struct Wish {
    user: String,
    #[serde(default)]
    scope: String,
    role: Option<String>,
    #[serde(default)]
    alg: String,
}

#[post("/token")]
#[public(reason = "an example: a real issuer asks who it is")]
async fn token(wish: Query<Wish>, authority: Data<Authority>) -> Result<String, Box<dyn Error>> {
    let generations = authority
        .keys
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let current = generations.get(1).ok_or("no keys")?;
    let (algorithm, signer) = match wish.alg.as_str() {
        "ES256" => (Algorithm::ES256, &current.es256),
        _ => (Algorithm::EdDSA, &current.eddsa),
    };
    let mut header = Header::new(algorithm);
    header.typ = Some("at+jwt".into());
    header.kid = Some(signer.id.clone());
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let claims = json!({
        "iss": authority.name, "aud": AUDIENCE, "sub": wish.user, "client_id": "curl",
        "iat": now, "exp": now + LIFETIME, "jti": random_text()?,
        "scope": wish.scope, "roles": wish.role.iter().collect::<Vec<_>>(),
    });
    Ok(encode(&header, &claims, &signer.key)?)
}

#[post("/rotate")]
#[public(reason = "an example: a real issuer rotates by itself")]
async fn rotate(authority: Data<Authority>) -> Result<String, Box<dyn Error>> {
    let mut generations = authority
        .keys
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    generations.pop_front();
    generations.push_back(Generation::new()?);
    let current = generations.get(1).ok_or("no keys")?;
    Ok(format!(
        "now signing with {} and {}\n",
        current.eddsa.id, current.es256.id
    ))
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let port: u16 = match env::var("PORT") {
        Ok(text) => text
            .parse()
            .map_err(|_| format!("PORT is no port number: {text:?}"))?,
        Err(_) => 8080,
    };

    let generations = (0..3)
        .map(|_| Generation::new())
        .collect::<Result<_, _>>()?;
    let authority = Data::new(Authority {
        name: format!("http://127.0.0.1:{port}/issuer"),
        keys: Mutex::new(generations),
    });
    let revocations = Revocations::in_memory();
    let auth = resource_server(&authority.name, &revocations)?;
    let revocations = Data::new(revocations);

    let server = HttpServer::new(move || {
        let issuer = web::scope("/issuer")
            .service(metadata)
            .service(keys)
            .service(token)
            .service(rotate);
        App::new()
            .app_data(auth.clone())
            .app_data(authority.clone())
            .app_data(revocations.clone())
            .service(issuer)
            .service(me)
            .service(admin)
            .service(reports)
            .service(sign_out)
    })
    .bind(("127.0.0.1", port))?;
    println!("Listening on http://localhost:{port}. The lines to try are at the top of jwt.rs.");
    Ok(server.run().await?)
}
