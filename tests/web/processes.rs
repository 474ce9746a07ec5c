//! Two server processes.
#![allow(missing_docs)]
