//! A configuration that is missing, elsewhere, of another type, or there twice.

use super::*;
use std::time::Duration;

use actix_web::{App, get, test, web};

use crate::support::principals::{key, token, verify};
use crate::support::{app, auth, bearer, builder, calls, get, log, send};

#[actix_web::test]
async fn without_a_configuration_nobody_gets_in_and_the_log_names_the_handler() {
    log::start();
    let app =
        test::init_service(App::new().service(known).service(admin).service(not_banned)).await;
    for path in ["/known", "/admin", "/not-banned"] {
        for credentials in [token("admin"), token("nobody"), key("k3y")] {
            let answer = send(&app, get(path).insert_header(credentials).to_request()).await;
            answer.assert_refused(500);
        }
        let answer = send(&app, get(path).to_request()).await;
        answer.assert_refused(500);
        assert_eq!(
            answer.challenges(),
            Vec::<&str>::new(),
            "a better password would not help"
        );
        let log = log::take();
        let function = path.trim_start_matches('/').replace('-', "_");
        assert!(log.contains("ERROR auth_runtime"), "{log}");
        assert!(
            log.contains(&format!("threats::fail_open::{function}")),
            "{log}"
        );
        assert!(log.contains("no `Auth` in the app"), "{log}");
    }
}

#[actix_web::test]
async fn an_extractor_without_a_configuration_is_500_and_the_log_names_the_route() {
    log::start();
    let app = test::init_service(App::new().service(self_guarded)).await;
    let answer = send(
        &app,
        get("/self-guarded")
            .insert_header(token("admin"))
            .to_request(),
    )
    .await;
    answer.assert_refused(500);
    let log = log::take();
    assert!(log.contains("ERROR auth_runtime"), "{log}");
    assert!(log.contains(r#"route="GET /self-guarded""#), "{log}");
}

#[actix_web::test]
async fn a_value_that_no_verifier_attaches_is_500_and_the_log_names_the_route() {
    struct Account;

    #[get("/accounts/{id}")]
    #[requires_auth]
    async fn account(_: Authenticated<Account>) -> &'static str {
        calls::count();
        "account"
    }
    log::start();
    let app = app!(auth() => account);
    let request = get("/accounts/7").insert_header(token("admin"));
    let answer = send(&app, request.to_request()).await;
    answer.assert_refused(500);
    let log = log::take();
    assert!(log.contains(r#"route="GET /accounts/{id}""#), "{log}");
    assert!(log.contains("no value of the type"), "{log}");
}

#[actix_web::test]
async fn a_configuration_of_another_type_or_in_another_scope_is_none() {
    let arc = std::sync::Arc::new(auth());
    let app = test::init_service(
        App::new()
            .app_data(arc.clone())
            .app_data(web::Data::new(arc))
            .app_data(web::Data::new(builder()))
            .app_data(Some(auth()))
            .service(web::scope("/other").app_data(auth()).service(open))
            .service(known)
            .service(admin)
            .service(not_banned)
            .service(self_guarded),
    )
    .await;
    for path in GUARDED {
        let answer = send(&app, get(path).insert_header(token("admin")).to_request()).await;
        answer.assert_refused(500);
    }
    send(&app, get("/other/open").to_request())
        .await
        .assert_granted();
}

#[actix_web::test]
async fn the_configuration_is_found_in_every_form_and_the_nearest_counts() {
    let other = || {
        bearer(Bearer::sync(|token: Secret<'_>| {
            token
                .ct_eq("inner")
                .then(|| Principal::new("inner").role("admin"))
        }))
        .build()
        .unwrap()
    };
    let app = test::init_service(
        App::new()
            .app_data(auth())
            .service(
                web::scope("/inner")
                    .app_data(other())
                    .service(admin)
                    .service(self_guarded),
            )
            .service(web::scope("/same").service(admin).service(self_guarded))
            .service(web::resource("/resource").app_data(other()).to(admin_again)),
    )
    .await;
    for (path, good, bad) in [
        ("/inner/admin", "inner", "admin"),
        ("/inner/self-guarded", "inner", "admin"),
        ("/same/admin", "admin", "inner"),
        ("/same/self-guarded", "admin", "inner"),
        ("/resource", "inner", "admin"),
    ] {
        send(&app, get(path).insert_header(token(good)).to_request())
            .await
            .assert_granted();
        send(&app, get(path).insert_header(token(bad)).to_request())
            .await
            .assert_refused(401);
    }

    let app = test::init_service(
        App::new()
            .app_data(web::Data::new(auth()))
            .service(
                web::scope("/inner")
                    .app_data(web::Data::new(other()))
                    .service(admin),
            )
            .service(admin),
    )
    .await;
    for (path, good, bad) in [
        ("/inner/admin", "inner", "admin"),
        ("/admin", "admin", "inner"),
    ] {
        send(&app, get(path).insert_header(token(good)).to_request())
            .await
            .assert_granted();
        send(&app, get(path).insert_header(token(bad)).to_request())
            .await
            .assert_refused(401);
    }
}

#[requires_role("admin")]
async fn admin_again() -> &'static str {
    calls::count();
    "again"
}

#[actix_web::test]
async fn the_same_configuration_in_both_forms_is_one() {
    let auth = auth();
    let app = test::init_service(
        App::new()
            .app_data(auth.clone())
            .app_data(web::Data::new(auth))
            .service(admin),
    )
    .await;
    send(
        &app,
        get("/admin").insert_header(token("admin")).to_request(),
    )
    .await
    .assert_granted();
    send(&app, get("/admin").to_request())
        .await
        .assert_refused(401);
}

#[actix_web::test]
async fn two_configurations_in_two_forms_decide_nothing() {
    let app = test::init_service(
        App::new()
            .app_data(auth())
            .app_data(web::Data::new(auth()))
            .service(known)
            .service(admin)
            .service(not_banned)
            .service(self_guarded),
    )
    .await;
    for path in GUARDED {
        let answer = send(&app, get(path).insert_header(token("admin")).to_request()).await;
        answer.assert_refused(500);
    }
}

#[actix_web::test]
async fn two_configurations_in_two_forms_open_no_network_to_a_public_handler() {
    let closed = || {
        builder()
            .deny_networks(["0.0.0.0/0", "::/0"])
            .build()
            .unwrap()
    };
    let app = test::init_service(
        App::new()
            .app_data(closed())
            .app_data(web::Data::new(closed()))
            .service(open),
    )
    .await;
    let request = get("/open")
        .peer_addr("192.0.2.1:4711".parse().unwrap())
        .to_request();
    let answer = send(&app, request).await;
    assert_eq!(
        calls::take(),
        0,
        "which network rule counts cannot be told: {answer:?}"
    );
    assert!(answer.status.is_client_error() || answer.status.is_server_error());
}

#[actix_web::test]
async fn a_handler_of_a_scheme_that_is_not_configured_lets_nobody_in() {
    #[get("/cookie")]
    #[requires(scheme("Cookie"))]
    async fn cookie() -> &'static str {
        calls::count();
        "cookie"
    }
    let app = app!(auth() => cookie);
    for credentials in [
        token("admin"),
        key("k3y"),
        ("cookie".parse().unwrap(), "a=b".into()),
    ] {
        let answer = send(&app, get("/cookie").insert_header(credentials).to_request()).await;
        assert_eq!(calls::take(), 0);
        // No credentials would help: somebody has to mend the app.
        assert_eq!(answer.status, 500, "{answer:?}");
    }
}

#[actix_web::test]
async fn an_incomplete_configuration_is_not_built() {
    let scheme = || Bearer::sync(|token: Secret<'_>| verify(token.expose()));
    assert!(Auth::builder().realm("api").build().is_err(), "no scheme");
    assert!(
        Auth::builder().scheme(scheme()).build().is_err(),
        "no realm"
    );
    assert!(
        bearer(scheme()).scheme(scheme()).build().is_err(),
        "two of one name"
    );
    let everyone = ApiKey::sync("Authorization", |_: Secret<'_>| None);
    assert!(
        bearer(scheme()).scheme(everyone).build().is_err(),
        "no header for keys"
    );
    assert!(
        bearer(scheme()).time_limit(Duration::ZERO).build().is_err(),
        "no time"
    );
    for network in ["", "10.0.0.0/33", "everything", "10.0.0", "10.0.0.0/8 "] {
        assert!(
            bearer(scheme()).deny_networks([network]).build().is_err(),
            "{network:?}"
        );
        assert!(
            bearer(scheme()).allow_networks([network]).build().is_err(),
            "{network:?}"
        );
    }
}

/// `main` prints the `Debug` of an error that it returns.
#[actix_web::test]
async fn a_program_that_returns_the_error_says_what_to_write() {
    let error = Auth::builder().build().unwrap_err();
    assert_eq!(format!("{error:?}"), "no realm: call `.realm(\"...\")`");
    let error = Auth::builder().realm("api").build().unwrap_err();
    assert!(format!("{error:?}").contains("`.scheme(Bearer::new(..))`"));
}
