//! Wall time of one request. An indication only: what counts is `instructions`.

use std::time::Duration;

use auth_benches::{Case, Guard};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};

fn paths(criterion: &mut Criterion) {
    for case in Case::ALL {
        let mut group = criterion.benchmark_group(case.name());
        group.warm_up_time(Duration::from_millis(500));
        group.measurement_time(Duration::from_secs(2));
        for guard in Guard::ALL {
            let app = case.warmed_up(guard);
            group.bench_function(guard.name(), |bencher| {
                bencher.iter_batched(
                    || case.request(),
                    |request| app.answer(request),
                    BatchSize::SmallInput,
                );
            });
        }
        group.finish();
    }
}

criterion_group!(benches, paths);
criterion_main!(benches);
