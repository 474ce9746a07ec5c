//! A server and its callers, for a long time:
//!
//! ```sh
//! cargo run --release -p auth-soak -- [REQUESTS]      # 1,000,000 by default
//! ```
//!
//! A thousand principals with tokens of two kinds call over connections that are kept alive,
//! pipelined, or HTTP/2. Some requests are cancelled, some verifications are slow, keys rotate,
//! tokens are revoked, and Redis is killed and started again. It fails where an answer is another
//! caller's or has another status than it should, and where the memory grows.

mod callers;
mod client;
mod redis;
mod server;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use std::{env, fs, process};

use actix_web::rt::{System, spawn, time::sleep};
use auth_runtime::oauth::revocation::{RedisRevocations, RevocationStore, Revocations};
use futures_util::future::join_all;

use crate::callers::Soak;
use crate::redis::Redis;

/// How many connections there are of each kind.
const KEPT_ALIVE: u64 = 48;
const PIPELINED: u64 = 16;
const HTTP2: u64 = 3;

/// How much more memory than after the first fifth there may be at the end, in KiB.
const GROWTH: u64 = 24 * 1024;

fn main() {
    let requests = match env::args().nth(1).map(|text| text.parse()) {
        None => 1_000_000,
        Some(Ok(requests)) => requests,
        Some(Err(_)) => {
            eprintln!("usage: auth-soak [REQUESTS]");
            process::exit(2);
        }
    };
    let passed = System::new().block_on(async {
        match Redis::start() {
            Some(redis) => {
                let store = RedisRevocations::new(&redis.url()).expect("the URL is right");
                // Only Redis being away is a reason for 503, not a machine that is busy.
                let store = store.time_limit(Duration::from_secs(3));
                // Every request asks.
                let revocations = Revocations::new(store).interval(Duration::ZERO);
                run(requests, revocations, Some(redis)).await
            }
            None => run(requests, Revocations::in_memory(), None).await,
        }
    });
    if !passed {
        process::exit(1);
    }
}

/// Resident memory, in KiB. Zero where the system does not say.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}

async fn run<S: RevocationStore>(
    requests: u64,
    revocations: Revocations<S>,
    redis: Option<Redis>,
) -> bool {
    let soak = Arc::new(Soak::new(requests, redis.is_some()));
    let address = server::start(&soak, &revocations);
    println!(
        "soak: {requests} requests, Redis: {}",
        if redis.is_some() {
            "yes"
        } else {
            "NOT INSTALLED"
        }
    );

    let started = Instant::now();
    let mut tasks = Vec::new();
    for number in 0..KEPT_ALIVE {
        tasks.push(spawn(client::http1(soak.clone(), address, number, 1)));
    }
    for number in 0..PIPELINED {
        tasks.push(spawn(client::http1(
            soak.clone(),
            address,
            100 + number,
            16,
        )));
    }
    for number in 0..HTTP2 {
        tasks.push(spawn(client::http2(
            soak.clone(),
            address,
            200 + number,
            32,
        )));
    }
    let rotation = spawn(rotate(soak.clone(), revocations));
    let restarts = redis.map(|redis| spawn(redis::restart(soak.clone(), redis)));
    let watch = spawn(watch(soak.clone()));
    join_all(tasks).await;
    soak.is_done.store(true, Ordering::SeqCst);
    _ = rotation.await;
    let restarts = match restarts {
        Some(restarts) => restarts.await.unwrap_or(0),
        None => 0,
    };
    let warm = watch.await.unwrap_or(0);
    let end = memory();

    soak.check_kinds();
    println!(
        "soak: {} s, {soak}, {restarts} restarts of Redis",
        started.elapsed().as_secs()
    );
    println!("soak: memory {warm} KiB after a fifth, {end} KiB at the end");
    let mut passed = true;
    let failures = soak.failures();
    for failure in failures.iter().take(20) {
        println!("soak: FAILED: {failure}");
    }
    if !failures.is_empty() {
        println!("soak: FAILED: {} requests, or more", failures.len());
        passed = false;
    }
    if end > warm + GROWTH {
        println!("soak: FAILED: the memory grew");
        passed = false;
    }
    passed
}

/// A new key every two seconds, new tokens with it, and one of the old ones revoked.
async fn rotate<S: RevocationStore>(soak: Arc<Soak>, revocations: Revocations<S>) {
    let mut round = 0;
    while !soak.is_done.load(Ordering::SeqCst) {
        sleep(Duration::from_secs(2)).await;
        round += 1;
        soak.rotate(round);
        soak.revoke(&revocations).await;
    }
}

/// Prints how far it is, and answers with the memory after the first fifth.
async fn watch(soak: Arc<Soak>) -> u64 {
    let mut warm = 0;
    let mut tenth = 0;
    while !soak.is_done.load(Ordering::SeqCst) {
        sleep(Duration::from_millis(100)).await;
        let done = soak.tenths();
        if done > tenth {
            tenth = done;
            if warm == 0 && tenth >= 2 {
                warm = memory();
            }
            println!("soak: {}0 %, {} KiB", tenth, memory());
        }
    }
    warm
}
