//! Mistakes that do not compile: roles as an enum, a module where nothing is forgotten, a condition
//! on a JSON body, a named requirement, and a service function that asks for proof.
//!
//! ```sh
//! cargo run --example typed_roles
//!
//! # Each is answered with the status and the text below it.
//! curl -i localhost:8080/articles -H 'Authorization: Bearer demo-reader'
//! # 200 All articles, for rob.
//! curl -i localhost:8080/articles
//! # 401
//! curl -i -X POST localhost:8080/articles -H 'Authorization: Bearer demo-author' \
//!      -H 'Content-Type: application/json' -d '{"author":"ann","title":"Mine"}'
//! # 201 "Mine" by ann.
//! curl -i -X POST localhost:8080/articles -H 'Authorization: Bearer demo-author' \
//!      -H 'Content-Type: application/json' -d '{"author":"eve","title":"Not mine"}'
//! # 403
//! curl -i -X POST localhost:8080/articles -H 'Authorization: Bearer demo-admin' \
//!      -H 'Content-Type: application/json' -d '{"author":"eve","title":"For eve"}'
//! # 201 "For eve" by eve.
//! # Who is not even an author is refused before the body is read, who is one is told of the body:
//! curl -i -X POST localhost:8080/articles -H 'Authorization: Bearer demo-reader' \
//!      -H 'Content-Type: application/json' -d 'not even JSON'
//! # 403
//! curl -i -X POST localhost:8080/articles -H 'Authorization: Bearer demo-author' \
//!      -H 'Content-Type: application/json' -d 'not even JSON'
//! # 400
//! curl -i -X DELETE localhost:8080/articles/7 -H 'Authorization: Bearer demo-author'
//! # 403
//! curl -i -X DELETE localhost:8080/articles/7 -H 'Authorization: Bearer demo-admin'
//! # 200 ada has deleted article 7.
//! curl -i localhost:8080/reports -H 'Authorization: Bearer demo-editor'
//! # 200 All reports, for eve.
//! curl -i localhost:8080/reports/costs -H 'Authorization: Bearer demo-editor'
//! # 403
//! curl -i localhost:8080/health
//! # 200 ok
//! ```

use std::env;
use std::error::Error;
use std::io;

use actix_web::{App, HttpServer, web};
use auth_runtime::{ProtectedScope, prelude::*};

/// `#[requires_role(Role::Author)]` is met by editors and admins too, and `Role::Autor` does not
/// compile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Role)]
enum Role {
    #[role(implies(Editor), grants("articles:*", "reports:read"))]
    Admin,
    #[role(implies(Author), grants("reports:read"))]
    Editor,
    #[role(implies(Reader))]
    Author,
    Reader,
}

requirement! {
    /// Who may delete an article. Rename it, and every use says so.
    CanDelete = all(role(Role::Editor), permission("articles:delete"));
}

/// Every handler in here has a decision, or the app does not compile.
#[deny_by_default(roles = super::Role)]
mod articles {
    use actix_web::{HttpResponse, Responder, delete, get, post, web};
    use auth_runtime::prelude::*;
    use serde::Deserialize;

    use super::{CanDelete, Role, service};

    #[derive(Deserialize)]
    pub(super) struct Draft {
        author: String,
        title: String,
    }

    #[get("/health")]
    #[public(reason = "load balancer probe")]
    pub(super) async fn health() -> &'static str {
        "ok\n"
    }

    // The role by its name: checked against the enum, because of `roles` above.
    #[get("/articles")]
    #[requires_role("reader")]
    pub(super) async fn list(caller: Authenticated) -> impl Responder {
        format!("All articles, for {}.\n", caller.subject())
    }

    // An admin is let in before the body is read; an author is asked whose article it is; who is
    // not even an author is refused before the body is read.
    #[post("/articles")]
    #[requires(any(
        role(Role::Admin),
        all(
            role(Role::Author),
            check(|user: &Principal, draft: &web::Json<Draft>| draft.author == user.subject()),
        ),
    ))]
    pub(super) async fn create(draft: web::Json<Draft>) -> impl Responder {
        HttpResponse::Created().body(format!("{:?} by {}.\n", draft.title, draft.author))
    }

    #[delete("/articles/{id}")]
    #[requires(CanDelete)]
    pub(super) async fn delete_article(
        id: web::Path<u64>,
        may: Authorized<CanDelete>,
    ) -> impl Responder {
        service::delete_article(&may, *id)
    }
}

/// Far from any request: cannot be called by who has no proof that it was granted.
mod service {
    use auth_runtime::Authorized;

    use super::CanDelete;

    pub(super) fn delete_article(by: &Authorized<CanDelete>, id: u64) -> String {
        format!("{} has deleted article {id}.\n", by.principal().subject())
    }
}

struct Reports;

/// On an impl block the attribute applies to each of its handlers.
#[requires_permission("reports:read")]
impl Reports {
    async fn list(caller: Authenticated) -> String {
        format!("All reports, for {}.\n", caller.subject())
    }

    #[requires_role(Role::Admin)]
    async fn costs() -> &'static str {
        "What it costs.\n"
    }
}

fn find_token(token: &str) -> Option<Principal> {
    match token {
        "demo-admin" => Some(Principal::new("ada").role(Role::Admin)),
        "demo-editor" => Some(Principal::new("eve").role(Role::Editor)),
        "demo-author" => Some(Principal::new("ann").role(Role::Author)),
        "demo-reader" => Some(Principal::new("rob").role(Role::Reader)),
        _ => None,
    }
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(io::stderr).init();

    let auth = Auth::builder()
        .realm("typed_roles")
        // What the roles grant takes effect.
        .roles::<Role>()
        .scheme(Bearer::new(|token: Secret<'static>| async move {
            find_token(token.expose())
        }))
        .build()?;

    let port: u16 = match env::var("PORT") {
        Ok(text) => text
            .parse()
            .map_err(|_| format!("PORT is no port number: {text:?}"))?,
        Err(_) => 8080,
    };
    println!(
        "Listening on http://127.0.0.1:{port}; tokens: demo-admin, demo-editor, demo-author, demo-reader."
    );
    let server = HttpServer::new(move || {
        // Nothing without a decision can be mounted through it.
        let routes = ProtectedScope::new("")
            .service(articles::health)
            .service(articles::list)
            .service(articles::create)
            .service(articles::delete_article)
            .route("/reports", (web::get(), Reports::list))
            .route("/reports/costs", (web::get(), Reports::costs));
        App::new().app_data(auth.clone()).service(routes)
    })
    .workers(2)
    .bind(("127.0.0.1", port))
    .map_err(|error| format!("cannot listen on 127.0.0.1:{port} ({error}); set PORT to another"))?;
    Ok(server.run().await?)
}
