//! Where a token is looked for, and for how long it is believed.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use actix_web::test::TestRequest;
use auth_runtime::prelude::*;

use super::assert_invalid_token;
use crate::support::app::with_authorization;
use crate::support::challenge::expected;
use crate::support::wire::{Server, head};
use crate::support::{
    all_schemes, api, ask, assert_no_challenge, basic, bearer, bearer_only, challenges, get,
    only_challenge, with_bearer,
};

#[actix_web::test]
async fn bearer_11_two_authorization_lines_are_an_invalid_request() {
    for (first, second) in [
        ("Bearer user", "Bearer user"),
        ("Bearer admin", "Bearer nobody"),
        ("Bearer nobody", "Bearer admin"),
        ("Bearer admin", "Basic YWRhOmNvcnJlY3QtaG9yc2U="),
        ("Foo x", "Bearer admin"),
        ("", "Bearer admin"),
    ] {
        for path in ["/p", "/r", "/o", "/plain"] {
            let request = get(path)
                .append_header(("authorization", first))
                .append_header(("authorization", second));
            let auth = api().scheme(bearer()).scheme(basic()).build().unwrap();
            let answer = ask(&auth, request).await;
            answer.assert_refused(400);
            assert_eq!(answer.json()["error"], "invalid_request");
            let all = challenges(&answer);
            assert_eq!(all.len(), 2);
            let (scheme, parameters) = &all[0];
            assert_eq!(scheme, "Bearer");
            assert_eq!(
                parameters[1],
                ("error".to_owned(), "invalid_request".to_owned())
            );
            assert_eq!(
                all[1],
                expected("Basic", &[("realm", "api"), ("charset", "UTF-8")])
            );
        }
    }
}

#[actix_web::test]
async fn bearer_11_two_tokens_in_one_line_are_never_accepted() {
    for value in [
        "Bearer user, Bearer user",
        "Bearer user,Bearer user",
        "Bearer user Bearer user",
    ] {
        assert_invalid_token(
            &ask(&bearer_only(), with_authorization("/p", value.as_bytes())).await,
        );
    }
}

#[actix_web::test]
async fn bearer_12_and_bearer_13_tokens_in_body_and_query_are_not_looked_at() {
    let none = ask(&bearer_only(), get("/p")).await;
    let form = "application/x-www-form-urlencoded";
    let multipart = "multipart/form-data; boundary=x";
    let part =
        "--x\r\nContent-Disposition: form-data; name=\"access_token\"\r\n\r\nuser\r\n--x--\r\n";
    let in_body = |request: TestRequest, content_type: &str, body: &'static str| {
        request
            .insert_header(("content-type", content_type.to_owned()))
            .set_payload(body)
    };
    let post = || TestRequest::post().uri("/p");
    for request in [
        get("/p?access_token=user"),
        get("/p?access_token=user&access_token=user"),
        get("/p?authorization=Bearer%20user"),
        in_body(get("/p"), form, "access_token=user"),
        in_body(post(), form, "access_token=user"),
        in_body(post(), form, "access_token=user&access_token=user"),
        in_body(post(), multipart, part),
    ] {
        let answer = ask(&bearer_only(), request).await;
        assert_eq!(answer.seen(), none.seen());
        assert_eq!(answer.lines("www-authenticate"), [r#"Bearer realm="api""#]);
        assert_eq!(answer.calls, 0);
    }
    // Where the header says who it is, a query parameter of that name changes nothing.
    ask(
        &bearer_only(),
        with_bearer("/p?access_token=nobody", "user"),
    )
    .await
    .assert_granted();
}

/// What `tracing` writes.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[actix_web::test]
async fn bearer_14_credentials_are_in_no_log_body_or_debug_output() {
    const SECRETS: [&str; 4] = [
        "s3cr3t-t0ken",
        "s3cr3tpassw0rd",
        "s3cr3t-key",
        "c3VzYW46czNjcjN0cGFzc3cwcmQ=",
    ];
    let log = Log::default();
    let written = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || written.clone())
        .finish();
    // With one subscriber alone, `tracing` asks only the thread that meets an event first whether
    // anybody listens: a test beside this one may not. With two it asks them all.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
    let guard = tracing::subscriber::set_default(subscriber);
    // A test beside this one may meet an event for the first time at this very moment, and then
    // `tracing` takes it for one that nobody listens to: so they are met first, and asked again.
    for request in [
        get("/p"),
        with_bearer("/p", "user"),
        with_bearer("/p", "outage"),
    ] {
        ask(&bearer_only(), request).await;
    }
    tracing::callsite::rebuild_interest_cache();
    let accepting = api()
        .scheme(Bearer::sync(|_: Secret<'_>| Some(Principal::new("susan"))))
        .scheme(Basic::sync(|user: String, _: Secret<'static>| {
            Some(Principal::new(user))
        }))
        .scheme(ApiKey::sync("X-Api-Key", |_: Secret<'_>| {
            Some(Principal::new("susan"))
        }))
        .explain_denials(true)
        .build()
        .unwrap();
    for auth in [accepting, all_schemes()] {
        for path in ["/p", "/r", "/s", "/policy", "/hidden", "/o"] {
            let twice = with_bearer(path, SECRETS[0])
                .append_header(("authorization", format!("Basic {}", SECRETS[3])));
            for request in [
                with_bearer(path, SECRETS[0]),
                with_bearer(path, &format!("{} {}", SECRETS[0], SECRETS[0])),
                with_authorization(path, format!("Basic {}", SECRETS[3]).as_bytes()),
                get(path).insert_header(("x-api-key", SECRETS[2])),
                twice,
            ] {
                let answer = ask(&auth, request).await;
                for secret in SECRETS {
                    assert!(!format!("{answer:?} {}", answer.text()).contains(secret));
                }
            }
        }
        assert!(!format!("{auth:?}").contains("s3cr3t"));
    }
    drop(guard);
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(
        log.contains("auth_runtime") && log.contains("access denied"),
        "{log}"
    );
    for secret in SECRETS {
        assert!(!log.contains(secret), "{secret} in {log}");
        assert!(!format!("{:?}", Secret::new(secret)).contains(secret));
    }
}

#[test]
fn bearer_15_a_token_revoked_between_two_requests_of_a_connection_is_refused() {
    let revoked = Arc::new(AtomicBool::new(false));
    let is_revoked = Arc::clone(&revoked);
    let auth = api()
        .scheme(Bearer::sync(move |_: Secret<'_>| {
            (!is_revoked.load(Ordering::SeqCst)).then(|| Principal::new("ada"))
        }))
        .build()
        .unwrap();
    let server = Server::start(auth);
    let mut connection = server.connect();
    let request = head("GET", "/p", &["Authorization: Bearer t"]);
    connection.write(&request);
    let answer = connection.read(false);
    assert_eq!((answer.status, answer.text().as_str()), (200, "ada"));
    revoked.store(true, Ordering::SeqCst);
    connection.write(&request);
    assert_invalid_token(&connection.read(false));
    assert_eq!(server.calls(), 1);
}

#[actix_web::test]
async fn bearer_15_expiry_is_judged_at_every_request_by_the_clock() {
    let now = Arc::new(AtomicU64::new(99));
    let clock = Arc::clone(&now);
    let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    let auth = api()
        .scheme(Bearer::sync(move |_: Secret<'_>| {
            Some(Principal::new("ada").with_expires_at(at(100)))
        }))
        .clock(move || at(clock.load(Ordering::SeqCst)))
        .build()
        .unwrap();
    ask(&auth, with_bearer("/p", "t")).await.assert_granted();
    // RFC 7519 §4.1.4: "on or after".
    for later in [100, 101] {
        now.store(later, Ordering::SeqCst);
        let answer = ask(&auth, with_bearer("/p", "t")).await;
        answer.assert_refused(401);
        assert_eq!(only_challenge(&answer).1[2].1, "The access token expired");
    }
}

#[actix_web::test]
async fn bearer_17_a_broader_scope_is_enough_where_it_is_declared() {
    let declared = |scope: &'static str| {
        api()
            .scheme(Bearer::sync(|_: Secret<'_>| {
                Some(Principal::new("rob").scope("files:*"))
            }))
            .scope_implies(scope, ["files:write"])
            .build()
            .unwrap()
    };
    let answer = ask(&declared("files:*"), with_bearer("/s", "t")).await;
    answer.assert_granted();
    let answer = ask(&declared("files:all"), with_bearer("/s", "t")).await;
    answer.assert_refused(403);
    assert_eq!(only_challenge(&answer).1[2].1, "files:write");
}

#[actix_web::test]
async fn bearer_16_and_bearer_17_scopes_are_compared_whole_and_exactly() {
    for (held, is_enough) in [
        (&["files:write"][..], true),
        (&["other", "files:write"], true),
        (&["files:write", "files:write"], true),
        (&["FILES:WRITE"], false),
        (&["Files:write"], false),
        (&["files:writer"], false),
        (&["files:writ"], false),
        (&["files"], false),
        (&["write"], false),
        (&["files:write other"], false),
        (&["x\tfiles:write"], false),
        (&["x,files:write"], false),
        (&[" files:write"], false),
        (&["files:write "], false),
        (&["files:write\0"], false),
        // BEARER-17: no hierarchy, for none is declared.
        (&["files:*"], false),
        (&["*"], false),
        (&["files:"], false),
        (&[""], false),
        (&[], false),
    ] {
        let principal = Principal::new("rob").scopes(held.iter().copied());
        let auth = api()
            .scheme(Bearer::sync(move |_: Secret<'_>| Some(principal.clone())))
            .build()
            .unwrap();
        let answer = ask(&auth, with_bearer("/s", "t")).await;
        if is_enough {
            answer.assert_granted();
        } else {
            answer.assert_refused(403);
            assert_eq!(
                only_challenge(&answer).1[1].1,
                "insufficient_scope",
                "{held:?}"
            );
        }
    }
    let reversed = Principal::new("rob").scopes(["b", "a"]);
    let auth = api()
        .scheme(Bearer::sync(move |_: Secret<'_>| Some(reversed.clone())))
        .build()
        .unwrap();
    ask(&auth, with_bearer("/ab", "t")).await.assert_granted();
}

#[actix_web::test]
async fn bearer_16_a_grant_of_permissions_is_no_scope() {
    let auth = api()
        .scheme(Bearer::sync(|_: Secret<'_>| {
            Some(
                Principal::new("rob")
                    .grant("*")
                    .permission("files:write")
                    .role("files:write"),
            )
        }))
        .build()
        .unwrap();
    ask(&auth, with_bearer("/s", "t")).await.assert_refused(403);
    let answer = ask(&auth, with_bearer("/permission", "t")).await;
    answer.assert_granted();
    assert_no_challenge(&answer);
}
