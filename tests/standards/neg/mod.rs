//! NEG: what somebody sends who wants in.

mod app;
mod request;
