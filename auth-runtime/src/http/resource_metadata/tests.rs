//! The document and its address.

use serde_json::{Map, Value};

use super::*;

fn published(resource: &str) -> Result<PublishedMetadata, ResourceMetadataError> {
    ResourceMetadata::new(resource)
        .authorization_server("https://as.example")
        .publish(true, std::iter::empty())
}

#[test]
fn prm_01_the_well_known_path_stands_behind_the_host() {
    for (resource, url) in [
        (
            "https://h",
            "https://h/.well-known/oauth-protected-resource",
        ),
        (
            "https://h/",
            "https://h/.well-known/oauth-protected-resource",
        ),
        (
            "https://h/mcp",
            "https://h/.well-known/oauth-protected-resource/mcp",
        ),
        (
            "https://h/a/b/",
            "https://h/.well-known/oauth-protected-resource/a/b/",
        ),
        (
            "https://h/t?x=1",
            "https://h/.well-known/oauth-protected-resource/t?x=1",
        ),
        (
            "https://h/?x=1",
            "https://h/.well-known/oauth-protected-resource?x=1",
        ),
        (
            "https://h:8443/t",
            "https://h:8443/.well-known/oauth-protected-resource/t",
        ),
        (
            "https://[::2]/t",
            "https://[::2]/.well-known/oauth-protected-resource/t",
        ),
        (
            "https://h/caf%C3%A9/a%2Fb?x=%20",
            "https://h/.well-known/oauth-protected-resource/caf%C3%A9/a%2Fb?x=%20",
        ),
        (
            "http://localhost:8080/t",
            "http://localhost:8080/.well-known/oauth-protected-resource/t",
        ),
    ] {
        assert_eq!(published(resource).unwrap().url(), url);
    }
}

#[test]
fn prm_03_what_is_no_identifier_is_refused() {
    for resource in [
        "",
        "h",
        "http://h",
        "ftp://h",
        "https://",
        "https:///t",
        "https://h#f",
        "https://h/t#f",
        "https://u@h/",
        "https://u:p@h/",
        "https://h/\"",
        "https://h/a b",
        "https://h/%",
        "https://h/%4",
        "https://h/%zz",
        "https://h/t?x=%e",
        "https://h/a/../b",
        "https://h/a/%2e%2e/b",
        "https://@h/",
        "https://h/a\\b",
        "https://h/\ta",
        "https://h ",
        "https://h/{x}",
        "https://h/\u{e9}",
        "https://h/t?",
        "https://h:x/",
        "https://h:0/",
        "https://h:99999/",
        "http://localhost.evil.example/",
        "http://127.0.0.1.evil.example/",
        "HTTPS://h/",
    ] {
        let error = published(resource).unwrap_err();
        assert_eq!(error, ResourceMetadataError::Resource(resource.to_owned()));
    }
}

#[test]
fn prm_05_zero_values_are_not_published() {
    let build = |name: &str, value: Value| {
        ResourceMetadata::new("https://h")
            .authorization_server("https://as.example")
            .parameter(name, value)
            .publish(true, std::iter::empty())
            .map(|published| published.document().to_owned())
    };
    for value in [
        Value::Null,
        "".into(),
        Value::Array(vec![]),
        Value::Object(Map::new()),
    ] {
        assert!(build("resource_policy_uri", value).is_err());
    }
    assert!(build("scopes_supported", "x".into()).is_err());
    assert!(build("jwks_uri", "http://h/jwks".into()).is_err());
    assert!(build("jwks_uri", true.into()).is_err());
    for none in ["none", "None"] {
        let algorithms = Value::from(vec!["ES256", none]);
        assert!(build("resource_signing_alg_values_supported", algorithms).is_err());
    }
    let document = build("dpop_bound_access_tokens_required", false.into()).unwrap();
    assert!(!document.contains("scopes_supported"), "{document}");
}

#[test]
fn mcp_05_offline_access_is_no_scope_of_a_resource() {
    for scope in ["offline_access", "", "a b", "a\"b", "\u{e9}"] {
        let error = ResourceMetadata::new("https://h")
            .authorization_server("https://as.example")
            .scopes_supported([scope])
            .publish(true, std::iter::empty())
            .unwrap_err();
        assert_eq!(error, ResourceMetadataError::Scope(scope.to_owned()));
    }
}

#[test]
fn mcp_03_there_is_an_authorization_server() {
    let without = ResourceMetadata::new("https://h")
        .publish(true, std::iter::empty())
        .unwrap_err();
    assert_eq!(without, ResourceMetadataError::NoAuthorizationServer);
    for issuer in [
        "http://as.example",
        "https://as.example?x",
        "https://as.example#x",
        "",
    ] {
        let metadata = ResourceMetadata::new("https://h").authorization_server(issuer);
        assert_eq!(
            metadata.publish(true, std::iter::empty()).unwrap_err(),
            ResourceMetadataError::AuthorizationServer(issuer.to_owned())
        );
    }
}
