use actix_web::{App, get};
use auth_runtime::prelude::*;

mod policies {
    pub(super) async fn allow() -> auth_runtime::Decision {
        auth_runtime::Decision::allow_if(true)
    }
}

#[get("/")]
#[requires(policy(policies::allow))]
async fn list() -> &'static str {
    "ok"
}

fn main() {
    let _ = App::new().service(list);
}
