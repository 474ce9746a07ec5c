use actix_web::{App, web};
use auth_runtime::prelude::*;

fn main() {
    let _ = App::new().service(web::scope("/admin").wrap(require!(role("admin"), hidden = true)));
}
