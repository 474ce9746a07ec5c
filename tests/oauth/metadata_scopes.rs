//! RFC 9728 `scopes_supported`: collected from what the handlers ask for.

use actix_web::get;
use auth_runtime::ConfigurationError;
use auth_runtime::oauth::{ResourceMetadata, ResourceMetadataError};
use auth_runtime::prelude::*;
use serde_json::{Value, json};

use crate::support::{answer, get};

/// The handlers of one resource.
mod files {
    use super::*;

    #[get("/files")]
    #[requires_scope(any("files:write", "files:read"))]
    pub(super) async fn list() -> &'static str {
        "ok"
    }

    // Mounted nowhere, and without a route of its own: it counts all the same.
    #[allow(dead_code)]
    #[requires(all(role("editor"), any(scope("files:publish"), not(scope("files:guest")))))]
    async fn publish() -> &'static str {
        "ok"
    }

    #[allow(dead_code)]
    #[requires_scope("files:secret", hide)]
    async fn hidden() -> &'static str {
        "ok"
    }

    #[allow(dead_code)]
    #[requires_scope(all("files:read", "offline_access"))]
    async fn refresh() -> &'static str {
        "ok"
    }

    pub(super) mod trash {
        use super::*;

        #[allow(dead_code)]
        #[requires(not(not(scope("files:restore"))))]
        async fn restore() -> &'static str {
            "ok"
        }
    }
}

/// Those of another, whose name begins as that of the first.
mod files_of_others {
    use super::*;

    #[get("/others")]
    #[requires_scope("others:read")]
    pub(super) async fn list() -> &'static str {
        "ok"
    }
}

fn metadata(path: &str) -> ResourceMetadata {
    ResourceMetadata::new(format!("https://h{path}")).authorization_server("https://as.example")
}

fn build(metadata: ResourceMetadata) -> Result<Auth, ConfigurationError> {
    Auth::builder()
        .realm("files")
        .scheme(Bearer::sync(|_: Secret<'_>| None::<Principal>))
        .resource_metadata(metadata)
        .build()
}

async fn published(metadata: ResourceMetadata) -> Value {
    let auth = build(metadata).unwrap();
    let path = "/.well-known/oauth-protected-resource";
    let answer = answer!(auth, [auth.resource_metadata_service()], get(path));
    assert_eq!(answer.status, 200);
    answer.json()["scopes_supported"].clone()
}

#[actix_web::test]
async fn prm_06_and_10_what_the_handlers_ask_for_is_listed_each_once_in_order() {
    let here = || metadata("").scopes_of_handlers_in(module_path!());
    let found = published(here()).await;
    assert_eq!(
        found,
        json!([
            "files:publish",
            "files:read",
            "files:restore",
            "files:write",
            "others:read"
        ])
    );
    assert_eq!(published(here()).await, found);
}

#[actix_web::test]
async fn prm_06_without_a_setting_every_handler_of_the_binary_counts() {
    let found = published(metadata("")).await;
    let found: Vec<&str> = found
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    // Of this file, of another, of an example.
    for scope in ["files:publish", "files:list", "notes:read"] {
        assert!(found.contains(&scope), "{found:?}");
    }
    for scope in ["files:guest", "files:secret", "offline_access"] {
        assert!(!found.contains(&scope), "{found:?}");
    }
    assert!(found.is_sorted());
    let mut once = found.clone();
    once.dedup();
    assert_eq!(once, found);
}

#[actix_web::test]
async fn prm_06_two_resources_of_one_app_list_their_own() {
    let of = |path: &str, module: &str| {
        let module = format!("{}::{module}", module_path!());
        build(metadata(path).at_root(false).scopes_of_handlers_in(module)).unwrap()
    };
    let (files, others) = (of("/files", "files"), of("/others", "files_of_others"));
    for (path, scopes) in [
        (
            "/files",
            json!([
                "files:publish",
                "files:read",
                "files:restore",
                "files:write"
            ]),
        ),
        ("/others", json!(["others:read"])),
    ] {
        let path = format!("/.well-known/oauth-protected-resource{path}");
        let answer = answer!(
            files,
            [
                files.resource_metadata_service(),
                others.resource_metadata_service(),
                files::list,
                files_of_others::list
            ],
            get(&path)
        );
        assert_eq!(answer.json()["scopes_supported"], scopes);
    }
}

#[actix_web::test]
async fn prm_10_a_list_of_the_apps_own_discloses_nothing_else() {
    let listed = metadata("").scopes_supported(["files:write", "files:read", "files:write"]);
    assert_eq!(
        published(listed.clone()).await,
        json!(["files:write", "files:read"])
    );
    assert_eq!(
        published(listed.more_scopes(["x", "files:read"])).await,
        json!(["files:write", "files:read", "x"])
    );
    assert_eq!(
        published(metadata("").scopes_supported([""; 0])).await,
        Value::Null
    );
    let nowhere = metadata("").scopes_of_handlers_in("no::such::module");
    assert_eq!(published(nowhere.clone()).await, Value::Null);
    assert_eq!(published(nowhere.more_scopes(["x"])).await, json!(["x"]));
}

#[test]
fn mcp_05_an_added_scope_is_checked_as_a_listed_one() {
    for scope in ["offline_access", "", "a b"] {
        let error = build(metadata("").more_scopes([scope])).unwrap_err();
        let wrong = ResourceMetadataError::Scope(scope.to_owned());
        assert_eq!(error, ConfigurationError::ResourceMetadata(wrong));
    }
}
