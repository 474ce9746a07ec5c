use std::marker::PhantomData;

use actix_web::{App, web};
use auth_runtime::prelude::*;

struct Controller<T>(PhantomData<T>);

#[requires_auth]
impl<T: 'static> Controller<T>
where
    T: Clone,
{
    async fn list(_value: web::Data<T>) -> &'static str {
        "ok"
    }
}

fn main() {
    let _ = App::new().route("/", web::get().to(Controller::<u8>::list));
    let _ = Controller(PhantomData::<u8>);
}
