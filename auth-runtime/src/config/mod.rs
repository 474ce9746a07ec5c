//! The configuration: which schemes, in which realm, with which rules.

mod builder;
mod challenges;
mod error;
mod lookup;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use actix_web::dev::RequestHead;
use actix_web::{HttpMessage as _, HttpRequest, Route, web};

pub use self::builder::AuthBuilder;
pub use self::challenges::BasicPrompt;
pub(crate) use self::challenges::{ChallengeCause, Written};
pub use self::error::ConfigurationError;
pub(crate) use self::lookup::{MissingAuth, Which};

use crate::audit::AuditSink;
use crate::denial::{RenderDenial, RenderNotFound, Rendered, UnknownPath, render_not_found};
use crate::http::body;
use crate::http::challenge::Realm;
use crate::http::local_path::LocalPath;
use crate::http::network::NetworkRules;
use crate::http::origin::Origin;
use crate::http::resource_metadata::PublishedMetadata;
use crate::model::clock::Clock;
use crate::model::role::RolesOfApp;
use crate::model::scope::ScopeHierarchy;
use crate::scheme::Scheme;

/// How an app authenticates and refuses: made once with [`Auth::builder`], given to every worker.
///
/// Put a clone into the app or a scope, as it is or in `web::Data`; the handlers below find the
/// nearest one. A clone is a reference.
///
/// ```
/// use actix_web::App;
/// use auth_runtime::{Auth, Bearer, Principal, Secret};
///
/// let auth = Auth::builder()
///     .realm("articles")
///     .scheme(Bearer::sync(|token: Secret<'_>| token.ct_eq("s3cr3t").then(|| Principal::new("ada"))))
///     .build()?;
/// let app = App::new().app_data(auth.clone());
/// # Ok::<(), auth_runtime::ConfigurationError>(())
/// ```
#[derive(Clone)]
pub struct Auth(Arc<Settings>);

// Each is a switch of its own.
#[allow(clippy::struct_excessive_bools)]
pub(crate) struct Settings {
    /// Of the configurations of this process, which no two have.
    pub(crate) number: usize,
    pub(crate) realm: Realm,
    /// In the order in which they are tried.
    pub(crate) schemes: Vec<Box<dyn Scheme>>,
    /// Whether browsers add the credentials of one of them by themselves.
    pub(crate) has_ambient_schemes: bool,
    pub(crate) trusted_origins: Vec<Origin>,
    pub(crate) login_pages: Option<LoginPages>,
    /// Whether one of them is for TLS alone.
    pub(crate) has_tls_schemes: bool,
    /// Their names in the order of their challenges.
    pub(crate) challenge_order: Vec<&'static str>,
    /// Of no cause, and of each [`ChallengeCause`].
    pub(crate) written_challenges: [Written; 4],
    pub(crate) networks: NetworkRules,
    pub(crate) renderer: Arc<dyn RenderDenial>,
    pub(crate) not_found: Arc<dyn RenderNotFound>,
    pub(crate) not_found_mounted: AtomicBool,
    pub(crate) audit: Option<Arc<dyn AuditSink>>,
    pub(crate) clock: Clock,
    pub(crate) roles_of_app: Option<&'static RolesOfApp>,
    pub(crate) scope_hierarchy: Option<Arc<ScopeHierarchy>>,
    pub(crate) time_limit: Duration,
    pub(crate) challenge_every_bearer_403: bool,
    pub(crate) challenge_scopes: bool,
    pub(crate) basic_prompt: BasicPrompt,
    pub(crate) resource_metadata: Option<PublishedMetadata>,
    pub(crate) explain_denials: bool,
    pub(crate) ignore_invalid_credentials: bool,
}

/// Where browsers are sent to log in, and to do it once more.
#[derive(Debug)]
pub(crate) struct LoginPages {
    pub(crate) login: LocalPath,
    pub(crate) step_up: LocalPath,
}
/// In the extensions of a request that [`Auth::not_found_service`] has answered.
pub(crate) struct NotFoundPage;

impl Auth {
    /// Starts a configuration.
    pub fn builder() -> AuthBuilder {
        AuthBuilder::new()
    }

    /// The app's answer to unknown paths, for `.default_service(..)`.
    ///
    /// Once a configuration has given this service away, handlers that `hide` answer with the very
    /// same response: the one set with [`AuthBuilder::not_found`], or a problem document that is
    /// not cached. Without it they answer what actix-web answers to an unknown path, an empty 404.
    ///
    /// ```
    /// # use actix_web::App;
    /// # use auth_runtime::{Auth, Bearer, Principal, Secret};
    /// # let auth = Auth::builder().realm("a").scheme(Bearer::sync(|_: Secret<'_>| None::<Principal>)).build()?;
    /// let app = App::new().app_data(auth.clone()).default_service(auth.not_found_service());
    /// # Ok::<(), auth_runtime::ConfigurationError>(())
    /// ```
    ///
    /// # Security
    ///
    /// Mount it where the hidden handlers would be looked for: on the app, or on their scope if
    /// that has a default service of its own. An app that answers unknown paths with a service
    /// that `Auth` does not know shows the difference. `web::resource("/x").route(..)` answers 405
    /// to other methods and so tells that `/x` exists; `#[get("/x")]` does not. Apps that answer
    /// unknown paths in different ways need an `Auth` each: it remembers one way.
    ///
    /// With it a hidden refusal is the answer of an unknown path byte by byte, and the connection
    /// stays open or ends as it does there, however long a verifier takes and however a body comes.
    /// Time is not hidden: a verifier that waits takes longer than nothing. Two things depend on the
    /// body of a caller who is authenticated and lacks nothing but a `check(..)` of the handler's
    /// arguments: the answer comes when the body has come, so that a body that never does gets
    /// none, and one that is malformed may end the connection without an answer. Where that caller
    /// must not know either, ask with a `policy(..)`, which decides before the body.
    ///
    /// Without it actix-web answers unknown paths at once, and what came with the head is parsed
    /// afterwards; a verifier that waits cannot imitate that wholly. A client that sends a body and
    /// one more request in one piece sees `connection: close` in the second answer as well, and a
    /// connection that ends may do so earlier.
    #[must_use]
    pub fn not_found_service(&self) -> Route {
        self.0.not_found_mounted.store(true, Ordering::Relaxed);
        let auth = self.clone();
        web::to(move |request: HttpRequest, body: web::Payload| {
            let auth = auth.clone();
            async move {
                body::leave(body.into_inner()).await;
                request.extensions_mut().insert(NotFoundPage);
                render_not_found(auth.0.not_found.as_ref(), request.head())
            }
        })
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(crate) fn permits_network(&self, head: &RequestHead) -> bool {
        self.0.networks.permit(head)
    }

    pub(crate) fn client_address(&self, head: &RequestHead) -> Option<IpAddr> {
        self.0.networks.client(head)
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.0.clock.now()
    }

    /// What gives a denial of this request the look of the app.
    pub(crate) fn renderer(&self, request: &HttpRequest) -> Rendered {
        Rendered::new(&self.settings().renderer, request.head())
    }

    /// Whether the app has this configuration's answer to unknown paths.
    pub(crate) fn answers_unknown_paths(&self) -> bool {
        self.0.not_found_mounted.load(Ordering::Relaxed)
    }

    /// What an unknown path is answered with, where the app has this configuration's answer.
    pub(crate) fn unknown_path(&self, request: &HttpRequest) -> Option<UnknownPath> {
        self.answers_unknown_paths()
            .then(|| UnknownPath::new(&self.settings().not_found, request.head()))
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schemes: Vec<_> = self.0.schemes.iter().map(|scheme| scheme.name()).collect();
        f.debug_struct("Auth")
            .field("realm", &self.0.realm)
            .field("schemes", &schemes)
            .finish_non_exhaustive()
    }
}
