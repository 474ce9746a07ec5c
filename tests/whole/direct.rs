//! Handlers that a test calls directly, whoever they ask for.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, web};
use auth_runtime::prelude::*;
use auth_runtime::testing::{Guarded, TestRequestExt as _};

requirement! {
    pub Deleters = all(role("admin"), scope("articles:delete"));
    pub Recent = all(role("admin"), max_age("15m"));
}

#[derive(Debug, PartialEq)]
struct User {
    id: u64,
}

#[requires_auth]
async fn me(caller: Authenticated<User>, id: web::Path<u64>) -> String {
    format!("{} {} {id}", caller.subject(), caller.user().id)
}

#[public(reason = "by name for some")]
async fn greeting(caller: MaybeAuthenticated) -> String {
    caller.principal().map_or("hello".to_owned(), |principal| {
        format!("hello, {}", principal.subject())
    })
}

#[requires(Deleters)]
async fn delete(by: Authorized<Deleters>) -> String {
    by.principal().subject().to_owned()
}

#[requires(Recent)]
async fn transfer(by: Authorized<Recent>) -> String {
    by.principal().subject().to_owned()
}

fn ada() -> Principal {
    Principal::new("ada")
}

#[actix_web::test]
async fn a_handler_is_called_as_somebody() {
    let caller = Authenticated::for_test(ada().with(User { id: 7 }));
    let arguments = (caller, web::Path::from(9));
    assert_eq!(me(Guarded::for_test(arguments)).await, "ada 7 9");

    let known = MaybeAuthenticated::for_test(ada());
    assert_eq!(greeting(Guarded::for_test((known,))).await, "hello, ada");
    let nobody = MaybeAuthenticated::for_test(None);
    assert_eq!(greeting(Guarded::for_test((nobody,))).await, "hello");

    let proof = Authorized::for_test(ada().role("admin").scope("articles:delete"));
    assert_eq!(delete(Guarded::for_test((proof,))).await, "ada");
    let recent = ada().role("admin").with_authenticated_at(SystemTime::now());
    let proof = Authorized::for_test(recent);
    assert_eq!(transfer(Guarded::for_test((proof,))).await, "ada");
}

#[test]
fn a_proof_of_what_is_not_so_is_none() {
    let of = |principal: Principal| {
        let proof = || Authorized::<Deleters>::for_test(principal);
        let panic = catch_unwind(AssertUnwindSafe(proof)).unwrap_err();
        *panic.downcast::<String>().unwrap()
    };
    assert_eq!(
        of(ada().role("admin")),
        "`ada` does not meet `Deleters`: all(role(\"admin\"), scope(\"articles:delete\"))"
    );
    let without = || Authenticated::<User>::for_test(ada());
    let panic = catch_unwind(AssertUnwindSafe(without)).unwrap_err();
    let message = *panic.downcast::<String>().unwrap();
    assert!(message.contains("Principal::with"), "{message}");
}

/// Not only in tests: what a named requirement says of the time is decided at the same time as by
/// the guard.
#[actix_web::test]
async fn a_proof_that_depends_on_the_time_is_given() {
    let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let auth = Auth::builder()
        .realm("test")
        .scheme(Bearer::sync(|_: Secret<'_>| None::<Principal>))
        .clock(move || now)
        .build()
        .unwrap();
    let app = App::new()
        .app_data(auth)
        .route("/transfer", web::get().to(transfer));
    let app = init_service(app).await;
    for (age, status) in [(900, 200), (901, 401)] {
        let caller = ada()
            .role("admin")
            .with_authenticated_at(now - Duration::from_secs(age));
        let request = TestRequest::with_uri("/transfer").principal(caller);
        let response = call_service(&app, request.to_request()).await;
        assert_eq!(response.status(), status, "{age}");
        if status == 200 {
            assert_eq!(read_body(response).await, "ada");
        }
    }
}
