//! Who may call what, printed by the program that knows: its handlers' attributes are data.
//!
//! ```sh
//! cargo run --example access_matrix                        # a table
//! cargo run --example access_matrix markdown               # for a pull request
//! cargo run --example access_matrix json                   # for other programs
//! cargo run --example access_matrix html > access.html     # to look at, search and filter
//! ```

use std::env;
use std::process::ExitCode;

use actix_web::{HttpResponse, Responder, get, post, web};
use auth_runtime::prelude::*;
use auth_runtime::review::AccessMatrix;

// An attribute above the route sees the method and the path; one below it does not.
#[public(reason = "load balancer probe")]
#[get("/health")]
async fn health() -> &'static str {
    "ok"
}

#[requires_auth]
#[get("/me")]
async fn me(caller: Authenticated) -> String {
    caller.subject().to_owned()
}

#[requires_role("admin")]
mod administration {
    use super::*;

    #[get("/admin/users")]
    pub async fn list_users() -> impl Responder {
        "ada, eve, rob"
    }

    #[requires_scope("users:write")]
    #[actix_web::delete("/admin/users/{name}")]
    pub async fn delete_user(name: web::Path<String>) -> impl Responder {
        format!("{name} is gone")
    }
}

#[requires(all(scope("articles:write"), any(role("editor"), policy(is_author))))]
#[post("/articles/{id}/publish")]
async fn publish(id: web::Path<u64>) -> impl Responder {
    format!("{id} is out")
}

async fn is_author(id: web::Path<u64>, caller: Authenticated) -> Decision {
    Decision::allow_if(caller.subject() == "ada" && *id == 1)
}

#[requires_permission("articles:delete")]
#[actix_web::delete("/articles/{id}")]
async fn delete_article(_id: web::Path<u64>) -> HttpResponse {
    HttpResponse::NoContent().finish()
}

#[requires_role(any("auditor", "admin"), hide)]
#[get("/ledger")]
async fn ledger() -> &'static str {
    "Only the admins see that this is here."
}

/// What a `main` would give to its `App`.
fn configure(config: &mut web::ServiceConfig) {
    config
        .service(health)
        .service(me)
        .service(administration::list_users)
        .service(administration::delete_user)
        .service(publish)
        .service(delete_article)
        .service(ledger);
}

fn main() -> ExitCode {
    let _: fn(&mut web::ServiceConfig) = configure;
    let matrix = AccessMatrix::collect();
    let text = match env::args().nth(1).as_deref() {
        None | Some("text") => matrix.to_string(),
        Some("markdown") => matrix.to_markdown(),
        Some("json") => format!("{:#}\n", matrix.to_json()),
        Some("html") => matrix.to_html("Access of the example"),
        Some(other) => {
            eprintln!("unknown form {other:?}: text, markdown, json or html");
            return ExitCode::FAILURE;
        }
    };
    print!("{text}");
    ExitCode::SUCCESS
}
