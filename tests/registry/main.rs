//! Every handler with an attribute is in the registry, wherever it stands.

#![forbid(unsafe_code)]

mod records;
