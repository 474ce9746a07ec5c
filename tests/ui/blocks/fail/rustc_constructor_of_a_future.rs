//! What makes a future by hand is a function that returns it.
use auth_runtime::prelude::*;

#[deny_by_default]
mod handlers {
    use std::{future::Future, pin::Pin, task::{Context, Poll}};

    pub struct Text(pub String);
    pub enum Answer { Text(String) }

    impl Future for Text {
        type Output = String;
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<String> { Poll::Pending }
    }

    impl Future for Answer {
        type Output = String;
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<String> { Poll::Pending }
    }
}

fn main() {}
