//! Which challenges an answer carries, and in which order.

use actix_web::App;
use actix_web::test::{TestRequest, init_service};
use auth_runtime::ConfigurationError;

use super::challenged;
use crate::support::app::{send, with_authorization, with_basic};
use crate::support::challenge::expected;
use crate::support::{
    Calls, all_schemes, api, api_key, ask, assert_no_challenge, basic, bearer, bearer_only,
    challenges, cookie, get, only_challenge, with_bearer,
};

#[actix_web::test]
async fn ch_01_every_401_carries_a_challenge() {
    let answers = challenged().await;
    for answer in answers.iter().filter(|answer| answer.status == 401) {
        assert!(!challenges(answer).is_empty(), "{answer:?}");
    }
    assert_eq!(
        answers.iter().filter(|answer| answer.status == 401).count(),
        13
    );
    // Where no scheme of the configuration is accepted, nobody can be asked for anything: a mistake
    // of the app, and no 401.
    let answer = ask(&bearer_only(), get("/k")).await;
    answer.assert_refused(500);
    assert_no_challenge(&answer);
}

#[actix_web::test]
async fn ch_01_a_renderer_of_the_app_cannot_take_the_challenge_away() {
    let auth = api()
        .scheme(bearer())
        .renderer(
            |_: &actix_web::dev::RequestHead, _: &auth_runtime::Denial| {
                actix_web::HttpResponse::Ok()
                    .insert_header(("www-authenticate", "None"))
                    .finish()
            },
        )
        .build()
        .unwrap();
    let answer = ask(&auth, get("/p")).await;
    assert_eq!((answer.status, answer.calls), (401, 0));
    assert_eq!(
        only_challenge(&answer),
        expected("Bearer", &[("realm", "api")])
    );
}

#[actix_web::test]
async fn ch_13_schemes_are_written_as_registered_and_parameters_in_lower_case() {
    for answer in challenged().await {
        for (scheme, parameters) in challenges(&answer) {
            assert!(
                ["Bearer", "Basic", "ApiKey", "Cookie"].contains(&scheme.as_str()),
                "{scheme}"
            );
            for (name, _) in parameters {
                assert_eq!(name, name.to_ascii_lowercase());
            }
        }
    }
    // RFC 9110 §11.1: to a recipient the case makes no difference.
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        let value = format!("{scheme} user");
        ask(&bearer_only(), with_authorization("/p", value.as_bytes()))
            .await
            .assert_granted();
    }
}

#[actix_web::test]
async fn ch_14_and_ch_15_one_line_a_challenge_in_the_order_that_clients_need() {
    let answer = ask(&all_schemes(), get("/p")).await;
    answer.assert_refused(401);
    assert_eq!(
        answer.lines("www-authenticate"),
        [
            r#"Bearer realm="api""#,
            r#"Basic realm="api", charset="UTF-8""#,
            r#"ApiKey realm="api""#,
            r#"Cookie realm="api""#,
        ]
    );
    let answer = ask(&all_schemes(), get("/bb")).await;
    assert_eq!(
        answer.lines("www-authenticate"),
        [
            r#"Bearer realm="api""#,
            r#"Basic realm="api", charset="UTF-8""#
        ]
    );
}

#[actix_web::test]
async fn ch_15_the_order_can_be_set() {
    let builder = || api().scheme(bearer()).scheme(cookie()).scheme(basic());
    let auth = builder().challenge_order(["Basic"]).build().unwrap();
    let answer = ask(&auth, get("/p")).await;
    let schemes: Vec<_> = challenges(&answer)
        .into_iter()
        .map(|(scheme, _)| scheme)
        .collect();
    assert_eq!(schemes, ["Basic", "Bearer", "Cookie"]);
    assert_eq!(
        builder().challenge_order(["Digest"]).build().unwrap_err(),
        ConfigurationError::UnknownScheme("Digest".into())
    );
}

#[actix_web::test]
async fn ch_16_realm_stands_first_and_the_description_last() {
    for answer in challenged().await {
        for (_, parameters) in challenges(&answer) {
            assert_eq!(parameters[0].0, "realm");
            let description = parameters
                .iter()
                .position(|(name, _)| name == "error_description");
            assert!(
                description.is_none_or(|at| at + 1 == parameters.len()),
                "{parameters:?}"
            );
        }
    }
}

#[auth_runtime::requires_auth]
mod doubly_guarded {
    use auth_runtime::prelude::*;

    #[actix_web::get("/twice")]
    #[requires_role("admin")]
    pub async fn twice(_: Authenticated, _: MaybeAuthenticated) -> &'static str {
        "twice"
    }
}

#[actix_web::test]
async fn ch_17_several_guards_give_one_line_a_scheme() {
    let app = App::new()
        .app_data(all_schemes())
        .app_data(Calls::default())
        .service(doubly_guarded::twice);
    let service = init_service(app).await;
    for request in [get("/twice"), with_bearer("/twice", "nobody")] {
        let answer = send(&service, request).await;
        answer.assert_refused(401);
        let schemes: Vec<_> = challenges(&answer)
            .into_iter()
            .map(|(scheme, _)| scheme)
            .collect();
        assert_eq!(schemes, ["Bearer", "Basic", "ApiKey", "Cookie"]);
    }
}

#[actix_web::test]
async fn ch_17_two_schemes_of_one_name_are_refused() {
    let basic_by_another_name = api_key().scheme_name("basic");
    let built = api().scheme(basic()).scheme(basic_by_another_name).build();
    assert_eq!(
        built.unwrap_err(),
        ConfigurationError::DuplicateScheme("basic")
    );
}

#[actix_web::test]
async fn ch_18_only_what_the_handler_accepts_is_advertised() {
    for (path, offered) in [("/k", "ApiKey"), ("/b", "Basic"), ("/c", "Cookie")] {
        let answer = ask(&all_schemes(), get(path)).await;
        answer.assert_refused(401);
        assert_eq!(only_challenge(&answer).0, offered);
    }
    let answer = ask(&bearer_only(), get("/p")).await;
    assert_eq!(only_challenge(&answer).0, "Bearer");
}

#[actix_web::test]
async fn ch_19_proxy_credentials_are_none_and_407_is_never_sent() {
    let request = get("/p").insert_header(("proxy-authorization", "Bearer user"));
    let answer = ask(&all_schemes(), request).await;
    answer.assert_refused(401);
    assert_eq!(answer.json()["detail"], "Authentication is required.");
    for answer in challenged().await {
        assert_ne!(answer.status, 407);
        assert_eq!(answer.lines("proxy-authenticate"), Vec::<String>::new());
    }
}

#[actix_web::test]
async fn ch_20_no_challenge_has_a_token68() {
    for answer in challenged().await {
        for (_, parameters) in challenges(&answer) {
            assert!(!parameters.is_empty());
        }
    }
}

#[actix_web::test]
async fn ch_21_a_granted_request_gets_no_challenge() {
    let auth = all_schemes();
    for request in [
        with_bearer("/p", "user"),
        with_basic("/p", "ada:correct-horse"),
        get("/k").insert_header(("x-api-key", "good-key")),
        get("/o"),
    ] {
        ask(&auth, request).await.assert_granted();
    }
    let created = TestRequest::post()
        .uri("/p")
        .insert_header(("authorization", "Bearer user"))
        .set_json(1);
    ask(&auth, created).await.assert_granted();
}
