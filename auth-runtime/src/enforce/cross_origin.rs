//! Refusing what a page of another origin makes a browser send (CSRF).

use actix_web::HttpRequest;

use crate::config::Auth;
use crate::denial::Reason;
use crate::enforce::decide::Grounds;
use crate::http::origin;
use crate::http::transport::is_over_tls;
use crate::model::cross_origin::CrossOrigin;
use crate::model::principal::Principal;

/// Why the request is refused, for what it says of where it comes from; before anything of it but
/// its head was read.
#[inline]
pub(crate) fn refusal(
    auth: &Auth,
    request: &HttpRequest,
    stated: CrossOrigin,
    caller: Option<&Principal>,
) -> Option<Grounds> {
    let is_checked = match stated {
        CrossOrigin::NotWithAmbientCredentials => {
            auth.settings().has_ambient_schemes && is_by_ambient(auth, caller)
        }
        CrossOrigin::Refused => true,
        CrossOrigin::Permitted(_) => false,
    };
    if is_checked && origin::can_harm(request) {
        refuse_others(auth, request)
    } else {
        None
    }
}

fn is_by_ambient(auth: &Auth, caller: Option<&Principal>) -> bool {
    let name = caller.and_then(Principal::scheme);
    auth.accepted(None)
        .any(|scheme| Some(scheme.name()) == name && scheme.is_ambient())
}

#[cold]
#[inline(never)]
fn refuse_others(auth: &Auth, request: &HttpRequest) -> Option<Grounds> {
    let settings = auth.settings();
    let is_over_tls = is_over_tls(request, Some(&settings.networks));
    let checked = origin::check(request, is_over_tls, &settings.trusted_origins);
    let because = checked.err()?;
    Some(Grounds::Forbidden(Reason::CrossOrigin(because)))
}
