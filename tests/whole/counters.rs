//! The counters, by a recorder of this test's own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, get};
use auth_runtime::audit::metrics::{DECISIONS, VERIFICATION};
use auth_runtime::prelude::*;
use auth_runtime::testing::TestRequestExt as _;
use metrics::{
    Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};

/// How often each metric was told, by its name and labels.
#[derive(Clone, Default)]
struct Recorded {
    counts: Arc<Mutex<BTreeMap<String, u64>>>,
    units: Arc<Mutex<Vec<Described>>>,
}

type Described = (String, Option<Unit>);

struct Cell {
    key: String,
    recorded: Recorded,
}

impl Cell {
    fn add(&self, value: u64) {
        *self
            .recorded
            .counts
            .lock()
            .unwrap()
            .entry(self.key.clone())
            .or_default() += value;
    }
}

impl CounterFn for Cell {
    fn increment(&self, value: u64) {
        self.add(value);
    }

    fn absolute(&self, _: u64) {}
}

impl HistogramFn for Cell {
    fn record(&self, value: f64) {
        assert!((0.0..60.0).contains(&value), "{value} seconds");
        self.add(1);
    }
}

impl Recorded {
    fn cell(&self, key: &Key) -> Arc<Cell> {
        let labels: Vec<_> = key
            .labels()
            .map(|label| format!("{}={}", label.key(), label.value()))
            .collect();
        Arc::new(Cell {
            key: format!("{}{{{}}}", key.name(), labels.join(",")),
            recorded: self.clone(),
        })
    }
}

impl Recorder for Recorded {
    fn describe_counter(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.units
            .lock()
            .unwrap()
            .push((name.as_str().to_owned(), unit));
    }

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, text: SharedString) {
        self.describe_counter(name, unit, text);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.cell(key))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.cell(key))
    }
}

#[get("/admin")]
#[requires_role("admin")]
async fn admin() -> &'static str {
    "admin"
}

#[get("/health")]
#[public(reason = "load balancer probe")]
async fn health() -> &'static str {
    "ok"
}

#[get("/caller")]
async fn caller(_: Authenticated) -> &'static str {
    "caller"
}

async fn send(requests: Vec<TestRequest>) -> Vec<u16> {
    let auth = Auth::builder()
        .realm("test")
        .scheme(Bearer::new(|token: Secret<'static>| async move {
            actix_web::rt::task::yield_now().await;
            match token.expose() {
                "admin" => Ok(Principal::new("ada").role("admin")),
                "old" => Err(VerifyError::expired()),
                "down" => Err(VerifyError::unavailable()),
                "panics" => panic!("a verifier that panics"),
                _ => Err(VerifyError::invalid()),
            }
        }))
        .scheme(Basic::sync(|user: String, password: Secret<'static>| {
            assert!(!password.ct_eq("panics"), "a verifier that panics");
            password.ct_eq("pw").then(|| Principal::new(user))
        }))
        .build()
        .unwrap();
    let app = App::new().app_data(auth).service((admin, health, caller));
    let app = init_service(app).await;
    let mut statuses = Vec::new();
    for request in requests {
        let response = call_service(&app, request.to_request()).await;
        statuses.push(response.status().as_u16());
    }
    statuses
}

fn recorded(recorder: &impl Recorder, requests: impl FnOnce() -> Vec<TestRequest>) -> Vec<u16> {
    metrics::with_local_recorder(recorder, || {
        actix_web::rt::System::new().block_on(send(requests()))
    })
}

fn get(path: &str) -> TestRequest {
    TestRequest::with_uri(path)
}

#[test]
fn decisions_are_counted_by_handler_outcome_and_reason() {
    let told = Recorded::default();
    recorded(&told, || {
        vec![
            get("/admin").bearer("admin"),
            get("/admin").bearer("admin"),
            get("/admin").basic("rob", "pw"),
            get("/admin"),
            get("/health"),
            get("/caller"),
            get("/nowhere"),
        ]
    });
    let counts = told.counts.lock().unwrap();
    let decisions: Vec<_> = counts
        .iter()
        .filter_map(|(key, count)| Some((key.strip_prefix(DECISIONS)?, *count)))
        .collect();
    assert_eq!(
        decisions,
        [
            ("{handler=none,outcome=denied,reason=no_credentials}", 1),
            (
                "{handler=whole::counters::admin,outcome=denied,reason=no_credentials}",
                1
            ),
            (
                "{handler=whole::counters::admin,outcome=denied,reason=requirement_not_met}",
                1
            ),
            (
                "{handler=whole::counters::admin,outcome=granted,reason=none}",
                2
            ),
            (
                "{handler=whole::counters::health,outcome=granted,reason=none}",
                1
            ),
        ]
    );
}

#[test]
fn verifications_are_timed_by_scheme_and_outcome() {
    let told = Recorded::default();
    recorded(&told, || {
        vec![
            get("/admin"),
            get("/admin").bearer("admin"),
            get("/admin").bearer("nobody"),
            get("/admin").bearer("old"),
            get("/admin").bearer("down"),
            get("/admin").bearer("panics"),
            get("/admin").basic("rob", "pw"),
            get("/admin").basic("rob", "panics"),
        ]
    });
    let counts = told.counts.lock().unwrap();
    let times: Vec<_> = counts
        .iter()
        .filter_map(|(key, count)| Some((key.strip_prefix(VERIFICATION)?, *count)))
        .collect();
    assert_eq!(
        times,
        [
            ("{scheme=Basic,outcome=accepted}", 1),
            ("{scheme=Basic,outcome=panicked}", 1),
            ("{scheme=Bearer,outcome=accepted}", 1),
            ("{scheme=Bearer,outcome=expired}", 1),
            ("{scheme=Bearer,outcome=invalid}", 1),
            ("{scheme=Bearer,outcome=panicked}", 1),
            ("{scheme=Bearer,outcome=unavailable}", 1),
        ]
    );
}

#[test]
fn no_label_comes_from_a_request() {
    let told = Recorded::default();
    recorded(&told, || {
        vec![
            get("/admin?s3cret")
                .bearer("s3cret")
                .insert_header(("x-request-id", "s3cret")),
            get("/s3cret").basic("s3cret", "pw"),
            get("/admin").basic("s3cret", "pw"),
        ]
    });
    let counts = told.counts.lock().unwrap();
    assert!(!counts.is_empty());
    assert!(
        counts.keys().all(|key| !key.contains("s3cret")),
        "{counts:?}"
    );
}

#[test]
fn metrics_are_described_with_their_unit() {
    let told = Recorded::default();
    metrics::with_local_recorder(&told, auth_runtime::audit::metrics::describe);
    assert_eq!(
        *told.units.lock().unwrap(),
        [
            (DECISIONS.to_owned(), None),
            (VERIFICATION.to_owned(), Some(Unit::Seconds))
        ]
    );
}

/// A recorder of the app's that does not work.
struct Broken;

impl Recorder for Broken {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        panic!("a recorder that panics")
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        panic!("a recorder that panics")
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        panic!("a recorder that panics")
    }
}

#[test]
fn a_recorder_that_panics_changes_no_decision() {
    let statuses = recorded(&Broken, || {
        vec![
            get("/admin").bearer("admin"),
            get("/admin").bearer("panics"),
            get("/admin"),
            get("/health"),
        ]
    });
    assert_eq!(statuses, [200, 500, 401, 200]);
}
