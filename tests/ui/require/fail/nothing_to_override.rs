use actix_web::{App, web};
use auth_runtime::prelude::*;

fn main() {
    let assets = require!(public(reason = "for everyone", overrides));
    let _ = App::new().service(web::scope("/assets").wrap(assets));
}
