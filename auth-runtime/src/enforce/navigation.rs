//! Sending a browser to the login page, and back.

use actix_web::HttpRequest;
use actix_web::http::Method;

use crate::config::Auth;
use crate::denial::{Answer, Denial, Reason, prefers_html};
use crate::enforce::rule::Rule;
use crate::http::local_path::{LocalPath, query_value};
use crate::http::origin::{fetch_metadata, page_of};
use crate::http::transport::is_over_tls;
use crate::model::principal::Principal;
use crate::scheme::Scheme;

/// Where a browser is sent that would have been answered with this denial: to the login page, if it
/// came to show a page, and a login there would help.
#[cold]
pub(super) fn login_page(
    auth: &Auth,
    request: &HttpRequest,
    caller: Option<&Principal>,
    rule: Option<&'static Rule>,
    denial: &Denial,
) -> Option<String> {
    let pages = auth.settings().login_pages.as_ref()?;
    let access = rule.map(|rule| &rule.access);
    if !matches!(denial.answer(), Answer::Unauthenticated(_)) || !is_navigation(request) {
        return None;
    }
    let page = match denial.reason() {
        Reason::StepUp(_) => {
            let name = caller.and_then(Principal::scheme);
            let mut schemes = auth.accepted(access);
            let scheme = schemes.find(|scheme| Some(scheme.name()) == name)?;
            scheme.logs_in_by_page().then_some(&pages.step_up)?
        }
        _ => auth
            .accepted(access)
            .any(Scheme::logs_in_by_page)
            .then_some(&pages.login)?,
    };
    // Sent to itself, the browser would go round in a circle.
    if request.path() == page.as_str() {
        return None;
    }
    let next = next(auth, request);
    let is_a_login_page = |next: &LocalPath| {
        let path = next.as_str().split('?').next();
        [&pages.login, &pages.step_up]
            .iter()
            .any(|page| path == Some(page.as_str()))
    };
    let next = next
        .filter(|next| !is_a_login_page(next))
        .unwrap_or_default();
    Some(format!("{page}?next={}", query_value(next.as_str())))
}

/// Whether the browser would show the answer as a page.
fn is_navigation(request: &HttpRequest) -> bool {
    match fetch_metadata(request, "sec-fetch-mode") {
        Some(mode) => mode.as_deref() == Ok("navigate"),
        None => {
            matches!(*request.method(), Method::GET | Method::HEAD)
                && !request.headers().contains_key("x-requested-with")
                && prefers_html(request.head())
        }
    }
}

/// The page to come back to: the one that was asked for, or for a form the one that holds it.
fn next(auth: &Auth, request: &HttpRequest) -> Option<LocalPath> {
    let page = match *request.method() {
        Method::GET | Method::HEAD => request.uri().path_and_query()?.as_str().to_owned(),
        _ => {
            let is_over_tls = is_over_tls(request, Some(&auth.settings().networks));
            page_of(request, is_over_tls)?
        }
    };
    LocalPath::parse(&page)
}
