//! The thread on which authorization servers are asked.
//!
//! Workers come and go, may be busy, and each has a runtime of its own: a request that one of them
//! had started would wait for it, end with it, and its connection could be used by no other.

use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::{io, thread};

use tokio::runtime::{Builder, Handle};

/// Runs a task on the thread, which is started for the first one.
pub(super) fn spawn(task: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
    static THREAD: Mutex<Option<Handle>> = Mutex::new(None);
    let mut thread = THREAD.lock().unwrap_or_else(PoisonError::into_inner);
    let handle = match &*thread {
        Some(handle) => handle,
        None => thread.insert(start()?),
    };
    handle.spawn(task);
    Ok(())
}

fn start() -> io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    thread::Builder::new()
        .name("auth-oauth".into())
        .spawn(move || runtime.block_on(std::future::pending::<()>()))?;
    Ok(handle)
}
