//! The caller, as an argument of a handler.

use std::any::Any;
use std::ops::Deref;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use crate::config::Auth;
use crate::denial::{Denial, Reason};
use crate::enforce::caller::{Caller, Extraction, extraction};
use crate::enforce::decide::Grounds;
use crate::enforce::finish::{self, Place};
use crate::enforce::policy::FromRequestHead;
use crate::model::principal::Principal;
use crate::model::requirement::explain::Lack;

/// The caller, who is known.
///
/// An argument of a handler. Under an attribute it is the caller that the guard authorized. In a handler without
/// one it authenticates by itself and answers 401 to an unauthenticated caller; it requires nothing more.
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
/// refuse that; [`MaybeAuthenticated`] is for public handlers.
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
        let grounds = if scopes.is_empty() {
            Grounds::Undecidable(Reason::Misconfigured(
                "`require_scopes` was asked for no scope",
            ))
        } else {
            Grounds::Lack(Lack::Scopes(scopes.to_vec()))
        };
        let place = Place {
            request,
            rule: None,
            auth: Auth::of(request).ok(),
            principal: Some(&self.principal),
        };
        Err(finish::refuse(place, grounds))
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

/// The caller, if authenticated: for public handlers that treat authenticated callers
/// differently.
///
/// Anonymous where the request presents no credentials. Where it presents some that are not valid
/// it is refused with 401, so that a client whose token has expired learns so
/// ([`AuthBuilder::ignore_invalid_credentials`](crate::AuthBuilder::ignore_invalid_credentials) makes it anonymous).
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
    /// The principal, if the caller is authenticated.
    #[must_use]
    pub fn principal(&self) -> Option<&Principal> {
        self.0.as_ref().map(Authenticated::principal)
    }

    /// The app's own value, if the caller is authenticated.
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
    /// A caller, or none, for a handler that a test calls directly. Feature `testing`.
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

impl<User: Any + Send + Sync> FromRequestHead for Authenticated<User> {}
impl<User: Any + Send + Sync> FromRequestHead for MaybeAuthenticated<User> {}

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
