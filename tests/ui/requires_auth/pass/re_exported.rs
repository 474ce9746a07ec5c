use actix_web::{App, get};
use auth_runtime::prelude::*;

mod private {
    use super::*;

    #[get("/")]
    #[requires_auth]
    pub async fn list() -> &'static str {
        "ok"
    }
}
pub use private::list;

fn main() {
    let _ = App::new().service(list);
}
