//! Fail open: whatever goes wrong, nobody is let in by it.

use actix_web::get;
use auth_runtime::prelude::*;

use crate::support::calls;

/// With this configuration, a token gets this status at every handler that asks for somebody.
macro_rules! assert_all_refused {
    ($auth:expr, $status:expr) => {{
        let app = app!($auth => known, admin, not_banned, self_guarded);
        for path in GUARDED {
            let answer = send(&app, get(path).insert_header(token("admin")).to_request()).await;
            answer.assert_refused($status);
        }
    }};
}

mod configuration;
mod emptiness;
mod verifiers;

#[get("/known")]
#[requires_auth]
async fn known() -> &'static str {
    calls::count();
    "known"
}

#[get("/admin")]
#[requires_role("admin")]
async fn admin() -> &'static str {
    calls::count();
    "admin"
}

#[get("/not-banned")]
#[requires(not(role("banned")))]
async fn not_banned() -> &'static str {
    calls::count();
    "not banned"
}

#[get("/hidden")]
#[requires_role("admin", hide)]
async fn hidden() -> &'static str {
    calls::count();
    "hidden"
}

#[get("/open")]
#[public(reason = "the control")]
async fn open() -> &'static str {
    calls::count();
    "open"
}

#[get("/self-guarded")]
async fn self_guarded(caller: Authenticated) -> String {
    calls::count();
    caller.subject().to_owned()
}

const GUARDED: [&str; 4] = ["/known", "/admin", "/not-banned", "/self-guarded"];
