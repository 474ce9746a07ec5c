//! A server behind TLS, with a certificate authority of its own.

use std::collections::HashMap;
use std::io::{Read, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A certificate authority that nobody knows.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its certificate.
    pub pem: String,
}

/// Whom a certificate is for.
#[derive(Clone, Copy)]
pub enum Subject {
    Localhost,
    AnotherHost,
    LocalhostLongAgo,
}

impl Authority {
    pub fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new([]).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        parameters
            .distinguished_name
            .push(DnType::CommonName, "An authority of the tests");
        let pem = parameters.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(parameters, key),
            pem,
        }
    }

    fn configuration(&self, subject: Subject) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let name = match subject {
            Subject::AnotherHost => "id.example",
            _ => "localhost",
        };
        let mut parameters = CertificateParams::new([name.to_owned()]).unwrap();
        if let Subject::LocalhostLongAgo = subject {
            parameters.not_before = date_time_ymd(2019, 1, 1);
            parameters.not_after = date_time_ymd(2020, 1, 1);
        }
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap();
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], private)
            .unwrap()
    }
}

/// Status, further header lines, and body.
type Page = (u16, String, String);

/// An `https` server on a free port of this machine, one connection after the other.
pub struct SecureServer {
    pub url: String,
    pages: Arc<Mutex<HashMap<String, Page>>>,
    /// The paths that were asked for, in their order.
    asked: Arc<Mutex<Vec<String>>>,
}

impl SecureServer {
    pub fn start(authority: &Authority, subject: Subject) -> Self {
        let configuration = Arc::new(authority.configuration(subject));
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = Self {
            url: format!("https://localhost:{port}"),
            pages: Arc::default(),
            asked: Arc::default(),
        };
        let (pages, asked) = (Arc::clone(&server.pages), Arc::clone(&server.asked));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let connection = ServerConnection::new(Arc::clone(&configuration)).unwrap();
                let mut stream = StreamOwned::new(connection, stream.unwrap());
                // A client that does not trust the certificate goes in the middle of it.
                if let Some(path) = requested_path(&mut stream) {
                    asked.lock().unwrap().push(path.clone());
                    let page = pages.lock().unwrap().get(&path).cloned();
                    let (status, headers, body) =
                        page.unwrap_or((404, String::new(), String::new()));
                    let length = body.len();
                    _ = write!(
                        stream,
                        "HTTP/1.1 {status} x\r\nContent-Type: application/json\r\n{headers}\
                         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
                    );
                    stream.conn.send_close_notify();
                    _ = stream.flush();
                }
            }
        });
        server
    }

    pub fn json(&self, path: &str, body: &serde_json::Value) {
        self.page(path, (200, String::new(), body.to_string()));
    }

    pub fn redirect(&self, path: &str, to: &str) {
        self.page(path, (302, format!("Location: {to}\r\n"), String::new()));
    }

    fn page(&self, path: &str, page: Page) {
        self.pages.lock().unwrap().insert(path.into(), page);
    }

    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn requested_path(stream: &mut impl Read) -> Option<String> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        request.push(byte[0]);
    }
    let text = String::from_utf8(request).ok()?;
    Some(text.split(' ').nth(1)?.to_owned())
}
