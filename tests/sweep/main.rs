//! The sweep finds what is open, and leaves alone what is not.

#![forbid(unsafe_code)]

mod fallbacks;
mod nested;
mod routes;
mod table;

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::{Compress, Logger, from_fn};
use actix_web::{App, Error, HttpRequest, HttpResponse, get, guard, head, post, web};
use auth_runtime::AuthBuilder;
use auth_runtime::prelude::*;
use auth_runtime::testing::sweep::{
    Caller, Finding, Observed, Sweep, SweepReport, assert_no_unprotected_routes,
};
use futures_util::FutureExt as _;

static CALLS: AtomicUsize = AtomicUsize::new(0);

fn called() -> &'static str {
    CALLS.fetch_add(1, Ordering::SeqCst);
    "called"
}

#[get("/health")]
#[public(reason = "a probe")]
async fn health() -> &'static str {
    called()
}

#[get("/me")]
#[requires_auth]
async fn me() -> &'static str {
    called()
}

#[get("/admin/{id}")]
#[requires_role("admin")]
async fn admin(_id: web::Path<u64>) -> &'static str {
    called()
}

#[post("/articles")]
#[requires(any(role("editor"), scope("articles:write")))]
async fn create(_body: web::Json<u64>) -> &'static str {
    called()
}

#[get("/mine/{id}")]
#[requires(any(role("admin"), policy(is_mine)))]
async fn mine(_id: web::Path<u64>) -> &'static str {
    called()
}

async fn is_mine(_id: web::Path<u64>) -> Decision {
    called();
    Decision::allow()
}

#[get("/secret")]
#[requires_permission("secret:read", hide)]
async fn secret() -> &'static str {
    called()
}

#[requires_role("admin")]
async fn mounted_by_hand(_request: HttpRequest) -> &'static str {
    called()
}

async fn forgotten() -> &'static str {
    "open to all"
}

fn builder() -> AuthBuilder {
    Auth::builder()
        .realm("sweep")
        .scheme(Bearer::sync(|_: Secret<'_>| None::<Principal>))
}

fn auth() -> Auth {
    builder().build().unwrap()
}

fn app() -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse,
        Error = Error,
        InitError = (),
    >,
> {
    let auth = auth();
    App::new()
        .app_data(auth.clone())
        .service(health)
        .service(me)
        .service(admin)
        .service(
            web::scope("/api/v1")
                .service(create)
                .service(mine)
                .service(secret)
                .service(web::resource("/by-hand").route(web::put().to(mounted_by_hand))),
        )
        .default_service(auth.not_found_service())
}

fn observed(report: &SweepReport, method: &str, pattern: &str, caller: &Caller) -> Observed {
    report
        .observations()
        .iter()
        .find(|each| each.method == method && each.pattern == pattern && each.caller == *caller)
        .unwrap_or_else(|| panic!("{method} {pattern} {caller} was not asked"))
        .observed
}

fn unprotected(report: &SweepReport) -> Vec<&str> {
    report
        .findings()
        .iter()
        .filter_map(|finding| match finding {
            Finding::Unprotected { route, .. } => Some(route.as_str()),
            _ => None,
        })
        .collect()
}

#[actix_web::test]
async fn what_is_declared_public_is_decided_and_guards_inside_decide() {
    let app = |auth| {
        App::new().app_data(auth).service(
            web::scope("/assets")
                .wrap(require!(public(reason = "style sheets are for everyone")))
                .route("/app.css", web::get().to(forgotten))
                .service(me),
        )
    };
    let report = Sweep::new().run(app(auth())).await;
    report.assert_clean();
    assert_no_unprotected_routes(app(auth())).await;
    for (path, expected) in [
        ("/assets/app.css", Observed::Granted),
        ("/assets/me", Observed::Denied),
    ] {
        assert_eq!(
            observed(&report, "GET", path, &Caller::Anonymous),
            expected,
            "{path}"
        );
    }

    // A client without an address is refused where the network counts: a decision as well.
    let with_networks = builder().deny_networks(["192.0.2.0/24"]).build().unwrap();
    let report = Sweep::new().run(app(with_networks)).await;
    assert_eq!(unprotected(&report), Vec::<&str>::new());
    let css = observed(&report, "GET", "/assets/app.css", &Caller::Anonymous);
    assert_eq!(css, Observed::Denied);
}

async fn panic_of(app: impl Future<Output = ()>) -> String {
    let panic = AssertUnwindSafe(app).catch_unwind().await.unwrap_err();
    *panic.downcast::<String>().unwrap()
}

#[actix_web::test]
async fn an_app_whose_handlers_are_decided_is_clean_and_none_of_them_is_called() {
    let before = CALLS.load(Ordering::SeqCst);
    assert_no_unprotected_routes(app()).await;
    let report = Sweep::new().run(app()).await;
    report.assert_clean();
    assert_eq!(CALLS.load(Ordering::SeqCst), before);

    let role = |name: &str| Caller::Role(name.to_owned());
    for (method, pattern, caller, expected) in [
        ("GET", "/health", Caller::Anonymous, Observed::Granted),
        ("GET", "/me", Caller::Anonymous, Observed::Denied),
        ("GET", "/me", Caller::Known, Observed::Granted),
        ("GET", "/admin/{id}", Caller::Known, Observed::Denied),
        ("GET", "/admin/{id}", role("admin"), Observed::Granted),
        ("GET", "/admin/{id}", role("editor"), Observed::Denied),
        (
            "POST",
            "/api/v1/articles",
            role("editor"),
            Observed::Granted,
        ),
        ("POST", "/api/v1/articles", role("admin"), Observed::Denied),
        (
            "POST",
            "/api/v1/articles",
            Caller::Scope("articles:write".to_owned()),
            Observed::Granted,
        ),
        ("GET", "/api/v1/mine/{id}", role("admin"), Observed::Granted),
        ("GET", "/api/v1/mine/{id}", Caller::Known, Observed::Depends),
        ("GET", "/api/v1/secret", Caller::Known, Observed::Denied),
        (
            "GET",
            "/api/v1/secret",
            Caller::Permission("secret:read".to_owned()),
            Observed::Granted,
        ),
        ("PUT", "/api/v1/by-hand", role("admin"), Observed::Granted),
        (
            "PUT",
            "/api/v1/by-hand",
            Caller::Everything,
            Observed::Granted,
        ),
        ("HEAD", "/me", Caller::Anonymous, Observed::NoRoute),
        ("OPTIONS", "/me", Caller::Anonymous, Observed::NoRoute),
    ] {
        assert_eq!(
            observed(&report, method, pattern, &caller),
            expected,
            "{method} {pattern} {caller}"
        );
    }
}

#[actix_web::test]
async fn the_running_app_tells_the_routes_that_no_attribute_sees() {
    let matrix = Sweep::new().run(app()).await.matrix();
    let routes = |name: &str| -> Vec<String> {
        let row = matrix.rows().iter().find(|row| row.record().name() == name);
        row.unwrap().routes().map(ToString::to_string).collect()
    };
    assert_eq!(routes("me"), ["GET /me"]);
    assert_eq!(routes("create"), ["POST /api/v1/articles"]);
    assert_eq!(routes("mounted_by_hand"), ["PUT /api/v1/by-hand"]);
}

#[actix_web::test]
async fn a_forgotten_handler_fails_the_test_by_its_route() {
    let app = app().service(web::scope("/shop").route("/orders/{id}", web::delete().to(forgotten)));
    let message = panic_of(assert_no_unprotected_routes(app)).await;
    assert!(
        message.contains("unprotected: `DELETE /shop/orders/{id}` answers 200 to anonymous"),
        "{message}"
    );
    assert_eq!(message.matches("unprotected:").count(), 1, "{message}");
}

#[get("/orders")]
async fn list_orders() -> &'static str {
    "open to all"
}

#[actix_web::test]
async fn a_forgotten_handler_below_its_route_fails_the_test_by_its_name() {
    let message = panic_of(assert_no_unprotected_routes(app().service(list_orders))).await;
    assert!(
        message.contains("unprotected: `GET /orders` (`list_orders`) answers 200"),
        "{message}"
    );
}

#[actix_web::test]
async fn a_forgotten_handler_is_found_whatever_it_answers() {
    let app = App::new()
        .app_data(auth())
        .route("/missing", web::get().to(HttpResponse::NotFound))
        .route(
            "/not-allowed",
            web::get().to(HttpResponse::MethodNotAllowed),
        )
        .route("/refuses", web::get().to(HttpResponse::Unauthorized))
        .route("/fails", web::get().to(HttpResponse::InternalServerError))
        .route(
            "/panics",
            web::get().to(|| async { panic!("no data") as &'static str }),
        )
        .route("/body", web::post().to(|_: web::Json<u64>| async { "" }));
    let report = Sweep::new().run(app).await;
    assert_eq!(
        unprotected(&report),
        [
            "POST /body",
            "GET /fails",
            "GET /missing",
            "GET /not-allowed",
            "GET /panics",
            "GET /refuses",
        ]
    );
    for (path, status) in [("/refuses", 401), ("/missing", 404), ("/fails", 500)] {
        let status = StatusCode::from_u16(status).unwrap();
        assert_eq!(
            observed(&report, "GET", path, &Caller::Anonymous),
            Observed::Unprotected(status),
            "{path}"
        );
    }
}

#[actix_web::test]
async fn a_resource_without_a_method_is_asked_by_all_of_them() {
    let app = App::new()
        .app_data(auth())
        .service(web::resource("/any").to(forgotten));
    let report = Sweep::new().run(app).await;
    for method in ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"] {
        let route = format!("{method} /any");
        assert!(unprotected(&report).contains(&route.as_str()), "{report}");
    }
}

#[actix_web::test]
async fn a_catch_all_behind_a_guarded_method_is_found() {
    let app = App::new().app_data(auth()).service(
        web::resource("/x")
            .route(web::get().to(mounted_by_hand))
            .route(web::route().to(forgotten)),
    );
    let report = Sweep::new().run(app).await;
    let routes = unprotected(&report);
    assert!(routes.contains(&"POST /x") && routes.contains(&"HEAD /x"));
    assert!(!routes.contains(&"GET /x"));
}

#[head("/slips")]
#[public(reason = "a mistake")]
async fn slips_by_head() -> &'static str {
    called()
}

#[get("/slips")]
#[requires_role("admin")]
async fn guarded_for_get() -> &'static str {
    called()
}

#[actix_web::test]
async fn a_head_that_slips_is_found() {
    let app = App::new()
        .app_data(auth())
        .service(guarded_for_get)
        .service(slips_by_head);
    let report = Sweep::new().run(app).await;
    assert!(
        report.findings().contains(&Finding::HeadSlips {
            pattern: "/slips".to_owned(),
            caller: Caller::Anonymous
        }),
        "{report}"
    );
    // Whoever may GET may HEAD.
    assert!(!report.findings().iter().any(|finding| matches!(
        finding,
        Finding::HeadSlips { caller: Caller::Role(name), .. } if name == "admin"
    )));

    let app = App::new().app_data(auth()).service(
        web::resource("/slips")
            .route(web::get().to(mounted_by_hand))
            .route(web::head().to(forgotten)),
    );
    let report = Sweep::new().run(app).await;
    assert_eq!(unprotected(&report), ["HEAD /slips"]);
}

#[actix_web::test]
async fn a_route_that_another_shadows_is_found() {
    let app = App::new()
        .app_data(auth())
        .service(admin)
        .route("/admin/users", web::get().to(forgotten));
    let report = Sweep::new().run(app).await;
    assert_eq!(
        report.findings(),
        [Finding::Shadowed {
            route: "GET /admin/users".to_owned(),
            by: "/admin/{id}".to_owned()
        }]
    );
    assert!(report.to_string().contains("never reached"));
}

#[actix_web::test]
async fn a_handler_behind_another_of_the_same_route_is_found() {
    let twice = App::new()
        .app_data(auth())
        .service(me)
        .route("/me", web::get().to(mounted_by_hand));
    let report = Sweep::new().run(twice).await;
    let shadowed = |route: &str, by: &str| Finding::Shadowed {
        route: route.to_owned(),
        by: by.to_owned(),
    };
    assert_eq!(report.findings(), [shadowed("/me", "/me")]);

    let scopes = App::new()
        .app_data(auth())
        .service(web::scope("/api").service(me))
        .service(web::scope("/api").service(health));
    let report = Sweep::new().run(scopes).await;
    assert!(
        report.findings().contains(&shadowed("/api/health", "/api")),
        "{report}"
    );
}

#[actix_web::test]
async fn a_handler_that_is_not_mounted_is_unreached() {
    let report = Sweep::new()
        .run(App::new().app_data(auth()).service(me))
        .await;
    let unreached: Vec<_> = report
        .unreached()
        .iter()
        .map(|record| record.name())
        .collect();
    assert!(unreached.contains(&"admin") && !unreached.contains(&"me"));
}

#[actix_web::test]
async fn a_default_service_that_answers_is_found() {
    let app = App::new()
        .app_data(auth())
        .service(web::scope("/files").default_service(web::to(forgotten)))
        .default_service(web::to(forgotten));
    let report = Sweep::new().run(app).await;
    let routes = unprotected(&report);
    assert!(routes.contains(&"GET /*"), "{report}");
    assert!(routes.contains(&"POST /files/*"), "{report}");
}

#[actix_web::test]
async fn a_missing_configuration_is_found() {
    let report = Sweep::new().run(App::new().service(me)).await;
    assert!(
        report.findings().iter().any(|finding| matches!(
            finding,
            Finding::Misconfigured { route, .. } if route == "GET /me"
        )),
        "{report}"
    );
}

#[actix_web::test]
async fn a_middleware_that_answers_first_is_no_decision() {
    let app = App::new()
        .app_data(auth())
        .service(web::scope("").service(me).wrap(from_fn(
            |request: ServiceRequest, _next: actix_web::middleware::Next<_>| async move {
                let response = HttpResponse::Found()
                    .insert_header(("Location", "/login"))
                    .finish();
                Ok::<ServiceResponse, Error>(request.into_response(response))
            },
        )));
    let report = Sweep::new().run(app).await;
    assert!(unprotected(&report).contains(&"GET /me"), "{report}");
}

#[actix_web::test]
async fn middleware_that_changes_the_response_does_not_hide_the_decision() {
    let app = App::new()
        .app_data(auth())
        .service(me)
        .wrap(Compress::default())
        .wrap(Logger::default());
    Sweep::new().run(app).await.assert_clean();
}

#[actix_web::test]
async fn a_pattern_without_a_sample_is_named_and_a_sample_helps() {
    let app = || {
        App::new().app_data(auth()).route(
            "/x/{code:[A-Z]{3}-[0-9]{2}}",
            web::get().to(mounted_by_hand),
        )
    };
    let message = panic_of(assert_no_unprotected_routes(app())).await;
    assert!(message.contains("not tried: `/x/{code"), "{message}");
    let report = Sweep::new().sample("code", "ABC-12").run(app()).await;
    report.assert_clean();
}

#[actix_web::test]
async fn a_guard_that_is_not_met_is_named_and_a_header_helps() {
    let app = || {
        App::new().app_data(auth()).service(
            web::resource("/x")
                .guard(guard::Header("x-version", "2"))
                .route(web::get().to(forgotten)),
        )
    };
    let report = Sweep::new().run(app()).await;
    assert!(
        matches!(report.findings(), [Finding::NotTried { route, .. }] if route == "GET /x"),
        "{report}"
    );
    let report = Sweep::new().header("x-version", "2").run(app()).await;
    assert_eq!(unprotected(&report), ["GET /x"]);
}

#[actix_web::test]
async fn what_is_allowed_by_name_is_not_found() {
    let app = App::new()
        .app_data(auth())
        .route("/logo", web::get().to(forgotten))
        .route("/other", web::get().to(forgotten));
    let report = Sweep::new()
        .allow_unprotected("/logo", "a public picture")
        .run(app)
        .await;
    assert_eq!(unprotected(&report), ["GET /other"]);
}

#[actix_web::test]
async fn a_blocked_network_is_blocked_for_the_sweep() {
    let auth = Auth::builder()
        .realm("sweep")
        .scheme(Bearer::sync(|_: Secret<'_>| None::<Principal>))
        .allow_networks(["192.0.2.0/24"])
        .build()
        .unwrap();
    let app = || App::new().app_data(auth.clone()).service(me);
    let report = Sweep::new().run(app()).await;
    assert!(
        report.findings().iter().any(|finding| matches!(
            finding,
            Finding::Differs {
                caller: Caller::Known,
                ..
            }
        )),
        "{report}"
    );
    let inside = "192.0.2.7:1".parse().unwrap();
    Sweep::new()
        .peer_addr(inside)
        .run(app())
        .await
        .assert_clean();
}

#[actix_web::test]
async fn no_request_of_a_client_is_taken_for_one_of_the_sweep() {
    // The feature is on in these tests, and nothing that a client sends authenticates it.
    let app = actix_web::test::init_service(app()).await;
    for header in ["x-sweep", "x-principal", "authorization", "probe"] {
        let request = actix_web::test::TestRequest::get()
            .uri("/me")
            .insert_header((header, "sweep"))
            .to_request();
        let response = actix_web::test::call_service(&app, request).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{header}");
    }
}
