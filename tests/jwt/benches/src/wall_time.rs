//! Wall time of one verification, with the processor's own instructions for hashes.

use std::time::Duration;

use auth_jwt_benches::Kind;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};

fn kinds(criterion: &mut Criterion) {
    for kind in Kind::ALL {
        let mut group = criterion.benchmark_group(kind.name());
        group.warm_up_time(Duration::from_millis(300));
        group.measurement_time(Duration::from_secs(1));
        let case = kind.seen();
        group.bench_function("raw_typed", |bencher| bencher.iter(|| case.raw_typed()));
        group.bench_function("raw_map", |bencher| bencher.iter(|| case.raw_map()));
        group.bench_function("first_sight", |bencher| {
            bencher.iter_batched(|| case.forget(), |()| case.ours(), BatchSize::PerIteration);
        });
        assert!(case.ours());
        group.bench_function("cached", |bencher| bencher.iter(|| case.ours()));
        group.finish();
    }
}

criterion_group!(benches, kinds);
criterion_main!(benches);
