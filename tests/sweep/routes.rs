//! The routes of the running app, at the handlers that they belong to.

use actix_web::{App, Handler, web};
use auth_runtime::__private::{Guarded, Spec};
use auth_runtime::prelude::*;
use auth_runtime::review::AccessMatrix;
use auth_runtime::testing::sweep::Sweep;

use super::{auth, called, mounted_by_hand};

fn routes(matrix: &AccessMatrix, name: &str) -> Vec<(String, Vec<String>)> {
    let rows = matrix.rows().iter();
    rows.filter(|row| row.record().name() == name)
        .map(|row| {
            let routes = row.routes().map(ToString::to_string).collect();
            (row.requirement(), routes)
        })
        .collect()
}

#[actix_web::test]
async fn a_handler_that_is_mounted_twice_has_both_routes() {
    let app = App::new()
        .app_data(auth())
        .route("/a", web::get().to(mounted_by_hand))
        .route("/b/a", web::get().to(mounted_by_hand))
        .service(web::scope("/c").route("/b/a", web::get().to(mounted_by_hand)));
    let matrix = Sweep::new().run(app).await.matrix();
    let expected = ["GET /a", "GET /b/a", "GET /c/b/a"].map(str::to_owned);
    assert_eq!(
        routes(&matrix, "mounted_by_hand"),
        [(r#"role("admin")"#.to_owned(), expected.to_vec())]
    );
}

fn mount<F, S, A>(path: &str, handler: F) -> actix_web::Resource
where
    F: Handler<(Guarded<S, A>,)>,
    F::Output: actix_web::Responder + 'static,
    S: Spec<Checks: auth_runtime::__private::Checks<A>>,
    A: auth_runtime::__private::Arguments,
{
    web::resource(path).route(web::get().to(handler))
}

/// Handlers of one name, of which one is not mounted: what is said of it is not said of another.
#[actix_web::test]
async fn handlers_of_one_name_are_told_apart() {
    fn first() -> actix_web::Resource {
        #[requires_role("admin")]
        async fn twin() -> &'static str {
            called()
        }
        mount("/first", twin)
    }
    fn second() -> actix_web::Resource {
        #[requires_role("editor")]
        async fn twin() -> &'static str {
            called()
        }
        mount("/second", twin)
    }
    fn third() -> actix_web::Resource {
        #[requires_auth]
        async fn twin() -> &'static str {
            called()
        }
        mount("/third", twin)
    }
    fn two_of_one_function() -> [actix_web::Resource; 2] {
        let one = {
            #[requires_role("admin")]
            async fn twin_of_block() -> &'static str {
                called()
            }
            mount("/fourth", twin_of_block)
        };
        #[requires_role("editor")]
        async fn twin_of_block() -> &'static str {
            called()
        }
        [one, mount("/fifth", twin_of_block)]
    }
    let _ = third;
    let [fourth, fifth] = two_of_one_function();
    let app = App::new()
        .app_data(auth())
        .service((first(), second(), fourth, fifth));
    let report = Sweep::new().run(app).await;
    report.assert_clean();
    assert_eq!(
        routes(&report.matrix(), "twin"),
        [
            (r#"role("admin")"#.to_owned(), vec!["GET /first".to_owned()]),
            (
                r#"role("editor")"#.to_owned(),
                vec!["GET /second".to_owned()]
            ),
        ]
    );
    assert_eq!(
        routes(&report.matrix(), "twin_of_block"),
        [
            (
                r#"role("admin")"#.to_owned(),
                vec!["GET /fourth".to_owned()]
            ),
            (
                r#"role("editor")"#.to_owned(),
                vec!["GET /fifth".to_owned()]
            ),
        ]
    );
    let unreached: Vec<_> = report
        .unreached()
        .iter()
        .filter(|record| record.name() == "twin")
        .map(|record| record.access.to_string())
        .collect();
    assert_eq!(unreached, ["authenticated"]);
}
