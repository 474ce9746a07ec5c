//! The OpenAPI document: what it says of an operation is what the handler does.

use actix_web::http::Method;
use actix_web::{Responder, get, post, web};
use auth_runtime::model::HandlerName;
use auth_runtime::model::{Access, Requirement};
use auth_runtime::prelude::*;
use auth_runtime::review;
use auth_runtime::review::openapi::{
    DocumentError, DocumentProblem, DocumentSecurity, OperationSecurity,
};
use serde_json::{Value, json};
use utoipa::openapi::security::{
    ClientCredentials, Flow, Http, HttpAuthScheme, OAuth2, OpenIdConnect, Scopes, SecurityScheme,
};
use utoipa::{Modify as _, OpenApi};

mod against_the_app;
mod exactness;
mod matching;
mod refusals;

#[utoipa::path(get, path = "/health", responses((status = 200, description = "It is")))]
#[public(reason = "load balancer probe")]
async fn health() -> &'static str {
    "ok"
}

#[utoipa::path(get, path = "/greeting", responses((status = 200, description = "It is")))]
#[public(reason = "for everyone, and by name for some")]
async fn greeting(_: MaybeAuthenticated) -> &'static str {
    "hello"
}

#[utoipa::path(get, path = "/me", responses((status = 200, description = "It is")))]
#[requires_auth]
async fn me() -> &'static str {
    "me"
}

// Above, with a parameter that utoipa reads from the signature.
#[requires_role(any("admin", "editor"))]
#[utoipa::path(get, path = "/articles/{id}", responses((status = 200, description = "It is")))]
async fn article(id: web::Path<u64>) -> impl Responder {
    id.to_string()
}

// Below, likewise.
#[utoipa::path(put, path = "/articles/{id}", responses((status = 200, description = "It is"), (status = 401, description = "our own")))]
#[requires(all(scope("articles:write"), any(role("editor"), policy(is_author))))]
async fn replace(id: web::Path<u64>) -> impl Responder {
    id.to_string()
}

async fn is_author() -> Decision {
    Decision::allow()
}

#[utoipa::path(delete, path = "/articles/{id}", responses((status = 200, description = "It is")))]
#[requires(all(scope("articles:write"), scope("articles:delete"), role("admin")))]
async fn delete(id: web::Path<u64>) -> impl Responder {
    id.to_string()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Role)]
enum Role {
    #[role(implies(Clerk))]
    Head,
    Clerk,
}

#[utoipa::path(get, path = "/typed", responses((status = 200, description = "It is")))]
#[requires_role(Role::Clerk)]
async fn typed() -> &'static str {
    "typed"
}

#[utoipa::path(get, path = "/machine", responses((status = 200, description = "It is")))]
#[requires(any(scheme(ApiKey), all(scheme(Bearer), role("admin"))))]
async fn machine() -> &'static str {
    "machine"
}

#[utoipa::path(get, path = "/not-basic", responses((status = 200, description = "It is")))]
#[requires(not(scheme(Basic)))]
async fn not_basic() -> &'static str {
    "not basic"
}

#[utoipa::path(get, path = "/hidden", responses((status = 200, description = "It is")))]
#[requires_role("admin", hide)]
async fn hidden() -> &'static str {
    "hidden"
}

#[utoipa::path(get, path = "/forgotten", responses((status = 200, description = "It is")))]
async fn forgotten() -> &'static str {
    "forgotten"
}

/// Below a route attribute and `#[utoipa::path]`, where the handler is no function any more.
#[utoipa::path(path = "/routed/{id}", responses((status = 200, description = "It is")))]
#[post("/routed/{id}")]
#[requires_permission("articles:edit")]
async fn routed(id: web::Path<u64>) -> impl Responder {
    id.to_string()
}

#[requires_role("admin")]
#[utoipa::path(path = "/routed", responses((status = 200, description = "It is")))]
#[get("/routed")]
async fn routed_below() -> &'static str {
    "routed"
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Articles", version = "1"),
    paths(
        health,
        greeting,
        me,
        article,
        replace,
        delete,
        machine,
        typed,
        not_basic,
        hidden,
        forgotten,
        routed,
        routed_below
    )
)]
struct Document;

fn auth() -> Auth {
    Auth::builder()
        .realm("test")
        .scheme(Bearer::sync(|_: Secret<'_>| None::<Principal>))
        .scheme(Basic::sync(
            |_: String, _: Secret<'static>| None::<Principal>,
        ))
        .scheme(ApiKey::sync("X-Api-Key", |_: Secret<'_>| None::<Principal>))
        .build()
        .unwrap()
}

fn bearer_only() -> Auth {
    Auth::builder()
        .realm("test")
        .scheme(Bearer::sync(|_: Secret<'_>| None::<Principal>))
        .build()
        .unwrap()
}

fn operations() -> Vec<OperationSecurity> {
    vec![
        OperationSecurity::of_handler(&health),
        OperationSecurity::of_handler(&greeting),
        OperationSecurity::of_handler(&me),
        OperationSecurity::of_handler(&article).at(Method::GET, "/articles/{id}"),
        OperationSecurity::of_handler(&replace).at(Method::PUT, "/articles/{id}"),
        OperationSecurity::of_handler(&delete).at(Method::DELETE, "/articles/{id}"),
        OperationSecurity::of_handler(&machine),
        OperationSecurity::of_handler(&typed),
        OperationSecurity::of_handler(&not_basic),
        OperationSecurity::of_handler(&hidden),
        // Its constants stand inside what `#[post]` makes of it.
        OperationSecurity::new(
            HandlerName::new("whole::openapi::routed", file!(), 1, 1),
            Access::requires(Requirement::permission("articles:edit")),
            false,
        ),
        OperationSecurity::of::<__auth_routed_below>(),
    ]
}

/// What the error names.
fn missing(applied: Result<(), DocumentError>) -> Vec<String> {
    let Err(error) = applied else {
        return Vec::new();
    };
    let name = |problem: &DocumentProblem| match problem {
        DocumentProblem::UnknownScheme(name) => format!("scheme `{name}`"),
        DocumentProblem::UnknownHandler(path) => format!("handler `{path}`"),
        DocumentProblem::Unmatched { method, path, .. } => format!("{method} {path}"),
        other => unreachable!("{other}"),
    };
    error.problems.iter().map(name).collect()
}

fn document(security: DocumentSecurity) -> Value {
    let mut document = Document::openapi();
    security.operations(operations()).modify(&mut document);
    serde_json::to_value(document).unwrap()
}

fn whole() -> Value {
    document(DocumentSecurity::new(&auth()))
}

fn security(document: &Value, method: &str, path: &str) -> Value {
    document["paths"][path][method]["security"].clone()
}

#[test]
fn public_operations_have_an_empty_list() {
    assert_eq!(security(&whole(), "get", "/health"), json!([]));
    let text = &whole()["paths"]["/health"]["get"]["x-requirement"];
    assert_eq!(text, "public");
}

#[test]
fn oas_02_optional_authentication_has_an_empty_object() {
    let expected = json!([{}, {"Bearer": []}, {"Basic": []}, {"ApiKey": []}]);
    assert_eq!(security(&whole(), "get", "/greeting"), expected);
    let by_hand = OperationSecurity::of_handler(&health)
        .optional()
        .at(Method::GET, "/health");
    let document = document(DocumentSecurity::new(&auth()).operation(by_hand));
    assert_eq!(security(&document, "get", "/health"), expected);
}

#[test]
fn oas_01_schemes_of_which_any_will_do_are_objects_of_their_own() {
    let expected = json!([{"Bearer": []}, {"Basic": []}, {"ApiKey": []}]);
    assert_eq!(security(&whole(), "get", "/me"), expected);
}

#[test]
fn oas_01_schemes_that_belong_together_are_one_object() {
    const PAIR: Requirement = Requirement::any(&[Requirement::role("a"), Requirement::role("b")]);
    const MANY: Requirement = Requirement::all(&[PAIR, PAIR, PAIR, PAIR, PAIR, PAIR, PAIR, PAIR]);
    const BOTH: Requirement =
        Requirement::all(&[Requirement::scheme("Bearer"), Requirement::scheme("ApiKey")]);
    let name = HandlerName::new("app::forgotten", "", 1, 1);
    let security_of = |requirement| {
        let operation = OperationSecurity::new(name, Access::requires(requirement), false);
        let modifier = DocumentSecurity::new(&auth()).operation(operation);
        security(&document(modifier), "get", "/forgotten")
    };
    assert_eq!(security_of(BOTH), json!([{"Bearer": [], "ApiKey": []}]));
    // Nobody can be granted, and the document does not say that anybody is.
    let all_at_once = json!([{"Bearer": [], "Basic": [], "ApiKey": []}]);
    for impossible in [
        Requirement::any(&[]),
        Requirement::all(&[]),
        Requirement::scheme("Unknown"),
        Requirement::not(&Requirement::AUTHENTICATED),
    ] {
        assert_eq!(security_of(impossible), all_at_once, "{impossible}");
    }
    // 2^8 alternatives are not written out.
    let all = json!([{"Bearer": []}, {"Basic": []}, {"ApiKey": []}]);
    assert_eq!(security_of(MANY), all);
}

#[test]
fn oas_03_roles_stand_in_the_lists_of_schemes_without_scopes() {
    let document = document(DocumentSecurity::new(&bearer_only()));
    assert_eq!(
        security(&document, "get", "/articles/{id}"),
        json!([{"Bearer": ["admin"]}, {"Bearer": ["editor"]}])
    );
    assert_eq!(
        security(&document, "delete", "/articles/{id}"),
        json!([{"Bearer": ["admin"]}]),
        "a scope is no role"
    );
    assert_eq!(
        security(&document, "get", "/typed"),
        json!([{"Bearer": ["clerk"]}])
    );
}

fn oauth2() -> SecurityScheme {
    let scopes = Scopes::from_iter([("articles:write", "w"), ("articles:delete", "d")]);
    let flow = ClientCredentials::new("https://id.example/token", scopes);
    SecurityScheme::OAuth2(OAuth2::new([Flow::ClientCredentials(flow)]))
}

#[test]
fn oas_03_scopes_stand_in_the_lists_of_oauth2_and_openid_connect() {
    let oidc = OpenIdConnect::new("https://id.example/.well-known/openid-configuration");
    for scheme in [oauth2(), SecurityScheme::OpenIdConnect(oidc)] {
        let document = document(DocumentSecurity::new(&bearer_only()).scheme("Bearer", scheme));
        assert_eq!(
            security(&document, "delete", "/articles/{id}"),
            json!([{"Bearer": ["articles:write", "articles:delete"]}])
        );
        assert_eq!(
            security(&document, "put", "/articles/{id}"),
            json!([{"Bearer": ["articles:write"]}]),
            "both alternatives ask for the same scope"
        );
    }
}

#[test]
fn oas_06_scopes_of_which_one_will_do_are_objects_of_their_own() {
    const EITHER: Requirement =
        Requirement::any(&[Requirement::scope("a"), Requirement::scope("b")]);
    let name = HandlerName::new("forgotten", "", 1, 1);
    let document = document(
        DocumentSecurity::new(&bearer_only())
            .scheme("Bearer", oauth2())
            .operation(OperationSecurity::new(
                name,
                Access::requires(EITHER),
                false,
            )),
    );
    assert_eq!(
        security(&document, "get", "/forgotten"),
        json!([{"Bearer": ["a"]}, {"Bearer": ["b"]}])
    );
}

#[test]
fn named_and_excluded_schemes_are_the_ones_listed() {
    let document = whole();
    assert_eq!(
        security(&document, "get", "/machine"),
        json!([{"ApiKey": []}, {"Bearer": ["admin"]}])
    );
    assert_eq!(
        security(&document, "get", "/not-basic"),
        json!([{"Bearer": []}, {"ApiKey": []}])
    );
}

#[test]
fn handlers_are_found_whatever_the_order_of_the_attributes() {
    let document = document(DocumentSecurity::new(&bearer_only()));
    for (method, path, text) in [
        (
            "get",
            "/articles/{id}",
            r#"any(role("admin"), role("editor"))"#,
        ),
        (
            "put",
            "/articles/{id}",
            r#"all(scope("articles:write"), any(role("editor"), policy(is_author)))"#,
        ),
        ("post", "/routed/{id}", r#"permission("articles:edit")"#),
        ("get", "/routed", r#"role("admin")"#),
    ] {
        let operation = &document["paths"][path][method];
        assert_eq!(operation["x-requirement"], text, "{method} {path}");
    }
    // The parameters that utoipa reads from the signature are still there.
    for (method, path) in [
        ("get", "/articles/{id}"),
        ("put", "/articles/{id}"),
        ("post", "/routed/{id}"),
    ] {
        let name = &document["paths"][path][method]["parameters"][0]["name"];
        assert_eq!(name, "id", "{method} {path}");
    }
}

#[test]
fn an_operation_without_a_decision_is_told() {
    let mut document = Document::openapi();
    let security = DocumentSecurity::new(&auth()).operations(operations());
    assert_eq!(missing(security.apply(&mut document)), ["GET /forgotten"]);
    let misspelt = security.scheme("Bearr", oauth2());
    let told = missing(misspelt.apply(&mut document));
    assert_eq!(told, ["scheme `Bearr`", "GET /forgotten"]);
    let operation = document.paths.paths["/forgotten"].get.as_ref().unwrap();
    assert!(operation.security.is_none());
}

#[test]
fn an_operation_inside_a_mount_point_has_its_decision() {
    let inside = require!(role("auditor"));
    let security_of_it = OperationSecurity::of_mount_point(inside);
    let with_mount = DocumentSecurity::new(&bearer_only())
        .operations(operations())
        .operation(security_of_it.at(Method::GET, "/forgotten"));
    let mut applied = Document::openapi();
    assert!(with_mount.apply(&mut applied).is_ok());
    let applied = serde_json::to_value(applied).unwrap();
    assert_eq!(
        security(&applied, "get", "/forgotten"),
        json!([{ "Bearer": ["auditor"] }])
    );
    assert_eq!(
        applied["paths"]["/forgotten"]["get"]["x-requirement"],
        r#"role("auditor")"#
    );
}

#[test]
fn of_two_handlers_of_one_name_neither_is_guessed() {
    mod other {
        use auth_runtime::prelude::*;
        #[public(reason = "another one")]
        pub(super) async fn me() -> &'static str {
            "me"
        }
    }
    let mut document = Document::openapi();
    let security = DocumentSecurity::new(&auth())
        .operations(operations())
        .operation(OperationSecurity::of_handler(&other::me));
    let told = missing(security.apply(&mut document));
    assert_eq!(told, ["GET /forgotten", "GET /me"]);
    let security = security.operation(OperationSecurity::of_handler(&me).at(Method::GET, "/me"));
    assert_eq!(missing(security.apply(&mut document)), ["GET /forgotten"]);
}

#[test]
fn a_record_of_a_route_is_found_below_the_prefix_of_its_scope() {
    let record = review::records()
        .iter()
        .find(|record| record.handler.path == "whole::openapi::routed_below")
        .unwrap();
    for (path, is_found) in [("/api/routed", true), ("/api/other", false)] {
        let mut document = Document::openapi();
        let mut item = document.paths.paths.remove("/routed").unwrap();
        // As if the attribute stood below `#[utoipa::path]`, and the operation in `paths(openapi::..)`.
        let operation = item.get.as_mut().unwrap();
        operation.extensions = None;
        operation.tags = Some(vec!["openapi".to_owned()]);
        document.paths.paths.insert(path.to_owned(), item);
        let unknown = DocumentSecurity::new(&auth())
            .operations(OperationSecurity::of_record(record))
            .apply(&mut document);
        let unknown = missing(unknown);
        let is_told = unknown.contains(&format!("GET {path}"));
        assert_eq!(!is_told, is_found, "{path}");
    }
}

#[test]
fn oas_04_schemes_are_what_the_configuration_has() {
    let schemes = whole()["components"]["securitySchemes"].clone();
    assert_eq!(
        schemes,
        json!({
            "Bearer": {"type": "http", "scheme": "bearer"},
            "Basic": {"type": "http", "scheme": "basic"},
            "ApiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"},
        })
    );
    let mut jwt = Http::new(HttpAuthScheme::Bearer);
    jwt.bearer_format = Some("JWT".to_owned());
    let document =
        document(DocumentSecurity::new(&auth()).scheme("Bearer", SecurityScheme::Http(jwt)));
    let bearer = &document["components"]["securitySchemes"]["Bearer"];
    assert_eq!(
        *bearer,
        json!({"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    );
}

#[test]
fn oas_05_refusals_are_documented() {
    let document = whole();
    let statuses = |method: &str, path: &str| -> Vec<String> {
        let responses = document["paths"][path][method]["responses"]
            .as_object()
            .unwrap();
        responses.keys().cloned().collect()
    };
    assert_eq!(statuses("get", "/health"), ["200"]);
    assert_eq!(statuses("get", "/greeting"), ["200", "400", "401", "503"]);
    assert_eq!(statuses("get", "/me"), ["200", "400", "401", "503"]);
    assert_eq!(
        statuses("get", "/articles/{id}"),
        ["200", "400", "401", "403", "503"]
    );
    assert_eq!(
        statuses("get", "/hidden"),
        ["200"],
        "it would tell that it is there"
    );
    let articles = &document["paths"]["/articles/{id}"];
    let unauthenticated = &articles["get"]["responses"]["401"];
    assert_eq!(
        unauthenticated["headers"]["WWW-Authenticate"]["schema"]["type"],
        "string"
    );
    assert_eq!(
        unauthenticated["content"]["application/problem+json"]["schema"]["$ref"],
        "#/components/schemas/AuthProblem"
    );
    assert!(articles["get"]["responses"]["403"].get("headers").is_none());
    let with_scope = &articles["delete"]["responses"]["403"]["headers"];
    assert!(with_scope.get("WWW-Authenticate").is_some());
    let own = &articles["put"]["responses"]["401"];
    assert_eq!(own["description"], "our own");
    assert!(own["headers"].get("WWW-Authenticate").is_some());
}

#[test]
fn what_is_not_wanted_can_be_left_out() {
    let document = document(
        DocumentSecurity::new(&auth())
            .without_problems()
            .without_texts(),
    );
    let text = document.to_string();
    assert!(!text.contains("AuthProblem") && !text.contains("x-requirement"));
    assert!(text.contains("WWW-Authenticate"));
}

#[test]
fn the_registry_gives_the_same_document() {
    // Their attributes stand below `#[utoipa::path]`, and they are in no module of their own.
    let below = [
        (Method::GET, "/health", "health"),
        (Method::GET, "/greeting", "greeting"),
        (Method::GET, "/me", "me"),
        (Method::PUT, "/articles/{id}", "replace"),
        (Method::DELETE, "/articles/{id}", "delete"),
        (Method::GET, "/machine", "machine"),
        (Method::GET, "/typed", "typed"),
        (Method::GET, "/not-basic", "not_basic"),
        (Method::GET, "/hidden", "hidden"),
        (Method::POST, "/routed/{id}", "routed"),
    ];
    let registered = DocumentSecurity::registered(&auth());
    let untold = missing(registered.apply(&mut Document::openapi()));
    for (method, path, _) in &below {
        assert!(
            untold.contains(&format!("{method} {path}")),
            "{method} {path}"
        );
    }
    assert_eq!(untold.len(), below.len() + 1, "{untold:?}");

    let registered = below
        .into_iter()
        .fold(registered, |security, (method, path, name)| {
            security.at(&format!("whole::openapi::{name}"), method, path)
        });
    let mut from_registry = Document::openapi();
    assert_eq!(
        missing(registered.apply(&mut from_registry)),
        ["GET /forgotten"]
    );
    assert_eq!(serde_json::to_value(from_registry).unwrap(), whole());
}

/// A record knows the path of its attribute and not that of the scope around it: it does not
/// speak for whatever else has that path.
#[test]
fn a_record_of_a_route_does_not_speak_for_another_operation() {
    mod administration {
        use auth_runtime::prelude::*;
        #[requires_role("admin")]
        #[actix_web::get("/forgotten")]
        pub(super) async fn purge() -> &'static str {
            "mounted in a scope, at /admin/forgotten"
        }
    }
    let _ = administration::purge;
    let mut document = Document::openapi();
    let records = review::records().iter();
    let purge = records.filter(|record| record.name() == "purge");
    let security = DocumentSecurity::new(&auth())
        .operations(operations())
        .operations(purge.flat_map(|record| OperationSecurity::of_record(record)));
    assert_eq!(missing(security.apply(&mut document)), ["GET /forgotten"]);
}
