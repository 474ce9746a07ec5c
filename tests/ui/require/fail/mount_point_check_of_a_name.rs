use actix_web::{App, web};
use auth_runtime::prelude::*;

requirement! {
    small(amount: &u64) = check(|amount: &u64| *amount < 100);
}

fn main() {
    let _ = App::new().service(web::scope("/transfers").wrap(require!(small(amount))));
}
