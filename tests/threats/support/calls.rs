//! A counter of what must not happen. A test has its thread to itself, and so its counter.

use std::cell::Cell;

thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

/// Counts one call of a handler (or of whatever else must not run).
pub(crate) fn count() {
    CALLS.set(CALLS.get() + 1);
}

/// How many calls there were since this was last asked.
pub(crate) fn take() -> usize {
    CALLS.replace(0)
}
