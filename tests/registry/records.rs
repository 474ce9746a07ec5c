//! What the attributes leave for the linker.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, Responder, get, routes, scope, web};
use auth_runtime::model::Access;
use auth_runtime::prelude::*;
use auth_runtime::review::{HandlerRecord, records};

fn record(path: &str) -> &'static HandlerRecord {
    let found: Vec<_> = records()
        .iter()
        .filter(|record| record.handler.path == path)
        .collect();
    let [one] = *found else {
        panic!("{} records of {path}", found.len())
    };
    one
}

fn here(name: &str) -> &'static HandlerRecord {
    record(&format!("registry::records::{name}"))
}

fn routes_of(record: &HandlerRecord) -> Vec<(String, &'static str)> {
    record
        .routes
        .iter()
        .map(|route| (route.methods.join("+"), route.path))
        .collect()
}

#[get("/below")]
#[requires_role("admin")]
async fn below() -> &'static str {
    "below"
}

#[requires(any(role("editor"), scope("articles:write")), hide)]
#[get("/above/{id}")]
async fn above(_id: web::Path<u64>) -> &'static str {
    "above"
}

#[requires_auth]
#[routes]
#[get("/one")]
#[post("/two", name = "second")]
async fn several() -> &'static str {
    "several"
}

#[requires_auth]
#[actix_web::route("/many", method = "GET", method = "REPORT", name = "many")]
async fn many() -> &'static str {
    "many"
}

#[public(reason = "a probe")]
#[get("/probe")]
async fn probe() -> &'static str {
    "probe"
}

#[requires_scope("a")]
async fn generic<T: actix_web::FromRequest + 'static>(_: T) -> impl Responder {
    "generic"
}

#[allow(dead_code)]
#[requires_auth]
async fn never_mounted() -> &'static str {
    "never"
}

struct Controller;

#[requires_role("owner")]
impl Controller {
    async fn list() -> &'static str {
        "list"
    }

    #[requires_scope("look")]
    async fn show() -> &'static str {
        "show"
    }
}

#[requires_role("staff")]
mod inside {
    use super::*;

    #[get("/inner")]
    #[requires_scope("inner")]
    pub async fn inner() -> &'static str {
        "inner"
    }

    pub async fn bare() -> &'static str {
        "bare"
    }
}

#[scope("/prefix")]
mod scoped {
    use super::*;

    #[requires_auth]
    #[get("/leaf")]
    pub async fn leaf() -> &'static str {
        "leaf"
    }
}

#[utoipa::path(get, path = "/documented", responses((status = 200)))]
#[requires_role("reader")]
#[get("/documented")]
async fn documented_above() -> &'static str {
    "documented"
}

#[requires_role("reader")]
#[utoipa::path(get, path = "/read", responses((status = 200)))]
#[get("/read")]
async fn documented_below() -> &'static str {
    "documented"
}

macro_rules! handlers {
    ($($name:ident $role:literal)+) => {
        $(
            #[requires_role($role)]
            async fn $name() -> &'static str {
                stringify!($name)
            }
        )+
    };
}
handlers! { first_of_macro "m1" second_of_macro "m2" }

#[cfg(any())]
#[requires_auth]
async fn left_out() -> &'static str {
    "not compiled"
}

#[requires_auth]
#[cfg(any())]
async fn left_out_below() -> &'static str {
    "not compiled"
}

#[allow(dead_code)]
fn mount(config: &mut web::ServiceConfig) {
    config
        .service(below)
        .service(above)
        .service(several)
        .service(many)
        .service(probe)
        .service(inside::inner)
        .service(scoped::leaf)
        .service(documented_above)
        .service(documented_below)
        .route("/generic", web::get().to(generic::<HttpRequest>))
        .route("/generic2", web::get().to(generic::<web::Bytes>))
        .route("/list", web::get().to(Controller::list))
        .route("/show", web::get().to(Controller::show))
        .route("/bare", web::get().to(inside::bare))
        .route("/m1", web::get().to(first_of_macro))
        .route("/m2", web::get().to(second_of_macro));
}

#[test]
fn a_handler_below_its_route_has_a_record_without_the_route() {
    let record = here("below");
    assert_eq!(record.access.to_string(), r#"role("admin")"#);
    assert!(record.handler.file.ends_with("registry/records.rs"));
    assert!(record.handler.line > 1);
    assert!(!record.is_hidden && record.routes.is_empty());
    assert_eq!(record.name(), "below");
}

#[test]
fn a_handler_above_its_route_has_its_method_and_path() {
    let record = here("above");
    assert_eq!(
        record.access.to_string(),
        r#"any(role("editor"), scope("articles:write"))"#
    );
    assert!(record.is_hidden);
    assert_eq!(routes_of(record), [("GET".to_owned(), "/above/{id}")]);
}

#[test]
fn several_routes_and_methods_are_all_recorded() {
    assert_eq!(
        routes_of(here("several")),
        [("GET".to_owned(), "/one"), ("POST".to_owned(), "/two")]
    );
    assert_eq!(
        routes_of(here("many")),
        [("GET+REPORT".to_owned(), "/many")]
    );
    assert_eq!(
        routes_of(here("scoped::leaf")),
        [("GET".to_owned(), "/prefix/leaf")]
    );
}

#[test]
fn a_public_handler_is_recorded_with_its_reason() {
    let record = here("probe");
    assert_eq!(record.public_reason(), Some("a probe"));
    assert_eq!(record.access, Access::Public("a probe"));
    assert_eq!(here("below").public_reason(), None);
}

#[test]
fn a_generic_handler_has_one_record_however_often_it_is_mounted() {
    assert_eq!(here("generic").access.to_string(), r#"scope("a")"#);
}

#[test]
fn handlers_of_blocks_modules_and_macros_are_recorded() {
    for (name, access) in [
        ("Controller::list", r#"role("owner")"#),
        ("Controller::show", r#"all(role("owner"), scope("look"))"#),
        ("inside::bare", r#"role("staff")"#),
        ("inside::inner", r#"all(role("staff"), scope("inner"))"#),
        ("first_of_macro", r#"role("m1")"#),
        ("second_of_macro", r#"role("m2")"#),
        ("documented_above", r#"role("reader")"#),
        ("documented_below", r#"role("reader")"#),
        ("never_mounted", "authenticated"),
    ] {
        assert_eq!(here(name).access.to_string(), access, "{name}");
    }
}

#[test]
fn a_handler_in_a_function_body_is_recorded() {
    #[requires_role("local")]
    async fn local() -> &'static str {
        "local"
    }
    let _ = web::get().to(local);
    assert_eq!(here("local").access.to_string(), r#"role("local")"#);
}

#[test]
fn what_is_not_compiled_has_no_record() {
    assert!(
        records()
            .iter()
            .all(|record| !record.name().starts_with("left_out"))
    );
}

#[requires_auth]
mod placed {
    pub(super) const FIRST: u32 = line!() + 1;
    pub(super) async fn placed_first() {}

    pub(super) const SECOND: u32 = line!() + 1;
    pub(super) async fn placed_second() {}
}

#[test]
fn a_record_knows_the_line_of_its_handler_below_an_attribute_on_the_module() {
    _ = (placed::placed_first, placed::placed_second);
    assert_eq!(here("placed::placed_first").handler.line, placed::FIRST);
    assert_eq!(here("placed::placed_second").handler.line, placed::SECOND);
}

#[test]
fn the_order_is_that_of_the_paths_and_nothing_is_twice() {
    let keys: Vec<_> = records()
        .iter()
        .map(|record| {
            let handler = record.handler;
            let place = (handler.file, handler.line, handler.column);
            (handler.path, record.access.to_string(), place)
        })
        .collect();
    let paths: Vec<_> = keys.iter().map(|(path, ..)| path).collect();
    assert!(paths.is_sorted());
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
    // The very same list each time.
    assert!(std::ptr::eq(records(), records()));
}
