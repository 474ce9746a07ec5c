//! Wrong passwords, many of them.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::rt::time::sleep;
use actix_web::{App, HttpRequest, HttpResponse, get, post, test, web};
use auth_runtime::assert_denied;
use auth_runtime::audit::Memory;
use auth_runtime::denial::Reason;
use auth_runtime::prelude::*;
use auth_runtime::scheme::AttemptLimiter;
use auth_runtime::{Denial, VerifyError};
use futures_util::future::{join_all, poll_immediate};

use crate::redis::Redis;
use crate::support::{NOW, Server, at, client_at};

const ADDRESS: [u8; 4] = [203, 0, 113, 7];
const ELSEWHERE: [u8; 4] = [198, 51, 100, 9];

/// What the verification of this password comes to.
async fn verify(password: &str) -> Result<Option<()>, VerifyError> {
    match password {
        "right" => Ok(Some(())),
        "away" => Err(VerifyError::unavailable()),
        "revoked" => Err(VerifyError::revoked()),
        "expired" => Err(VerifyError::expired()),
        _ => Ok(None),
    }
}

/// `200`, `401`, `429` or `503`, as a client would see it.
async fn attempt(limiter: &AttemptLimiter, address: [u8; 4], account: &str, password: &str) -> u16 {
    match limiter
        .attempt(Some(IpAddr::from(address)), account, verify(password))
        .await
    {
        Ok(Some(())) => 200,
        Err(error) if error.to_string() == "too many attempts" => 429,
        Err(error)
            if error
                .to_string()
                .starts_with("the credentials cannot be verified") =>
        {
            503
        }
        Ok(None) | Err(_) => 401,
    }
}

async fn attempts(
    limiter: &AttemptLimiter,
    count: usize,
    address: [u8; 4],
    account: &str,
) -> Vec<u16> {
    let mut answers = Vec::new();
    for _ in 0..count {
        answers.push(attempt(limiter, address, account, "wrong").await);
    }
    answers
}

/// The same in memory and on a Redis, where there is one.
async fn limiters(test: impl AsyncFn(AttemptLimiter)) {
    test(AttemptLimiter::in_memory()).await;
    if let Some(redis) = Redis::start() {
        test(AttemptLimiter::redis(&redis.url()).unwrap()).await;
    }
}

#[actix_web::test]
async fn one_account_at_one_address_is_refused_and_nobody_else_is() {
    limiters(async |limiter| {
        let answers = attempts(&limiter, 12, ADDRESS, "ada").await;
        assert_eq!(answers[..10], [401; 10]);
        assert_eq!(answers[10..], [429; 2]);
        // The right password makes no difference: it could be the next guess.
        assert_eq!(attempt(&limiter, ADDRESS, "ada", "right").await, 429);
        assert_eq!(attempt(&limiter, ADDRESS, " ADA ", "right").await, 429);
        // The owner elsewhere, and others behind the same NAT.
        assert_eq!(attempt(&limiter, ELSEWHERE, "ada", "right").await, 200);
        assert_eq!(attempt(&limiter, ADDRESS, "rob", "right").await, 200);
    })
    .await;
}

#[actix_web::test]
async fn right_passwords_and_outages_do_not_count_and_everything_else_does() {
    limiters(async |limiter| {
        for _ in 0..50 {
            assert_eq!(attempt(&limiter, ADDRESS, "ada", "right").await, 200);
            assert_eq!(attempt(&limiter, ADDRESS, "ada", "away").await, 503);
        }
        for password in ["revoked", "expired", "wrong", "revoked", "expired"].repeat(2) {
            assert_eq!(attempt(&limiter, ADDRESS, "ada", password).await, 401);
        }
        assert_eq!(attempt(&limiter, ADDRESS, "ada", "right").await, 429);
    })
    .await;
}

#[actix_web::test]
async fn one_account_from_many_addresses_is_refused_where_it_is_not_known() {
    limiters(async |limiter| {
        assert_eq!(attempt(&limiter, ELSEWHERE, "ada", "right").await, 200);
        let mut wrong = 0;
        for last in 1..=20 {
            let answers = attempts(&limiter, 10, [203, 0, 113, last], "ada").await;
            wrong += answers.iter().filter(|status| **status == 401).count();
        }
        assert_eq!(wrong, 100);
        // From where its owner signed in before, it is open; from anywhere else, it is not.
        assert_eq!(attempt(&limiter, ELSEWHERE, "ada", "right").await, 200);
        assert_eq!(attempt(&limiter, [192, 0, 2, 1], "ada", "right").await, 429);
        assert_eq!(attempt(&limiter, [192, 0, 2, 1], "rob", "right").await, 200);
        // And there, too, it is not open to guessing.
        let answers = attempts(&limiter, 12, ELSEWHERE, "ada").await;
        assert_eq!(answers[10..], [429; 2]);
    })
    .await;
}

#[actix_web::test]
async fn one_password_for_many_accounts_is_refused_and_who_is_known_there_is_not() {
    limiters(async |limiter| {
        assert_eq!(attempt(&limiter, ADDRESS, "neighbour", "right").await, 200);
        let mut wrong = 0;
        for number in 0..200 {
            let status = attempt(&limiter, ADDRESS, &format!("user{number}"), "Spring2026").await;
            wrong += usize::from(status == 401);
        }
        assert_eq!(wrong, 100);
        assert_eq!(attempt(&limiter, ADDRESS, "neighbour", "right").await, 200);
        assert_eq!(attempt(&limiter, ADDRESS, "newcomer", "right").await, 429);
        assert_eq!(attempt(&limiter, ELSEWHERE, "newcomer", "right").await, 200);
    })
    .await;
}

#[actix_web::test]
async fn a_block_of_ipv6_addresses_is_one() {
    let limiter = AttemptLimiter::in_memory();
    let mut wrong = 0;
    for last in 0..30_u16 {
        let address = IpAddr::from([0x2001, 0xdb8, 1, 0x200 + last, 0, 0, 0, last]);
        let outcome = limiter.attempt(Some(address), "ada", verify("wrong")).await;
        wrong += usize::from(outcome.is_ok());
    }
    assert_eq!(wrong, 10);
}

#[actix_web::test]
async fn wrong_ones_are_forgotten_one_at_a_time() {
    static CLOCK: AtomicU64 = AtomicU64::new(NOW);
    let limiter = AttemptLimiter::in_memory().clock(|| at(CLOCK.load(Ordering::Relaxed)));
    assert_eq!(attempts(&limiter, 11, ADDRESS, "ada").await[10], 429);
    CLOCK.fetch_add(300, Ordering::Relaxed);
    assert_eq!(attempts(&limiter, 2, ADDRESS, "ada").await, [401, 429]);
    CLOCK.fetch_add(300, Ordering::Relaxed);
    // A success takes itself out again, and no more than that.
    for _ in 0..5 {
        assert_eq!(attempt(&limiter, ADDRESS, "ada", "right").await, 200);
    }
    assert_eq!(attempts(&limiter, 2, ADDRESS, "ada").await, [401, 429]);
}

#[actix_web::test]
async fn a_thousand_at_once_are_no_thousand_guesses() {
    limiters(async |limiter| {
        let verified = AtomicUsize::new(0);
        let guesses = (0..1000).map(|_| {
            let verification = async {
                verified.fetch_add(1, Ordering::Relaxed);
                sleep(Duration::from_millis(20)).await;
                Ok(None::<()>)
            };
            limiter.attempt(Some(ADDRESS.into()), "ada", verification)
        });
        let answers = join_all(guesses).await;
        assert_eq!(verified.load(Ordering::Relaxed), 10);
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 10);
    })
    .await;
}

#[actix_web::test]
async fn a_page_that_loads_much_at_once_is_not_refused() {
    limiters(async |limiter| {
        for _ in 0..3 {
            let requests = (0..100).map(|_| {
                let verification = async {
                    sleep(Duration::from_millis(2)).await;
                    Ok(Some(()))
                };
                limiter.attempt(Some(ADDRESS.into()), "ada", verification)
            });
            for answer in join_all(requests).await {
                assert!(answer.is_ok(), "{answer:?}");
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn an_attempt_that_is_cut_off_counts_as_wrong() {
    // Where wrong ones are answered late, who hangs up early knows enough.
    let limiter = AttemptLimiter::in_memory();
    for _ in 0..10 {
        let verification = async {
            sleep(Duration::from_secs(60)).await;
            Ok(None::<()>)
        };
        let attempt = limiter.attempt(Some(ADDRESS.into()), "ada", verification);
        assert!(poll_immediate(Box::pin(attempt)).await.is_none());
    }
    assert_eq!(attempt(&limiter, ADDRESS, "ada", "right").await, 429);
}

#[actix_web::test]
async fn servers_that_share_a_redis_count_together() {
    let Some(redis) = Redis::start() else { return };
    let server = || AttemptLimiter::redis(&redis.url()).unwrap();
    let (first, second) = (server(), server());
    assert_eq!(attempts(&first, 5, ADDRESS, "ada").await, [401; 5]);
    assert_eq!(attempts(&second, 6, ADDRESS, "ada").await[5], 429);
    assert_eq!(attempt(&first, ADDRESS, "ada", "right").await, 429);
    // What is kept names nobody, and ends.
    let keys = redis.run(&["KEYS", "*"]);
    assert!(keys.lines().count() == 3 && !keys.contains("ada"), "{keys}");
    for key in keys.lines() {
        let seconds: i64 = redis.run(&["TTL", key]).parse().unwrap();
        assert!((1..=60_000).contains(&seconds), "{key}: {seconds}");
    }
}

#[actix_web::test]
async fn on_redis_wrong_ones_are_forgotten_as_well() {
    let Some(redis) = Redis::start() else { return };
    let limiter = AttemptLimiter::redis(&redis.url())
        .unwrap()
        .per_account_and_address(2, Duration::from_millis(300));
    assert_eq!(attempts(&limiter, 3, ADDRESS, "ada").await, [401, 401, 429]);
    sleep(Duration::from_millis(310)).await;
    assert_eq!(attempts(&limiter, 2, ADDRESS, "ada").await, [401, 429]);
}

#[actix_web::test]
async fn a_redis_that_is_away_admits_nobody() {
    let Some(redis) = Redis::start() else { return };
    let limiter = AttemptLimiter::redis(&redis.url()).unwrap();
    assert_eq!(attempt(&limiter, ADDRESS, "ada", "right").await, 200);
    let port = redis.stop();
    for _ in 0..20 {
        assert_eq!(attempt(&limiter, ADDRESS, "ada", "right").await, 503);
    }
    let _back = Redis::start_on(port).unwrap();
    let end = Instant::now() + Duration::from_secs(5);
    while attempt(&limiter, ADDRESS, "ada", "right").await != 200 {
        assert!(Instant::now() < end, "it does not come back");
        sleep(Duration::from_millis(50)).await;
    }
    let error = AttemptLimiter::redis("redis://:s3cr3t@[").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("s3cr3t"));
}

#[get("/me")]
#[requires_auth]
async fn me(caller: Authenticated) -> String {
    caller.subject().to_owned()
}

#[get("/secret")]
#[requires(authenticated, hide)]
async fn secret() -> &'static str {
    "secret"
}

#[get("/maybe")]
#[public(reason = "a test")]
async fn maybe(caller: MaybeAuthenticated) -> String {
    caller
        .principal()
        .map_or("nobody", Principal::subject)
        .to_owned()
}

fn basic(limiter: &AttemptLimiter) -> Auth {
    let basic = Basic::sync(|user: String, password: Secret<'static>| {
        password.ct_eq("right").then(|| Principal::new(user))
    });
    Auth::builder()
        .realm("web")
        .scheme(basic.limited(limiter))
        .scheme(Bearer::sync(|token: Secret<'_>| {
            token.ct_eq("token").then(|| Principal::new("ada"))
        }))
        .ignore_invalid_credentials(true)
        .build()
        .unwrap()
}

fn with_basic(path: &str, user: &str, password: &str) -> test::TestRequest {
    use base64::Engine as _;
    let value = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    test::TestRequest::get()
        .uri(path)
        .insert_header(("Authorization", format!("Basic {value}")))
        .peer_addr((ADDRESS, 4711).into())
}

#[actix_web::test]
async fn basic_is_answered_with_429_retry_after_and_a_problem() {
    let auth = basic(&AttemptLimiter::in_memory());
    let app = App::new()
        .app_data(auth)
        .service(me)
        .service(maybe)
        .service(secret);
    let app = test::init_service(app).await;
    for _ in 0..10 {
        let answer = test::call_service(&app, with_basic("/me", "ada", "wrong").to_request()).await;
        assert_eq!(answer.status(), 401);
    }
    for path in ["/me", "/maybe"] {
        let answer = test::call_service(&app, with_basic(path, "ada", "right").to_request()).await;
        assert_eq!(answer.status(), 429, "{path}");
        let headers = answer.headers().clone();
        // One is forgotten after five minutes, and a little has passed.
        let seconds: u64 = headers
            .get("retry-after")
            .unwrap()
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        assert!((280..=300).contains(&seconds), "{seconds}");
        assert_eq!(headers.get("cache-control").unwrap(), "no-store");
        assert!(!headers.contains_key("www-authenticate"));
        assert_eq!(
            headers.get("content-type").unwrap(),
            "application/problem+json"
        );
        let body: serde_json::Value = test::read_body_json(answer).await;
        assert_eq!(body["title"], "Too Many Requests");
        assert_eq!(body["detail"], "Too many failed attempts. Try again later.");
        assert!(!body.to_string().contains("ada"));
    }
    // What is hidden stays hidden.
    let answer = test::call_service(&app, with_basic("/secret", "ada", "right").to_request()).await;
    assert_eq!(answer.status(), 404);
    assert!(!answer.headers().contains_key("retry-after"));
    // Other credentials of the same caller are no attempt at the password.
    let other = test::TestRequest::get()
        .uri("/me")
        .insert_header(("Authorization", "Bearer token"));
    let answer =
        test::call_service(&app, other.peer_addr((ADDRESS, 4711).into()).to_request()).await;
    assert_eq!(answer.status(), 200);
}

#[actix_web::test]
async fn a_header_of_the_client_is_no_new_address() {
    let auth = basic(&AttemptLimiter::in_memory());
    let app = test::init_service(App::new().app_data(auth).service(me)).await;
    let mut last = StatusCode::OK;
    for number in 0..11 {
        let request = with_basic("/me", "ada", "wrong")
            .insert_header(("X-Forwarded-For", format!("198.51.100.{number}")))
            .insert_header(("Forwarded", format!("for=198.51.100.{number}")));
        last = test::call_service(&app, request.to_request())
            .await
            .status();
    }
    assert_eq!(last, 429);
}

#[post("/login")]
#[public(reason = "a test")]
async fn login(
    request: HttpRequest,
    form: web::Form<Vec<(String, String)>>,
    limiter: web::Data<AttemptLimiter>,
) -> Result<HttpResponse, Denial> {
    let field = |name| {
        form.iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value)
    };
    let (name, password) = (field("name"), field("password"));
    let verification = async {
        // A hash takes its time.
        sleep(Duration::from_millis(1)).await;
        Ok((name == "ada" && password == "correct-horse").then_some("ada"))
    };
    Ok(match limiter.login(&request, name, verification).await? {
        Some(name) => HttpResponse::Ok().body(format!("token-of-{name}")),
        None => HttpResponse::Unauthorized().body("wrong name or password"),
    })
}

/// From the outside, over real connections: an attacker at one address, the owner at another, and
/// a session that was there before.
#[actix_web::test]
async fn a_thousand_wrong_passwords_do_not_disturb_the_owner() {
    let limiter = AttemptLimiter::in_memory();
    let auth = Auth::builder()
        .realm("web")
        .scheme(Bearer::sync(|token: Secret<'_>| {
            token.ct_eq("token-of-ada").then(|| Principal::new("ada"))
        }))
        .build()
        .unwrap();
    let server = Server::start(move |app| {
        app.app_data(auth.clone())
            .app_data(web::Data::new(limiter.clone()))
            .service(login)
            .service(me);
    });
    let try_login = async |client: &reqwest::Client, name: &str, password: &str| {
        let body = format!("name={name}&password={password}");
        let request = client
            .post(server.url("/login"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(body);
        request.send().await.unwrap()
    };
    let (attacker, owner) = (client_at("127.0.0.66"), client_at("127.0.0.1"));
    let neighbour = client_at("127.0.0.66");
    let works = async || {
        let request = owner
            .get(server.url("/me"))
            .header("Authorization", "Bearer token-of-ada");
        let answer = request.send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), answer.text().await.unwrap()),
            (200, "ada".into())
        );
    };
    let attack = async {
        let mut counts = [0; 2];
        for round in 0..50 {
            let guesses: Vec<_> = (0..20)
                .map(|number| format!("guess-{round}-{number}"))
                .collect();
            let guesses = guesses
                .iter()
                .map(|guess| try_login(&attacker, "ada", guess));
            for answer in join_all(guesses).await {
                match answer.status().as_u16() {
                    401 => counts[0] += 1,
                    429 => {
                        assert!(answer.headers().contains_key("retry-after"));
                        counts[1] += 1;
                    }
                    other => panic!("{other}"),
                }
            }
        }
        counts
    };
    let mut attack = Box::pin(attack);
    let mut worked = 0;
    let counts = loop {
        tokio::select! {
            counts = &mut attack => break counts,
            () = works() => {
                worked += 1;
                // And signs in anew.
                assert_eq!(try_login(&owner, "ada", "correct-horse").await.status(), 200);
            }
        }
    };
    assert_eq!(counts, [10, 990]);
    assert!(worked > 10, "{worked}");
    // Neither the right password nor the account's existence shows at the attacker's address.
    for (name, password) in [("ada", "correct-horse"), ("ada", "x")] {
        assert_eq!(try_login(&attacker, name, password).await.status(), 429);
    }
    let mut unknown = Vec::new();
    for _ in 0..11 {
        unknown.push(
            try_login(&attacker, "no-such-user", "x")
                .await
                .status()
                .as_u16(),
        );
    }
    assert_eq!(unknown, [[401; 10].as_slice(), &[429]].concat());
    // Others behind the same address sign in.
    assert_eq!(try_login(&neighbour, "rob", "x").await.status(), 401);
    works().await;
}

/// The owner of an account is also kept in where the handler asks a limiter that has no address:
/// all clients of a socket without addresses are one.
#[actix_web::test]
async fn clients_without_an_address_are_one() {
    let limiter = Arc::new(AttemptLimiter::in_memory());
    let mut answers = Vec::new();
    for _ in 0..11 {
        answers.push(limiter.attempt(None, "ada", verify("wrong")).await.is_ok());
    }
    assert_eq!(answers, [[true; 10].as_slice(), &[false]].concat());
}

#[actix_web::test]
async fn any_verifier_says_when_to_come_again_and_the_audit_says_why() {
    let log = Memory::new();
    let auth = Auth::builder()
        .realm("web")
        .scheme(Bearer::sync(|_: Secret<'_>| {
            Err::<Option<Principal>, _>(VerifyError::too_many(Duration::from_secs(90)))
        }))
        .audit(log.clone())
        .build()
        .unwrap();
    let app = App::new().app_data(auth).service(me).service(maybe);
    let app = test::init_service(app).await;
    for path in ["/me", "/maybe"] {
        let request = test::TestRequest::get().uri(path);
        let request = request.insert_header(("Authorization", "Bearer token"));
        let answer = test::call_service(&app, request.to_request()).await;
        assert_denied!(answer, TooMany);
        assert_eq!(answer.headers().get("retry-after").unwrap(), "90");
        let events = log.take();
        assert_eq!(events.len(), 1, "{path}");
        assert_eq!(events[0].status, Some(429));
        assert_eq!(events[0].reason, Some(Reason::TooManyAttempts));
    }
}
