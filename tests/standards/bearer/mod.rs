//! BEARER: tokens in the `Authorization` header, and nowhere else.

mod challenge;
mod request;

use crate::support::challenge::expected;
use crate::support::{Answer, only_challenge};

const INVALID: [(&str, &str); 3] = [
    ("realm", "api"),
    ("error", "invalid_token"),
    ("error_description", "The access token is invalid"),
];

#[track_caller]
fn assert_invalid_token(answer: &Answer) {
    answer.assert_refused(401);
    assert_eq!(only_challenge(answer), expected("Bearer", &INVALID));
    assert_eq!(answer.json()["error"], "invalid_token");
}
