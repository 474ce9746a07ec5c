//! The caller as an argument: who it is, found out once, and never a stranger.

use std::cell::Cell;

use actix_web::get;
use auth_runtime::prelude::*;

use crate::support::gate::yields;
use crate::support::principals::verify;
use crate::support::{bearer, calls};

mod anonymous;
mod once;
mod values;

struct User {
    email: &'static str,
}

thread_local! {
    static VERIFIED: Cell<usize> = const { Cell::new(0) };
}

fn verified() -> usize {
    VERIFIED.replace(0)
}

/// Every verification is counted; `user` comes with a value of the app's.
fn counted(token: &str) -> Result<Option<Principal>, VerifyError> {
    VERIFIED.set(VERIFIED.get() + 1);
    if token == "with-user" {
        return Ok(Some(Principal::new("ada").role("admin").with(User {
            email: "a@b.example",
        })));
    }
    verify(token)
}

fn synchronous() -> Auth {
    bearer(Bearer::sync(|token: Secret<'_>| counted(token.expose())))
        .build()
        .unwrap()
}

fn asynchronous() -> Auth {
    let scheme = Bearer::new(|token: Secret<'static>| async move {
        yields(3).await;
        counted(token.expose())
    });
    bearer(scheme).build().unwrap()
}

fn both() -> [Auth; 2] {
    [synchronous(), asynchronous()]
}

#[get("/maybe")]
#[public(reason = "anybody may look")]
async fn maybe(caller: MaybeAuthenticated) -> String {
    calls::count();
    caller
        .principal()
        .map_or("nobody", Principal::subject)
        .to_owned()
}

#[get("/maybe-guarded")]
#[requires_auth]
async fn maybe_guarded(caller: MaybeAuthenticated) -> String {
    calls::count();
    caller
        .principal()
        .map_or("nobody", Principal::subject)
        .to_owned()
}

#[get("/self-guarded")]
async fn self_guarded(caller: Authenticated) -> String {
    calls::count();
    caller.subject().to_owned()
}

#[get("/often")]
#[requires(all(role("admin"), policy(knows), policy(knows_too)))]
async fn often(
    first: Authenticated,
    second: MaybeAuthenticated,
    third: Authenticated<User>,
) -> String {
    calls::count();
    let second = second
        .principal()
        .map(Principal::subject)
        .unwrap_or_default()
        .to_owned();
    format!("{} {second} {}", first.subject(), third.subject())
}

async fn knows(caller: Authenticated, _: MaybeAuthenticated) -> Decision {
    Decision::allow_if(caller.subject() == "ada")
}

async fn knows_too(caller: Authenticated<User>) -> Decision {
    Decision::allow_if(caller.user().email == "a@b.example")
}
