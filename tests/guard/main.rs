//! What a handler's decision is made of, where more than one thing has a say in it.

mod before;
mod defaults;
mod drops;
mod late;
mod trees;

use actix_web::http::header::AUTHORIZATION;
use actix_web::test::TestRequest;

/// A request with these values of `Authorization`.
fn get(path: &str, authorization: &str) -> TestRequest {
    TestRequest::get()
        .uri(path)
        .insert_header((AUTHORIZATION, authorization))
}
