//! What an app does, by mistake or not, opens nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::dev::Service as _;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, HttpMessage as _, web};
use auth_runtime::model::Requirement;
use auth_runtime::model::{Verdict, evaluate};
use auth_runtime::prelude::*;
use futures_util::FutureExt as _;

use crate::support::app::{Called, Calls, routes, send};
use crate::support::{
    api_key, ask, assert_no_challenge, basic, bearer, bearer_only, challenges, get, with_bearer,
};

#[actix_web::test]
async fn neg_10_an_identity_that_another_layer_left_is_not_trusted() {
    let calls = Calls::default();
    let app = App::new()
        .app_data(bearer_only())
        .app_data(calls.clone())
        .configure(routes)
        .wrap_fn(|request, next| {
            let ada = Principal::new("ada").role("admin");
            request.extensions_mut().insert(ada.clone());
            request.extensions_mut().insert(Some(ada.clone()));
            request.extensions_mut().insert(Arc::new(ada.clone()));
            request
                .extensions_mut()
                .insert(Ok::<_, auth_runtime::Denial>(ada));
            next.call(request)
        });
    let service = init_service(app).await;
    for path in ["/p", "/r", "/plain"] {
        send(&service, get(path)).await.assert_refused(401);
    }
    send(&service, with_bearer("/r", "user"))
        .await
        .assert_refused(403);
    assert_eq!(send(&service, get("/o")).await.text(), "anonymous");
}

#[auth_runtime::requires_auth]
mod guarded {
    use super::{Called, Calls};

    /// Without an attribute of its own.
    #[actix_web::get("/in-module")]
    pub async fn handler(_: Called) -> &'static str {
        "module"
    }

    pub struct Controller;

    #[auth_runtime::requires_auth]
    impl Controller {
        pub async fn handler(_: Called) -> &'static str {
            "impl block"
        }
    }

    pub fn counted() -> Calls {
        Calls::default()
    }
}

#[actix_web::test]
async fn neg_12_a_handler_without_an_attribute_in_a_guarded_block_is_guarded() {
    let calls = guarded::counted();
    let app = App::new()
        .app_data(bearer_only())
        .app_data(calls.clone())
        .service(guarded::handler)
        .route("/in-impl", web::get().to(guarded::Controller::handler));
    let service = init_service(app).await;
    for path in ["/in-module", "/in-impl"] {
        send(&service, get(path)).await.assert_refused(401);
        send(&service, with_bearer(path, "nobody"))
            .await
            .assert_refused(401);
    }
    assert_eq!(calls.count(), 0);
    for path in ["/in-module", "/in-impl"] {
        assert_eq!(send(&service, with_bearer(path, "user")).await.status, 200);
    }
    assert_eq!(calls.count(), 2);
}

async fn panics() -> Decision {
    panic!("the policy is on fire")
}

async fn errs() -> Result<Decision, std::io::Error> {
    Err(std::io::Error::other("the database is on fire"))
}

#[actix_web::get("/panics")]
#[requires(policy(panics))]
async fn with_panicking_policy(_: Called) -> &'static str {
    "panics"
}

#[actix_web::get("/not-panics")]
#[requires(not(policy(panics)))]
async fn without_panicking_policy(_: Called) -> &'static str {
    "not panics"
}

#[actix_web::get("/errs")]
#[requires(any(policy(errs), role("nobody has it")))]
async fn with_erring_policy(_: Called) -> &'static str {
    "errs"
}

#[actix_web::test]
async fn neg_13_a_policy_that_panics_or_errs_never_allows() {
    let calls = Calls::default();
    let app = App::new()
        .app_data(bearer_only())
        .app_data(calls.clone())
        .service(with_panicking_policy)
        .service(without_panicking_policy)
        .service(with_erring_policy);
    let service = init_service(app).await;
    for path in ["/panics", "/not-panics", "/errs"] {
        let answer = send(&service, with_bearer(path, "admin")).await;
        answer.assert_refused(500);
        assert_no_challenge(&answer);
        assert!(!answer.text().contains("fire"), "{}", answer.text());
        send(&service, get(path)).await.assert_refused(401);
    }
    assert_eq!(calls.count(), 0);
}

#[derive(Clone, Default)]
struct Asked(Arc<AtomicUsize>);

async fn never_answers(asked: web::Data<Asked>) -> Decision {
    asked.0.fetch_add(1, Ordering::SeqCst);
    std::future::pending().await
}

#[actix_web::get("/never")]
#[requires(policy(never_answers))]
async fn waits_forever(_: Called) -> &'static str {
    "never"
}

#[actix_web::test]
async fn neg_14_a_cancelled_policy_does_not_let_the_handler_run() {
    let (asked, calls) = (Asked::default(), Calls::default());
    let app = App::new()
        .app_data(bearer_only())
        .app_data(web::Data::new(asked.clone()))
        .app_data(calls.clone())
        .service(waits_forever);
    let service = init_service(app).await;
    let request = with_bearer("/never", "admin").to_request();
    let mut answer = Box::pin(service.call(request));
    for _ in 0..10 {
        assert!((&mut answer).now_or_never().is_none());
    }
    drop(answer);
    assert_eq!((asked.0.load(Ordering::SeqCst), calls.count()), (1, 0));
}

#[auth_runtime::requires_role("admin")]
#[actix_web::get("/above")]
async fn above(_: Called) -> &'static str {
    "same"
}

#[actix_web::get("/below")]
#[auth_runtime::requires_role("admin")]
async fn below(_: Called) -> &'static str {
    "same"
}

#[actix_web::test]
async fn neg_15_the_order_of_the_attributes_makes_no_difference() {
    let calls = Calls::default();
    let app = App::new()
        .app_data(bearer_only())
        .app_data(calls.clone())
        .service(above)
        .service(below);
    let service = init_service(app).await;
    let requests = |path: &str| {
        [
            get(path),
            with_bearer(path, "nobody"),
            with_bearer(path, "user"),
            TestRequest::post().uri(path),
            with_bearer(path, "admin"),
        ]
    };
    let mut statuses = Vec::new();
    for (of_above, of_below) in requests("/above").into_iter().zip(requests("/below")) {
        let (of_above, of_below) = (
            send(&service, of_above).await,
            send(&service, of_below).await,
        );
        assert_eq!(of_above.seen(), of_below.seen());
        statuses.push(of_above.status);
    }
    assert_eq!(
        (statuses.as_slice(), calls.count()),
        (&[401, 401, 403, 404, 200][..], 2)
    );
}

/// `any()` and `all()` of nothing do not compile; built by hand, they let nobody in.
#[test]
fn neg_16_lists_of_nothing_grant_nothing() {
    const NONE: Requirement = Requirement::any(&[]);
    const EVERY: Requirement = Requirement::all(&[]);
    let ada = Principal::new("ada")
        .role("admin")
        .scope("files:write")
        .grant("*");
    for requirement in [
        NONE,
        EVERY,
        Requirement::any(&[NONE, EVERY]),
        Requirement::all(&[Requirement::AUTHENTICATED, EVERY]),
        Requirement::all(&[NONE]),
    ] {
        assert_eq!(
            evaluate(&requirement, &ada, &[]),
            Verdict::Failed,
            "{requirement}"
        );
    }
}

/// Negated too: a mistake grants nothing, whichever way it is turned.
#[test]
fn neg_16_a_negated_list_of_nothing_grants_nothing_either() {
    const NONE: Requirement = Requirement::any(&[]);
    const EVERY: Requirement = Requirement::all(&[]);
    for requirement in [Requirement::not(&NONE), Requirement::not(&EVERY)] {
        let verdict = evaluate(&requirement, &Principal::new("ada"), &[]);
        assert_ne!(verdict, Verdict::Granted, "{requirement}");
    }
}

#[actix_web::test]
async fn neg_17_the_realm_is_emitted_as_it_was_set() {
    for realm in [
        "api",
        "The API of 2026 (beta), v=1; a,b",
        "~!@#$%^&*()_+-={}[]|:;<>,.?/`",
        " ",
    ] {
        let auth = Auth::builder()
            .realm(realm)
            .scheme(bearer())
            .scheme(basic())
            .scheme(api_key())
            .build()
            .unwrap();
        for (_, parameters) in challenges(&ask(&auth, get("/p")).await) {
            assert_eq!(parameters[0], ("realm".to_owned(), realm.to_owned()));
        }
    }
}
