//! A log that panics does not end the audit. Apart, for the log is that of the whole process.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, get};
use auth_runtime::audit::{AuditEvent, Queue};
use auth_runtime::prelude::*;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Panics at everything that the thread of the audit tells it.
struct Panicking;

impl Subscriber for Panicking {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let is_audit = std::thread::current().name() == Some("auth-audit");
        assert!(!is_audit, "{:?}", event.metadata().name());
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[get("/health")]
#[public(reason = "a probe")]
async fn health() -> &'static str {
    "ok"
}

#[actix_web::test]
async fn the_audit_goes_on() {
    tracing::subscriber::set_global_default(Panicking).unwrap();
    let seen = Arc::new(Mutex::new(0));
    let of_writer = Arc::clone(&seen);
    let mut count = 0;
    let writer = move |_: &AuditEvent| {
        count += 1;
        if count % 2 == 1 {
            // Which the log is told.
            return Err(io::Error::other("disk full"));
        }
        *of_writer.lock().unwrap() += 1;
        Ok(())
    };
    let queue = Queue::start(16, writer).unwrap();
    let auth = Auth::builder()
        .realm("test")
        .scheme(Bearer::sync(|_: Secret<'_>| None::<Principal>))
        .audit(queue.clone())
        .build()
        .unwrap();
    let app = init_service(App::new().app_data(auth).service(health)).await;
    for _ in 0..4 {
        call_service(&app, TestRequest::with_uri("/health").to_request()).await;
        assert!(queue.flush(Duration::from_secs(20)), "{queue:?}");
    }
    let counts = queue.counts();
    assert_eq!((counts.accepted, counts.dropped, counts.failed), (4, 0, 2));
    assert_eq!(*seen.lock().unwrap(), 2);
}
