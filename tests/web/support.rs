//! What the tests of this target share.

use std::net::{IpAddr, TcpListener};
use std::sync::mpsc;
use std::time::{Duration, SystemTime};

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, web};

/// Seconds since the epoch at which the tests with a clock of their own take place.
pub(crate) const NOW: u64 = 1_750_000_000;

pub(crate) fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// A real server on a port of its own, which ends with the value.
pub(crate) struct Server {
    pub(crate) port: u16,
    handle: ServerHandle,
}

impl Server {
    /// Serves what `configure` sets up, on all loopback addresses.
    pub(crate) fn start(
        configure: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("0.0.0.0:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = HttpServer::new(move || App::new().configure(configure.clone()))
                    .workers(2)
                    .shutdown_timeout(0)
                    .disable_signals()
                    .listen(listener)
                    .unwrap()
                    .run();
                sender.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        let handle = receiver.recv().unwrap();
        Self { port, handle }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The command is sent when it is called.
        drop(self.handle.stop(false));
    }
}

/// A client at this address of the loopback network.
pub(crate) fn client_at(address: &str) -> reqwest::Client {
    let address: IpAddr = address.parse().unwrap();
    reqwest::Client::builder()
        .local_address(address)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}
