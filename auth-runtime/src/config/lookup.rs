//! Finding the configuration of a request.

use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::{HttpRequest, web};

use super::Auth;

/// How many configurations this process has built.
static BUILT: AtomicUsize = AtomicUsize::new(0);

/// Counts a configuration before it can be found in an app.
pub(super) fn note_built() {
    BUILT.fetch_add(1, Ordering::Relaxed);
}

/// Why there is no configuration to decide by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MissingAuth {
    /// Neither the app nor a scope around the handler has one.
    Absent,
    /// One stands as `Auth` and another as `web::Data<Auth>`: which is nearer cannot be told.
    TwoKinds,
}

impl MissingAuth {
    /// Why nothing can be decided, and what to do.
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
        // Two that differ need two to have been built, and nearly every process builds one.
        if let Some(auth) = plain
            && BUILT.load(Ordering::Relaxed) == 1
        {
            return Ok(auth);
        }
        let shared = request.app_data::<web::Data<Self>>().map(|data| &***data);
        match (plain, shared) {
            (Some(auth), None) | (None, Some(auth)) => Ok(auth),
            (Some(plain), Some(shared)) if plain.is(shared) => Ok(plain),
            (Some(_), Some(_)) => Err(MissingAuth::TwoKinds),
            (None, None) => Err(MissingAuth::Absent),
        }
    }
}
