use actix_web::App;
use auth_runtime::{ProtectedScope, prelude::*};

#[deny_by_default]
mod api {
    use actix_web::get;
    use auth_runtime::{ProtectedConfig, prelude::*};

    pub struct Page<const SIZE: usize>;

    impl Page<{ 2 + 1 }> {
        pub const fn of_three() -> Self {
            Self
        }
    }

    pub fn routes(config: &mut ProtectedConfig<'_>) {
        #[requires_auth]
        #[get("/users")]
        async fn list_users() -> &'static str {
            "users"
        }
        config.service(list_users);
    }
}

fn main() {
    let _ = api::Page::<3>::of_three();
    let _ = App::new().service(ProtectedScope::new("/api").configure(api::routes));
}
