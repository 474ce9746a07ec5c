use actix_web::{App, web};
use auth_runtime::prelude::*;

#[deny_by_default]
mod api {
    use actix_web::{get, web};
    use auth_runtime::prelude::*;

    pub struct Page<const SIZE: usize>;

    impl Page<{ 2 + 1 }> {
        pub const fn of_three() -> Self {
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
    let _ = api::Page::<3>::of_three();
    let _ = App::new().service(web::scope("/api").configure(api::routes));
}
