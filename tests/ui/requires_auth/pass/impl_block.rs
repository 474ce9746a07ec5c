use actix_web::{App, web};
use auth_runtime::prelude::*;

struct Controller;

#[requires_auth]
impl Controller {
    #[requires_role("admin")]
    async fn list(_state: web::Data<Self>) -> String {
        Self::NAME.to_owned()
    }

    const NAME: &'static str = "controller";

    async fn other(&self) {}
}

fn main() {
    drop(Controller.other());
    let _ = App::new().route("/", web::get().to(Controller::list));
}
