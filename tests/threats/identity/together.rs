//! Several identities in one request, several guards, several configurations.

use super::*;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::{Next, from_fn};
use actix_web::{App, Error, get, web};

use crate::support::principals::{key, token};
use crate::support::{app, auth, bearer, calls, get, send};

#[get("/admin")]
#[requires_role("admin")]
async fn admin(caller: Authenticated) -> String {
    calls::count();
    format!(
        "{} {}",
        caller.subject(),
        caller.scheme().unwrap_or_default()
    )
}

#[get("/by-key")]
#[requires(scheme(ApiKey))]
async fn by_key(caller: Authenticated) -> String {
    calls::count();
    format!(
        "{} {}",
        caller.subject(),
        caller.scheme().unwrap_or_default()
    )
}

#[get("/both")]
#[requires(all(role("admin"), scope("files:read")))]
async fn both(caller: Authenticated) -> String {
    calls::count();
    caller.subject().to_owned()
}

#[actix_web::test]
async fn two_identities_in_one_request_are_never_merged() {
    let app = app!(auth() => admin, by_key, both);
    // `rob` reads files, the robot is an admin: together they would satisfy both halves.
    let request = get("/both")
        .insert_header(token("user"))
        .insert_header(key("k3y"));
    send(&app, request.to_request()).await.assert_refused(403);
    let request = get("/admin")
        .insert_header(token("user"))
        .insert_header(key("k3y"));
    send(&app, request.to_request()).await.assert_refused(403);
    // The first valid one says who it is.
    let request = get("/admin")
        .insert_header(token("admin"))
        .insert_header(key("k3y"));
    let answer = send(&app, request.to_request()).await;
    answer.assert_granted();
    assert_eq!(answer.text(), "ada Bearer");
    // A handler of keys alone does not look at the token.
    for presented in ["admin", "user", "nobody", "panic"] {
        let request = get("/by-key")
            .insert_header(token(presented))
            .insert_header(key("k3y"));
        let answer = send(&app, request.to_request()).await;
        answer.assert_granted();
        assert_eq!(answer.text(), "robot ApiKey");
    }
}

mod renamed {
    pub(super) use auth_runtime::requires as ask_for;
}

#[get("/nested")]
#[requires(all(scheme(Bearer), scope("files:read")))]
#[renamed::ask_for(all(scheme(ApiKey), role("admin")))]
async fn nested(caller: Authenticated) -> String {
    calls::count();
    caller.subject().to_owned()
}

#[actix_web::test]
async fn two_guards_of_one_handler_judge_one_identity() {
    let app = app!(auth() => nested);
    let request = get("/nested")
        .insert_header(token("user"))
        .insert_header(key("k3y"));
    let answer = send(&app, request.to_request()).await;
    assert_eq!(calls::take(), 0, "nobody has both: {answer:?}");
    assert!(answer.status.is_client_error(), "{answer:?}");
}

#[actix_web::test]
async fn f403_11_one_invalid_identity_beside_another() {
    let app = app!(auth() => admin, both);
    let answer = |path, bearer: &str, presented: &str| {
        let request = get(path)
            .insert_header(token(bearer))
            .insert_header(key(presented));
        send(&app, request.to_request())
    };
    answer("/admin", "nobody", "k3y").await.assert_granted();
    answer("/both", "nobody", "k3y").await.assert_refused(403);
    answer("/admin", "user", "wrong").await.assert_refused(403);
    answer("/admin", "nobody", "wrong")
        .await
        .assert_refused(401);
    answer("/admin", "expired", "wrong")
        .await
        .assert_refused(401);
}

/// Looks who it is before the app's routes are known.
async fn look_first(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    drop(request.extract::<MaybeAuthenticated>().await);
    next.call(request).await
}

#[actix_web::test]
async fn a_configuration_does_not_believe_anothers_caller() {
    #[get("/self-guarded")]
    async fn self_guarded(caller: Authenticated) -> String {
        calls::count();
        caller.subject().to_owned()
    }
    #[get("/guarded")]
    #[requires_auth]
    async fn guarded(caller: Authenticated) -> String {
        calls::count();
        caller.subject().to_owned()
    }
    #[get("/maybe")]
    #[public(reason = "anybody may look")]
    async fn maybe(caller: MaybeAuthenticated) -> String {
        caller
            .principal()
            .map_or("nobody", Principal::subject)
            .to_owned()
    }

    let inner = bearer(Bearer::sync(|token: Secret<'_>| {
        token.ct_eq("inner").then(|| Principal::new("inner"))
    }));
    // A middleware of the app looks who it is, by the configuration of the app.
    let app = actix_web::test::init_service(
        App::new()
            .wrap(from_fn(look_first))
            .app_data(auth())
            .service(
                web::scope("/inner")
                    .app_data(inner.build().unwrap())
                    .service(self_guarded)
                    .service(guarded)
                    .service(maybe),
            ),
    )
    .await;
    for path in ["/inner/guarded", "/inner/self-guarded", "/inner/maybe"] {
        let answer = send(&app, get(path).insert_header(token("admin")).to_request()).await;
        assert_eq!(calls::take(), 0, "{path}: {answer:?}");
        assert_eq!(
            answer.status, 401,
            "{path}: a token of the app is none of the scope"
        );
    }
}
