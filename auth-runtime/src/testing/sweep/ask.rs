//! One request of a sweep, and what came back.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use actix_http::Request;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::introspection::IntrospectionTree;
use actix_web::rt::time::timeout;
use actix_web::test::TestRequest;
use actix_web::{HttpMessage as _, web};
use futures_util::FutureExt as _;

use crate::enforce::kit::probe::{GuardDecision, Probe};
use crate::middleware::routed::{self, Answerer};
use crate::middleware::unprotected;
use crate::model::principal::Principal;

/// How long a handler without a decision may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether the app has no route for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Absence {
    /// There is a route, or a middleware has answered.
    None,
    /// actix-web says so, or [`Auth::not_found_service`](crate::Auth::not_found_service).
    Proven,
    /// A default service answers 404: it needs a decision, and the route that was asked does not.
    DefaultService,
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// The pattern of the resource that actix-web matched.
    pub(super) matched: Option<String>,
    pub(super) absence: Absence,
    /// Of each guard, the outermost first; empty where none was asked.
    pub(super) decisions: Vec<GuardDecision>,
    pub(super) tree: Option<web::Data<IntrospectionTree>>,
}

/// What every request of a sweep has.
#[derive(Clone, Debug, Default)]
pub(super) struct Requests {
    pub(super) headers: Vec<(String, String)>,
    pub(super) peer: Option<SocketAddr>,
}

impl Requests {
    /// Asks by this method, as this caller; `None` presents nothing.
    pub(super) async fn ask<S, B, E>(
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
        let decisions = probe.decisions.take();
        match response {
            Ok(Ok(Ok(mut response))) => {
                let had_witness = routed::remove_witness(&mut response);
                let (response, answerer) = routed::answerer(response, had_witness);
                let request = response.request();
                let is_routed = matches!(answerer, Answerer::Resource | Answerer::NoMethod);
                Answer {
                    status: response.status(),
                    absence: match answerer {
                        _ if unprotected::has_no_route(request) => Absence::Proven,
                        Answerer::NoMethod | Answerer::NoResource => Absence::Proven,
                        Answerer::DefaultService if response.status() == StatusCode::NOT_FOUND => {
                            Absence::DefaultService
                        }
                        Answerer::Resource | Answerer::DefaultService => Absence::None,
                    },
                    matched: is_routed.then(|| request.match_pattern()).flatten(),
                    decisions,
                    tree: request.app_data().cloned(),
                }
            }
            Ok(Err(_)) => Answer::failed(StatusCode::GATEWAY_TIMEOUT, decisions),
            Ok(Ok(Err(_))) | Err(_) => Answer::failed(StatusCode::INTERNAL_SERVER_ERROR, decisions),
        }
    }
}

impl Answer {
    /// The app gave none: it panicked, it took too long, or a middleware returned an error.
    fn failed(status: StatusCode, decisions: Vec<GuardDecision>) -> Self {
        Self {
            status,
            matched: None,
            absence: Absence::None,
            decisions,
            tree: None,
        }
    }
}
