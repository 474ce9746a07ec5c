//! A function of the impl of a trait.
use auth_runtime::prelude::*;

struct Controller;

trait List {
    async fn list() -> String;
}

impl List for Controller {
    #[requires_role("admin")]
    async fn list() -> String {
        String::new()
    }
}

fn main() {}
