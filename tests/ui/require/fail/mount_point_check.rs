use actix_web::{App, web};
use auth_runtime::prelude::*;

fn main() {
    let _ = App::new().service(
        web::scope("/transfers")
            .wrap(require!(any(role("clerk"), check(|amount: &u64| *amount < 100)))),
    );
}
