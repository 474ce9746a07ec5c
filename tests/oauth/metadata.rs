//! RFC 9728: the metadata of the protected resource, and where clients are told of it.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use actix_web::{App, HttpServer, get, post};
use auth_runtime::ConfigurationError;
use auth_runtime::oauth::{ResourceMetadata, ResourceMetadataError};
use auth_runtime::prelude::*;

use crate::support::{NOW, answer, at, get, parameters, with_token};

#[get("/mcp")]
#[requires_scope(all("files:read", "files:list"))]
async fn files() -> &'static str {
    "ok"
}

#[get("/admin")]
#[requires_role("admin")]
async fn admin() -> &'static str {
    "ok"
}

#[post("/refresh")]
#[requires_scope(all("files:read", "offline_access"))]
async fn refresh() -> &'static str {
    "ok"
}

#[get("/recent")]
#[requires(all(max_age("5m"), scope("files:read")))]
async fn recent() -> &'static str {
    "ok"
}

fn metadata() -> ResourceMetadata {
    ResourceMetadata::new("https://api.example.com/mcp")
        .authorization_server("https://login.example.com")
        .authorization_server("https://login.example.com/second")
        .scopes_supported(["files:read", "files:write", "files:read"])
        .name("Files")
        .documentation("https://docs.example.com/files")
        .parameter("jwks_uri", "https://api.example.com/jwks")
        .max_age(60)
}

fn principal(token: &str) -> Option<Principal> {
    match token {
        "none" => Some(Principal::new("ada")),
        "read" => Some(Principal::new("ada").scope("files:read")),
        "both" => Some(
            Principal::new("ada")
                .scope("files:read")
                .scope("files:list"),
        ),
        _ => None,
    }
}

fn auth_with(metadata: ResourceMetadata) -> Auth {
    Auth::builder()
        .realm("files")
        .scheme(Bearer::sync(|token: Secret<'_>| principal(token.expose())))
        .resource_metadata(metadata)
        .challenge_scopes(true)
        .clock(|| at(NOW))
        .build()
        .unwrap()
}

fn auth() -> Auth {
    auth_with(metadata())
}

const PATH: &str = "/.well-known/oauth-protected-resource/mcp";
const URL: &str = "https://api.example.com/.well-known/oauth-protected-resource/mcp";

fn value<'a>(found: &'a [(String, String)], name: &str) -> Option<&'a str> {
    found
        .iter()
        .find(|(held, _)| held == name)
        .map(|(_, value)| value.as_str())
}

#[actix_web::test]
async fn prm_02_the_document_is_json_for_anyone() {
    let auth = auth();
    let answer = answer!(auth, [auth.resource_metadata_service(), files], get(PATH));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("Content-Type"), Some("application/json"));
    assert!(answer.challenges().is_empty());
    assert_eq!(
        answer.json(),
        serde_json::json!({
            "resource": "https://api.example.com/mcp",
            "authorization_servers": ["https://login.example.com", "https://login.example.com/second"],
            "scopes_supported": ["files:read", "files:write"],
            "bearer_methods_supported": ["header"],
            "resource_name": "Files",
            "resource_documentation": "https://docs.example.com/files",
            "jwks_uri": "https://api.example.com/jwks",
        })
    );
}

#[actix_web::test]
async fn prm_02_credentials_that_would_be_refused_elsewhere_do_no_harm() {
    let auth = auth();
    let request = with_token(get(PATH), "nonsense");
    let answer = answer!(auth, [auth.resource_metadata_service()], request);
    assert_eq!(answer.status, 200);
}

#[actix_web::test]
async fn prm_04_the_identifier_is_published_as_it_was_configured() {
    for resource in [
        "https://api.example.com",
        "https://api.example.com/",
        "https://api.example.com/a/",
    ] {
        let auth =
            auth_with(ResourceMetadata::new(resource).authorization_server("https://as.example"));
        let challenge = answer!(auth, [files], get("/mcp"));
        let found = parameters(challenge.challenges()[0]);
        let url = value(&found, "resource_metadata").unwrap();
        let path = url.strip_prefix("https://api.example.com").unwrap();
        let answer = answer!(auth, [auth.resource_metadata_service()], get(path));
        assert_eq!(answer.status, 200, "{resource}");
        assert_eq!(answer.json()["resource"], resource);
    }
}

#[actix_web::test]
async fn prm_04_a_query_is_part_of_the_address() {
    let metadata =
        ResourceMetadata::new("https://h/t?x=1").authorization_server("https://as.example");
    let auth = auth_with(metadata);
    let path = "/.well-known/oauth-protected-resource/t";
    for (uri, status) in [
        (format!("{path}?x=1"), 200),
        (format!("{path}?x=2"), 404),
        (path.to_owned(), 404),
    ] {
        let answer = answer!(auth, [auth.resource_metadata_service()], get(&uri));
        assert_eq!(answer.status, status, "{uri}");
    }
}

#[actix_web::test]
async fn prm_04_an_identifier_with_percent_encoding_is_found_as_it_is_written() {
    let resource = "https://api.example.com/caf%C3%A9/a%2Fb%7Bx%7D";
    let metadata = ResourceMetadata::new(resource)
        .authorization_server("https://login.example.com")
        .at_root(false);
    let auth = auth_with(metadata);
    let service = || auth.resource_metadata_service();
    let root = "/.well-known/oauth-protected-resource";
    let found = answer!(
        auth,
        [service()],
        get(&format!("{root}/caf%C3%A9/a%2Fb%7Bx%7D"))
    );
    assert_eq!(found.status, 200);
    assert_eq!(found.json()["resource"], resource);
    for other in [
        "/caf%C3%A9/a/b%7Bx%7D",
        "/caf%c3%a9/a%2Fb%7Bx%7D",
        "/cafe/a%2Fb%7Bx%7D",
        "/caf",
        "",
    ] {
        let answer = answer!(auth, [service()], get(&format!("{root}{other}")));
        assert_eq!(answer.status, 404, "{other}");
    }
}

#[actix_web::test]
async fn prm_05_what_is_not_set_is_not_there() {
    let metadata = ResourceMetadata::new("https://h")
        .authorization_server("https://as.example")
        .scopes_supported([""; 0]);
    let auth = auth_with(metadata);
    let path = "/.well-known/oauth-protected-resource";
    let answer = answer!(auth, [auth.resource_metadata_service()], get(path));
    assert_eq!(
        answer.json(),
        serde_json::json!({
            "resource": "https://h",
            "authorization_servers": ["https://as.example"],
            "bearer_methods_supported": ["header"],
        })
    );
}

#[actix_web::test]
async fn prm_06_bearer_methods_are_those_there_are() {
    let auth = Auth::builder()
        .realm("files")
        .scheme(ApiKey::sync("X-Api-Key", |_: Secret<'_>| None::<Principal>))
        .resource_metadata(metadata())
        .build()
        .unwrap();
    let answer = answer!(auth, [auth.resource_metadata_service()], get(PATH));
    assert_eq!(
        answer.json()["bearer_methods_supported"],
        serde_json::Value::Null
    );
}

#[actix_web::test]
async fn prm_07_and_mcp_01_the_challenge_leads_to_the_document() {
    for request in [get("/mcp"), with_token(get("/mcp"), "nonsense")] {
        let answer = answer!(auth(), [files], request);
        assert_eq!(answer.status, 401);
        let found = parameters(answer.challenges()[0]);
        assert_eq!(value(&found, "resource_metadata"), Some(URL));
    }
    // From a real server, over a real connection, without credentials.
    let auth = auth();
    let server_auth = auth.clone();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(server_auth.clone())
            .service(server_auth.resource_metadata_service())
    })
    .workers(1)
    .disable_signals()
    .bind(("127.0.0.1", 0))
    .unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    let text = actix_web::rt::task::spawn_blocking(move || {
        use std::io::{Read as _, Write as _};
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        write!(
            stream,
            "GET {PATH} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    })
    .await
    .unwrap();
    handle.stop(false).await;
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
    assert!(
        text.contains("\"resource\":\"https://api.example.com/mcp\""),
        "{text}"
    );
    assert!(!text.contains("evil"), "{text}");
}

#[actix_web::test]
async fn mcp_01_the_document_is_at_the_path_and_then_at_the_root() {
    let auth = auth();
    let root = "/.well-known/oauth-protected-resource";
    let answer = answer!(auth, [auth.resource_metadata_service()], get(root));
    assert_eq!(
        (answer.status.as_u16(), answer.json()["resource"].as_str()),
        (200, Some("https://api.example.com/mcp"))
    );
    let alone = auth_with(metadata().at_root(false));
    let answer = answer!(alone, [alone.resource_metadata_service()], get(root));
    assert_eq!(answer.status, 404);
}

#[actix_web::test]
async fn mcp_02_a_401_says_which_scopes_to_ask_for() {
    let answer = answer!(auth(), [files], get("/mcp"));
    assert_eq!(
        answer.challenges(),
        [format!(
            "Bearer realm=\"files\", scope=\"files:read files:list\", resource_metadata=\"{URL}\""
        )]
    );
    let none = answer!(auth(), [admin], get("/admin"));
    assert_eq!(
        none.challenges(),
        [format!(
            "Bearer realm=\"files\", resource_metadata=\"{URL}\""
        )]
    );
}

#[actix_web::test]
async fn scopes_are_told_to_strangers_only_where_the_app_says_so() {
    let auth = Auth::builder()
        .realm("files")
        .scheme(Bearer::sync(|_: Secret<'_>| None::<Principal>))
        .build()
        .unwrap();
    let answer = answer!(auth, [files], get("/mcp"));
    assert_eq!(answer.challenges(), ["Bearer realm=\"files\""]);
}

#[actix_web::test]
async fn mcp_04_a_missing_scope_names_all_scopes_and_the_metadata() {
    let answer = answer!(auth(), [files], with_token(get("/mcp"), "read"));
    assert_eq!(answer.status, 403);
    let found = parameters(answer.challenges()[0]);
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            ("realm", "files"),
            ("error", "insufficient_scope"),
            ("scope", "files:read files:list"),
            ("resource_metadata", URL),
            ("error_description", "The token lacks a required scope"),
        ]
    );
}

#[actix_web::test]
async fn mcp_05_offline_access_is_never_asked_for() {
    let answer = answer!(auth(), [refresh], TestRequest::post().uri("/refresh"));
    let found = parameters(answer.challenges()[0]);
    assert_eq!(value(&found, "scope"), Some("files:read"));
    let request = with_token(TestRequest::post().uri("/refresh"), "none");
    let answer = answer!(auth(), [refresh], request);
    assert_eq!(answer.status, 403);
    assert!(!answer.challenges()[0].contains("offline_access"));
}

#[actix_web::test]
async fn mcp_06_the_status_says_what_is_wrong_with_the_token() {
    let twice = get("/mcp")
        .append_header(("Authorization", "Bearer both"))
        .append_header(("Authorization", "Bearer both"));
    for (request, status, error) in [
        (
            with_token(get("/mcp"), "other-audience"),
            401,
            Some("invalid_token"),
        ),
        (twice, 400, Some("invalid_request")),
        (get("/mcp"), 401, None),
    ] {
        let answer = answer!(auth(), [files], request);
        assert_eq!(answer.status, status);
        assert_eq!(value(&parameters(answer.challenges()[0]), "error"), error);
    }
}

#[actix_web::test]
async fn mcp_07_a_token_in_the_query_is_no_token() {
    let answer = answer!(auth(), [files], get("/mcp?access_token=both"));
    assert_eq!(answer.status, 401);
    assert_eq!(value(&parameters(answer.challenges()[0]), "error"), None);
}

#[actix_web::test]
async fn mcp_07_every_request_is_judged_by_itself() {
    let auth = auth();
    let app = actix_web::test::init_service(App::new().app_data(auth).service(files)).await;
    for (token, status) in [("both", 200), ("nonsense", 401), ("both", 200)] {
        let request = with_token(get("/mcp"), token).to_request();
        let response = actix_web::test::call_service(&app, request).await;
        assert_eq!(response.status(), status);
    }
}

#[actix_web::test]
async fn mcp_09_a_missing_role_never_looks_like_a_missing_scope() {
    let answer = answer!(auth(), [admin], with_token(get("/admin"), "both"));
    assert_eq!(answer.status, 403);
    assert!(answer.challenges().is_empty());
    let literal = Auth::builder()
        .realm("files")
        .scheme(Bearer::sync(|token: Secret<'_>| principal(token.expose())))
        .resource_metadata(metadata())
        .challenge_scopes(true)
        .challenge_every_bearer_403(true)
        .build()
        .unwrap();
    let answer = answer!(literal, [admin], with_token(get("/admin"), "both"));
    assert_eq!(answer.challenges(), ["Bearer realm=\"files\""]);
}

#[actix_web::test]
async fn a_step_up_names_the_metadata_too_and_the_description_stands_last() {
    let answer = answer!(auth(), [recent], with_token(get("/recent"), "none"));
    assert_eq!(answer.status, 401);
    let names: Vec<String> = parameters(answer.challenges()[0])
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        names,
        [
            "realm",
            "error",
            "scope",
            "resource_metadata",
            "max_age",
            "error_description"
        ]
    );
}

#[actix_web::test]
async fn prm_08_and_09_it_may_be_kept_and_read_by_every_origin() {
    let auth = auth();
    let request = get(PATH).insert_header(("Origin", "https://client.example"));
    let answer = answer!(auth, [auth.resource_metadata_service()], request);
    assert_eq!(answer.header("Cache-Control"), Some("public, max-age=60"));
    assert_eq!(answer.header("Access-Control-Allow-Origin"), Some("*"));
    assert_eq!(answer.header("Access-Control-Allow-Credentials"), None);
}

#[actix_web::test]
async fn cors_05_a_preflight_of_the_metadata_needs_nothing() {
    let auth = auth();
    let request = TestRequest::default()
        .method(Method::OPTIONS)
        .uri(PATH)
        .insert_header(("Origin", "https://client.example"))
        .insert_header(("Access-Control-Request-Method", "GET"))
        .insert_header(("Access-Control-Request-Headers", "mcp-protocol-version"));
    let answer = answer!(auth, [auth.resource_metadata_service()], request);
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("Access-Control-Allow-Origin"), Some("*"));
    assert_eq!(
        answer.header("Access-Control-Allow-Methods"),
        Some("GET, HEAD")
    );
    assert_eq!(answer.header("Access-Control-Allow-Headers"), Some("*"));
    assert!(answer.body.is_empty());
}

#[actix_web::test]
async fn head_is_answered_like_get_and_the_others_are_not_allowed() {
    let auth = auth();
    let head = TestRequest::default().method(Method::HEAD).uri(PATH);
    let answer = answer!(auth, [auth.resource_metadata_service()], head);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("Content-Type"), Some("application/json"));
    assert!(answer.body.is_empty());
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::TRACE] {
        let request = TestRequest::default().method(method).uri(PATH);
        let answer = answer!(auth, [auth.resource_metadata_service()], request);
        assert_eq!(answer.status, 405);
        assert_eq!(answer.header("Allow"), Some("GET, HEAD, OPTIONS"));
    }
}

#[actix_web::test]
async fn prm_11_the_host_of_the_request_changes_nothing() {
    let evil = || {
        get("/mcp")
            .insert_header(("Host", "evil.example"))
            .insert_header(("X-Forwarded-Host", "evil.example"))
            .insert_header(("Forwarded", "host=evil.example"))
    };
    let answer = answer!(auth(), [files], evil());
    assert_eq!(
        value(&parameters(answer.challenges()[0]), "resource_metadata"),
        Some(URL)
    );
}

#[actix_web::test]
async fn a_blocked_network_reads_nothing() {
    let auth = Auth::builder()
        .realm("files")
        .scheme(Bearer::sync(|_: Secret<'_>| None::<Principal>))
        .resource_metadata(metadata())
        .deny_networks(["192.0.2.0/24"])
        .build()
        .unwrap();
    for (peer, status) in [("192.0.2.7:1", 403), ("198.51.100.7:1", 200)] {
        let request = get(PATH).peer_addr(peer.parse().unwrap());
        let answer = answer!(auth, [auth.resource_metadata_service()], request);
        assert_eq!(answer.status, status, "{peer}");
        assert!(answer.challenges().is_empty());
    }
}

#[actix_web::test]
async fn without_metadata_there_is_no_service_and_no_parameter() {
    let auth = Auth::builder()
        .realm("files")
        .scheme(Bearer::sync(|_: Secret<'_>| None::<Principal>))
        .build()
        .unwrap();
    let answer = answer!(auth, [auth.resource_metadata_service(), files], get(PATH));
    assert_eq!(answer.status, 404);
    let answer = answer!(auth, [files], get("/mcp"));
    assert_eq!(answer.challenges(), ["Bearer realm=\"files\""]);
}

#[test]
fn metadata_that_cannot_be_published_is_a_configuration_error() {
    let error = Auth::builder()
        .realm("files")
        .scheme(Bearer::sync(|_: Secret<'_>| None::<Principal>))
        .resource_metadata(ResourceMetadata::new("http://api.example.com"))
        .build()
        .unwrap_err();
    let wrong = ResourceMetadataError::Resource("http://api.example.com".into());
    assert_eq!(error, ConfigurationError::ResourceMetadata(wrong));
    assert!(error.to_string().contains("RFC 9728"), "{error}");
}
