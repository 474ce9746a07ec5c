//! An attribute that was not imported.
#[requires_auth]
async fn list() -> String {
    String::new()
}

fn main() {}
