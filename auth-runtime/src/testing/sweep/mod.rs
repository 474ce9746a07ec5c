//! Driving an app through all its routes as everybody: a test that finds the forgotten handler.
//!
//! The sweep learns the routes from the running app, whatever way they were mounted, and asks each
//! as somebody unknown, as somebody known, and with each role, scope and permission that a
//! requirement of the binary names, by its own methods and by HEAD, OPTIONS and others, without a
//! body. It compares what is decided with what the attributes declare, and names every route that
//! answers without a decision.
//!
//! ```
//! use actix_web::{App, get};
//! use auth_runtime::prelude::*;
//! use auth_runtime::testing::sweep::assert_no_undecided_routes;
//!
//! #[get("/me")]
//! #[requires_auth]
//! async fn me(caller: Authenticated) -> String { caller.subject().to_owned() }
//!
//! # #[actix_web::main]
//! # async fn main() -> Result<(), auth_runtime::ConfigurationError> {
//! let auth = Auth::builder()
//!     .realm("articles")
//!     .scheme(Bearer::sync(|_: Secret<'_>| None::<Principal>))
//!     .build()?;
//! assert_no_undecided_routes(App::new().app_data(auth).service(me)).await;
//! # Ok(())
//! # }
//! ```
//!
//! # What is run, and what is not
//!
//! A guarded or public handler is not called, and neither its extractors nor policies are: the
//! request ends with the decision. Middleware is run. So is a handler **without** a decision, for
//! nothing stops it: let a sweep see test data only.
//!
//! # Limits
//!
//! Routes are told apart by path and method. Where routes of one resource differ by other guards,
//! such as a header, give the sweep the [`header`](Sweep::header) that one of them asks for. A
//! decision is compared for who the caller is; what a policy would say is not known.

mod caller;
mod report;
mod route;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use actix_http::Request;
use actix_service::IntoServiceFactory;
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Service, ServiceFactory, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::introspection::IntrospectionTree;
use actix_web::rt::time::timeout;
use actix_web::test::{TestRequest, init_service};
use actix_web::{HttpMessage as _, web};
use futures_util::FutureExt as _;

pub use self::caller::Caller;
pub use self::report::{Finding, Observation, Observed, SweepReport};
use self::route::AppRoute;
use crate::enforce::kit::probe::{Judged, Judgement, Probe};
use crate::middleware::routed::{self, Answerer};
use crate::middleware::undecided;
use crate::model::principal::Principal;
use crate::review::registry::AccessMatrix;

/// The methods that every route is asked by, beside its own.
const METHODS: &[&str] = &[
    "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "QUERY",
];

/// A last segment that no route is expected to have.
const NOWHERE: &str = "no-such-route-5f1c2e";

/// How long a handler without a decision may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Fails where a route of the app answers without a decision, and names it.
///
/// The same as a [`Sweep`] with its defaults, of which only undecided routes, and routes that could
/// not be tried, count.
///
/// # Panics
///
/// Where there is such a route, and where the app cannot be started.
#[allow(clippy::panic, reason = "an assertion, for tests")]
pub async fn assert_no_undecided_routes<A, F, B, E>(app: A)
where
    A: IntoServiceFactory<F, Request>,
    F: ServiceFactory<Request, Config = AppConfig, Response = ServiceResponse<B>, Error = E>,
    F::InitError: fmt::Debug,
    B: MessageBody,
{
    let mut report = Sweep::new().run(app).await;
    report.findings.retain(|finding| {
        matches!(
            finding,
            Finding::Undecided { .. } | Finding::NotTried { .. }
        )
    });
    report.assert_clean();
}

/// Drives an app through all its routes as everybody; see the [module](self).
///
/// ```
/// # use actix_web::{App, get, web};
/// # use auth_runtime::prelude::*;
/// use auth_runtime::testing::sweep::Sweep;
///
/// # #[get("/articles/{slug:[a-z]{3}-[0-9]}")]
/// # #[public(reason = "an example")]
/// # async fn article() -> &'static str { "an article" }
/// # #[actix_web::main]
/// # async fn main() -> Result<(), auth_runtime::ConfigurationError> {
/// # let auth = Auth::builder()
/// #     .realm("articles")
/// #     .scheme(Bearer::sync(|_: Secret<'_>| None::<Principal>))
/// #     .build()?;
/// # let app = App::new().app_data(auth).service(article).route("/static/logo", web::get().to(|| async { "logo" }));
/// let report = Sweep::new()
///     .sample("slug", "abc-1")
///     .allow_undecided("/static/logo", "a picture for everybody")
///     .run(app)
///     .await;
/// report.assert_clean();
/// println!("{}", report.matrix());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a sweep does nothing until it is run"]
pub struct Sweep {
    samples: BTreeMap<String, String>,
    allowed: BTreeMap<String, String>,
    headers: Vec<(String, String)>,
    peer: Option<SocketAddr>,
}

/// One route by one method, as it is asked.
struct Asked<'a> {
    route: &'a AppRoute,
    method: &'a str,
    /// Whether the route names this method; GET, where it names none.
    is_declared: bool,
}

/// Whether the app has no route for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Absence {
    /// There is a route, or a middleware has answered.
    None,
    /// actix-web says so, or [`Auth::not_found_service`](crate::Auth::not_found_service).
    Proven,
    /// A default service answers 404: it needs a decision, and the route that was asked does not.
    DefaultService,
}

/// What came back.
struct Answer {
    status: StatusCode,
    /// The pattern of the resource that actix-web matched.
    matched: Option<String>,
    absence: Absence,
    /// Of each guard, the outermost first; empty where none was asked.
    judgements: Vec<Judgement>,
    tree: Option<web::Data<IntrospectionTree>>,
}

impl Sweep {
    /// A sweep of a request that carries nothing but method and path.
    pub fn new() -> Self {
        Self::default()
    }

    /// What to put for a parameter of paths, by its name. Without one, numbers, words, a date and
    /// a UUID are tried until one matches the pattern.
    pub fn sample(mut self, parameter: impl Into<String>, value: impl Into<String>) -> Self {
        self.samples.insert(parameter.into(), value.into());
        self
    }

    /// Lets a route answer without a decision, for what cannot carry an attribute. The pattern is
    /// compared as a whole, with the prefixes of scopes; `/*` is the app's default service and
    /// `/files/*` that of a scope. The reason is for the reviewer.
    pub fn allow_undecided(
        mut self,
        pattern: impl Into<String>,
        reason: impl Into<String>,
    ) -> Self {
        self.allowed.insert(pattern.into(), reason.into());
        self
    }

    /// Sends this header with every request.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Lets every request come from this address, for apps whose configuration asks. The default
    /// is none.
    pub fn peer_addr(mut self, address: SocketAddr) -> Self {
        self.peer = Some(address);
        self
    }

    /// Asks every route of the app, and tells what was seen.
    ///
    /// # Panics
    ///
    /// Where the app cannot be started.
    pub async fn run<A, F, B, E>(self, app: A) -> SweepReport
    where
        A: IntoServiceFactory<F, Request>,
        F: ServiceFactory<Request, Config = AppConfig, Response = ServiceResponse<B>, Error = E>,
        F::InitError: fmt::Debug,
        B: MessageBody,
    {
        let service = init_service(app).await;
        let mut report = SweepReport {
            observations: Vec::new(),
            findings: Vec::new(),
        };
        let nowhere = format!("/{NOWHERE}");
        let first = self.ask(&service, "GET", &nowhere, None).await;
        let Some(tree) = first.tree else {
            report.find(Finding::NotTried {
                route: "/".to_owned(),
                because: "a middleware of the app answers with an error, so that its routes are not known".to_owned(),
            });
            return report;
        };
        let (routes, scopes) = route::of_tree(&tree);
        let patterns: BTreeSet<&str> = routes.iter().map(|route| route.pattern.as_str()).collect();
        let scopes: BTreeSet<&str> = scopes
            .iter()
            .map(|scope| scope.trim_end_matches('/'))
            .collect();
        for scope in std::iter::once("").chain(scopes.into_iter().filter(|scope| !scope.is_empty()))
        {
            self.ask_default(&service, scope, &patterns, &mut report)
                .await;
        }
        let callers = Caller::of(&AccessMatrix::collect());
        for route in &routes {
            if let Some(by) = &route.shadow {
                report.find(Finding::Shadowed {
                    route: route.pattern.clone(),
                    by: by.clone(),
                });
            }
            let Some(path) = route::path_of(&route.pattern, &self.samples) else {
                report.find(Finding::NotTried {
                    route: route.pattern.clone(),
                    because: "no sample matches its parameters: give one with `Sweep::sample`"
                        .to_owned(),
                });
                continue;
            };
            let methods: BTreeSet<&str> = METHODS
                .iter()
                .copied()
                .chain(route.methods.iter().map(String::as_str))
                .collect();
            for method in methods {
                let asked = Asked {
                    route,
                    method,
                    is_declared: route.methods.iter().any(|declared| declared == method)
                        || (route.methods.is_empty() && method == "GET"),
                };
                for (caller, principal) in &callers {
                    let answer = self.ask(&service, method, &path, principal.clone()).await;
                    let goes_on = self.judge(
                        &asked,
                        (caller, principal.as_ref()),
                        &answer,
                        &patterns,
                        &mut report,
                    );
                    if !goes_on {
                        break;
                    }
                }
            }
        }
        report.find_head_slips();
        report
    }

    /// Asks for what no route matches: the default service of the app or a scope.
    async fn ask_default<S, B, E>(
        &self,
        service: &S,
        scope: &str,
        patterns: &BTreeSet<&str>,
        report: &mut SweepReport,
    ) where
        S: Service<Request, Response = ServiceResponse<B>, Error = E>,
        B: MessageBody,
    {
        let pattern = format!("{scope}/{NOWHERE}");
        let Some(path) = route::path_of(&pattern, &self.samples) else {
            report.find(Finding::NotTried {
                route: scope.to_owned(),
                because: "no sample matches the scope's parameters: give one with `Sweep::sample`"
                    .to_owned(),
            });
            return;
        };
        for method in ["GET", "POST"] {
            let answer = self.ask(service, method, &path, None).await;
            let is_routed = answer
                .matched
                .is_some_and(|matched| patterns.contains(matched.as_str()));
            let default = format!("{scope}/*");
            if is_routed
                || !answer.judgements.is_empty()
                || answer.absence == Absence::Proven
                || self.allowed.contains_key(&default)
            {
                continue;
            }
            report.find(Finding::Undecided {
                route: format!("{method} {default}"),
                name: None,
                status: answer.status,
                caller: Caller::Anonymous,
            });
        }
    }

    /// Takes an answer down; whether others need be asked by this method.
    fn judge(
        &self,
        asked: &Asked<'_>,
        (caller, meant): (&Caller, Option<&Principal>),
        answer: &Answer,
        patterns: &BTreeSet<&str>,
        report: &mut SweepReport,
    ) -> bool {
        let Asked { route, method, .. } = asked;
        let name = format!("{method} {}", route.pattern);
        let other = answer
            .matched
            .as_deref()
            .filter(|matched| *matched != route.pattern && patterns.contains(matched));
        if let Some(by) = other {
            if asked.is_declared {
                report.find(Finding::Shadowed {
                    route: name,
                    by: by.to_owned(),
                });
            }
            return false;
        }
        let judged = &answer.judgements;
        let is_denied = judged.last().is_some_and(Judgement::is_denied);
        // A hidden refusal looks like an absent route.
        let is_absent = answer.absence != Absence::None && !is_denied;
        // A mount point decides before there is a route.
        let is_routed = judged.iter().any(|each| !each.record.is_mount_point);
        let is_of_default = is_routed && answer.matched.is_none();
        let (handler, observed) = match judged.first() {
            _ if !asked.is_declared && (is_of_default || (is_absent && !is_routed)) => {
                (None, Observed::NoRoute)
            }
            Some(judgement) if is_routed || !is_absent => {
                (Some(judgement.handler.path), observed(judged))
            }
            _ => (None, Observed::Undecided(answer.status)),
        };
        report.observations.push(Observation {
            method: (*method).to_owned(),
            pattern: route.pattern.clone(),
            caller: caller.clone(),
            handler,
            observed,
            records: answer
                .judgements
                .iter()
                .map(|judgement| judgement.record)
                .collect(),
        });
        match handler {
            Some(_) => {
                for judgement in &answer.judgements {
                    report.compare(name.clone(), (caller, meant), judgement);
                }
                true
            }
            None if observed == Observed::NoRoute => false,
            None if self.allowed.contains_key(&route.pattern) => false,
            // It has been found.
            None if is_absent && route.shadow.is_some() => false,
            None if is_absent => {
                let because = if route.guards.is_empty() {
                    "no request reaches it: a guard of its scope, or a route before it".to_owned()
                } else {
                    let guards = route.guards.join(", ");
                    format!("it asks for {guards}: give the headers with `Sweep::header`")
                };
                report.find(Finding::NotTried {
                    route: name,
                    because,
                });
                false
            }
            None => {
                report.find_undecided(name, route.name.clone(), answer.status, caller);
                true
            }
        }
    }

    async fn ask<S, B, E>(
        &self,
        service: &S,
        method: &str,
        path: &str,
        caller: Option<Principal>,
    ) -> Answer
    where
        S: Service<Request, Response = ServiceResponse<B>, Error = E>,
        B: MessageBody,
    {
        let probe = Probe {
            caller,
            ..Probe::default()
        };
        let method = Method::from_bytes(method.as_bytes()).unwrap_or_default();
        let mut request = TestRequest::with_uri(path).method(method);
        for (name, value) in &self.headers {
            request = request.insert_header((name.as_str(), value.as_str()));
        }
        if let Some(peer) = self.peer {
            request = request.peer_addr(peer);
        }
        let request = request.to_request();
        let with_witness = TestRequest::default().to_srv_request();
        routed::place_witness(&with_witness);
        *request.extensions_mut() = std::mem::take(&mut *with_witness.extensions_mut());
        probe.clone().attach(request.extensions_mut());
        // A handler without a decision is run, and may do anything.
        let response = AssertUnwindSafe(timeout(PATIENCE, service.call(request)))
            .catch_unwind()
            .await;
        let judgements = probe.judgements.take();
        match response {
            Ok(Ok(Ok(mut response))) => {
                let had_witness = routed::remove_witness(&mut response);
                let (response, answerer) = routed::answerer(response, had_witness);
                let request = response.request();
                let is_routed = matches!(answerer, Answerer::Resource | Answerer::NoMethod);
                Answer {
                    status: response.status(),
                    absence: match answerer {
                        _ if undecided::has_no_route(request) => Absence::Proven,
                        Answerer::NoMethod | Answerer::NoResource => Absence::Proven,
                        Answerer::DefaultService if response.status() == StatusCode::NOT_FOUND => {
                            Absence::DefaultService
                        }
                        Answerer::Resource | Answerer::DefaultService => Absence::None,
                    },
                    matched: is_routed.then(|| request.match_pattern()).flatten(),
                    judgements,
                    tree: request.app_data().cloned(),
                }
            }
            Ok(Err(_)) => Answer::failed(StatusCode::GATEWAY_TIMEOUT, judgements),
            Ok(Ok(Err(_))) | Err(_) => {
                Answer::failed(StatusCode::INTERNAL_SERVER_ERROR, judgements)
            }
        }
    }
}

impl Answer {
    /// The app gave none: it panicked, it took too long, or a middleware returned an error.
    fn failed(status: StatusCode, judgements: Vec<Judgement>) -> Self {
        Self {
            status,
            matched: None,
            absence: Absence::None,
            judgements,
            tree: None,
        }
    }
}

/// What the guards of a handler come to: every one of them has to let a caller in.
fn observed(judgements: &[Judgement]) -> Observed {
    let each = judgements.iter().map(|judgement| match judgement.decision {
        Judged::Granted => Observed::Granted,
        Judged::Depends => Observed::Depends,
        Judged::Denied { .. } => Observed::Denied,
    });
    each.fold(Observed::Granted, |all, one| match (all, one) {
        (Observed::Denied, _) | (_, Observed::Denied) => Observed::Denied,
        (Observed::Depends, _) | (_, Observed::Depends) => Observed::Depends,
        _ => Observed::Granted,
    })
}
