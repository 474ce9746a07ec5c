//! Taking the writing of audit events off the workers.

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime};

use super::{AuditEvent, AuditSink, DecisionEvent};
use crate::model::containment::contained;

/// Writes audit events on the thread of a [`Queue`], where it may block.
///
/// Implemented by [`JsonLines`](super::JsonLines), and by closures
/// `FnMut(&AuditEvent) -> io::Result<()>`.
pub trait AuditWriter: Send + 'static {
    /// Writes one event.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being written. It is counted and logged; the event is not tried
    /// again.
    fn write(&mut self, event: &AuditEvent) -> io::Result<()>;

    /// Writes that so many events were dropped before the next one. The default writes nothing.
    ///
    /// # Errors
    ///
    /// As for [`write`](Self::write).
    fn write_loss(&mut self, time: SystemTime, count: u64) -> io::Result<()> {
        let _ = (time, count);
        Ok(())
    }

    /// Passes on what was kept back; called whenever the queue is empty, and every 1024 events.
    /// The default has nothing to pass on.
    ///
    /// # Errors
    ///
    /// As for [`write`](Self::write).
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<F> AuditWriter for F
where
    F: FnMut(&AuditEvent) -> io::Result<()> + Send + 'static,
{
    fn write(&mut self, event: &AuditEvent) -> io::Result<()> {
        self(event)
    }
}

/// A sink with a thread of its own behind a queue of bounded length.
///
/// It never blocks a request: where the queue is full, the event is dropped and counted, and both
/// the log (`warn`, target `auth_runtime`) and the writer are told how many were. A clone is a
/// reference. The thread ends when the last is gone, after it has written what there is.
#[derive(Clone)]
pub struct Queue {
    sender: SyncSender<AuditEvent>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    accepted: AtomicU64,
    dropped: AtomicU64,
    failed: AtomicU64,
    /// How many of the accepted events the writer has been given, and has passed on.
    finished: Mutex<u64>,
    is_finished: Condvar,
}

/// How a [`Queue`] has fared since it was started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueCounts {
    /// Events that were taken into the queue.
    pub accepted: u64,
    /// Events that were dropped, because the queue was full.
    pub dropped: u64,
    /// Writes that failed, of events, losses and flushes alike; a panic counts as one.
    pub failed: u64,
}

impl Queue {
    /// Starts a queue of at most `capacity` events (at least one) in front of `writer`.
    ///
    /// An event takes about half a kilobyte. 4096 of them are four seconds at 1000 requests a
    /// second in which the disk may do something else.
    ///
    /// # Errors
    ///
    /// Where the thread cannot be started.
    pub fn start(capacity: usize, writer: impl AuditWriter) -> io::Result<Self> {
        let (sender, receiver) = sync_channel(capacity.max(1));
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        thread::Builder::new()
            .name("auth-audit".to_owned())
            .spawn(move || Worker::new(writer, of_thread).run(&receiver))?;
        Ok(Self { sender, shared })
    }

    /// Waits until everything taken so far has been given to the writer and passed on, or the time
    /// is over. Whether it was done in time.
    ///
    /// It blocks: for the end of `main`, after the server has stopped, and for tests.
    #[must_use = "`false` means that events may be lost when the process ends now"]
    pub fn flush(&self, limit: Duration) -> bool {
        let wanted = self.shared.accepted.load(Ordering::Acquire);
        let finished = lock(&self.shared.finished);
        let (finished, _) = self
            .shared
            .is_finished
            .wait_timeout_while(finished, limit, |finished| *finished < wanted)
            .unwrap_or_else(PoisonError::into_inner);
        *finished >= wanted
    }

    /// How it has fared so far.
    #[must_use]
    pub fn counts(&self) -> QueueCounts {
        QueueCounts {
            accepted: self.shared.accepted.load(Ordering::Relaxed),
            dropped: self.shared.dropped.load(Ordering::Relaxed),
            failed: self.shared.failed.load(Ordering::Relaxed),
        }
    }
}

impl AuditSink for Queue {
    fn record(&self, event: &DecisionEvent<'_>) {
        let counter = match self.sender.try_send(AuditEvent::of(event)) {
            Ok(()) => &self.shared.accepted,
            Err(_) => &self.shared.dropped,
        };
        counter.fetch_add(1, Ordering::Release);
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Queue").field(&self.counts()).finish()
    }
}

/// Nothing is left half done under this lock, so that a panic elsewhere does not matter.
fn lock(mutex: &Mutex<u64>) -> std::sync::MutexGuard<'_, u64> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tells the log, which is the app's and may panic: the thread goes on.
fn log(tell: impl FnOnce()) {
    let _ = contained(catch_unwind(AssertUnwindSafe(tell)));
}

/// The thread behind a queue.
struct Worker<W> {
    writer: W,
    shared: Arc<Shared>,
    /// Events given to the writer.
    written: u64,
    /// Drops that were told.
    told: u64,
    /// The last write failed: the log is told when that changes, and not at every event.
    is_failing: bool,
}

impl<W: AuditWriter> Worker<W> {
    /// Events between two flushes, where the queue is never empty.
    const BATCH: u64 = 1024;

    fn new(writer: W, shared: Arc<Shared>) -> Self {
        Self {
            writer,
            shared,
            written: 0,
            told: 0,
            is_failing: false,
        }
    }

    fn run(mut self, receiver: &Receiver<AuditEvent>) {
        loop {
            let event = match receiver.try_recv() {
                Ok(event) => event,
                Err(TryRecvError::Disconnected) => break,
                Err(TryRecvError::Empty) => {
                    self.finish();
                    match receiver.recv() {
                        Ok(event) => event,
                        Err(_) => break,
                    }
                }
            };
            self.tell_losses();
            self.attempt(|writer| writer.write(&event));
            self.written += 1;
            if self.written.is_multiple_of(Self::BATCH) {
                self.finish();
            }
        }
        self.finish();
    }

    fn finish(&mut self) {
        self.tell_losses();
        self.attempt(AuditWriter::flush);
        *lock(&self.shared.finished) = self.written;
        self.shared.is_finished.notify_all();
    }

    fn tell_losses(&mut self) {
        let dropped = self.shared.dropped.load(Ordering::Acquire);
        let count = dropped.saturating_sub(self.told);
        if count > 0 {
            self.told = dropped;
            log(|| {
                tracing::warn!(target: "auth_runtime", count, "audit events were dropped: the queue was full");
            });
            self.attempt(|writer| writer.write_loss(SystemTime::now(), count));
        }
    }

    fn attempt(&mut self, write: impl FnOnce(&mut W) -> io::Result<()>) {
        let writer = &mut self.writer;
        let outcome = contained(catch_unwind(AssertUnwindSafe(|| write(writer))))
            .unwrap_or_else(|| Err(io::Error::other("the writer panicked")));
        match outcome {
            Ok(()) => self.is_failing = false,
            Err(error) => {
                self.shared.failed.fetch_add(1, Ordering::Relaxed);
                if !self.is_failing {
                    self.is_failing = true;
                    log(|| {
                        tracing::error!(target: "auth_runtime", %error, "audit events cannot be written");
                    });
                }
            }
        }
    }
}
