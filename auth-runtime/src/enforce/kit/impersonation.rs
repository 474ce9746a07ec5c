//! Requests of the test kit, which say which principal they come from. Compiled with the feature `testing`
//! alone.
//!
//! A test request can carry headers and nothing else, so it carries a ticket: a number that this
//! process drew at random, for a principal that it keeps. A header that another client wrote names
//! no principal.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use actix_web::HttpRequest;

use crate::config::Auth;
use crate::enforce::authenticate::{Outcome, Refusal, admit};
use crate::model::principal::Principal;
use crate::model::requirement::Access;
use crate::scheme::Scheme;

/// The header that holds a ticket.
pub(crate) const HEADER: &str = "x-auth-runtime-test-principal";

static PRINCIPALS: LazyLock<Mutex<HashMap<String, Principal>>> = LazyLock::new(Mutex::default);

/// A ticket for requests of this principal, good for this process.
pub(crate) fn ticket(principal: Principal) -> String {
    let mut principals = principals();
    // Hashed under keys that the system drew at random, other ones at each call.
    let half = || RandomState::new().hash_one(principals.len());
    let ticket = format!("{:016x}{:016x}", half(), half());
    principals.insert(ticket.clone(), principal);
    ticket
}

/// Who the request comes from by its ticket, as if a scheme of the app had found it.
pub(super) fn caller(
    auth: &Auth,
    request: &HttpRequest,
    choosing: Option<&'static Access>,
) -> Option<Outcome> {
    let principal = principal_of(request)?;
    let mut names = auth.accepted(choosing).map(Scheme::name);
    let found = match principal.scheme() {
        Some(wanted) => names.find(|name| *name == wanted),
        None => names.next(),
    };
    let Some(scheme) = found else {
        return Some(Err(Refusal::NothingPresented));
    };
    let admitted = admit(auth, scheme, principal);
    Some(admitted.map_err(|rejection| Refusal::Rejected(vec![(scheme, rejection)])))
}

/// The principal of the request's ticket.
fn principal_of(request: &HttpRequest) -> Option<Principal> {
    let ticket = request.headers().get(HEADER)?.to_str().ok()?;
    principals().get(ticket).cloned()
}

fn principals() -> MutexGuard<'static, HashMap<String, Principal>> {
    PRINCIPALS.lock().unwrap_or_else(PoisonError::into_inner)
}
