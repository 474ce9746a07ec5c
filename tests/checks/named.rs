//! Named requirements, and the proof that one is met.

use actix_web::http::StatusCode;
use actix_web::test::{self, TestRequest};
use actix_web::{App, FromRequest as _, HttpMessage as _, get, web};
use auth_runtime::NamedRequirement;
use auth_runtime::model::{Access, Requirement};
use auth_runtime::prelude::*;

requirement! {
    /// Who may change articles.
    pub editors = any(role("editor"), permission("articles:edit"));
    pub Deleters = all(editors, scope("articles:delete"));
}

fn delete_article(by: &Authorized<Deleters>) -> String {
    format!("deleted by {}", by.principal().subject())
}

#[get("/edit")]
#[requires(editors)]
async fn edit() -> &'static str {
    "edited"
}

#[get("/delete")]
#[requires(Deleters)]
async fn delete(may: Authorized<Deleters>) -> String {
    delete_article(&may)
}

#[requires_role("admin")]
mod administration {
    use super::*;

    #[requires(Deleters)]
    pub(super) async fn delete(may: Authorized<Deleters>) -> String {
        delete_article(&may)
    }
}

type Hidden = Authorized<Deleters>;

#[get("/alias")]
#[requires(any(Deleters, role("admin")))]
async fn alias(may: Hidden) -> String {
    delete_article(&may)
}

/// Without an attribute: there is no guard that could give the proof.
async fn plain(may: Authorized<Deleters>) -> String {
    delete_article(&may)
}

/// Two proofs at once: each of the arguments is one of its own.
#[get("/two")]
#[requires(all(editors, Deleters))]
async fn two(one: Authorized<editors>, two: Authorized<Deleters>) -> String {
    format!("{one:?} {}", delete_article(&two))
}

/// Written by hand, and depends on a policy of whatever handler it stands in.
enum ByHand {}

impl NamedRequirement for ByHand {
    const NAME: &'static str = "ByHand";
    const REQUIREMENT: Requirement = Requirement::policy("first", 0);
}

async fn yes() -> Decision {
    Decision::allow()
}

#[get("/by-hand")]
#[requires(all(policy(yes), ByHand))]
async fn by_hand(_: Authorized<ByHand>) -> &'static str {
    "granted"
}

/// The proof is there before the check has decided; the handler is not called.
#[get("/check")]
#[requires(all(Deleters, check(|may: &Authorized<Deleters>| may.principal().has_role("admin"))))]
async fn checked(may: Authorized<Deleters>) -> String {
    delete_article(&may)
}

async fn send(token: &str, path: &str) -> (StatusCode, String) {
    let auth = Auth::builder()
        .realm("test")
        .scheme(Bearer::new(|token: Secret<'static>| async move {
            match token.expose() {
                "editor" => Some(Principal::new("eve").role("editor")),
                "deleter" => Some(
                    Principal::new("dan")
                        .grant("articles:*")
                        .scope("articles:delete"),
                ),
                "admin" => Some(Principal::new("root").role("admin")),
                "both" => Some(
                    Principal::new("bea")
                        .roles(["admin", "editor"])
                        .scope("articles:delete"),
                ),
                _ => None,
            }
        }))
        .build()
        .unwrap();
    let app = test::init_service(
        App::new()
            .app_data(auth)
            .service(edit)
            .service(delete)
            .service(alias)
            .service(two)
            .service(by_hand)
            .service(checked)
            .route("/administration", web::get().to(administration::delete))
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

#[actix_web::test]
async fn a_name_decides_like_what_it_stands_for() {
    assert_eq!(send("", "/edit").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(send("admin", "/edit").await.0, StatusCode::FORBIDDEN);
    assert_eq!(send("editor", "/edit").await.0, StatusCode::OK);
    assert_eq!(send("deleter", "/edit").await.0, StatusCode::OK);
    assert_eq!(send("editor", "/delete").await.0, StatusCode::FORBIDDEN);
    assert_eq!(
        Access::requires(Deleters::REQUIREMENT).to_string(),
        r#"all(any(role("editor"), permission("articles:edit")), scope("articles:delete"))"#
    );
    assert_eq!(Deleters::NAME, "Deleters");
}

#[actix_web::test]
async fn a_granted_request_gives_the_proof() {
    let (status, body) = send("deleter", "/delete").await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, "deleted by dan"));
    let (status, body) = send("both", "/administration").await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, "deleted by bea"));
    assert_eq!(
        send("admin", "/administration").await.0,
        StatusCode::FORBIDDEN
    );
    let (status, body) = send("both", "/two").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        body,
        r#"Authorized { requirement: "editors", subject: "bea" } deleted by bea"#
    );
}

#[actix_web::test]
async fn nothing_else_gives_the_proof() {
    // Granted, but not by the requirement that is to be proved, and hidden from the attribute.
    for token in ["admin", "both"] {
        let (status, body) = send(token, "/alias").await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!body.contains("Authorized"), "{body}");
    }
    for token in ["", "editor", "both"] {
        let (status, _) = send(token, "/plain").await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    }
}

#[actix_web::test]
async fn a_requirement_that_the_principal_alone_does_not_meet_gives_no_proof() {
    let (status, body) = send("admin", "/by-hand").await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{body}");
}

#[actix_web::test]
async fn a_check_may_look_at_the_proof() {
    assert_eq!(send("both", "/check").await.0, StatusCode::OK);
    assert_eq!(send("deleter", "/check").await.0, StatusCode::FORBIDDEN);
}

#[actix_web::test]
async fn a_principal_in_the_request_is_no_proof() {
    let request = TestRequest::get().to_http_request();
    request
        .extensions_mut()
        .insert(Principal::new("mallory").role("editor"));
    let extracted = Authorized::<editors>::extract(&request).await;
    assert!(extracted.is_err());
}
