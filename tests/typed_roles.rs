//! Role types: hierarchy, grants and names, over HTTP and by themselves.

use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, HttpResponse, get, web};
use auth_runtime::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Role)]
enum Role {
    #[role(implies(Editor, Auditor))]
    Admin,
    #[role(implies(Author), grants("articles:*"))]
    Editor,
    #[role(grants("articles:create"))]
    Author,
    #[role(name = "audit", grants("reports:read"))]
    Auditor,
}

#[get("/author")]
#[requires_role(Role::Author)]
async fn author() -> &'static str {
    "author"
}

#[get("/audit")]
#[requires(any(role(Role::Auditor), role("inspector")))]
async fn audit() -> &'static str {
    "audit"
}

#[get("/by-name")]
#[requires_role("author")]
async fn by_name() -> &'static str {
    "by name"
}

#[get("/no-editor")]
#[requires_role(not(Role::Editor))]
async fn no_editor() -> &'static str {
    "no editor"
}

#[get("/delete")]
#[requires_permission("articles:delete")]
async fn delete() -> &'static str {
    "deleted"
}

#[deny_by_default(requires(role(super::Role::Admin)))]
mod administration {
    #[actix_web::get("/users")]
    pub async fn users() -> &'static str {
        "users"
    }
}

#[get("/asks/{role}")]
#[requires_auth]
async fn asks(caller: Authenticated, role: web::Path<String>) -> HttpResponse {
    if caller.has_role(&role) {
        HttpResponse::Ok().finish()
    } else {
        HttpResponse::NoContent().finish()
    }
}

/// Every token is the name of a role.
fn auth(grants: bool) -> Auth {
    let builder = Auth::builder()
        .realm("roles")
        .scheme(Bearer::sync(|token: Secret<'_>| {
            Some(Principal::new("p").role(token.expose()))
        }));
    let builder = if grants {
        builder.roles::<Role>()
    } else {
        builder
    };
    builder.build().unwrap()
}

async fn status(auth: Auth, role: &str, path: &str) -> StatusCode {
    let app = App::new()
        .app_data(auth)
        .service(author)
        .service(audit)
        .service(by_name)
        .service(no_editor)
        .service(asks)
        .service(delete)
        .service(administration::users);
    let request = TestRequest::get()
        .uri(path)
        .insert_header(("authorization", format!("Bearer {role}")));
    call_service(&init_service(app).await, request.to_request())
        .await
        .status()
}

#[actix_web::test]
async fn a_role_is_met_by_itself_and_by_all_that_imply_it_and_by_no_other() {
    for (path, met_by) in [
        ("/author", &["admin", "editor", "author"][..]),
        ("/audit", &["admin", "audit", "inspector"]),
        ("/by-name", &["author"]),
        (
            "/no-editor",
            &["author", "audit", "inspector", "Admin", "auditor"],
        ),
        ("/users", &["admin"]),
    ] {
        for role in [
            "admin",
            "editor",
            "author",
            "audit",
            "inspector",
            "Admin",
            "auditor",
        ] {
            let expected = if met_by.contains(&role) { 200 } else { 403 };
            assert_eq!(
                status(auth(true), role, path).await,
                expected,
                "{role} at {path}"
            );
        }
    }
}

/// As `has_scope` and `has_permission` do. A requirement by name still asks for that very name.
#[actix_web::test]
async fn a_handler_that_asks_for_a_role_is_told_of_those_that_imply_it() {
    for (held, asked, expected) in [
        ("admin", "admin", true),
        ("admin", "author", true),
        ("admin", "audit", true),
        ("editor", "author", true),
        ("author", "editor", false),
        ("audit", "author", false),
        ("editor", "admin", false),
        // No roles of the type, and so nothing but themselves.
        ("inspector", "inspector", true),
        ("inspector", "audit", false),
        ("Admin", "author", false),
        ("admin", "inspector", false),
        ("admin", "Author", false),
    ] {
        let path = format!("/asks/{asked}");
        let told = if expected { 200 } else { 204 };
        assert_eq!(
            status(auth(true), held, &path).await,
            told,
            "{held}: {asked}"
        );
        let told = if held == asked { 200 } else { 204 };
        let without = status(auth(false), held, &path).await;
        assert_eq!(without, told, "{held}: {asked}, without the role type");
    }
}

#[actix_web::test]
async fn what_a_role_grants_takes_effect_where_the_configuration_says_so() {
    for (role, expected) in [
        ("admin", 200),
        ("editor", 200),
        ("author", 403),
        ("audit", 403),
    ] {
        assert_eq!(
            status(auth(true), role, "/delete").await,
            expected,
            "{role}"
        );
        assert_eq!(
            status(auth(false), role, "/delete").await,
            403,
            "{role}, without grants"
        );
    }
}

#[test]
fn names_are_kebab_case_or_as_written_and_go_both_ways() {
    for (role, name) in [
        (Role::Admin, "admin"),
        (Role::Editor, "editor"),
        (Role::Author, "author"),
        (Role::Auditor, "audit"),
    ] {
        assert_eq!(role.to_string(), name);
        assert_eq!(name.parse(), Ok(role));
        assert_eq!(String::from(role), name);
        assert_eq!(serde_json::to_value(role).unwrap(), name);
        assert_eq!(serde_json::from_value::<Role>(name.into()).unwrap(), role);
    }
    for near in ["Admin", "auditor", "admin ", "", "ADMIN"] {
        let error = near.parse::<Role>().unwrap_err();
        assert_eq!(error.expected, ["admin", "editor", "author", "audit"]);
        assert!(
            serde_json::from_value::<Role>(near.into()).is_err(),
            "{near:?}"
        );
    }
    assert!(serde_json::from_value::<Role>(serde_json::json!(1)).is_err());
}

#[test]
fn a_principal_holds_typed_roles_by_name() {
    let principal = Principal::new("p").roles([Role::Admin, Role::Auditor]);
    assert_eq!(
        principal.role_names().collect::<Vec<_>>(),
        ["admin", "audit"]
    );
}
