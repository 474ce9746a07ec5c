//! Tests of web applications.

mod connections;
mod cross_origin;
mod limiter;
mod navigation;
mod redis;
mod sessions;
mod support;
