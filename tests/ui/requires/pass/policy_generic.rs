use actix_web::{App, get};
use auth_runtime::prelude::*;

async fn length<const LOW: usize, const HIGH: usize>(caller: Authenticated) -> Decision {
    Decision::allow_if((LOW..HIGH).contains(&caller.subject().len()))
}

#[get("/")]
#[requires(policy(length::<3, 9>))]
async fn list() -> &'static str {
    "ok"
}

fn main() {
    let _ = App::new().service(list);
}
