//! A web application: sessions in a cookie, a login page, roles, forms, a stream and a WebSocket.
//!
//! ```sh
//! cargo run -p auth-examples-extra --example web_app     # then open http://localhost:8080
//! ```
//!
//! The users are `ada` with `correct-horse`, who is an admin, and `rob` with `battery-staple`. The
//! same with curl, as a browser would:
//!
//! ```sh
//! URL=localhost:8080; JAR=$(mktemp)
//! curl -i $URL/                                                                 # 200
//! curl -i $URL/api/me                                                           # 401, for a client that is no browser
//! curl -i $URL/account -H 'Sec-Fetch-Mode: navigate'                            # 303, to /login?next=/account
//! curl -i $URL/login -d name=ada -d password=wrong                              # 422, the form again
//! curl -i $URL/login -c $JAR -d name=ada -d password=correct-horse              # 303
//! curl -i $URL/api/me -b $JAR                                                   # 200
//! curl -i $URL/admin -b $JAR                                                    # 200
//! curl -i $URL/admin/notice -b $JAR -d text=Hello                               # 303
//! curl -i $URL/admin/notice -b $JAR -d text=x -H 'Sec-Fetch-Site: cross-site'   # 403, a form on another site
//! curl -i $URL/admin/notice -b $JAR -d text=x -H 'Origin: https://evil.example' # 403
//! curl -i -N --max-time 2 $URL/events -b $JAR                                   # 200, a tick each second
//! curl -i $URL/logout -b $JAR -c $JAR -X POST                                   # 303
//! curl -i $URL/api/me -b $JAR                                                   # 401
//! curl -i $URL/health                                                           # 200
//!
//! ROB=$(mktemp)
//! curl -i $URL/login -c $ROB -d name=rob -d password=battery-staple             # 303
//! curl -i $URL/admin -b $ROB                                                    # 403
//! ```
//!
//! It keeps everything in memory. With `REDIS_URL=redis://127.0.0.1:6379` the sessions, what was
//! ended of them and the wrong passwords are in a Redis, which several servers share; they have one
//! `SECRET` then, of at least 32 random bytes: `openssl rand -base64 48`. `PORT` sets the port.

use std::collections::HashMap;
use std::env;
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_session::storage::{CookieSessionStore, RedisSessionStore, SessionStore};
use actix_web::cookie::Key;
use actix_web::dev::RequestHead;
use actix_web::http::header::{self, ContentType, HeaderValue};
use actix_web::middleware::DefaultHeaders;
use actix_web::web::{Bytes, Data, Form, Path, Payload, Query};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, Responder, get, post, web};
use actix_ws::{CloseCode, CloseReason, Message};
use auth_runtime::denial::{ProblemJson, RenderDenial as _};
use auth_runtime::http::LocalPath;
use auth_runtime::oauth::revocation::{RedisRevocations, Revocations};
use auth_runtime::prelude::*;
use auth_runtime::scheme::AttemptLimiter;
use auth_runtime::scheme::session::{Login, Sessions};
use auth_runtime::{CallerSession, Denial};
use futures_util::{Stream, StreamExt as _, stream};
use maud::{DOCTYPE, Markup, html};
use password_auth::{generate_hash, verify_password};
use serde::Deserialize;
use serde_json::json;

// The users of the app, and its one notice.

#[derive(Clone)]
struct Users {
    by_name: Arc<Mutex<HashMap<String, User>>>,
    /// The hash of a password that is not in use.
    unknown: Arc<str>,
}

#[derive(Clone)]
struct User {
    hash: String,
    role: &'static str,
}

impl Users {
    fn demo() -> Self {
        let user = |password, role| User {
            hash: generate_hash(password),
            role,
        };
        let users = [
            ("ada".to_owned(), user("correct-horse", "admin")),
            ("rob".to_owned(), user("battery-staple", "reader")),
        ];
        Self {
            by_name: Arc::new(Mutex::new(users.into())),
            unknown: generate_hash(Key::generate().master()).into(),
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, User>> {
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who that is, for each request: with the role of now. `None` where the user was deleted.
    fn load(&self, name: &str) -> Option<Principal> {
        let role = self.all().get(name)?.role;
        Some(Principal::new(name).role(role))
    }

    /// Hashing takes long by design: on the thread pool that blocks. For a user that there is not,
    /// it takes as long, against the hash of a password that is not in use.
    async fn verify(&self, name: &str, password: &str) -> Result<Option<()>, VerifyError> {
        let known = self.all().get(name).map(|user| user.hash.clone());
        let is_known = known.is_some();
        let hash = known.unwrap_or_else(|| self.unknown.to_string());
        let password = password.to_owned();
        let matches = web::block(move || verify_password(password, &hash).is_ok() && is_known)
            .await
            .map_err(VerifyError::unavailable_because)?;
        Ok(matches.then_some(()))
    }

    async fn set_password(&self, name: &str, password: String) -> Result<(), actix_web::Error> {
        let hash = web::block(move || generate_hash(password)).await?;
        if let Some(user) = self.all().get_mut(name) {
            user.hash = hash;
        }
        Ok(())
    }
}

type Notice = Data<Mutex<String>>;

fn text(notice: &Notice) -> MutexGuard<'_, String> {
    notice.lock().unwrap_or_else(PoisonError::into_inner)
}

// Pages. What a user wrote is escaped by `html!`.

const STYLE: &str = "
:root { color-scheme: light dark; --line: #8884; --accent: #1d5fd1; }
@media (prefers-color-scheme: dark) { :root { --accent: #8ab4ff; } }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 0 auto; padding: 1rem; }
nav { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; border-bottom: 1px solid var(--line); padding-bottom: .75rem; }
nav .end { margin-left: auto; }
a { color: var(--accent); }
form { display: grid; gap: .75rem; margin: 0; }
label { display: grid; gap: .25rem; }
label.row { display: flex; gap: .5rem; align-items: center; }
input, button { font: inherit; padding: .5rem .75rem; border: 1px solid #888; border-radius: .375rem; }
input:not([type=checkbox]) { width: 100%; box-sizing: border-box; }
button { cursor: pointer; min-height: 2.75rem; justify-self: start; }
ul { list-style: none; padding: 0; }
li { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: center; justify-content: space-between; border: 1px solid var(--line); border-radius: .375rem; padding: .75rem; margin: .5rem 0; overflow-wrap: anywhere; }
li form { flex: none; }
[role=alert] { border-left: .25rem solid #c5221f; padding: .25rem .75rem; }
blockquote { border-left: .25rem solid var(--line); margin: 1rem 0; padding: .25rem .75rem; }
";

fn page(title: &str, caller: Option<&Principal>, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (maud::PreEscaped(STYLE)) }
            }
            body {
                nav {
                    a href="/" { "Home" }
                    @if let Some(caller) = caller {
                        a href="/account" { "Account" }
                        @if caller.has_role("admin") { a href="/admin" { "Admin" } }
                        form.end action="/logout" method="post" { button { "Log out " (caller.subject()) } }
                    } @else {
                        a.end href="/login" { "Log in" }
                    }
                }
                main { h1 { (title) } (content) }
            }
        }
    }
}

/// What a refused request looks like: a page for people, a problem document for programs.
fn refused(head: &RequestHead, denial: &Denial) -> HttpResponse {
    let accepted = head.headers().get(header::ACCEPT);
    let accepted = accepted.and_then(|accepted| accepted.to_str().ok());
    if !accepted.is_some_and(|accepted| accepted.contains("text/html")) {
        return ProblemJson.render(head, denial);
    }
    let problem = denial.problem();
    let content = html! { p role="alert" { (problem.detail) } };
    HttpResponse::build(denial.status())
        .content_type(ContentType::html())
        .body(page(problem.title, None, &content).into_string())
}

fn unprocessable(page: Markup) -> HttpResponse {
    HttpResponse::UnprocessableEntity()
        .content_type(ContentType::html())
        .body(page.into_string())
}

#[get("/")]
#[public(reason = "the front page")]
async fn home(caller: MaybeAuthenticated, notice: Notice) -> Markup {
    let content = html! {
        @let notice = text(&notice);
        @if notice.is_empty() { p { "There is no notice." } } @else { blockquote { (*notice) } }
        @match caller.principal() {
            Some(caller) => p { "You are " strong { (caller.subject()) } "." },
            None => p { "You are not logged in." },
        }
    };
    page("Notices", caller.principal(), &content)
}

/// Where the browser was going: a path of this app, or else `/`.
#[derive(Deserialize)]
struct Next {
    #[serde(default)]
    next: LocalPath,
}

fn login_form(next: &LocalPath, name: &str, problem: Option<&str>) -> Markup {
    let content = html! {
        @if let Some(problem) = problem { p role="alert" { (problem) } }
        form action="/login" method="post" {
            input type="hidden" name="next" value=(next);
            label { "Name" input name="name" value=(name) autocomplete="username" autocapitalize="none" required; }
            label { "Password" input name="password" type="password" autocomplete="current-password" required; }
            label.row { input name="remember" type="checkbox" value="yes"; "Remember me on this device" }
            button { "Log in" }
        }
    };
    page("Log in", None, &content)
}

#[get("/login")]
#[public(reason = "where callers authenticate")]
async fn login_page(query: Query<Next>) -> Markup {
    login_form(&query.next, "", None)
}

#[derive(Deserialize)]
struct Credentials {
    name: String,
    password: String,
    remember: Option<String>,
    #[serde(default)]
    next: LocalPath,
}

#[post("/login")]
#[public(reason = "where callers authenticate", same_origin)]
async fn log_in(
    request: HttpRequest,
    session: CallerSession,
    form: Form<Credentials>,
    users: Data<Users>,
    limiter: Data<AttemptLimiter>,
) -> Result<HttpResponse, Denial> {
    let Form(form) = form;
    let verification = users.verify(&form.name, &form.password);
    // 429 where too many were wrong.
    let verified = limiter.login(&request, &form.name, verification).await?;
    if verified.is_none() {
        let again = login_form(&form.next, &form.name, Some("Wrong name or password."));
        return Ok(unprocessable(again));
    }
    let mut login = Login::new(form.name)
        .amr("pwd")
        .remember(form.remember.is_some());
    if let Some(agent) = request.headers().get(header::USER_AGENT) {
        login = login.user_agent(&String::from_utf8_lossy(agent.as_bytes()));
    }
    session.login(login).await?;
    Ok(form.next.see_other())
}

fn see(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, path))
        .finish()
}

#[post("/logout")]
#[public(reason = "who has no session has nothing to end", same_origin)]
async fn log_out(session: CallerSession) -> Result<HttpResponse, Denial> {
    session.logout().await?;
    // ASVS 5.0 V14.3.1: the pages that the browser keeps for its back button are gone as well.
    let mut response = see("/");
    let cleared = HeaderValue::from_static("\"cache\"");
    response
        .headers_mut()
        .insert(header::CLEAR_SITE_DATA, cleared);
    Ok(response)
}

#[get("/account")]
#[requires_auth]
async fn account(caller: Authenticated, session: CallerSession) -> Result<Markup, Denial> {
    let sessions = session.list().await?;
    let content = html! {
        p { "Logged in as " strong { (caller.subject()) } "." }
        h2 { "Sessions" }
        ul {
            @for session in &sessions {
                li {
                    span {
                        (session.user_agent().unwrap_or("unknown browser"))
                        @if session.is_current() { " (this one)" }
                        @else if session.is_remembered() { " (remembered)" }
                    }
                    form action={ "/account/sessions/" (session.id()) "/end" } method="post" { button { "End" } }
                }
            }
        }
        h2 { "Password" }
        form action="/account/password" method="post" {
            label { "Old password" input name="old" type="password" autocomplete="current-password" required; }
            label { "New password" input name="new" type="password" autocomplete="new-password" minlength="8" required; }
            button { "Change, and log out elsewhere" }
        }
    };
    Ok(page("Account", Some(caller.principal()), &content))
}

#[derive(Deserialize)]
struct NewPassword {
    old: String,
    new: String,
}

#[post("/account/password")]
#[requires(max_age("5m"))]
async fn change_password(
    request: HttpRequest,
    caller: Authenticated,
    session: CallerSession,
    form: Form<NewPassword>,
    users: Data<Users>,
    limiter: Data<AttemptLimiter>,
) -> Result<HttpResponse, actix_web::Error> {
    let Form(form) = form;
    let verification = users.verify(caller.subject(), &form.old);
    let verified = limiter
        .login(&request, caller.subject(), verification)
        .await?;
    if verified.is_none() || form.new.chars().count() < 8 {
        let content = html! {
            p role="alert" { "The old password is wrong, or the new one is shorter than 8 characters." }
            a href="/account" { "Back" }
        };
        let again = page("Password", Some(caller.principal()), &content);
        return Ok(unprocessable(again));
    }
    users.set_password(caller.subject(), form.new).await?;
    session.end_others().await?;
    Ok(see("/account"))
}

#[post("/account/sessions/{id}/end")]
#[requires_auth]
async fn end_session(session: CallerSession, id: Path<String>) -> Result<HttpResponse, Denial> {
    session.end(&id).await?;
    Ok(see("/account"))
}

#[get("/admin")]
#[requires_role("admin")]
async fn admin(caller: Authenticated, notice: Notice) -> Markup {
    let content = html! {
        form action="/admin/notice" method="post" {
            label { "Notice" input name="text" value=(text(&notice)) maxlength="200"; }
            button { "Publish" }
        }
    };
    page("Administration", Some(caller.principal()), &content)
}

#[derive(Deserialize)]
struct NoticeForm {
    text: String,
}

#[post("/admin/notice")]
#[requires_role("admin")]
async fn publish(form: Form<NoticeForm>, notice: Notice) -> HttpResponse {
    *text(&notice) = form.into_inner().text;
    see("/")
}

#[get("/api/me")]
#[requires_auth]
async fn api_me(caller: Authenticated) -> impl Responder {
    let roles: Vec<_> = caller.role_names().collect();
    web::Json(json!({ "subject": caller.subject(), "roles": roles }))
}

/// A tick each second, until the session ends: within a second of a logout.
#[get("/events")]
#[requires_auth]
async fn events(request: HttpRequest, caller: Authenticated) -> HttpResponse {
    let until_revoked = caller.until_revoked(&request).every(CHECKED_EVERY);
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .streaming(until_revoked.ending(ticks()))
}

const CHECKED_EVERY: Duration = Duration::from_millis(500);

fn ticks() -> impl Stream<Item = Result<Bytes, actix_web::Error>> {
    stream::unfold(0_u64, |count| async move {
        if count > 0 {
            actix_web::rt::time::sleep(Duration::from_secs(1)).await;
        }
        let event = Bytes::from(format!("data: {count}\n\n"));
        Some((Ok(event), count + 1))
    })
}

/// An echo, until the session ends: closed with 4401 then.
#[get("/ws")]
#[requires_auth]
async fn ws(
    request: HttpRequest,
    caller: Authenticated,
    body: Payload,
) -> Result<HttpResponse, actix_web::Error> {
    let (response, mut socket, messages) = actix_ws::handle(&request, body)?;
    let mut until_revoked = caller.until_revoked(&request).every(CHECKED_EVERY);
    actix_web::rt::spawn(async move {
        let mut messages = messages.max_frame_size(64 * 1024);
        let reason = loop {
            tokio::select! {
                ended = &mut until_revoked => break CloseReason {
                    code: CloseCode::from(4401),
                    description: Some(ended.to_string()),
                },
                message = messages.next() => match message {
                    Some(Ok(Message::Text(text))) if socket.text(text.clone()).await.is_ok() => {}
                    Some(Ok(Message::Ping(bytes))) if socket.pong(&bytes).await.is_ok() => {}
                    Some(Ok(Message::Pong(_))) => {}
                    _ => break CloseCode::Normal.into(),
                },
            }
        };
        // The client may be gone already.
        _ = socket.close(Some(reason)).await;
    });
    Ok(response)
}

#[get("/health")]
#[public(reason = "load balancer probe")]
async fn health() -> &'static str {
    "ok"
}

// Everything together.

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let users = Users::demo();
    let secret = match env::var("SECRET") {
        Ok(secret) => secret.into_bytes(),
        // Good until the server is started anew.
        Err(_) => Key::generate().master().to_vec(),
    };
    let known = users.clone();
    let load = move |name: String| {
        let principal = known.load(&name);
        async move { principal }
    };
    match env::var("REDIS_URL") {
        Err(_) => {
            let sessions = Sessions::new(secret, load, Revocations::in_memory());
            let limiter = AttemptLimiter::in_memory();
            serve(users, sessions, limiter, CookieSessionStore::default).await
        }
        Ok(url) => {
            // What one server ends, the others refuse within half a second.
            let revocations = Revocations::new(RedisRevocations::new(&url)?);
            let revocations = revocations.interval(Duration::from_millis(500));
            let sessions = Sessions::new(secret, load, revocations);
            // A pool, for it connects as soon as a Redis that was away is back.
            let pool = deadpool_redis::Config::from_url(url.as_str());
            let pool = pool.create_pool(Some(deadpool_redis::Runtime::Tokio1))?;
            let store = RedisSessionStore::new_pooled(pool).await?;
            let limiter = AttemptLimiter::redis(&url)?;
            serve(users, sessions, limiter, move || store.clone()).await
        }
    }
}

async fn serve<Store: SessionStore + 'static>(
    users: Users,
    sessions: Sessions,
    limiter: AttemptLimiter,
    store: impl Fn() -> Store + Clone + Send + 'static,
) -> Result<(), Box<dyn Error>> {
    let auth = Auth::builder()
        .realm("notices")
        .scheme(sessions.clone())
        .login_page("/login")
        .renderer(refused)
        .build()?;
    let (users, limiter) = (Data::new(users), Data::new(limiter));
    let notice = Notice::new(Mutex::default());
    let app = move || {
        App::new()
            .app_data(auth.clone())
            .app_data(users.clone())
            .app_data(limiter.clone())
            .app_data(notice.clone())
            .service((home, login_page, log_in, log_out, health))
            .service((account, change_password, end_session, admin, publish))
            .service((api_me, events, ws))
            // So that the browser's back button shows nothing after a logout.
            .wrap(DefaultHeaders::new().add((header::CACHE_CONTROL, "no-store")))
            .wrap(sessions.middleware(store()))
            .wrap(
                DefaultHeaders::new()
                    .add((header::CONTENT_SECURITY_POLICY, POLICY))
                    .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
                    .add((header::REFERRER_POLICY, "same-origin")),
            )
    };
    let port = env::var("PORT").map_or(Ok(8080), |port| port.parse())?;
    println!("Listening on http://localhost:{port}");
    println!("Users: ada / correct-horse (admin), rob / battery-staple");
    Ok(HttpServer::new(app)
        .bind(("127.0.0.1", port))?
        .run()
        .await?)
}

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
