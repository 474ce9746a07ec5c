//! On handlers of every shape.

use std::fmt::Display;
use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::error::ErrorBadRequest;
use actix_web::http::StatusCode;
use actix_web::{
    CustomizeResponder, Either, Error, FromRequest, HttpRequest, HttpResponse, Responder, get,
    post, web,
};
use auth_runtime::__private::Guarded;
use auth_runtime::prelude::*;
use bytes::Bytes;
use futures_util::stream;
use serde::Deserialize;

use super::assert_guards;
use crate::support::principals::token;
use crate::support::{app, auth, calls, get, send};

/// An extractor that works for every type, and that counts.
struct Of<T>(PhantomData<T>);

impl<T: 'static> FromRequest for Of<T> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(PhantomData)))
    }
}

trait Named: 'static {
    fn name(&self) -> String;
}

impl<T: 'static> Named for Of<T> {
    fn name(&self) -> String {
        std::any::type_name::<T>().to_owned()
    }
}

#[requires_role("admin")]
async fn generic<T: 'static>(_: Of<T>) -> String {
    calls::count();
    std::any::type_name::<T>().to_owned()
}

#[requires_role("admin")]
async fn with_where<T, U>(value: Of<T>, _: Of<U>) -> String
where
    T: Default + Display + 'static,
    U: 'static,
    Of<T>: Named,
{
    calls::count();
    format!("{} {}", T::default(), value.name())
}

#[requires_role("admin")]
async fn constant<const N: usize>() -> String {
    calls::count();
    N.to_string()
}

#[requires_role("admin")]
async fn impl_argument(_: impl Named + FromRequest) -> &'static str {
    calls::count();
    "impl"
}

#[requires_role("admin")]
async fn lifetimes<'a>(_: Of<&'a str>) -> &'a str
where
    'a: 'static,
{
    calls::count();
    "lifetimes"
}

macro_rules! handler {
    ($name:ident, $path:literal, $role:literal, |$argument:ident: $type:ty| $body:expr) => {
        #[get($path)]
        #[requires_role($role)]
        async fn $name($argument: $type) -> impl Responder {
            calls::count();
            $body
        }
    };
}
handler!(by_macro, "/by-macro", "admin", |request: HttpRequest| {
    request.path().to_owned()
});

#[get("/by-cfg-attr")]
#[cfg_attr(all(), requires_role("admin"))]
async fn by_cfg_attr() -> &'static str {
    calls::count();
    "cfg_attr"
}

#[cfg_attr(all(), requires_role("admin"))]
#[get("/by-cfg-attr-above")]
async fn by_cfg_attr_above() -> &'static str {
    calls::count();
    "cfg_attr"
}

#[cfg_attr(all(), get("/all-by-cfg-attr"), requires_role("admin"))]
async fn all_by_cfg_attr() -> &'static str {
    calls::count();
    "cfg_attr"
}

#[get("/fallible")]
#[requires_role("admin")]
async fn fallible() -> Result<HttpResponse, Error> {
    let fine = async { Ok::<_, Error>(1) };
    let number = fine.await?;
    if number > 1 {
        return Err(ErrorBadRequest("too many"));
    }
    calls::count();
    Ok(HttpResponse::Ok().finish())
}

#[get("/status")]
#[requires_role("admin")]
async fn tuple() -> (&'static str, StatusCode) {
    calls::count();
    ("accepted", StatusCode::ACCEPTED)
}

#[get("/stream")]
#[requires_role("admin")]
async fn streamed() -> HttpResponse {
    calls::count();
    let chunks = ["a", "b"].map(|chunk| Ok::<_, Error>(Bytes::from_static(chunk.as_bytes())));
    HttpResponse::Ok().streaming(stream::iter(chunks))
}

#[get("/either")]
#[requires_role("admin")]
async fn either() -> Either<&'static str, CustomizeResponder<String>> {
    calls::count();
    Either::Right(String::from("either").customize())
}

#[derive(Deserialize)]
struct Page {
    number: u8,
}

#[get("/destructured/{first}/{second}")]
#[requires_role("admin")]
async fn destructured(
    path: web::Path<(u8, String)>,
    web::Query(Page { number, .. }): web::Query<Page>,
    mut headers: Of<u8>,
    _: HttpRequest,
) -> String {
    calls::count();
    let first_headers = std::mem::replace(&mut headers, Of(PhantomData)).name();
    let (first, second) = path.into_inner();
    format!(
        "{first} {second} {number} {} {}",
        first_headers == headers.name(),
        headers.name()
    )
}

#[get("/sixteen")]
#[requires_role("admin")]
#[allow(clippy::too_many_arguments)]
async fn sixteen(
    a: Of<u8>,
    _: Of<u8>,
    _: Of<u8>,
    _: Of<u8>,
    _: Of<u8>,
    _: Of<u8>,
    _: Of<u8>,
    _: Of<u8>,
    _: Of<u8>,
    _: Of<u8>,
    _: Of<u8>,
    _: Of<u8>,
    _: Of<u8>,
    _: Of<u8>,
    _: Of<u8>,
    p: Of<u16>,
) -> String {
    calls::count();
    format!("{} {}", a.name(), p.name())
}

#[post("/blocks")]
#[requires_role("admin")]
async fn blocks(body: String) -> Result<String, Error> {
    let length = async {
        let text = std::str::from_utf8(body.as_bytes()).map_err(ErrorBadRequest)?;
        if text.is_empty() {
            return Ok::<_, Error>(0);
        }
        Ok(text.len())
    };
    calls::count();
    let twice = |number: usize| -> Option<usize> { number.checked_mul(2) };
    Ok(format!("{}", twice(length.await?).unwrap_or_default()))
}

/// Names that the expansion could trip over.
#[get("/shadowed/{args}")]
#[requires_role("admin")]
async fn shadowed(args: web::Path<String>) -> impl Responder {
    #[allow(dead_code)]
    struct Principal;
    #[allow(dead_code)]
    enum Requirement {
        None,
    }
    calls::count();
    args.into_inner()
}

#[get("/r-sharp")]
#[requires_role("admin")]
async fn r#match() -> &'static str {
    calls::count();
    "match"
}

/// Two attributes of different kinds: both must hold.
#[get("/both")]
#[requires_role("admin")]
#[requires_scope("files:write")]
async fn both() -> &'static str {
    calls::count();
    "both"
}

fn made() -> impl Fn() -> Ready<&'static str> + Clone {
    || ready("open")
}

#[actix_web::test]
async fn generic_handlers_are_guarded() {
    let app = app!(
        auth() =>
            web::resource("/generic").to(generic::<String>),
            web::resource("/other").to(generic::<u64>),
            web::resource("/where").to(with_where::<u32, i8>),
            web::resource("/constant").to(constant::<7>),
            web::resource("/impl").to(|guarded: Guarded<_, (Of<u8>,)>| impl_argument(guarded)),
            web::resource("/lifetimes").to(lifetimes),
            web::resource("/control").to(made()),
    );
    for path in [
        "/generic",
        "/other",
        "/where",
        "/constant",
        "/impl",
        "/lifetimes",
    ] {
        assert_guards!(app, get path);
    }
    let who = || get("/where").insert_header(token("admin"));
    assert_eq!(send(&app, who().to_request()).await.text(), "0 u32");
    let open = send(&app, get("/control").to_request()).await;
    assert_eq!(open.status, 200, "the control is not guarded");
}

#[actix_web::test]
async fn handlers_by_macros_and_cfg_attr_are_guarded() {
    let app = app!(auth() => by_macro, by_cfg_attr, by_cfg_attr_above, all_by_cfg_attr);
    for path in [
        "/by-macro",
        "/by-cfg-attr",
        "/by-cfg-attr-above",
        "/all-by-cfg-attr",
    ] {
        assert_guards!(app, get path);
    }
}

#[actix_web::test]
async fn whatever_a_handler_returns_it_is_guarded() {
    let app = app!(auth() => fallible, tuple, streamed, either);
    for path in ["/fallible", "/status", "/stream", "/either"] {
        assert_guards!(app, get path);
    }
    let answer = send(
        &app,
        get("/stream").insert_header(token("admin")).to_request(),
    )
    .await;
    assert_eq!(answer.text(), "ab");
    let answer = send(
        &app,
        get("/status").insert_header(token("admin")).to_request(),
    )
    .await;
    assert_eq!((answer.status.as_u16(), answer.text()), (202, "accepted"));
}

#[actix_web::test]
async fn whatever_a_handler_takes_it_is_guarded() {
    let app = app!(auth() => destructured, sixteen, blocks, shadowed, r#match, both);
    for path in [
        "/destructured/1/b?number=3",
        "/sixteen",
        "/shadowed/x",
        "/r-sharp",
        "/both",
    ] {
        assert_guards!(app, get path);
    }
    assert_guards!(app, post "/blocks");
    let request = get("/destructured/1/b?number=3").insert_header(token("admin"));
    assert_eq!(
        send(&app, request.to_request()).await.text(),
        "1 b 3 true u8"
    );
    let request = get("/sixteen").insert_header(token("admin"));
    assert_eq!(send(&app, request.to_request()).await.text(), "u8 u16");
}
