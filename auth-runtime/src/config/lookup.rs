//! Finding the configuration of a request.

use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::{HttpRequest, web};

use super::Auth;

/// How many configurations this process has built.
static BUILT: AtomicUsize = AtomicUsize::new(0);

/// Counts a configuration before an app can have it, and tells its number.
pub(super) fn note_built() -> usize {
    BUILT.fetch_add(1, Ordering::Relaxed)
}

/// Whether a request can find no other configuration than this process's only one.
fn is_only_one() -> bool {
    BUILT.load(Ordering::Relaxed) == 1
}

/// Which configuration it was, for as long as a request is there.
///
/// A clone of an [`Auth`] is counted where all workers of the process count, and cores that write
/// to one place wait for each other. The only one of a process need not be held: the request finds
/// it again.
#[derive(Clone)]
pub(crate) struct Which {
    number: usize,
    held: Option<Auth>,
}

impl Which {
    #[inline]
    pub(crate) fn of(auth: &Auth) -> Self {
        Self {
            number: auth.settings().number,
            held: (!is_only_one()).then(|| auth.clone()),
        }
    }

    #[inline]
    pub(crate) fn is(&self, auth: &Auth) -> bool {
        self.number == auth.settings().number
    }

    pub(crate) fn get<'a>(&'a self, request: &'a HttpRequest) -> Option<&'a Auth> {
        match &self.held {
            Some(held) => Some(held),
            None => Auth::of(request).ok().filter(|auth| self.is(auth)),
        }
    }
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
            && is_only_one()
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
