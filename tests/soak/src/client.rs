//! The callers' side of the connections.

use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::rt::{net::TcpStream, spawn, time::sleep, time::timeout};
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::callers::{Connection, Random, Request, Soak};

/// An answer that takes longer is a failure.
const LIMIT: Duration = Duration::from_secs(60);

/// How many requests a connection of HTTP/2 has before the next one is made.
const REQUESTS_OF_A_CONNECTION: usize = 5_000;

/// A connection of HTTP/1.1, with `depth` requests sent before the first answer is read.
pub(crate) async fn http1(soak: Arc<Soak>, address: SocketAddr, seed: u64, depth: usize) {
    let mut random = Random::new(seed);
    let mut connection = None;
    loop {
        let batch: Vec<Request> = (0..depth).map_while(|_| soak.next(&mut random)).collect();
        if batch.is_empty() {
            return;
        }
        let outcome = timeout(LIMIT, exchange(&soak, address, &mut connection, &batch)).await;
        match outcome {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                soak.fail(&format!("a connection of HTTP/1.1: {error}"));
                connection = None;
            }
            Err(_) => {
                soak.fail("a connection of HTTP/1.1: no answer");
                connection = None;
            }
        }
    }
}

struct Http1 {
    stream: TcpStream,
    read: Vec<u8>,
}

async fn exchange(
    soak: &Soak,
    address: SocketAddr,
    connection: &mut Option<Http1>,
    batch: &[Request],
) -> io::Result<()> {
    let mut open = match connection.take() {
        Some(open) => open,
        None => connect(address).await?,
    };
    let over = if batch.len() == 1 {
        Connection::KeptAlive
    } else {
        Connection::Pipelined
    };
    let mut sent = Vec::new();
    for request in batch {
        sent.extend_from_slice(&written(request));
    }
    open.stream.write_all(&sent).await?;
    for request in batch {
        if request.is_cancelled {
            // The connection is dropped with this request and those behind it on their way.
            soak.cancelled.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
        let (status, body, is_last) = open.answer().await?;
        soak.check(over, request, status, &body);
        if is_last {
            // The server has not read a body; what was sent behind it is lost.
            return Ok(());
        }
    }
    *connection = Some(open);
    Ok(())
}

async fn connect(address: SocketAddr) -> io::Result<Http1> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(Http1 {
        stream,
        read: Vec::new(),
    })
}

fn written(request: &Request) -> Vec<u8> {
    let mut text = format!(
        "{} {} HTTP/1.1\r\nhost: localhost\r\n",
        request.method, request.path
    );
    if let Some(token) = &request.token {
        _ = write!(text, "authorization: Bearer {token}\r\n");
    }
    if !request.body.is_empty() {
        _ = write!(text, "content-length: {}\r\n", request.body.len());
    }
    text.push_str("\r\n");
    text.push_str(&request.body);
    text.into_bytes()
}

impl Http1 {
    /// Reads one answer: its status, its body, and whether the server closes the connection.
    async fn answer(&mut self) -> io::Result<(u16, Vec<u8>, bool)> {
        let end = loop {
            if let Some(at) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            self.more().await?;
        };
        let head = String::from_utf8_lossy(&self.read[..end]).to_ascii_lowercase();
        let mut lines = head.split("\r\n");
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let status = status.ok_or_else(|| io::Error::other(format!("no status: {head}")))?;
        let field = |name: &str| {
            let prefix = format!("{name}: ");
            head.split("\r\n")
                .find_map(|line| line.strip_prefix(&prefix).map(str::to_owned))
        };
        let length = field("content-length").and_then(|length| length.parse::<usize>().ok());
        let length = length.ok_or_else(|| io::Error::other(format!("no length: {head}")))?;
        while self.read.len() < end + length {
            self.more().await?;
        }
        let body = self.read[end..end + length].to_vec();
        self.read.drain(..end + length);
        Ok((
            status,
            body,
            field("connection").is_some_and(|value| value == "close"),
        ))
    }

    async fn more(&mut self) -> io::Result<()> {
        if self.stream.read_buf(&mut self.read).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

/// A connection of HTTP/2 with `streams` requests at once.
pub(crate) async fn http2(soak: Arc<Soak>, address: SocketAddr, seed: u64, streams: usize) {
    let mut random = Random::new(seed);
    let mut is_more = true;
    while is_more {
        let stream = match TcpStream::connect(address).await {
            Ok(stream) => stream,
            Err(error) => return soak.fail(&format!("a connection of HTTP/2: {error}")),
        };
        let (sender, connection) = match h2::client::handshake(stream).await {
            Ok(both) => both,
            Err(error) => return soak.fail(&format!("a connection of HTTP/2: {error}")),
        };
        let connection = spawn(connection);
        let mut running = FuturesUnordered::new();
        for _ in 0..REQUESTS_OF_A_CONNECTION {
            if running.len() >= streams {
                running.next().await;
            }
            let Some(request) = soak.next(&mut random) else {
                is_more = false;
                break;
            };
            running.push(stream_of(&soak, sender.clone(), request));
        }
        while running.next().await.is_some() {}
        drop((running, sender));
        _ = timeout(LIMIT, connection).await;
    }
}

async fn stream_of(soak: &Soak, sender: h2::client::SendRequest<Bytes>, request: Request) {
    match timeout(LIMIT, ask(sender, &request)).await {
        Ok(Ok(Some((status, body)))) => soak.check(Connection::Http2, &request, status, &body),
        Ok(Ok(None)) => _ = soak.cancelled.fetch_add(1, Ordering::Relaxed),
        Ok(Err(error)) => soak.fail(&format!("a stream of HTTP/2: {error}")),
        Err(_) => soak.fail("a stream of HTTP/2: no answer"),
    }
}

/// `None` where the request was cancelled.
async fn ask(
    sender: h2::client::SendRequest<Bytes>,
    request: &Request,
) -> Result<Option<(u16, Vec<u8>)>, h2::Error> {
    let mut sender = sender.ready().await?;
    let mut head = http::Request::builder()
        .method(request.method)
        .uri(format!("http://localhost{}", request.path));
    if let Some(token) = &request.token {
        head = head.header("authorization", format!("Bearer {token}"));
    }
    let head = head.body(()).expect("a right request");
    let (answer, mut sending) = sender.send_request(head, request.body.is_empty())?;
    if request.is_cancelled {
        // Not before the head was sent: a stream that the server has never seen cannot be reset.
        sleep(Duration::from_millis(request.body.len() as u64 % 4 + 1)).await;
        sending.send_reset(h2::Reason::CANCEL);
        return Ok(None);
    }
    if !request.body.is_empty() {
        // A server that refuses without reading ends the stream, and the body goes nowhere.
        _ = sending.send_data(Bytes::from(request.body.clone()), true);
    }
    let mut answer = answer.await?;
    let status = answer.status().as_u16();
    let mut body = Vec::new();
    while let Some(data) = answer.body_mut().data().await {
        let data = data?;
        body.extend_from_slice(&data);
        answer
            .body_mut()
            .flow_control()
            .release_capacity(data.len())?;
    }
    Ok(Some((status, body)))
}
