use actix_web::HttpResponse;
use auth_runtime::prelude::*;
use auth_runtime::requirement;

requirement! {
    pub owns(id: &u64) = check(|user: &Principal, id| user.subject() == id.to_string());
}

// Of a library, in which nothing is built that would compute it.
#[requires(owns)]
pub async fn read() -> HttpResponse {
    HttpResponse::Ok().finish()
}

fn main() {}
