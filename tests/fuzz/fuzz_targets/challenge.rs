//! A challenge of any parts, written and read back by an independent parser.
#![no_main]

use auth_runtime::http::Challenge;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    let mut parts = data.split('\n');
    let Ok(mut challenge) = Challenge::new(parts.next().unwrap_or_default().to_owned()) else {
        return;
    };
    while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
        if let Ok(more) = challenge.clone().with(name.to_owned(), value.to_owned()) {
            challenge = more;
        }
    }
    let line = challenge.to_string();
    assert!(
        line.bytes().all(|byte| matches!(byte, b' '..=b'~')),
        "{line:?}"
    );
    let read = http_auth::parse_challenges(&line).expect("what is written can be read");
    let [read] = read.as_slice() else {
        panic!("one was written: {line:?}");
    };
    assert_eq!(read.scheme, challenge.scheme());
    let parameters: Vec<_> = read
        .params
        .iter()
        .map(|(name, value)| (*name, value.to_unescaped()))
        .collect();
    let written: Vec<_> = challenge
        .parameters()
        .map(|(name, value)| (name, value.to_owned()))
        .collect();
    assert_eq!(parameters, written);
});
