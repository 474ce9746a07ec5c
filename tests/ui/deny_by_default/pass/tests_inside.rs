use auth_runtime::prelude::*;

#[deny_by_default]
#[requires_auth]
mod api {
    #[actix_web::get("/users")]
    pub async fn list_users() -> &'static str {
        "users"
    }

    #[cfg(test)]
    mod tests {
        #[actix_web::get("/fake")]
        async fn fake() -> &'static str {
            "for tests alone"
        }

        #[test]
        fn is_mounted() {
            let _ = actix_web::App::new().service(fake);
        }
    }
}

fn main() {
    let _ = actix_web::App::new().service(api::list_users);
}
