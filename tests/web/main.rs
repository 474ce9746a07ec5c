//! Tests of web applications.

mod connections;
mod limiter;
mod redis;
mod support;
