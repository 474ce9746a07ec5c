use actix_web::{App, get};

#[get("/")]
#[auth_runtime::requires_auth]
async fn list() -> &'static str {
    "ok"
}

fn main() {
    let _ = App::new().service(list);
}
