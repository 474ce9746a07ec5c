//! Which configuration decides.

use actix_web::test::init_service;
use actix_web::{App, Resource, web};
use auth_runtime::prelude::*;

use super::{auth, get, open, status};

/// One that knows `other`, and nothing of the callers of the app.
fn other_auth() -> Auth {
    Auth::builder()
        .realm("other")
        .scheme(Bearer::sync(|token: Secret<'_>| {
            token
                .ct_eq("other")
                .then(|| Principal::new("other").role("admin"))
        }))
        .build()
        .unwrap()
}

#[requires_role("admin")]
async fn admin(caller: Authenticated) -> String {
    caller.subject().to_owned()
}

#[actix_web::test]
async fn on_the_app_it_is_that_of_the_app() {
    let app = App::new()
        .app_data(auth())
        .wrap(require!(role("admin")))
        .route("/open", web::get().to(open))
        .service(
            web::scope("/scope")
                .app_data(other_auth())
                .route("/open", web::get().to(open)),
        );
    let app = init_service(app).await;
    for path in ["/open", "/scope/open"] {
        assert_eq!(status(&app, get(path, "admin")).await, 200, "{path}");
        assert_eq!(status(&app, get(path, "other")).await, 401, "{path}");
    }
}

#[actix_web::test]
async fn on_a_scope_with_one_of_its_own_it_is_that() {
    let app = App::new()
        .app_data(auth())
        .service(
            web::scope("/scope")
                .app_data(other_auth())
                .wrap(require!(role("admin")))
                .route("/open", web::get().to(open)),
        )
        .service(
            web::resource("/resource")
                .app_data(other_auth())
                .wrap(require!(role("admin")))
                .to(open),
        )
        .service(
            web::scope("/plain")
                .wrap(require!(role("admin")))
                .route("", web::get().to(open)),
        );
    let app = init_service(app).await;
    for (path, of_admin, of_other) in [
        ("/scope/open", 401, 200),
        ("/resource", 401, 200),
        ("/plain", 200, 401),
    ] {
        assert_eq!(status(&app, get(path, "admin")).await, of_admin, "{path}");
        assert_eq!(status(&app, get(path, "other")).await, of_other, "{path}");
    }
}

/// A caller of one configuration is none of the other, and passes not both.
#[actix_web::test]
async fn a_handler_inside_with_another_configuration_authenticates_by_that() {
    let app = App::new().app_data(auth()).service(
        web::scope("/mount").wrap(require!(authenticated)).service(
            web::scope("/inner")
                .app_data(other_auth())
                .route("/admin", web::get().to(admin))
                .service(
                    Resource::new("/mount")
                        .wrap(require!(role("admin")))
                        .to(open),
                ),
        ),
    );
    let app = init_service(app).await;
    for path in ["/mount/inner/admin", "/mount/inner/mount"] {
        for token in ["", "known", "admin", "other"] {
            assert_eq!(status(&app, get(path, token)).await, 401, "{path} {token}");
        }
    }
}

#[actix_web::test]
async fn two_kinds_of_one_are_a_mistake_and_not_open() {
    let app = App::new()
        .app_data(auth())
        .app_data(web::Data::new(other_auth()))
        .service(
            web::scope("/mount")
                .wrap(require!(authenticated))
                .route("", web::get().to(open)),
        )
        .service(
            web::scope("/public")
                .wrap(require!(public(reason = "for everyone")))
                .route("", web::get().to(open)),
        );
    let app = init_service(app).await;
    for path in ["/mount", "/public"] {
        assert_eq!(status(&app, get(path, "admin")).await, 500, "{path}");
    }
}
