//! Taking requests from pages of this origin alone.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

use crate::config::Auth;
use crate::enforce::cross_origin;
use crate::enforce::decide::Grounds;
use crate::enforce::finish::{self, Place};
use crate::model::cross_origin::CrossOrigin;

/// A middleware that refuses what a page of another origin makes a browser send, whatever the
/// credentials: for login forms, whose caller is not known yet.
///
/// Another site's page could otherwise log its visitor in as another user, who then sees what the
/// visitor does. Handlers with an attribute that takes sessions or `Basic` refuse such requests by
/// themselves, see [`trusted_origins`](crate::AuthBuilder::trusted_origins). The answer is 403;
/// methods that are safe pass, unless they open a WebSocket.
///
/// ```
/// use actix_web::{HttpResponse, middleware::from_fn, web};
/// use auth_runtime::prelude::*;
///
/// #[public(reason = "callers log in here")]
/// async fn login() -> HttpResponse { HttpResponse::Ok().finish() }
///
/// let scope = web::resource("/login")
///     .route(web::post().to(login))
///     .wrap(from_fn(auth_runtime::same_origin));
/// ```
///
/// # Errors
///
/// The [`Denial`](crate::Denial); 500 where no [`Auth`] is configured; those of the services inside.
pub async fn same_origin(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let refused = {
        let request = request.request();
        let auth = Auth::of(request);
        let grounds = match &auth {
            Ok(auth) => cross_origin::refusal(auth, request, CrossOrigin::Refused, None),
            Err(missing) => Some(Grounds::Unconfigured(*missing)),
        };
        grounds.map(|grounds| {
            let place = Place {
                request,
                rule: None,
                auth: auth.ok(),
                principal: None,
            };
            finish::refuse(place, grounds)
        })
    };
    match refused {
        Some(denial) => Err(denial.into()),
        None => next.call(request).await,
    }
}
