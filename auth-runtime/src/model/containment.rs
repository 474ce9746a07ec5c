//! Keeping a panic where it happened.

use std::any::Any;

/// What was caught, without the panic: `None` for a panic.
///
/// The panic's payload is the app's own value and may panic once more when it is dropped, so that
/// it is not dropped.
pub(crate) fn contained<T>(caught: Result<T, Box<dyn Any + Send>>) -> Option<T> {
    match caught {
        Ok(value) => Some(value),
        Err(payload) => {
            std::mem::forget(payload);
            None
        }
    }
}
