//! Instructions of one request, counted by callgrind.

use std::hint::black_box;

use actix_http::Request;
use actix_web::http::StatusCode;
use auth_benches::{App, Case, Guard};
use gungraun::prelude::*;

/// Everything that is not measured: the app is started and warmed up, the request is built.
fn prepare(guard: Guard, case: Case) -> (App, Request) {
    (case.warmed_up(guard), case.request())
}

/// The app is handed back, so that its end is not measured either.
fn ask((app, request): (App, Request)) -> (App, StatusCode) {
    let status = black_box(&app).answer(black_box(request));
    (app, status)
}

macro_rules! paths {
    ($($path:ident = $case:ident;)+) => {
        $(
            #[library_benchmark]
            #[bench::bare(args = (Guard::None, Case::$case), setup = prepare)]
            #[bench::hand_written(args = (Guard::HandWritten, Case::$case), setup = prepare)]
            #[bench::hand_written_stored(args = (Guard::HandWrittenStored, Case::$case), setup = prepare)]
            #[bench::annotated(args = (Guard::Annotated, Case::$case), setup = prepare)]
            #[bench::annotated_async(args = (Guard::AnnotatedAsync, Case::$case), setup = prepare)]
            #[bench::grants(args = (Guard::Grants, Case::$case), setup = prepare)]
            #[bench::httpauth(args = (Guard::HttpAuth, Case::$case), setup = prepare)]
            fn $path(prepared: (App, Request)) -> (App, StatusCode) {
                ask(prepared)
            }
        )+

        library_benchmark_group!(name = paths, benchmarks = [$($path),+]);
    };
}

paths! {
    granted = Granted;
    no_credentials = NoCredentials;
    wrong_role = WrongRole;
    wrong_role_16_byte_body = WrongRoleSmallBody;
    wrong_role_1_mib_body = WrongRoleLargeBody;
}

main!(library_benchmark_groups = paths);
