//! Keeping answers to known callers out of shared caches.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CACHE_CONTROL, HeaderMap, HeaderValue, VARY};
use actix_web::middleware::Next;

use crate::denial::is_hidden;
use crate::enforce::state;

/// A middleware for apps whose credentials are not in `Authorization`, such as API keys.
///
/// A shared cache does not reuse an answer to a request with `Authorization` (RFC 9111 §3.5), but
/// knows nothing of a key in a header of the app's choice. Around handlers that know their caller
/// by such a scheme this adds `Cache-Control: private`, removes `public` and `s-maxage`, and
/// `Vary` with the name of the header; where the app says `private` or `no-store` itself, that
/// stays. Other answers pass unchanged, and so does that of a handler that hides: it is the answer
/// of an unknown path.
///
/// ```
/// use actix_web::{App, middleware::from_fn};
///
/// let app = App::new().wrap(from_fn(auth_runtime::keep_private));
/// ```
///
/// # Errors
///
/// Those of the services inside.
pub async fn keep_private(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut response = next.call(request).await?;
    mark(&mut response, false);
    Ok(response)
}

/// Says to caches what the answer depends on, and that it is for the caller alone where the caller
/// is known by what caches know nothing of, or `is_private`.
pub(crate) fn mark<B>(response: &mut ServiceResponse<B>, is_private: bool) {
    let found = state::credential_headers(response.request(), is_hidden(response.response()));
    let is_known = found.as_ref().is_some_and(|found| found.is_known_by_one);
    let headers = response.headers_mut();
    for name in found.into_iter().flat_map(|found| found.offered) {
        // RFC 9110 §12.5.5: the answer depends on this header of the request.
        if !lists(headers, &VARY, name.as_str()) && !lists(headers, &VARY, "*") {
            headers.append(VARY, name.into());
        }
    }
    if (is_known || is_private)
        && !lists(headers, &CACHE_CONTROL, "private")
        && !lists(headers, &CACHE_CONTROL, "no-store")
    {
        make_private(headers);
    }
}

/// Whether a comma-separated header has this element, parameters aside.
fn lists(headers: &HeaderMap, name: &actix_web::http::header::HeaderName, element: &str) -> bool {
    elements(headers, name).any(|held| directive(held).eq_ignore_ascii_case(element))
}

fn elements<'a>(
    headers: &'a HeaderMap,
    name: &actix_web::http::header::HeaderName,
) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
}

fn directive(element: &str) -> &str {
    element.split('=').next().unwrap_or_default().trim()
}

fn make_private(headers: &mut HeaderMap) {
    let mut kept: Vec<String> = elements(headers, &CACHE_CONTROL)
        .filter(|element| {
            !element.is_empty()
                && !directive(element).eq_ignore_ascii_case("public")
                && !directive(element).eq_ignore_ascii_case("s-maxage")
        })
        .map(str::to_owned)
        .collect();
    kept.insert(0, "private".to_owned());
    let value = HeaderValue::try_from(kept.join(", "))
        .unwrap_or_else(|_| HeaderValue::from_static("private"));
    headers.insert(CACHE_CONTROL, value);
}
