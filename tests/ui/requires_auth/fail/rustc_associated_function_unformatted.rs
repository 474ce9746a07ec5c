//! Where the text does not tell either, rustc has the word.
use auth_runtime::prelude::*;

struct Controller;

impl Controller { #[requires_auth] async fn list() -> String { String::new() } }

fn main() {}
