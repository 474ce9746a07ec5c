//! The queue: it blocks nobody, and loses nothing without saying so.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use auth_runtime::audit::{AuditEvent, AuditWriter, JsonLines, Queue};
use serde_json::{Value, json};

use super::{LONG, Text, get, send};

/// A writer that waits for a word before each event.
struct Gated {
    gate: Receiver<()>,
    seen: Arc<Mutex<Vec<String>>>,
}

impl AuditWriter for Gated {
    fn write(&mut self, event: &AuditEvent) -> io::Result<()> {
        self.gate.recv().map_err(io::Error::other)?;
        self.seen.lock().unwrap().push(event.path.clone());
        Ok(())
    }

    fn write_loss(&mut self, _: std::time::SystemTime, count: u64) -> io::Result<()> {
        self.seen.lock().unwrap().push(format!("lost {count}"));
        Ok(())
    }
}

fn gated(capacity: usize) -> (Queue, Sender<()>, Arc<Mutex<Vec<String>>>) {
    let (open, gate) = channel();
    let seen = Arc::default();
    let writer = Gated {
        gate,
        seen: Arc::clone(&seen),
    };
    (Queue::start(capacity, writer).unwrap(), open, seen)
}

#[actix_web::test]
async fn a_full_queue_blocks_nobody_and_counts_what_it_drops() {
    let (queue, open, seen) = gated(2);
    // The writer stands at the gate with at most one event in hand, and two are in the queue: the
    // other requests are answered all the same.
    send(
        queue.clone(),
        (0..10).map(|number| get(&format!("/articles/{number}"))),
    )
    .await;
    let counts = queue.counts();
    assert!((2..=3).contains(&counts.accepted), "{counts:?}");
    assert_eq!(counts.accepted + counts.dropped, 10);
    assert!(!queue.flush(Duration::ZERO), "nothing has been written");
    for _ in 0..10 {
        open.send(()).unwrap();
    }
    assert!(queue.flush(LONG));
    let seen = seen.lock().unwrap();
    let written = seen
        .iter()
        .filter(|entry| entry.starts_with("/articles"))
        .count() as u64;
    let lost: u64 = seen
        .iter()
        .filter_map(|entry| entry.strip_prefix("lost ")?.parse::<u64>().ok())
        .sum();
    assert_eq!(
        (written, lost),
        (counts.accepted, counts.dropped),
        "{seen:?}"
    );
}

#[actix_web::test]
async fn a_queue_without_length_still_has_one_place() {
    let (queue, open, seen) = gated(0);
    send(queue.clone(), [get("/articles/1")]).await;
    open.send(()).unwrap();
    assert!(queue.flush(LONG));
    assert_eq!(*seen.lock().unwrap(), ["/articles/1"]);
}

#[actix_web::test]
async fn what_is_in_the_queue_is_written_when_the_last_handle_is_gone() {
    let (queue, open, seen) = gated(8);
    send(
        queue,
        (0..3).map(|number| get(&format!("/articles/{number}"))),
    )
    .await;
    for _ in 0..3 {
        open.send(()).unwrap();
    }
    // The writer, and with it the other end of the gate, is dropped by the thread at its end.
    while open.send(()).is_ok() {
        std::thread::yield_now();
    }
    assert_eq!(seen.lock().unwrap().len(), 3);
}

#[actix_web::test]
async fn a_writer_that_fails_or_panics_is_counted_and_asked_again() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let of_writer = Arc::clone(&seen);
    let writer = move |event: &AuditEvent| {
        assert_ne!(event.path, "/articles/1", "the writer panics here");
        if event.path == "/articles/2" {
            return Err(io::Error::other("disk full"));
        }
        of_writer.lock().unwrap().push(event.path.clone());
        Ok(())
    };
    let queue = Queue::start(8, writer).unwrap();
    send(
        queue.clone(),
        (0..4).map(|number| get(&format!("/articles/{number}"))),
    )
    .await;
    assert!(queue.flush(LONG));
    assert_eq!(queue.counts().failed, 2);
    assert_eq!(*seen.lock().unwrap(), ["/articles/0", "/articles/3"]);
}

/// Takes the first bytes of a line, and then has no place for a while.
#[derive(Clone, Default)]
struct Torn {
    text: Text,
    writes: Arc<Mutex<usize>>,
}

impl Write for Torn {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut writes = self.writes.lock().unwrap();
        *writes += 1;
        match *writes {
            1 => self.text.write(&bytes[..20]),
            2 => Err(io::Error::other("disk full")),
            _ => self.text.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[actix_web::test]
async fn a_torn_line_does_not_swallow_the_next() {
    let torn = Torn::default();
    let queue = Queue::start(8, JsonLines::new(torn.clone())).unwrap();
    send(queue.clone(), [get("/articles/1"), get("/articles/2")]).await;
    assert!(queue.flush(LONG));
    let text = torn.text.read();
    let [begun, whole] = text.lines().collect::<Vec<_>>()[..] else {
        panic!("{text}");
    };
    assert!(serde_json::from_str::<Value>(begun).is_err());
    let whole: Value = serde_json::from_str(whole).unwrap();
    assert_eq!(whole["path"], "/articles/2");
}

#[actix_web::test]
async fn lost_events_have_a_line_that_says_how_many() {
    let text = Text::default();
    let mut lines = JsonLines::new(text.clone());
    lines.write_loss(UNIX_EPOCH, 3).unwrap();
    let line: Value = serde_json::from_str(&text.read()).unwrap();
    assert_eq!(
        line,
        json!({"time": "1970-01-01T00:00:00.000Z", "outcome": "dropped", "count": 3})
    );
}
