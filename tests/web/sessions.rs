//! Sessions: login, limits, ending, and what the cookie must be. Over real HTTP heads, through the
//! whole app; the names have the ids of OWASP ASVS 5.0.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_session::Session;
use actix_session::storage::{
    CookieSessionStore, LoadError, SaveError, SessionKey, SessionStore, UpdateError,
};
use actix_web::body::{MessageBody, to_bytes};
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, COOKIE, SET_COOKIE, VARY, WWW_AUTHENTICATE};
use actix_web::test::{TestRequest, init_service, try_call_service};
use actix_web::{App, HttpResponse, cookie::time, get, post, web};
use auth_runtime::oauth::revocation::Revocations;
use auth_runtime::prelude::*;
use auth_runtime::scheme::session::{Login, Sessions};
use auth_runtime::{CallerSession, ConfigurationError, Denial};

use crate::support::{NOW, at};

pub(crate) const SECRET: &str = "kP0s9vN2mQ8xT4wZ7yB1cR6dF3gH5jLa";
const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

#[derive(serde::Deserialize)]
struct LoginForm {
    name: String,
    #[serde(default)]
    remember: bool,
}

#[post("/login")]
#[public(reason = "the caller logs in here")]
async fn login(form: web::Form<LoginForm>, session: CallerSession) -> Result<HttpResponse, Denial> {
    let login = Login::new(&form.name).amr("pwd").acr("silver");
    let login = login.remember(form.remember).user_agent("Firefox on Linux");
    let info = session.login(login).await?;
    Ok(HttpResponse::Ok().body(info.id().to_owned()))
}

#[post("/logout")]
#[requires_auth]
async fn logout(session: CallerSession) -> Result<HttpResponse, Denial> {
    session.logout().await?;
    Ok(HttpResponse::Ok().finish())
}

#[post("/step-up")]
#[requires_auth]
async fn step_up(
    form: web::Form<LoginForm>,
    session: CallerSession,
) -> Result<HttpResponse, Denial> {
    session
        .step_up(Login::new(&form.name).amr("otp").acr("gold"))
        .await?;
    Ok(HttpResponse::Ok().finish())
}

#[get("/me")]
#[requires_auth]
async fn me(caller: Authenticated) -> String {
    let roles: Vec<&str> = caller.role_names().collect();
    format!("{} {}", caller.subject(), roles.join(","))
}

#[get("/fresh")]
#[requires(max_age("5m"))]
async fn fresh() -> &'static str {
    "fresh"
}

#[get("/lately")]
#[requires(max_age("60d"))]
async fn lately() -> &'static str {
    "lately"
}

#[get("/gold")]
#[requires(acr("gold"))]
async fn gold() -> &'static str {
    "gold"
}

#[get("/silver")]
#[requires(acr("silver"))]
async fn silver() -> &'static str {
    "silver"
}

#[get("/admin")]
#[requires_role("admin")]
async fn admin() -> &'static str {
    "admin"
}

#[get("/secret")]
#[requires_role("admin", hide)]
async fn secret() -> &'static str {
    "secret"
}

#[get("/")]
#[public(reason = "the start page")]
async fn home(caller: MaybeAuthenticated) -> String {
    caller
        .principal()
        .map_or("nobody", Principal::subject)
        .to_owned()
}

#[get("/plain")]
#[public(reason = "looks at no session")]
async fn plain() -> &'static str {
    "plain"
}

#[get("/sessions")]
#[requires_auth]
async fn list(session: CallerSession) -> Result<web::Json<Vec<String>>, Denial> {
    let sessions = session.list().await?;
    let line = |one: &auth_runtime::scheme::session::SessionInfo| {
        let current = if one.is_current() { "*" } else { "" };
        format!(
            "{current}{} {}",
            one.id(),
            one.user_agent().unwrap_or_default()
        )
    };
    Ok(web::Json(sessions.iter().map(line).collect()))
}

#[post("/sessions/{id}/end")]
#[requires_auth]
async fn end(id: web::Path<String>, session: CallerSession) -> Result<HttpResponse, Denial> {
    Ok(if session.end(&id).await? {
        HttpResponse::Ok().finish()
    } else {
        HttpResponse::NotFound().finish()
    })
}

#[post("/others/end")]
#[requires_auth]
async fn end_others(session: CallerSession) -> Result<HttpResponse, Denial> {
    session.end_others().await?;
    Ok(HttpResponse::Ok().finish())
}

#[post("/all/end")]
#[requires_auth]
async fn end_all(session: CallerSession) -> Result<HttpResponse, Denial> {
    session.end_all().await?;
    Ok(HttpResponse::Ok().finish())
}

#[post("/cart")]
#[public(reason = "anyone may fill a cart")]
async fn fill_cart(session: Session) -> HttpResponse {
    session.insert("cart", "apples").unwrap();
    HttpResponse::Ok().finish()
}

#[get("/cart")]
#[public(reason = "anyone may look into their cart")]
async fn cart(session: Session) -> String {
    session.get("cart").unwrap().unwrap_or_default()
}

/// What the tests can change while the app runs.
#[derive(Clone)]
pub(crate) struct World {
    now: Arc<AtomicU64>,
    users: Arc<Mutex<HashMap<String, &'static str>>>,
    is_down: Arc<AtomicBool>,
}

impl World {
    pub(crate) fn new() -> Self {
        let users = [("ada", "admin"), ("rob", "reader")];
        Self {
            now: Arc::new(AtomicU64::new(NOW)),
            users: Arc::new(Mutex::new(
                users.map(|(name, role)| (name.to_owned(), role)).into(),
            )),
            is_down: Arc::default(),
        }
    }

    fn wait(&self, seconds: u64) {
        self.now.fetch_add(seconds, Ordering::Relaxed);
    }

    pub(crate) fn sessions(&self) -> Sessions {
        let world = self.clone();
        let load = move |subject: String| {
            let world = world.clone();
            async move {
                if world.is_down.load(Ordering::Relaxed) {
                    return Err(VerifyError::unavailable());
                }
                let role = world.users.lock().unwrap().get(&subject).copied();
                Ok(role.map(|role| Principal::new(subject).role(role)))
            }
        };
        Sessions::new(SECRET, load, Revocations::in_memory())
    }

    pub(crate) fn auth(&self, sessions: &Sessions) -> Auth {
        let now = Arc::clone(&self.now);
        Auth::builder()
            .realm("shop")
            .scheme(sessions.clone())
            .clock(move || at(now.load(Ordering::Relaxed)))
            .build()
            .unwrap()
    }
}

pub(crate) fn services(config: &mut web::ServiceConfig) {
    config.service(login).service(logout).service(step_up);
    config
        .service(me)
        .service(fresh)
        .service(lately)
        .service(gold);
    config.service(silver).service(admin).service(secret);
    config.service(home).service(plain).service(list);
    config.service(end).service(end_others).service(end_all);
    config.service(fill_cart).service(cart);
}

/// An app with a store.
macro_rules! app {
    ($world:expr, $sessions:expr, $store:expr) => {{
        let sessions = $sessions;
        init_service(
            App::new()
                .app_data($world.auth(&sessions))
                .configure(services)
                .wrap(sessions.middleware($store)),
        )
        .await
    }};
    ($world:expr) => {
        app!($world, $world.sessions(), CookieSessionStore::default())
    };
}

/// The answer to a request with these `Cookie` lines: status, `Set-Cookie` lines, body, headers.
macro_rules! send {
    ($app:expr, $method:ident $path:expr, $cookies:expr $(, $form:expr)?) => {{
        let mut request = TestRequest::with_uri($path).method(actix_web::http::Method::$method);
        for line in Vec::from($cookies) {
            request = request.append_header((COOKIE, String::from(line)));
        }
        $(request = request.set_form($form);)?
        match try_call_service(&$app, request.to_request()).await {
            Ok(response) => Sent::of(response.into_parts().1).await,
            Err(error) => Sent::of(error.error_response()).await,
        }
    }};
}

struct Sent {
    status: StatusCode,
    headers: actix_web::http::header::HeaderMap,
    body: String,
}

impl Sent {
    async fn of<B: MessageBody>(response: HttpResponse<B>) -> Self {
        let status = response.status();
        let headers = response.headers().clone();
        let body = to_bytes(response.into_body()).await.unwrap_or_default();
        let body = String::from_utf8(body.to_vec()).unwrap();
        Self {
            status,
            headers,
            body,
        }
    }

    fn set_cookies(&self) -> Vec<&str> {
        let lines = self.headers.get_all(SET_COOKIE);
        lines.map(|line| line.to_str().unwrap()).collect()
    }

    /// What a browser sends from then on.
    fn cookie(&self) -> String {
        let lines = self.set_cookies();
        assert_eq!(lines.len(), 1, "{lines:?}");
        lines[0].split(';').next().unwrap().to_owned()
    }

    fn header(&self, name: actix_web::http::header::HeaderName) -> Option<&str> {
        self.headers.get(name).map(|line| line.to_str().unwrap())
    }
}

const NONE: [String; 0] = [];

macro_rules! log_in {
    ($app:expr, $form:expr) => {{
        let sent = send!($app, POST "/login", NONE, $form);
        assert_eq!(sent.status, 200, "{}", sent.body);
        sent.cookie()
    }};
    ($app:expr) => {
        log_in!($app, [("name", "ada")])
    };
}

macro_rules! status {
    ($app:expr, $method:ident $path:expr, $cookie:expr) => {
        send!($app, $method $path, [$cookie.clone()]).status.as_u16()
    };
}

#[actix_web::test]
async fn a_login_is_a_session_and_a_logout_ends_it() {
    let world = World::new();
    let app = app!(world);
    let anonymous = send!(app, GET "/me", NONE);
    assert_eq!(anonymous.status, 401);
    assert_eq!(
        anonymous.header(WWW_AUTHENTICATE),
        Some(r#"Cookie realm="shop""#)
    );
    let cookie = log_in!(app);
    let known = send!(app, GET "/me", [cookie.clone()]);
    assert_eq!((known.status.as_u16(), &*known.body), (200, "ada admin"));
    let out = send!(app, POST "/logout", [cookie.clone()]);
    assert_eq!(out.status, 200);
    let removal = out.set_cookies();
    assert!(removal[0].starts_with("__Host-session=;"), "{removal:?}");
    assert!(removal[0].contains("Max-Age=0"), "{removal:?}");
    assert!(
        removal[0].contains("Secure") && removal[0].contains("Path=/"),
        "{removal:?}"
    );
}

#[actix_web::test]
async fn v7_4_1_a_copy_of_the_cookie_is_refused_after_the_logout() {
    let world = World::new();
    let app = app!(world);
    let cookie = log_in!(app);
    assert_eq!(status!(app, POST "/logout", cookie), 200);
    for _ in 0..2 {
        assert_eq!(status!(app, GET "/me", cookie), 401);
    }
    assert_eq!(send!(app, GET "/", [cookie]).body, "nobody");
}

#[actix_web::test]
async fn v3_3_1_to_v3_3_4_the_cookie_is_as_strict_as_it_can_be() {
    let world = World::new();
    let app = app!(world);
    let sent = send!(app, POST "/login", NONE, [("name", "ada")]);
    let line = sent.set_cookies()[0].to_owned();
    let (pair, attributes) = line.split_once("; ").unwrap();
    assert!(pair.starts_with("__Host-session="), "{line}");
    let mut attributes: Vec<&str> = attributes.split("; ").collect();
    attributes.sort_unstable();
    assert_eq!(attributes, ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]);
    assert!(!line.contains("ada"), "{line}");
}

#[actix_web::test]
async fn a_weaker_cookie_is_one_that_was_asked_for_by_name() {
    let world = World::new();
    for (sessions, expected) in [
        (
            world.sessions().cookie_without_tls(),
            "session; HttpOnly; Path=/; SameSite=Lax",
        ),
        (
            world.sessions().cookie_same_site_strict(),
            "__Host-session; HttpOnly; Path=/; SameSite=Strict; Secure",
        ),
        (
            world.sessions().cookie_from_other_sites(),
            "__Host-session; HttpOnly; Path=/; SameSite=None; Secure",
        ),
    ] {
        let app = app!(world, sessions, CookieSessionStore::default());
        let sent = send!(app, POST "/login", NONE, [("name", "ada")]);
        let (pair, attributes) = sent.set_cookies()[0].split_once("; ").unwrap();
        let mut attributes: Vec<&str> = attributes.split("; ").collect();
        attributes.sort_unstable();
        let name = pair.split_once('=').unwrap().0;
        assert_eq!(format!("{name}; {}", attributes.join("; ")), expected);
    }
}

#[actix_web::test]
async fn v7_2_4_a_planted_session_does_not_become_that_of_the_login() {
    let world = World::new();
    let app = app!(world);
    let planted = send!(app, POST "/cart", NONE).cookie();
    let sent = send!(app, POST "/login", [planted.clone()], [("name", "ada")]);
    let mine = sent.cookie();
    assert_ne!(planted, mine);
    // What was in the anonymous session comes along.
    assert_eq!(send!(app, GET "/cart", [mine.clone()]).body, "apples");
    assert_eq!(status!(app, GET "/me", mine), 200);
    assert_eq!(status!(app, GET "/me", planted), 401);
}

#[actix_web::test]
async fn v7_2_4_a_second_login_and_a_step_up_end_the_session_before() {
    let world = World::new();
    let app = app!(world);
    let first = log_in!(app);
    let second = send!(app, POST "/login", [first.clone()], [("name", "ada")]).cookie();
    assert_eq!(status!(app, GET "/me", first), 401);
    assert_eq!(status!(app, GET "/me", second), 200);
    assert_eq!(status!(app, GET "/gold", second), 401);
    let third = send!(app, POST "/step-up", [second.clone()], [("name", "ada")]).cookie();
    assert_eq!(status!(app, GET "/me", second), 401);
    assert_eq!(status!(app, GET "/gold", third), 200);
}

#[actix_web::test]
async fn a_login_as_somebody_else_takes_nothing_along() {
    let world = World::new();
    let app = app!(world);
    let ada = log_in!(app);
    let ada = send!(app, POST "/cart", [ada]).cookie();
    let rob = send!(app, POST "/login", [ada.clone()], [("name", "rob")]).cookie();
    assert_eq!(send!(app, GET "/cart", [rob.clone()]).body, "");
    assert_eq!(send!(app, GET "/me", [rob]).body, "rob reader");
    assert_eq!(status!(app, GET "/me", ada), 401);
}

#[actix_web::test]
async fn a_step_up_is_for_the_subject_that_is_logged_in() {
    let world = World::new();
    let app = app!(world);
    let cookie = log_in!(app);
    let sent = send!(app, POST "/step-up", [cookie.clone()], [("name", "rob")]);
    assert_eq!(sent.status, 403);
    assert_eq!(send!(app, GET "/me", [cookie]).body, "ada admin");
}

#[actix_web::test]
async fn v7_3_1_an_idle_session_ends() {
    let world = World::new();
    let app = app!(world);
    let mut cookie = log_in!(app);
    for _ in 0..3 {
        world.wait(29 * MINUTE);
        let sent = send!(app, GET "/me", [cookie]);
        assert_eq!(sent.status, 200);
        cookie = sent.cookie();
    }
    world.wait(30 * MINUTE);
    let sent = send!(app, GET "/me", [cookie]);
    assert_eq!(sent.status, 401);
    // The cookie is of no more use.
    assert!(sent.set_cookies()[0].contains("Max-Age=0"));
}

#[actix_web::test]
async fn v7_3_1_a_session_in_use_is_not_written_at_each_request() {
    let world = World::new();
    let app = app!(world);
    let cookie = log_in!(app);
    world.wait(59);
    assert_eq!(
        send!(app, GET "/me", [cookie.clone()]).set_cookies().len(),
        0
    );
    world.wait(1);
    assert_eq!(send!(app, GET "/me", [cookie]).set_cookies().len(), 1);
}

#[actix_web::test]
async fn v7_3_2_a_session_ends_however_much_it_is_used() {
    let world = World::new();
    let app = app!(world);
    let mut cookie = log_in!(app);
    for _ in 0..47 {
        world.wait(15 * MINUTE);
        let sent = send!(app, GET "/me", [cookie]);
        assert_eq!(sent.status, 200);
        cookie = sent.cookie();
    }
    world.wait(15 * MINUTE);
    assert_eq!(status!(app, GET "/me", cookie), 401);
}

#[actix_web::test]
async fn v7_5_1_max_age_counts_from_the_login_and_a_step_up_renews_it() {
    let world = World::new();
    let app = app!(world);
    let cookie = log_in!(app);
    assert_eq!(status!(app, GET "/fresh", cookie), 200);
    world.wait(5 * MINUTE + 1);
    assert_eq!(status!(app, GET "/fresh", cookie), 401);
    let cookie = send!(app, POST "/step-up", [cookie], [("name", "ada")]).cookie();
    assert_eq!(status!(app, GET "/fresh", cookie), 200);
}

#[actix_web::test]
async fn a_remembered_caller_is_known_and_never_fresh() {
    let world = World::new();
    let app = app!(world);
    let sent = send!(app, POST "/login", NONE, [("name", "ada"), ("remember", "true")]);
    assert!(
        sent.set_cookies()[0].ends_with("; Max-Age=2592000"),
        "{:?}",
        sent.set_cookies()
    );
    let cookie = sent.cookie();
    assert_eq!(status!(app, GET "/fresh", cookie), 200);
    world.wait(30 * MINUTE);
    let sent = send!(app, GET "/me", [cookie.clone()]);
    assert_eq!((sent.status.as_u16(), &*sent.body), (200, "ada admin"));
    assert!(
        sent.set_cookies()[0].ends_with("; Max-Age=2590200"),
        "{:?}",
        sent.set_cookies()
    );
    // Neither cookie is fresh any more, nor does use make it so.
    for cookie in [cookie, sent.cookie()] {
        for path in ["/fresh", "/lately", "/silver"] {
            assert_eq!(status!(app, GET path, cookie), 401, "{path}");
        }
        assert_eq!(status!(app, GET "/admin", cookie), 200);
    }
    let cookie = sent.cookie();
    let stronger = send!(app, POST "/step-up", [cookie.clone()], [("name", "ada")]).cookie();
    assert_eq!(status!(app, GET "/fresh", stronger), 200);
    world.wait(30 * 24 * HOUR);
    assert_eq!(status!(app, GET "/me", stronger), 401);
}

#[actix_web::test]
async fn v8_3_2_roles_are_those_of_now_and_a_deleted_user_is_nobody() {
    let world = World::new();
    let app = app!(world);
    let cookie = log_in!(app);
    assert_eq!(status!(app, GET "/admin", cookie), 200);
    world
        .users
        .lock()
        .unwrap()
        .insert("ada".to_owned(), "reader");
    assert_eq!(status!(app, GET "/admin", cookie), 403);
    world.users.lock().unwrap().remove("ada");
    assert_eq!(status!(app, GET "/me", cookie), 401);
    assert_eq!(send!(app, GET "/", [cookie]).body, "nobody");
}

#[actix_web::test]
async fn a_loader_that_cannot_answer_is_503() {
    let world = World::new();
    let app = app!(world);
    let cookie = log_in!(app);
    world.is_down.store(true, Ordering::Relaxed);
    let sent = send!(app, GET "/me", [cookie.clone()]);
    assert_eq!(sent.status, 503);
    assert!(sent.headers.contains_key("retry-after"));
    assert!(!sent.headers.contains_key(WWW_AUTHENTICATE));
    assert_eq!(sent.set_cookies().len(), 0);
    world.is_down.store(false, Ordering::Relaxed);
    assert_eq!(status!(app, GET "/me", cookie), 200);
}

#[actix_web::test]
async fn v7_4_3_the_password_is_changed_here_and_all_others_are_out() {
    let world = World::new();
    let app = app!(world);
    let (mine, other, third) = (log_in!(app), log_in!(app), log_in!(app));
    let rob = log_in!(app, [("name", "rob")]);
    let sent = send!(app, POST "/others/end", [mine.clone()]);
    assert_eq!(sent.status, 200);
    let renewed = sent.cookie();
    for gone in [&mine, &other, &third] {
        assert_eq!(status!(app, GET "/me", gone), 401);
    }
    assert_eq!(status!(app, GET "/me", renewed), 200);
    assert_eq!(status!(app, GET "/me", rob), 200);
    // Within the same second.
    let again = log_in!(app);
    assert_eq!(status!(app, GET "/me", again), 200);
    // And once more, all of them.
    assert_eq!(status!(app, POST "/all/end", renewed), 200);
    for gone in [&renewed, &again] {
        assert_eq!(status!(app, GET "/me", gone), 401);
    }
    assert_eq!(status!(app, GET "/me", rob), 200);
}

#[actix_web::test]
async fn v7_5_2_sessions_are_listed_and_ended_one_by_one() {
    let world = World::new();
    let app = app!(world);
    let (mine, other) = (log_in!(app), log_in!(app));
    let rob = log_in!(app, [("name", "rob")]);
    let listed: Vec<String> =
        serde_json::from_str(&send!(app, GET "/sessions", [mine.clone()]).body).unwrap();
    assert_eq!(listed.len(), 2, "{listed:?}");
    assert!(
        listed
            .iter()
            .all(|line| line.ends_with(" Firefox on Linux")),
        "{listed:?}"
    );
    assert_eq!(
        listed.iter().filter(|line| line.starts_with('*')).count(),
        1
    );
    let others = listed.iter().find(|line| !line.starts_with('*')).unwrap();
    let path = format!("/sessions/{}/end", others.split(' ').next().unwrap());
    // Not that of another subject.
    assert_eq!(status!(app, POST & path, rob), 404);
    assert_eq!(status!(app, GET "/me", other), 200);
    assert_eq!(status!(app, POST & path, mine), 200);
    assert_eq!(status!(app, GET "/me", other), 401);
    assert_eq!(status!(app, GET "/me", mine), 200);
    assert_eq!(status!(app, POST & path, mine), 404);
    let left = send!(app, GET "/sessions", [mine]).body;
    assert_eq!(left.matches("Firefox").count(), 1, "{left}");
}

#[actix_web::test]
async fn what_is_no_cookie_of_ours_is_no_session() {
    let world = World::new();
    let app = app!(world);
    let cookie = log_in!(app);
    let other_key = {
        let load = |_: String| async { None::<Principal> };
        let other = Sessions::new(SECRET.to_uppercase(), load, Revocations::in_memory());
        let app = app!(world, other, CookieSessionStore::default());
        log_in!(app)
    };
    for (what, cookie) in [
        ("another key", other_key),
        ("truncated", cookie[..cookie.len() - 8].to_owned()),
        ("empty", "__Host-session=".to_owned()),
        ("4 kB", format!("__Host-session={}", "A".repeat(5000))),
        (
            "JSON",
            r#"__Host-session={"auth_runtime.login":"{}"}"#.to_owned(),
        ),
        ("changed", cookie.replacen("session=", "session=A", 1)),
        ("another name", cookie.replacen("__Host-", "", 1)),
    ] {
        assert_eq!(status!(app, GET "/me", cookie), 401, "{what}");
        let sent = send!(app, GET "/", [cookie]);
        assert_eq!(
            (sent.status.as_u16(), &*sent.body),
            (200, "nobody"),
            "{what}"
        );
    }
}

#[actix_web::test]
async fn two_cookies_of_the_name_are_refused_and_two_lines_are_read() {
    let world = World::new();
    let app = app!(world);
    let (mine, other) = (log_in!(app), log_in!(app, [("name", "rob")]));
    for (lines, status) in [
        (vec![format!("a=1; {mine}"), "b=2".to_owned()], 200),
        (vec!["a=1".to_owned(), mine.clone()], 200),
        (vec![format!("{mine}; {other}")], 400),
        (vec![mine.clone(), other.clone()], 400),
        (vec![mine.clone(), mine.clone()], 400),
        // A browser lets other hosts of the site set these names.
        (vec![other.replacen("__Host-", "%5F%5FHost-", 1)], 400),
        (vec![format!("\u{2000}{other}")], 400),
        (vec![format!("{mine}; \u{a0}{other}")], 400),
        (vec![format!("a=\u{fffd}; {mine}")], 200),
    ] {
        let sent = send!(app, GET "/me", lines.clone());
        assert_eq!(sent.status.as_u16(), status, "{lines:?}");
        let open = send!(app, GET "/plain", lines);
        assert_eq!(open.status, 200);
    }
    let logged_in = send!(app, POST "/login", [mine, other], [("name", "ada")]);
    assert_eq!(logged_in.status, 400);
}

#[actix_web::test]
async fn cache_04_answers_where_a_session_was_read_are_private() {
    let world = World::new();
    let app = app!(world);
    let logged_in = send!(app, POST "/login", NONE, [("name", "ada")]);
    assert_eq!(logged_in.header(CACHE_CONTROL), Some("private"));
    let cookie = logged_in.cookie();
    let known = send!(app, GET "/me", [cookie.clone()]);
    assert_eq!(known.header(CACHE_CONTROL), Some("private"));
    assert_eq!(known.header(VARY), Some("cookie"));
    let nobody = send!(app, GET "/", NONE);
    assert_eq!(
        (nobody.header(CACHE_CONTROL), nobody.header(VARY)),
        (None, Some("cookie"))
    );
    let open = send!(app, GET "/plain", [cookie]);
    assert_eq!(
        (open.header(CACHE_CONTROL), open.header(VARY)),
        (None, None)
    );
}

#[actix_web::test]
async fn a_hidden_answer_writes_no_session() {
    let world = World::new();
    let app = app!(world);
    let rob = log_in!(app, [("name", "rob")]);
    for seconds in [2 * MINUTE, 30 * MINUTE] {
        world.wait(seconds);
        let hidden = send!(app, GET "/secret", [rob.clone()]);
        let unknown = send!(app, GET "/nosuch", [rob.clone()]);
        assert_eq!(hidden.status, 404);
        let names = |sent: &Sent| -> Vec<String> {
            sent.headers
                .iter()
                .map(|(name, value)| format!("{name}: {value:?}"))
                .collect()
        };
        assert_eq!(names(&hidden), names(&unknown));
    }
}

#[actix_web::test]
async fn a_secret_that_is_short_or_repeated_does_not_build() {
    for given in [
        "",
        "tiny",
        "0123456789012345678901234567890",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ] {
        let load = |_: String| async { None::<Principal> };
        let sessions = Sessions::new(given, load, Revocations::in_memory());
        let built = Auth::builder().realm("shop").scheme(sessions).build();
        let Err(ConfigurationError::Scheme("Cookie", problem)) = built else {
            panic!("{given:?}: {built:?}");
        };
        assert!(problem.contains("openssl rand"), "{problem}");
        assert!(given.is_empty() || !problem.contains(given), "{problem}");
    }
    let load = |_: String| async { None::<Principal> };
    let sessions = Sessions::new(SECRET, load, Revocations::in_memory());
    for sessions in [
        sessions.clone().idle_limit(Duration::ZERO),
        sessions.clone().absolute_limit(Duration::ZERO),
        sessions.cookie_without_tls().cookie_from_other_sites(),
    ] {
        assert!(
            Auth::builder()
                .realm("shop")
                .scheme(sessions)
                .build()
                .is_err()
        );
    }
}

#[actix_web::test]
async fn without_the_middleware_it_is_500_and_never_open() {
    let world = World::new();
    let sessions = world.sessions();
    let auth = world.auth(&sessions);
    let app = init_service(App::new().app_data(auth).configure(services)).await;
    assert_eq!(send!(app, GET "/me", NONE).status, 500);
    assert_eq!(
        send!(app, POST "/login", NONE, [("name", "ada")]).status,
        500
    );
    // Nor with that of other sessions.
    let others = World::new().sessions();
    let auth = world.auth(&sessions);
    let app = init_service(
        App::new()
            .app_data(auth)
            .configure(services)
            .wrap(others.middleware(CookieSessionStore::default())),
    )
    .await;
    let cookie = log_in!(app);
    assert_eq!(status!(app, GET "/me", cookie), 500);
}

/// Keeps sessions in memory, and can be away.
#[derive(Clone, Default)]
struct Flaky {
    held: Arc<Mutex<HashMap<String, HashMap<String, String>>>>,
    is_down: Arc<AtomicBool>,
    count: Arc<AtomicU64>,
}

impl Flaky {
    fn check(&self) -> Result<(), std::io::Error> {
        if self.is_down.load(Ordering::Relaxed) {
            return Err(std::io::Error::other("down"));
        }
        Ok(())
    }
}

impl SessionStore for Flaky {
    async fn load(&self, key: &SessionKey) -> Result<Option<HashMap<String, String>>, LoadError> {
        self.check()
            .map_err(|error| LoadError::Other(error.into()))?;
        Ok(self.held.lock().unwrap().get(key.as_ref()).cloned())
    }

    async fn save(
        &self,
        state: HashMap<String, String>,
        _: &time::Duration,
    ) -> Result<SessionKey, SaveError> {
        self.check()
            .map_err(|error| SaveError::Other(error.into()))?;
        let key = format!("key{}", self.count.fetch_add(1, Ordering::Relaxed));
        self.held.lock().unwrap().insert(key.clone(), state);
        Ok(key.try_into().unwrap())
    }

    async fn update(
        &self,
        key: SessionKey,
        state: HashMap<String, String>,
        _: &time::Duration,
    ) -> Result<SessionKey, UpdateError> {
        self.check()
            .map_err(|error| UpdateError::Other(error.into()))?;
        self.held
            .lock()
            .unwrap()
            .insert(key.as_ref().to_owned(), state);
        Ok(key)
    }

    async fn update_ttl(&self, _: &SessionKey, _: &time::Duration) -> Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), anyhow::Error> {
        self.check()?;
        self.held.lock().unwrap().remove(key.as_ref());
        Ok(())
    }
}

#[actix_web::test]
async fn a_store_that_is_away_is_503_for_those_who_need_it() {
    let world = World::new();
    let store = Flaky::default();
    let app = app!(world, world.sessions(), store.clone());
    let cookie = log_in!(app);
    assert_eq!(status!(app, GET "/me", cookie), 200);
    store.is_down.store(true, Ordering::Relaxed);
    assert_eq!(status!(app, GET "/me", cookie), 503);
    assert_eq!(status!(app, GET "/", cookie), 503);
    assert_eq!(status!(app, GET "/plain", cookie), 200);
    assert_eq!(status!(app, POST "/cart", cookie), 503);
    assert_eq!(
        send!(app, POST "/login", [cookie.clone()], [("name", "ada")]).status,
        503
    );
    let sent = send!(app, POST "/login", NONE, [("name", "ada")]);
    assert_eq!(sent.status, 503, "{}", sent.body);
    assert_eq!(sent.set_cookies().len(), 0);
    store.is_down.store(false, Ordering::Relaxed);
    assert_eq!(send!(app, GET "/me", [cookie.clone()]).body, "ada admin");
    assert_eq!(send!(app, GET "/cart", [cookie]).body, "");
}
