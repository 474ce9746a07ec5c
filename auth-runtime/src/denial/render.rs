//! Bodies of denials.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::body::BoxBody;
use actix_web::dev::RequestHead;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Bytes;

use super::Denial;
use crate::model::containment::contained;

/// Writes the body of a denial, and headers of the app's own.
///
/// The status, `WWW-Authenticate`, `Retry-After` and `Cache-Control: no-store` are set afterwards
/// whatever a renderer does: a 401 keeps its challenges, and nothing turns it into a 200.
///
/// ```
/// use actix_web::{HttpResponse, dev::RequestHead};
/// use auth_runtime::{Auth, Bearer, Denial, Principal, Secret};
///
/// let auth = Auth::builder()
///     .realm("articles")
///     .scheme(Bearer::sync(|_: Secret<'_>| None::<Principal>))
///     .renderer(|head: &RequestHead, denial: &Denial| {
///         HttpResponse::build(denial.status())
///             .json(serde_json::json!({ "code": denial.status().as_u16(), "path": head.uri.path() }))
///     })
///     .build()?;
/// # Ok::<(), auth_runtime::ConfigurationError>(())
/// ```
///
/// # Security
///
/// [`Denial::reason`] is for the log: it names roles and policies. Do not write it into a body
/// that a stranger can read.
pub trait RenderDenial: Send + Sync + 'static {
    /// The response to this denial, of which body and own headers are kept.
    fn render(&self, head: &RequestHead, denial: &Denial) -> HttpResponse;

    /// What renders the denials of this head without it, so that no copy of it has to be kept.
    #[doc(hidden)]
    fn without_head(&self, _: &RequestHead) -> Option<fn(&Denial) -> HttpResponse> {
        None
    }
}

impl<F> RenderDenial for F
where
    F: Fn(&RequestHead, &Denial) -> HttpResponse + Send + Sync + 'static,
{
    fn render(&self, head: &RequestHead, denial: &Denial) -> HttpResponse {
        self(head, denial)
    }
}

/// `application/problem+json` (RFC 9457): the default.
///
/// ```json
/// {"title":"Unauthorized","status":401,"detail":"The credentials have expired.","error":"invalid_token"}
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ProblemJson;

// Statics, because the characters of one made at each answer are checked at each answer.
static PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");
static JSON: HeaderValue = HeaderValue::from_static("application/json");
static HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
static TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
pub(super) static NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

pub(super) fn problem_json(denial: &Denial) -> HttpResponse {
    respond(denial.status(), &PROBLEM_JSON, denial.json())
}

/// `application/json`: `{"error":"The credentials have expired."}`.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainJson;

pub(super) fn plain_json(denial: &Denial) -> HttpResponse {
    let problem = denial.problem();
    let body = serde_json::json!({ "error": problem.detail }).to_string();
    respond(denial.status(), &JSON, body.into())
}

/// `text/html`: a small page without scripts, styles or links.
#[derive(Clone, Copy, Debug, Default)]
pub struct Html;

pub(super) fn html(denial: &Denial) -> HttpResponse {
    let problem = denial.problem();
    let (title, detail) = (escape(problem.title), escape(&problem.detail));
    let body = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <title>{status} {title}</title>\n<h1>{title}</h1>\n<p>{detail}</p>\n</html>\n",
        status = problem.status,
    );
    respond(denial.status(), &HTML, body.into())
}

/// `text/plain`: the status phrase and one sentence.
#[derive(Clone, Copy, Debug, Default)]
pub struct Text;

pub(super) fn text(denial: &Denial) -> HttpResponse {
    let problem = denial.problem();
    let body = format!("{}: {}\n", problem.title, problem.detail);
    respond(denial.status(), &TEXT, body.into())
}

macro_rules! without_head {
    ($($form:ident by $render:ident),*) => {$(
        impl RenderDenial for $form {
            fn render(&self, _: &RequestHead, denial: &Denial) -> HttpResponse {
                $render(denial)
            }

            fn without_head(&self, _: &RequestHead) -> Option<fn(&Denial) -> HttpResponse> {
                Some($render)
            }
        }
    )*};
}

without_head! { ProblemJson by problem_json, PlainJson by plain_json, Html by html, Text by text }

/// What gives a denial the look of its app.
pub(crate) enum Rendered {
    WithoutHead(fn(&Denial) -> HttpResponse),
    WithHead {
        renderer: Arc<dyn RenderDenial>,
        /// A copy: actix-web takes a request that is held elsewhere for its own and panics.
        head: Box<RequestHead>,
    },
}

impl Rendered {
    pub(crate) fn new(renderer: &Arc<dyn RenderDenial>, head: &RequestHead) -> Self {
        match renderer.without_head(head) {
            Some(render) => Self::WithoutHead(render),
            None => Self::WithHead {
                renderer: Arc::clone(renderer),
                head: Box::new(head.clone()),
            },
        }
    }

    /// Whether the app's own code renders it.
    pub(super) fn is_of_the_app(&self) -> bool {
        matches!(self, Self::WithHead { .. })
    }

    /// The response, of which body and own headers are kept.
    pub(super) fn render(&self, denial: &Denial) -> HttpResponse {
        match self {
            Self::WithoutHead(render) => render(denial),
            Self::WithHead { renderer, head } => {
                let render = || renderer.render(head, denial);
                contained(catch_unwind(AssertUnwindSafe(render))).unwrap_or_else(|| {
                    tracing::error!(target: "auth_runtime", "the renderer of denials panicked");
                    problem_json(denial)
                })
            }
        }
    }
}

fn respond(status: StatusCode, content_type: &HeaderValue, body: Bytes) -> HttpResponse {
    let mut response = HttpResponse::with_body(status, BoxBody::new(body));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type.clone());
    response
}

fn escape(text: &str) -> String {
    text.chars().fold(
        String::with_capacity(text.len()),
        |mut escaped, character| {
            match character {
                '&' => escaped.push_str("&amp;"),
                '<' => escaped.push_str("&lt;"),
                '>' => escaped.push_str("&gt;"),
                '"' => escaped.push_str("&quot;"),
                '\'' => escaped.push_str("&#39;"),
                other => escaped.push(other),
            }
            escaped
        },
    )
}

/// Writes the app's answer to an unknown path, which is also its answer for what it hides.
pub trait RenderNotFound: Send + Sync + 'static {
    /// The whole response.
    fn render(&self, head: &RequestHead) -> HttpResponse;

    /// What renders it without the head, so that no copy of it has to be kept.
    #[doc(hidden)]
    fn without_head(&self) -> Option<fn() -> HttpResponse> {
        None
    }
}

impl<F> RenderNotFound for F
where
    F: Fn(&RequestHead) -> HttpResponse + Send + Sync + 'static,
{
    fn render(&self, head: &RequestHead) -> HttpResponse {
        self(head)
    }
}

/// A problem document of status 404 that is not cached: a 404 is cacheable by default
/// (RFC 9110 §15.1), and a resource that is hidden now may be shown to the next client.
#[derive(Clone, Copy, Debug, Default)]
pub struct NotFoundProblem;

impl RenderNotFound for NotFoundProblem {
    fn render(&self, _: &RequestHead) -> HttpResponse {
        not_found_problem()
    }

    fn without_head(&self) -> Option<fn() -> HttpResponse> {
        Some(not_found_problem)
    }
}

fn not_found_problem() -> HttpResponse {
    let body = Bytes::from_static(b"{\"title\":\"Not Found\",\"status\":404}");
    let mut response = respond(StatusCode::NOT_FOUND, &PROBLEM_JSON, body);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, NO_STORE.clone());
    response
}

/// What an unknown path is answered with.
pub(crate) enum UnknownPath {
    WithoutHead(fn() -> HttpResponse),
    WithHead {
        service: Arc<dyn RenderNotFound>,
        head: Box<RequestHead>,
    },
}

impl UnknownPath {
    pub(crate) fn new(service: &Arc<dyn RenderNotFound>, head: &RequestHead) -> Self {
        match service.without_head() {
            Some(render) => Self::WithoutHead(render),
            None => Self::WithHead {
                service: Arc::clone(service),
                head: Box::new(head.clone()),
            },
        }
    }

    pub(super) fn render(&self) -> HttpResponse {
        match self {
            Self::WithoutHead(render) => render(),
            Self::WithHead { service, head } => render_not_found(service.as_ref(), head),
        }
    }
}

/// What an unknown path is answered with, from here and from the app's own default service: a
/// renderer that panics makes no difference between them either.
pub(crate) fn render_not_found(service: &dyn RenderNotFound, head: &RequestHead) -> HttpResponse {
    let render = || service.render(head);
    contained(catch_unwind(AssertUnwindSafe(render))).unwrap_or_else(|| {
        tracing::error!(target: "auth_runtime", "the renderer of unknown paths panicked");
        HttpResponse::NotFound().finish()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_escaped() {
        assert_eq!(
            escape("<a href=\"x\">'&'</a>"),
            "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;"
        );
    }
}
