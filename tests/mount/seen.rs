//! What the sweep and the audit see of a mount point.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use actix_web::test::init_service;
use actix_web::{App, guard, web};
use auth_runtime::audit::{AuditSink, DecisionEvent, Outcome};
use auth_runtime::prelude::*;
use auth_runtime::review::RecordKind;
use auth_runtime::testing::sweep::{Caller, Finding, Observed, Sweep, SweepReport};

use super::{auth, builder, get, open, status};

static CALLS: AtomicUsize = AtomicUsize::new(0);

#[requires_role("editor")]
async fn edits() -> &'static str {
    CALLS.fetch_add(1, Ordering::SeqCst);
    "edited"
}

async fn is_odd() -> Decision {
    CALLS.fetch_add(1, Ordering::SeqCst);
    Decision::allow()
}

fn observed(report: &SweepReport, route: &str, caller: &Caller) -> Observed {
    let (method, pattern) = route.split_once(' ').unwrap();
    report
        .observations()
        .iter()
        .find(|each| each.method == method && each.pattern == pattern && each.caller == *caller)
        .unwrap_or_else(|| panic!("{route} {caller} was not asked"))
        .observed
}

#[actix_web::test]
async fn the_sweep_asks_the_mount_point_and_the_guards_inside_and_finds_nothing() {
    let app = App::new()
        .app_data(auth())
        .service(
            web::scope("/admin")
                .wrap(require!(role("admin")))
                .route("/open", web::get().to(open))
                .route("/edits", web::post().to(edits))
                .service(
                    web::scope("/inner")
                        .wrap(require!(role("editor")))
                        .route("/open", web::get().to(open)),
                )
                .default_service(web::to(open)),
        )
        .service(
            web::scope("/policy")
                .wrap(require!(policy(is_odd)))
                .route("", web::get().to(edits)),
        )
        .service(
            web::scope("/hidden")
                .wrap(require!(role("admin"), hide))
                .route("", web::get().to(open)),
        )
        .service(
            web::scope("/assets")
                .wrap(require!(public(reason = "style sheets are for everyone")))
                .route("/app.css", web::get().to(open))
                .route("/edits", web::get().to(edits)),
        );
    let report = Sweep::new().run(app).await;
    report.assert_clean();
    assert_eq!(CALLS.load(Ordering::SeqCst), 0);
    let role = |name: &str| Caller::Role(name.to_owned());
    for (route, caller, expected) in [
        ("GET /admin/open", Caller::Anonymous, Observed::Denied),
        ("GET /admin/open", role("editor"), Observed::Denied),
        ("GET /admin/open", role("admin"), Observed::Granted),
        ("POST /admin/edits", role("admin"), Observed::Denied),
        ("POST /admin/edits", role("editor"), Observed::Denied),
        ("POST /admin/edits", Caller::Everything, Observed::Granted),
        ("GET /admin/inner/open", role("admin"), Observed::Denied),
        (
            "GET /admin/inner/open",
            Caller::Everything,
            Observed::Granted,
        ),
        ("GET /policy", Caller::Known, Observed::Denied),
        ("GET /policy", role("editor"), Observed::Depends),
        ("GET /hidden", Caller::Known, Observed::Denied),
        ("GET /hidden", role("admin"), Observed::Granted),
        ("GET /assets/app.css", Caller::Anonymous, Observed::Granted),
        ("GET /assets/edits", Caller::Anonymous, Observed::Denied),
        ("GET /assets/edits", role("editor"), Observed::Granted),
    ] {
        assert_eq!(
            observed(&report, route, &caller),
            expected,
            "{route} {caller}"
        );
    }
    let matrix = report.matrix();
    let routes: Vec<_> = matrix
        .rows()
        .iter()
        .filter(|row| {
            row.record().kind == RecordKind::MountPoint
                && row.record().handler.path == "mount::seen::require!"
                && row.requirement() == r#"role("admin")"#
                && !row.record().is_hidden
        })
        .flat_map(|row| row.routes().map(ToString::to_string))
        .collect();
    for route in [
        "GET /admin/open",
        "POST /admin/edits",
        "GET /admin/inner/open",
    ] {
        assert!(routes.iter().any(|told| told == route), "{routes:?}");
    }
}

#[actix_web::test]
async fn the_sweep_finds_what_is_mounted_outside_too() {
    let app = App::new()
        .app_data(auth())
        .service(
            web::scope("/admin")
                .wrap(require!(role("admin")))
                .route("/open", web::get().to(open)),
        )
        .route("/open", web::get().to(open));
    let report = Sweep::new().run(app).await;
    assert!(
        matches!(report.findings(), [Finding::Unprotected { route, .. }] if route == "GET /open"),
        "{report}"
    );
}

/// The mount point grants, and the guard of the handler was never asked.
#[actix_web::test]
async fn a_route_inside_that_is_not_reached_is_named() {
    let app = App::new().app_data(auth()).service(
        web::scope("/admin").wrap(require!(role("admin"))).service(
            web::resource("/x")
                .guard(guard::Header("x-version", "2"))
                .route(web::get().to(edits)),
        ),
    );
    let report = Sweep::new().run(app).await;
    assert!(
        matches!(report.findings(), [Finding::NotTried { route, .. }] if route == "GET /admin/x"),
        "{report}"
    );
}

#[actix_web::test]
async fn a_mount_point_without_a_configuration_is_found() {
    let app = App::new().service(
        web::scope("/admin")
            .wrap(require!(role("admin")))
            .route("/open", web::get().to(open)),
    );
    let report = Sweep::new().run(app).await;
    assert!(
        report.findings().iter().any(|finding| matches!(
            finding,
            Finding::Misconfigured { handler, .. } if *handler == "mount::seen::require!"
        )),
        "{report}"
    );
}

#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<(Outcome, String, String)>>>);

impl AuditSink for Seen {
    fn record(&self, event: &DecisionEvent<'_>) {
        self.0.lock().unwrap().push((
            event.outcome,
            event
                .handler
                .map(|handler| handler.path.to_owned())
                .unwrap_or_default(),
            event.access.map(ToString::to_string).unwrap_or_default(),
        ));
    }
}

#[actix_web::test]
async fn each_decision_is_told_to_the_audit() {
    let seen = Seen::default();
    let auth = builder().audit(seen.clone()).build().unwrap();
    let app = App::new().app_data(auth).service(
        web::scope("/admin")
            .wrap(require!(role("admin")))
            .route("/open", web::get().to(open))
            .route("/edits", web::get().to(edits)),
    );
    let app = init_service(app).await;
    let events = async |path, token| {
        seen.0.lock().unwrap().clear();
        status(&app, get(path, token)).await;
        std::mem::take(&mut *seen.0.lock().unwrap())
    };
    let event = |outcome, handler: &str, access: &str| {
        (
            outcome,
            format!("mount::seen::{handler}"),
            access.to_owned(),
        )
    };
    let mount = |outcome| event(outcome, "require!", r#"role("admin")"#);
    assert_eq!(events("/admin/open", "").await, [mount(Outcome::Denied)]);
    assert_eq!(
        events("/admin/open", "admin").await,
        [mount(Outcome::Granted)]
    );
    assert_eq!(
        events("/admin/edits", "admin").await,
        [
            mount(Outcome::Granted),
            event(Outcome::Denied, "edits", r#"role("editor")"#)
        ]
    );
}
