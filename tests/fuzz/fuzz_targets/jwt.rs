//! Signed tokens.
//!
//! A text is accepted only if it is the one that was signed. A header and claims that are signed
//! with the right key are accepted only if they say what has to be said.
#![no_main]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use auth_fuzz::Executor;
use auth_runtime::Secret;
use auth_runtime::oauth::jwt::{Algorithm, Issuer, Jwt, Key};
use auth_runtime::scheme::VerifyToken as _;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

const KEY: [u8; 32] = [7; 32];
const NOW: u64 = 1_800_000_000;
const HEADER: &str = r#"{"alg":"HS256","typ":"at+jwt"}"#;
const CLAIMS: &str = r#"{"iss":"https://id.example","aud":"api","sub":"ada","client_id":"app","iat":1800000000,"exp":1800000300,"jti":"1"}"#;

thread_local! {
    static JWT: (Executor, Jwt, String) = {
        let key = Key::hmac(Algorithm::Hs256, KEY).expect("the key is long enough");
        let issuer = Issuer::new("https://id.example").key(key).algorithms([Algorithm::Hs256]);
        let jwt = Jwt::builder()
            .issuer(issuer)
            .audience("api")
            .leeway(Duration::ZERO)
            .clock(|| UNIX_EPOCH + Duration::from_secs(NOW))
            .build();
        (Executor::new(), jwt.expect("a right configuration"), signed(HEADER.as_bytes(), CLAIMS.as_bytes()))
    };
}

fn signed(header: &[u8], claims: &[u8]) -> String {
    let content = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let key = hmac::Key::new(hmac::HMAC_SHA256, &KEY);
    let signature = hmac::sign(&key, content.as_bytes());
    format!("{content}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn is_accepted(token: &str) -> bool {
    JWT.with(|(executor, jwt, _)| {
        let verified = executor.run(jwt.verify(Secret::new(token.to_owned())));
        matches!(verified, Ok(Some(_)))
    })
}

fn object(text: &[u8]) -> Map<String, Value> {
    serde_json::from_slice(text).expect("what is accepted is an object")
}

fn check_claims(header: &[u8], claims: &[u8]) {
    let (header, claims) = (object(header), object(claims));
    assert_eq!(header["alg"], "HS256");
    let kind = header["typ"].as_str().expect("a text").to_ascii_lowercase();
    assert!(
        matches!(kind.as_str(), "at+jwt" | "application/at+jwt"),
        "{kind}"
    );
    for forbidden in ["crit", "jku", "jwk", "x5u", "x5c", "b64"] {
        assert!(!header.contains_key(forbidden), "{forbidden}");
    }
    assert_eq!(claims["iss"], "https://id.example");
    let is_ours = |value: &Value| value == "api";
    assert!(
        is_ours(&claims["aud"])
            || claims["aud"]
                .as_array()
                .is_some_and(|all| all.iter().any(is_ours))
    );
    assert!(
        claims["sub"]
            .as_str()
            .is_some_and(|subject| !subject.is_empty())
    );
    let ends = claims["exp"].as_f64().expect("a number");
    let now = SystemTime::from(UNIX_EPOCH + Duration::from_secs(NOW));
    assert!(UNIX_EPOCH + Duration::try_from_secs_f64(ends).expect("a time") > now);
    if let Some(begins) = claims.get("nbf").filter(|value| !value.is_null()) {
        assert!(begins.as_f64().is_some_and(|begins| begins <= NOW as f64));
    }
    assert!(!claims.contains_key("cnf"));
}

fuzz_target!(|data: &[u8]| {
    let Some((kind, data)) = data.split_first() else {
        return;
    };
    match kind % 3 {
        // What an attacker sends.
        0 => {
            let Ok(text) = std::str::from_utf8(data) else {
                return;
            };
            assert!(
                !is_accepted(text) || JWT.with(|(.., right)| right == text),
                "{text}"
            );
        }
        // What an attacker makes of a right token: `position, byte` pairs.
        1 => {
            let mut token = JWT.with(|(.., right)| right.clone().into_bytes());
            for change in data.chunks_exact(2) {
                let length = token.len();
                token[usize::from(change[0]) % length] = change[1];
            }
            let Ok(text) = String::from_utf8(token) else {
                return;
            };
            assert_eq!(
                is_accepted(&text),
                JWT.with(|(.., right)| *right == text),
                "{text}"
            );
        }
        // What an issuer could sign.
        _ => {
            let cut = data.iter().position(|byte| *byte == b'\n');
            let (header, claims) = match cut {
                Some(at) => (&data[..at], &data[at + 1..]),
                None => (HEADER.as_bytes(), data),
            };
            if is_accepted(&signed(header, claims)) {
                check_claims(header, claims);
            }
        }
    }
});
