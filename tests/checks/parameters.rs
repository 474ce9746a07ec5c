//! Named requirements that ask: policies, checks, and arguments.

use actix_web::http::StatusCode;
use actix_web::test::{self, TestRequest};
use actix_web::{App, FromRequest, HttpRequest, get, post, web};
use auth_runtime::NamedRequirement as _;
use auth_runtime::model::{Access, Requirement};
use auth_runtime::prelude::*;
use auth_runtime::review::{AccessLock, AccessMatrix, HandlerRecord, records};
use serde::Deserialize;

struct Person {
    age: u8,
}

#[derive(Deserialize)]
struct Draft {
    text: String,
}

/// Articles below 10 are Ada's, those below 20 Bob's, others nobody's.
fn owner(article: u64) -> &'static str {
    match article {
        0..10 => "ada",
        10..20 => "bob",
        _ => "nobody",
    }
}

async fn says_please(request: HttpRequest) -> Decision {
    Decision::allow_if(request.headers().contains_key("please"))
}

async fn breaks() -> Result<Decision, String> {
    Err("broken".to_owned())
}

mod access {
    use super::{Draft, Person, breaks, owner, says_please};
    use auth_runtime::prelude::*;

    requirement! {
        /// Whose article it is.
        pub owns(article: &u64) = any(
            role("admin"),
            check(|user: &Principal, article: &u64| user.subject() == owner(*article)),
        );
        pub(crate) publishes(article: &u64, draft: &Draft) = all(
            scope("publish"),
            owns(article),
            polite,
            check(|draft| !draft.text.is_empty()),
        );
        pub(super) adult = check(|user: &Person| user.age >= 18);
        pub(super) polite = policy(says_please);
        pub(super) polite_adult = all(polite, adult);
        pub(super) not_adult = not(adult);
        pub(super) broken = any(policy(breaks), adult);
        pub(super) waits(article: &u64) = check(async |user, article| {
            actix_web::rt::task::yield_now().await;
            match *article {
                13 => Err("an unlucky one"),
                article => Ok(user.subject() == owner(article)),
            }
        });
        /// Of any type that can be looked at as one.
        pub(super) owns_any(article: &impl AsRef<u64>) = check(|user, article| {
            user.subject() == owner(*article.as_ref())
        });
        pub(super) swapped(first: &u64, second: &u64) = all(owns(second), not(owns(first)));
        pub(super) panics(article: &u64) = check(|article| owner(*article).parse::<u8>().unwrap() > 0);
        pub(super) mine(article: &u64) = all(owns(article), not(blocked(article)));
        pub(super) blocked(id: &u64) = check(|id| *id == 7);
    }
}

use access::{adult, broken, not_adult, owns, panics, polite_adult, publishes, swapped, waits};

#[get("/articles/{id}")]
#[requires(owns(id))]
async fn read(id: web::Path<u64>) -> String {
    format!("read {id}")
}

#[post("/articles/{id}")]
#[requires(publishes(id, draft))]
async fn publish(id: web::Path<u64>, web::Json(draft): web::Json<Draft>) -> String {
    format!("{id} {}", draft.text)
}

/// The body is of somebody else's article.
#[post("/adopt/{id}")]
#[requires(all(owns(id), not(access::owns(author))))]
async fn adopt(id: web::Path<u64>, author: web::Json<u64>) -> String {
    format!("{id} {author}")
}

#[post("/swapped/{one}")]
#[requires(any(swapped(one, two), role("editor")))]
async fn swap(one: web::Path<u64>, two: web::Json<u64>) -> String {
    format!("{one} {two}")
}

#[post("/adults")]
#[requires(adult)]
async fn adults(body: web::Json<u64>) -> String {
    body.to_string()
}

#[post("/children")]
#[requires(not_adult)]
async fn children(body: web::Json<u64>) -> String {
    body.to_string()
}

#[post("/polite")]
#[requires(polite_adult)]
async fn polite_adults(may: Authorized<polite_adult>, body: web::Json<u64>) -> String {
    format!("{} {body}", may.principal().subject())
}

/// A check of the handler's own is left when the proof is given.
#[post("/proof/{id}")]
#[requires(all(polite_adult, owns(id)))]
async fn proof(may: Authorized<polite_adult>, id: web::Path<u64>) -> String {
    format!("{} {id}", may.principal().subject())
}

#[get("/broken")]
#[requires(broken)]
async fn on_broken(may: Authorized<broken>) -> String {
    may.principal().subject().to_owned()
}

#[get("/not-broken/{id}")]
#[requires(any(not(broken), panics(id)))]
async fn not_broken(id: web::Path<u64>) -> String {
    id.to_string()
}

#[get("/waits/{id}")]
#[requires(waits(id))]
async fn on_waits(id: web::Path<u64>) -> String {
    id.to_string()
}

#[get("/hidden/{id}")]
#[requires(owns(id), hide)]
async fn hidden(id: web::Path<u64>) -> String {
    id.to_string()
}

/// Written by hand: asks for what it has not.
enum ByHand {}

impl auth_runtime::NamedRequirement for ByHand {
    const NAME: &'static str = "ByHand";
    const REQUIREMENT: Requirement = Requirement::policy("p", 0);
}

requirement! {
    mixed = any(ByHand, policy(says_please));
    fresh = max_age("5m");
}

static SEEN: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

/// The check runs before the decision is made.
#[post("/mixed")]
#[requires(all(mixed, check(|may: &Authorized<mixed>| {
    SEEN.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    may.principal().subject() == "ada"
})))]
async fn on_mixed(may: Authorized<mixed>) -> String {
    may.principal().subject().to_owned()
}

/// What it asks for has the number of a question of its neighbour's.
#[post("/by-hand")]
#[requires(all(ByHand, access::polite, check(|may: &Authorized<ByHand>| {
    SEEN.fetch_add(100, std::sync::atomic::Ordering::SeqCst);
    may.principal().subject() == "ada"
})))]
async fn on_by_hand(may: Authorized<ByHand>) -> String {
    may.principal().subject().to_owned()
}

#[get("/fresh")]
#[requires(fresh)]
async fn on_fresh(may: Authorized<fresh>) -> String {
    may.principal().subject().to_owned()
}

#[get("/fresh/{id}")]
#[requires(all(fresh, owns(id)))]
async fn on_fresh_too(may: Authorized<fresh>, id: web::Path<u64>) -> String {
    format!("{} {id}", may.principal().subject())
}

struct Number(u64);

impl AsRef<u64> for Number {
    fn as_ref(&self) -> &u64 {
        &self.0
    }
}

impl FromRequest for Number {
    type Error = actix_web::Error;
    type Future = std::future::Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        let number = request.match_info().query("id").parse().unwrap_or(99);
        std::future::ready(Ok(Self(number)))
    }
}

/// Of a generic argument.
#[requires(all(access::owns_any(id), not(role("guest"))))]
async fn generic<T, O>(id: T, other: O) -> String
where
    T: FromRequest + AsRef<u64> + 'static,
    O: FromRequest + 'static,
{
    drop(other);
    id.as_ref().to_string()
}

/// A name of its own that hides nothing: `id` here is another one than the requirement's.
macro_rules! guarded {
    ($name:ident, $path:literal, $argument:ident, $requirement:path) => {
        #[get($path)]
        #[requires(all($requirement, owns($argument)))]
        async fn $name($argument: web::Path<u64>) -> String {
            let id = $argument.to_string();
            id
        }
    };
}
guarded!(written, "/written/{id}", id, access::adult);

#[requires(owns(id))]
mod inside {
    use super::*;

    #[get("/inside/{id}")]
    #[requires(waits(id))]
    pub(super) async fn one(id: web::Path<u64>) -> String {
        id.to_string()
    }
}

struct Controller;

#[requires(owns(id))]
impl Controller {
    async fn show(id: web::Path<u64>) -> String {
        id.to_string()
    }
}

/// An argument that is called as the caller is in checks; there it is the caller nonetheless.
#[get("/shadow/{user}")]
#[requires(owns(user))]
async fn shadow(user: web::Path<u64>) -> String {
    user.to_string()
}

#[deny_by_default(requires(owns(id)))]
mod denied {
    use super::*;

    #[get("/denied/{id}")]
    pub(super) async fn by_default(id: web::Path<u64>) -> String {
        id.to_string()
    }
}

macro_rules! captured {
    ($name:ident, $path:path, $requirement:path, $handler:ident) => {
        requirement! {
            $name = $path;
        }

        #[get("/captured/{id}")]
        #[requires(all($name, $requirement(id)))]
        async fn $handler(id: web::Path<u64>) -> String {
            id.to_string()
        }
    };
}
captured!(captured_name, access::adult, access::owns, captured);

#[get("/mine/{id}")]
#[requires(access::mine(id))]
async fn mine(id: web::Path<u64>) -> String {
    id.to_string()
}

async fn ask(token: &str, request: TestRequest) -> (StatusCode, String) {
    let auth = Auth::builder()
        .realm("test")
        .scheme(Bearer::new(|token: Secret<'static>| async move {
            let principal = match token.expose() {
                "ada" => Principal::new("ada")
                    .with_authenticated_at(std::time::SystemTime::now())
                    .scope("publish")
                    .with(Person { age: 36 }),
                "bob" => Principal::new("bob").with(Person { age: 7 }),
                "admin" => Principal::new("root").role("admin").scope("publish"),
                "editor" => Principal::new("eve").role("editor"),
                _ => return None,
            };
            Some(principal)
        }))
        .build()
        .unwrap();
    let app = test::init_service(
        App::new()
            .app_data(auth)
            .service((
                read,
                publish,
                adopt,
                swap,
                adults,
                children,
                polite_adults,
                proof,
            ))
            .service((
                on_broken,
                not_broken,
                on_waits,
                hidden,
                written,
                inside::one,
                mine,
            ))
            .service((shadow, denied::by_default, captured))
            .service((on_mixed, on_by_hand, on_fresh, on_fresh_too))
            .route("/generic/{id}", web::get().to(generic::<Number, String>))
            .route("/controller/{id}", web::get().to(Controller::show)),
    )
    .await;
    let mut request = request;
    if !token.is_empty() {
        request = request.insert_header(("authorization", format!("Bearer {token}")));
    }
    let response = test::call_service(&app, request.to_request()).await;
    let status = response.status();
    let body = test::read_body(response).await;
    (status, String::from_utf8(body.to_vec()).unwrap())
}

async fn get(token: &str, path: &str) -> u16 {
    ask(token, TestRequest::get().uri(path)).await.0.as_u16()
}

fn json(path: &str, body: &'static str) -> TestRequest {
    TestRequest::post()
        .uri(path)
        .insert_header(("content-type", "application/json"))
        .set_payload(body)
}

async fn post(token: &str, path: &str, body: &'static str) -> u16 {
    ask(token, json(path, body)).await.0.as_u16()
}

async fn please(token: &str, path: &str, body: &'static str) -> u16 {
    let request = json(path, body).insert_header(("please", "1"));
    ask(token, request).await.0.as_u16()
}

#[actix_web::test]
async fn a_named_requirement_asks_with_the_arguments_that_its_use_names() {
    assert_eq!(get("", "/articles/1").await, 401);
    assert_eq!(get("ada", "/articles/1").await, 200);
    assert_eq!(get("ada", "/articles/11").await, 403);
    assert_eq!(get("bob", "/articles/11").await, 200);
    assert_eq!(get("admin", "/articles/11").await, 200);
    assert_eq!(get("bob", "/written/11").await, 403);
    assert_eq!(get("ada", "/written/11").await, 403);
    assert_eq!(get("ada", "/written/1").await, 200);
    assert_eq!(get("ada", "/generic/1").await, 200);
    assert_eq!(get("ada", "/generic/11").await, 403);
    assert_eq!(get("ada", "/controller/1").await, 200);
    assert_eq!(get("ada", "/controller/11").await, 403);
    assert_eq!(get("ada", "/inside/1").await, 200);
    assert_eq!(get("ada", "/inside/11").await, 403);
    assert_eq!(get("admin", "/inside/1").await, 403);
    for path in ["/shadow", "/denied", "/captured"] {
        assert_eq!(get("ada", &format!("{path}/1")).await, 200, "{path}");
        assert_eq!(get("ada", &format!("{path}/11")).await, 403, "{path}");
        assert_ne!(get("admin", &format!("{path}/11")).await, 403, "{path}");
    }
    assert_eq!(get("bob", "/captured/11").await, 403);
    assert_eq!(get("admin", "/captured/11").await, 500);
}

#[actix_web::test]
async fn each_use_asks_with_its_own_arguments() {
    // Owns the one and not the other; never the other way round.
    assert_eq!(post("ada", "/adopt/1", "11").await, 200);
    assert_eq!(post("ada", "/adopt/1", "2").await, 403);
    assert_eq!(post("ada", "/adopt/11", "1").await, 403);
    assert_eq!(post("ada", "/adopt/11", "12").await, 403);
    assert_eq!(post("ada", "/swapped/11", "1").await, 200);
    assert_eq!(post("ada", "/swapped/1", "11").await, 403);
    assert_eq!(post("ada", "/swapped/1", "1").await, 403);
    assert_eq!(post("editor", "/swapped/1", "1").await, 200);
}

#[actix_web::test]
async fn a_named_requirement_in_a_named_requirement_is_given_its_arguments() {
    let body = r#"{"text": "news"}"#;
    let empty = r#"{"text": ""}"#;
    assert_eq!(please("ada", "/articles/1", body).await, 200);
    assert_eq!(please("ada", "/articles/1", empty).await, 403);
    assert_eq!(please("ada", "/articles/11", body).await, 403);
    assert_eq!(post("ada", "/articles/1", body).await, 403);
    assert_eq!(please("bob", "/articles/11", body).await, 403);
    assert_eq!(please("admin", "/articles/11", body).await, 200);
    assert_eq!(please("admin", "/articles/11", empty).await, 403);
    assert_eq!(get("ada", "/mine/1").await, 200);
    assert_eq!(get("ada", "/mine/7").await, 403);
    assert_eq!(get("admin", "/mine/7").await, 403);
    assert_eq!(get("admin", "/mine/11").await, 200);
}

#[actix_web::test]
async fn what_can_be_decided_before_the_body_is() {
    // Without the scope, or the policy's leave, the body is not even looked at.
    assert_eq!(please("bob", "/articles/11", "no json").await, 403);
    assert_eq!(post("ada", "/articles/1", "no json").await, 403);
    assert_eq!(please("ada", "/articles/1", "no json").await, 400);
    // A check of the caller alone needs no argument, and so no body.
    assert_eq!(post("bob", "/adults", "no json").await, 403);
    assert_eq!(post("ada", "/adults", "no json").await, 400);
    assert_eq!(post("ada", "/adults", "1").await, 200);
    assert_eq!(post("ada", "/children", "no json").await, 403);
    assert_eq!(post("bob", "/children", "1").await, 200);
    assert_eq!(post("editor", "/swapped/1", "no json").await, 400);
}

#[actix_web::test]
async fn a_value_that_nobody_attached_decides_nothing() {
    // Under `not(..)` neither.
    assert_eq!(post("admin", "/adults", "1").await, 500);
    assert_eq!(post("admin", "/children", "1").await, 500);
}

#[actix_web::test]
async fn what_cannot_answer_grants_nothing() {
    // The policy breaks; the check of the caller decides nonetheless.
    assert_eq!(get("ada", "/broken").await, 200);
    assert_eq!(get("bob", "/broken").await, 500);
    assert_eq!(get("bob", "/not-broken/1").await, 500);
    assert_eq!(get("ada", "/not-broken/1").await, 500);
    assert_eq!(get("ada", "/waits/1").await, 200);
    assert_eq!(get("ada", "/waits/11").await, 403);
    assert_eq!(get("bob", "/waits/13").await, 500);
}

#[actix_web::test]
async fn a_hidden_handler_hides_what_its_named_requirement_refuses() {
    assert_eq!(get("", "/hidden/1").await, 404);
    assert_eq!(get("ada", "/hidden/11").await, 404);
    assert_eq!(get("ada", "/hidden/eleven").await, 404);
    assert_eq!(get("ada", "/hidden/1").await, 200);
}

#[actix_web::test]
async fn a_requirement_that_asked_its_policies_gives_the_proof() {
    assert_eq!(please("ada", "/polite", "1").await, 200);
    assert_eq!(post("ada", "/polite", "1").await, 403);
    assert_eq!(please("bob", "/polite", "1").await, 403);
    let request = |path| json(path, "").insert_header(("please", "1"));
    let (status, body) = ask("ada", request("/proof/1")).await;
    assert_eq!((status.as_u16(), body.as_str()), (200, "ada 1"));
    assert_eq!(ask("ada", request("/proof/11")).await.0.as_u16(), 403);
    assert_eq!(ask("bob", request("/proof/11")).await.0.as_u16(), 403);
}

#[actix_web::test]
async fn a_requirement_that_could_not_be_decided_gives_no_proof() {
    let seen = || SEEN.load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!(post("ada", "/mixed", "").await, 500);
    assert_eq!(seen(), 0);
    assert_eq!(please("ada", "/mixed", "").await, 200);
    assert_eq!(seen(), 1);
    assert_eq!(please("bob", "/mixed", "").await, 403);
    assert_eq!(seen(), 2);
    assert_eq!(please("ada", "/by-hand", "").await, 500);
    assert_eq!(seen(), 2);
}

#[actix_web::test]
async fn a_requirement_that_depends_on_the_time_gives_the_proof() {
    assert_eq!(get("ada", "/fresh").await, 200);
    assert_eq!(get("bob", "/fresh").await, 401);
    assert_eq!(get("ada", "/fresh/1").await, 200);
    assert_eq!(get("ada", "/fresh/11").await, 403);
}

fn record(name: &str) -> &'static HandlerRecord {
    let suffix = format!("parameters::{name}");
    let mut found = records()
        .iter()
        .filter(|record| record.handler.path.ends_with(&suffix));
    found
        .next()
        .unwrap_or_else(|| panic!("no handler `{name}`"))
}

fn requires(name: &str) -> String {
    match record(name).access {
        Access::Requires(requirement) => requirement.to_string(),
        access => access.to_string(),
    }
}

#[::core::prelude::v1::test]
fn a_reviewer_sees_what_a_name_stands_for_and_what_it_is_given() {
    assert_eq!(
        requires("read"),
        r#"any(role("admin"), check(|user, article| .. in owns(id)))"#
    );
    assert_eq!(
        requires("publish"),
        "all(scope(\"publish\"), \
         any(role(\"admin\"), check(|user, article| .. in owns(article) in publishes(id, draft))), \
         policy(says_please), check(|draft| .. in publishes(id, draft)))"
    );
    assert_eq!(requires("adults"), "check(|user| .. in adult)");
    let record = record("adopt");
    let lock = AccessLock::of(&AccessMatrix::of_records([record]));
    assert_eq!(AccessLock::parse(&lock.to_string()), Ok(lock.clone()));
    let closure = r#""|user: &Principal, article: &u64| user.subject() == owner(*article)""#;
    let line = format!(
        r#"all(any(role("admin"), check({closure} in owns(id))), not(any(role("admin"), check({closure} in owns(author)))))"#
    );
    assert!(lock.to_string().contains(&line), "{lock}");
}

#[::core::prelude::v1::test]
fn another_argument_is_another_access_for_the_reviewer() {
    let of = |arguments| {
        let part = match record("read").access {
            Access::Requires(Requirement::Named(part)) => part,
            access => panic!("{access:?}"),
        };
        let part = auth_runtime::model::NamedPart { arguments, ..part };
        let access = Access::requires(Requirement::named(part));
        let record = Box::leak(Box::new(HandlerRecord::new(record("read").handler, access)));
        AccessLock::of(&AccessMatrix::of_records([&*record]))
    };
    let diff = of("id").diff(&of("author")).to_string();
    assert!(diff.starts_with("widened and narrowed"), "{diff}");
}

#[::core::prelude::v1::test]
fn a_name_that_asks_nothing_is_what_it_stands_for() {
    mod plain {
        use auth_runtime::prelude::*;
        requirement! {
            pub(super) editors = any(role("editor"), role("admin"));
            pub(super) both = all(editors, scope("x"));
        }
    }
    let expected = r#"all(any(role("editor"), role("admin")), scope("x"))"#;
    assert_eq!(plain::both::REQUIREMENT.to_string(), expected);
    assert!(matches!(
        plain::both::REQUIREMENT,
        Requirement::All([Requirement::Any(_), _])
    ));
    assert!(matches!(adult::REQUIREMENT, Requirement::Policy(id) if id.is_check));
}
