use actix_web::{get, web};
use auth_runtime::prelude::*;

macro_rules! owned {
    ($requirement:ident, $name:ident, $id:ident, $ty:ty) => {
        requirement! {
            pub(crate) $requirement($id: &$ty) = check(|user, $id| user.subject().len() > format!("{:?}", $id).len());
        }

        #[get("/articles/{id}")]
        #[requires($requirement($id))]
        async fn $name($id: web::Path<$ty>) -> String {
            let id = $id.to_string();
            id
        }
    };
}

owned!(owns, read, id, u64);
owned!(holds, write, name, String);

fn main() {
    let _ = actix_web::App::new().service(read).service(write);
}
