use actix_web::{App, guard, routes, web};
use auth_runtime::{ProtectedScope, prelude::*};

#[public(reason = "a test")]
#[routes]
#[get("/one")]
#[get("/two")]
async fn several() -> &'static str {
    "ok"
}

struct Controller;

#[requires_auth]
impl Controller {
    async fn list(body: String) -> String {
        body
    }
}

fn main() {
    let scope = ProtectedScope::new("/api").guard(guard::Get()).app_data(web::Data::new(1));
    let scope = scope.service(several).route("/list", (web::post(), Controller::list));
    let _ = App::new().service(scope);
}
