//! The proof that a request was granted, for functions deeper down.

use std::any::TypeId;
use std::fmt;
use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use crate::config::Auth;
use crate::denial::{Denial, Reason};
use crate::enforce::decide::Grounds;
use crate::enforce::finish::{self, Place};
use crate::enforce::named::NamedRequirement;
use crate::enforce::state;
use crate::model::principal::Principal;
#[cfg(feature = "testing")]
use crate::model::requirement::evaluate::{Verdict, evaluate_at};

/// The proof that the request it came with meets the named requirement `R`.
///
/// Only the guard of a handler that requires `R` gives one, so that a function with such a
/// parameter cannot be called past it: there is no constructor but that of the test kit, no `Clone`,
/// no `Default` and no `Deserialize`.
///
/// ```
/// use actix_web::{HttpResponse, delete, web};
/// use auth_runtime::prelude::*;
///
/// requirement! {
///     pub CanDelete = all(role("admin"), scope("users:delete"));
/// }
///
/// // Deeper down, far from any request.
/// fn delete_user(by: &Authorized<CanDelete>, id: u64) {
///     println!("{} deletes {id}", by.principal().subject());
/// }
///
/// #[delete("/users/{id}")]
/// #[requires(CanDelete)]
/// async fn delete(id: web::Path<u64>, may: Authorized<CanDelete>) -> HttpResponse {
///     delete_user(&may, *id);
///     HttpResponse::NoContent().finish()
/// }
/// ```
///
/// A handler that takes it without requiring `R` does not compile. `R` is required where it is the
/// requirement, or stands in an `all(..)` of it or in another attribute of the handler; inside of
/// `any(..)` and `not(..)` it may not hold.
///
/// # Errors
///
/// 500 and an error in the log where the handler has no attribute, or hides the type behind an
/// alias and does not require `R`.
///
/// # Security
///
/// It says what was true when the request was decided. Who keeps it longer than the request keeps
/// a right that may have been revoked.
#[must_use]
pub struct Authorized<R> {
    principal: Principal,
    // A proof of one requirement is none of another, be it a subtype.
    requirement: PhantomData<fn(R) -> R>,
}

impl<R> Authorized<R> {
    /// Who was granted it.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.principal
    }
}

#[cfg(feature = "testing")]
impl<R: NamedRequirement> Authorized<R> {
    /// A proof, for a function or a handler that a test calls directly
    /// ([`Guarded::for_test`](crate::__private::Guarded::for_test)). Feature `testing`.
    ///
    /// # Panics
    ///
    /// Where the principal does not meet `R` now; the policies that it asks count as allowing it.
    #[track_caller]
    #[allow(clippy::panic, reason = "for tests")]
    pub fn for_test(principal: Principal) -> Self {
        let now = std::time::SystemTime::now();
        let verdict = evaluate_at(&R::REQUIREMENT, &principal, &[], now);
        if !matches!(verdict, Verdict::Granted | Verdict::Needs(_)) {
            let subject = principal.subject();
            panic!(
                "`{subject}` does not meet `{}`: {}",
                R::NAME,
                R::REQUIREMENT
            );
        }
        Self {
            principal,
            requirement: PhantomData,
        }
    }
}

impl<R: NamedRequirement> fmt::Debug for Authorized<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorized")
            .field("requirement", &R::NAME)
            .field("subject", &self.principal.subject())
            .finish()
    }
}

/// A handler that requires `R`, whatever else it requires: the attributes implement it.
#[diagnostic::on_unimplemented(
    message = "this handler does not require `{R}`",
    label = "not granted by this handler's requirement",
    note = "add `#[requires({R})]`, or `{R}` to the `all(...)` that it requires",
    note = "a requirement that takes arguments gives no proof, for a proof does not say of what it is one"
)]
pub trait Grants<R> {}

/// Compiles where the handler requires `R`.
pub const fn grants<S: Grants<R>, R>() {}

impl<R: NamedRequirement> FromRequest for Authorized<R> {
    type Error = Denial;
    type Future = Ready<Result<Self, Denial>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let principal = state::known_to_guard(request)
            .filter(|_| state::is_granted(request, TypeId::of::<R>()));
        ready(principal.map_or_else(
            || Err(not_granted(request)),
            |principal| {
                Ok(Self {
                    principal,
                    requirement: PhantomData,
                })
            },
        ))
    }
}

fn not_granted(request: &HttpRequest) -> Denial {
    let reason = Reason::Misconfigured(
        "the handler takes an `Authorized` whose requirement is not among what it requires",
    );
    let caller = state::known_to_guard(request);
    let place = Place {
        request,
        rule: None,
        auth: Auth::of(request).ok(),
        principal: caller.as_ref(),
    };
    finish::refuse(place, Grounds::Undecidable(reason))
}
