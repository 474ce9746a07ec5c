//! What one attribute takes, without a compiler: 1,000 handlers of a few kinds, expanded in turn.
//!
//! The sources of the macro crate are built into this program, optimised as it is, on the tokens
//! that `proc-macro2` makes where there is no compiler. What is not measured is the compiler's
//! part: handing the tokens over, and what it then does with the expansion.

// The macro crate's own lints hold there; here parts of it have no use.
#![allow(dead_code, unreachable_pub, unused_imports, clippy::pedantic)]

extern crate proc_macro;

#[path = "../../auth-macros/src"]
mod macros {
    pub(crate) mod annotation;
    pub(crate) mod arguments;
    pub(crate) mod checks;
    pub(crate) mod deny;
    pub(crate) mod diagnostics;
    pub(crate) mod expand;
    pub(crate) mod expression;
    pub(crate) mod named;
    pub(crate) mod role;
    pub(crate) mod routes;
    pub(crate) mod rule;
    pub(crate) mod runtime_path;
    pub(crate) mod surroundings;
    pub(crate) mod target;
    pub(crate) mod validate;
}

// Their paths begin with `crate`.
use macros::{
    annotation, arguments, checks, deny, diagnostics, expand, expression, named, role, routes,
    rule, runtime_path, surroundings, target, validate,
};
use std::time::{Duration, Instant};

use annotation::Kind;
use proc_macro2::TokenStream;

const HANDLERS: usize = 1_000;
const RUNS: usize = 21;

/// The attributes of `compile_time.py`, in equal parts, and its two handlers.
fn handler(index: usize) -> (Kind, TokenStream, TokenStream) {
    let (kind, arguments) = match index / 2 % 4 {
        0 => (Kind::RequiresRole, r#""admin""#),
        1 => (
            Kind::RequiresScope,
            r#"any("articles:read", "articles:write")"#,
        ),
        2 => (
            Kind::Requires,
            r#"all(role("editor"), any(scope("articles:write"), permission("articles:edit")))"#,
        ),
        _ => (Kind::RequiresAuth, ""),
    };
    let item = if index % 2 == 0 {
        format!(
            r#"pub async fn read_{index}(id: web::Path<u64>, query: web::Query<Article>) -> impl Responder {{
                let id = id.into_inner();
                if id == {index} {{
                    return HttpResponse::NotFound().finish();
                }}
                HttpResponse::Ok().json(query.into_inner())
            }}"#
        )
    } else {
        format!(
            r#"pub async fn write_{index}(
                id: web::Path<u64>,
                article: web::Json<Article>,
            ) -> Result<HttpResponse, actix_web::Error> {{
                if article.title.is_empty() {{
                    return Err(actix_web::error::ErrorBadRequest("no title"));
                }}
                Ok(HttpResponse::Created().body(format!("{{}} of {{id}}", article.body)))
            }}"#
        )
    };
    let item = format!("#[get(\"/articles/{index}/{{id}}\")] {item}");
    let tokens = |text: &str| text.parse().expect("these are tokens");
    (kind, tokens(arguments), tokens(&item))
}

fn main() {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let handlers: Vec<_> = (0..HANDLERS).map(handler).collect();
            let start = Instant::now();
            for (kind, arguments, item) in handlers {
                let expanded = expand::attribute(kind, arguments, item);
                assert!(!std::hint::black_box(expanded).is_empty());
            }
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    let each = |time: Duration| time.as_secs_f64() * 1e6 / HANDLERS as f64;
    println!(
        "one handler of {HANDLERS}, of {RUNS} runs: the fastest {:.1} µs, the median {:.1} µs",
        each(times[0]),
        each(times[RUNS / 2])
    );
}
