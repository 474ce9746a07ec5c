//! Sinks that need no queue, and those in front of others.

use std::num::NonZeroU64;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{AuditEvent, AuditSink, DecisionEvent, Outcome};
use crate::http::escape::escaped;
use crate::model::containment::contained;

/// `tracing` events with the target `auth_runtime::audit` and the fields that the
/// [module](super#field-names) lists: at `info`, and at `error` where no decision could be made.
///
/// They are beside the events of the target `auth_runtime`, which are for whoever runs the
/// server and know nothing of the request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tracing;

impl AuditSink for Tracing {
    fn record(&self, event: &DecisionEvent<'_>) {
        let event = AuditEvent::of(event);
        let detail = event.detail();
        macro_rules! emit {
            ($level:ident) => {
                tracing::$level!(
                    target: "auth_runtime::audit",
                    outcome = event.outcome.as_str(),
                    status = event.status,
                    reason = event.reason.as_ref().map(crate::denial::Reason::code),
                    detail = detail.as_deref().map(escaped).as_deref(),
                    handler = event.handler.map(|handler| handler.path),
                    requirement = event.requirement().as_deref(),
                    subject = event.subject.as_deref().map(escaped).as_deref(),
                    scheme = event.scheme,
                    method = &*escaped(&event.method),
                    path = &*escaped(&event.path),
                    route = event.route.as_deref(),
                    peer = event.peer.map(tracing::field::display),
                    client = event.forwarded_client().map(tracing::field::display),
                    request_id = event.request_id.as_deref().map(escaped).as_deref(),
                    "access decided"
                )
            };
        }
        match event.outcome {
            Outcome::Misconfigured => emit!(error),
            Outcome::Granted | Outcome::Denied => emit!(info),
        }
    }
}

/// Keeps every event in memory: for tests. A clone shares them.
///
/// ```
/// use auth_runtime::audit::Memory;
/// use auth_runtime::prelude::*;
///
/// let log = Memory::new();
/// let auth = Auth::builder()
///     .realm("articles")
///     .scheme(Bearer::sync(|_: Secret<'_>| None::<Principal>))
///     .audit(log.clone())
///     .build()?;
/// assert!(log.events().is_empty());
/// # Ok::<(), auth_runtime::ConfigurationError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<Vec<AuditEvent>>>);

impl Memory {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The events so far, in the order in which they were recorded.
    #[must_use]
    pub fn events(&self) -> Vec<AuditEvent> {
        self.lock().clone()
    }

    /// The events since the last time, which are forgotten.
    #[must_use = "`take` forgets what it gives"]
    pub fn take(&self) -> Vec<AuditEvent> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<AuditEvent>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AuditSink for Memory {
    fn record(&self, event: &DecisionEvent<'_>) {
        self.lock().push(AuditEvent::of(event));
    }
}

/// Passes on every refusal, and of the grants the first and then one in so many.
///
/// # Security
///
/// OWASP ASVS 5.0, 16.3.2 asks at level 3 for every decision: do without it there.
#[derive(Debug)]
pub struct SampledGrants<S> {
    sink: S,
    one_in: NonZeroU64,
    seen: AtomicU64,
}

impl<S: AuditSink> SampledGrants<S> {
    /// Passes one grant in `one_in` on to `sink`.
    pub const fn new(one_in: NonZeroU64, sink: S) -> Self {
        Self {
            sink,
            one_in,
            seen: AtomicU64::new(0),
        }
    }
}

impl<S: AuditSink> AuditSink for SampledGrants<S> {
    fn record(&self, event: &DecisionEvent<'_>) {
        let is_chosen = event.outcome != Outcome::Granted
            || self
                .seen
                .fetch_add(1, Ordering::Relaxed)
                .is_multiple_of(self.one_in.get());
        if is_chosen {
            self.sink.record(event);
        }
    }
}

/// Both are told, also where the first panics.
impl<A: AuditSink, B: AuditSink> AuditSink for (A, B) {
    fn record(&self, event: &DecisionEvent<'_>) {
        let first = contained(catch_unwind(AssertUnwindSafe(|| self.0.record(event))));
        if first.is_none() {
            tracing::error!(target: "auth_runtime", "the first of two audit sinks panicked");
        }
        self.1.record(event);
    }
}

impl<S: AuditSink + ?Sized> AuditSink for Arc<S> {
    fn record(&self, event: &DecisionEvent<'_>) {
        (**self).record(event);
    }
}
