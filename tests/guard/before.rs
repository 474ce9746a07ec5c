//! Who looked before the guard: a middleware that wants to know who it is, for its log.

use actix_web::dev::Service as _;
use actix_web::test::{call_service, init_service};
use actix_web::{App, FromRequest as _, get, web};
use auth_runtime::prelude::*;
use futures_util::FutureExt as _;

use crate::get;

type Anybody = Option<Authenticated>;

#[get("/open")]
#[public(reason = "for everybody")]
async fn open() -> &'static str {
    "open"
}

#[get("/maybe")]
#[public(reason = "for everybody")]
async fn maybe(caller: MaybeAuthenticated) -> String {
    let principal = caller.principal();
    principal.map_or_else(String::new, |caller| caller.subject().to_owned())
}

/// Hides that it takes its caller, and that it minds nobody.
#[get("/swallows")]
#[public(reason = "for everybody")]
async fn swallows(_: Anybody) -> &'static str {
    "nobody"
}

#[actix_web::test]
async fn a_middleware_that_was_told_of_nobody_closes_no_public_handler() {
    let auth = Auth::builder()
        .realm("before")
        .scheme(Bearer::sync(|token: Secret<'_>| {
            (token.expose() == "ada").then(|| Principal::new("ada"))
        }))
        .build()
        .unwrap();
    let scope = web::scope("")
        .wrap_fn(|request, service| {
            // Its verifier answers at once.
            let looked = <Authenticated>::extract(request.request()).now_or_never();
            assert!(looked.is_some());
            service.call(request)
        })
        .service(open)
        .service(maybe)
        .service(swallows);
    let app = init_service(App::new().app_data(auth).service(scope)).await;
    for (path, authorization, expected) in [
        ("/open", None, 200),
        ("/open", Some("Bearer ada"), 200),
        // Nobody looks at the credentials of who asks for this one.
        ("/open", Some("Bearer eve"), 200),
        ("/maybe", None, 200),
        ("/maybe", Some("Bearer ada"), 200),
        ("/maybe", Some("Bearer eve"), 401),
        ("/swallows", None, 401),
        ("/swallows", Some("Bearer ada"), 200),
        ("/swallows", Some("Bearer eve"), 401),
    ] {
        let request = match authorization {
            Some(authorization) => get(path, authorization),
            None => actix_web::test::TestRequest::get().uri(path),
        };
        let answer = call_service(&app, request.to_request()).await;
        assert_eq!(answer.status(), expected, "{path} {authorization:?}");
    }
}
