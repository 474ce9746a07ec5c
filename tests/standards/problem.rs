//! PROBLEM: the body of a refusal (RFC 9457).

use actix_web::HttpResponse;
use actix_web::dev::RequestHead;
use actix_web::http::header;
use auth_runtime::Denial;
use auth_runtime::denial::{Html, Negotiated, PlainJson, Text};
use serde_json::{Value, json};

use crate::support::{
    Answer, all_schemes, api, ask, bearer, bearer_only, challenges, get, with_bearer,
};

/// One refusal of every kind, with its status.
async fn refusals() -> Vec<(u16, Answer)> {
    let auth = all_schemes();
    let twice = with_bearer("/p", "user").append_header(("authorization", "Bearer user"));
    let mut all = Vec::new();
    for (status, request) in [
        (400, twice),
        (401, get("/p")),
        (401, with_bearer("/p", "nobody")),
        (401, with_bearer("/p", "expired")),
        (403, with_bearer("/r", "user")),
        (403, with_bearer("/policy", "user")),
        (403, with_bearer("/s", "user")),
        (500, with_bearer("/p", "panic")),
        (503, with_bearer("/p", "outage")),
    ] {
        all.push((status, ask(&auth, request).await));
    }
    all
}

#[actix_web::test]
async fn problem_01_problem_02_and_problem_03_media_type_status_and_title_are_those_of_the_rfc() {
    for (status, answer) in refusals().await {
        // Asserts PROBLEM-01 the exact media type, PROBLEM-02 the status in the body, and
        // PROBLEM-03 the status phrase as title.
        answer.assert_refused(status);
    }
}

#[actix_web::test]
async fn problem_02_and_problem_10_the_schema_of_the_rfc_holds() {
    let schema: Value = serde_json::from_str(include_str!("vectors/problem.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(
        !validator.is_valid(&json!({ "status": "401" })),
        "the schema judges nothing"
    );
    for (status, answer) in refusals().await {
        let problem = answer.json();
        let errors: Vec<_> = validator
            .iter_errors(&problem)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{problem}");
        assert_eq!(problem["status"], status);
    }
}

#[actix_web::test]
async fn problem_03_and_problem_04_the_title_is_constant_for_a_status() {
    let mut titles = std::collections::BTreeMap::new();
    for (status, answer) in refusals().await {
        let title = answer.json()["title"].as_str().unwrap().to_owned();
        assert_eq!(
            titles.entry(status).or_insert_with(|| title.clone()),
            &title
        );
    }
    let titles: Vec<_> = titles.values().map(String::as_str).collect();
    assert_eq!(
        titles,
        [
            "Bad Request",
            "Unauthorized",
            "Forbidden",
            "Internal Server Error",
            "Service Unavailable"
        ]
    );
}

#[actix_web::test]
async fn problem_05_and_problem_08_there_is_no_type_and_no_instance_but_a_detail() {
    for (_, answer) in refusals().await {
        let problem = answer.json();
        assert_eq!((problem.get("type"), problem.get("instance")), (None, None));
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.ends_with('.') && detail.len() < 100, "{detail}");
    }
}

#[actix_web::test]
async fn problem_06_members_have_names_that_every_format_can_write() {
    for (_, answer) in refusals().await {
        for name in answer.json().as_object().unwrap().keys() {
            assert!(
                ["title", "status", "detail", "error"].contains(&name.as_str()),
                "{name}"
            );
            assert!(name.len() >= 3 && name.starts_with(|c: char| c.is_ascii_alphabetic()));
        }
    }
}

#[actix_web::test]
async fn problem_07_nothing_of_the_inside_is_in_the_body() {
    for (_, answer) in refusals().await {
        let text = answer.text();
        for inside in [
            "::",
            ".rs",
            "4711",
            "10.0.0.7",
            "jti",
            "exp",
            "admin",
            "never",
            "files:write",
            "on fire",
            "rob",
            "policy",
            "role(",
            "panicked",
        ] {
            // "expired" is one of the fixed sentences.
            let text = text.replace("expired", "");
            assert!(!text.contains(inside), "{inside}: {text}");
        }
    }
}

#[actix_web::test]
async fn problem_09_accept_never_makes_a_refusal_a_406() {
    for accept in [
        "text/html",
        "image/png",
        "application/xml;q=0.1",
        "*/*;q=0",
        "nonsense",
    ] {
        let request = get("/p").insert_header(("accept", accept));
        ask(&bearer_only(), request).await.assert_refused(401);
    }
}

#[actix_web::test]
async fn problem_09_a_negotiated_body_follows_accept_and_never_refuses() {
    let auth = api().scheme(bearer()).renderer(Negotiated).build().unwrap();
    for (accept, content_type) in [
        (
            "text/html,application/xhtml+xml,*/*;q=0.8",
            "text/html; charset=utf-8",
        ),
        ("text/plain", "text/plain; charset=utf-8"),
        ("application/json", "application/json"),
        ("application/problem+json", "application/problem+json"),
        ("*/*", "application/problem+json"),
        ("image/png", "application/problem+json"),
        ("text/html;q=0", "application/problem+json"),
    ] {
        for (request, status) in [(get("/p"), 401), (with_bearer("/s", "user"), 403)] {
            let answer = ask(&auth, request.insert_header(("accept", accept))).await;
            assert_eq!((answer.status, answer.calls), (status, 0));
            assert_eq!(
                answer.header("content-type").as_deref(),
                Some(content_type),
                "{accept}"
            );
            assert_eq!(challenges(&answer).len(), 1);
            assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
            assert!(!answer.body.is_empty());
        }
    }
}

#[actix_web::test]
async fn problem_09_the_built_in_bodies_say_the_same() {
    let sentence = "Authentication is required.";
    let json = api().scheme(bearer()).renderer(PlainJson).build().unwrap();
    let answer = ask(&json, get("/p")).await;
    assert_eq!(
        (answer.status, answer.json()),
        (401, json!({ "error": sentence }))
    );
    let text = api().scheme(bearer()).renderer(Text).build().unwrap();
    let answer = ask(&text, get("/p")).await;
    assert_eq!(
        (answer.status, answer.text()),
        (401, format!("Unauthorized: {sentence}\n"))
    );
    let html = api().scheme(bearer()).renderer(Html).build().unwrap();
    let answer = ask(&html, get("/p")).await;
    assert_eq!(answer.status, 401);
    assert!(answer.text().starts_with("<!doctype html>") && answer.text().contains(sentence));
    assert!(!answer.text().contains("<script"));
}

#[actix_web::test]
async fn problem_10_the_error_of_the_body_is_that_of_the_challenge() {
    for (_, answer) in refusals().await {
        let of_challenge: Vec<String> = challenges(&answer)
            .into_iter()
            .flat_map(|(_, parameters)| parameters)
            .filter(|(name, _)| name == "error")
            .map(|(_, value)| value)
            .collect();
        let of_body = answer
            .json()
            .get("error")
            .map(|error| error.as_str().unwrap().to_owned());
        assert_eq!(Vec::from_iter(of_body), of_challenge);
    }
}

#[actix_web::test]
async fn problem_11_the_body_can_be_of_another_kind() {
    let auth = api()
        .scheme(bearer())
        .renderer(|head: &RequestHead, denial: &Denial| {
            HttpResponse::build(denial.status())
                .insert_header((header::CONTENT_TYPE, "application/json"))
                .body(
                    json!({
                        "jsonrpc": "2.0",
                        "error": { "code": -32_000, "message": denial.problem().detail },
                        "path": head.uri.path(),
                    })
                    .to_string(),
                )
        })
        .build()
        .unwrap();
    let answer = ask(&auth, with_bearer("/s", "user")).await;
    assert_eq!((answer.status, answer.calls), (403, 0));
    assert_eq!(
        answer.json()["error"]["message"],
        "The token lacks a required scope."
    );
    assert_eq!(answer.json().get("id"), None);
    assert_eq!(answer.json()["path"], "/s");
    assert_eq!(challenges(&answer).len(), 1);
}

#[test]
fn problem_03_a_refusal_of_the_apps_own_looks_like_the_others() {
    use actix_web::ResponseError as _;
    let denial = Denial::forbidden("the row 4711 is locked");
    let response = denial.error_response();
    assert_eq!(response.status(), 403);
    assert_eq!(
        response.headers().get("content-type").unwrap(),
        "application/problem+json"
    );
    assert_eq!(response.headers().get("cache-control").unwrap(), "no-store");
    assert!(!denial.problem().to_json().contains("4711"));
}
