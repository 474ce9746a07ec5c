use auth_runtime::prelude::*;

fn verify(_: Secret<'_>) -> Option<Principal> {
    None
}

fn main() {
    let _ = Auth::builder().scheme(verify);
}
