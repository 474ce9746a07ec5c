//! CH: the syntax of challenges, and which of them an answer carries.

mod choice;
mod syntax;

use crate::support::app::{with_authorization, with_basic};
use crate::support::{Answer, all_schemes, ask, get, with_bearer};

/// One answer of every kind that carries challenges.
async fn challenged() -> Vec<Answer> {
    let auth = all_schemes();
    let twice = get("/p")
        .append_header(("authorization", "Bearer user"))
        .append_header(("authorization", "Bearer user"));
    vec![
        ask(&auth, get("/p")).await,
        ask(&auth, with_bearer("/p", "nobody")).await,
        ask(&auth, with_bearer("/p", "expired")).await,
        ask(&auth, with_bearer("/p", "revoked")).await,
        ask(&auth, with_bearer("/p", "not a token")).await,
        ask(&auth, with_basic("/p", "ada:wrong")).await,
        ask(&auth, with_authorization("/p", b"Basic !")).await,
        ask(&auth, get("/p").insert_header(("x-api-key", "wrong"))).await,
        ask(&auth, get("/p").insert_header(("cookie", "session=wrong"))).await,
        ask(&auth, with_authorization("/p", b"Foo x")).await,
        ask(&auth, with_bearer("/o", "nobody")).await,
        ask(&auth, get("/plain")).await,
        ask(&auth, get("/k")).await,
        ask(&auth, twice).await,
        ask(&auth, with_bearer("/s", "user")).await,
    ]
}
