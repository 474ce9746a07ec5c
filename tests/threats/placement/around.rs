//! On the blocks around handlers.

use actix_web::{HttpRequest, Responder, get, post, web};
use auth_runtime::prelude::*;

use super::assert_guards;
use crate::support::principals::token;
use crate::support::{app, auth, calls, get, send};

struct Controller;

#[requires_auth]
impl Controller {
    #[requires_role("admin")]
    async fn list() -> &'static str {
        calls::count();
        "list"
    }

    async fn show(request: HttpRequest, caller: Authenticated) -> String {
        calls::count();
        format!("{} {}", request.path(), caller.subject())
    }

    fn plain() -> &'static str {
        "not a handler"
    }
}

struct Repository<T>(T);

#[requires_role("admin")]
impl<T: Default + ToString + 'static> Repository<T> {
    async fn first() -> String {
        calls::count();
        Self(T::default()).0.to_string()
    }

    #[requires_scope("files:write")]
    async fn second(_: HttpRequest) -> impl Responder {
        calls::count();
        T::default().to_string()
    }
}

#[requires_role("admin")]
mod inside {
    use super::*;

    #[get("/module/first")]
    pub(super) async fn first() -> &'static str {
        calls::count();
        "first"
    }

    #[post("/module/second")]
    #[requires_scope("files:write")]
    pub(super) async fn second() -> &'static str {
        calls::count();
        "second"
    }
}

#[actix_web::test]
async fn associated_functions_of_an_annotated_impl_block_are_guarded() {
    assert_eq!(Controller::plain(), "not a handler");
    let app = app!(
        auth() =>
            web::resource("/list").to(Controller::list),
            web::resource("/show").to(Controller::show),
            web::resource("/first").to(Repository::<u8>::first),
            web::resource("/second").to(Repository::<String>::second),
    );
    for path in ["/list", "/first", "/second"] {
        assert_guards!(app, get path);
    }
    send(&app, get("/show").to_request())
        .await
        .assert_refused(401);
    let answer = send(&app, get("/show").insert_header(token("user")).to_request()).await;
    answer.assert_granted();
    assert_eq!(answer.text(), "/show rob");
}

#[actix_web::test]
async fn handlers_of_an_annotated_module_are_guarded() {
    let app = app!(auth() => inside::first, inside::second);
    assert_guards!(app, get "/module/first");
    assert_guards!(app, post "/module/second");
}

#[actix_web::test]
async fn what_a_block_and_its_handler_ask_for_must_both_hold() {
    let app = app!(auth() => web::resource("/second").to(Repository::<u8>::second));
    // `eve` has the scope and not the role.
    let writer = get("/second").insert_header(token("writer"));
    send(&app, writer.to_request()).await.assert_refused(403);
    let key = get("/second").insert_header(crate::support::principals::key("k3y"));
    // `robot` has the role and not the scope.
    send(&app, key.to_request()).await.assert_refused(403);
}
