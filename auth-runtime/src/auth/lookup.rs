//! Finding the configuration of a request.

use actix_web::{HttpRequest, web};

use super::Auth;

/// Why there is no configuration to decide by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MissingAuth {
    /// Neither the app nor a scope around the handler has one.
    Absent,
    /// One stands as `Auth` and another as `web::Data<Auth>`: which is nearer cannot be told.
    TwoKinds,
}

impl MissingAuth {
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::Absent => {
                "no `Auth` in the app: add `.app_data(auth.clone())` to the `App` or a scope around the handler"
            }
            Self::TwoKinds => {
                "two different `Auth` in the app, one as `Auth` and one as `web::Data<Auth>`: use the same form for both"
            }
        }
    }
}

impl Auth {
    /// The nearest configuration around the handler of this request.
    pub(crate) fn of(request: &HttpRequest) -> Result<&Self, MissingAuth> {
        let plain = request.app_data::<Self>();
        let shared = request.app_data::<web::Data<Self>>().map(|data| &***data);
        match (plain, shared) {
            (Some(auth), None) | (None, Some(auth)) => Ok(auth),
            (Some(plain), Some(shared)) if plain.is(shared) => Ok(plain),
            (Some(_), Some(_)) => Err(MissingAuth::TwoKinds),
            (None, None) => Err(MissingAuth::Absent),
        }
    }
}
