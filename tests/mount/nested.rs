//! Mount points around handlers and other mount points: all of them have to grant.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::test::{call_service, init_service, read_body};
use actix_web::{App, HttpRequest, web};
use auth_runtime::prelude::*;
use auth_runtime::{ProtectedConfig, ProtectedScope};

use super::{auth, get, open, slow_auth, status};

#[requires_scope("articles:read")]
async fn reads(caller: Authenticated) -> String {
    caller.subject().to_owned()
}

#[requires_role("editor")]
async fn edits() -> &'static str {
    "edited"
}

#[public(reason = "in a guarded scope")]
async fn public(caller: MaybeAuthenticated) -> String {
    caller
        .principal()
        .map_or_else(String::new, |it| it.subject().to_owned())
}

async fn own_extractor(caller: Authenticated) -> String {
    caller.subject().to_owned()
}

fn app_routes(config: &mut web::ServiceConfig) {
    config.service(
        web::scope("/admin")
            .wrap(require!(any(role("admin"), role("editor"))))
            .route("/open", web::get().to(open))
            .route("/reads", web::get().to(reads))
            .route("/edits", web::get().to(edits))
            .route("/public", web::get().to(public))
            .route("/own", web::get().to(own_extractor))
            .service(
                web::scope("/inner")
                    .wrap(require!(role("admin")))
                    .route("", web::get().to(open))
                    .route("/edits", web::get().to(edits)),
            )
            .service(web::scope("/plain").route("", web::get().to(open)))
            .service(ProtectedScope::new("/secure").route("/edits", (web::get(), edits))),
    );
}

#[actix_web::test]
async fn requirements_around_and_inside_all_have_to_grant() {
    for auth in [auth(), slow_auth(&Arc::default())] {
        let app = App::new().app_data(auth).configure(app_routes);
        let app = init_service(app).await;
        for (path, known, editor, admin) in [
            ("/admin/open", 403, 200, 200),
            ("/admin/reads", 403, 200, 200),
            ("/admin/edits", 403, 200, 403),
            ("/admin/public", 403, 200, 200),
            ("/admin/own", 403, 200, 200),
            ("/admin/inner", 403, 403, 200),
            ("/admin/inner/edits", 403, 403, 403),
            ("/admin/plain", 403, 200, 200),
            ("/admin/secure/edits", 403, 200, 403),
            ("/admin/nowhere", 403, 404, 404),
        ] {
            for (token, expected) in [
                ("", 401),
                ("wrong", 401),
                ("known", known),
                ("editor", editor),
                ("admin", admin),
            ] {
                let status = status(&app, get(path, token)).await;
                assert_eq!(status, expected, "{path} {token}");
            }
        }
    }
}

#[actix_web::test]
async fn the_caller_is_authenticated_once_and_is_the_same_everywhere() {
    let calls = Arc::new(AtomicUsize::new(0));
    let app = App::new()
        .app_data(slow_auth(&calls))
        .wrap(require!(authenticated))
        .configure(app_routes);
    let app = init_service(app).await;
    for path in ["/admin/reads", "/admin/public", "/admin/own"] {
        calls.store(0, Ordering::SeqCst);
        let response = call_service(&app, get(path, "editor").to_request()).await;
        assert_eq!(read_body(response).await, "editor", "{path}");
        assert_eq!(calls.load(Ordering::SeqCst), 1, "{path}");
    }
    calls.store(0, Ordering::SeqCst);
    assert_eq!(status(&app, get("/admin/inner/edits", "admin")).await, 403);
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

/// A mount point says nothing of what a handler requires.
#[actix_web::test]
async fn what_a_mount_point_grants_is_no_proof_for_a_handler() {
    requirement! { readers = scope("articles:read"); }
    #[requires(readers)]
    async fn with_proof(may: Authorized<readers>) -> String {
        may.principal().subject().to_owned()
    }
    async fn without(_: Authorized<readers>) -> &'static str {
        "granted"
    }
    let app = App::new().app_data(auth()).service(
        web::scope("/mount")
            .wrap(require!(readers))
            .route("/with", web::get().to(with_proof))
            .route("/without", web::get().to(without)),
    );
    let app = init_service(app).await;
    assert_eq!(status(&app, get("/mount/with", "known")).await, 200);
    assert_eq!(status(&app, get("/mount/without", "known")).await, 500);
}

/// Where one of several hides, all of their refusals look like an unknown path.
#[actix_web::test]
async fn hide_wins() {
    #[requires_role("admin", hide)]
    async fn hidden() -> &'static str {
        "hidden"
    }
    async fn refuses_by_itself(
        request: HttpRequest,
        caller: Authenticated,
    ) -> Result<&'static str, auth_runtime::Denial> {
        caller.require_scopes(&request, &["articles:delete"])?;
        Ok("deleted")
    }
    let app = App::new()
        .app_data(auth())
        .service(
            web::scope("/hidden")
                .wrap(require!(authenticated, hide))
                .route("/edits", web::get().to(edits))
                .route("/own", web::get().to(refuses_by_itself))
                .service(
                    web::scope("/inner")
                        .wrap(require!(role("editor")))
                        .route("", web::get().to(open)),
                ),
        )
        .service(
            web::scope("/shown")
                .wrap(require!(authenticated))
                .route("", web::get().to(hidden)),
        );
    let app = init_service(app).await;
    for path in ["/hidden/edits", "/hidden/own", "/hidden/inner"] {
        for token in ["", "wrong", "known"] {
            let response = call_service(&app, get(path, token).to_request()).await;
            assert_eq!(response.status(), 404, "{path} {token}");
            assert_eq!(response.headers().len(), 0, "{path} {token}");
            assert!(read_body(response).await.is_empty(), "{path} {token}");
        }
    }
    assert_eq!(status(&app, get("/hidden/edits", "editor")).await, 200);
    assert_eq!(status(&app, get("/shown", "")).await, 401);
    assert_eq!(status(&app, get("/shown", "known")).await, 404);
    assert_eq!(status(&app, get("/shown", "admin")).await, 200);
}

/// Blocks see what mounts handlers inside them, and a mount point is no handler.
#[deny_by_default]
mod block {
    use auth_runtime::prelude::*;
    use auth_runtime::{MountPoint, ProtectedConfig, ProtectedScope, requires_auth};

    #[requires_auth]
    pub(super) async fn me() -> &'static str {
        "me"
    }

    pub(super) fn admins() -> MountPoint {
        require!(role("admin"))
    }

    pub(super) fn routes(config: &mut ProtectedConfig<'_>) {
        config.service(
            ProtectedScope::new("/block")
                .wrap(require!(any(role("admin"), role("editor"))))
                .route("/me", (actix_web::web::get(), me))
                .service(
                    ProtectedScope::new("/inner")
                        .wrap(admins())
                        .route("/me", (actix_web::web::get(), me)),
                ),
        );
    }
}

#[actix_web::test]
async fn a_secure_scope_is_wrapped_and_a_block_may_hold_a_mount_point() {
    for auth in [auth(), slow_auth(&Arc::default())] {
        let app = App::new()
            .app_data(auth)
            .configure(|config| block::routes(&mut ProtectedConfig::new(config)));
        let app = init_service(app).await;
        for (path, known, editor, admin) in [
            ("/block/me", 403, 200, 200),
            ("/block/inner/me", 403, 403, 200),
            ("/block/nowhere", 403, 404, 404),
        ] {
            for (token, expected) in [
                ("", 401),
                ("known", known),
                ("editor", editor),
                ("admin", admin),
            ] {
                let status = status(&app, get(path, token)).await;
                assert_eq!(status, expected, "{path} {token}");
            }
        }
    }
}
