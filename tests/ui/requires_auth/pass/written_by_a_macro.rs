use actix_web::{App, web};
use auth_runtime::prelude::*;

macro_rules! handler {
    ($name:ident, $role:literal, $argument:ident: $ty:ty) => {
        #[requires_role($role)]
        async fn $name($argument: $ty, caller: Authenticated) -> String {
            format!("{} {}", $argument, caller.subject())
        }
    };
}

handler!(list, "admin", id: web::Path<u64>);

fn main() {
    let _ = App::new().route("/{id}", web::get().to(list));
}
