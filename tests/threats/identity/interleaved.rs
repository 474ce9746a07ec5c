//! Many requests at once, on one worker and on one connection.

use super::*;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use actix_web::test::TestRequest;
use actix_web::{App, FromRequest as _, HttpRequest, get, post, web};
use futures_util::FutureExt as _;
use futures_util::future::join_all;

use crate::support::gate::yields;
use crate::support::principals::token;
use crate::support::server::serve;
use crate::support::{app, bearer, get, send};

async fn own_number(path: web::Path<usize>, caller: Authenticated<usize>) -> Decision {
    yields(scramble(*caller.user()) % 5).await;
    Decision::allow_if(*path == *caller.user())
}

/// Says who it is by each way that there is, with pauses between.
#[post("/who/{number}")]
#[requires(policy(own_number))]
async fn who(
    first: Authenticated,
    body: String,
    second: Authenticated<usize>,
    maybe: MaybeAuthenticated,
    request: HttpRequest,
) -> String {
    yields(scramble(body.len()) % 7).await;
    let third = <Authenticated>::extract(&request)
        .await
        .expect("the guard knows who it is");
    let maybe = maybe
        .principal()
        .map(Principal::subject)
        .unwrap_or_default()
        .to_owned();
    format!(
        "{} {} {maybe} {} {body}",
        first.subject(),
        second.user(),
        third.subject()
    )
}

#[get("/editor")]
#[requires_role("editor")]
async fn editor(caller: Authenticated) -> String {
    caller.subject().to_owned()
}

#[actix_web::test]
async fn a_thousand_interleaved_requests_of_twenty_principals_are_told_apart() {
    let app = app!(bearer(yielding()).build().unwrap() => who, editor);
    let requests = (0..1000).map(|turn| {
        let app = &app;
        async move {
            let subject = scramble(turn) % 20;
            yields(scramble(turn + 1) % 11).await;
            if turn % 3 == 0 {
                let request = get("/editor").insert_header(token(&format!("s{subject}")));
                let answer = send(app, request.to_request()).await;
                if subject % 2 == 1 {
                    assert_eq!(
                        (answer.status.as_u16(), answer.text()),
                        (200, &*format!("s{subject}"))
                    );
                } else {
                    assert_eq!(answer.status, 403);
                }
                return;
            }
            let asked_for = if turn % 5 == 0 {
                (subject + 1) % 20
            } else {
                subject
            };
            let request = TestRequest::post()
                .uri(&format!("/who/{asked_for}"))
                .insert_header(token(&format!("s{subject}")))
                .set_payload(format!("body {turn}"));
            let answer = send(app, request.to_request()).await;
            if asked_for == subject {
                let expected = format!("s{subject} {subject} s{subject} s{subject} body {turn}");
                assert_eq!(
                    (answer.status.as_u16(), answer.text()),
                    (200, expected.as_str())
                );
            } else {
                assert_eq!(answer.status, 403, "{answer:?}");
            }
        }
    });
    join_all(requests).await;
}

fn pipelined(numbers: &[usize]) -> String {
    let last = numbers.len() - 1;
    let requests: Vec<String> = numbers
        .iter()
        .enumerate()
        .map(|(position, number)| {
            let credentials = match number % 4 {
                0 => String::new(),
                1 => "Authorization: Bearer nobody\r\n".to_owned(),
                _ => format!("Authorization: Bearer s{number}\r\n"),
            };
            let connection = if position == last {
                "close"
            } else {
                "keep-alive"
            };
            format!(
                "POST /who/{number} HTTP/1.1\r\nHost: localhost\r\nConnection: {connection}\r\n\
                 {credentials}Content-Length: 4\r\n\r\nbody"
            )
        })
        .collect();
    requests.concat()
}

#[actix_web::test]
async fn pipelined_and_kept_alive_requests_are_told_apart_on_the_wire() {
    let auth = bearer(yielding()).build().unwrap();
    let server = serve(move || {
        App::new()
            .app_data(auth.clone())
            .service(who)
            .service(editor)
    });
    for connection in 0..20 {
        let numbers: Vec<usize> = (0..50)
            .map(|turn| scramble(connection * 50 + turn) % 20)
            .collect();
        let answers = server.raw(pipelined(&numbers)).await;
        let parts: Vec<&str> = answers.split("HTTP/1.1 ").skip(1).collect();
        assert_eq!(parts.len(), numbers.len(), "{answers}");
        for (part, number) in parts.iter().zip(&numbers) {
            if number % 4 < 2 {
                assert!(part.starts_with("401 "), "{number}: {part}");
                assert!(!part.contains(&format!("s{number} ")), "{part}");
                assert_eq!(part.contains("invalid_token"), number % 4 == 1, "{part}");
            } else {
                let expected = format!("s{number} {number} s{number} s{number} body");
                assert!(
                    part.starts_with("200 ") && part.ends_with(&expected),
                    "{part}"
                );
            }
        }
    }
    server.stop().await;
}

#[actix_web::test]
async fn bearer_15_a_token_revoked_between_two_requests_of_a_connection_is_refused() {
    #[get("/who-am-i")]
    #[requires_auth]
    async fn who_am_i(caller: Authenticated, revoked: web::Data<AtomicBool>) -> String {
        // The first request revokes its own token.
        revoked.store(true, Ordering::SeqCst);
        caller.subject().to_owned()
    }

    for is_async in [false, true] {
        let revoked = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&revoked);
        let find = move || (!seen.load(Ordering::SeqCst)).then(|| Principal::new("ada"));
        let scheme = if is_async {
            Bearer::new(move |_: Secret<'static>| {
                let found = find();
                async move {
                    yields(2).await;
                    found
                }
            })
        } else {
            Bearer::sync(move |_: Secret<'_>| find())
        };
        let auth = bearer(scheme).build().unwrap();
        let data = web::Data::from(revoked);
        let server = serve(move || {
            App::new()
                .app_data(auth.clone())
                .app_data(data.clone())
                .service(who_am_i)
        });
        let request = |connection| {
            format!(
                "GET /who-am-i HTTP/1.1\r\nHost: a\r\nConnection: {connection}\r\n\
                 Authorization: Bearer ada\r\n\r\n"
            )
            .into_bytes()
        };
        let answers = server
            .in_turn(vec![request("keep-alive"), request("close")])
            .await;
        assert!(answers[0].starts_with("HTTP/1.1 200 ") && answers[0].ends_with("ada"));
        assert!(answers[1].starts_with("HTTP/1.1 401 "), "{}", answers[1]);
        assert!(answers[1].contains("invalid_token"));
        server.stop().await;
    }
}

#[actix_web::test]
async fn cancelled_requests_leave_nobody_behind_for_the_next() {
    let app = app!(bearer(yielding()).build().unwrap() => who, editor);
    for turn in 0..200 {
        let cancelled = get("/editor").insert_header(token("s1")).to_request();
        {
            let mut answer = Box::pin(send(&app, cancelled));
            for _ in 0..scramble(turn) % 4 {
                if answer.as_mut().now_or_never().is_some() {
                    break;
                }
            }
        }
        // actix-web uses the memory of a finished request again.
        let answer = send(&app, get("/editor").to_request()).await;
        assert_eq!(answer.status, 401);
        let answer = send(&app, get("/editor").insert_header(token("s2")).to_request()).await;
        assert_eq!(answer.status, 403, "{answer:?}");
    }
}

#[actix_web::test]
async fn a_spawned_task_keeps_the_caller_it_was_given() {
    #[get("/spawn")]
    #[requires_auth]
    async fn spawn(caller: Authenticated, seen: web::Data<Mutex<HashSet<String>>>) -> String {
        let own = caller.clone();
        actix_web::rt::spawn(async move {
            yields(scramble(own.subject().len()) % 9).await;
            seen.lock().unwrap().insert(own.subject().to_owned());
        })
        .await
        .unwrap();
        caller.subject().to_owned()
    }

    let seen = web::Data::new(Mutex::new(HashSet::<String>::new()));
    let app = actix_web::test::init_service(
        App::new()
            .app_data(bearer(yielding()).build().unwrap())
            .app_data(seen.clone())
            .service(spawn),
    )
    .await;
    let requests = (0..20).map(|number| {
        let name = format!("s{number}");
        let request = get("/spawn").insert_header(token(&name)).to_request();
        let app = &app;
        async move { assert_eq!(send(app, request).await.text(), name) }
    });
    join_all(requests).await;
    assert_eq!(seen.lock().unwrap().len(), 20);
}
