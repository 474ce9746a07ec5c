//! The example `web_app`, as a process of its own.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// One server process, which ends with the value.
pub(crate) struct WebApp {
    pub(crate) port: u16,
    process: Child,
}

/// The program, built once for all tests of a target.
fn program() -> &'static PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let built = Command::new(env!("CARGO"))
            .args([
                "build",
                "--quiet",
                "-p",
                "auth-examples-extra",
                "--example",
                "web_app",
            ])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .unwrap();
        assert!(built.success());
        // `target/debug/deps/browser-..` is this test.
        let mut folder = std::env::current_exe().unwrap();
        folder.pop();
        folder.pop();
        folder.join("examples/web_app")
    })
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

impl WebApp {
    /// In memory, or on the Redis at this URL, with the others that have it.
    pub(crate) fn start(redis: Option<&str>) -> Self {
        let port = free_port();
        let mut command = Command::new(program());
        command
            .env("PORT", port.to_string())
            .env(
                "SECRET",
                "a secret of the tests, and of all servers in them",
            )
            .env_remove("REDIS_URL")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if let Some(url) = redis {
            command.env("REDIS_URL", url);
        }
        let mut process = command.spawn().unwrap();
        let end = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < end, "the server does not listen");
            assert!(process.try_wait().unwrap().is_none(), "the server ended");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { port, process }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }
}

impl Drop for WebApp {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}
