use actix_web::{HttpResponse, get, web};
use auth_runtime::prelude::*;

mod access {
    use auth_runtime::prelude::*;

    requirement! {
        /// Whose article it is.
        pub(crate) owns(id: &u64) = any(role("admin"), check(|user, id| {
            user.subject() == id.to_string()
        }));
        pub(super) both(one: &u64, two: &str,) = all(owns(one), check(async |two| !two.is_empty()));
    }
}

use access::owns;

#[get("/articles/{id}")]
#[requires(owns(id))]
async fn read(id: web::Path<u64>) -> String {
    id.to_string()
}

#[get("/articles/{id}/{name}")]
#[requires(any(access::both(id, name), all(self::owns(id), not(access::owns(other)))))]
async fn write(id: web::Json<u64>, name: String, other: web::Json<u64>) -> HttpResponse {
    drop((id, name, other));
    HttpResponse::Ok().finish()
}

fn main() {
    let _ = actix_web::App::new().service(read).service(write);
}
