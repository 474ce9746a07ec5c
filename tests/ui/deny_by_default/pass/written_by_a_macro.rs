use actix_web::App;
use auth_runtime::prelude::*;

macro_rules! modules {
    ($module:item $vis:vis $name:ident { $($item:item)* }) => {
        #[deny_by_default]
        $module

        #[deny_by_default(requires(role("editor")))]
        $vis mod $name {
            $($item)*
        }
    };
}

modules! {
    mod api {
        #[actix_web::get("/users")]
        #[auth_runtime::requires_auth]
        pub async fn list_users() -> &'static str {
            "ok"
        }
    }
    pub(crate) articles {
        #[actix_web::get("/articles")]
        pub async fn list() -> &'static str {
            "ok"
        }

        pub struct Articles;

        impl Articles {
            #[auth_runtime::requires_auth]
            pub async fn list() -> &'static str {
            "ok"
        }
        }
    }
}

fn main() {
    let _ = App::new().service(api::list_users).service(articles::list);
    let _ = actix_web::web::get().to(articles::Articles::list);
}
