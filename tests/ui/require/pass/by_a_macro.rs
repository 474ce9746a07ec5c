use actix_web::{App, web};

macro_rules! admin_scope {
    ($path:literal, $role:literal) => {
        web::scope($path).wrap(auth_runtime::require!(role($role)))
    };
}

fn main() {
    let _ = App::new()
        .service(admin_scope!("/a", "admin"))
        .service(admin_scope!("/b", "editor"));
}
