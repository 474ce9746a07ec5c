//! What a request remembers of its decision: one entry in its extensions.
//!
//! The type is private to this crate, so that no other layer of an app can write one.

use std::any::TypeId;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::http::header::HeaderName;
use actix_web::{HttpMessage as _, HttpRequest};
use futures_util::future::{LocalBoxFuture, Shared, WeakShared};

use crate::config::{Auth, Which};
use crate::enforce::authenticate::{Asker, Identification, Outcome, Refusal};
use crate::enforce::kit;
use crate::enforce::rule::Rule;
use crate::model::principal::Principal;

#[derive(Clone, Default)]
pub(crate) struct State {
    /// By which configuration the caller was looked for.
    auth: Option<Which>,
    identity: Identity,
    /// A guard found the caller out, by the configuration nearest to the handler.
    is_guards: bool,
    /// The caller was asked for before there was a guard: by a middleware.
    is_asked_before: bool,
    /// An extractor of the handler was refused by this identity.
    refused_an_extractor: bool,
    /// The rule of the innermost guard.
    rule: Option<&'static Rule>,
    hiding: Hiding,
    /// The named requirements that a guard found met.
    granted: Vec<TypeId>,
    ledger: Option<Ledger>,
    pub(super) kit: kit::Slot,
}

#[derive(Clone, Default)]
enum Identity {
    #[default]
    Unasked,
    Known(Outcome),
    /// Held by those who wait for it, and not by the request, which the future may hold in turn.
    Pending(WeakShared<LocalBoxFuture<'static, Outcome>>),
}

/// How a refusal of this request is hidden.
#[derive(Clone, Copy, Default)]
pub(crate) struct Hiding {
    /// A guard of the handler says `hide`.
    pub(crate) hides: bool,
    /// An unknown path would have been answered while the body was not read, which ends the
    /// connection.
    pub(crate) closes: bool,
}

/// What was decided for a request, shared with a middleware that has no request any more where a
/// service inside it fails.
#[derive(Clone, Default)]
pub(crate) struct Ledger(Rc<Cell<Entry>>);

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Entry {
    #[default]
    Unprotected,
    Decided,
    /// The app has no route for the request, and answers so itself.
    NoRoute,
}

/// Whether there may be ledgers in this process: without one there is nothing to write into.
static HAS_LEDGERS: AtomicBool = AtomicBool::new(false);

impl Ledger {
    /// From now on guards look for one. For the making of a middleware: what every request writes,
    /// the cores hand to each other.
    pub(crate) fn announce() {
        HAS_LEDGERS.store(true, Ordering::Relaxed);
    }

    /// One for the request, however many middlewares there are.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let mut extensions = request.extensions_mut();
        let state: &mut State = extensions.get_or_insert_with(State::default);
        state.ledger.get_or_insert_with(Self::default).clone()
    }

    /// Whether nothing is left to be decided.
    pub(crate) fn is_decided(&self) -> bool {
        self.0.get() != Entry::Unprotected
    }

    /// Notes that the app has no route for the request, and answers so itself.
    pub(crate) fn note_no_route(&self) {
        self.0.set(Entry::NoRoute);
    }
}

/// Whether a middleware has found that the app has no route for the request.
#[cfg(feature = "sweep")]
pub(crate) fn has_no_route(request: &HttpRequest) -> bool {
    let ledger = read(request, |state| state.ledger.clone());
    ledger.is_some_and(|ledger| ledger.0.get() == Entry::NoRoute)
}

/// Notes that a guard decided.
#[inline]
pub(crate) fn note_decided(request: &HttpRequest) {
    if HAS_LEDGERS.load(Ordering::Relaxed) {
        note_in_ledger(request);
    }
}

#[cold]
#[inline(never)]
fn note_in_ledger(request: &HttpRequest) {
    let extensions = request.extensions();
    let ledger = extensions
        .get::<State>()
        .and_then(|state| state.ledger.as_ref());
    if let Some(ledger) = ledger {
        ledger.0.set(Entry::Decided);
    }
}

/// Does something to the state of the request, if it has one.
fn read<T>(request: &HttpRequest, read: impl FnOnce(&State) -> Option<T>) -> Option<T> {
    request.extensions().get::<State>().and_then(read)
}

/// Does something to the state of the request, which has one from then on.
pub(super) fn write<T>(request: &HttpRequest, write: impl FnOnce(&mut State) -> T) -> T {
    write(request.extensions_mut().get_or_insert_with(State::default))
}

/// A copy, for the time that the app's own code has the request: it may empty the extensions.
pub(super) fn copy(request: &HttpRequest) -> Option<State> {
    read(request, |state| Some(state.clone()))
}

/// Puts a [`copy`] back.
pub(super) fn restore(request: &HttpRequest, state: Option<State>) {
    if let Some(state) = state {
        request.extensions_mut().insert(state);
    }
}

/// What is known of the caller for this asker: nothing, where the asker has to find out.
///
/// What was found out with all schemes does not serve a guard that accepts only some; but two
/// guards of one handler decide about the same identity.
#[inline]
pub(super) fn known(auth: &Auth, request: &HttpRequest, asker: Asker) -> Option<Identification> {
    let mut extensions = request.extensions_mut();
    let state = extensions.get_mut::<State>()?;
    if !state.is_of(auth) || (!state.is_guards && asker.choosing().is_some()) {
        return None;
    }
    let found = match &state.identity {
        Identity::Unasked => None,
        Identity::Known(outcome) => Some(Identification::Known(outcome.clone())),
        // `None` where all who waited for it have given up.
        Identity::Pending(shared) => shared.upgrade().map(Identification::Pending),
    };
    if found.is_some() && asker.is_guard() {
        state.is_asked_before = state.was_asked_before();
        state.is_guards = true;
    }
    found
}

/// Keeps what the guard of this rule found out, for those who ask next.
#[inline]
pub(super) fn keep_of_guard(
    auth: &Auth,
    request: &HttpRequest,
    outcome: Outcome,
    rule: &'static Rule,
) {
    // One look into the extensions where nothing was there before, which is nearly always.
    let before = request.extensions_mut().insert(State {
        auth: Some(Which::of(auth)),
        identity: Identity::Known(outcome),
        is_guards: true,
        is_asked_before: false,
        refused_an_extractor: false,
        rule: Some(rule),
        hiding: Hiding::default(),
        granted: Vec::new(),
        ledger: None,
        kit: kit::Slot::default(),
    });
    if let Some(before) = before {
        carry_over(auth, request, before);
    }
}

#[cold]
#[inline(never)]
fn carry_over(auth: &Auth, request: &HttpRequest, before: State) {
    write(request, |state| {
        state.refused_an_extractor = before.refused_an_extractor && before.is_of(auth);
        state.is_asked_before = before.was_asked_before();
        state.hiding = before.hiding;
        state.granted = before.granted;
        state.ledger = before.ledger;
        state.kit = before.kit;
    });
}

/// Keeps what an extractor found out.
///
/// The caller that the guard found stays: an extractor that asked before it, of all schemes or of another
/// configuration, may come to its outcome behind it, and the handler is called for one caller.
pub(crate) fn keep_of_extractor(auth: &Auth, request: &HttpRequest, outcome: Outcome) {
    write(request, |state| {
        if !state.is_guards {
            state.set(auth, Identity::Known(outcome));
        }
    });
}

/// Keeps the future that will tell, for those who ask meanwhile.
pub(super) fn keep_pending(
    auth: &Auth,
    request: &HttpRequest,
    future: &Shared<LocalBoxFuture<'static, Outcome>>,
    asker: Asker,
) {
    let Some(weak) = future.downgrade() else {
        return;
    };
    write(request, |state| {
        state.is_asked_before = state.was_asked_before();
        state.set(auth, Identity::Pending(weak));
        state.refused_an_extractor = false;
        state.is_guards = asker.is_guard();
    });
}

/// Notes whose guard decides, for refusals further inside.
pub(super) fn enter(request: &HttpRequest, rule: &'static Rule) {
    write(request, |state| state.rule = Some(rule));
}

/// Notes that refusals of this request are hidden.
pub(super) fn hide(request: &HttpRequest, closes: bool) {
    write(request, |state| {
        state.hiding.hides = true;
        state.hiding.closes |= closes;
    });
}

/// The guard around whatever asks, and how its refusals are hidden.
pub(crate) fn around(request: &HttpRequest) -> (Option<&'static Rule>, Hiding) {
    read(request, |state| Some((state.rule, state.hiding))).unwrap_or_default()
}

/// The principal that the guard of this request's handler found, if there is a guard.
#[inline]
pub(crate) fn known_to_guard(request: &HttpRequest) -> Option<Principal> {
    read(request, |state| match &state.identity {
        Identity::Known(Ok(principal)) if state.is_guards => Some(principal.clone()),
        _ => None,
    })
}

/// Notes that an extractor of the handler was refused, so that a handler that swallows the error
/// is not called (`Option<Authenticated>` behind a type alias).
pub(crate) fn note_refused_extractor(request: &HttpRequest) {
    write(request, |state| state.refused_an_extractor = true);
}

/// Forgets that an extractor was refused before the handler's own: that of a middleware, which may
/// do without a caller.
pub(super) fn forget_refused_extractor(request: &HttpRequest) {
    if let Some(state) = request.extensions_mut().get_mut::<State>() {
        state.refused_an_extractor = false;
    }
}

/// The refusal that an extractor of the handler met, whether or not the handler minds.
pub(super) fn swallowed_refusal(request: &HttpRequest) -> Option<(Option<Auth>, Refusal)> {
    read(request, |state| match &state.identity {
        Identity::Known(Err(refusal)) if state.refused_an_extractor => {
            let auth = state.auth.as_ref().and_then(|which| which.get(request));
            Some((auth.cloned(), refusal.clone()))
        }
        _ => None,
    })
}

/// Notes the named requirements that a guard found met.
pub(super) fn note_granted(request: &HttpRequest, met: impl Iterator<Item = TypeId>) {
    let mut met = met.peekable();
    if met.peek().is_some() {
        write(request, |state| state.granted.extend(met));
    }
}

/// Whether a guard found the named requirement of this type met.
pub(crate) fn is_granted(request: &HttpRequest, requirement: TypeId) -> bool {
    read(request, |state| {
        state.granted.contains(&requirement).then_some(())
    })
    .is_some()
}

/// What a cache has to know of how a request was identified.
pub(crate) struct CredentialHeaders {
    /// The headers other than `Authorization` in which credentials were looked for.
    pub(crate) offered: Vec<HeaderName>,
    /// Whether the caller is known by one of them.
    pub(crate) is_known_by_one: bool,
}

/// The headers other than `Authorization` by which this request could be identified; `None` where
/// the caller was not asked for, or there are none. Of a hidden answer, where a guard alone asked:
/// for an unknown path, there is none.
pub(crate) fn credential_headers(
    request: &HttpRequest,
    is_hidden: bool,
) -> Option<CredentialHeaders> {
    read(request, |state| {
        if is_hidden && !state.was_asked_before() {
            return None;
        }
        let mut offered = Vec::new();
        let mut is_known_by_one = false;
        for scheme in state.auth.as_ref()?.get(request)?.accepted(None) {
            if let Some(header) = scheme.credential_header() {
                offered.push(header.clone());
                is_known_by_one |= matches!(
                    &state.identity,
                    Identity::Known(Ok(principal)) if principal.scheme() == Some(scheme.name())
                );
            }
        }
        (!offered.is_empty()).then_some(CredentialHeaders {
            offered,
            is_known_by_one,
        })
    })
}

impl State {
    fn is_of(&self, auth: &Auth) -> bool {
        self.auth.as_ref().is_some_and(|held| held.is(auth))
    }

    fn was_asked_before(&self) -> bool {
        self.is_asked_before || (!self.is_guards && !matches!(self.identity, Identity::Unasked))
    }

    fn set(&mut self, auth: &Auth, identity: Identity) {
        if !self.is_of(auth) {
            self.auth = Some(Which::of(auth));
            self.refused_an_extractor = false;
        }
        self.identity = identity;
    }
}
