//! The linker's section of the registry belongs to it alone, whatever else is in the binary.

// What `linkme` writes where a slice is declared is `unsafe`; a handler's record is not.
#![allow(unsafe_code)]

use auth_runtime::__private::linkme::{self, distributed_slice};
use auth_runtime::prelude::*;
use auth_runtime::review::records;

/// Some other crate's, under a name that comes to mind.
#[distributed_slice]
#[linkme(crate = linkme)]
pub static HANDLERS: [fn() -> u8];

/// And another.
#[distributed_slice]
#[linkme(crate = linkme)]
pub static RECORDS: [u8];

#[distributed_slice(HANDLERS)]
#[linkme(crate = linkme)]
static SEVEN: fn() -> u8 = || 7;

#[requires_role("admin")]
async fn purge() -> &'static str {
    "purged"
}

#[test]
fn a_slice_of_another_crate_does_not_mix_with_the_registry() {
    let _ = purge;
    assert_eq!(HANDLERS.iter().map(|call| call()).collect::<Vec<_>>(), [7]);
    assert_eq!(RECORDS.len(), 0);
    let names: Vec<_> = records().iter().map(|record| record.name()).collect();
    assert_eq!(names, ["purge"]);
}
