//! `#[public(reason = "..", overrides)]` inside of what requires something.

use actix_web::http::StatusCode;
use actix_web::test::{self, TestRequest};
use actix_web::{App, get, web};
use auth_runtime::prelude::*;
use auth_runtime::review::{AccessLock, AccessMatrix, HandlerRecord, May, records};

#[requires_role("clerk", hide)]
mod orders {
    use super::*;

    #[get("/orders")]
    pub(super) async fn list() -> &'static str {
        "orders"
    }

    /// What things cost.
    #[get("/prices")]
    #[public(reason = "printed in every shop", overrides)]
    pub(super) async fn prices(caller: MaybeAuthenticated) -> String {
        let known = caller
            .principal()
            .map(|principal| principal.subject().to_owned());
        known.unwrap_or_else(|| "a stranger".to_owned())
    }

    #[requires(check(|id: &web::Path<u64>| **id == 7))]
    pub(super) mod inner {
        use super::*;

        pub(crate) struct Shop;

        #[requires_scope("shop")]
        impl Shop {
            /// Has none of the arguments that the check around it asks for.
            #[public(reason = "on the door", overrides)]
            pub(crate) async fn hours() -> &'static str {
                "open"
            }

            pub(crate) async fn till(id: web::Path<u64>) -> String {
                id.to_string()
            }
        }
    }
}

#[public(reason = "nothing is required around it")]
async fn plain() -> &'static str {
    "plain"
}

async fn send(token: &str, path: &str) -> (StatusCode, String) {
    let auth = Auth::builder()
        .realm("test")
        .scheme(Bearer::new(|token: Secret<'static>| async move {
            (token.expose() == "clerk").then(|| Principal::new("carl").role("clerk").scope("shop"))
        }))
        .build()
        .unwrap();
    let app = test::init_service(
        App::new()
            .app_data(auth)
            .service(orders::list)
            .service(orders::prices)
            .route("/hours", web::get().to(orders::inner::Shop::hours))
            .route("/till/{id}", web::get().to(orders::inner::Shop::till))
            .route("/plain", web::get().to(plain)),
    )
    .await;
    let mut request = TestRequest::get().uri(path);
    if !token.is_empty() {
        request = request.insert_header(("authorization", format!("Bearer {token}")));
    }
    let response = test::call_service(&app, request.to_request()).await;
    let status = response.status();
    let body = test::read_body(response).await;
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn record(name: &str) -> HandlerRecord {
    let suffix = format!("overrides::{name}");
    let mut found = records()
        .iter()
        .filter(|record| record.handler.path.ends_with(&suffix));
    let record = found
        .next()
        .unwrap_or_else(|| panic!("no handler `{name}`"));
    assert_eq!(found.next(), None);
    **record
}

#[actix_web::test]
async fn an_overriding_handler_is_open_to_anybody_and_its_neighbours_are_not() {
    assert_eq!(send("", "/orders").await.0, StatusCode::NOT_FOUND);
    assert_eq!(send("clerk", "/orders").await.0, StatusCode::OK);
    let (status, body) = send("", "/prices").await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, "a stranger"));
    let (status, body) = send("clerk", "/prices").await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, "carl"));
    assert_eq!(send("", "/hours").await.0, StatusCode::OK);
    assert_eq!(send("", "/till/7").await.0, StatusCode::NOT_FOUND);
    assert_eq!(send("clerk", "/till/7").await.0, StatusCode::OK);
    assert_eq!(send("clerk", "/till/8").await.0, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn invalid_credentials_are_refused_by_an_overriding_handler_that_looks_at_them() {
    assert_eq!(send("forged", "/prices").await.0, StatusCode::UNAUTHORIZED);
}

#[::core::prelude::v1::test]
fn the_record_says_that_a_requirement_is_overridden() {
    for name in ["orders::prices", "orders::inner::Shop::hours"] {
        let record = record(name);
        assert!(record.overrides && !record.is_hidden, "{record:?}");
        assert!(record.public_reason().is_some(), "{record:?}");
        assert_eq!(record.may(None), May::Yes);
    }
    for name in ["orders::list", "orders::inner::Shop::till", "plain"] {
        assert!(!record(name).overrides, "{name}");
    }
}

#[::core::prelude::v1::test]
fn the_access_lock_and_the_matrix_say_it_to_the_reviewer() {
    let with = record("orders::prices");
    let mut without = with;
    without.overrides = false;
    // What reads records reads those of the binary, which live as long as it does.
    let [with, without] = [with, without].map(|record| &*Box::leak(Box::new(record)));
    let [with, without] = [with, without].map(|record| AccessMatrix::of_records([record]));
    let line = r#"orders::prices public("printed in every shop") overrides @ GET /prices"#;
    let lock = AccessLock::of(&with);
    assert!(lock.to_string().contains(line), "{lock}");
    assert_eq!(AccessLock::parse(&lock.to_string()), Ok(lock.clone()));
    let text = with.to_string();
    assert!(
        text.contains("(overrides what is required around it)"),
        "{text}"
    );

    // A handler that begins to override, or whose module begins to require something, is reviewed.
    let diff = AccessLock::of(&without).diff(&lock);
    assert_eq!(diff.changes().len(), 1);
    let text = diff.to_string();
    assert!(
        text.contains("+ public(\"printed in every shop\") overrides"),
        "{text}"
    );
}
