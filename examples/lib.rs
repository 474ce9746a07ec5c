//! Apps to copy from: `cargo run --example quickstart`.
