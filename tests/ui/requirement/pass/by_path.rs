use actix_web::{App, get};
use auth_runtime::prelude::*;

mod rules {
    use auth_runtime::prelude::*;

    requirement! {
        pub(super) editors = role("editor");
        pub(super) deleters = all(self::editors, scope("articles:delete"));
    }
}

#[get("/")]
#[requires(any(rules::deleters, role("admin")), hide)]
async fn list() -> &'static str {
    "ok"
}

fn main() {
    let _ = App::new().service(list);
}
