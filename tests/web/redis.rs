//! A real Redis, started for each test on a free port.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A Redis of this test alone, which ends with it.
pub(crate) struct Redis {
    port: u16,
    process: Child,
    /// Where it keeps what it is told, if it does.
    folder: Option<PathBuf>,
}

impl Redis {
    /// `None`, and a word about it, where there is no Redis on this machine. `REQUIRE_REDIS` makes
    /// that a failure.
    pub(crate) fn start() -> Option<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        Self::start_on(port)
    }

    pub(crate) fn start_on(port: u16) -> Option<Self> {
        Self::start_in(port, None)
    }

    /// With a folder, it remembers what it was told when it starts anew.
    pub(crate) fn start_in(port: u16, folder: Option<PathBuf>) -> Option<Self> {
        let mut command = Command::new("redis-server");
        command
            .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
            .args(["--save", ""]);
        match &folder {
            None => command.args(["--appendonly", "no"]),
            Some(folder) => command
                .args(["--appendonly", "yes", "--appendfsync", "always", "--dir"])
                .arg(folder),
        };
        let started = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let process = match started {
            Ok(process) => process,
            Err(error) => {
                assert!(
                    std::env::var_os("REQUIRE_REDIS").is_none(),
                    "redis-server cannot be started: {error}"
                );
                eprintln!("NOT TESTED: redis-server cannot be started ({error})");
                return None;
            }
        };
        let mut redis = Self {
            port,
            process,
            folder,
        };
        let end = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < end, "redis-server does not listen");
            std::thread::sleep(Duration::from_millis(5));
        }
        // Another one took the port in the meantime: what listens is not this one.
        let ended = redis.process.try_wait().unwrap();
        assert!(ended.is_none(), "redis-server ended: {ended:?}");
        Some(redis)
    }

    #[allow(
        dead_code,
        reason = "not every target that has this module restarts it"
    )]
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        self.folder.clone()
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Away, at once.
    pub(crate) fn stop(mut self) -> u16 {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.port
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> String {
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
