use auth_runtime::prelude::*;

struct Controller;

#[requires_auth]
impl Controller {
    fn new() -> Self {
        Self
    }
}

fn main() {}
