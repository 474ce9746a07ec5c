//! A real server on one worker, and sockets that send what no client would.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServerHandle, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::rt::task::spawn_blocking;
use actix_web::{App, Error, HttpServer, rt};

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    handle: ServerHandle,
}

/// Serves the app on a port of the loopback interface, with one worker.
pub(crate) fn serve<F, T, B>(app: F) -> Server
where
    F: Fn() -> App<T> + Send + Clone + 'static,
    T: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<B>,
            Error = Error,
            InitError = (),
        > + 'static,
    B: MessageBody + 'static,
{
    let server = HttpServer::new(app)
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .expect("a free port");
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    rt::spawn(server);
    Server { address, handle }
}

impl Server {
    /// Sends bytes on a connection of their own and reads until the server closes it.
    pub(crate) async fn raw(&self, bytes: impl Into<Vec<u8>>) -> String {
        let (address, bytes) = (self.address, bytes.into());
        spawn_blocking(move || {
            let mut socket = connect(address);
            socket.write_all(&bytes).expect("the server reads");
            read_to_end(&mut socket)
        })
        .await
        .expect("the socket's thread ends well")
    }

    /// Sends one request and reads the one answer to it, without waiting for the server to close
    /// (which it does late where it has not read a body). Empty where the server hangs up.
    pub(crate) async fn ask(&self, bytes: impl Into<Vec<u8>>) -> String {
        let (address, bytes) = (self.address, bytes.into());
        let is_head = bytes.starts_with(b"HEAD ");
        spawn_blocking(move || {
            let mut socket = connect(address);
            socket.write_all(&bytes).expect("the server reads");
            let answer = read_one(&mut socket, is_head);
            // actix-http promises to read a body before it calls anything.
            if answer.starts_with("HTTP/1.1 100 ") {
                read_one(&mut socket, is_head)
            } else {
                answer
            }
        })
        .await
        .expect("the socket's thread ends well")
    }

    /// Sends one request after the other on one connection, each after the answer to the one
    /// before has begun to come. The last has to close the connection.
    pub(crate) async fn in_turn(&self, requests: Vec<Vec<u8>>) -> Vec<String> {
        let address = self.address;
        spawn_blocking(move || {
            let mut socket = connect(address);
            requests
                .iter()
                .map(|request| {
                    socket.write_all(request).expect("the server reads");
                    read_one(&mut socket, false)
                })
                .collect()
        })
        .await
        .expect("the socket's thread ends well")
    }

    /// Sends bytes and leaves the connection open, unread.
    pub(crate) async fn open(&self, bytes: impl Into<Vec<u8>>) -> TcpStream {
        let (address, bytes) = (self.address, bytes.into());
        spawn_blocking(move || {
            let mut socket = connect(address);
            socket.write_all(&bytes).expect("the server reads");
            socket
        })
        .await
        .expect("the socket's thread ends well")
    }

    pub(crate) async fn stop(self) {
        self.handle.stop(false).await;
    }
}

fn connect(address: SocketAddr) -> TcpStream {
    let socket = TcpStream::connect(address).expect("the server listens");
    // Only so that a server that hangs fails the test.
    socket
        .set_read_timeout(Some(Duration::from_secs(30)))
        .expect("a socket has a time limit");
    socket
}

fn read_to_end(socket: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A server that closes with input unread resets; what came before that counts.
    match socket.read_to_end(&mut bytes) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => {
            panic!("{error}: {}", String::from_utf8_lossy(&bytes))
        }
        _ => {}
    }
    String::from_utf8(bytes).expect("the answers are text")
}

/// Reads one answer with a `content-length`.
fn read_one(socket: &mut TcpStream, is_head: bool) -> String {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        match socket.read(&mut byte) {
            Ok(0) => break,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
            outcome => outcome
                .map(|_| bytes.push(byte[0]))
                .expect("the server answers"),
        }
    }
    let head = String::from_utf8(bytes).expect("a head is text");
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .filter(|_| !is_head)
        .map_or(0, |length| length.parse().expect("a length is a number"));
    let mut body = vec![0; length];
    socket.read_exact(&mut body).expect("the body comes whole");
    head + std::str::from_utf8(&body).expect("a body is text")
}

/// An HTTP/1.1 request without a body that closes the connection.
pub(crate) fn request(method: &str, target: &str, headers: &[(&str, &str)]) -> String {
    let lines: Vec<String> = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let lines = lines.concat();
    format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{lines}\r\n")
}

/// The status of the first answer; `None` where the server hung up without one.
pub(crate) fn status(answer: &str) -> Option<u16> {
    answer.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}

/// An answer without what changes from one to the next.
pub(crate) fn without_date(answer: &str) -> String {
    answer
        .lines()
        .filter(|line| !line.starts_with("date: "))
        .collect::<Vec<_>>()
        .join("\n")
}
