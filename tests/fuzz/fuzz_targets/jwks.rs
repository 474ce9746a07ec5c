//! Published key sets: any document is read or refused, and a token is accepted only if the set
//! holds its key.
#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::{Duration, UNIX_EPOCH};
use std::{env, fs, process};

use auth_fuzz::Executor;
use auth_runtime::Secret;
use auth_runtime::oauth::jwt::{Issuer, Jwt};
use auth_runtime::scheme::VerifyToken as _;
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;

/// RFC 8037, appendix A: a key, and its secret.
const X: &str = "11qYAPZvFc5ttR1Kd6jA0jvLW2NyjUEVBhYtHa6M1to";
const D: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
const HEADER: &str = r#"{"alg":"EdDSA","typ":"at+jwt"}"#;
const CLAIMS: &str = r#"{"iss":"https://id.example","aud":"api","sub":"ada","client_id":"app","iat":1800000000,"exp":1800000300,"jti":"1"}"#;

/// A token that the key signed.
static TOKEN: LazyLock<String> = LazyLock::new(|| {
    let secret = URL_SAFE_NO_PAD.decode(D).expect("as the RFC has it");
    let key = Ed25519KeyPair::from_seed_unchecked(&secret).expect("as the RFC has it");
    let content = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(HEADER),
        URL_SAFE_NO_PAD.encode(CLAIMS)
    );
    format!(
        "{content}.{}",
        URL_SAFE_NO_PAD.encode(key.sign(content.as_bytes()))
    )
});

/// In memory where the system has such a place.
static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    let memory = PathBuf::from("/dev/shm");
    let folder = if memory.is_dir() {
        memory
    } else {
        env::temp_dir()
    };
    folder.join(format!("auth-fuzz-{}.json", process::id()))
});

thread_local! {
    static EXECUTOR: Executor = Executor::new();
}

fuzz_target!(|data: &[u8]| {
    fs::write(&*FILE, data).expect("the file can be written");
    let executor = &EXECUTOR;
    let built = Jwt::builder()
        .issuer(Issuer::new("https://id.example").jwks_file(&*FILE))
        .audience("api")
        .clock(|| UNIX_EPOCH + Duration::from_secs(1_800_000_000))
        .build();
    let Ok(jwt) = built else {
        return;
    };
    let verified = executor.with(|executor| executor.run(jwt.verify(Secret::new(TOKEN.as_str()))));
    if matches!(verified, Ok(Some(_))) {
        // A JSON text may also write the characters of `x` as escapes.
        let document: serde_json::Value = serde_json::from_slice(data).expect("it was read");
        let keys = document["keys"].as_array().expect("it has keys");
        assert!(
            keys.iter().any(|key| key["x"] == X),
            "accepted without its key"
        );
        assert!(
            keys.iter().all(|key| key["d"].is_null()),
            "a private key was published"
        );
    }
});
