use auth_runtime::prelude::*;

#[requires(all(scheme(Bearer), scheme(Basic)))]
async fn list() -> String {
    String::new()
}

fn main() {}
