use auth_runtime::prelude::*;

type T = String;

#[requires_auth]
#[rustfmt::skip]
async fn list(
    _: T, _: T, _: T, _: T, _: T, _: T, _: T, _: T,
    _: T, _: T, _: T, _: T, _: T, _: T, _: T, _: T,
    _: T,
) -> String {
    String::new()
}

fn main() {}
