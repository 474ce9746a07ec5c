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

    let initialized = post(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    let answer = ask(with_token(initialized, "demo-reader")).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (202, ""));

    let answer = ask(with_token(request("tools/list", &json!({})), "demo-reader")).await;
    let body = answer.json();
    let names: Vec<_> = body["result"]["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| &tool["name"])
        .collect();
    assert_eq!(names, ["list_notes", "add_note"]);

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
            -32_600,
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
