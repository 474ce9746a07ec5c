//! Tests of web applications.

mod connections;
mod cross_origin;
mod limiter;
mod navigation;
mod redis;
mod sessions;
mod shared_sessions;
mod support;
