use actix_web::web;
use auth_runtime::prelude::*;

macro_rules! handler {
    ($name:ident ($($argument:tt)*) $requirement:meta) => {
        #[$requirement]
        async fn $name(id: web::Path<u64>, $($argument)*) -> String {
            id.to_string()
        }
    };
}

handler!(show (id: web::Path<u64>) requires(check(|id| **id == 1)));

fn main() {}
