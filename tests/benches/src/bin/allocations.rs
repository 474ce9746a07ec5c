//! Heap allocations of one request, counted by an allocator that counts.

use std::alloc::System;

use auth_benches::{Case, Guard};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    println!(
        "{:<24} {:<20} {:>11} {:>6}",
        "path", "guard", "allocations", "bytes"
    );
    for case in Case::ALL {
        for guard in Guard::ALL {
            let app = case.warmed_up(guard);
            let request = case.request();
            let region = Region::new(ALLOCATOR);
            let status = app.answer(request);
            let counted = region.change();
            assert!(status.as_u16() < 500);
            println!(
                "{:<24} {:<20} {:>11} {:>6}",
                case.name(),
                guard.name(),
                counted.allocations + counted.reallocations,
                counted.bytes_allocated,
            );
        }
    }
}
