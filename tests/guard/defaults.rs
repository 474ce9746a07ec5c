//! `#[deny_by_default(requires(..))]` inside of another.

use actix_web::http::StatusCode;
use actix_web::test::{call_service, init_service};
use actix_web::{App, get, web};
use auth_runtime::prelude::*;

use crate::get;

#[deny_by_default(requires(authenticated))]
mod api {
    use super::*;

    #[get("/me")]
    pub async fn me() -> &'static str {
        "me"
    }

    #[deny_by_default(requires(role("admin")))]
    pub mod admin {
        use super::*;

        #[get("/admin")]
        pub async fn users() -> &'static str {
            "users"
        }

        pub mod deeper {
            use super::*;

            #[get("/deeper")]
            pub async fn keys() -> &'static str {
                "keys"
            }
        }
    }

    // It has no default of its own.
    #[deny_by_default]
    pub mod plain {
        use super::*;

        #[get("/plain")]
        pub async fn plain() -> &'static str {
            "plain"
        }
    }
}

#[deny_by_default]
mod strict {
    use super::*;

    #[deny_by_default(requires(role("admin")))]
    pub mod inner {
        use super::*;

        #[get("/strict")]
        pub async fn inner() -> &'static str {
            "inner"
        }
    }
}

struct Twice;

#[deny_by_default(requires(authenticated))]
#[deny_by_default(requires(role("admin")))]
impl Twice {
    async fn twice() -> &'static str {
        "twice"
    }
}

#[actix_web::test]
async fn the_nearest_default_applies() {
    let auth = Auth::builder()
        .realm("defaults")
        .scheme(Bearer::sync(|token: Secret<'_>| {
            Some(Principal::new("ada").role(token.expose()))
        }))
        .build()
        .unwrap();
    let app = App::new()
        .app_data(auth)
        .service(api::me)
        .service(api::admin::users)
        .service(api::admin::deeper::keys)
        .service(api::plain::plain)
        .service(strict::inner::inner)
        .route("/twice", web::get().to(Twice::twice));
    let app = init_service(app).await;
    for (path, role, expected) in [
        ("/me", "clerk", StatusCode::OK),
        ("/plain", "clerk", StatusCode::OK),
        ("/admin", "clerk", StatusCode::FORBIDDEN),
        ("/admin", "admin", StatusCode::OK),
        ("/deeper", "clerk", StatusCode::FORBIDDEN),
        ("/deeper", "admin", StatusCode::OK),
        ("/twice", "clerk", StatusCode::FORBIDDEN),
        ("/twice", "admin", StatusCode::OK),
        ("/strict", "clerk", StatusCode::FORBIDDEN),
        ("/strict", "admin", StatusCode::OK),
    ] {
        let request = get(path, &format!("Bearer {role}")).to_request();
        let answer = call_service(&app, request).await;
        assert_eq!(answer.status(), expected, "{path} for {role}");
    }
}
