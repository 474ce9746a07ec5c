//! Waiting for the app's own code no longer than the configuration says.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;
use std::time::Duration;

use actix_web::rt::time::timeout;
use futures_util::future::LocalBoxFuture;

use crate::model::containment::contained;

/// What it comes to, or `None` after the time limit. What is given up is dropped, and may panic as
/// it is: that changes no answer.
pub(crate) async fn in_time<T>(limit: Duration, mut awaited: LocalBoxFuture<'_, T>) -> Option<T> {
    // Nearly every answer is there at once, and a timer costs more than most of what it limits.
    let at_once = poll_fn(|cx| Poll::Ready(awaited.as_mut().poll(cx))).await;
    if let Poll::Ready(outcome) = at_once {
        return Some(outcome);
    }
    let outcome = timeout(limit, &mut awaited).await.ok();
    if outcome.is_none() {
        contained(catch_unwind(AssertUnwindSafe(|| drop(awaited))));
    }
    outcome
}
