//! Sessions that two servers share over a real Redis.

use std::future::Future;
use std::time::{Duration, Instant};

use actix_session::storage::{CookieSessionStore, RedisSessionStore, SessionStore};
use actix_web::{HttpResponse, get, post, web};
use auth_runtime::oauth::revocation::{RedisRevocations, Revocations};
use auth_runtime::prelude::*;
use auth_runtime::scheme::session::{Login, Sessions};
use auth_runtime::{CallerSession, Denial};
use reqwest::Client;

use crate::redis::Redis;
use crate::sessions::SECRET;
use crate::support::Server;

#[post("/login")]
#[public(reason = "the caller logs in here")]
async fn login(session: CallerSession) -> Result<HttpResponse, Denial> {
    session.login(Login::new("ada")).await?;
    Ok(HttpResponse::Ok().finish())
}

#[get("/me")]
#[requires_auth]
async fn me() -> &'static str {
    "me"
}

#[get("/health")]
#[public(reason = "load balancer probe")]
async fn health() -> &'static str {
    "ok"
}

#[get("/count")]
#[requires_auth]
async fn count(session: CallerSession) -> Result<String, Denial> {
    Ok(session.list().await?.len().to_string())
}

#[post("/others/end")]
#[requires_auth]
async fn end_others(session: CallerSession) -> Result<HttpResponse, Denial> {
    session.end_others().await?;
    Ok(HttpResponse::Ok().finish())
}

#[post("/logout")]
#[requires_auth]
async fn logout(session: CallerSession) -> Result<HttpResponse, Denial> {
    session.logout().await?;
    Ok(HttpResponse::Ok().finish())
}

/// A server that shares nothing with another but what is in Redis.
fn server<Store: SessionStore + 'static>(
    redis: &str,
    store: impl Fn() -> Store + Clone + Send + 'static,
) -> Server {
    let redis = redis.to_owned();
    let load = |subject: String| async move { Some(Principal::new(subject)) };
    let revocations = Revocations::new(RedisRevocations::new(&redis).unwrap());
    let revocations = revocations.interval(Duration::from_millis(200));
    let sessions = Sessions::new(SECRET, load, revocations).cookie_without_tls();
    let auth = Auth::builder()
        .realm("shop")
        .scheme(sessions.clone())
        .build()
        .unwrap();
    Server::start(move |config: &mut web::ServiceConfig| {
        let scope = web::scope("")
            .app_data(auth.clone())
            .service(login)
            .service(me)
            .service(health)
            .service(count)
            .service(end_others)
            .service(logout)
            .wrap(sessions.middleware(store()));
        config.service(scope);
    })
}

struct Browser {
    client: Client,
    cookie: String,
}

impl Browser {
    async fn log_in(server: &Server) -> Self {
        let client = Client::new();
        let answer = client.post(server.url("/login")).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let mut browser = Self {
            client,
            cookie: String::new(),
        };
        browser.keep(&answer);
        browser
    }

    fn keep(&mut self, answer: &reqwest::Response) {
        if let Some(line) = answer.headers().get("set-cookie") {
            line.to_str()
                .unwrap()
                .split(';')
                .next()
                .unwrap()
                .clone_into(&mut self.cookie);
        }
    }

    async fn get(&self, server: &Server, path: &str) -> reqwest::Response {
        let request = self.client.get(server.url(path));
        request.header("cookie", &self.cookie).send().await.unwrap()
    }

    async fn status(&self, server: &Server, path: &str) -> u16 {
        self.get(server, path).await.status().as_u16()
    }

    async fn post(&mut self, server: &Server, path: &str) -> u16 {
        let request = self.client.post(server.url(path));
        let answer = request.header("cookie", &self.cookie).send().await.unwrap();
        self.keep(&answer);
        answer.status().as_u16()
    }
}

/// A store that connects anew as soon as Redis is back.
async fn pooled(redis: &Redis) -> RedisSessionStore {
    let pool = deadpool_redis::Config::from_url(redis.url())
        .create_pool(Some(deadpool_redis::Runtime::Tokio1))
        .unwrap();
    RedisSessionStore::new_pooled(pool).await.unwrap()
}

/// How long until it answers this.
async fn until<F: Future<Output = u16>>(wanted: u16, ask: impl Fn() -> F) -> Duration {
    let start = Instant::now();
    while ask().await != wanted {
        assert!(start.elapsed() < Duration::from_secs(20), "never {wanted}");
        actix_web::rt::time::sleep(Duration::from_millis(10)).await;
    }
    start.elapsed()
}

async fn sessions_end_everywhere<Store: SessionStore + 'static>(
    redis: &Redis,
    store: impl Fn() -> Store + Clone + Send + 'static,
) {
    let one = server(&redis.url(), store.clone());
    let two = server(&redis.url(), store);
    let mut mine = Browser::log_in(&one).await;
    let other = Browser::log_in(&two).await;
    for server in [&one, &two] {
        assert_eq!(mine.status(server, "/me").await, 200);
        assert_eq!(other.status(server, "/me").await, 200);
        assert_eq!(mine.get(server, "/count").await.text().await.unwrap(), "2");
    }
    assert_eq!(mine.post(&one, "/others/end").await, 200);
    let took = until(401, || other.status(&two, "/me")).await;
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert_eq!(mine.status(&one, "/me").await, 200);
    assert_eq!(mine.status(&two, "/me").await, 200);
    let again = Browser::log_in(&two).await;
    assert_eq!(again.status(&one, "/me").await, 200);
    let copy = Browser {
        client: Client::new(),
        cookie: mine.cookie.clone(),
    };
    assert_eq!(mine.post(&one, "/logout").await, 200);
    let took = until(401, || copy.status(&two, "/me")).await;
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert_eq!(again.status(&two, "/me").await, 200);
}

#[actix_web::test]
async fn v7_4_1_a_session_in_a_cookie_that_one_server_ended_is_refused_by_the_other() {
    let Some(redis) = Redis::start() else { return };
    sessions_end_everywhere(&redis, CookieSessionStore::default).await;
}

#[actix_web::test]
async fn v7_4_1_a_session_in_redis_that_one_server_ended_is_refused_by_the_other() {
    let Some(redis) = Redis::start() else { return };
    let store = pooled(&redis).await;
    sessions_end_everywhere(&redis, move || store.clone()).await;
    // What is kept there names nobody.
    for key in redis.run(&["KEYS", "auth:*"]).lines() {
        assert!(!key.contains("ada"), "{key}");
        let kind = redis.run(&["TYPE", key]);
        let held = match kind.as_str() {
            "hash" => redis.run(&["HGETALL", key]),
            _ => redis.run(&["ZRANGE", key, "0", "-1"]),
        };
        assert!(!held.contains("ada"), "{held}");
        assert!(
            redis.run(&["TTL", key]).parse::<i64>().unwrap() > 0,
            "{key}"
        );
    }
}

async fn is_closed_while_redis_is_away<Store: SessionStore + 'static>(
    redis: Redis,
    store: impl Fn() -> Store + Clone + Send + 'static,
) {
    let server = server(&redis.url(), store);
    let mine = Browser::log_in(&server).await;
    assert_eq!(mine.status(&server, "/me").await, 200);
    let mut gone = Browser::log_in(&server).await;
    let copy = Browser {
        client: Client::new(),
        cookie: gone.cookie.clone(),
    };
    assert_eq!(gone.post(&server, "/logout").await, 200);
    let port = redis.stop();
    // At once for what has ended, and when the last answer has aged for the others.
    assert_eq!(copy.status(&server, "/me").await, 503);
    until(503, || mine.status(&server, "/me")).await;
    assert_eq!(mine.status(&server, "/health").await, 200);
    // Under load: never open, and never anything but 503.
    let asked = (0..50).map(|number| {
        let (browser, path) = if number % 2 == 0 {
            (&mine, "/me")
        } else {
            (&copy, "/me")
        };
        browser.status(&server, path)
    });
    for status in futures_util::future::join_all(asked).await {
        assert_eq!(status, 503);
    }
    let client = Client::new();
    let answer = client.post(server.url("/login")).send().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert!(!answer.headers().contains_key("set-cookie"));
    let _redis = Redis::start_on(port).unwrap();
    // The data is gone with it: a new login works again.
    until(200, || async {
        client
            .post(server.url("/login"))
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    })
    .await;
}

#[actix_web::test]
async fn revocations_that_are_away_close_the_door() {
    let Some(redis) = Redis::start() else { return };
    is_closed_while_redis_is_away(redis, CookieSessionStore::default).await;
}

#[actix_web::test]
async fn a_store_of_sessions_that_is_away_closes_the_door() {
    let Some(redis) = Redis::start() else { return };
    let store = pooled(&redis).await;
    is_closed_while_redis_is_away(redis, move || store.clone()).await;
}
