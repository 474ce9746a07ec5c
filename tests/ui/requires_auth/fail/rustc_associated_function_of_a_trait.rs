//! A default function of a trait, whose signature is the trait's.
use auth_runtime::prelude::*;

trait List {
    #[requires_auth]
    async fn list() -> String {
        String::new()
    }
}

fn main() {}
