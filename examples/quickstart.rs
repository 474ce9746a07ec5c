//! Every attribute once, in memory, nothing to set up.
//!
//! ```sh
//! cargo run --example quickstart
//!
//! curl -i localhost:8080/me                                       # 401, with two challenges
//! curl -i localhost:8080/me -H 'Authorization: Bearer demo-reader'
//! curl -i localhost:8080/me -u ada:correct-horse
//! curl -i localhost:8080/admin -H 'Authorization: Bearer demo-reader'      # 403
//! curl -i localhost:8080/reports -H 'Authorization: Bearer demo-editor'    # 403, insufficient_scope
//! curl -i localhost:8080/articles -H 'Authorization: Bearer demo-editor' \
//!      -H 'Content-Type: application/json' -d '{"title":"Hello","body":"World"}'
//! curl -i localhost:8080/users/rob/notes -H 'Authorization: Bearer demo-reader'
//! curl -i localhost:8080/secret-project -H 'Authorization: Bearer demo-reader'  # 404
//! ```

use std::env;
use std::error::Error;
use std::io;

use actix_web::{App, HttpResponse, HttpServer, Responder, get, post, web};
use auth_runtime::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[get("/")]
#[public(reason = "the start page is for everyone")]
async fn index() -> &'static str {
    "Try /me, /admin, /reports, /articles, /users/{name}/notes and /secret-project.\n"
}

#[get("/me")]
#[requires_auth]
async fn me(caller: Authenticated) -> impl Responder {
    web::Json(json!({
        "subject": caller.subject(),
        "roles": caller.role_names().collect::<Vec<_>>(),
        "scopes": caller.scope_names().collect::<Vec<_>>(),
    }))
}

#[get("/admin")]
#[requires_role("admin")]
async fn admin(caller: Authenticated) -> impl Responder {
    format!("Welcome to the administration, {}.\n", caller.subject())
}

#[get("/reports")]
#[requires_scope("reports:read")]
async fn reports() -> impl Responder {
    web::Json(json!({ "reports": ["2026-Q3"] }))
}

#[derive(Deserialize, Serialize)]
struct Article {
    title: String,
    body: String,
}

#[post("/articles")]
#[requires_role(any("editor", "admin"))]
async fn create_article(article: web::Json<Article>) -> impl Responder {
    HttpResponse::Created().json(article)
}

#[get("/users/{name}/notes")]
#[requires(any(role("admin"), policy(is_own_name)))]
async fn notes(name: web::Path<String>) -> impl Responder {
    web::Json(json!({ "notes_of": name.into_inner(), "notes": [] }))
}

/// Runs before the body is read, with extractors of its own.
async fn is_own_name(name: web::Path<String>, caller: Authenticated) -> Decision {
    Decision::allow_if(caller.subject() == name.as_str())
}

#[get("/secret-project")]
#[requires_role("admin", hide)]
async fn secret_project() -> &'static str {
    "Only the admins see that this is here.\n"
}

/// A real app asks its session store or verifies a signed token.
async fn find_token(token: &str) -> Result<Option<Principal>, VerifyError> {
    match token {
        "demo-admin" => Ok(Some(ada())),
        "demo-editor" => Ok(Some(Principal::new("eve").role("editor"))),
        "demo-reader" => Ok(Some(Principal::new("rob").scope("reports:read"))),
        "demo-expired" => Err(VerifyError::expired()),
        _ => Ok(None),
    }
}

fn ada() -> Principal {
    Principal::new("ada").role("admin").scope("reports:read")
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(io::stderr).init();

    let auth = Auth::builder()
        .realm("quickstart")
        .scheme(Bearer::new(|token: Secret<'static>| async move {
            find_token(token.expose()).await
        }))
        // A real app compares with a stored hash: see the documentation of `Basic`.
        .scheme(Basic::sync(|user: String, password: Secret<'static>| {
            let matches = password.ct_eq("correct-horse");
            (user == "ada" && matches).then(ada)
        }))
        .build()?;

    let port: u16 = match env::var("PORT") {
        Ok(text) => text
            .parse()
            .map_err(|_| format!("PORT is not a port number: {text:?}"))?,
        Err(_) => 8080,
    };
    let server = HttpServer::new(move || {
        App::new()
            .app_data(auth.clone())
            .service(index)
            .service(me)
            .service(admin)
            .service(reports)
            .service(create_article)
            .service(notes)
            .service(secret_project)
            .default_service(auth.not_found_service())
    })
    .workers(2)
    .bind(("127.0.0.1", port))
    .map_err(|error| format!("cannot listen on 127.0.0.1:{port} ({error}); set PORT to another"))?;

    print_guide(port);
    Ok(server.run().await?)
}

fn print_guide(port: u16) {
    let routes = [
        ("GET  /", "anyone"),
        ("GET  /me", "any authenticated caller"),
        ("GET  /admin", "role admin"),
        ("GET  /reports", "scope reports:read"),
        ("POST /articles", "role editor or admin"),
        (
            "GET  /users/{name}/notes",
            "role admin, or the user of that name",
        ),
        (
            "GET  /secret-project",
            "role admin; not there for anyone else",
        ),
    ];
    println!("Listening on http://127.0.0.1:{port}\n");
    for (route, requirement) in routes {
        println!("  {route:<26} {requirement}");
    }
    println!(
        "\nTokens: demo-admin, demo-editor, demo-reader, demo-expired. Password: ada / correct-horse.\n"
    );
    let url = format!("http://127.0.0.1:{port}");
    for line in [
        format!("curl -i {url}/me"),
        format!("curl -i {url}/me -H 'Authorization: Bearer demo-reader'"),
        format!("curl -i {url}/me -H 'Authorization: Bearer demo-expired'"),
        format!("curl -i {url}/me -u ada:correct-horse"),
        format!("curl -i {url}/admin -H 'Authorization: Bearer demo-reader'"),
        format!("curl -i {url}/reports -H 'Authorization: Bearer demo-editor'"),
        format!(
            "curl -i {url}/articles -H 'Authorization: Bearer demo-editor' \
             -H 'Content-Type: application/json' -d '{{\"title\":\"Hello\",\"body\":\"World\"}}'"
        ),
        format!("curl -i {url}/users/rob/notes -H 'Authorization: Bearer demo-reader'"),
        format!("curl -i {url}/secret-project -H 'Authorization: Bearer demo-reader'"),
    ] {
        println!("  {line}");
    }
}
