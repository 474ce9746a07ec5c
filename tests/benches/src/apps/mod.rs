//! One app for each way to guard it. All have the same two routes, `GET` and `POST /reports`, and
//! handlers that use the user and answer 200 with the same text.

mod annotated;
mod bare;
mod features;
mod grants;
mod hand_written;
mod hand_written_stored;
mod httpauth;

use std::fmt;

use actix_http::Request;
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::rt::{System, SystemRunner};
use actix_web::web::PayloadConfig;
use futures_util::FutureExt as _;

pub use self::features::Feature;
use crate::requests::Case;

/// The text of every answer to a granted request.
pub const ANSWER: &str = "the reports";

/// How an app is guarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Not at all: what everything else is measured against.
    None,
    /// An extractor written by hand for this one purpose.
    HandWritten,
    /// The same, doing what else this crate does: the user is stored in the request for others to
    /// ask for, the decision is logged, two `Authorization` lines are refused.
    HandWrittenStored,
    /// This crate, with `Bearer::sync`.
    Annotated,
    /// This crate, with `Bearer::new` and a future that is ready at once.
    AnnotatedAsync,
    /// actix-web-grants: `#[protect]` and its middleware.
    Grants,
    /// actix-web-httpauth's middleware, and a role check in an extractor.
    HttpAuth,
    /// This crate, with more than in `Annotated`.
    Feature(Feature),
}

impl Guard {
    pub const ALL: [Self; 7] = [
        Self::None,
        Self::HandWritten,
        Self::HandWrittenStored,
        Self::Annotated,
        Self::AnnotatedAsync,
        Self::Grants,
        Self::HttpAuth,
    ];

    /// Those guards, and this crate with each feature.
    pub fn with_features() -> impl Iterator<Item = Self> {
        let features = Feature::ALL.into_iter().map(Self::Feature);
        Self::ALL.into_iter().chain(features)
    }

    /// What is measured of it.
    #[must_use]
    pub fn cases(self) -> Vec<Case> {
        match self {
            Self::Feature(Feature::Check) => vec![Case::GrantedBody],
            Self::Feature(Feature::Body) => vec![Case::Granted, Case::GrantedBody],
            Self::Feature(Feature::ApiKey) => vec![Case::GrantedByApiKey],
            Self::Feature(Feature::Basic) => vec![Case::GrantedByBasic],
            Self::Feature(_) => vec![Case::Granted],
            _ => Case::ALL.to_vec(),
        }
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "bare",
            Self::HandWritten => "hand_written",
            Self::HandWrittenStored => "hand_written_stored",
            Self::Annotated => "annotated",
            Self::AnnotatedAsync => "annotated_async",
            Self::Grants => "grants",
            Self::HttpAuth => "httpauth",
            Self::Feature(feature) => feature.name(),
        }
    }

    /// Starts the app.
    #[must_use]
    pub fn app(self) -> App {
        let system = System::new();
        let service = system.block_on(async {
            match self {
                Self::None => bare::service().await,
                Self::HandWritten => hand_written::service().await,
                Self::HandWrittenStored => hand_written_stored::service().await,
                Self::Annotated => annotated::service().await,
                Self::AnnotatedAsync => annotated::async_service().await,
                Self::Grants => grants::service().await,
                Self::HttpAuth => httpauth::service().await,
                Self::Feature(feature) => feature.service().await,
            }
        });
        App {
            service,
            _system: system,
        }
    }
}

/// A started app, asked without a network.
pub struct App {
    service: Box<dyn Answers>,
    _system: SystemRunner,
}

impl App {
    /// Answers one request and drops everything that it needed.
    #[must_use]
    pub fn answer(&self, request: Request) -> StatusCode {
        self.service.answer(request)
    }

    /// Answers one request, for a look at the whole of it.
    #[must_use]
    pub fn head(&self, request: Request) -> String {
        self.service.head(request)
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}

/// Behind a box, so that all apps are of one type: one indirect call, the same for all.
trait Answers {
    fn answer(&self, request: Request) -> StatusCode;
    fn head(&self, request: Request) -> String;
}

struct Started<S>(S);

impl<S, B> Started<S>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
{
    #[expect(
        clippy::panic,
        reason = "an app that is not ready at once cannot be measured so"
    )]
    fn respond(&self, request: Request) -> ServiceResponse<B> {
        match self.0.call(request).now_or_never() {
            Some(Ok(response)) => response,
            Some(Err(error)) => panic!("the app failed: {error}"),
            None => panic!("the app waits"),
        }
    }
}

impl<S, B> Answers for Started<S>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    #[inline(never)]
    fn answer(&self, request: Request) -> StatusCode {
        self.respond(request).status()
    }

    fn head(&self, request: Request) -> String {
        let response = self.respond(request);
        format!("{:?} {:?}", response.status(), response.headers())
    }
}

fn started<S, B>(service: S) -> Box<dyn Answers>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    Box::new(Started(service))
}

/// The large body is not refused for its size: where no guard stands before it, it is read.
fn body_limit() -> PayloadConfig {
    PayloadConfig::new(2 << 20)
}
