//! Handlers that answer as if they were not there.

use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, HttpResponse, web};
use auth_runtime::DenyUnprotected;
use auth_runtime::oauth::ResourceMetadata;
use auth_runtime::prelude::*;
use auth_runtime::testing::sweep::Sweep;

use super::{auth, builder, me, mounted_by_hand, unprotected};

/// It looks into a database for the sweep's sample, say, and finds nothing.
async fn finds_nothing() -> HttpResponse {
    HttpResponse::NotFound().body("no article 1")
}

#[actix_web::test]
async fn a_fallback_for_other_methods_that_finds_nothing_is_found() {
    let app = App::new().app_data(auth()).service(
        web::resource("/articles/{id}")
            .route(web::get().to(mounted_by_hand))
            .route(web::route().to(finds_nothing)),
    );
    let report = Sweep::new().run(app).await;
    let routes = unprotected(&report);
    assert!(routes.contains(&"POST /articles/{id}"), "{report}");
    assert!(!routes.contains(&"GET /articles/{id}"), "{report}");
}

#[actix_web::test]
async fn a_resource_s_own_default_service_is_found() {
    let app = App::new().app_data(auth()).service(
        web::resource("/articles/{id}")
            .route(web::get().to(mounted_by_hand))
            .default_service(web::to(finds_nothing)),
    );
    let report = Sweep::new().run(app).await;
    assert!(
        unprotected(&report).contains(&"POST /articles/{id}"),
        "{report}"
    );
}

#[public(reason = "a page for everyone")]
async fn says_so() -> HttpResponse {
    HttpResponse::NotFound().body("nothing is here")
}

/// The path of the scope is taken as a whole, and there is no resource in it for the method: the
/// app's default service answers, and is asked for its decision as what it is.
#[actix_web::test]
async fn what_the_app_does_not_have_is_not_taken_for_a_handler() {
    let app = |default| {
        App::new()
            .app_data(auth())
            .service(me)
            .service(web::scope("/api").service(web::scope("/v1").service(me)))
            .service(
                web::scope("/empty")
                    .service(web::resource("").route(web::get().to(mounted_by_hand))),
            )
            .default_service(default)
    };
    Sweep::new().run(app(web::to(says_so))).await.assert_clean();
    let report = Sweep::new().run(app(web::to(finds_nothing))).await;
    let routes = unprotected(&report);
    assert!(routes.contains(&"GET /*"), "{report}");
    assert!(routes.iter().all(|route| route.ends_with("/*")), "{report}");
}

#[actix_web::test]
async fn prm_02_the_metadata_of_the_resource_is_decided_and_open() {
    let metadata = ResourceMetadata::new("https://api.example.com/mcp")
        .authorization_server("https://login.example.com");
    let own = builder().resource_metadata(metadata).build().unwrap();
    let path = "/.well-known/oauth-protected-resource/mcp";
    // With the configuration of another app around it, and with none.
    for around in [Some(auth()), None] {
        let app = || {
            let app = App::new().service(own.resource_metadata_service());
            match &around {
                Some(around) => app.app_data(web::Data::new(around.clone())),
                None => app,
            }
        };
        Sweep::new().run(app()).await.assert_clean();
        let app = init_service(app().wrap(DenyUnprotected::new())).await;
        for (request, status) in [
            (TestRequest::get().uri(path), 200),
            (
                TestRequest::get().uri("/.well-known/oauth-protected-resource"),
                200,
            ),
            (TestRequest::post().uri(path), 405),
        ] {
            let response = call_service(&app, request.to_request()).await;
            assert_eq!(response.status(), status);
        }
    }
}
