//! Requests every route of an app with every kind of caller: a test that finds unprotected handlers.
//!
//! The sweep learns the routes from the running app, whatever way they were mounted, and asks each
//! unauthenticated, authenticated, and with each role, scope and permission that a
//! requirement of the binary names, by its own methods and by HEAD, OPTIONS and others, without a
//! body. It compares what is decided with what the attributes declare, and names every route that
//! answers without a decision.
//!
//! ```
//! use actix_web::{App, get};
//! use auth_runtime::prelude::*;
//! use auth_runtime::testing::sweep::assert_no_unprotected_routes;
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
//! assert_no_unprotected_routes(App::new().app_data(auth).service(me)).await;
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

mod ask;
mod caller;
mod report;
mod route;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;

use actix_http::Request;
use actix_service::IntoServiceFactory;
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Service, ServiceFactory, ServiceResponse};
use actix_web::test::init_service;

use self::ask::{Absence, Answer, Requests};
pub use self::caller::Caller;
pub use self::report::{Finding, Observation, Observed, SweepReport};
use self::route::AppRoute;
use crate::enforce::kit::probe::{GuardDecision, GuardOutcome};
use crate::model::principal::Principal;
use crate::review::registry::{AccessMatrix, RecordKind};

/// The methods that every route is asked by, beside its own.
const METHODS: &[&str] = &[
    "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "QUERY",
];

/// A last segment that no route is expected to have.
const NOWHERE: &str = "no-such-route-5f1c2e";

/// Fails where a route of the app answers without a decision, and names it.
///
/// The same as a [`Sweep`] with its defaults, of which only unprotected routes, and routes that could
/// not be tried, count.
///
/// # Panics
///
/// Where there is such a route, and where the app cannot be started.
#[allow(clippy::panic, reason = "an assertion, for tests")]
pub async fn assert_no_unprotected_routes<A, F, B, E>(app: A)
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
            Finding::Unprotected { .. } | Finding::NotTried { .. }
        )
    });
    report.assert_clean();
}

/// Requests every route of an app with every kind of caller; see the [module](self).
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
///     .allow_unprotected("/static/logo", "a public picture")
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
    requests: Requests,
}

/// One route by one method, as it is asked.
struct Asked<'a> {
    route: &'a AppRoute,
    method: &'a str,
    /// Whether the route names this method; GET, where it names none.
    is_declared: bool,
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
    pub fn allow_unprotected(
        mut self,
        pattern: impl Into<String>,
        reason: impl Into<String>,
    ) -> Self {
        self.allowed.insert(pattern.into(), reason.into());
        self
    }

    /// Sends this header with every request.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.requests.headers.push((name.into(), value.into()));
        self
    }

    /// Lets every request come from this address, for apps whose configuration asks. The default
    /// is none.
    pub fn peer_addr(mut self, address: SocketAddr) -> Self {
        self.requests.peer = Some(address);
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
        let first = self.requests.ask(&service, "GET", &nowhere, None).await;
        let Some(tree) = first.tree else {
            report.find(Finding::NotTried {
                route: "/".to_owned(),
                because: "a middleware of the app answers with an error, so its routes could not be listed".to_owned(),
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
                    let answer = self
                        .requests
                        .ask(&service, method, &path, principal.clone())
                        .await;
                    let goes_on = self.take_down(
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
            let answer = self.requests.ask(service, method, &path, None).await;
            let is_routed = answer
                .matched
                .is_some_and(|matched| patterns.contains(matched.as_str()));
            let default = format!("{scope}/*");
            if is_routed
                || !answer.decisions.is_empty()
                || answer.absence == Absence::Proven
                || self.allowed.contains_key(&default)
            {
                continue;
            }
            report.find(Finding::Unprotected {
                route: format!("{method} {default}"),
                name: None,
                status: answer.status,
                caller: Caller::Anonymous,
            });
        }
    }

    /// Takes an answer down; whether others need be asked by this method.
    fn take_down(
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
        let decisions = &answer.decisions;
        let is_denied = decisions.last().is_some_and(GuardDecision::is_denied);
        // A hidden refusal looks like an absent route.
        let is_absent = answer.absence != Absence::None && !is_denied;
        // A mount point decides before there is a route.
        let is_routed = decisions
            .iter()
            .any(|each| each.record.kind == RecordKind::Handler);
        let is_of_default = is_routed && answer.matched.is_none();
        let (handler, observed) = match decisions.first() {
            _ if !asked.is_declared && (is_of_default || (is_absent && !is_routed)) => {
                (None, Observed::NoRoute)
            }
            Some(decided) if is_routed || !is_absent => {
                (Some(decided.handler.path), observed(decisions))
            }
            _ => (None, Observed::Unprotected(answer.status)),
        };
        report.observations.push(Observation {
            method: (*method).to_owned(),
            pattern: route.pattern.clone(),
            caller: caller.clone(),
            handler,
            observed,
            records: answer
                .decisions
                .iter()
                .map(|decided| decided.record)
                .collect(),
        });
        match handler {
            Some(_) => {
                for decided in &answer.decisions {
                    report.compare(name.clone(), (caller, meant), decided);
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
                    format!("its guards need {guards}: give the headers with `Sweep::header`")
                };
                report.find(Finding::NotTried {
                    route: name,
                    because,
                });
                false
            }
            None => {
                report.find_unprotected(name, route.name.clone(), answer.status, caller);
                true
            }
        }
    }
}

/// What the guards of a handler come to: every one of them has to let a caller in.
fn observed(decisions: &[GuardDecision]) -> Observed {
    let each = decisions.iter().map(|decided| match decided.outcome {
        GuardOutcome::Granted => Observed::Granted,
        GuardOutcome::Depends => Observed::Depends,
        GuardOutcome::Denied { .. } => Observed::Denied,
    });
    each.fold(Observed::Granted, |all, one| match (all, one) {
        (Observed::Denied, _) | (_, Observed::Denied) => Observed::Denied,
        (Observed::Depends, _) | (_, Observed::Depends) => Observed::Depends,
        _ => Observed::Granted,
    })
}
