//! Tests of web applications.

mod limiter;
mod redis;
mod sessions;
mod support;
