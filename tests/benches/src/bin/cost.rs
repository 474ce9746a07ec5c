//! One request to one app, for `callgrind`: `cost GUARD CASE`. See `cost.py`.
//!
//! `cost.py` counts what happens inside of [`measured`].

use std::hint::black_box;
use std::process::ExitCode;

use actix_http::Request;
use actix_web::http::StatusCode;
use auth_benches::{App, Guard};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [guard, case] = arguments.as_slice() else {
        for guard in Guard::with_features() {
            for case in guard.cases() {
                println!("{} {}", guard.name(), case.name());
            }
        }
        return ExitCode::SUCCESS;
    };
    let Some(guard) = Guard::with_features().find(|known| known.name() == guard) else {
        return ExitCode::FAILURE;
    };
    let Some(case) = guard.cases().into_iter().find(|known| known.name() == case) else {
        return ExitCode::FAILURE;
    };
    let app = case.warmed_up(guard);
    black_box(measured(&app, case.request()));
    // What is not measured need not be undone.
    std::process::exit(0)
}

#[inline(never)]
fn measured(app: &App, request: Request) -> StatusCode {
    black_box(app).answer(black_box(request))
}
