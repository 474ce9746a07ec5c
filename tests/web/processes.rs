//! The example `web_app` as two server processes that share a Redis.

mod app;
#[allow(dead_code, reason = "what the other targets ask a Redis")]
mod redis;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use actix_web::rt::time::sleep;
use reqwest::Client;
use reqwest::header::{COOKIE, SET_COOKIE};

use self::app::{WebApp, free_port};
use self::redis::Redis;

fn client() -> Client {
    Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(10))
        .build()
        .unwrap()
}

/// The cookie of a new session of `ada`.
async fn log_in(app: &WebApp) -> String {
    let form = [("name", "ada"), ("password", "correct-horse")];
    let form: Vec<_> = form
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let request = client()
        .post(app.url("/login"))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(form.join("&"));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 303);
    let cookie = answer.headers().get(SET_COOKIE).unwrap().to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

async fn status(client: &Client, app: &WebApp, path: &str, cookie: &str) -> u16 {
    let request = client.get(app.url(path)).header(COOKIE, cookie);
    request.send().await.unwrap().status().as_u16()
}

/// The ids of the sessions of this cookie's user, but for its own.
async fn other_sessions(app: &WebApp, cookie: &str) -> Vec<String> {
    let request = client().get(app.url("/account")).header(COOKIE, cookie);
    let page = request.send().await.unwrap().text().await.unwrap();
    let items = page
        .split("<li>")
        .skip(1)
        .filter(|item| !item.contains("(this one)"));
    items
        .map(|item| {
            let (_, behind) = item.split_once("/account/sessions/").unwrap();
            behind.split('/').next().unwrap().to_owned()
        })
        .collect()
}

#[actix_web::test]
async fn a_session_that_one_server_ends_is_refused_by_the_other_within_a_second() {
    let Some(redis) = Redis::start() else { return };
    let (first, second) = (
        WebApp::start(Some(&redis.url())),
        WebApp::start(Some(&redis.url())),
    );
    let client = client();
    for _ in 0..3 {
        let (mine, ended) = (log_in(&first).await, log_in(&second).await);
        for app in [&first, &second] {
            for cookie in [&mine, &ended] {
                assert_eq!(status(&client, app, "/api/me", cookie).await, 200);
            }
        }
        let stream = client.get(second.url("/events")).header(COOKIE, &ended);
        let mut stream = stream.send().await.unwrap();
        assert_eq!(stream.status(), 200);
        let ids = other_sessions(&first, &mine).await;
        assert_eq!(ids.len(), 1, "{ids:?}");
        let path = format!("/account/sessions/{}/end", ids[0]);
        let request = client.post(first.url(&path)).header(COOKIE, &mine);
        let started = Instant::now();
        assert_eq!(request.send().await.unwrap().status(), 303);
        // Where it was ended, at once.
        assert_eq!(status(&client, &first, "/api/me", &ended).await, 401);
        while status(&client, &second, "/api/me", &ended).await != 401 {
            sleep(Duration::from_millis(10)).await;
        }
        let lasted = started.elapsed();
        eprintln!("refused by the other server after {lasted:?}");
        assert!(lasted < Duration::from_secs(1), "{lasted:?}");
        // And what it had opened there ends.
        let end = async { while stream.chunk().await.unwrap().is_some() {} };
        actix_web::rt::time::timeout(Duration::from_secs(2), end)
            .await
            .unwrap();
        assert_eq!(status(&client, &second, "/api/me", &mine).await, 200);
        let out = client.post(second.url("/logout")).header(COOKIE, &mine);
        assert_eq!(out.send().await.unwrap().status(), 303);
    }
}

#[actix_web::test]
async fn wrong_passwords_count_on_all_servers() {
    let Some(redis) = Redis::start() else { return };
    let servers = [
        WebApp::start(Some(&redis.url())),
        WebApp::start(Some(&redis.url())),
    ];
    let client = client();
    let mut answers = Vec::new();
    for number in 0..12 {
        let request = client
            .post(servers[number % 2].url("/login"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body("name=ada&password=wrong");
        answers.push(request.send().await.unwrap().status().as_u16());
    }
    assert_eq!(answers, [[422; 10].as_slice(), &[429; 2]].concat());
}

#[actix_web::test]
async fn a_redis_that_is_killed_and_comes_back_opens_nothing() {
    let folder = std::env::temp_dir().join(format!("auth-tests-web-redis-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let Some(redis) = Redis::start_in(free_port(), Some(folder.clone())) else {
        return;
    };
    let app = WebApp::start(Some(&redis.url()));
    let (good, ended) = (log_in(&app).await, log_in(&app).await);
    let client = client();
    let id = other_sessions(&app, &good).await.pop().unwrap();
    let end = client.post(app.url(&format!("/account/sessions/{id}/end")));
    let end = end.header(COOKIE, &good).send().await.unwrap();
    assert_eq!(end.status(), 303);

    let started = Instant::now();
    let at = |seconds: u64| Duration::from_secs(seconds).saturating_sub(started.elapsed());
    let (good, ended) = (&good, &ended);
    // Requests all the time, of a session that is good, of one that was ended, and of nobody.
    let load = async |path: &'static str, cookie: &str| {
        let mut seen: HashMap<u16, u32> = HashMap::new();
        let mut last = 0;
        let mut back = None;
        while started.elapsed() < Duration::from_secs(9) {
            last = status(&client, &app, path, cookie).await;
            *seen.entry(last).or_default() += 1;
            if last == 200 && started.elapsed() > Duration::from_secs(4) {
                back.get_or_insert(started.elapsed());
            }
            sleep(Duration::from_millis(5)).await;
        }
        (seen, last, back)
    };
    let outage = async {
        sleep(at(1)).await;
        let (port, folder) = (redis.folder(), redis);
        let (folder, port) = (port, folder.stop());
        sleep(at(4)).await;
        Redis::start_in(port, folder).unwrap()
    };
    let (of_good, of_ended, of_nobody, redis) = futures_util::join!(
        load("/api/me", good),
        load("/api/me", ended),
        load("/health", ""),
        outage
    );
    eprintln!("good: {of_good:?}, ended: {of_ended:?}, nobody: {of_nobody:?}");
    let (seen, last, back) = of_good;
    // Nothing but these: an outage logs nobody out.
    assert!(
        seen.keys().all(|status| [200, 503].contains(status)),
        "{seen:?}"
    );
    assert!(seen.contains_key(&503) && last == 200, "{seen:?}");
    assert!(back.unwrap() < Duration::from_secs(7), "{back:?}");
    let (seen, last, _) = of_ended;
    assert!(
        seen.keys().all(|status| [401, 503].contains(status)),
        "{seen:?}"
    );
    assert_eq!(last, 401);
    assert_eq!(of_nobody.0.keys().collect::<Vec<_>>(), [&200]);
    drop(redis);
    _ = std::fs::remove_dir_all(folder);
}
