//! Random input: what holds for the examples elsewhere holds for whatever a client or an app sends.

use actix_web::App;
use actix_web::rt::System;
use actix_web::test::init_service;
use auth_runtime::http::Challenge;
use auth_runtime::prelude::*;
use base64::Engine as _;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::app::{routes, send, with_authorization};
use crate::support::challenge::read_line;
use crate::support::wire::Server;
use crate::support::{Calls, api, ask, bearer, challenges, get};

pub fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config {
        failure_persistence: None,
        ..Config::with_cases(cases)
    })
}

/// Schemes that know nobody, and panic where they are asked about what is of the wrong form.
fn knowing_nobody() -> Auth {
    api()
        .scheme(Bearer::sync(|token: Secret<'_>| {
            let token = token.expose();
            let body = token.trim_end_matches('=');
            let is_form = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
            assert!(!body.is_empty() && body.bytes().all(is_form), "{token:?}");
            None::<Principal>
        }))
        .scheme(Basic::sync(|user: String, password: Secret<'static>| {
            let both = format!("{user}{}", password.expose());
            assert!(
                !user.contains(':') && !both.contains(char::is_control),
                "{both:?}"
            );
            None::<Principal>
        }))
        .build()
        .unwrap()
}

/// Bytes that look more or less like credentials.
fn authorization() -> impl Strategy<Value = Vec<u8>> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..40);
    let encoded = bytes().prop_map(|bytes| {
        base64::engine::general_purpose::STANDARD
            .encode(bytes)
            .into_bytes()
    });
    let separator = prop::sample::select(vec![" ", "  ", "", "\t", "=", ":", ",", " \t"]);
    let scheme = prop::sample::select(vec![
        "Bearer", "bearer", "Basic", "BASIC", "Digest", "Bear", "",
    ]);
    let credentials = prop_oneof![
        bytes(),
        encoded,
        "[A-Za-z0-9._~+/-]{0,30}=?=?".prop_map(String::into_bytes),
        "[ -~]{0,30}".prop_map(String::into_bytes),
    ];
    prop_oneof![
        bytes(),
        (scheme, separator, credentials).prop_map(|(scheme, separator, credentials)| {
            [scheme.as_bytes(), separator.as_bytes(), &credentials].concat()
        }),
    ]
}

fn is_field_value(bytes: &[u8]) -> bool {
    actix_web::http::header::HeaderValue::from_bytes(bytes).is_ok()
}

#[test]
fn neg_02_and_neg_03_random_bytes_let_nobody_in() {
    let system = System::new();
    let calls = Calls::default();
    let app = App::new()
        .app_data(knowing_nobody())
        .app_data(calls.clone())
        .configure(routes);
    let service = system.block_on(init_service(app));
    let fields = authorization().prop_filter("a field value", |bytes| is_field_value(bytes));
    runner(2000)
        .run(&fields, |bytes| {
            for path in ["/p", "/r", "/b", "/plain"] {
                let request = with_authorization(path, &bytes);
                system.block_on(send(&service, request)).assert_refused(401);
            }
            // Another line makes it ambiguous, whatever it is.
            let twice = with_authorization("/p", &bytes).append_header(("authorization", "Foo"));
            system.block_on(send(&service, twice)).assert_refused(400);
            Ok(())
        })
        .unwrap();
    assert_eq!(calls.count(), 0);
}

#[test]
fn neg_01_and_neg_03_random_bytes_on_the_wire_let_nobody_in() {
    let server = Server::start(knowing_nobody());
    runner(200)
        .run(&authorization(), |bytes| {
            let mut request = b"GET /p HTTP/1.1\r\nHost: localhost\r\nAuthorization: ".to_vec();
            request.extend_from_slice(&bytes);
            request.extend_from_slice(b"\r\nConnection: close\r\n\r\n");
            let answer = server.ask(&request);
            prop_assert!([400, 401].contains(&answer.status), "{answer:?}");
            prop_assert_eq!(answer.calls, 0);
            Ok(())
        })
        .unwrap();
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{0,40}", any::<String>(), "[ -~\\t\\r\\n\u{e9}]{0,20}"]
}

#[test]
fn neg_17_a_random_realm_is_a_build_error_or_read_as_it_was_set() {
    let system = System::new();
    let mut built = 0;
    runner(300).run_one_by_one(&texts(), |realm| {
        let is_safe = !realm.is_empty()
            && realm
                .bytes()
                .all(|byte| matches!(byte, b' '..=b'~') && !b"\"\\'".contains(&byte));
        let auth = Auth::builder()
            .realm(realm.clone())
            .scheme(bearer())
            .build();
        assert_eq!(auth.is_ok(), is_safe, "{realm:?}");
        if let Ok(auth) = auth {
            built += 1;
            let answer = system.block_on(ask(&auth, get("/p")));
            answer.assert_refused(401);
            assert_eq!(challenges(&answer)[0].1, [("realm".to_owned(), realm)]);
        }
    });
    assert!(built > 20, "{built}");
}

/// Runs a test that counts: proptest's own runner wants a closure without state.
trait RunOneByOne {
    fn run_one_by_one<S: Strategy>(self, strategy: &S, test: impl FnMut(S::Value));
}

impl RunOneByOne for TestRunner {
    fn run_one_by_one<S: Strategy>(mut self, strategy: &S, test: impl FnMut(S::Value)) {
        let test = std::cell::RefCell::new(test);
        self.run(strategy, |value| {
            (test.borrow_mut())(value);
            Ok(())
        })
        .unwrap();
    }
}

#[test]
fn ch_08_and_neg_17_a_random_value_is_refused_or_read_as_it_was_set() {
    runner(2000)
        .run(&(texts(), "[a-z]{1,12}"), |(value, name)| {
            let challenge = Challenge::new("Other")
                .unwrap()
                .with(name.clone(), value.clone());
            let is_printable = value.bytes().all(|byte| matches!(byte, b' '..=b'~'));
            if !is_printable {
                prop_assert!(challenge.is_err(), "{value:?}");
            } else if let Ok(challenge) = challenge {
                let (_, parameters) = read_line(&challenge.to_string());
                let expected: Vec<_> = (!value.is_empty())
                    .then(|| (name.clone(), value.clone()))
                    .into_iter()
                    .collect();
                prop_assert_eq!(parameters, expected);
            } else {
                // RFC 6750 §3 has a narrower set for its own parameters.
                prop_assert!(
                    ["error", "scope"].contains(&name.as_str()),
                    "{name}: {value:?}"
                );
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn bearer_06_and_neg_17_random_scopes_are_read_as_they_were_set() {
    // RFC 6749 §3.3: `scope-token = 1*( %x21 / %x23-5B / %x5D-7E )`.
    let scopes = prop::collection::vec("[!#-\\[\\]-~]{1,12}", 1..8);
    runner(1000)
        .run(&(scopes, "[ !#-&(-\\[\\]-~]{1,20}"), |(scopes, realm)| {
            let value = scopes.join(" ");
            let challenge = Challenge::new("Bearer")
                .and_then(|challenge| challenge.with("realm", realm.clone()))
                .and_then(|challenge| challenge.with("error", "insufficient_scope"))
                .and_then(|challenge| challenge.with("scope", value.clone()))
                .unwrap();
            let (scheme, parameters) = read_line(&challenge.to_string());
            prop_assert_eq!(scheme, "Bearer");
            prop_assert_eq!(&parameters[0].1, &realm);
            let read: Vec<_> = parameters[2].1.split(' ').collect();
            prop_assert_eq!(read, scopes);
            Ok(())
        })
        .unwrap();
}
