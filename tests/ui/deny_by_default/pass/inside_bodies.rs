use actix_web::{App, web};
use auth_runtime::prelude::*;

#[deny_by_default]
mod api {
    use actix_web::{get, web};
    use auth_runtime::prelude::*;

    pub struct Page<const SIZE: usize>;

    impl Default for Page<{ 2 + 1 }> {
        fn default() -> Self {
            Self
        }
    }

    pub fn routes(config: &mut web::ServiceConfig) {
        #[get("/users")]
        #[requires_auth]
        async fn list_users() -> &'static str {
            "users"
        }
        config.service(list_users);
    }
}

fn main() {
    let _: api::Page<3> = Default::default();
    let _ = App::new().service(web::scope("/api").configure(api::routes));
}
