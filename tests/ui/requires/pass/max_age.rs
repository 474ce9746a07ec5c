use actix_web::{App, get};
use auth_runtime::prelude::*;

#[get("/")]
#[requires(all(max_age("15m"), any(max_age("0s"), max_age("2h"), max_age("1d"))))]
async fn list() -> &'static str {
    "ok"
}

fn main() {
    let _ = App::new().service(list);
}
