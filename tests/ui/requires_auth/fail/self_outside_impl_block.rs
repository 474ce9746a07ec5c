use auth_runtime::prelude::*;

struct Controller;

impl Controller {
    #[requires_auth]
    async fn list(_state: actix_web::web::Data<Self>) -> String {
        String::new()
    }
}

fn main() {}
