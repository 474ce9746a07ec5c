use actix_web::{HttpResponse, get, web};
use auth_runtime::prelude::*;

struct Person {
    age: u8,
}

async fn is_open() -> Decision {
    Decision::allow()
}

requirement! {
    pub(crate) adult = check(|user: &Person| user.age >= 18);
    pub(crate) open = policy(is_open);
    pub(crate) served = any(role("host"), all(open, adult, not(role("banned"))));
}

#[get("/bar/{id}")]
#[requires(served)]
async fn order(id: web::Path<u64>, may: Authorized<served>) -> HttpResponse {
    HttpResponse::Ok().body(format!("{id} {may:?}"))
}

fn main() {
    let _ = actix_web::App::new().service(order);
}
