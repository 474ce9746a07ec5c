//! Waiting for the app's own code no longer than the configuration says.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use actix_web::rt::time::timeout;
use futures_util::future::LocalBoxFuture;

use crate::model::containment::contained;

/// What it comes to, or `None` after the time limit. What is given up is dropped, and may panic as
/// it is: that changes no answer.
pub(crate) async fn in_time<T>(limit: Duration, mut awaited: LocalBoxFuture<'_, T>) -> Option<T> {
    let outcome = timeout(limit, &mut awaited).await.ok();
    if outcome.is_none() {
        contained(catch_unwind(AssertUnwindSafe(|| drop(awaited))));
    }
    outcome
}
