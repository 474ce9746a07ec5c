use actix_web::web;
use auth_runtime::prelude::*;

#[requires(check(|first: &String| first.is_empty()))]
async fn list((first, second): (String, web::Json<String>)) -> String {
    first + &second
}

fn main() {}
