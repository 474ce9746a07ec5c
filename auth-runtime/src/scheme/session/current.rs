//! What a request knows of its session, in one private entry of its extensions.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use actix_web::{HttpMessage as _, HttpRequest};

use super::Sessions;
use super::record::Record;

/// The session of one request: a clone is the same.
#[derive(Clone)]
pub(crate) struct Current(Rc<Inner>);

pub(crate) struct Inner {
    /// As the middleware of the app was made.
    pub(crate) sessions: Sessions,
    /// The request has two cookies of the session's name, or one that only looks like it.
    pub(crate) is_ambiguous: bool,
    /// The store of the sessions could not be asked.
    pub(crate) is_unavailable: Cell<bool>,
    /// The login that the scheme found good in this request, as it is to be written.
    pub(crate) verified: RefCell<Option<Record>>,
    /// Its use is to be written down.
    pub(crate) is_touched: Cell<bool>,
    /// The session is over, and its cookie of no more use.
    pub(crate) is_ended: Cell<bool>,
    /// The handler logged in or out: what was found before counts no more.
    pub(crate) is_replaced: Cell<bool>,
    /// For how many seconds a cookie that is set now shall last; `None` for as long as the browser
    /// runs.
    pub(crate) cookie_lasts: Cell<Option<u64>>,
}

impl Current {
    pub(crate) fn begin(request: &HttpRequest, sessions: Sessions, is_ambiguous: bool) -> Self {
        let current = Self(Rc::new(Inner {
            sessions,
            is_ambiguous,
            is_unavailable: Cell::new(false),
            verified: RefCell::new(None),
            is_touched: Cell::new(false),
            is_ended: Cell::new(false),
            is_replaced: Cell::new(false),
            cookie_lasts: Cell::new(None),
        }));
        request.extensions_mut().insert(current.clone());
        current
    }

    /// `None` where the app is not wrapped in the middleware of its sessions.
    pub(crate) fn of(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().cloned()
    }

    /// The login that the scheme found good.
    pub(crate) fn verified(&self) -> Option<Record> {
        self.verified.borrow().clone()
    }
}

impl std::ops::Deref for Current {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
