use actix_web::{App, web};
use auth_runtime as renamed;
use auth_runtime::require;

fn main() {
    let _ = App::new()
        .service(web::scope("/a").wrap(require!(role("admin"), crate = renamed)))
        .service(web::scope("/b").wrap(require!(public(reason = "for everyone"), crate = renamed)));
}
