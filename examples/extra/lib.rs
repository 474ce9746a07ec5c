//! Apps to copy from that need more than actix-web: `cargo run -p auth-examples-extra --example jwt`.
