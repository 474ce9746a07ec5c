//! Revocations in a real Redis, started for each test on a free port.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use auth_runtime::oauth::revocation::{
    RedisRevocations, RevocationKey, RevocationStore, Revocations,
};
use auth_runtime::prelude::*;

use crate::revocation::{assert_a_new_session_lives, in_this_second, later, status};
use crate::support::{NOW, at};

/// A Redis of this test alone, which ends with it.
struct Redis {
    port: u16,
    process: Child,
}

impl Redis {
    /// `None`, and a word about it, where there is no Redis on this machine. `REQUIRE_REDIS` makes
    /// that a failure.
    fn start() -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        Self::start_on(port)
    }

    fn start_on(port: u16) -> Option<Self> {
        let started = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
            .args(["--save", "", "--appendonly", "no"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let process = match started {
            Ok(process) => process,
            Err(error) => {
                assert!(
                    std::env::var_os("REQUIRE_REDIS").is_none(),
                    "redis-server cannot be started: {error}"
                );
                eprintln!(
                    "NOT TESTED: redis-server cannot be started ({error}); apt-get install redis-server"
                );
                return None;
            }
        };
        let mut redis = Self { port, process };
        let end = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < end, "redis-server does not listen");
            std::thread::yield_now();
        }
        // Another one took the port in the meantime: what listens is not this one.
        let ended = redis.process.try_wait().unwrap();
        assert!(ended.is_none(), "redis-server ended: {ended:?}");
        Some(redis)
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Away, at once.
    fn stop(mut self) -> u16 {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.port
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = Command::new("redis-cli")
            .args(["-p", &self.port.to_string()])
            .args(arguments)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

fn server(redis: &Redis) -> Revocations<RedisRevocations> {
    Revocations::new(RedisRevocations::new(&redis.url()).unwrap())
        .interval(Duration::ZERO)
        .clock(|| at(NOW))
}

#[actix_web::test]
async fn revoked_on_one_server_is_refused_on_the_other() {
    let Some(redis) = Redis::start() else { return };
    let (first, second) = (server(&redis), server(&redis));
    for token in [
        "ada.as1.0.t1",
        "ada.as1.0.t2",
        "bob.as1.0.t3",
        "eve.as1.0.t4",
    ] {
        assert_eq!(status(&second, token).await, 200, "{token}");
    }
    first
        .revoke_token(&Secret::new("ada.as1.0.t1"), later())
        .await
        .unwrap();
    first.revoke_id("as1", "t3", later()).await.unwrap();
    first.revoke_subject("as1", "eve", later()).await.unwrap();
    for (token, expected) in [
        ("ada.as1.0.t1", 401),
        ("ada.as1.0.t2", 200),
        ("bob.as1.0.t3", 401),
        ("eve.as1.0.t4", 401),
        ("eve.as1.1.t5", 200),
        ("eve.as2.0.t4", 200),
    ] {
        assert_eq!(status(&second, token).await, expected, "{token}");
    }
}

#[actix_web::test]
async fn the_other_server_sees_it_within_the_interval() {
    static CLOCK: AtomicU64 = AtomicU64::new(NOW);
    let Some(redis) = Redis::start() else { return };
    let server = || {
        Revocations::new(RedisRevocations::new(&redis.url()).unwrap())
            .interval(Duration::from_secs(1))
            .clock(|| at(CLOCK.load(Ordering::Relaxed)))
    };
    let (first, second) = (server(), server());
    let token = Secret::new("ada.-.0.-");
    assert_eq!(status(&second, token.expose()).await, 200);
    first.revoke_token(&token, later()).await.unwrap();
    assert_eq!(status(&first, token.expose()).await, 401);
    CLOCK.store(NOW + 1, Ordering::Relaxed);
    assert_eq!(status(&second, token.expose()).await, 401);
}

#[actix_web::test]
async fn redis_that_goes_away_closes_the_door_until_it_is_back() {
    static CLOCK: AtomicU64 = AtomicU64::new(NOW);
    let Some(redis) = Redis::start() else { return };
    let revocations = Revocations::new(RedisRevocations::new(&redis.url()).unwrap())
        .interval(Duration::ZERO)
        .clock(|| at(CLOCK.load(Ordering::Relaxed)));
    assert_eq!(status(&revocations, "ada.-.0.-").await, 200);
    let port = redis.stop();
    assert_eq!(status(&revocations, "ada.-.0.-").await, 503);
    assert!(revocations.revoke_id("", "x", later()).await.is_err());
    let _back = Redis::start_on(port).unwrap();
    // Not tried again in the same moment, but in the next.
    assert_eq!(status(&revocations, "ada.-.0.-").await, 503);
    CLOCK.store(NOW + 1, Ordering::Relaxed);
    assert_eq!(status(&revocations, "ada.-.0.-").await, 200);
}

#[actix_web::test]
async fn a_restarted_redis_costs_no_request() {
    let Some(redis) = Redis::start() else { return };
    let revocations = server(&redis);
    assert_eq!(status(&revocations, "ada.-.0.-").await, 200);
    let port = redis.stop();
    let _again = Redis::start_on(port).unwrap();
    assert_eq!(status(&revocations, "ada.-.0.-").await, 200);
}

#[test]
fn a_connection_outlives_the_worker_that_made_it() {
    let Some(redis) = Redis::start() else { return };
    let revocations = server(&redis);
    for _ in 0..2 {
        // Each worker has a runtime of its own.
        actix_web::rt::System::new().block_on(async {
            assert_eq!(status(&revocations, "ada.-.0.-").await, 200);
        });
    }
}

#[actix_web::test]
async fn a_session_that_is_newer_by_milliseconds_lives() {
    let Some(redis) = Redis::start() else { return };
    assert_a_new_session_lives(&server(&redis).clock(in_this_second)).await;
}

#[actix_web::test]
async fn a_redis_that_does_not_answer_is_away() {
    // It accepts the connection and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://127.0.0.1:{}/", silent.local_addr().unwrap().port());
    let store = RedisRevocations::new(&url)
        .unwrap()
        .time_limit(Duration::from_millis(50));
    let revocations = Revocations::new(store).clock(|| at(NOW));
    assert_eq!(status(&revocations, "ada.-.0.-").await, 503);
}

#[actix_web::test]
async fn redis_holds_digests_that_end_with_the_token_and_never_before() {
    let Some(redis) = Redis::start() else { return };
    let store = RedisRevocations::new(&redis.url()).unwrap().prefix("app:");
    let subject = RevocationKey::subject("as1", "ada@example.com");
    let key = format!("app:{}", subject.to_hex());
    let seconds = |text: String| text.parse::<i64>().unwrap();

    store
        .revoke(subject, at(NOW), at(NOW + 1000))
        .await
        .unwrap();
    assert_eq!(redis.run(&["KEYS", "*"]), key, "no name of anybody");
    assert_eq!(redis.run(&["ZSCORE", &key, "at"]), NOW.to_string());
    assert!((995..=1000).contains(&seconds(redis.run(&["TTL", &key]))));

    // Later, but for less long: the later instant and the later end count.
    store
        .revoke(subject, at(NOW + 5), at(NOW + 100))
        .await
        .unwrap();
    assert_eq!(redis.run(&["ZSCORE", &key, "at"]), (NOW + 5).to_string());
    assert!((995..=1000).contains(&seconds(redis.run(&["TTL", &key]))));
    store
        .revoke(subject, at(NOW + 6), at(NOW + 5000))
        .await
        .unwrap();
    assert!((4980..=4994).contains(&seconds(redis.run(&["TTL", &key]))));
    assert_eq!(
        store.find(&[subject], at(NOW)).await.unwrap(),
        [Some(at(NOW + 6))]
    );

    // What somebody else wrote there is not understood, and so nobody gets in.
    for foreign in [
        &["ZADD", &key, "1e300", "at"][..],
        &["ZADD", &key, "-1", "at"],
        &["ZADD", &key, "inf", "at"],
        &["SET", &key, "soon"],
        &["RPUSH", &key, "x"],
    ] {
        redis.run(&["DEL", &key]);
        redis.run(foreign);
        assert!(
            store.find(&[subject], at(NOW)).await.is_err(),
            "{foreign:?}"
        );
    }
}

#[actix_web::test]
async fn a_server_whose_clock_is_behind_takes_no_revocation_back() {
    let Some(redis) = Redis::start() else { return };
    let store = RedisRevocations::new(&redis.url()).unwrap();
    let key = RevocationKey::subject("as1", "ada");
    for now in [NOW, NOW - 3600, NOW + 1, NOW] {
        store.revoke(key, at(now), at(NOW + 9000)).await.unwrap();
    }
    let found = store.find(&[key], at(NOW)).await.unwrap();
    assert_eq!(found, [Some(at(NOW + 1))]);
}

#[test]
fn a_password_in_the_url_is_not_shown() {
    let store = RedisRevocations::new("redis://user:hunter2@127.0.0.1:1/0").unwrap();
    let shown = format!("{store:?} {:?}", Revocations::new(store.clone()));
    assert!(!shown.contains("hunter2"), "{shown}");
    let error = RedisRevocations::new("http://user:hunter2@host").unwrap_err();
    assert!(!error.to_string().contains("hunter2"), "{error}");
}
