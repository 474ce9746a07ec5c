//! What an attribute on a block guards: every handler inside, however it is written. What it cannot
//! guard does not compile: `ui/blocks/fail`.

use actix_web::http::StatusCode;
use actix_web::test::{call_service, init_service};
use actix_web::{App, web};
use auth_runtime::{ProtectedConfig, prelude::*};

use crate::get;

macro_rules! module {
    ($function:item; $(#[$attribute:meta])*) => {
        #[requires_role("admin")]
        mod written {
            $function

            $(#[$attribute])*
            pub async fn captured() -> &'static str {
                "captured"
            }
        }
    };
}

module! {
    pub async fn whole() -> &'static str {
        "whole"
    };
    #[actix_web::get("/captured")]
}

#[requires_role("admin")]
mod required {
    use actix_web::get as fetch;
    use auth_runtime::not_a_handler;

    pub async fn plain() -> &'static str {
        "plain"
    }

    #[fetch("/renamed")]
    pub async fn renamed() -> String {
        load().await + &helper(&String::from("!")).await
    }

    #[cfg_attr(all(), fetch("/behind"))]
    pub async fn behind() -> &'static str {
        "behind"
    }

    #[allow(unused)]
    pub async fn attributed() -> &'static str {
        "attributed"
    }

    pub struct Controller;

    impl Controller {
        pub async fn associated() -> &'static str {
            "associated"
        }
    }

    pub mod inner {
        pub async fn nested() -> &'static str {
            "nested"
        }

        pub struct Page<T>(T);

        impl<T> Page<T> {
            pub async fn generic() -> &'static str {
                "generic"
            }
        }
    }

    #[not_a_handler]
    pub async fn load() -> String {
        String::from("loaded")
    }

    async fn helper(text: &str) -> String {
        text.to_owned()
    }
}

#[deny_by_default(requires(role("admin")))]
mod denied {
    pub async fn plain() -> &'static str {
        "plain"
    }

    pub struct Controller;

    impl Controller {
        pub async fn associated() -> &'static str {
            "associated"
        }
    }

    #[auth_runtime::deny_by_default(requires(authenticated))]
    pub mod inner {
        pub struct Controller;

        impl Controller {
            pub async fn associated() -> &'static str {
                "associated"
            }
        }
    }
}

/// Of a renamed crate, as it were.
#[deny_by_default(requires(role("admin")), crate = ::auth_runtime)]
mod elsewhere {
    pub async fn plain() -> &'static str {
        "plain"
    }

    pub fn helper() -> usize {
        3
    }
}

#[actix_web::test]
async fn nobody_gets_past_the_attribute_on_a_block() {
    let auth = Auth::builder()
        .realm("blocks")
        .scheme(Bearer::sync(|token: Secret<'_>| {
            Some(Principal::new("ada").role(token.expose()))
        }))
        .build()
        .unwrap();
    assert_eq!(elsewhere::helper(), 3);
    let app = App::new()
        .app_data(auth)
        .configure(|config| {
            ProtectedConfig::new(config)
                .route("/whole", (web::get(), written::whole))
                .route(
                    "/deny/inner",
                    (web::get(), denied::inner::Controller::associated),
                );
        })
        .service(written::captured)
        .service(required::renamed)
        .service(required::behind)
        .route("/plain", web::get().to(required::plain))
        .route("/attributed", web::get().to(required::attributed))
        .route(
            "/associated",
            web::get().to(required::Controller::associated),
        )
        .route("/nested", web::get().to(required::inner::nested))
        .route(
            "/generic",
            web::get().to(required::inner::Page::<u8>::generic),
        )
        .route("/deny/plain", web::get().to(denied::plain))
        .route(
            "/deny/associated",
            web::get().to(denied::Controller::associated),
        )
        .route("/elsewhere", web::get().to(elsewhere::plain));
    let app = init_service(app).await;
    for path in [
        "/whole",
        "/captured",
        "/plain",
        "/renamed",
        "/behind",
        "/attributed",
        "/associated",
        "/nested",
        "/generic",
        "/deny/plain",
        "/deny/associated",
        "/elsewhere",
    ] {
        let anonymous = actix_web::test::TestRequest::get().uri(path).to_request();
        let answer = call_service(&app, anonymous).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path}");
        for (role, expected) in [("clerk", StatusCode::FORBIDDEN), ("admin", StatusCode::OK)] {
            let request = get(path, &format!("Bearer {role}")).to_request();
            let answer = call_service(&app, request).await;
            assert_eq!(answer.status(), expected, "{path} for {role}");
        }
    }
    let request = get("/deny/inner", "Bearer clerk").to_request();
    assert_eq!(call_service(&app, request).await.status(), StatusCode::OK);
    assert_eq!(required::load().await, "loaded");
}
