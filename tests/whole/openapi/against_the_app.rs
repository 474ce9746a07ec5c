//! The document as a whole: against the app, another crate's parser, and the one before.

use std::collections::BTreeSet;
use std::path::Path;
use std::{env, fs};

use actix_web::http::{Method, header};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, get, web};
use auth_runtime::prelude::*;
use auth_runtime::review::openapi::{DocumentSecurity, OperationSecurity};
use auth_runtime::testing::TestRequestExt as _;
use serde_json::{Value, json};
use utoipa::OpenApi as _;
use utoipa_actix_web::{AppExt as _, scope};

use super::{
    article, auth, bearer_only, delete, document, forgotten, machine, me, oauth2, routed,
    routed_below, whole,
};

/// What the document says and what the app answers, side by side.
#[actix_web::test]
async fn oas_05_documented_refusals_are_the_ones_that_come() {
    let document = whole();
    let app = App::new()
        .app_data(auth())
        .route("/forgotten", web::get().to(forgotten))
        .route("/me", web::get().to(me))
        .route("/articles/{id}", web::get().to(article))
        .route("/articles/{id}", web::delete().to(delete))
        .route("/machine", web::get().to(machine))
        .service((routed, routed_below));
    let app = init_service(app).await;
    let schema =
        jsonschema::validator_for(&document["components"]["schemas"]["AuthProblem"]).unwrap();
    for (method, path, at) in [
        (Method::GET, "/me", "/me"),
        (Method::GET, "/articles/{id}", "/articles/7"),
        (Method::DELETE, "/articles/{id}", "/articles/7"),
        (Method::GET, "/machine", "/machine"),
        (Method::POST, "/routed/{id}", "/routed/7"),
        (Method::GET, "/routed", "/routed"),
    ] {
        let operation = &document["paths"][path][method.as_str().to_ascii_lowercase()];
        let request = |principal: Option<Principal>| {
            let request = TestRequest::with_uri(at).method(method.clone());
            match principal {
                Some(principal) => request.principal_by("Bearer", principal),
                None => request,
            }
        };
        for principal in [None, Some(Principal::new("rob"))] {
            let response = call_service(&app, request(principal).to_request()).await;
            let status = response.status().as_str().to_owned();
            let documented = &operation["responses"][&status];
            assert!(documented.is_object(), "{method} {path} answers {status}");
            if status == "200" {
                continue;
            }
            let has_header = response.headers().contains_key(header::WWW_AUTHENTICATE);
            let says_header = documented["headers"].get("WWW-Authenticate").is_some();
            assert!(says_header || !has_header, "{method} {path} {status}");
            assert!(has_header || status != "401", "{method} {path} {status}");
            let kind = response
                .headers()
                .get(header::CONTENT_TYPE)
                .unwrap()
                .to_str()
                .unwrap();
            assert!(documented["content"].get(kind).is_some(), "{kind}");
            let body: Value = serde_json::from_slice(&read_body(response).await).unwrap();
            assert!(schema.is_valid(&body), "{body}");
        }
    }
}

/// Credentials that are presented twice, and a verifier that is down.
#[actix_web::test]
async fn oas_05_400_and_503_are_documented_as_they_come() {
    let down = Bearer::new(|_: Secret<'static>| async {
        Err::<Option<Principal>, _>(VerifyError::unavailable())
    });
    let auth = Auth::builder().realm("test").scheme(down).build().unwrap();
    let mut document = super::Document::openapi();
    let security = DocumentSecurity::new(&auth).operations(super::operations());
    let _ = security.apply(&mut document);
    let document = serde_json::to_value(document).unwrap();
    let schema =
        jsonschema::validator_for(&document["components"]["schemas"]["AuthProblem"]).unwrap();
    let app = App::new().app_data(auth).route("/me", web::get().to(me));
    let app = init_service(app).await;
    let token = ("authorization", "Bearer x");
    let twice = TestRequest::with_uri("/me")
        .append_header(token)
        .append_header(token);
    let once = TestRequest::with_uri("/me").append_header(token);
    for (request, status, expected) in [
        (twice, "400", header::WWW_AUTHENTICATE),
        (once, "503", header::RETRY_AFTER),
    ] {
        let response = call_service(&app, request.to_request()).await;
        assert_eq!(response.status().as_str(), status);
        let documented = &document["paths"]["/me"]["get"]["responses"][status];
        let mut headers = documented["headers"].as_object().unwrap().keys();
        assert!(headers.any(|name| name.eq_ignore_ascii_case(expected.as_str())));
        assert!(response.headers().contains_key(expected), "{status}");
        let kind = response.headers().get(header::CONTENT_TYPE).unwrap();
        assert!(documented["content"].get(kind.to_str().unwrap()).is_some());
        let body: Value = serde_json::from_slice(&read_body(response).await).unwrap();
        assert!(schema.is_valid(&body), "{body}");
    }
}

#[test]
fn an_independent_parser_reads_the_same_document() {
    for security in [
        DocumentSecurity::new(&auth()),
        DocumentSecurity::new(&bearer_only()).scheme("Bearer", oauth2()),
    ] {
        let document = document(security);
        let parsed = oas3::from_json(document.to_string()).unwrap();
        parsed.validate_version().unwrap();
        let components = parsed.components.as_ref().unwrap();
        let schemes: BTreeSet<_> = components.security_schemes.keys().cloned().collect();
        for (path, method, operation) in parsed.operations() {
            let written = &document["paths"][&path][method.as_str().to_ascii_lowercase()];
            let expected = written
                .get("security")
                .map_or(0, |list| list.as_array().unwrap().len());
            assert_eq!(operation.security.len(), expected, "{method} {path}");
            for requirement in &operation.security {
                for (scheme, _) in &requirement.0 {
                    assert!(schemes.contains(scheme), "{method} {path}: {scheme}");
                }
            }
            let responses = operation.responses(&parsed);
            for (status, response) in &responses {
                for media in response.content.values() {
                    let resolved = media.schema(&parsed).unwrap();
                    assert!(resolved.is_some(), "{method} {path} {status}");
                }
            }
        }
    }
}

#[requires_role("clerk")]
#[utoipa::path(responses((status = 200, description = "It is")))]
#[get("/orders/{id}")]
async fn order(id: web::Path<u64>) -> String {
    id.to_string()
}

#[requires_role("head")]
#[utoipa::path(responses((status = 200, description = "It is")))]
#[get("/orders")]
async fn orders() -> &'static str {
    "orders"
}

#[actix_web::test]
async fn operations_that_utoipa_actix_web_collects_have_their_security() {
    let (app, mut document) = App::new()
        .app_data(auth())
        .into_utoipa_app()
        .service(scope("/api").service(order).service(orders))
        .split_for_parts();
    let records = auth_runtime::review::records().iter();
    let unknown = DocumentSecurity::new(&bearer_only())
        .operations(records.flat_map(|record| OperationSecurity::of_record(record)))
        .apply(&mut document);
    assert_eq!(unknown, Ok(()));
    let document = serde_json::to_value(document).unwrap();
    for (path, role) in [("/api/orders/{id}", "clerk"), ("/api/orders", "head")] {
        let security = &document["paths"][path]["get"]["security"];
        assert_eq!(*security, json!([{"Bearer": [role]}]), "{path}");
    }
    let app = init_service(app).await;
    let request = TestRequest::with_uri("/api/orders/7");
    assert_eq!(call_service(&app, request.to_request()).await.status(), 401);
}

/// `OPENAPI_SNAPSHOT=write` writes it anew: read the difference before it is committed.
#[test]
fn the_document_is_the_one_that_was_reviewed() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/document.json");
    let document = whole();
    if env::var("OPENAPI_SNAPSHOT").as_deref() == Ok("write") {
        let text = serde_json::to_string_pretty(&document).unwrap();
        fs::write(&file, text + "\n").unwrap();
    }
    let reviewed: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert!(
        document == reviewed,
        "the document has changed: write it with OPENAPI_SNAPSHOT=write and read the difference"
    );
}
