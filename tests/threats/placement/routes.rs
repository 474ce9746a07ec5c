//! Beside the attributes of actix-web.

use actix_web::{HttpResponse, Responder, get, route, routes, scope, web};
use auth_runtime::prelude::*;

use super::assert_guards;
use crate::support::{app, auth, calls};

#[requires_role("admin")]
#[get("/above")]
async fn above() -> &'static str {
    calls::count();
    "above"
}

#[get("/below")]
#[requires_role("admin")]
async fn below() -> &'static str {
    calls::count();
    "below"
}

#[actix_web::get("/qualified")]
#[auth_runtime::requires_role("admin")]
async fn qualified() -> &'static str {
    calls::count();
    "qualified"
}

#[::auth_runtime::requires_role("admin")]
#[::actix_web::get("/absolute")]
async fn absolute() -> &'static str {
    calls::count();
    "absolute"
}

#[routes]
#[get("/several")]
#[post("/several")]
#[delete("/several/other")]
#[requires_role("admin")]
async fn several() -> &'static str {
    calls::count();
    "several"
}

#[requires_role("admin")]
#[routes]
#[get("/several-below")]
#[post("/several-below")]
async fn several_below() -> &'static str {
    calls::count();
    "several"
}

#[route("/two-methods", method = "GET", method = "POST")]
#[requires_role("admin")]
async fn two_methods() -> &'static str {
    calls::count();
    "two methods"
}

#[requires_role("admin")]
#[route("/two-methods-below", method = "GET", method = "POST")]
async fn two_methods_below() -> &'static str {
    calls::count();
    "two methods"
}

#[scope("/scoped")]
mod scoped {
    use super::*;

    #[get("/above")]
    #[requires_role("admin")]
    pub(super) async fn inside() -> &'static str {
        calls::count();
        "scoped"
    }

    #[requires_role("admin")]
    #[get("/below")]
    pub(super) async fn inside_below() -> &'static str {
        calls::count();
        "scoped"
    }
}

mod elsewhere {
    use super::*;

    #[get("/reexported")]
    #[requires_role("admin")]
    pub(super) async fn original() -> &'static str {
        calls::count();
        "reexported"
    }

    #[requires_role("admin")]
    pub(super) async fn plain() -> &'static str {
        calls::count();
        "plain"
    }
}
use elsewhere::{original as reexported, plain as renamed};

#[requires_role("admin")]
async fn twice() -> impl Responder {
    calls::count();
    HttpResponse::Ok()
}

#[actix_web::test]
async fn route_attributes_above_and_below_guard() {
    let app = app!(auth() => above, below, qualified, absolute, reexported);
    for path in ["/above", "/below", "/qualified", "/absolute", "/reexported"] {
        assert_guards!(app, get path);
    }
}

#[actix_web::test]
async fn every_method_of_routes_and_route_is_guarded() {
    let app = app!(auth() => several, several_below, two_methods, two_methods_below);
    for path in [
        "/several",
        "/several-below",
        "/two-methods",
        "/two-methods-below",
    ] {
        assert_guards!(app, get path);
        assert_guards!(app, post path);
    }
    assert_guards!(app, delete "/several/other");
}

#[actix_web::test]
async fn handlers_inside_a_scope_module_are_guarded() {
    let app = app!(auth() => scoped::inside, scoped::inside_below);
    assert_guards!(app, get "/scoped/above");
    assert_guards!(app, get "/scoped/below");
}

#[actix_web::test]
async fn a_handler_mounted_twice_or_under_another_name_is_guarded_everywhere() {
    let app = app!(
        auth() =>
            web::resource("/one").route(web::get().to(twice)).route(web::post().to(twice)),
            web::resource("/all").to(twice),
            web::scope("/deep/{x}").service(web::scope("/er").route("/two", web::get().to(twice))),
            web::resource("/renamed").to(renamed),
            web::scope("/default").default_service(web::to(twice)),
    );
    for path in [
        "/one",
        "/all",
        "/deep/x/er/two",
        "/renamed",
        "/default/anything",
    ] {
        assert_guards!(app, get path);
    }
    assert_guards!(app, post "/one");
    assert_guards!(app, patch "/all");
}

#[actix_web::test]
async fn the_default_service_of_an_app_is_guarded() {
    let app = actix_web::test::init_service(
        actix_web::App::new()
            .app_data(auth())
            .default_service(web::to(twice)),
    )
    .await;
    assert_guards!(app, get "/whatever");
    assert_guards!(app, delete "/");
}
