//! A server of the Model Context Protocol, protected as its specification of 2025-11-25 asks:
//! metadata of the resource, challenges that lead to it, scopes for each tool, tokens for this
//! server only, and no requests from strange web pages.
//!
//! ```sh
//! cargo run --example mcp
//!
//! # Where does a client get a token?
//! curl -i localhost:8080/mcp -d '{}'                                     # 401, resource_metadata
//! curl -i localhost:8080/.well-known/oauth-protected-resource/mcp
//!
//! # With a token that may read:
//! alias mcp="curl -i localhost:8080/mcp -H 'Content-Type: application/json' \
//!   -H 'Accept: application/json, text/event-stream'"
//! mcp -H 'Authorization: Bearer demo-reader' -d '{"jsonrpc":"2.0","id":1,"method":"initialize",
//!   "params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"curl","version":"8"}}}'
//! mcp -H 'Authorization: Bearer demo-reader' -d '{"jsonrpc":"2.0","id":2,"method":"tools/list"}'
//! mcp -H 'Authorization: Bearer demo-reader' \
//!   -d '{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"list_notes","arguments":{}}}'
//!
//! # 403, insufficient_scope with all scopes that the tool needs; then with them:
//! mcp -H 'Authorization: Bearer demo-reader' \
//!   -d '{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"add_note","arguments":{"text":"Hi"}}}'
//! mcp -H 'Authorization: Bearer demo-writer' \
//!   -d '{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"add_note","arguments":{"text":"Hi"}}}'
//!
//! # A token for another server (401), and a page of another origin (403, before anything else):
//! mcp -H 'Authorization: Bearer demo-elsewhere' -d '{"jsonrpc":"2.0","id":5,"method":"ping"}'
//! mcp -H 'Authorization: Bearer demo-reader' -H 'Origin: https://evil.example' \
//!   -d '{"jsonrpc":"2.0","id":6,"method":"ping"}'
//! ```

use std::env;
use std::error::Error;
use std::io;
use std::sync::{Mutex, PoisonError};

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ALLOW, ORIGIN};
use actix_web::middleware::{Next, from_fn};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, post, route, web};
use auth_runtime::oauth::ResourceMetadata;
use auth_runtime::prelude::*;
use auth_runtime::{ConfigurationError, Denial};
use serde_json::{Value, json};

const PROTOCOL: &str = "2025-11-25";

/// Web pages that may talk to this server. Programs send no `Origin`.
const ORIGINS: &[&str] = &["http://localhost:6274"];

pub struct Notes(Mutex<Vec<String>>);

impl Default for Notes {
    fn default() -> Self {
        Self(Mutex::new(vec!["Water the plants".to_owned()]))
    }
}

/// One JSON-RPC message: the scope of the endpoint is that of every tool; some need more.
#[post("/mcp")]
#[requires_scope("notes:read")]
async fn mcp(
    request: HttpRequest,
    caller: Authenticated,
    notes: web::Data<Notes>,
    body: web::Bytes,
) -> Result<HttpResponse, Denial> {
    // Transports, "Protocol Version Header": without one it is an older client.
    if let Some(version) = request.headers().get("MCP-Protocol-Version")
        && ![PROTOCOL, "2025-06-18", "2025-03-26"]
            .iter()
            .any(|known| version == known)
    {
        return Ok(HttpResponse::BadRequest().json(error(
            &Value::Null,
            -32_600,
            "unknown version",
        )));
    }
    let Ok(message) = serde_json::from_slice::<Value>(&body) else {
        return Ok(HttpResponse::BadRequest().json(error(&Value::Null, -32_700, "parse error")));
    };
    let Some(method) = message.get("method").and_then(Value::as_str) else {
        return Ok(HttpResponse::BadRequest().json(error(&Value::Null, -32_600, "no request")));
    };
    // A notification has no `id`, and no answer.
    let Some(id) = message.get("id") else {
        return Ok(HttpResponse::Accepted().finish());
    };
    let parameters = message.get("params").unwrap_or(&Value::Null);
    let result = match method {
        "initialize" => Ok(json!({
            "protocolVersion": PROTOCOL,
            "capabilities": { "tools": {} },
            "serverInfo": { "name": "notes", "version": "1.0.0" },
        })),
        "ping" => Ok(json!({})),
        "tools/list" => Ok(tools()),
        "tools/call" => call(&request, &caller, &notes, parameters)?,
        _ => Err((-32_601, "method not found")),
    };
    Ok(HttpResponse::Ok().json(match result {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err((code, message)) => error(id, code, message),
    }))
}

/// There is no stream to `GET`, and no session to `DELETE`; strangers do not learn even that.
#[route("/mcp", method = "GET", method = "DELETE")]
#[requires_scope("notes:read")]
async fn nothing_else() -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .insert_header((ALLOW, "POST"))
        .finish()
}

fn tools() -> Value {
    json!({ "tools": [
        {
            "name": "list_notes",
            "description": "Lists all notes.",
            "inputSchema": { "type": "object", "additionalProperties": false },
        },
        {
            "name": "add_note",
            "description": "Adds a note.",
            "inputSchema": {
                "type": "object",
                "properties": { "text": { "type": "string" } },
                "required": ["text"],
            },
        },
    ]})
}

/// Which tool is called stands in the body, so what it needs is decided here.
fn call(
    request: &HttpRequest,
    caller: &Authenticated,
    notes: &Notes,
    parameters: &Value,
) -> Result<Result<Value, (i32, &'static str)>, Denial> {
    let name = parameters.get("name").and_then(Value::as_str);
    let text = parameters
        .pointer("/arguments/text")
        .and_then(Value::as_str);
    let mut held = notes.0.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(match (name, text) {
        (Some("list_notes"), _) => Ok(content(&held.join("\n"))),
        (Some("add_note"), text) => {
            caller.require_scopes(request, &["notes:read", "notes:write"])?;
            match text {
                Some(text) => {
                    held.push(text.to_owned());
                    Ok(content("added"))
                }
                None => Err((-32_602, "`text` is missing")),
            }
        }
        _ => Err((-32_602, "unknown tool")),
    })
}

fn content(text: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }] })
}

fn error(id: &Value, code: i32, message: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } })
}

/// Transports, "Security Warning": a page of another origin must not reach a local server by a
/// changed name. Before authentication, and without a challenge.
pub async fn check_origin(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let mut origins = request.headers().get_all(ORIGIN);
    let is_known = origins.all(|origin| ORIGINS.iter().any(|known| origin == known));
    if is_known {
        return next.call(request).await;
    }
    let body = json!({
        "jsonrpc": "2.0",
        "error": { "code": -32_600, "message": "this origin is not allowed" },
    });
    Ok(request.into_response(HttpResponse::Forbidden().json(body)))
}

/// A real server verifies signed tokens, or asks the authorization server (`Introspection`). Both
/// check the audience, as this does: a token for another server opens nothing here.
fn find_token(token: &str, resource: &str) -> Option<Principal> {
    let (subject, scopes, audience) = match token {
        "demo-reader" => ("rob", "notes:read", resource),
        "demo-writer" => ("eve", "notes:read notes:write", resource),
        "demo-elsewhere" => ("rob", "notes:read notes:write", "https://other.example/mcp"),
        _ => return None,
    };
    (audience == resource).then(|| Principal::new(subject).scopes(scopes.split(' ')))
}

/// The configuration of the server that clients reach as `resource`.
pub fn configuration(resource: &str) -> Result<Auth, ConfigurationError> {
    let own = resource.to_owned();
    Auth::builder()
        .realm("notes")
        .scheme(Bearer::sync(move |token: Secret<'_>| {
            find_token(token.expose(), &own)
        }))
        .resource_metadata(
            ResourceMetadata::new(resource)
                .authorization_server("https://login.example.com")
                // What the attributes here ask for, and what `call` asks for by itself.
                .scopes_of_handlers_in(module_path!())
                .more_scopes(["notes:write"])
                .name("Notes"),
        )
        .challenge_scopes(true)
        .build()
}

pub fn services(auth: &Auth) -> impl FnOnce(&mut web::ServiceConfig) {
    let auth = auth.clone();
    move |app| {
        app.service(auth.resource_metadata_service())
            .app_data(auth)
            .service(mcp)
            .service(nothing_else);
    }
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
    let auth = configuration(&format!("http://localhost:{port}/mcp"))?;
    let notes = web::Data::new(Notes::default());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(notes.clone())
            .configure(services(&auth))
            .wrap(from_fn(check_origin))
    })
    .workers(2)
    .bind(("127.0.0.1", port))
    .map_err(|error| format!("cannot listen on 127.0.0.1:{port} ({error}); set PORT to another"))?;
    println!("Listening on http://localhost:{port}/mcp\n");
    println!("Tokens: demo-reader, demo-writer, demo-elsewhere.\n");
    println!("  curl -i http://localhost:{port}/mcp -d '{{}}'");
    println!("  curl -i http://localhost:{port}/.well-known/oauth-protected-resource/mcp");
    Ok(server.run().await?)
}
