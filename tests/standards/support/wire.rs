//! A server on the loopback interface and a client that writes and reads bytes.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, web};
use auth_runtime::Auth;

use super::app::routes;
use super::{Answer, Calls};

/// A running server; it stops when it is dropped.
pub struct Server {
    address: SocketAddr,
    calls: Calls,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves the common routes.
    pub fn start(auth: Auth) -> Self {
        Self::start_with(auth, routes)
    }

    /// Serves these routes.
    pub fn start_with(auth: Auth, routes: fn(&mut web::ServiceConfig)) -> Self {
        let calls = Calls::default();
        let counted = calls.clone();
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = HttpServer::new(move || {
                    App::new()
                        .app_data(auth.clone())
                        .app_data(counted.clone())
                        .configure(routes)
                })
                .workers(1)
                .disable_signals()
                .bind(("127.0.0.1", 0))
                .expect("a free port");
                let address = server.addrs()[0];
                let server = server.run();
                sender
                    .send((address, server.handle()))
                    .expect("the test waits");
                server.await.expect("the server runs");
            });
        });
        let (address, handle) = receiver.recv().expect("the server starts");
        Self {
            address,
            calls,
            handle,
            thread: Some(thread),
        }
    }

    /// Opens a connection.
    pub fn connect(&self) -> Connection {
        let stream = TcpStream::connect(self.address).expect("the server listens");
        // Against a test that would hang, not a measure of anything.
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        Connection {
            stream,
            received: Vec::new(),
        }
    }

    /// Sends one request on a connection of its own.
    pub fn ask(&self, request: impl AsRef<[u8]>) -> Answer {
        let request = request.as_ref();
        let before = self.calls.count();
        let mut connection = self.connect();
        connection.write(request);
        let mut answer = connection.read_final(request.starts_with(b"HEAD "));
        answer.calls = self.calls.count() - before;
        answer
    }

    pub fn calls(&self) -> usize {
        self.calls.count()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The command is sent at once; the future only tells when it is done.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let stopped = thread.join();
            assert!(
                stopped.is_ok() || std::thread::panicking(),
                "the server panicked"
            );
        }
    }
}

/// One connection of a client.
pub struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    pub fn write(&mut self, bytes: impl AsRef<[u8]>) {
        // A server that has answered already may have closed.
        let _ = self.stream.write_all(bytes.as_ref());
    }

    /// Reads the next answer that is not an interim one.
    pub fn read_final(&mut self, to_head: bool) -> Answer {
        loop {
            let answer = self.read(to_head);
            if answer.status >= 200 || answer.status == 101 {
                return answer;
            }
        }
    }

    /// Reads the next answer, interim ones too. An answer to `HEAD` has no body to read; whatever
    /// stands behind it is the next answer.
    pub fn read(&mut self, to_head: bool) -> Answer {
        let end = loop {
            if let Some(at) = find(&self.received, b"\r\n\r\n") {
                break at;
            }
            assert!(
                self.fill(),
                "closed in the middle of a head: {:?}",
                self.received_text()
            );
        };
        let head: Vec<u8> = self.received.drain(..end + 4).take(end).collect();
        let head = String::from_utf8(head).expect("heads are ASCII");
        let mut lines = head.split("\r\n");
        let status_line = lines.next().unwrap();
        let status = status_line.split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<_> = lines
            .map(|line| {
                let (name, value) = line.split_once(':').expect("a field line");
                (name.to_ascii_lowercase(), value.trim().as_bytes().to_vec())
            })
            .collect();
        let mut answer = Answer {
            status,
            headers,
            body: Vec::new(),
            calls: 0,
        };
        if !to_head && status >= 200 {
            answer.body = self.read_body(&answer);
        }
        answer
    }

    fn read_body(&mut self, answer: &Answer) -> Vec<u8> {
        let Some(length) = answer.header("content-length") else {
            let chunked = answer.header("transfer-encoding").is_some();
            let end = b"0\r\n\r\n";
            while !chunked || find(&self.received, end).is_none() {
                if !self.fill() {
                    break;
                }
            }
            return std::mem::take(&mut self.received);
        };
        let length: usize = length.parse().unwrap();
        while self.received.len() < length {
            assert!(self.fill(), "closed in the middle of a body");
        }
        self.received.drain(..length).collect()
    }

    /// What arrives before the server closes.
    pub fn read_rest(mut self) -> Vec<u8> {
        while self.fill() {}
        self.received
    }

    /// Whether something more arrived.
    fn fill(&mut self) -> bool {
        let mut buffer = [0; 4096];
        match self.stream.read(&mut buffer) {
            Ok(0) | Err(_) => false,
            Ok(length) => {
                self.received.extend_from_slice(&buffer[..length]);
                true
            }
        }
    }

    fn received_text(&self) -> String {
        String::from_utf8_lossy(&self.received).into_owned()
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

/// A request without a body: `head("GET", "/p", &["Authorization: Bearer user"])`.
pub fn head(method: &str, path: &str, lines: &[&str]) -> String {
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n");
    for line in lines {
        request.push_str(line);
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    request
}
