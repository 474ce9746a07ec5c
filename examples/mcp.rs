//! A server of the Model Context Protocol, protected as its specification asks: metadata of the
//! resource, challenges that lead to it, scopes for each tool, tokens for this server only, and
//! requests only from the web pages that it admits. It speaks the revision of 2026-07-28 and, to
//! clients that begin with `initialize`, those from 2025-03-26 to 2025-11-25.
//!
//! ```sh
//! cargo run --example mcp
//!
//! # Where does a client get a token?
//! curl -i localhost:8080/mcp -d '{}'                                     # 401, resource_metadata
//! curl -i localhost:8080/.well-known/oauth-protected-resource/mcp
//!
//! # The tools that the caller may call: one for a reader, two for a writer.
//! mcp() { curl -i localhost:8080/mcp -H 'Content-Type: application/json' \
//!   -H 'Accept: application/json, text/event-stream' -H "Authorization: Bearer $1" -d "$2" "${@:3}"; }
//! mcp demo-reader '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'
//! mcp demo-reader '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"list_notes"}}'
//!
//! # 403, insufficient_scope with all scopes that the tool needs; then with them:
//! ADD='{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"add_note","arguments":{"text":"Hi"}}}'
//! mcp demo-reader "$ADD"
//! mcp demo-writer "$ADD"
//!
//! # The same list in the revision of 2026-07-28, where every request says which one it speaks:
//! mcp demo-reader '{"jsonrpc":"2.0","id":4,"method":"tools/list","params":{"_meta":{
//!   "io.modelcontextprotocol/protocolVersion":"2026-07-28",
//!   "io.modelcontextprotocol/clientCapabilities":{}}}}' \
//!   -H 'MCP-Protocol-Version: 2026-07-28' -H 'Mcp-Method: tools/list'
//!
//! # A token for another server (401), and a page of another origin (403, before anything else):
//! mcp demo-elsewhere '{"jsonrpc":"2.0","id":5,"method":"ping"}'
//! mcp demo-reader '{"jsonrpc":"2.0","id":6,"method":"ping"}' -H 'Origin: https://evil.example'
//! ```

use std::borrow::Cow;
use std::env;
use std::error::Error;
use std::io;
use std::sync::{Mutex, PoisonError};

use actix_cors::Cors;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, ORIGIN};
use actix_web::middleware::{Next, from_fn};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, post, route, web};
use auth_runtime::oauth::ResourceMetadata;
use auth_runtime::prelude::*;
use auth_runtime::{ConfigurationError, Denial};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

/// The revision in which every request stands for itself, and those that begin with `initialize`.
const MODERN: &str = "2026-07-28";
const LEGACY: [&str; 3] = ["2025-11-25", "2025-06-18", "2025-03-26"];

/// Web pages that may talk to this server. Programs send no `Origin`.
const ORIGINS: [&str; 1] = ["http://localhost:6274"];

pub struct Notes(Mutex<Vec<String>>);

impl Default for Notes {
    fn default() -> Self {
        Self(Mutex::new(vec!["Water the plants".to_owned()]))
    }
}

struct Tool {
    name: &'static str,
    description: &'static str,
    scopes: &'static [&'static str],
    input: Value,
}

fn tools() -> [Tool; 2] {
    [
        Tool {
            name: "list_notes",
            description: "Lists all notes.",
            scopes: &["notes:read"],
            input: json!({ "type": "object", "additionalProperties": false }),
        },
        Tool {
            name: "add_note",
            description: "Adds a note.",
            scopes: &["notes:read", "notes:write"],
            input: json!({
                "type": "object",
                "properties": { "text": { "type": "string" } },
                "required": ["text"],
            }),
        },
    ]
}

/// A JSON-RPC request, or without `id` a notification.
#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    id: Value,
    method: String,
    #[serde(default)]
    params: Value,
}

/// The scope of the endpoint is that of every tool; `call` asks for what one needs beyond it.
#[post("/mcp")]
#[requires_scope("notes:read")]
async fn mcp(
    request: HttpRequest,
    caller: Authenticated,
    notes: web::Data<Notes>,
    body: web::Bytes,
) -> Result<HttpResponse, Denial> {
    let refuse = |id: &Value, error: &Value| failure(StatusCode::BAD_REQUEST, id, error);
    let Ok(message) = serde_json::from_slice::<Value>(&body) else {
        return Ok(refuse(&Value::Null, &error(-32_700, "parse error")));
    };
    let Ok(message) = serde_json::from_value::<Message>(message) else {
        return Ok(refuse(&Value::Null, &error(-32_600, "no request")));
    };
    let id = &message.id;
    let is_modern = match check_revision(&request, &message) {
        Ok(is_modern) => is_modern,
        Err(error) => return Ok(refuse(id, &error)),
    };
    if id.is_null() {
        return Ok(HttpResponse::Accepted().finish());
    }
    let server = json!({ "name": "notes", "version": "1.0.0" });
    let asked = &message.params["protocolVersion"];
    let result = match message.method.as_str() {
        "server/discover" if is_modern => Ok(json!({
            "supportedVersions": [MODERN],
            "capabilities": { "tools": {} },
            "ttlMs": 60_000,
            "cacheScope": "private",
        })),
        "initialize" if !is_modern => Ok(json!({
            "protocolVersion": LEGACY.iter().find(|known| asked == *known).unwrap_or(&LEGACY[0]),
            "capabilities": { "tools": {} },
            "serverInfo": server,
        })),
        "ping" if !is_modern => Ok(json!({})),
        "tools/list" => Ok(list(&caller)),
        "tools/call" => call(&request, &caller, &notes, &message.params)?,
        _ => Err(error(-32_601, "method not found")),
    };
    Ok(match result {
        Ok(mut result) => {
            if is_modern {
                result["resultType"] = "complete".into();
                result["_meta"] = json!({ "io.modelcontextprotocol/serverInfo": server });
            }
            HttpResponse::Ok().json(json!({ "jsonrpc": "2.0", "id": id, "result": result }))
        }
        Err(error) if is_modern && error["code"] == -32_601 => {
            failure(StatusCode::NOT_FOUND, id, &error)
        }
        Err(error) => failure(StatusCode::OK, id, &error),
    })
}

/// There is no stream to `GET`, and no session to `DELETE`; without a token not even that is told.
#[route("/mcp", method = "GET", method = "DELETE")]
#[requires_scope("notes:read")]
async fn nothing_else() -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .insert_header((ALLOW, "POST"))
        .finish()
}

/// Whether the request speaks the modern revision, or the error that it gets. Headers repeat
/// what the body says, so that a proxy need not read it. They must agree: else a proxy would permit
/// one call, and this server would run another.
fn check_revision(request: &HttpRequest, message: &Message) -> Result<bool, Value> {
    const VERSION: &str = "MCP-Protocol-Version";
    let known = [&[MODERN], &LEGACY[..]].concat();
    let stated = header(request, VERSION);
    if let Some(unknown) = stated.filter(|stated| !known.contains(stated)) {
        let mut error = error(-32_022, "unsupported protocol version");
        error["data"] = json!({ "supported": known, "requested": unknown });
        return Err(error);
    }
    let meta = &message.params["_meta"];
    let version = &meta["io.modelcontextprotocol/protocolVersion"];
    // Of a notification, the modern revision says nothing yet.
    if message.id.is_null() || (version.is_null() && stated != Some(MODERN)) {
        return Ok(false);
    }
    if version.is_null() || !meta["io.modelcontextprotocol/clientCapabilities"].is_object() {
        return Err(error(-32_602, "`_meta` lacks what every request must say"));
    }
    let name = message.params["name"].as_str();
    let is_same = stated == version.as_str()
        && header(request, "Mcp-Method") == Some(&message.method)
        && (message.method != "tools/call"
            || header(request, "Mcp-Name").and_then(decode) == name.map(Into::into));
    if is_same && version == MODERN {
        Ok(true)
    } else {
        Err(error(-32_020, "headers and body differ"))
    }
}

/// A header's value. Sent twice it is empty, which agrees with no body: a proxy may take either.
fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let mut lines = request.headers().get_all(name);
    let line = lines.next()?.to_str().unwrap_or_default();
    Some(if lines.next().is_none() { line } else { "" })
}

/// Transports, "Value Encoding": what cannot stand in a header is sent in Base64.
fn decode(value: &str) -> Option<Cow<'_, str>> {
    let encoded = value
        .strip_prefix("=?base64?")
        .and_then(|rest| rest.strip_suffix("?="));
    match encoded {
        Some(encoded) => String::from_utf8(STANDARD.decode(encoded).ok()?)
            .ok()
            .map(Cow::Owned),
        None => Some(value.into()),
    }
}

/// What the caller may call. A cache that others share must not keep it.
fn list(caller: &Authenticated) -> Value {
    let allowed = tools().into_iter().filter(|tool| {
        let mut scopes = tool.scopes.iter();
        scopes.all(|scope| caller.has_scope(scope))
    });
    let described = allowed.map(|tool| {
        json!({ "name": tool.name, "description": tool.description, "inputSchema": tool.input })
    });
    json!({ "tools": described.collect::<Vec<_>>(), "ttlMs": 60_000, "cacheScope": "private" })
}

/// Which tool is called stands in the body, so what it needs is decided here.
fn call(
    request: &HttpRequest,
    caller: &Authenticated,
    notes: &Notes,
    parameters: &Value,
) -> Result<Result<Value, Value>, Denial> {
    let Some(tool) = tools()
        .into_iter()
        .find(|tool| parameters["name"] == tool.name)
    else {
        return Ok(Err(error(-32_602, "unknown tool")));
    };
    caller.require_scopes(request, tool.scopes)?;
    let mut held = notes.0.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(
        match (tool.name, parameters["arguments"]["text"].as_str()) {
            ("list_notes", _) => Ok(content(&held.join("\n"))),
            ("add_note", Some(text)) => {
                held.push(text.to_owned());
                Ok(content("added"))
            }
            _ => Err(error(-32_602, "`text` is missing")),
        },
    )
}

fn content(text: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }] })
}

fn error(code: i32, message: &str) -> Value {
    json!({ "code": code, "message": message })
}

fn failure(status: StatusCode, id: &Value, error: &Value) -> HttpResponse {
    HttpResponse::build(status).json(json!({ "jsonrpc": "2.0", "id": id, "error": error }))
}

/// Transports, "Security": a page of another origin must not reach a local server by a changed
/// name. Before authentication, and without a challenge.
pub async fn check_origin(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let mut origins = request.headers().get_all(ORIGIN);
    let is_known = origins.all(|origin| ORIGINS.iter().any(|known| origin == known));
    if is_known {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let body = json!({ "jsonrpc": "2.0", "error": error(-32_600, "this origin is not allowed") });
    Ok(request.into_response(HttpResponse::Forbidden().json(body)))
}

/// Lets pages of the admitted origins send a token, and read what a challenge says.
pub fn cors() -> Cors {
    let cors = Cors::default()
        .allowed_methods(["GET", "POST"])
        .allowed_headers(["Authorization", "Content-Type"])
        .allowed_headers(["MCP-Protocol-Version", "Mcp-Method", "Mcp-Name"])
        .expose_headers(["WWW-Authenticate"])
        .max_age(600);
    ORIGINS
        .iter()
        .fold(cors, |cors, origin| cors.allowed_origin(origin))
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
            .wrap(cors())
            // Outside: it answers first.
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
