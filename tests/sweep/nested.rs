//! A guard around a guard: an attribute under a name that the other does not know. Both decide.

use actix_web::{App, get, web};
use auth_runtime::prelude::*;
use auth_runtime::requires_scope as needs_scope;
use auth_runtime::testing::sweep::{Caller, Finding, Observed, Sweep};

use super::{auth, called, observed};

#[get("/nested/role-first")]
#[requires_role("admin")]
#[needs_scope("nested:read")]
async fn role_first(_id: web::Query<()>) -> &'static str {
    called()
}

#[requires(policy(never))]
#[needs_scope("nested:read")]
async fn policy_first(_body: web::Json<u64>) -> &'static str {
    called()
}

async fn never() -> Decision {
    called();
    Decision::deny("never")
}

#[public(reason = "a mistake")]
#[needs_scope("nested:read")]
async fn public_first() -> &'static str {
    called()
}

#[actix_web::test]
async fn both_of_two_nested_guards_decide() {
    let calls = super::CALLS.load(std::sync::atomic::Ordering::SeqCst);
    let app = App::new()
        .app_data(auth())
        .service(role_first)
        .route("/nested/policy-first", web::get().to(policy_first))
        .route("/nested/public-first", web::get().to(public_first));
    let report = Sweep::new().run(app).await;
    let role = |name: &str| Caller::Role(name.to_owned());
    let scope = || Caller::Scope("nested:read".to_owned());
    for (pattern, caller, expected) in [
        ("/nested/role-first", Caller::Anonymous, Observed::Denied),
        ("/nested/role-first", role("admin"), Observed::Denied),
        ("/nested/role-first", scope(), Observed::Denied),
        ("/nested/role-first", Caller::Everything, Observed::Granted),
        ("/nested/policy-first", Caller::Known, Observed::Denied),
        ("/nested/policy-first", scope(), Observed::Depends),
        ("/nested/public-first", Caller::Anonymous, Observed::Denied),
        ("/nested/public-first", scope(), Observed::Granted),
    ] {
        assert_eq!(
            observed(&report, "GET", pattern, &caller),
            expected,
            "{pattern} {caller}"
        );
    }
    assert!(
        !report.findings().iter().any(|finding| matches!(
            finding,
            Finding::Differs { .. } | Finding::Unprotected { .. }
        )),
        "{report}"
    );
    let after = super::CALLS.load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!(after, calls, "neither handlers nor policies are called");
    // Both records have the route of the running app.
    let matrix = report.matrix();
    let routes: Vec<_> = matrix
        .rows()
        .iter()
        .filter(|row| row.record().name() == "role_first")
        .map(|row| (row.requirement(), row.routes().count()))
        .collect();
    assert_eq!(
        routes,
        [
            (r#"role("admin")"#.to_owned(), 1),
            (r#"scope("nested:read")"#.to_owned(), 1)
        ]
    );
}
