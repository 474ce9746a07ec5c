//! The login of a handler, where wrong credentials are counted.

use std::future::Future;

use actix_web::HttpRequest;

use crate::config::Auth;
use crate::denial::Denial;
use crate::enforce::authenticate::Refusal;
use crate::enforce::decide::Grounds;
use crate::enforce::finish::{self, Place};
use crate::scheme::{AttemptLimiter, Rejection, VerifyError};

impl AttemptLimiter {
    /// Lets `verification` run, if this account may be tried by the client of this request, and
    /// counts it where it does not answer `Some`: for a handler that takes a name and a password
    /// from a form.
    ///
    /// ```
    /// use actix_web::{HttpRequest, HttpResponse, post, web};
    /// use auth_runtime::scheme::AttemptLimiter;
    /// use auth_runtime::{Denial, VerifyError, prelude::*};
    /// # #[derive(serde::Deserialize)]
    /// struct Login { name: String, password: String }
    ///
    /// # async fn find(_: &str, _: &str) -> Result<Option<u64>, VerifyError> { Ok(None) }
    /// #[post("/login")]
    /// #[public(reason = "this is where callers authenticate")]
    /// async fn login(
    ///     request: HttpRequest,
    ///     form: web::Form<Login>,
    ///     limiter: web::Data<AttemptLimiter>,
    /// ) -> Result<HttpResponse, Denial> {
    ///     let verification = find(&form.name, &form.password);
    ///     Ok(match limiter.login(&request, &form.name, verification).await? {
    ///         Some(_user) => HttpResponse::SeeOther().insert_header(("Location", "/")).finish(),
    ///         None => HttpResponse::Unauthorized().body("wrong name or password"),
    ///     })
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The [`Denial`] to answer with: 429 with `Retry-After` where the account may not be tried
    /// now, 503 where it cannot be told or the verification says so. Other errors of the
    /// verification are wrong credentials: `None`.
    pub async fn login<T>(
        &self,
        request: &HttpRequest,
        account: &str,
        verification: impl Future<Output = Result<Option<T>, VerifyError>>,
    ) -> Result<Option<T>, Denial> {
        let refuse = |auth, grounds| {
            let place = Place {
                request,
                rule: None,
                auth,
                principal: None,
            };
            finish::refuse(place, grounds)
        };
        // Its proxies say where the client is.
        let auth = match Auth::of(request) {
            Ok(auth) => auth,
            Err(missing) => return Err(refuse(None, Grounds::Unconfigured(missing))),
        };
        self.use_clock(auth.clock());
        let address = auth.client_address(request.head());
        match self.attempt(address, account, verification).await {
            Ok(outcome) => Ok(outcome),
            Err(error) => match Rejection::from(error) {
                Rejection::Invalid | Rejection::Expired => Ok(None),
                rejection => {
                    let refusal = Refusal::Rejected(vec![("", rejection)]);
                    Err(refuse(Some(auth), Grounds::Unauthenticated(refusal)))
                }
            },
        }
    }
}
