//! Which answers need a decision: app, scope and resource, matched and not, with actix-web's own
//! default service and with another, for each method, through `DenyUnprotected` and through the sweep.

use std::collections::BTreeSet;

use actix_cors::Cors;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::{DefaultHeaders, NormalizePath};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, Error, HttpRequest, HttpResponse, guard, web};
use auth_runtime::prelude::*;
use auth_runtime::testing::sweep::{Finding, Sweep};
use auth_runtime::{DenyUnprotected, ProtectedScope};

use super::{auth, health, mounted_by_hand, unprotected};

#[public(reason = "a page for everyone")]
async fn public_page() -> HttpResponse {
    HttpResponse::NotFound().body("nothing is here")
}

#[public(reason = "an answer for everyone")]
async fn public_405() -> HttpResponse {
    HttpResponse::MethodNotAllowed().finish()
}

async fn page() -> HttpResponse {
    HttpResponse::NotFound().body("no article 7 of ada")
}

/// As actix-web's own, to the byte.
async fn like_actix() -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .insert_header((header::ALLOW, "GET"))
        .finish()
}

/// Holds the request for longer than it answers.
async fn keeps_the_request(request: HttpRequest) -> HttpResponse {
    actix_web::rt::spawn(async move {
        actix_web::rt::time::sleep(std::time::Duration::from_millis(50)).await;
        drop(request);
    });
    HttpResponse::NotFound().finish()
}

fn routes(config: &mut web::ServiceConfig) {
    let empty = || web::to(HttpResponse::NotFound);
    config
        .service(health)
        .service(web::scope("/user").route("", web::get().to(mounted_by_hand)))
        .service(
            web::scope("/outer")
                .service(web::scope("/inner").route("", web::get().to(mounted_by_hand))),
        )
        .service(web::scope("/plain").route("/x", web::get().to(mounted_by_hand)))
        .service(ProtectedScope::new("/secure").route("", (web::get(), mounted_by_hand)))
        .service(web::scope("/zero").service(web::resource("").to(HttpResponse::NotFound)))
        .service(
            web::scope("/zero-fallback").service(
                web::resource("")
                    .route(web::get().to(mounted_by_hand))
                    .route(web::route().to(HttpResponse::NotFound)),
            ),
        )
        .service(web::scope("/page").default_service(web::to(page)))
        .service(web::scope("/public").default_service(web::to(public_page)))
        .service(web::scope("/guarded").default_service(web::to(mounted_by_hand)))
        .service(web::scope("/not-found").default_service(auth().not_found_service()))
        .service(web::resource("/resource").route(web::get().to(mounted_by_hand)))
        .service(
            web::resource("/two")
                .route(web::get().to(mounted_by_hand))
                .route(web::post().to(mounted_by_hand)),
        )
        .service(
            web::resource("/like-actix")
                .route(web::get().to(mounted_by_hand))
                .default_service(web::to(like_actix)),
        )
        .service(
            web::resource("/public-405")
                .route(web::get().to(mounted_by_hand))
                .default_service(web::to(public_405)),
        )
        .service(web::resource("/404").default_service(empty()))
        .service(web::resource("/405").to(HttpResponse::MethodNotAllowed))
        .service(web::resource("/keeps").to(keeps_the_request))
        .service(
            web::resource("/header")
                .guard(guard::Header("x-version", "2"))
                .route(web::get().to(mounted_by_hand)),
        )
        .service(web::redirect("/old", "/new"));
}

/// A path, what GET is answered, and what other methods are.
const TABLE: &[(&str, u16, u16)] = &[
    // No resource is matched: actix-web's own 404.
    ("/nowhere", 404, 404),
    ("/health", 200, 404),
    ("/user", 401, 404),
    ("/user/nowhere", 404, 404),
    ("/outer", 404, 404),
    ("/outer/inner", 401, 404),
    ("/outer/inner/nowhere", 404, 404),
    ("/plain", 404, 404),
    ("/plain/x", 401, 404),
    ("/secure", 401, 404),
    ("/header", 404, 404),
    // A default service of the app's own.
    ("/page", 500, 500),
    ("/page/x", 500, 500),
    ("/public", 404, 404),
    ("/public/x", 404, 404),
    ("/guarded/x", 401, 401),
    ("/not-found/x", 404, 404),
    // A resource is matched: actix-web's own 405, and what is not.
    ("/resource", 401, 405),
    ("/like-actix", 401, 500),
    ("/public-405", 401, 405),
    ("/404", 500, 500),
    ("/405", 500, 500),
    ("/keeps", 500, 500),
    ("/zero", 500, 500),
    ("/zero-fallback", 401, 500),
    ("/old", 500, 500),
];

async fn assert_table<T, B>(app: App<T>, label: &str)
where
    T: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<B>,
            Error = Error,
            InitError = (),
        > + 'static,
    B: MessageBody + 'static,
{
    let app = init_service(app.app_data(auth()).configure(routes)).await;
    for (path, of_get, of_others) in TABLE {
        for method in [Method::GET, Method::HEAD, Method::POST, Method::OPTIONS] {
            let expected = if method == Method::GET {
                *of_get
            } else {
                *of_others
            };
            let request = TestRequest::with_uri(path).method(method.clone());
            let response = call_service(&app, request.to_request()).await;
            assert_eq!(
                response.status().as_u16(),
                expected,
                "{method} {path} {label}"
            );
            let allow = response.headers().get(header::ALLOW).cloned();
            assert!(
                allow.is_none_or(|allow| allow == "GET"),
                "{method} {path} {label}"
            );
            let body = read_body(response).await;
            assert!(!body.starts_with(b"no article"), "{method} {path} {label}");
        }
    }
}

#[actix_web::test]
async fn deny_unprotected_withholds_what_a_handler_answers_and_nothing_of_actix() {
    let deny = DenyUnprotected::new;
    assert_table(App::new().wrap(deny()), "alone").await;
    assert_table(App::new().wrap(deny()).wrap(deny()), "twice").await;
    let trim = NormalizePath::trim;
    assert_table(App::new().wrap(deny()).wrap(trim()), "normalized").await;
    assert_table(App::new().wrap(trim()).wrap(deny()), "normalized inside").await;
    let headers = || DefaultHeaders::new().add(("x-frame-options", "DENY"));
    assert_table(App::new().wrap(headers()).wrap(deny()), "headers inside").await;
    assert_table(App::new().wrap(deny()).wrap(Cors::permissive()), "cors").await;
    assert_table(
        App::new().wrap(Cors::permissive()).wrap(deny()),
        "cors inside",
    )
    .await;
}

#[actix_web::test]
async fn the_sweep_finds_the_same() {
    let app = App::new().app_data(auth()).configure(routes);
    let report = Sweep::new().run(app).await;
    let found: BTreeSet<&str> = unprotected(&report)
        .iter()
        .filter_map(|route| route.split_once(' '))
        .filter(|(method, _)| ["GET", "HEAD", "POST", "OPTIONS"].contains(method))
        .map(|(_, pattern)| pattern)
        .collect();
    let expected = [
        "/404",
        "/405",
        "/keeps",
        "/like-actix",
        "/old",
        "/page/*",
        "/zero",
        "/zero-fallback",
    ];
    assert_eq!(found.into_iter().collect::<Vec<_>>(), expected, "{report}");
    for pattern in ["/like-actix", "/zero-fallback"] {
        let get = format!("GET {pattern}");
        assert!(!unprotected(&report).contains(&get.as_str()), "{report}");
    }
}

/// A real application has scopes like these.
#[actix_web::test]
async fn nine_scopes_with_a_guarded_route_at_their_root_are_clean() {
    let app = || {
        let mut app = App::new().app_data(auth());
        for name in ["a", "b", "c", "d", "e", "f", "g", "h", "i"] {
            app = app.service(
                web::scope(name)
                    .route("", web::get().to(mounted_by_hand))
                    .route("/{id}", web::delete().to(mounted_by_hand)),
            );
        }
        app
    };
    Sweep::new().run(app()).await.assert_clean();
    let denying = app().wrap(DenyUnprotected::new());
    Sweep::new().run(denying).await.assert_clean();
}

#[actix_web::test]
async fn deny_unprotected_does_not_hide_from_the_sweep_what_actix_answers() {
    let app = App::new()
        .app_data(auth())
        .wrap(DenyUnprotected::new())
        .service(web::resource("/resource").route(web::get().to(mounted_by_hand)))
        .default_service(web::to(page));
    let report = Sweep::new().run(app).await;
    assert_eq!(unprotected(&report), ["GET /*", "POST /*"], "{report}");
}

/// The pages that an app has for unknown paths.
#[actix_web::test]
async fn a_page_for_unknown_paths_needs_a_decision() {
    for (default, expected) in [
        (web::to(page), 500),
        (web::to(public_page), 404),
        (web::to(mounted_by_hand), 401),
        (auth().not_found_service(), 404),
    ] {
        let app = App::new()
            .app_data(auth())
            .wrap(DenyUnprotected::new())
            .service(web::scope("/user").route("", web::get().to(mounted_by_hand)))
            .default_service(default);
        let app = init_service(app).await;
        for (method, path) in [
            (Method::GET, "/nowhere"),
            (Method::POST, "/user"),
            (Method::GET, "/user/x"),
        ] {
            let request = TestRequest::with_uri(path).method(method.clone());
            let response = call_service(&app, request.to_request()).await;
            assert_eq!(response.status().as_u16(), expected, "{method} {path}");
        }
    }
}

/// The exception that the documentation names: such an answer says nothing.
#[actix_web::test]
async fn an_empty_404_where_no_resource_is_passes_and_has_no_content() {
    let app = App::new()
        .wrap(DenyUnprotected::new())
        .default_service(web::to(HttpResponse::NotFound));
    let app = init_service(app).await;
    let response = call_service(&app, TestRequest::with_uri("/x").to_request()).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert!(read_body(response).await.is_empty());
}

#[actix_web::test]
async fn no_client_sees_or_sends_the_witness() {
    let app = App::new()
        .app_data(auth())
        .wrap(DenyUnprotected::new())
        .configure(routes);
    let app = init_service(app).await;
    let allow = async |path: &str, method: &str| {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = TestRequest::with_uri(path).method(method);
        let response = call_service(&app, request.to_request()).await;
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        response.headers().get(header::ALLOW).cloned()
    };
    assert_eq!(allow("/resource", "PUT").await.unwrap(), "GET");
    assert_eq!(allow("/two", "PUT").await.unwrap(), "GET, POST");
    // A method that looks like one.
    let request = TestRequest::with_uri("/like-actix")
        .method(Method::from_bytes(b"W00000000000000").unwrap())
        .to_request();
    assert_eq!(call_service(&app, request).await.status(), 500);
}

#[actix_web::test]
async fn a_route_that_no_request_reaches_is_not_called_unprotected() {
    let app = App::new().app_data(auth()).service(
        web::scope("/api")
            .guard(guard::Host("api.example"))
            .route("/x", web::get().to(mounted_by_hand)),
    );
    let report = Sweep::new().run(app).await;
    assert!(
        matches!(report.findings(), [Finding::NotTried { route, .. }] if route == "GET /api/x"),
        "{report}"
    );
}
