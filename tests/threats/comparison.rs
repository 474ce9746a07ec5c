//! Comparison: names are the same bytes or they are not the same.

use actix_web::get;
use auth_runtime::prelude::*;

use crate::support::principals::token;
use crate::support::{app, bearer, calls, get, send};

#[get("/role")]
#[requires_role("admin")]
async fn by_role() -> &'static str {
    calls::count();
    "role"
}

#[get("/not-role")]
#[requires(not(role("banned")))]
async fn by_absence() -> &'static str {
    calls::count();
    "not role"
}

#[get("/scope")]
#[requires_scope("read")]
async fn by_scope() -> &'static str {
    calls::count();
    "scope"
}

#[get("/permission")]
#[requires_permission("articles:edit")]
async fn by_permission() -> &'static str {
    calls::count();
    "permission"
}

#[get("/unicode")]
#[requires_role("café")]
async fn by_unicode() -> &'static str {
    calls::count();
    "unicode"
}

/// An app whose one caller is this.
macro_rules! app_of {
    ($principal:expr) => {{
        let principal: Principal = $principal;
        let scheme = Bearer::sync(move |_: Secret<'_>| Some(principal.clone()));
        let auth = bearer(scheme).build().unwrap();
        app!(auth => by_role, by_absence, by_scope, by_permission, by_unicode)
    }};
}

macro_rules! assert_status {
    ($principal:expr, $path:expr, $status:expr) => {{
        let app = app_of!($principal);
        let answer = send(&app, get($path).insert_header(token("x")).to_request()).await;
        if $status == 200 {
            answer.assert_granted();
        } else {
            answer.assert_refused($status);
        }
    }};
}

/// What is not `name`, however near it looks.
fn near(name: &str) -> Vec<String> {
    let upper = name.to_uppercase();
    let mut title = name.to_owned();
    title[..1].make_ascii_uppercase();
    let wide: String = name
        .chars()
        .map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c))
        .collect();
    let mut near = vec![
        upper,
        title,
        wide,
        name.replace('i', "\u{131}"),
        name.replace('i', "\u{130}"),
        name.replace('a', "\u{430}"),
        name[..name.len() - 1].to_owned(),
        name.chars().rev().collect(),
    ];
    for addition in [
        " ", "\t", "\0", "\n", "2", "s", "*", ",", "\u{200b}", "\u{feff}", "\u{301}",
    ] {
        near.push(format!("{name}{addition}"));
        near.push(format!("{addition}{name}"));
    }
    near.push(format!("ROLE_{name}"));
    near.push(format!("role:{name}"));
    near.push(format!("{name},user"));
    near.push(format!("{name} user"));
    near.retain(|other| other != name);
    near
}

#[actix_web::test]
async fn roles_are_compared_byte_by_byte() {
    assert_status!(Principal::new("p").role("admin"), "/role", 200);
    for other in near("admin") {
        assert_status!(Principal::new("p").role(other.clone()), "/role", 403);
    }
    assert_status!(Principal::new("p").roles(near("admin")), "/role", 403);
}

#[actix_web::test]
async fn an_exclusion_is_compared_byte_by_byte() {
    assert_status!(Principal::new("p").role("banned"), "/not-role", 403);
    assert_status!(Principal::new("p").role("Banned"), "/not-role", 200);
    assert_status!(
        Principal::new("p").role("x").role("banned"),
        "/not-role",
        403
    );
}

#[actix_web::test]
async fn bearer_16_scopes_are_compared_as_whole_tokens() {
    assert_status!(
        Principal::new("p").scopes("write read".split(' ')),
        "/scope",
        200
    );
    for other in near("read")
        .into_iter()
        .chain(["readonly".into(), "read:all".into()])
    {
        assert_status!(Principal::new("p").scope(other), "/scope", 403);
    }
    for joined in ["read write", "write read", "read\twrite", "read\u{a0}write"] {
        assert_status!(Principal::new("p").scope(joined), "/scope", 403);
    }
}

#[actix_web::test]
async fn permissions_are_compared_by_whole_parts() {
    assert_status!(
        Principal::new("p").permission("articles:edit"),
        "/permission",
        200
    );
    assert_status!(Principal::new("p").grant("articles:*"), "/permission", 200);
    assert_status!(Principal::new("p").grant("*:edit"), "/permission", 200);
    let mut others = near("articles:edit");
    for other in [
        "articles",
        "articles:",
        ":edit",
        "articles:*",
        "*",
        "*:*",
        "articles:edit:own",
    ] {
        others.push(other.into());
    }
    for other in others {
        assert_status!(Principal::new("p").permission(other), "/permission", 403);
    }
    for pattern in [
        "articles",
        "article*:edit",
        "articles:e*",
        "**",
        "articles:*:own",
        "",
        ":*",
        "*:*:*",
    ] {
        assert_status!(Principal::new("p").grant(pattern), "/permission", 403);
    }
}

#[actix_web::test]
async fn one_kind_of_name_does_not_stand_for_another() {
    let mixed = || {
        Principal::new("admin")
            .scope("admin")
            .permission("admin")
            .grant("*")
            .claim("role", "admin")
            .claim("roles", vec!["admin"])
    };
    assert_status!(mixed(), "/role", 403);
    assert_status!(
        Principal::new("read").role("read").permission("read"),
        "/scope",
        403
    );
    let named = Principal::new("p")
        .role("articles:edit")
        .scope("articles:edit");
    assert_status!(named, "/permission", 403);
}

#[actix_web::test]
async fn composed_and_decomposed_letters_are_different_names() {
    assert_status!(Principal::new("p").role("caf\u{e9}"), "/unicode", 200);
    assert_status!(Principal::new("p").role("cafe\u{301}"), "/unicode", 403);
    assert_status!(Principal::new("p").role("cafe"), "/unicode", 403);
    assert_status!(Principal::new("p").role("CAF\u{c9}"), "/unicode", 403);
}
