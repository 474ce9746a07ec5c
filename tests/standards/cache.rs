//! CACHE: what may be stored, and what not.

use actix_web::http::header;
use actix_web::middleware::{DefaultHeaders, from_fn};
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, HttpResponse};
use auth_runtime::keep_private;
use auth_runtime::prelude::*;

use crate::support::app::{Called, routes, send, with_basic};
use crate::support::{
    Answer, Calls, all_schemes, api, api_key, ask, bearer, bearer_only, get, with_bearer,
};

/// Every answer that this project gives to `GET`, granted and refused.
async fn all_answers() -> Vec<Answer> {
    let auth = all_schemes();
    vec![
        ask(&auth, get("/p")).await,
        ask(&auth, with_bearer("/p", "nobody")).await,
        ask(&auth, with_bearer("/p", "user")).await,
        ask(&auth, with_bearer("/r", "user")).await,
        ask(&auth, with_bearer("/s", "user")).await,
        ask(&auth, with_bearer("/p", "outage")).await,
        ask(&auth, with_bearer("/p", "panic")).await,
        ask(&auth, with_bearer("/hidden", "user")).await,
        ask(&auth, with_basic("/p", "ada:correct-horse")).await,
        ask(&auth, get("/k").insert_header(("x-api-key", "good-key"))).await,
        ask(&auth, get("/o")).await,
    ]
}

#[actix_web::test]
async fn cache_01_refusals_are_not_stored_whatever_the_app_adds() {
    let app = App::new()
        .app_data(bearer_only())
        .app_data(Calls::default())
        .configure(routes)
        .wrap(DefaultHeaders::new().add((header::CACHE_CONTROL, "public, max-age=60")));
    let service = init_service(app).await;
    for (request, status) in [
        (get("/p"), 401),
        (with_bearer("/p", "nobody"), 401),
        (with_bearer("/r", "user"), 403),
        (with_bearer("/s", "user"), 403),
        (with_bearer("/p", "outage"), 503),
    ] {
        send(&service, request).await.assert_refused(status);
    }
}

#[actix_web::test]
async fn cache_01_a_renderer_cannot_make_a_refusal_cacheable() {
    let auth = api()
        .scheme(bearer())
        .renderer(
            |_: &actix_web::dev::RequestHead, denial: &auth_runtime::Denial| {
                HttpResponse::build(denial.status())
                    .insert_header((header::CACHE_CONTROL, "public, max-age=60"))
                    .finish()
            },
        )
        .build()
        .unwrap();
    for (request, status) in [(get("/p"), 401), (with_bearer("/r", "user"), 403)] {
        let answer = ask(&auth, request).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
    }
}

#[actix_web::test]
async fn cache_02_the_not_found_service_is_not_stored_and_the_bare_404_is_actix_webs() {
    let bare = ask(&bearer_only(), get("/hidden")).await;
    assert_eq!((bare.status, bare.body.len()), (404, 0));
    assert_eq!(bare.lines("cache-control"), Vec::<String>::new());
    let auth = bearer_only();
    let app = App::new()
        .app_data(auth.clone())
        .app_data(Calls::default())
        .configure(routes)
        .default_service(auth.not_found_service());
    let service = init_service(app).await;
    for path in ["/hidden", "/no-such-path"] {
        let answer = send(&service, get(path)).await;
        answer.assert_refused(404);
    }
}

#[actix_web::test]
async fn cache_03_nothing_opens_an_answer_to_shared_caches() {
    for answer in all_answers().await {
        for line in answer.lines("cache-control") {
            for word in ["public", "must-revalidate", "s-maxage", "max-age"] {
                assert!(!line.contains(word), "{line}");
            }
        }
    }
}

#[actix_web::get("/stricter")]
#[requires(scheme(ApiKey))]
async fn stricter(_: Called) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store, no-transform"))
        .finish()
}

/// RFC 9110 §16.4.2: caches know that an answer to `Authorization` is not for others; of a key in
/// a header of the app's own they know nothing.
#[actix_web::test]
async fn cache_04_an_answer_to_a_key_outside_authorization_is_private() {
    for (path, name, value) in [
        ("/k", "x-api-key", "good-key"),
        ("/c", "cookie", "session=good"),
        ("/p", "x-api-key", "good-key"),
        ("/o", "x-api-key", "good-key"),
    ] {
        let answer = ask_kept_private(get(path).insert_header((name, value))).await;
        assert_eq!(answer.status, 200, "{path}");
        let held = answer.header("cache-control").unwrap_or_default();
        assert!(
            held.contains("private") || held.contains("no-store"),
            "{path}: {held:?}"
        );
    }
}

#[actix_web::test]
async fn cache_04_what_the_app_says_is_kept_where_it_is_stricter() {
    let auth = api().scheme(api_key()).build().unwrap();
    let app = App::new()
        .wrap(from_fn(keep_private))
        .app_data(auth)
        .app_data(Calls::default())
        .service(stricter);
    let request = get("/stricter").insert_header(("x-api-key", "good-key"));
    let answer = send(&init_service(app).await, request).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("cache-control").as_deref(),
        Some("no-store, no-transform")
    );
}

#[actix_web::test]
async fn cache_05_authorization_needs_no_vary_and_other_fields_do() {
    for answer in all_answers().await {
        for line in answer.lines("vary") {
            assert!(
                !line.to_ascii_lowercase().contains("authorization"),
                "{line}"
            );
        }
    }
    for (name, value) in [("x-api-key", "good-key"), ("cookie", "session=good")] {
        let answer = ask_kept_private(get("/o").insert_header((name, value))).await;
        assert_eq!(answer.status, 200, "{name}");
        let varies = answer
            .lines("vary")
            .join(",")
            .to_ascii_lowercase()
            .contains(name);
        assert!(varies, "{name}: {answer:?}");
    }
    let anonymous = ask_kept_private(get("/o")).await;
    let varies = anonymous.lines("vary").join(",").to_ascii_lowercase();
    assert!(
        varies.contains("x-api-key") && varies.contains("cookie"),
        "{varies}"
    );
    assert_eq!(
        anonymous.header("cache-control"),
        None,
        "it is for everyone"
    );
}

#[actix_web::get("/laxer")]
#[requires(scheme(ApiKey))]
async fn laxer() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=60, s-maxage=600"))
        .finish()
}

#[actix_web::test]
async fn cache_04_what_the_app_says_is_taken_back_where_it_is_laxer() {
    let app = App::new()
        .wrap(from_fn(keep_private))
        .app_data(api().scheme(api_key()).build().unwrap())
        .service(laxer);
    let request = get("/laxer").insert_header(("x-api-key", "good-key"));
    let answer = send(&init_service(app).await, request).await;
    assert_eq!(
        answer.header("cache-control").as_deref(),
        Some("private, max-age=60")
    );
}

/// An answer of an app that keeps what it says to known callers out of shared caches.
async fn ask_kept_private(request: TestRequest) -> Answer {
    let app = App::new()
        .wrap(from_fn(keep_private))
        .app_data(all_schemes())
        .app_data(Calls::default())
        .configure(routes);
    send(&init_service(app).await, request).await
}

#[actix_web::test]
async fn cache_09_pragma_is_not_emitted() {
    for answer in all_answers().await {
        assert_eq!(answer.lines("pragma"), Vec::<String>::new());
    }
}
