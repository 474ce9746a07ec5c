//! The proof that a request was granted, for functions deeper down.

use std::any::TypeId;
use std::fmt;
use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};

use crate::auth::Auth;
use crate::denial::{Answer, Denial, Reason};
use crate::evaluation::{Verdict, evaluate_at};
use crate::event::{self, Place};
use crate::guard::AskedName;
use crate::identity;
use crate::named::NamedRequirement;
use crate::principal::Principal;

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
    /// ([`Guarded::for_test`](crate::guard::Guarded::for_test)). Feature `testing`.
    ///
    /// Policies and checks are not asked: what they would decide counts as met.
    ///
    /// # Panics
    ///
    /// Where the principal does not meet `R` now, whatever policies and checks say.
    #[track_caller]
    #[allow(clippy::panic, reason = "for tests")]
    pub fn for_test(principal: Principal) -> Self {
        let now = std::time::SystemTime::now();
        let verdict = evaluate_at(&R::REQUIREMENT, &principal, &[], now);
        let is_met = match verdict {
            Verdict::Granted | Verdict::Needs(_) | Verdict::NeedsArguments(_) => true,
            Verdict::Refused | Verdict::Failed => false,
        };
        if !is_met {
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

/// Of a request: the named requirements that a guard found met. Nobody else can write it.
struct Granted(Vec<Met>);

struct Met {
    named: TypeId,
    certainty: Certainty,
}

/// What the guard knew when it let the arguments be extracted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Certainty {
    /// All is decided.
    Decided,
    /// Checks on the arguments are left, which the handler waits for.
    ButForChecks,
    /// Checks are left, and a policy could not answer.
    NotAll,
}

/// Notes what a guard found met.
pub(crate) fn note_granted(
    request: &HttpRequest,
    named: &'static [AskedName],
    certainty: Certainty,
) {
    let granted = named.iter().filter_map(|named| named.granted);
    if granted.clone().next().is_none() {
        return;
    }
    let met = granted.map(|named| Met {
        named: named(),
        certainty,
    });
    let mut extensions = request.extensions_mut();
    match extensions.get_mut::<Granted>() {
        Some(granted) => granted.0.extend(met),
        None => {
            extensions.insert(Granted(met.collect()));
        }
    }
}

/// Whether a guard of the request found `R` met.
fn is_met<R: NamedRequirement>(request: &HttpRequest, principal: &Principal) -> bool {
    let extensions = request.extensions();
    let Some(granted) = extensions.get::<Granted>() else {
        return false;
    };
    let mut notes = granted
        .0
        .iter()
        .filter(|met| met.named == TypeId::of::<R>());
    notes.any(|met| {
        let is_asked = match met.certainty {
            Certainty::Decided => return true,
            Certainty::ButForChecks => R::QUESTIONS.count() > 0,
            Certainty::NotAll => false,
        };
        let verdict = match Auth::of(request) {
            Ok(auth) => evaluate_at(&R::REQUIREMENT, principal, &[], auth.now()),
            Err(_) => return false,
        };
        match verdict {
            Verdict::Granted => true,
            // Where only checks are left, the guard has asked every policy that decides.
            Verdict::Needs(_) => is_asked,
            _ => false,
        }
    })
}

impl<R: NamedRequirement> FromRequest for Authorized<R> {
    type Error = Denial;
    type Future = Ready<Result<Self, Denial>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let principal =
            identity::known_to_guard(request).filter(|principal| is_met::<R>(request, principal));
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
    let denial = Denial::new(Answer::Undecidable, reason);
    let auth = Auth::of(request).ok();
    let place = Place {
        handler: None,
        access: None,
        request,
    };
    event::denied(place, auth, &denial, None);
    match auth {
        Some(auth) => denial.in_context(auth.context(request)),
        None => denial,
    }
}
