//! Handlers of one name: an operation has the decision of its own handler, or an error says what to
//! write.

use actix_web::App;
use actix_web::http::Method;
use auth_runtime::review::openapi::{
    DocumentProblem, DocumentSecurity, OperationSecurity, UnmatchedCause,
};
use auth_runtime::review::{self, RecordKind};
use serde_json::{Value, json};
use utoipa::OpenApi;
use utoipa_actix_web::AppExt as _;

use super::{bearer_only, missing, security};

/// The usual handlers of a resource, for a role; the attribute below `#[utoipa::path]`.
macro_rules! resource {
    ($module:ident, $path:literal, $one:literal, $role:literal) => {
        mod $module {
            use auth_runtime::prelude::*;
            #[utoipa::path(get, path = $path, responses((status = 200, description = "It is")))]
            #[requires_role($role)]
            pub(super) async fn index() -> &'static str {
                "index"
            }
            #[utoipa::path(get, path = $one, responses((status = 200, description = "It is")))]
            #[requires_role($role)]
            pub(super) async fn show() -> &'static str {
                "show"
            }
            #[utoipa::path(put, path = $one, responses((status = 200, description = "It is")))]
            #[requires_role($role)]
            pub(super) async fn update() -> &'static str {
                "update"
            }
            #[utoipa::path(delete, path = $one, responses((status = 200, description = "It is")))]
            #[requires_role($role)]
            pub(super) async fn delete() -> &'static str {
                "delete"
            }
        }
    };
}

resource!(users, "/users", "/users/{id}", "operator");
resource!(tags, "/tags", "/tags/{id}", "librarian");

/// Every pair of method and path, and what is listed of it.
fn roles(document: &Value) -> Vec<(String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let mut all = Vec::new();
    for (path, item) in paths {
        for method in item.as_object().unwrap().keys() {
            let roles = security(document, method, path)[0]["Bearer"].clone();
            all.push((format!("{method} {path}"), roles));
        }
    }
    all
}

#[test]
fn handlers_of_one_name_are_told_apart_by_their_modules() {
    #[derive(OpenApi)]
    #[openapi(
        info(title = "Resources", version = "1"),
        paths(
            users::index,
            users::show,
            users::update,
            users::delete,
            tags::index,
            tags::show,
            tags::update,
            tags::delete
        )
    )]
    struct Resources;

    let _ = (users::index, users::show, users::update, users::delete);
    let _ = (tags::index, tags::show, tags::update, tags::delete);
    let mut document = Resources::openapi();
    assert_eq!(
        DocumentSecurity::registered(&bearer_only()).apply(&mut document),
        Ok(())
    );
    let document = serde_json::to_value(document).unwrap();
    let found = roles(&document);
    assert_eq!(found.len(), 8);
    for (operation, roles) in found {
        let role = if operation.contains("users") {
            "operator"
        } else {
            "librarian"
        };
        assert_eq!(roles, json!([role]), "{operation}");
    }
}

/// Whatever the tags, and also where there are none: the attribute above marks its operation.
mod marked {
    pub(super) mod books {
        use actix_web::get;
        use auth_runtime::prelude::*;
        #[requires_role("reader")]
        #[utoipa::path(tag = "marked", responses((status = 200, description = "It is")))]
        #[get("")]
        pub async fn index() -> &'static str {
            "books"
        }
    }
    #[auth_runtime::requires_role("writer")]
    pub(super) mod drafts {
        use actix_web::get;
        #[utoipa::path(
            operation_id = "drafts",
            extensions(("x-own" = json!("kept"))),
            responses((status = 200, description = "It is"))
        )]
        #[get("")]
        pub async fn index() -> &'static str {
            "drafts"
        }
    }
}

#[actix_web::test]
async fn an_attribute_above_marks_its_operation_and_the_mark_is_taken_away() {
    use utoipa_actix_web::scope;
    let (_app, mut document) = App::new()
        .into_utoipa_app()
        .service(scope("/books").service(marked::books::index))
        .service(scope("/drafts").service(marked::drafts::index))
        .split_for_parts();
    assert!(
        serde_json::to_string(&document)
            .unwrap()
            .contains("x-auth-handler")
    );
    assert_eq!(
        DocumentSecurity::registered(&bearer_only()).apply(&mut document),
        Ok(())
    );
    let document = serde_json::to_value(document).unwrap();
    assert_eq!(
        roles(&document),
        [
            ("get /books".to_owned(), json!(["reader"])),
            ("get /drafts".to_owned(), json!(["writer"])),
        ]
    );
    let drafts = &document["paths"]["/drafts"]["get"];
    assert_eq!(
        (&drafts["x-own"], &drafts["operationId"]),
        (&json!("kept"), &json!("drafts"))
    );
    assert!(!document.to_string().contains("x-auth-handler"));
}

/// Handlers with a decision that are in no document, and handlers without one that are: of the same
/// name, method and path.
mod decided {
    use actix_web::get;
    use auth_runtime::prelude::*;
    #[requires_role("admin")]
    #[utoipa::path(responses((status = 200, description = "It is")))]
    #[get("/list")]
    pub async fn above() -> &'static str {
        "decided"
    }
    #[utoipa::path(responses((status = 200, description = "It is")))]
    #[get("/list")]
    #[requires_role("admin")]
    pub async fn below() -> &'static str {
        "decided"
    }
    #[requires_role("admin")]
    #[get("/list")]
    pub async fn undocumented() -> &'static str {
        "decided"
    }
}
mod forgotten {
    use actix_web::get;
    #[utoipa::path(responses((status = 200, description = "It is")))]
    #[get("/list")]
    pub async fn above() -> &'static str {
        "forgotten"
    }
    #[utoipa::path(responses((status = 200, description = "It is")))]
    #[get("/list")]
    pub async fn below() -> &'static str {
        "forgotten"
    }
    #[utoipa::path(responses((status = 200, description = "It is")))]
    #[get("/list")]
    pub async fn undocumented() -> &'static str {
        "forgotten"
    }
}

#[test]
fn an_unprotected_operation_never_takes_the_decision_of_another_handler() {
    #[derive(OpenApi)]
    #[openapi(info(title = "a", version = "1"), paths(forgotten::above))]
    struct Above;
    #[derive(OpenApi)]
    #[openapi(info(title = "a", version = "1"), paths(forgotten::below))]
    struct Below;
    #[derive(OpenApi)]
    #[openapi(info(title = "a", version = "1"), paths(forgotten::undocumented))]
    struct Undocumented;
    mod untagged {
        use super::forgotten::__path_below;
        #[derive(utoipa::OpenApi)]
        #[openapi(info(title = "a", version = "1"), paths(below))]
        pub(super) struct Document;
    }

    let _ = (decided::above, decided::below, decided::undocumented);
    let _ = (forgotten::above, forgotten::below, forgotten::undocumented);
    for mut document in [
        Above::openapi(),
        Below::openapi(),
        Undocumented::openapi(),
        untagged::Document::openapi(),
    ] {
        let applied = DocumentSecurity::registered(&bearer_only()).apply(&mut document);
        assert!(matches!(
            applied.as_ref().unwrap_err().problems.as_slice(),
            [DocumentProblem::Unmatched {
                cause: UnmatchedCause::NotProven,
                ..
            }]
        ));
        assert_eq!(missing(applied), ["GET /list"]);
        let operation = document.paths.paths["/list"].get.as_ref().unwrap();
        assert!(operation.security.is_none());
    }
}

/// Two that fit, and decide differently.
mod double {
    pub(super) mod one {
        pub(in super::super) mod things {
            use auth_runtime::prelude::*;
            #[utoipa::path(get, path = "/things", responses((status = 200, description = "It is")))]
            #[requires_role("one")]
            pub async fn list() -> &'static str {
                "one"
            }
        }
    }
    pub(super) mod two {
        pub(in super::super) mod things {
            use auth_runtime::prelude::*;
            #[requires_role("two")]
            pub async fn list() -> &'static str {
                "two"
            }
        }
    }
}

#[test]
fn what_cannot_be_told_names_the_candidates_and_the_line_to_write() {
    use double::one::things;
    #[derive(OpenApi)]
    #[openapi(info(title = "a", version = "1"), paths(things::list))]
    struct Things;

    let _ = (things::list, double::two::things::list);
    let registered = || DocumentSecurity::registered(&bearer_only());
    let error = registered().apply(&mut Things::openapi()).unwrap_err();
    let text: String = error
        .to_string()
        .lines()
        .map(|line| match line.find(" (tests/") {
            // Where it stands.
            Some(place) => format!("{}\n", &line[..place]),
            None => format!("{line}\n"),
        })
        .collect();
    assert_eq!(
        text,
        "`GET /things`: handlers that decide differently have the name of this operation\n    \
         `whole::openapi::matching::double::one::things::list`\n    \
         `whole::openapi::matching::double::two::things::list`\n  \
         = help: say whose operation it is: \
         `.at(\"whole::openapi::matching::double::one::things::list\", Method::GET, \"/things\")`, or \
         `.at(\"whole::openapi::matching::double::two::things::list\", Method::GET, \"/things\")`\n"
    );
    let mut document = Things::openapi();
    let path = "whole::openapi::matching::double::one::things::list";
    let told = registered().at(path, Method::GET, "/things");
    assert_eq!(told.apply(&mut document), Ok(()));
    let document = serde_json::to_value(document).unwrap();
    assert_eq!(
        security(&document, "get", "/things"),
        json!([{"Bearer": ["one"]}])
    );

    let misspelt = registered().at("whole::lits", Method::GET, "/things");
    let told = missing(misspelt.apply(&mut Things::openapi()));
    assert_eq!(told, ["handler `whole::lits`", "GET /things"]);
}

#[test]
fn a_mount_point_is_no_operation() {
    let _mount = auth_runtime::require!(role("admin"));
    let records = review::records().iter();
    let points: Vec<_> = records
        .filter(|record| record.kind == RecordKind::MountPoint)
        .collect();
    assert!(!points.is_empty());
    for point in points {
        assert_eq!(OperationSecurity::of_record(point), []);
    }
}
