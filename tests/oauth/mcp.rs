//! The example `mcp`, as a client of the Model Context Protocol meets it.

use actix_web::middleware::from_fn;
use actix_web::test::TestRequest;
use actix_web::{App, web};
use serde_json::{Value, json};

use crate::support::{Answer, get, parameters, with_token};

#[path = "../../examples/mcp.rs"]
#[allow(dead_code, unreachable_pub)]
mod example;

const METADATA: &str = "https://api.example.com/.well-known/oauth-protected-resource/mcp";

async fn ask(request: TestRequest) -> Answer {
    let auth = example::configuration("https://api.example.com/mcp").unwrap();
    let app = App::new()
        .app_data(web::Data::new(example::Notes::default()))
        .configure(example::services(&auth))
        .wrap(example::cors())
        .wrap(from_fn(example::check_origin));
    let app = actix_web::test::init_service(app).await;
    Answer::of(actix_web::test::call_service(&app, request.to_request()).await).await
}

fn post(body: &Value) -> TestRequest {
    TestRequest::post()
        .uri("/mcp")
        .insert_header(("Accept", "application/json, text/event-stream"))
        .set_json(body)
}

fn request(method: &str, parameters: &Value) -> TestRequest {
    post(&json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": parameters}))
}

/// A request as the revision of 2026-07-28 has it.
fn modern(method: &str, mut parameters: Value) -> TestRequest {
    parameters["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let request = request(method, &parameters)
        .insert_header(("MCP-Protocol-Version", "2026-07-28"))
        .insert_header(("Mcp-Method", method));
    match parameters["name"].as_str() {
        Some(name) => request.insert_header(("Mcp-Name", name)),
        None => request,
    }
}

fn names(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    let tools = body["result"]["tools"].as_array().unwrap().iter();
    tools
        .map(|tool| tool["name"].as_str().unwrap().to_owned())
        .collect()
}

fn call(tool: &str, arguments: &Value) -> TestRequest {
    request("tools/call", &json!({"name": tool, "arguments": arguments}))
}

#[actix_web::test]
async fn mcp_01_to_03_a_stranger_is_led_to_the_authorization_server() {
    let answer = ask(request("initialize", &json!({}))).await;
    assert_eq!(answer.status, 401);
    assert_eq!(
        answer.challenges(),
        [format!(
            "Bearer realm=\"notes\", scope=\"notes:read\", resource_metadata=\"{METADATA}\""
        )]
    );
    let path = METADATA.strip_prefix("https://api.example.com").unwrap();
    for path in [path, "/.well-known/oauth-protected-resource"] {
        let metadata = ask(get(path)).await;
        assert_eq!(metadata.status, 200);
        assert_eq!(metadata.json()["resource"], "https://api.example.com/mcp");
        assert_eq!(
            metadata.json()["authorization_servers"],
            json!(["https://login.example.com"])
        );
        assert_eq!(
            metadata.json()["scopes_supported"],
            json!(["notes:read", "notes:write"])
        );
    }
}

#[actix_web::test]
async fn the_protocol_is_spoken_with_a_token() {
    let answer = ask(with_token(request("initialize", &json!({})), "demo-reader")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["id"], 7);
    assert_eq!(answer.json()["result"]["protocolVersion"], "2025-11-25");
    let older = request("initialize", &json!({"protocolVersion": "2025-06-18"}));
    let answer = ask(with_token(older, "demo-reader")).await;
    assert_eq!(answer.json()["result"]["protocolVersion"], "2025-06-18");

    let initialized = post(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    let answer = ask(with_token(initialized, "demo-reader")).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (202, ""));

    let answer = ask(with_token(call("list_notes", &json!({})), "demo-reader")).await;
    assert_eq!(
        answer.json()["result"]["content"][0]["text"],
        "Water the plants"
    );
    let answer = ask(with_token(
        call("add_note", &json!({"text": "Hi"})),
        "demo-writer",
    ))
    .await;
    assert_eq!(answer.json()["result"]["content"][0]["text"], "added");
}

#[actix_web::test]
async fn a_caller_is_shown_the_tools_that_it_may_call() {
    for (token, expected) in [
        ("demo-reader", &["list_notes"][..]),
        ("demo-writer", &["list_notes", "add_note"]),
    ] {
        let legacy = ask(with_token(request("tools/list", &json!({})), token)).await;
        assert_eq!(names(&legacy), expected);
        assert_eq!(legacy.json()["result"]["resultType"], Value::Null);
        let answer = ask(with_token(modern("tools/list", json!({})), token)).await;
        assert_eq!(names(&answer), expected);
        assert_eq!(answer.json()["result"]["cacheScope"], "private");
    }
}

#[actix_web::test]
async fn the_revision_of_2026_07_28_needs_no_handshake() {
    let answer = ask(with_token(
        modern("server/discover", json!({})),
        "demo-reader",
    ))
    .await;
    assert_eq!(answer.status, 200);
    let result = &answer.json()["result"];
    assert_eq!(result["supportedVersions"], json!(["2026-07-28"]));
    assert_eq!(result["resultType"], "complete");

    let list = modern("tools/call", json!({"name": "list_notes"}));
    let answer = ask(with_token(list, "demo-reader")).await;
    let result = &answer.json()["result"];
    assert_eq!(result["content"][0]["text"], "Water the plants");
    assert_eq!(result["resultType"], "complete");
    assert_eq!(
        result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"],
        "notes"
    );

    let add = || {
        modern(
            "tools/call",
            json!({"name": "add_note", "arguments": {"text": "Hi"}}),
        )
    };
    let answer = ask(with_token(add(), "demo-reader")).await;
    assert_eq!(answer.status, 403);
    let found = parameters(answer.challenges()[0]);
    assert!(found.contains(&("scope".into(), "notes:read notes:write".into())));
    let encoded = add().insert_header(("Mcp-Name", "=?base64?YWRkX25vdGU=?="));
    assert_eq!(ask(with_token(encoded, "demo-writer")).await.status, 200);

    for removed in ["initialize", "ping", "nothing"] {
        let answer = ask(with_token(modern(removed, json!({})), "demo-reader")).await;
        assert_eq!(answer.status, 404, "{removed}");
        assert_eq!(answer.json()["error"]["code"], -32_601);
    }
    assert_eq!(ask(modern("tools/list", json!({}))).await.status, 401);
}

#[actix_web::test]
async fn headers_that_say_other_than_the_body_are_refused() {
    let add = || {
        modern(
            "tools/call",
            json!({"name": "add_note", "arguments": {"text": "Hi"}}),
        )
    };
    let without_meta = request("tools/list", &json!({}))
        .insert_header(("MCP-Protocol-Version", "2026-07-28"))
        .insert_header(("Mcp-Method", "tools/list"));
    let without_headers = request(
        "tools/list",
        &json!({"_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        }}),
    );
    for (request, code) in [
        (without_meta, -32_602),
        (without_headers, -32_020),
        (
            add().insert_header(("MCP-Protocol-Version", "2025-11-25")),
            -32_020,
        ),
        (add().insert_header(("Mcp-Method", "tools/list")), -32_020),
        (add().insert_header(("Mcp-Name", "list_notes")), -32_020),
        (add().append_header(("Mcp-Name", "add_note")), -32_020),
        (
            add().insert_header(("Mcp-Name", "=?base64?bGlzdF9ub3Rlcw==?=")),
            -32_020,
        ),
        (add().insert_header(("Mcp-Name", "=?base64?%?=")), -32_020),
        (
            add().append_header(("MCP-Protocol-Version", "2026-07-28")),
            -32_022,
        ),
        (
            add().insert_header(("MCP-Protocol-Version", "2027-01-01")),
            -32_022,
        ),
    ] {
        let answer = ask(with_token(request, "demo-writer")).await;
        assert_eq!(answer.status, 400, "{code}");
        assert_eq!(answer.json()["error"]["code"], code);
        assert!(answer.challenges().is_empty());
    }
}

#[actix_web::test]
async fn pages_of_admitted_origins_can_read_challenges() {
    const ORIGIN: (&str, &str) = ("Origin", "http://localhost:6274");
    let preflight = TestRequest::with_uri("/mcp")
        .method(actix_web::http::Method::OPTIONS)
        .insert_header(ORIGIN)
        .insert_header(("Access-Control-Request-Method", "POST"))
        .insert_header((
            "Access-Control-Request-Headers",
            "authorization,content-type,mcp-method,mcp-name,mcp-protocol-version",
        ));
    let answer = ask(preflight).await;
    assert!(answer.status.is_success(), "{}", answer.status);
    assert_eq!(answer.header("Access-Control-Allow-Origin"), Some(ORIGIN.1));
    let allowed = answer.header("Access-Control-Allow-Headers").unwrap();
    assert!(
        allowed.to_lowercase().contains("authorization"),
        "{allowed}"
    );

    let path = METADATA.strip_prefix("https://api.example.com").unwrap();
    for (request, status) in [
        (request("ping", &json!({})), 401),
        (with_token(call("add_note", &json!({})), "demo-reader"), 403),
        (with_token(request("ping", &json!({})), "demo-reader"), 200),
        (get(path), 200),
    ] {
        let answer = ask(request.insert_header(ORIGIN)).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("Access-Control-Allow-Origin"), Some(ORIGIN.1));
        assert_eq!(
            answer.header("Access-Control-Expose-Headers"),
            Some("www-authenticate")
        );
    }
    let evil = TestRequest::with_uri("/mcp")
        .method(actix_web::http::Method::OPTIONS)
        .insert_header(("Origin", "https://evil.example"))
        .insert_header(("Access-Control-Request-Method", "POST"));
    let answer = ask(evil).await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.header("Access-Control-Allow-Origin"), None);
}

#[actix_web::test]
async fn mcp_04_a_tool_that_needs_more_names_all_it_needs() {
    let answer = ask(with_token(
        call("add_note", &json!({"text": "Hi"})),
        "demo-reader",
    ))
    .await;
    assert_eq!(answer.status, 403);
    let found = parameters(answer.challenges()[0]);
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            ("realm", "notes"),
            ("error", "insufficient_scope"),
            ("scope", "notes:read notes:write"),
            ("resource_metadata", METADATA),
            ("error_description", "The token lacks a required scope"),
        ]
    );
    assert_eq!(answer.json()["error"], "insufficient_scope");
    assert_eq!(answer.header("Cache-Control"), Some("no-store"));
}

#[actix_web::test]
async fn mcp_06_a_token_for_another_server_is_refused() {
    let answer = ask(with_token(request("ping", &json!({})), "demo-elsewhere")).await;
    assert_eq!(answer.status, 401);
    let found = parameters(answer.challenges()[0]);
    assert!(found.contains(&("error".into(), "invalid_token".into())));
}

#[actix_web::test]
async fn mcp_08_a_strange_origin_is_refused_before_anything_else() {
    for token in ["demo-reader", "nonsense"] {
        for origin in [
            "https://evil.example",
            "null",
            "http://localhost:6274.evil.example",
        ] {
            let ping = request("ping", &json!({})).insert_header(("Origin", origin));
            let answer = ask(with_token(ping, token)).await;
            assert_eq!(answer.status, 403, "{origin}");
            assert!(answer.challenges().is_empty());
            assert_eq!(answer.json().get("id"), None);
            assert!(answer.json()["error"]["code"].is_number());
        }
    }
    let twice = request("ping", &json!({}))
        .append_header(("Origin", "http://localhost:6274"))
        .append_header(("Origin", "https://evil.example"));
    assert_eq!(ask(with_token(twice, "demo-reader")).await.status, 403);
    let known = request("ping", &json!({})).insert_header(("Origin", "http://localhost:6274"));
    assert_eq!(ask(with_token(known, "demo-reader")).await.status, 200);
}

#[actix_web::test]
async fn what_is_no_message_is_said_to_be_none() {
    let text = |body: &'static str| TestRequest::post().uri("/mcp").set_payload(body);
    for (request, status, code) in [
        (text("{"), 400, -32_700),
        (text("[]"), 400, -32_600),
        (
            request("ping", &json!({})).insert_header(("MCP-Protocol-Version", "1")),
            400,
            -32_022,
        ),
        (request("nothing", &json!({})), 200, -32_601),
        (call("nothing", &json!({})), 200, -32_602),
    ] {
        let answer = ask(with_token(request, "demo-reader")).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.json()["error"]["code"], code);
    }
    // A stranger learns nothing of it: the body is not read.
    assert_eq!(ask(text("{")).await.status, 401);
    assert_eq!(ask(get("/mcp")).await.status, 401);
    let answer = ask(with_token(get("/mcp"), "demo-reader")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("Allow")),
        (405, Some("POST"))
    );
}
