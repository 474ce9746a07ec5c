//! Every handler with an attribute is in the registry, wherever it stands.

#![forbid(unsafe_code)]

mod hostile;
mod lock;
mod matrix;
mod records;
mod relations;
mod twins;

use auth_runtime::model::Access;
use auth_runtime::model::HandlerName;
use auth_runtime::review::{AccessMatrix, HandlerRecord};

/// A matrix of handlers that there are only here.
fn matrix_of(handlers: &[(&'static str, Access)]) -> AccessMatrix {
    AccessMatrix::of_records(handlers.iter().zip(1..).map(|((path, access), line)| {
        let name = HandlerName::new(path, "src/main.rs", line, 1);
        &*Box::leak(Box::new(HandlerRecord::new(name, *access)))
    }))
}
