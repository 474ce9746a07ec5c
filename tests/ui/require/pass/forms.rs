use actix_web::{App, web};
use auth_runtime::MountPoint;
use auth_runtime::prelude::*;

#[derive(Clone, Copy, Role)]
enum Level {
    Admin,
}

mod names {
    auth_runtime::requirement! { pub editors = role("editor"); }
}

async fn is_open() -> Decision {
    Decision::allow()
}

fn admins() -> MountPoint {
    require!(any(role(Level::Admin), role("root")), hide,)
}

fn main() {
    let _ = App::new()
        .service(web::scope("/a").wrap(admins()))
        .service(web::resource("/b").wrap(require!(names::editors)))
        .route("/c", web::get().wrap(require!(policy(is_open))))
        .service(web::scope("/d").wrap(require!(public(reason = "for everyone",))))
        .wrap(require!(all(authenticated, not(role("banned")), check(|user| !user.subject().is_empty()))));
}
