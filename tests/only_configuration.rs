//! A process with one configuration: a request does not hold it, and finds it again.
//!
//! A binary of its own with one test, for another would build one as well.

use actix_web::http::header::VARY;
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, get, web};
use auth_runtime::{keep_private, prelude::*};

/// An optional guard that the attributes cannot see.
type Optional = Option<Authenticated>;

#[get("/public")]
#[public(reason = "for anyone")]
async fn public(caller: Optional) -> String {
    caller.map_or_else(String::new, |caller| caller.subject().to_owned())
}

#[get("/maybe")]
#[public(reason = "for anyone")]
async fn maybe(_: MaybeAuthenticated) -> &'static str {
    "maybe"
}

#[get("/twice")]
#[requires_role("admin")]
async fn twice(caller: Authenticated) -> String {
    caller.subject().to_owned()
}

#[actix_web::test]
async fn what_was_found_out_by_it_is_told_by_it() {
    let auth = Auth::builder()
        .realm("api")
        .scheme(ApiKey::sync("x-api-key", |key: Secret<'_>| {
            key.ct_eq("good")
                .then(|| Principal::new("ada").role("admin"))
        }))
        .build()
        .unwrap();
    for as_data in [false, true] {
        let app = App::new().wrap(from_fn(keep_private));
        let app = if as_data {
            app.app_data(web::Data::new(auth.clone()))
        } else {
            app.app_data(auth.clone())
        };
        let inside = web::scope("/inside")
            .wrap(require!(authenticated))
            .service(twice);
        let app = init_service(app.service(public).service(maybe).service(inside)).await;
        for (path, key, status) in [
            ("/public", Some("good"), 200),
            // The handler would not mind that its extractor was refused.
            ("/public", Some("bad"), 401),
            ("/public", None, 401),
            ("/maybe", Some("good"), 200),
            ("/maybe", Some("bad"), 401),
            ("/maybe", None, 200),
            ("/inside/twice", Some("good"), 200),
            ("/inside/twice", Some("bad"), 401),
            ("/inside/twice", None, 401),
        ] {
            let mut request = TestRequest::get().uri(path);
            if let Some(key) = key {
                request = request.insert_header(("x-api-key", key));
            }
            let response = call_service(&app, request.to_request()).await;
            assert_eq!(response.status(), status, "{path} {key:?}");
            let challenges = response.headers().get_all("www-authenticate").count();
            assert_eq!(challenges, usize::from(status == 401), "{path} {key:?}");
            // A cache has to know that the answer depends on the key.
            let varies = response.headers().get_all(VARY).any(|line| {
                let text = line.to_str().unwrap_or_default();
                text.split(',')
                    .any(|name| name.trim().eq_ignore_ascii_case("x-api-key"))
            });
            assert!(varies, "{path} {key:?}");
        }
    }
}
