//! Interplay: beside the middlewares and macros that apps have.

use actix_cors::Cors;
use actix_web::http::Method;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION, CONTENT_ENCODING,
    ContentType, HeaderName, HeaderValue, ORIGIN, WWW_AUTHENTICATE,
};
use actix_web::middleware::{
    Compress, Condition, DefaultHeaders, ErrorHandlerResponse, ErrorHandlers, Logger, NormalizePath,
};
use actix_web::test::TestRequest;
use actix_web::{App, Responder, get, post, test, web};
use auth_runtime::Denial;
use auth_runtime::prelude::*;
use utoipa::OpenApi as _;

use crate::support::principals::{key, token};
use crate::support::{auth, calls, get, log, send};

#[get("/admin")]
#[requires_role("admin")]
async fn admin() -> String {
    calls::count();
    "secret ".repeat(100)
}

#[post("/files")]
#[requires_scope("files:write")]
async fn files(body: String) -> String {
    calls::count();
    body
}

fn cors() -> Cors {
    Cors::default()
        .allowed_origin("https://app.example")
        .allowed_methods(["GET", "POST"])
        .allowed_header(AUTHORIZATION)
        .expose_headers([WWW_AUTHENTICATE])
        .supports_credentials()
}

fn preflight(path: &str) -> TestRequest {
    TestRequest::default()
        .method(Method::OPTIONS)
        .uri(path)
        .insert_header((ORIGIN, "https://app.example"))
        .insert_header((ACCESS_CONTROL_REQUEST_METHOD, "POST"))
        .insert_header((ACCESS_CONTROL_REQUEST_HEADERS, "authorization"))
}

#[actix_web::test]
async fn cors_01_a_preflight_needs_no_credentials() {
    let app = test::init_service(
        App::new()
            .app_data(auth())
            .service(web::scope("").wrap(cors()).service(admin).service(files)),
    )
    .await;
    for path in ["/files", "/admin"] {
        let answer = send(&app, preflight(path).to_request()).await;
        assert_eq!((answer.status.as_u16(), calls::take()), (200, 0));
        assert_eq!(
            answer.header(ACCESS_CONTROL_ALLOW_ORIGIN),
            Some("https://app.example")
        );
        assert_eq!(answer.challenges(), Vec::<&str>::new());
    }
}

#[actix_web::test]
async fn cors_04_and_05_refusals_carry_the_cors_headers() {
    let app = test::init_service(
        App::new()
            .wrap(cors())
            .app_data(auth())
            .service(admin)
            .service(files),
    )
    .await;
    for (credentials, status) in [
        ("", 401),
        ("nobody", 401),
        ("user", 403),
        ("down", 503),
        ("panic", 500),
    ] {
        let request = get("/admin")
            .insert_header((ORIGIN, "https://app.example"))
            .insert_header(token(credentials));
        let answer = send(&app, request.to_request()).await;
        answer.assert_refused(status);
        assert_eq!(
            answer.header(ACCESS_CONTROL_ALLOW_ORIGIN),
            Some("https://app.example")
        );
        let exposed = answer
            .header(ACCESS_CONTROL_EXPOSE_HEADERS)
            .unwrap_or_default();
        assert!(
            exposed.to_ascii_lowercase().contains("www-authenticate"),
            "{exposed}"
        );
    }
}

#[actix_web::test]
async fn cors_08_a_plain_options_request_is_no_preflight() {
    #[requires_role("admin")]
    async fn any() -> &'static str {
        calls::count();
        "any"
    }
    let app = test::init_service(
        App::new()
            .wrap(cors())
            .app_data(auth())
            .service(web::resource("/any").to(any)),
    )
    .await;
    let request = TestRequest::default()
        .method(Method::OPTIONS)
        .uri("/any")
        .insert_header((ORIGIN, "https://app.example"));
    send(&app, request.to_request()).await.assert_refused(401);
}

#[actix_web::test]
async fn logger_writes_the_status_and_no_secret() {
    log::start();
    let app = test::init_service(
        App::new()
            .wrap(Logger::new("%r %s %b %{User-Agent}i"))
            .app_data(auth())
            .service(admin),
    )
    .await;
    for (credentials, status) in [("nobody", 401), ("user", 403), ("panic", 500)] {
        let request = get("/admin").insert_header(token(credentials));
        send(&app, request.to_request())
            .await
            .assert_refused(status);
    }
    let log = log::take();
    assert!(
        !log.contains("Bearer nobody") && !log.contains("token: "),
        "{log}"
    );
}

#[actix_web::test]
async fn compress_leaves_refusals_readable() {
    let app = test::init_service(
        App::new()
            .wrap(Compress::default())
            .app_data(auth())
            .service(admin),
    )
    .await;
    for (credentials, status) in [("nobody", 401), ("user", 403), ("admin", 200)] {
        let request = get("/admin")
            .insert_header((ACCEPT_ENCODING, "gzip"))
            .insert_header(token(credentials));
        let answer = send(&app, request.to_request()).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.challenges().len(), if status == 401 { 3 } else { 0 });
        assert_eq!(calls::take(), usize::from(status == 200));
        if answer.header(CONTENT_ENCODING) == Some("gzip") {
            assert_eq!(answer.body[..2], [0x1f, 0x8b], "it is gzip");
        } else {
            assert_eq!(answer.json()["status"], status);
        }
    }
}

#[actix_web::test]
async fn error_handlers_see_refusals_and_the_challenge_stays() {
    let handlers = ErrorHandlers::new()
        .handler(StatusCode::UNAUTHORIZED, |mut response| {
            let denial = response
                .response()
                .error()
                .and_then(|error| error.as_error::<Denial>());
            assert!(denial.is_some(), "an app can recognise a refusal");
            let name = HeaderName::from_static("x-seen");
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static("401"));
            Ok(ErrorHandlerResponse::Response(
                response.map_into_left_body(),
            ))
        })
        .handler(StatusCode::FORBIDDEN, |mut response| {
            let name = HeaderName::from_static("x-seen");
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static("403"));
            Ok(ErrorHandlerResponse::Response(
                response.map_into_left_body(),
            ))
        });
    let app = test::init_service(App::new().wrap(handlers).app_data(auth()).service(admin)).await;
    for (credentials, status) in [("nobody", 401), ("user", 403)] {
        let answer = send(
            &app,
            get("/admin").insert_header(token(credentials)).to_request(),
        )
        .await;
        answer.assert_refused(status);
        let seen = answer.header(HeaderName::from_static("x-seen"));
        assert_eq!(seen, Some(&*status.to_string()));
    }
}

#[actix_web::test]
async fn cache_01_default_headers_of_the_app_do_not_win() {
    let app = test::init_service(
        App::new()
            .wrap(DefaultHeaders::new().add(("cache-control", "public, max-age=60")))
            .wrap(Condition::new(true, NormalizePath::trim()))
            .app_data(auth())
            .service(admin),
    )
    .await;
    for path in ["/admin", "//admin/", "/admin///"] {
        send(&app, get(path).to_request()).await.assert_refused(401);
        let request = get(path).insert_header(token("user"));
        send(&app, request.to_request()).await.assert_refused(403);
    }
    send(
        &app,
        get("//admin//").insert_header(token("admin")).to_request(),
    )
    .await
    .assert_granted();
}

#[utoipa::path(get, path = "/above/{id}", params(("id" = u64, Path)), responses((status = 200)))]
#[get("/above/{id}")]
#[requires_role("admin")]
async fn documented_above(id: web::Path<u64>) -> impl Responder {
    calls::count();
    id.to_string()
}

#[requires_role("admin")]
#[utoipa::path(get, path = "/below/{id}", responses((status = 200)))]
#[get("/below/{id}")]
async fn documented_below(id: web::Path<u64>) -> impl Responder {
    calls::count();
    id.to_string()
}

/// Below the route attribute utoipa documents nothing, guarded or not; the guard stands.
#[get("/between/{id}")]
#[requires_role("admin")]
#[utoipa::path(get, path = "/between/{id}", responses((status = 200)))]
async fn documented_between(id: web::Path<u64>) -> impl Responder {
    calls::count();
    id.to_string()
}

/// The path comes from the route attribute, the parameter from the signature.
#[utoipa::path(responses((status = 200)))]
#[requires_role("admin")]
#[get("/inferred/{id}")]
async fn documented_inferred(id: web::Path<u64>) -> impl Responder {
    calls::count();
    id.to_string()
}

#[derive(utoipa::OpenApi)]
#[openapi(paths(documented_above, documented_below, documented_inferred))]
struct Document;

#[actix_web::test]
async fn utoipa_above_and_below_sees_the_handler_as_it_was_written() {
    let app = test::init_service(
        App::new()
            .app_data(auth())
            .service(documented_above)
            .service(documented_below)
            .service(documented_between)
            .service(documented_inferred),
    )
    .await;
    let document = serde_json::to_value(Document::openapi()).unwrap();
    for name in ["above", "below", "between", "inferred"] {
        let path = format!("/{name}/7");
        send(&app, get(&path).to_request())
            .await
            .assert_refused(401);
        let request = get(&path).insert_header(token("user"));
        send(&app, request.to_request()).await.assert_refused(403);
        let request = get(&path).insert_header(token("admin"));
        let answer = send(&app, request.to_request()).await;
        answer.assert_granted();
        assert_eq!(answer.text(), "7");

        if name == "between" {
            continue;
        }
        let operation = &document["paths"][format!("/{name}/{{id}}")]["get"];
        assert_eq!(
            operation["parameters"][0]["name"], "id",
            "{name}: {document:#}"
        );
        assert!(!operation.to_string().contains("Guarded"), "{operation}");
    }
}

#[actix_web::test]
async fn a_middleware_that_looks_who_it_is_changes_nothing() {
    use actix_web::Error;
    use actix_web::body::MessageBody;
    use actix_web::dev::{ServiceRequest, ServiceResponse};
    use actix_web::middleware::{Next, from_fn};

    async fn look(
        mut request: ServiceRequest,
        next: Next<impl MessageBody>,
    ) -> Result<ServiceResponse<impl MessageBody>, Error> {
        // Kept across the call, as one does to write a line of an access log afterwards.
        let caller = request.extract::<MaybeAuthenticated>().await;
        let response = next.call(request).await?;
        drop(caller);
        Ok(response)
    }

    let app = test::init_service(
        App::new()
            .wrap(from_fn(look))
            .app_data(auth())
            .service(admin)
            .service(files),
    )
    .await;
    for (credentials, status) in [
        ("", 401),
        ("nobody", 401),
        ("user", 403),
        ("down", 503),
        ("panic", 500),
    ] {
        let request = get("/admin").insert_header(token(credentials));
        send(&app, request.to_request())
            .await
            .assert_refused(status);
    }
    let request = get("/admin")
        .append_header(token("admin"))
        .append_header(token("admin"));
    send(&app, request.to_request()).await.assert_refused(400);
    for credentials in [token("admin"), key("k3y")] {
        let request = get("/admin").insert_header(credentials);
        send(&app, request.to_request()).await.assert_granted();
    }
}

#[actix_web::test]
async fn a_refused_form_and_upload_are_answered_like_any_other() {
    let app = test::init_service(App::new().app_data(auth()).service(files)).await;
    for content_type in [ContentType::form_url_encoded(), ContentType::octet_stream()] {
        let request = TestRequest::post()
            .uri("/files")
            .insert_header(content_type)
            .set_payload("access_token=admin&client_secret=x");
        send(&app, request.to_request()).await.assert_refused(401);
    }
}
