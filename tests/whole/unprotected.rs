//! `DenyUnprotected`: what was answered without a decision does not leave the server.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use actix_cors::Cors;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::{Next, from_fn};
use actix_web::test::{TestRequest, call_service, init_service, read_body, try_call_service};
use actix_web::{App, Error, HttpResponse, error, get, post, web};
use auth_runtime::audit::{AuditSink, DecisionEvent, Outcome};
use auth_runtime::denial::Reason;
use auth_runtime::prelude::*;
use auth_runtime::{Denial, DenyUnprotected};

#[get("/health")]
#[public(reason = "load balancer probe")]
async fn health() -> &'static str {
    "ok"
}

#[get("/admin")]
#[requires_role("admin")]
async fn admin() -> &'static str {
    "admin"
}

#[get("/by-path/{id}")]
#[requires(policy(is_one))]
async fn by_path() -> &'static str {
    "by path"
}

async fn is_one(id: web::Path<u32>) -> Decision {
    Decision::allow_if(*id == 1)
}

#[post("/transfers")]
#[requires(any(role("clerk"), check(|amount: &web::Json<u32>| amount.0 < 100)))]
async fn transfer(amount: web::Json<u32>) -> String {
    format!("{amount} transferred")
}

static FORGOTTEN_RAN: AtomicUsize = AtomicUsize::new(0);

#[get("/forgotten/{id}")]
async fn forgotten() -> HttpResponse {
    FORGOTTEN_RAN.fetch_add(1, Ordering::Relaxed);
    HttpResponse::Ok()
        .insert_header(("x-secret", "s3cret"))
        .body("s3cret")
}

/// Who it is was asked, whether they may was not.
#[get("/only-an-extractor")]
async fn only_an_extractor(caller: Authenticated) -> String {
    caller.subject().to_owned()
}

#[get("/forgotten-404")]
async fn forgotten_404() -> HttpResponse {
    HttpResponse::NotFound().body("no article 7 of ada")
}

#[get("/forgotten-error")]
async fn forgotten_error() -> Result<&'static str, Error> {
    Err(error::ErrorConflict("s3cret"))
}

fn auth() -> Auth {
    builder().build().unwrap()
}

fn builder() -> auth_runtime::AuthBuilder {
    Auth::builder()
        .realm("test")
        .scheme(Bearer::sync(|token: Secret<'_>| {
            token
                .ct_eq("admin")
                .then(|| Principal::new("ada").role("admin"))
        }))
        .scheme(Basic::new(|_, password| async move {
            password.ct_eq("pw").then(|| Principal::new("eve"))
        }))
}

fn routes(config: &mut web::ServiceConfig) {
    config
        .service(health)
        .service(admin)
        .service(by_path)
        .service(transfer)
        .service(forgotten)
        .service(only_an_extractor)
        .service(forgotten_404)
        .service(forgotten_error)
        .service(web::resource("/resource").route(web::get().to(guarded)));
}

#[requires_auth]
async fn guarded() -> &'static str {
    "guarded"
}

async fn status(request: TestRequest) -> StatusCode {
    let app = App::new()
        .app_data(auth())
        .wrap(DenyUnprotected::new())
        .configure(routes);
    let app = init_service(app).await;
    call_service(&app, request.to_request()).await.status()
}

fn get_as_admin(path: &str) -> TestRequest {
    TestRequest::with_uri(path).insert_header((header::AUTHORIZATION, "Bearer admin"))
}

#[actix_web::test]
async fn what_was_decided_passes() {
    assert_eq!(status(TestRequest::with_uri("/health")).await, 200);
    assert_eq!(status(TestRequest::with_uri("/admin")).await, 401);
    assert_eq!(status(get_as_admin("/admin")).await, 200);
    assert_eq!(status(get_as_admin("/by-path/1")).await, 200);
    assert_eq!(status(get_as_admin("/by-path/2")).await, 403);
    assert_eq!(status(get_as_admin("/resource")).await, 200);
    let pending =
        TestRequest::with_uri("/admin").insert_header((header::AUTHORIZATION, "Basic ZXZlOnB3"));
    assert_eq!(status(pending).await, 403);
}

#[actix_web::test]
async fn arguments_that_a_check_needs_and_cannot_be_read_are_answered_by_their_extractor() {
    let amount = |body: &'static str| {
        get_as_admin("/transfers")
            .method(Method::POST)
            .insert_header(header::ContentType::json())
            .set_payload(body)
    };
    assert_eq!(status(amount("99")).await, 200);
    assert_eq!(status(amount("100")).await, 403);
    assert_eq!(status(amount("\"much\"")).await, 400);
    assert_eq!(
        status(get_as_admin("/transfers").method(Method::POST)).await,
        400
    );
}

#[actix_web::test]
async fn forgotten_handler_gets_500_and_nothing_of_its_answer_leaves() {
    let app = init_service(
        App::new()
            .app_data(auth())
            .wrap(DenyUnprotected::new())
            .configure(routes),
    )
    .await;
    let before = FORGOTTEN_RAN.load(Ordering::Relaxed);
    let response = call_service(&app, get_as_admin("/forgotten/7").to_request()).await;
    assert_eq!(response.status(), 500);
    assert_eq!(
        FORGOTTEN_RAN.load(Ordering::Relaxed),
        before + 1,
        "as documented: the net looks afterwards"
    );
    assert!(response.headers().get("x-secret").is_none());
    assert_eq!(
        response.headers().get(header::CONTENT_TYPE).unwrap(),
        "application/problem+json"
    );
    let reason = response.response().error().unwrap();
    let reason = reason.as_error::<Denial>().unwrap().reason().clone();
    assert_eq!(reason, Reason::Unprotected("GET /forgotten/{id}".into()));
    let body = read_body(response).await;
    let body = String::from_utf8_lossy(&body);
    assert!(
        !body.contains("s3cret") && !body.contains("forgotten"),
        "{body}"
    );
}

#[actix_web::test]
async fn statuses_of_a_handler_that_look_like_the_apps_own_do_not_pass() {
    for path in ["/forgotten-404", "/forgotten-error"] {
        assert_eq!(status(TestRequest::with_uri(path)).await, 500, "{path}");
    }
}

#[actix_web::test]
async fn an_extractor_alone_is_no_decision() {
    assert_eq!(status(get_as_admin("/only-an-extractor")).await, 500);
    assert_eq!(
        status(TestRequest::with_uri("/only-an-extractor")).await,
        500
    );
}

#[actix_web::test]
async fn the_apps_own_404_and_405_pass() {
    assert_eq!(status(TestRequest::with_uri("/nowhere")).await, 404);
    assert_eq!(
        status(TestRequest::with_uri("/health").method(Method::POST)).await,
        404
    );
    assert_eq!(
        status(TestRequest::with_uri("/resource").method(Method::POST)).await,
        405
    );
    assert_eq!(
        status(TestRequest::with_uri("/resource").method(Method::HEAD)).await,
        405
    );
}

/// The scope takes the whole path, and the guard of its route refuses the method.
#[actix_web::test]
async fn the_apps_own_404_at_the_root_of_a_scope_passes_and_a_handlers_does_not() {
    let app = App::new()
        .app_data(auth())
        .wrap(DenyUnprotected::new())
        .service(web::scope("/user").route("", web::get().to(guarded)))
        .service(web::scope("/empty").service(web::resource("").to(HttpResponse::NotFound)))
        .service(web::resource("/405").to(HttpResponse::MethodNotAllowed))
        .service(web::scope("/page").default_service(web::to(forgotten_404_page)));
    let app = init_service(app).await;
    for (method, path, expected) in [
        (Method::GET, "/user", 401),
        (Method::POST, "/user", 404),
        (Method::OPTIONS, "/user", 404),
        (Method::GET, "/empty", 500),
        (Method::GET, "/405", 500),
        (Method::GET, "/page/x", 500),
    ] {
        let request = TestRequest::with_uri(path).method(method.clone());
        let response = call_service(&app, request.to_request()).await;
        assert_eq!(response.status(), expected, "{method} {path}");
    }
}

async fn forgotten_404_page() -> HttpResponse {
    HttpResponse::NotFound().body("no article 7 of ada")
}

#[actix_web::test]
async fn the_apps_not_found_service_passes_and_a_fallback_page_does_not() {
    let auth = auth();
    let app = App::new()
        .app_data(auth.clone())
        .wrap(DenyUnprotected::new())
        .service(web::scope("/api").service(health))
        .service(health)
        .default_service(auth.not_found_service());
    let app = init_service(app).await;
    for (method, path) in [
        (Method::GET, "/x"),
        (Method::POST, "/health"),
        (Method::GET, "/api/x"),
        (Method::POST, "/api/health"),
        (Method::GET, "/api"),
    ] {
        let request = TestRequest::with_uri(path).method(method.clone());
        let response = call_service(&app, request.to_request()).await;
        assert_eq!(response.status(), 404, "{method} {path}");
        assert!(!read_body(response).await.is_empty());
    }

    let app = App::new()
        .wrap(DenyUnprotected::new())
        .default_service(web::to(|| async { "index.html" }));
    let app = init_service(app).await;
    let response = call_service(&app, TestRequest::with_uri("/x").to_request()).await;
    assert_eq!(response.status(), 500);
}

#[actix_web::test]
async fn hidden_handler_looks_like_the_apps_own_404() {
    #[get("/hidden")]
    #[requires_role("admin", hide)]
    async fn hidden() -> &'static str {
        "hidden"
    }
    let auth = auth();
    let app = App::new()
        .app_data(auth.clone())
        .wrap(DenyUnprotected::new())
        .service(hidden)
        .default_service(auth.not_found_service());
    let app = init_service(app).await;
    let mut answers = Vec::new();
    for path in ["/hidden", "/nowhere"] {
        let response = call_service(&app, TestRequest::with_uri(path).to_request()).await;
        answers.push((
            response.status(),
            response.headers().clone().into_iter().count(),
            read_body(response).await,
        ));
    }
    assert_eq!(answers[0], answers[1]);
}

#[actix_web::test]
async fn in_a_scope_it_covers_the_scope_alone() {
    let app = App::new()
        .service(
            web::scope("/api")
                .wrap(DenyUnprotected::new())
                .service(forgotten),
        )
        .service(forgotten);
    let app = init_service(app).await;
    for (path, expected) in [
        ("/api/forgotten/1", 500),
        ("/forgotten/1", 200),
        ("/api/none", 404),
    ] {
        let response = call_service(&app, TestRequest::with_uri(path).to_request()).await;
        assert_eq!(response.status(), expected, "{path}");
    }
}

#[actix_web::test]
async fn two_nets_see_the_same_decision() {
    let app = App::new()
        .app_data(auth())
        .wrap(DenyUnprotected::new())
        .service(
            web::scope("/api")
                .wrap(DenyUnprotected::new())
                .configure(routes),
        );
    let app = init_service(app).await;
    for (path, expected) in [("/api/health", 200), ("/api/forgotten/1", 500)] {
        let response = call_service(&app, TestRequest::with_uri(path).to_request()).await;
        assert_eq!(response.status(), expected, "{path}");
    }
}

#[actix_web::test]
async fn declared_public_services_pass_and_guards_inside_still_decide() {
    let app = App::new()
        .app_data(auth())
        .wrap(DenyUnprotected::new())
        .service(
            web::scope("/assets")
                .wrap(require!(public(reason = "style sheets")))
                .service(forgotten)
                .service(admin),
        );
    let app = init_service(app).await;
    for (path, expected) in [("/assets/forgotten/1", 200), ("/assets/admin", 401)] {
        let response = call_service(&app, TestRequest::with_uri(path).to_request()).await;
        assert_eq!(response.status(), expected, "{path}");
    }
}

#[actix_web::test]
async fn network_rules_hold_for_declared_public_services() {
    let auth = builder().allow_networks(["192.0.2.0/24"]).build().unwrap();
    let app = App::new()
        .app_data(auth)
        .wrap(DenyUnprotected::new())
        .service(
            web::scope("/assets")
                .wrap(require!(public(reason = "style sheets")))
                .service(forgotten),
        );
    let app = init_service(app).await;
    for (peer, expected) in [("192.0.2.7:1", 200), ("198.51.100.7:1", 403)] {
        let request = TestRequest::with_uri("/assets/forgotten/1").peer_addr(peer.parse().unwrap());
        let response = call_service(&app, request.to_request()).await;
        assert_eq!(response.status(), expected, "{peer}");
    }
}

#[actix_web::test]
async fn where_nobody_can_tell_which_networks_are_blocked_nothing_passes() {
    let strict = builder().allow_networks(["192.0.2.0/24"]).build().unwrap();
    let app = App::new()
        .app_data(auth())
        .app_data(web::Data::new(strict))
        .service(
            web::scope("/assets")
                .wrap(require!(public(reason = "style sheets")))
                .service(forgotten),
        );
    let app = init_service(app).await;
    let request = TestRequest::with_uri("/assets/forgotten/1")
        .peer_addr("198.51.100.7:1".parse().unwrap())
        .to_request();
    assert_eq!(call_service(&app, request).await.status(), 500);
}

#[actix_web::test]
async fn without_a_configuration_no_network_is_blocked() {
    let assets = web::scope("/assets").wrap(require!(public(reason = "style sheets")));
    let app = init_service(App::new().service(assets.service(forgotten))).await;
    let request = TestRequest::with_uri("/assets/forgotten/1").to_request();
    assert_eq!(call_service(&app, request).await.status(), 200);
}

/// Another layer puts into the request whatever it can name.
async fn forge(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    use actix_web::HttpMessage as _;
    request.extensions_mut().insert(Outcome::Granted);
    request.extensions_mut().insert(Decision::allow());
    request
        .extensions_mut()
        .insert(Principal::new("root").role("admin"));
    next.call(request).await
}

#[actix_web::test]
async fn no_other_layer_can_decide() {
    let app = App::new()
        .app_data(auth())
        .wrap(DenyUnprotected::new())
        .wrap(from_fn(forge))
        .configure(routes);
    let app = init_service(app).await;
    for (path, expected) in [("/forgotten/1", 500), ("/admin", 401)] {
        let request = TestRequest::with_uri(path)
            .insert_header(("x-auth-decided", "granted"))
            .insert_header(("x-user", "root"));
        let response = call_service(&app, request.to_request()).await;
        assert_eq!(response.status(), expected, "{path}");
    }
}

#[actix_web::test]
async fn preflight_outside_the_net_passes() {
    let app = App::new()
        .app_data(auth())
        .wrap(DenyUnprotected::new())
        .wrap(Cors::permissive())
        .configure(routes);
    let app = init_service(app).await;
    let request = TestRequest::with_uri("/admin")
        .method(Method::OPTIONS)
        .insert_header((header::ORIGIN, "https://app.example"))
        .insert_header((header::ACCESS_CONTROL_REQUEST_METHOD, "GET"));
    let response = call_service(&app, request.to_request()).await;
    assert_eq!(response.status(), 200);
    let request = TestRequest::with_uri("/forgotten/1")
        .insert_header((header::ORIGIN, "https://app.example"));
    let response = call_service(&app, request.to_request()).await;
    assert_eq!(response.status(), 500);
    assert!(
        response
            .headers()
            .contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN)
    );
}

async fn fail(_: ServiceRequest, _: Next<impl MessageBody>) -> Result<ServiceResponse, Error> {
    Err(error::ErrorTooManyRequests("s3cret"))
}

#[actix_web::test]
async fn an_error_of_a_middleware_inside_the_net_is_unprotected_too() {
    let app = App::new()
        .wrap(from_fn(fail))
        .wrap(DenyUnprotected::new())
        .configure(routes);
    let app = init_service(app).await;
    let request = TestRequest::with_uri("/health").to_request();
    let error = try_call_service(&app, request).await.err().unwrap();
    assert_eq!(error.as_response_error().status_code(), 500);
    assert!(!error.to_string().contains("s3cret"));
}

#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<Told>>>);

type Told = (Outcome, Option<u16>, String);

impl AuditSink for Seen {
    fn record(&self, event: &DecisionEvent<'_>) {
        self.0.lock().unwrap().push((
            event.outcome,
            event.status.map(|status| status.as_u16()),
            event.reason.map(ToString::to_string).unwrap_or_default(),
        ));
    }
}

#[actix_web::test]
async fn the_route_is_told_to_the_audit() {
    let seen = Seen::default();
    let auth = builder().audit(seen.clone()).build().unwrap();
    let app = App::new()
        .app_data(auth)
        .wrap(DenyUnprotected::new())
        .configure(routes);
    let app = init_service(app).await;
    call_service(&app, TestRequest::with_uri("/forgotten/7").to_request()).await;
    let seen = seen.0.lock().unwrap();
    let [(Outcome::Misconfigured, Some(500), reason)] = &seen[..] else {
        panic!("{seen:?}");
    };
    assert!(
        reason.starts_with("`GET /forgotten/{id}` was answered without a decision"),
        "{reason}"
    );
}
