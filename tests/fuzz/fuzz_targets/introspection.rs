//! Answers of an authorization server: a token is accepted only if the answer says what has to be
//! said.
#![no_main]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, UNIX_EPOCH};

use auth_fuzz::Executor;
use auth_runtime::Secret;
use auth_runtime::oauth::introspection::Introspection;
use auth_runtime::scheme::VerifyToken as _;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

const NOW: u64 = 1_800_000_000;

type Answer = Arc<Mutex<Vec<u8>>>;

/// Answers every request of a connection with the same body.
fn serve(mut connection: TcpStream, answer: &Answer) -> std::io::Result<()> {
    connection.set_nodelay(true)?;
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = connection.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        request.extend_from_slice(&buffer[..count]);
        // The body is `token=.. &token_type_hint=..`, which ends the request.
        if !request.ends_with(b"access_token") {
            continue;
        }
        request.clear();
        let body = answer.lock().expect("no thread panics").clone();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        connection.write_all(&[head.as_bytes(), &body].concat())?;
    }
}

struct Setting {
    executor: Executor,
    introspection: Introspection,
    answer: Answer,
}

thread_local! {
    static SETTING: Setting = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let endpoint = format!("http://{}/introspect", listener.local_addr().expect("an address"));
        let answer = Answer::default();
        let shared = answer.clone();
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let answer = shared.clone();
                thread::spawn(move || serve(connection, &answer));
            }
        });
        let introspection = Introspection::builder(endpoint)
            .client("api", "s3cr3t")
            .audience("api")
            .issuer("https://id.example")
            .cache_size(0)
            .clock(|| UNIX_EPOCH + Duration::from_secs(NOW))
            .build()
            .expect("a right configuration");
        Setting { executor: Executor::new(), introspection, answer }
    };
}

fn check(members: &Map<String, Value>) {
    assert_eq!(members["active"], true);
    assert_eq!(members["iss"], "https://id.example");
    let is_ours = |value: &Value| value == "api";
    assert!(
        is_ours(&members["aud"])
            || members["aud"]
                .as_array()
                .is_some_and(|all| all.iter().any(is_ours))
    );
    assert!(
        members["sub"]
            .as_str()
            .is_some_and(|subject| !subject.is_empty())
    );
    if let Some(ends) = members.get("exp") {
        assert!(ends.as_f64().is_some_and(|ends| ends > NOW as f64));
    }
    if let Some(begins) = members.get("nbf") {
        assert!(begins.as_f64().is_some_and(|begins| begins <= NOW as f64));
    }
    assert!(!members.contains_key("cnf"));
    let kind = members
        .get("token_type")
        .and_then(Value::as_str)
        .unwrap_or("bearer");
    assert!(kind.eq_ignore_ascii_case("bearer"), "{kind}");
}

fuzz_target!(|data: &[u8]| {
    SETTING.with(|setting| {
        data.clone_into(&mut setting.answer.lock().expect("no thread panics"));
        let token = Secret::new("opaque");
        let verified = setting.executor.run(setting.introspection.verify(token));
        if matches!(verified, Ok(Some(_))) {
            check(&serde_json::from_slice(data).expect("it was read"));
        }
    });
});
