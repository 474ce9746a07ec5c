//! Functions that are lent something to mount handlers on, inside of something else.
use auth_runtime::prelude::*;

#[deny_by_default]
mod handlers {
    use std::{cell::RefCell, sync::{Arc, Mutex, mpsc::Sender}};

    use actix_web::{Resource, Route, web};

    pub fn optional(config: Option<&mut web::ServiceConfig>) {
        config.map(|config| config.route("/", web::get().to(|| async { "open" })));
    }

    pub fn paired(_: (&str, &mut web::ServiceConfig)) {}

    pub fn twice(_: &mut &mut web::ServiceConfig) {}

    pub fn collected(_: &RefCell<Vec<Route>>) {}

    pub fn shared(_: Arc<Mutex<Option<Resource>>>) {}

    pub fn sent(_: Sender<Route>) {}
}

fn main() {}
