//! Instructions of one verification, counted by callgrind.

use std::hint::black_box;

use auth_jwt_benches::{Case, Kind};
use gungraun::prelude::*;

macro_rules! kinds {
    ($($kind:ident = $name:ident;)+) => {
        $(
            #[library_benchmark]
            #[bench::raw_typed(args = (Kind::$kind, Case::raw_typed), setup = warm)]
            #[bench::raw_map(args = (Kind::$kind, Case::raw_map), setup = warm)]
            #[bench::first_sight(args = (Kind::$kind, Case::ours), setup = warm)]
            #[bench::cached(args = (Kind::$kind, Case::ours), setup = seen)]
            fn $name((case, verify): (Case, fn(&Case) -> bool)) -> (Case, bool) {
                let accepted = verify(black_box(&case));
                (case, accepted)
            }
        )+

        library_benchmark_group!(name = kinds, benchmarks = [$($name),+]);
    };
}

fn warm(kind: Kind, verify: fn(&Case) -> bool) -> (Case, fn(&Case) -> bool) {
    (kind.warm(), verify)
}

fn seen(kind: Kind, verify: fn(&Case) -> bool) -> (Case, fn(&Case) -> bool) {
    (kind.seen(), verify)
}

kinds! {
    Hs256 = hs256;
    Rs256 = rs256;
    Es256 = es256;
    EdDsa = eddsa;
}

main!(library_benchmark_groups = kinds);
