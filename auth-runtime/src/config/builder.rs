//! Building a configuration: whatever is wrong is said by name, and nothing wrong is permissive.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime};

use super::lookup::note_built;
use super::{Auth, BasicPrompt, ConfigurationError, LoginPages, Settings};
use crate::audit::AuditSink;
use crate::denial::{NotFoundProblem, ProblemJson, RenderDenial, RenderNotFound};
use crate::http::challenge::Realm;
use crate::http::local_path::LocalPath;
use crate::http::network::{NetworkRules, Networks, ProxyHeader, parse_network};
use crate::http::origin::Origin;
use crate::http::resource_metadata::ResourceMetadata;
use crate::model::clock::Clock;
use crate::model::handler::records;
use crate::model::requirement::Access;
use crate::model::role::{RoleType, RolesOfApp};
use crate::model::scope::{Implications, ScopeHierarchy};
use crate::scheme::{Scheme, challenge};

/// Collects the settings of an [`Auth`].
// Each is a switch of its own.
#[allow(clippy::struct_excessive_bools)]
#[must_use = "a configuration takes effect when it is built and put into the app"]
pub struct AuthBuilder {
    realm: Option<String>,
    schemes: Vec<Box<dyn Scheme>>,
    order: Option<Vec<String>>,
    deny: Vec<String>,
    allow: Option<Vec<String>>,
    proxies: Vec<String>,
    header: Option<ProxyHeader>,
    renderer: Arc<dyn RenderDenial>,
    not_found: Arc<dyn RenderNotFound>,
    audit: Option<Arc<dyn AuditSink>>,
    clock: Clock,
    roles_of_app: Option<&'static RolesOfApp>,
    implied_scopes: Implications,
    time_limit: Duration,
    challenge_every_bearer_403: bool,
    challenge_scopes: bool,
    basic_prompt: BasicPrompt,
    resource_metadata: Option<ResourceMetadata>,
    explain_denials: bool,
    ignore_invalid_credentials: bool,
    login_page: Option<String>,
    step_up_page: Option<String>,
    trusted_origins: Vec<String>,
}

impl AuthBuilder {
    pub(super) fn new() -> Self {
        Self {
            realm: None,
            schemes: Vec::new(),
            order: None,
            deny: Vec::new(),
            allow: None,
            proxies: Vec::new(),
            header: None,
            renderer: Arc::new(ProblemJson),
            not_found: Arc::new(NotFoundProblem),
            audit: None,
            clock: Clock::default(),
            roles_of_app: None,
            implied_scopes: Implications::new(),
            time_limit: Duration::from_secs(5),
            challenge_every_bearer_403: false,
            challenge_scopes: false,
            basic_prompt: BasicPrompt::Always,
            resource_metadata: None,
            explain_denials: false,
            ignore_invalid_credentials: false,
            login_page: None,
            step_up_page: None,
            trusted_origins: Vec::new(),
        }
    }

    /// Names the protected space, as clients show it and key their stored credentials by it
    /// (RFC 9110 §11.5). Required. Printable ASCII without quotes and backslashes.
    pub fn realm(mut self, name: impl Into<String>) -> Self {
        self.realm = Some(name.into());
        self
    }

    /// Adds a scheme. A request is authenticated by the scheme whose credentials it presents; where it
    /// presents several, they are tried in the order in which the schemes were added, and the
    /// first valid one says who it is.
    pub fn scheme(mut self, scheme: impl Scheme) -> Self {
        self.schemes.push(Box::new(scheme));
        self
    }

    /// Sets the order of the challenges of a 401, by scheme name. Schemes that are not named
    /// follow in the order in which they were added.
    ///
    /// The default is `Bearer`, `DPoP`, `Basic`, `ApiKey`, `Cookie`: some clients read only the
    /// first line and look for `Bearer` there, while those of `Basic` read them all.
    pub fn challenge_order<I: IntoIterator<Item: Into<String>>>(mut self, names: I) -> Self {
        self.order = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Refuses requests from these networks (403), before credentials are looked at: prefixes such
    /// as `10.0.0.0/8` or `2001:db8::/32`, or single addresses. Adds to what was denied before.
    ///
    /// The address is that of the peer, unless [`trusted_proxies`](Self::trusted_proxies) says
    /// otherwise. A request whose address is unknown is refused. IPv4 addresses are matched by IPv4
    /// prefixes alone, however they were written: `::/0` does not cover them.
    pub fn deny_networks<I: IntoIterator<Item: Into<String>>>(mut self, networks: I) -> Self {
        self.deny.extend(networks.into_iter().map(Into::into));
        self
    }

    /// Refuses requests from anywhere but these networks (403). Adds to what was allowed before;
    /// what is denied stays denied.
    pub fn allow_networks<I: IntoIterator<Item: Into<String>>>(mut self, networks: I) -> Self {
        self.allow
            .get_or_insert_default()
            .extend(networks.into_iter().map(Into::into));
        self
    }

    /// Believes `header` about the client's address where the peer is one of these proxies: the
    /// nearest address that is not a proxy itself counts. By default no header is believed.
    pub fn trusted_proxies<I: IntoIterator<Item: Into<String>>>(
        mut self,
        networks: I,
        header: ProxyHeader,
    ) -> Self {
        self.proxies.extend(networks.into_iter().map(Into::into));
        self.header = Some(header);
        self
    }

    /// Sets how the bodies of denials are written. The default is
    /// [`ProblemJson`](crate::denial::ProblemJson).
    pub fn renderer(mut self, renderer: impl RenderDenial) -> Self {
        self.renderer = Arc::new(renderer);
        self
    }

    /// Sets what [`Auth::not_found_service`] answers, and with it handlers that `hide`.
    pub fn not_found(mut self, renderer: impl RenderNotFound) -> Self {
        self.not_found = Arc::new(renderer);
        self
    }

    /// Tells `sink` every decision.
    pub fn audit(mut self, sink: impl AuditSink) -> Self {
        self.audit = Some(Arc::new(sink));
        self
    }

    /// Sets the clock by which credentials expire. The default is the system's. The verifiers,
    /// caches and revocations behind the schemes go by it too, unless they were given another.
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Clock::new(clock);
        self
    }

    /// Lets the roles of `R` grant what its `#[role(grants(..))]` say, to every principal that holds
    /// them by name, and lets [`Principal::has_role`](crate::Principal::has_role) know which roles
    /// imply others. Without it a role grants nothing and implies nothing there.
    pub fn roles<R: RoleType>(mut self) -> Self {
        self.roles_of_app = Some(RolesOfApp::of::<R>());
        self
    }

    /// Lets the scope `scope` imply others, to every principal that holds it, whatever its scheme:
    /// `.scope_implies("files:*", ["files:read", "files:write"])`. What these imply is implied
    /// too. A second call for one scope adds to the first; a circle is an error.
    ///
    /// By default no scope implies another: names are compared as a whole, and `*` is an ordinary
    /// character (RFC 6749 §3.3: the authorization server says what its scopes mean).
    ///
    /// ```
    /// # use auth_runtime::{Auth, Bearer, Principal, Secret};
    /// let auth = Auth::builder()
    ///     .realm("files")
    ///     .scheme(Bearer::sync(|token: Secret<'_>| {
    ///         token.ct_eq("demo-admin").then(|| Principal::new("ada").scope("admin"))
    ///     }))
    ///     .scope_implies("admin", ["write"])
    ///     .scope_implies("write", ["read"])
    ///     .build()?;
    /// // `#[requires_scope("read")]` lets `ada` in; `Principal::scope_names` still says `admin`.
    /// # Ok::<(), auth_runtime::ConfigurationError>(())
    /// ```
    ///
    /// The narrower never implies the broader, and the 403 of a missing scope names the scopes as
    /// the handler does: the least that is needed.
    ///
    /// # Security
    ///
    /// Who is kept out by `not(scope("read"))` is kept out with `admin` as well. A reviewer of the
    /// access matrix sees what the handlers require, and not which other scopes imply them.
    pub fn scope_implies<I: IntoIterator<Item: Into<String>>>(
        mut self,
        scope: impl Into<String>,
        implied: I,
    ) -> Self {
        self.implied_scopes
            .entry(scope.into())
            .or_default()
            .extend(implied.into_iter().map(Into::into));
        self
    }

    /// Sets how long the verification of a request may take before it is given up and answered
    /// with 503, and how long each policy and each async check may. The default is 5 seconds; zero
    /// is an error.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// Puts a challenge without `error` and `scope` on every 403 of a `Bearer` request.
    ///
    /// Off by default. RFC 9110 §11.6.1 allows a challenge on any status, and RFC 6750 §3 can be
    /// read as asking for one whenever a token does not enable access. But a challenge invites the
    /// client to come again with other credentials, and none of the same person's give a role: so
    /// by default only a missing scope has one, where they would.
    pub fn challenge_every_bearer_403(mut self, on: bool) -> Self {
        self.challenge_every_bearer_403 = on;
        self
    }

    /// Says in the `Bearer` challenge of a 401 which scopes the handler needs, so that the client
    /// asks for them at once. The Model Context Protocol asks for it.
    ///
    /// Off by default: it tells a stranger which scopes there are. A 403 for a missing scope names
    /// the scopes either way.
    pub fn challenge_scopes(mut self, on: bool) -> Self {
        self.challenge_scopes = on;
        self
    }

    /// Sets which requests are challenged with `Basic`. A browser that meets this challenge on a request of its
    /// own origin asks its user for a password, also for a script that would rather show a page.
    /// The default is [`BasicPrompt::Always`].
    ///
    /// With [`BasicPrompt::NavigationOnly`] scripts see the challenges of the other schemes; where
    /// there is none, one of the unregistered name `xBasic`, for a 401 without a challenge breaks
    /// clients (RFC 9110 §15.5.2). Programs that are no browsers see `Basic` as ever.
    pub fn basic_prompt(mut self, prompt: BasicPrompt) -> Self {
        self.basic_prompt = prompt;
        self
    }

    /// Publishes the metadata of the protected resource (RFC 9728): the challenges of `Bearer`
    /// name its address, and [`Auth::resource_metadata_service`] serves it.
    pub fn resource_metadata(mut self, metadata: ResourceMetadata) -> Self {
        self.resource_metadata = Some(metadata);
        self
    }

    /// Says in the body what is missing: the role, the scope, the policy.
    ///
    /// For development. Off by default: it tells an attacker what to go for.
    pub fn explain_denials(mut self, on: bool) -> Self {
        self.explain_denials = on;
        self
    }

    /// Lets [`MaybeAuthenticated`](crate::MaybeAuthenticated) take invalid credentials for none.
    ///
    /// Off by default: RFC 9110 §15.5.2 answers refused credentials with 401, and a client whose
    /// token has expired learns so.
    pub fn ignore_invalid_credentials(mut self, on: bool) -> Self {
        self.ignore_invalid_credentials = on;
        self
    }

    /// Sends browsers to this page of the app to log in: a path such as `/login`. By default they
    /// are not sent anywhere.
    ///
    /// Where a browser came to show a page (`Sec-Fetch-Mode: navigate`, or else a `GET` or `HEAD`
    /// whose `Accept` prefers HTML), a 401 of a handler that takes sessions becomes a 303 to
    /// `/login?next=..`; `next` is the page that was asked for, or the one with the form that was
    /// sent. Read it as a [`LocalPath`](crate::http::LocalPath). Scripts and programs get the 401
    /// with its challenge, an unauthorized caller gets the 403, and a handler that hides answers 404.
    pub fn login_page(mut self, path: impl Into<String>) -> Self {
        self.login_page = Some(path.into());
        self
    }

    /// Sends browsers to this page where `max_age(..)` or `acr(..)` asks for a more recent or
    /// stronger authentication. The default is the [login page](Self::login_page).
    pub fn step_up_page(mut self, path: impl Into<String>) -> Self {
        self.step_up_page = Some(path.into());
        self
    }

    /// Trusts the pages of these origins, such as `https://app.example.com`, as those of this server.
    ///
    /// A request that a page of another origin makes a browser send is refused with 403, where the
    /// browser added the credentials by itself (session cookie, `Basic`) and it could do harm: its
    /// method is not safe, or it opens a WebSocket. Every handler does it, before the body is
    /// read. `Sec-Fetch-Site` says where a request comes from, else `Origin`, which is compared
    /// with `Host`. A request with neither is of no browser, and passes.
    ///
    /// A proxy that changes `Host` makes older browsers' requests look like those of another origin:
    /// then name the app's own origin here.
    pub fn trusted_origins<I: IntoIterator<Item: Into<String>>>(mut self, origins: I) -> Self {
        self.trusted_origins
            .extend(origins.into_iter().map(Into::into));
        self
    }

    /// Checks the settings and makes the configuration.
    ///
    /// # Errors
    ///
    /// [`ConfigurationError`] where a setting is missing, contradicts another, or cannot be used.
    pub fn build(self) -> Result<Auth, ConfigurationError> {
        let realm = Realm::new(&self.realm.ok_or(ConfigurationError::NoRealm)?)
            .map_err(ConfigurationError::Realm)?;
        if self.schemes.is_empty() {
            return Err(ConfigurationError::NoScheme);
        }
        for (position, scheme) in self.schemes.iter().enumerate() {
            let name = scheme.name();
            // RFC 9110 §11.1: names are compared without regard to case.
            let mut earlier = self.schemes.iter().take(position);
            if earlier.any(|other| other.name().eq_ignore_ascii_case(name)) {
                return Err(ConfigurationError::DuplicateScheme(name));
            }
            if let Some(problem) = scheme.configuration_error() {
                return Err(ConfigurationError::Scheme(name, problem));
            }
            scheme.use_clock(&self.clock);
            challenge(scheme.as_ref(), realm.as_str())
                .map_err(|error| ConfigurationError::Challenge(name, error))?;
        }
        if self.time_limit.is_zero() {
            return Err(ConfigurationError::TimeLimit);
        }
        let networks = NetworkRules {
            deny: parse_networks(&self.deny)?,
            allow: self.allow.as_deref().map(parse_networks).transpose()?,
            proxies: parse_networks(&self.proxies)?,
            header: self.header,
        };
        let scope_hierarchy = ScopeHierarchy::new(&self.implied_scopes)
            .map_err(ConfigurationError::ScopeHierarchy)?
            .map(Arc::new);
        let takes_bearer = self.schemes.iter().any(|scheme| scheme.name() == "Bearer");
        let resource_metadata = self
            .resource_metadata
            .map(|metadata| metadata.publish(takes_bearer, visible_handlers()))
            .transpose()
            .map_err(ConfigurationError::ResourceMetadata)?;
        let challenge_order = challenge_order(&self.schemes, self.order.as_deref())?;
        let trusted_origins = self
            .trusted_origins
            .iter()
            .map(|text| Origin::parse(text).ok_or_else(|| ConfigurationError::Origin(text.clone())))
            .collect::<Result<_, _>>()?;
        let login_pages = login_pages(self.login_page, self.step_up_page)?;
        Ok(Auth(Arc::new(Settings {
            number: note_built(),
            realm,
            has_ambient_schemes: self.schemes.iter().any(|scheme| scheme.is_ambient()),
            trusted_origins,
            login_pages,
            has_tls_schemes: self.schemes.iter().any(|scheme| scheme.requires_tls()),
            schemes: self.schemes,
            challenge_order,
            networks,
            renderer: self.renderer,
            not_found: self.not_found,
            not_found_mounted: AtomicBool::new(false),
            written_challenges: Default::default(),
            audit: self.audit,
            clock: self.clock,
            roles_of_app: self.roles_of_app,
            scope_hierarchy,
            time_limit: self.time_limit,
            challenge_every_bearer_403: self.challenge_every_bearer_403,
            challenge_scopes: self.challenge_scopes,
            basic_prompt: self.basic_prompt,
            resource_metadata,
            explain_denials: self.explain_denials,
            ignore_invalid_credentials: self.ignore_invalid_credentials,
        })))
    }
}

fn login_pages(
    login: Option<String>,
    step_up: Option<String>,
) -> Result<Option<LoginPages>, ConfigurationError> {
    let page = |path: String| match LocalPath::parse(&path) {
        Some(page) if !path.contains('?') => Ok(page),
        _ => Err(ConfigurationError::LoginPage(path)),
    };
    let (login, step_up) = match (login, step_up) {
        (None, None) => return Ok(None),
        (None, Some(path)) => return Err(ConfigurationError::LoginPage(path)),
        (Some(login), step_up) => (page(login)?, step_up.map(page).transpose()?),
    };
    let step_up = step_up.unwrap_or_else(|| login.clone());
    Ok(Some(LoginPages { login, step_up }))
}

/// What may be said of the handlers of the binary: nothing of those that hide.
fn visible_handlers() -> impl Iterator<Item = (&'static str, &'static Access)> {
    let visible = records().iter().filter(|record| !record.is_hidden);
    visible.map(|record| (record.handler.path, &record.access))
}

fn parse_networks(texts: &[String]) -> Result<Networks, ConfigurationError> {
    texts
        .iter()
        .map(|text| parse_network(text).map_err(|error| ConfigurationError::Network(error.0)))
        .collect()
}

/// The names of the schemes in the order of their challenges.
fn challenge_order(
    schemes: &[Box<dyn Scheme>],
    wanted: Option<&[String]>,
) -> Result<Vec<&'static str>, ConfigurationError> {
    const PREFERRED: [&str; 5] = ["Bearer", "DPoP", "Basic", "ApiKey", "Cookie"];
    let names: Vec<&'static str> = schemes.iter().map(|scheme| scheme.name()).collect();
    let wanted: Vec<&str> = match wanted {
        None => PREFERRED.to_vec(),
        Some(wanted) => wanted.iter().map(String::as_str).collect(),
    };
    if let Some(unknown) = wanted.iter().find(|name| !names.contains(name))
        && wanted != PREFERRED
    {
        return Err(ConfigurationError::UnknownScheme((*unknown).to_owned()));
    }
    let mut order = names;
    order.sort_by_key(|name| {
        wanted
            .iter()
            .position(|other| other == name)
            .unwrap_or(usize::MAX)
    });
    Ok(order)
}

impl fmt::Debug for AuthBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schemes: Vec<_> = self.schemes.iter().map(|scheme| scheme.name()).collect();
        f.debug_struct("AuthBuilder")
            .field("realm", &self.realm)
            .field("schemes", &schemes)
            .finish_non_exhaustive()
    }
}
