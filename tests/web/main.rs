//! Tests of web applications.

mod limiter;
mod redis;
mod support;
