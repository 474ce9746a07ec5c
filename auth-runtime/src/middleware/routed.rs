//! What actix-web matched for a request, proven from what actix-web itself recorded.

use std::hash::{BuildHasher as _, RandomState};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::guard::{self, Guard as _};
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode, Uri};

use crate::model::containment::contained;

/// What answered a request that no guard decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answerer {
    /// A resource: one of its handlers, its own default service, or a middleware around them.
    Resource,
    /// No resource was matched, and the answer has content or another status than 404: a default
    /// service or a middleware.
    DefaultService,
    /// No resource was matched, and the answer is an empty 404, as actix-web answers by itself.
    NoResource,
    /// actix-web's own 405.
    NoMethod,
}

/// A method that no client sends, different in each process.
///
/// actix-web's own 405 lists in `Allow` each method that a guard compared with the request's. The
/// list is private to actix-web, so that this name in it proves that no handler wrote the answer.
/// At most 15 bytes are kept without an allocation.
static WITNESS: LazyLock<Method> = LazyLock::new(|| {
    let random = RandomState::new().hash_one("witness") & 0x00ff_ffff_ffff_ffff;
    Method::from_bytes(format!("W{random:014x}").as_bytes()).unwrap_or_default()
});

/// Puts the witness into the list of the methods that were compared.
pub(crate) fn place_witness(request: &ServiceRequest) {
    let _ = guard::Method(WITNESS.clone()).check(&request.guard_ctx());
}

/// Takes the witness out of the answer; whether it was there.
pub(crate) fn remove_witness<B>(response: &mut ServiceResponse<B>) -> bool {
    let headers = response.headers_mut();
    let Some(allow) = headers.get(header::ALLOW).and_then(|it| it.to_str().ok()) else {
        return false;
    };
    let is_other = |method: &&str| *method != WITNESS.as_str();
    let methods: Vec<&str> = allow.split(',').map(str::trim).collect();
    let rest: Vec<&str> = methods.iter().copied().filter(is_other).collect();
    if rest.len() == methods.len() {
        return false;
    }
    match HeaderValue::try_from(rest.join(", ")) {
        Ok(allow) if !rest.is_empty() => headers.insert(header::ALLOW, allow),
        // Without a guard for a method, actix-web sends no `Allow`.
        _ => headers.remove(header::ALLOW),
    };
    true
}

/// Tells what answered; `had_witness` is what [`remove_witness`] said.
pub(crate) fn answerer<B: MessageBody>(
    response: ServiceResponse<B>,
    had_witness: bool,
) -> (ServiceResponse<B>, Answerer) {
    if had_witness {
        return (response, Answerer::NoMethod);
    }
    let (response, is_matched) = is_resource_matched(response);
    let is_empty = matches!(
        response.response().body().size(),
        BodySize::None | BodySize::Sized(0)
    );
    let answerer = if is_matched {
        Answerer::Resource
    } else if is_empty && response.status() == StatusCode::NOT_FOUND {
        Answerer::NoResource
    } else {
        Answerer::DefaultService
    };
    (response, answerer)
}

/// Whether actix-web matched a resource: its path and all its guards. `true` where that cannot be
/// told.
///
/// `match_pattern` gives the pattern of the resource that was matched, and where none was, the
/// pattern of one that has the path. With another path in the request, only the first is left.
fn is_resource_matched<B>(response: ServiceResponse<B>) -> (ServiceResponse<B>, bool) {
    let request = response.request();
    let Some(pattern) = request.match_pattern() else {
        return (response, false);
    };
    let elsewhere = Uri::from_static("*");
    if request.resource_map().match_pattern(elsewhere.path()) == Some(pattern) {
        // A service that takes all paths.
        return (response, true);
    }
    let (request, response) = response.into_parts();
    let mut request = ServiceRequest::from_parts(request, Payload::None);
    // actix-web panics where the request is held elsewhere. Where only actix-web has answered, it
    // is not: no handler has seen it.
    let matched = cfg!(panic = "unwind")
        .then(|| {
            contained(catch_unwind(AssertUnwindSafe(|| {
                let uri = mem::replace(&mut request.head_mut().uri, elsewhere);
                let is_matched = request.match_pattern().is_some();
                request.head_mut().uri = uri;
                is_matched
            })))
        })
        .flatten();
    let (request, _) = request.into_parts();
    let response = ServiceResponse::new(request, response);
    (response, matched.unwrap_or(true))
}
