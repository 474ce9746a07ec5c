//! Who a request comes from, found out twice at once: by a middleware that does not wait, and by
//! the guard, which takes fewer schemes.

use actix_web::dev::Service as _;
use actix_web::test::{call_service, init_service, read_body};
use actix_web::{App, FromRequest as _, HttpMessage as _, HttpRequest, get, web};
use auth_runtime::prelude::*;
use futures_util::future::join;

use crate::get;

/// Lets others go first, so many times.
async fn yields(times: usize) {
    for _ in 0..times {
        actix_web::rt::task::yield_now().await;
    }
}

requirement! {
    Keyed = scheme(ApiKey);
    KeyedByName = all(Keyed, check(|user: &Principal| user.subject() == "keyed"));
}

async fn waits() -> Decision {
    yields(20).await;
    Decision::allow_if(true)
}

async fn clears(request: HttpRequest) -> Decision {
    request.extensions_mut().clear();
    Decision::allow_if(true)
}

/// The policy empties what is attached to the request.
#[get("/cleared")]
#[requires(all(policy(clears), KeyedByName))]
async fn cleared(proof: Authorized<KeyedByName>, caller: Authenticated) -> String {
    format!("{} {}", proof.principal().subject(), caller.subject())
}

/// The policy takes its time, so that whoever is late comes before the handler's arguments.
#[requires(all(Keyed, policy(waits)))]
async fn keyed(proof: Authorized<Keyed>, caller: Authenticated, request: HttpRequest) -> String {
    let again = <Authenticated>::extract(&request).await.unwrap();
    format!(
        "{} {} {}",
        proof.principal().subject(),
        caller.subject(),
        again.subject()
    )
}

#[actix_web::test]
async fn who_was_found_late_does_not_replace_whom_the_guard_let_in() {
    for pauses in [1, 3, 5, 7, 9, 12, 40] {
        let auth = Auth::builder()
            .realm("late")
            .scheme(Bearer::new(move |token: Secret<'static>| async move {
                yields(pauses).await;
                Some(Principal::new(token.expose()))
            }))
            .scheme(ApiKey::new("x-key", |key: Secret<'static>| async move {
                yields(4).await;
                Some(Principal::new(key.expose()))
            }))
            .build()
            .unwrap();
        // Within the resource: actix-web lets nobody keep the request before it is routed.
        let resource = web::resource("/keyed")
            .wrap_fn(|request, service| {
                let looked = <Authenticated>::extract(request.request());
                let answered = service.call(request);
                async move { join(looked, answered).await.1 }
            })
            .route(web::get().to(keyed));
        let app = App::new().app_data(auth).service(resource);
        let app = init_service(app).await;
        let request = get("/keyed", "Bearer bearer").insert_header(("x-key", "keyed"));
        let answer = call_service(&app, request.to_request()).await;
        assert_eq!(answer.status(), 200, "{pauses}");
        assert_eq!(read_body(answer).await, "keyed keyed keyed", "{pauses}");
    }
}

#[actix_web::test]
async fn who_was_let_in_is_known_whatever_a_policy_does_to_the_request() {
    let auth = Auth::builder()
        .realm("late")
        .scheme(Bearer::sync(|token: Secret<'_>| {
            Some(Principal::new(token.expose()))
        }))
        .scheme(ApiKey::sync("x-key", |key: Secret<'_>| {
            Some(Principal::new(key.expose()))
        }))
        .build()
        .unwrap();
    let app = init_service(App::new().app_data(auth).service(cleared)).await;
    let request = get("/cleared", "Bearer bearer").insert_header(("x-key", "keyed"));
    let answer = call_service(&app, request.to_request()).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(read_body(answer).await, "keyed keyed");
}
