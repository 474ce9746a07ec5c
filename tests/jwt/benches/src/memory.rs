//! What a token takes in the cache: what the allocator gave, beside the estimate by which the cache
//! is bounded.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    let (warm, _) = auth_jwt_benches::fill(1);
    for tokens in [1000, 4000] {
        let region = Region::new(ALLOCATOR);
        let (jwt, (count, estimate)) = auth_jwt_benches::fill(tokens);
        let stats = region.change();
        let bytes = stats.bytes_allocated - stats.bytes_deallocated;
        println!(
            "{count} tokens: {} bytes each, estimated as {}",
            bytes / count,
            estimate / count
        );
        drop(jwt);
    }
    drop(warm);
}
