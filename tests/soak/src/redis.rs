//! A Redis of this run alone, killed and started again.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::{env, fs, process};

use actix_web::rt::time::sleep;

use crate::callers::Soak;

pub(crate) struct Redis {
    port: u16,
    folder: PathBuf,
    process: Child,
}

impl Redis {
    /// `None` where it is not installed.
    pub(crate) fn start() -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = port.expect("a free port").port();
        let folder = env::temp_dir().join(format!("auth-soak-{}", process::id()));
        fs::create_dir_all(&folder).expect("a folder can be made");
        let process = spawn(port, &folder)?;
        Some(Self {
            port,
            folder,
            process,
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }
}

/// What it was told stays over a restart: a revocation that was answered is kept.
fn spawn(port: u16, folder: &PathBuf) -> Option<Child> {
    let process = Command::new("redis-server")
        .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
        .args([
            "--save",
            "",
            "--appendonly",
            "yes",
            "--appendfsync",
            "always",
            "--dir",
        ])
        .arg(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    for _ in 0..200 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Some(process);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("redis-server does not listen");
}

impl Drop for Redis {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
        _ = fs::remove_dir_all(&self.folder);
    }
}

/// Away for half a second, back for six. Answers with how often.
pub(crate) async fn restart(soak: Arc<Soak>, mut redis: Redis) -> u64 {
    let mut count = 0;
    while !soak.is_done.load(Ordering::SeqCst) {
        soak.is_away.store(true, Ordering::SeqCst);
        soak.kills.fetch_add(1, Ordering::SeqCst);
        _ = redis.process.kill();
        _ = redis.process.wait();
        sleep(Duration::from_millis(500)).await;
        redis.process = spawn(redis.port, &redis.folder).expect("it was there before");
        count += 1;
        // Connections are made again; requests that waited are answered.
        sleep(Duration::from_secs(2)).await;
        soak.is_away.store(false, Ordering::SeqCst);
        for _ in 0..40 {
            if soak.is_done.load(Ordering::SeqCst) {
                break;
            }
            sleep(Duration::from_millis(100)).await;
        }
    }
    count
}
