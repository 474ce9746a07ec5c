//! What the crate writes to `tracing`, by thread.

use std::cell::RefCell;
use std::io::{self, Write};
use std::sync::Once;

use tracing_subscriber::fmt::MakeWriter;

thread_local! {
    static LINES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct ByThread;

impl Write for ByThread {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for ByThread {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}

/// Starts writing down everything, down to `trace`.
pub(crate) fn start() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(ByThread)
            .init();
    });
    take();
}

/// What this thread wrote since it was last asked.
pub(crate) fn take() -> String {
    LINES.with_borrow_mut(|lines| String::from_utf8(std::mem::take(lines)).expect("a log is text"))
}
