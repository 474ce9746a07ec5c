//! What the document says of refusals, and that it never says less than there is.

use std::time::SystemTime;

use actix_web::http::header;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, Responder, web};
use auth_runtime::model::HandlerName;
use auth_runtime::model::NamedPart;
use auth_runtime::model::{Access, Requirement};
use auth_runtime::prelude::*;
use auth_runtime::review::openapi::{DocumentSecurity, OperationSecurity};
use auth_runtime::testing::TestRequestExt as _;
use serde_json::{Value, json};
use utoipa::{Modify as _, OpenApi};

use super::{auth, bearer_only, oauth2};

#[utoipa::path(post, path = "/transfer", responses((status = 200, description = "It is")))]
#[requires(all(max_age("15m"), acr("urn:mfa")))]
async fn transfer() -> &'static str {
    "transferred"
}

#[utoipa::path(post, path = "/recent", responses((status = 200, description = "It is")))]
#[requires(all(not(max_age("1h")), role("admin")))]
async fn recent() -> &'static str {
    "not recent"
}

#[utoipa::path(post, path = "/checked", responses((status = 200, description = "It is")))]
#[requires(any(policy(is_open), check(|name: &web::Path<String>| name.len() < 9)))]
async fn checked(name: web::Path<String>) -> impl Responder {
    name.into_inner()
}

async fn is_open() -> Decision {
    Decision::deny("closed")
}

#[utoipa::path(get, path = "/secret", responses((status = 200, description = "It is")))]
#[requires_role("admin", hide)]
async fn secret() -> &'static str {
    "secret"
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Refusals", version = "1"),
    paths(transfer, recent, checked, secret)
)]
struct Document;

fn registered(auth: &Auth) -> DocumentSecurity {
    DocumentSecurity::new(auth).operations([
        OperationSecurity::of_handler(&transfer),
        OperationSecurity::of_handler(&recent),
        OperationSecurity::of_handler(&checked),
        OperationSecurity::of_handler(&secret),
    ])
}

fn document(security: &DocumentSecurity) -> Value {
    let mut document = Document::openapi();
    security.modify(&mut document);
    serde_json::to_value(document).unwrap()
}

fn description<'a>(document: &'a Value, path: &str, status: &str) -> &'a str {
    let response = &document["paths"][path]["post"]["responses"][status];
    response["description"].as_str().unwrap_or("none")
}

#[actix_web::test]
async fn oas_05_a_step_up_is_documented_as_it_is_answered() {
    let document = document(&registered(&auth()));
    let app = App::new()
        .app_data(auth())
        .route("/transfer", web::post().to(transfer));
    let app = init_service(app).await;
    let stale = Principal::new("ada").with_authenticated_at(SystemTime::UNIX_EPOCH);
    let request = TestRequest::post().uri("/transfer");
    let response = call_service(&app, request.principal_by("Bearer", stale).to_request()).await;
    assert_eq!(response.status(), 401);
    let challenge = response.headers().get(header::WWW_AUTHENTICATE).unwrap();
    assert!(
        challenge
            .to_str()
            .unwrap()
            .contains("insufficient_user_authentication")
    );
    let body: Value = serde_json::from_slice(&read_body(response).await).unwrap();
    let schema = &document["components"]["schemas"]["AuthProblem"];
    let schema = jsonschema::validator_for(schema).unwrap();
    assert!(schema.is_valid(&body), "{body}");

    assert_eq!(
        description(&document, "/transfer", "401"),
        "Unauthenticated, or the credentials are not valid. Or the authentication is too old or \
         too weak: `insufficient_user_authentication`, with `max_age` or `acr_values` to say what \
         is asked for (RFC 9470 §3)."
    );
    // Nothing else is asked for, so that nobody is ever told 403.
    assert_eq!(description(&document, "/transfer", "403"), "none");
    // No authentication would help here.
    assert_eq!(
        description(&document, "/recent", "401"),
        "Unauthenticated, or the credentials are not valid."
    );
}

#[test]
fn oas_05_a_403_says_what_is_asked_for() {
    let document_of = |security| document(&security);
    let whole = document_of(registered(&auth()));
    assert_eq!(
        description(&whole, "/recent", "403"),
        "Authenticated but not authorized. What is asked for: `all(not(max_age(\"1h\")), \
         role(\"admin\"))`."
    );
    let of_checked = description(&whole, "/checked", "403");
    for part in [
        "policy(is_open)",
        "depends on what the request is for",
        "decided after that was read",
    ] {
        assert!(of_checked.contains(part), "{of_checked}");
    }
    let without = document_of(registered(&auth()).without_texts()).to_string();
    for name in ["is_open", "max_age(", "admin\\\")"] {
        assert!(!without.contains(name), "{name}: {without}");
    }
}

#[test]
fn hidden_handlers_can_be_left_out_of_the_document() {
    assert!(document(&registered(&auth()))["paths"]["/secret"].is_object());
    let without = document(&registered(&auth()).without_hidden());
    assert!(!without.to_string().contains("secret"), "{without}");
    assert!(without["paths"]["/transfer"]["post"].is_object());
}

#[test]
fn an_app_that_challenges_every_403_says_so() {
    let auth = Auth::builder()
        .realm("test")
        .scheme(Bearer::sync(|_: Secret<'_>| None::<Principal>))
        .challenge_every_bearer_403(true)
        .build()
        .unwrap();
    let document = document(&registered(&auth));
    let refusal = &document["paths"]["/recent"]["post"]["responses"]["403"];
    assert!(refusal["headers"]["WWW-Authenticate"].is_object());
}

/// The security of `/transfer` if this were asked for.
pub(super) fn security_of(security: DocumentSecurity, requirement: Requirement) -> Value {
    let name = HandlerName::new("app::transfer", "", 1, 1);
    let operation = OperationSecurity::new(name, Access::requires(requirement), false);
    document(&security.operation(operation))["paths"]["/transfer"]["post"]["security"].clone()
}

#[test]
fn too_many_alternatives_still_say_what_each_of_them_has() {
    const PAIR: Requirement = Requirement::any(&[Requirement::role("a"), Requirement::role("b")]);
    const MANY: Requirement = Requirement::all(&[
        PAIR,
        PAIR,
        PAIR,
        PAIR,
        PAIR,
        PAIR,
        PAIR,
        Requirement::scope("s"),
        Requirement::role("r"),
        Requirement::not(&Requirement::scheme("Basic")),
    ]);
    assert_eq!(
        security_of(DocumentSecurity::new(&auth()), MANY),
        json!([{"Bearer": ["r"]}, {"ApiKey": ["r"]}])
    );
    let of_tokens = DocumentSecurity::new(&bearer_only()).scheme("Bearer", oauth2());
    assert_eq!(security_of(of_tokens, MANY), json!([{"Bearer": ["s"]}]));
}

/// A named requirement that asks is a node of its own in the tree.
#[test]
fn what_is_needed_inside_of_a_named_requirement_is_said() {
    const INSIDE: Requirement = Requirement::all(&[
        Requirement::scope("s"),
        Requirement::role("r"),
        Requirement::policy("p", 0),
    ]);
    const PART: NamedPart = NamedPart {
        name: "publishes",
        arguments: "id",
        requirement: &INSIDE,
        first: 0,
        count: 1,
    };
    const NAMED: Requirement = Requirement::named(PART);
    for (named, flat) in [
        (NAMED, INSIDE),
        (Requirement::not(&NAMED), Requirement::not(&INSIDE)),
    ] {
        for auth in [auth(), bearer_only()] {
            let security = || DocumentSecurity::new(&auth).scheme("Bearer", oauth2());
            assert_eq!(
                security_of(security(), named),
                security_of(security(), flat)
            );
        }
    }
    let of_tokens = DocumentSecurity::new(&bearer_only()).scheme("Bearer", oauth2());
    assert_eq!(security_of(of_tokens, NAMED), json!([{"Bearer": ["s"]}]));
}
