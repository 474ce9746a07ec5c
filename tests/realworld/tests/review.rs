//! The sweep, the matrix and the access lock.

use std::collections::BTreeMap;

use actix_web::{App, web};
use auth_runtime::review::AccessMatrix;
use auth_runtime::testing::sweep::{Sweep, SweepReport};
use auth_tests_realworld::routes::{api, health};
use auth_tests_realworld::store::Store;
use auth_tests_realworld::{authentication, configure};

use crate::EXPECTED;

/// The app with its own answer to what is not there, and with that of actix-web.
const BOTH: [fn(&mut web::ServiceConfig); 2] = [configure, |config| {
    config.configure(health::configure).service(api());
}];

async fn sweep(configure: fn(&mut web::ServiceConfig)) -> SweepReport {
    let app = App::new()
        .app_data(authentication().unwrap())
        .app_data(web::Data::new(Store::with_samples()))
        .configure(configure);
    // One route of the tags asks for it.
    let sweep = Sweep::new().header("content-type", "application/json");
    sweep.run(app).await
}

#[actix_web::test]
async fn the_sweep_accuses_nothing_and_reaches_everything() {
    for (configure, unmounted) in BOTH
        .into_iter()
        .zip([&[][..], &["auth_tests_realworld::routes::no_such_route"]])
    {
        let report = sweep(configure).await;
        report.assert_clean();
        let unreached: Vec<_> = report
            .unreached()
            .iter()
            .map(|record| record.handler.path)
            .collect();
        assert_eq!(unreached, unmounted);
    }
}

#[actix_web::test]
async fn the_matrix_has_every_handler_with_its_route() {
    for configure in BOTH {
        let matrix = sweep(configure).await.matrix();
        let mut found = BTreeMap::new();
        for row in matrix.rows() {
            let requirement = row.requirement();
            let is_public = requirement.starts_with("public(");
            for route in row.routes() {
                let asks = if is_public { "public" } else { &requirement };
                let twice =
                    found.insert(format!("{} {}", route.method, route.path), asks.to_owned());
                assert_eq!(twice, None, "{} {}", route.method, route.path);
            }
        }
        let expected = EXPECTED.map(|(route, asks)| (route.to_owned(), asks.to_owned()));
        assert_eq!(found, BTreeMap::from(expected));
    }
}

#[test]
fn access_is_as_reviewed() {
    auth_runtime::assert_access_lock!("access.lock");
}

#[test]
fn every_handler_has_a_record() {
    assert_eq!(AccessMatrix::collect().rows().len(), 26);
}
