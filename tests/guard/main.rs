//! What a handler's decision is made of, where more than one thing has a say in it.

mod before;
mod blocks;
mod crates;
mod defaults;
mod drops;
mod late;
mod trees;

use actix_web::http::header::AUTHORIZATION;
use actix_web::test::TestRequest;
use auth_runtime::prelude::*;

/// A request with these values of `Authorization`.
fn get(path: &str, authorization: &str) -> TestRequest {
    TestRequest::get()
        .uri(path)
        .insert_header((AUTHORIZATION, authorization))
}

/// Of the same names in the library of the tests, each allows.
async fn gate() -> Decision {
    Decision::deny("of the binary")
}

fn holds(_: &Principal) -> bool {
    false
}

requirement! {
    Gate = policy(gate);
}
