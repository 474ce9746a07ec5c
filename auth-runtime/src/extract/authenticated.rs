//! The caller, as an argument of a handler.

use std::any::Any;
use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, Shared};

use crate::config::Auth;
use crate::denial::{Answer, Denial, Reason};
use crate::enforce::authenticate::{self, Asker, Identification};
use crate::enforce::event;
use crate::model::principal::Principal;

/// The caller, who is known.
///
/// An argument of a handler. Under an attribute it is whom the guard let in. In a handler without
/// one it authenticates by itself and answers 401 where nobody is known; it asks for nothing more.
/// It reads as a [`Principal`]; `Authenticated<User>` also gives the app's own value, as attached
/// with [`Principal::with`].
///
/// ```
/// use actix_web::{Responder, get};
/// use auth_runtime::prelude::*;
///
/// struct User { email: String }
///
/// #[get("/me")]
/// #[requires_auth]
/// async fn me(caller: Authenticated<User>) -> impl Responder {
///     format!("{} <{}>", caller.subject(), caller.user().email)
/// }
/// ```
///
/// # Errors
///
/// The [`Denial`] of the request. Where the principal has no value of type `User`, 500 and an
/// error in the log: the verifier attaches another type than the handler reads.
///
/// # Security
///
/// Do not wrap it in `Option` or `Result`: invalid credentials would pass for none. The attributes
/// refuse that; [`MaybeAuthenticated`] is for handlers that anybody may call.
#[derive(Debug)]
pub struct Authenticated<User: 'static = ()> {
    principal: Principal,
    user: Value<User>,
}

// Not derived: a clone asks nothing of `User`.
impl<User: 'static> Clone for Authenticated<User> {
    fn clone(&self) -> Self {
        Self {
            principal: self.principal.clone(),
            user: self.user.clone(),
        }
    }
}

/// The app's own value, or `()` where the handler asks for none.
#[derive(Debug)]
enum Value<User: 'static> {
    Nothing(&'static User),
    Shared(Arc<User>),
}

impl<User> Clone for Value<User> {
    fn clone(&self) -> Self {
        match self {
            Self::Nothing(nothing) => Self::Nothing(nothing),
            Self::Shared(value) => Self::Shared(Arc::clone(value)),
        }
    }
}

impl<User: 'static> Authenticated<User> {
    /// The principal.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The app's own value.
    #[must_use]
    pub fn user(&self) -> &User {
        match &self.user {
            Value::Nothing(nothing) => nothing,
            Value::Shared(value) => value,
        }
    }

    /// The principal, owned.
    #[must_use]
    pub fn into_principal(self) -> Principal {
        self.principal
    }

    /// Asks for all of these scopes, where what the handler does depends on its arguments: which
    /// tool a message calls, for example. What it needs in any case belongs into its attribute,
    /// which decides before the body is read.
    ///
    /// ```
    /// use actix_web::{HttpRequest, HttpResponse, post, web};
    /// use auth_runtime::{Denial, prelude::*};
    ///
    /// #[post("/tools/{name}")]
    /// #[requires_scope("tools:read")]
    /// async fn tool(
    ///     request: HttpRequest,
    ///     caller: Authenticated,
    ///     name: web::Path<String>,
    /// ) -> Result<HttpResponse, Denial> {
    ///     if *name == "delete" {
    ///         caller.require_scopes(&request, &["tools:read", "tools:write"])?;
    ///     }
    ///     Ok(HttpResponse::Ok().finish())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The 403 of a missing scope, as the attribute would answer it: with `insufficient_scope` and
    /// all of `scopes` in the challenge (RFC 6750 §3.1). Of no scopes: 500, for an empty list is a
    /// mistake, and a mistake grants nothing.
    pub fn require_scopes(
        &self,
        request: &HttpRequest,
        scopes: &[&'static str],
    ) -> Result<(), Denial> {
        let holds_all = scopes.iter().all(|scope| self.principal.has_scope(scope));
        if holds_all && !scopes.is_empty() {
            return Ok(());
        }
        let auth = Auth::of(request).ok();
        let denial = if scopes.is_empty() {
            let reason = Reason::Misconfigured("`require_scopes` was asked for no scope");
            Denial::new(Answer::Undecidable, reason)
        } else {
            let challenge =
                auth.and_then(|auth| auth.scope_challenge(self.principal.scheme(), scopes));
            let reason = Reason::MissingScopes(scopes.to_vec());
            Denial::new(Answer::Forbidden(challenge), reason)
        };
        Err(event::refused(request, auth, denial, Some(&self.principal)))
    }
}

impl<User: Any + Send + Sync> Authenticated<User> {
    /// `None` where the principal has no value of this type.
    fn of(principal: Principal) -> Option<Self> {
        let nothing: &'static dyn Any = &();
        let user = match nothing.downcast_ref() {
            Some(nothing) => Value::Nothing(nothing),
            None => Value::Shared(principal.value_of::<User>()?.downcast().ok()?),
        };
        Some(Self { principal, user })
    }
}

impl<User: 'static> Deref for Authenticated<User> {
    type Target = Principal;

    fn deref(&self) -> &Principal {
        &self.principal
    }
}

/// The caller, if known: for handlers that anybody may call and that treat those they know
/// differently.
///
/// Anonymous where the request presents no credentials. Where it presents some that are not valid
/// it is refused with 401, so that a client whose token has expired learns so
/// ([`AuthBuilder::lenient`](crate::AuthBuilder::lenient) makes it anonymous).
///
/// ```
/// use actix_web::{Responder, get};
/// use auth_runtime::prelude::*;
///
/// #[get("/articles")]
/// #[public(reason = "published articles are for everyone")]
/// async fn articles(caller: MaybeAuthenticated) -> impl Responder {
///     match caller.principal() {
///         Some(principal) => format!("articles for {}", principal.subject()),
///         None => "articles".to_owned(),
///     }
/// }
/// ```
#[derive(Debug)]
pub struct MaybeAuthenticated<User: 'static = ()>(Option<Authenticated<User>>);

impl<User: 'static> Clone for MaybeAuthenticated<User> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<User: 'static> MaybeAuthenticated<User> {
    /// The principal, if somebody is known.
    #[must_use]
    pub fn principal(&self) -> Option<&Principal> {
        self.0.as_ref().map(Authenticated::principal)
    }

    /// The app's own value, if somebody is known.
    #[must_use]
    pub fn user(&self) -> Option<&User> {
        self.0.as_ref().map(Authenticated::user)
    }

    /// The caller, if known.
    #[must_use]
    pub fn authenticated(&self) -> Option<&Authenticated<User>> {
        self.0.as_ref()
    }

    /// The caller, if known, owned.
    #[must_use]
    pub fn into_authenticated(self) -> Option<Authenticated<User>> {
        self.0
    }
}

#[cfg(feature = "testing")]
impl<User: Any + Send + Sync> Authenticated<User> {
    /// A caller, for a handler that a test calls directly
    /// ([`Guarded::for_test`](crate::__private::Guarded::for_test)). Feature `testing`.
    ///
    /// ```
    /// use auth_runtime::prelude::*;
    /// use auth_runtime::testing::Guarded;
    ///
    /// #[requires_auth]
    /// async fn me(caller: Authenticated) -> String { caller.subject().to_owned() }
    ///
    /// # actix_web::rt::System::new().block_on(async {
    /// let ada = Authenticated::for_test(Principal::new("ada"));
    /// assert_eq!(me(Guarded::for_test((ada,))).await, "ada");
    /// # });
    /// ```
    ///
    /// # Panics
    ///
    /// Where the principal has no value of type `User` ([`Principal::with`]).
    #[must_use]
    #[track_caller]
    #[allow(clippy::panic, reason = "for tests")]
    pub fn for_test(principal: Principal) -> Self {
        match Self::of(principal) {
            Some(caller) => caller,
            None => panic!(
                "the principal has no value of type `{}`: attach it with `Principal::with`",
                std::any::type_name::<User>()
            ),
        }
    }
}

#[cfg(feature = "testing")]
impl<User: Any + Send + Sync> MaybeAuthenticated<User> {
    /// A caller, or nobody, for a handler that a test calls directly. Feature `testing`.
    ///
    /// # Panics
    ///
    /// As [`Authenticated::for_test`].
    #[must_use]
    #[track_caller]
    pub fn for_test(principal: impl Into<Option<Principal>>) -> Self {
        Self(principal.into().map(Authenticated::for_test))
    }
}

impl<User: Any + Send + Sync> FromRequest for Authenticated<User> {
    type Error = Denial;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        extraction(request)
    }
}

impl<User: Any + Send + Sync> FromRequest for MaybeAuthenticated<User> {
    type Error = Denial;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        extraction(request)
    }
}

/// The future of [`Authenticated`] and [`MaybeAuthenticated`].
#[derive(Debug)]
pub struct Extraction<T>(Stage<T>);

enum Stage<T> {
    Done(Option<Result<T, Denial>>),
    Pending {
        outcome: Shared<LocalBoxFuture<'static, authenticate::Outcome>>,
        auth: Auth,
        request: HttpRequest,
    },
}

impl<T> std::fmt::Debug for Stage<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Done(_) => "Done",
            Self::Pending { .. } => "Pending",
        })
    }
}

impl<T> Unpin for Extraction<T> {}

impl<T: Caller> Future for Extraction<T> {
    type Output = Result<T, Denial>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Stage::Done(result) => match result.take() {
                Some(result) => Poll::Ready(result),
                // Polled again after it was ready: there is nothing more to come.
                None => Poll::Pending,
            },
            Stage::Pending {
                outcome,
                auth,
                request,
            } => {
                let outcome = std::task::ready!(outcome.poll_unpin(cx));
                authenticate::settle(auth, request, &outcome, false);
                let result = conclude(outcome, auth, request);
                self.0 = Stage::Done(None);
                Poll::Ready(result)
            }
        }
    }
}

/// What the two extractors make of an outcome.
trait Caller: Sized {
    /// Whether nobody is an answer.
    const OPTIONAL: bool;

    fn known(principal: Principal) -> Option<Self>;
    fn anonymous() -> Option<Self>;
}

impl<User: Any + Send + Sync> Caller for Authenticated<User> {
    const OPTIONAL: bool = false;

    fn known(principal: Principal) -> Option<Self> {
        Self::of(principal)
    }

    fn anonymous() -> Option<Self> {
        None
    }
}

impl<User: Any + Send + Sync> Caller for MaybeAuthenticated<User> {
    const OPTIONAL: bool = true;

    fn known(principal: Principal) -> Option<Self> {
        Authenticated::of(principal).map(|caller| Self(Some(caller)))
    }

    fn anonymous() -> Option<Self> {
        Some(Self(None))
    }
}

fn extraction<T: Caller>(request: &HttpRequest) -> Extraction<T> {
    // The guard of this handler has found out already.
    if let Some(principal) = authenticate::known_to_guard(request) {
        return Extraction(Stage::Done(Some(of_principal(principal, request))));
    }
    let auth = match Auth::of(request) {
        Ok(auth) => auth,
        Err(missing) => {
            let denial = event::refused(request, None, missing.into_denial(), None);
            return Extraction(Stage::Done(Some(Err(denial))));
        }
    };
    Extraction(
        match authenticate::identify(auth, request, Asker::Extractor) {
            Identification::Found(outcome) => {
                authenticate::keep(auth, request, outcome.clone(), false);
                Stage::Done(Some(conclude(outcome, auth, request)))
            }
            Identification::Known(outcome) => Stage::Done(Some(conclude(outcome, auth, request))),
            Identification::Pending(outcome) => Stage::Pending {
                outcome,
                auth: auth.clone(),
                request: request.clone(),
            },
        },
    )
}

fn conclude<T: Caller>(
    outcome: authenticate::Outcome,
    auth: &Auth,
    request: &HttpRequest,
) -> Result<T, Denial> {
    let refusal = match outcome {
        Ok(principal) => return of_principal(principal, request),
        Err(refusal) => refusal,
    };
    if T::OPTIONAL
        && refusal.is_nobody(auth)
        && let Some(nobody) = T::anonymous()
    {
        return Ok(nobody);
    }
    authenticate::note_refused_extractor(request);
    let denial = refusal.into_denial(auth, None, request);
    Err(event::refused(request, Some(auth), denial, None))
}

fn of_principal<T: Caller>(principal: Principal, request: &HttpRequest) -> Result<T, Denial> {
    T::known(principal).ok_or_else(|| {
        let reason = Reason::Misconfigured(
            "the principal has no value of the type that the handler reads: attach it with `Principal::with`",
        );
        let denial = Denial::new(Answer::Undecidable, reason);
        event::refused(request, Auth::of(request).ok(), denial, None)
    })
}
