//! Services that the compiler cannot judge, judged when the server starts.

use std::any::{TypeId, type_name};
use std::collections::{BTreeMap, HashSet};
use std::future::{Ready, ready};
use std::sync::{Mutex, PoisonError};

use actix_web::dev::{
    AppService, HttpServiceFactory, Service, ServiceRequest, ServiceResponse, Transform,
    forward_ready,
};
use actix_web::{Error, Resource};

use crate::model::handler::records;

/// Whether `F` is what a route attribute made of a handler with one of our attributes below it.
///
/// The route attribute makes a type of the handler's name, and moves the handler into that type's
/// `register`. Our attribute expands there, and the type it writes beside the handler is named
/// after where it stands. The name of the handler alone would not do: a function inside of another
/// one may have the same.
///
/// Services in different blocks of one function have the same name with all that is before it. Of
/// several that were judged, as many have to be decided.
pub(super) fn is_decided<F: 'static>() -> bool {
    let service = type_name::<F>();
    let name = service.rsplit_once("::").map_or(service, |(_, name)| name);
    let decided = records().iter().filter(|record| {
        (record.spec.name)()
            .strip_prefix('<')
            .and_then(|rest| rest.strip_prefix(service))
            .and_then(|rest| rest.strip_prefix(" as actix_web::"))
            .and_then(|rest| rest.strip_suffix(name))
            .and_then(|rest| rest.strip_suffix("HttpServiceFactory>::register::__auth_"))
            .is_some_and(|module| {
                module
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b':')
            })
    });
    decided.count() >= judged_by_name(service, TypeId::of::<F>())
}

/// How many types of this name were judged, with this one.
fn judged_by_name(service: &'static str, id: TypeId) -> usize {
    static JUDGED: Mutex<BTreeMap<&'static str, HashSet<TypeId>>> = Mutex::new(BTreeMap::new());
    let mut judged = JUDGED.lock().unwrap_or_else(PoisonError::into_inner);
    let types = judged.entry(service).or_default();
    types.insert(id);
    types.len()
}

/// Stands where an undecided service was to be mounted: an app with it does not start.
pub(super) struct Undecided {
    service: &'static str,
}

impl Undecided {
    pub(super) fn of<F>() -> Self {
        Self {
            service: type_name::<F>(),
        }
    }
}

impl HttpServiceFactory for Undecided {
    fn register(self, config: &mut AppService) {
        // Whatever its path, it is made with everything else.
        Resource::new("").wrap(self).register(config);
    }
}

impl<S> Transform<S, ServiceRequest> for Undecided
where
    S: Service<ServiceRequest, Response = ServiceResponse, Error = Error>,
{
    type Response = ServiceResponse;
    type Error = Error;
    type Transform = NeverMade<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, _: S) -> Self::Future {
        tracing::error!(
            target: "auth_runtime",
            handler = self.service,
            outcome = "misconfigured",
            "the handler has no access decision, so the app does not start: add \
             `#[requires_auth]`, or `#[public(reason = \"...\")]` if anyone may call it",
        );
        ready(Err(()))
    }
}

/// The service of an app that does not start.
pub(super) struct NeverMade<S> {
    service: S,
}

impl<S> Service<ServiceRequest> for NeverMade<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse, Error = Error>,
{
    type Response = ServiceResponse;
    type Error = Error;
    type Future = S::Future;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        self.service.call(request)
    }
}
