//! Protected resource metadata (RFC 9728): where a client learns which server to ask for a token.

mod error;
mod published;
mod scopes;
mod url;

use serde_json::{Map, Value};

pub use self::error::ResourceMetadataError;
pub(crate) use self::published::PublishedMetadata;
use self::scopes::Scopes;

/// What a protected resource says of itself (RFC 9728 §2): its identifier, the authorization
/// servers whose tokens it takes, and the scopes it knows.
///
/// Given to [`AuthBuilder::resource_metadata`](crate::AuthBuilder::resource_metadata), it is
/// named in the challenges (`resource_metadata`, §5.1), and
/// [`Auth::resource_metadata_service`](crate::Auth::resource_metadata_service) serves it. The
/// Model Context Protocol asks for both.
///
/// ```
/// use auth_runtime::{Auth, Bearer, Principal, Secret};
/// use auth_runtime::oauth::ResourceMetadata;
///
/// let auth = Auth::builder()
///     .realm("files")
///     .scheme(Bearer::sync(|_: Secret<'_>| None::<Principal>))
///     .resource_metadata(
///         ResourceMetadata::new("https://api.example.com/files")
///             .authorization_server("https://login.example.com"),
///     )
///     .build()?;
/// # Ok::<(), auth_runtime::ConfigurationError>(())
/// ```
///
/// # Which scopes it lists
///
/// By default those that the handlers ask for: each scope that stands in the requirement of a
/// handler with an attribute, in the order of the alphabet, each once. Not those that stand under
/// `not(..)` alone, nor `offline_access`, nor those of handlers that `hide`.
///
/// All handlers of the binary count, those of its libraries included, whether or not this app
/// mounts them: which path a handler has is known to the running app alone, so that metadata of a
/// resource with a path cannot be told from it which handlers are below. Where a binary serves
/// several resources, say by module which handlers are whose:
/// [`scopes_of_handlers_in`](Self::scopes_of_handlers_in). What a handler asks for in its body
/// ([`Authenticated::require_scopes`](crate::Authenticated::require_scopes)) stands in no
/// requirement: [`more_scopes`](Self::more_scopes).
///
/// # Security
///
/// Everything in it is public. Where not every scope is for anyone to know of (RFC 9728 §7.2), say
/// which are: [`scopes_supported`](Self::scopes_supported). The identifier comes from here and never from a request's `Host`. It is also the audience that a
/// token for this resource names: have the verifier check it.
#[derive(Clone, Debug)]
pub struct ResourceMetadata {
    resource: String,
    authorization_servers: Vec<String>,
    scopes: Scopes,
    parameters: Map<String, Value>,
    max_age: u32,
    at_root: bool,
}

impl ResourceMetadata {
    /// The metadata of the resource with this identifier: the `https` URL under which clients
    /// reach it, without fragment, and better without query (RFC 9728 §1.2). It is published as it
    /// stands here, for clients compare it byte by byte (§3.3).
    ///
    /// `http` is taken for `localhost`, `127.0.0.1` and `[::1]`, for development.
    #[must_use]
    pub fn new(resource: impl Into<String>) -> Self {
        Self {
            resource: resource.into(),
            authorization_servers: Vec::new(),
            scopes: Scopes::default(),
            parameters: Map::new(),
            max_age: 3600,
            at_root: true,
        }
    }

    /// Adds an authorization server by its issuer identifier, most preferred first. At least one
    /// is required: without it the client is left where it was.
    #[must_use]
    pub fn authorization_server(mut self, issuer: impl Into<String>) -> Self {
        self.authorization_servers.push(issuer.into());
        self
    }

    /// Lists these scopes, each once, in this order, instead of those that the handlers ask for.
    /// A second call adds to the first. Of none: no scope is listed.
    #[must_use]
    pub fn scopes_supported<I: IntoIterator<Item: Into<String>>>(mut self, scopes: I) -> Self {
        self.scopes.list(scopes.into_iter().map(Into::into));
        self
    }

    /// Lists these scopes too, behind the others.
    #[must_use]
    pub fn more_scopes<I: IntoIterator<Item: Into<String>>>(mut self, scopes: I) -> Self {
        self.scopes.add(scopes.into_iter().map(Into::into));
        self
    }

    /// Lists only the scopes of handlers in this module and those below it, by its path as
    /// `module_path!()` gives it: `app::files`. A second call adds a second module.
    ///
    /// ```
    /// use auth_runtime::oauth::ResourceMetadata;
    ///
    /// let files = ResourceMetadata::new("https://api.example.com/files")
    ///     .authorization_server("https://login.example.com")
    ///     .scopes_of_handlers_in(concat!(module_path!(), "::files"));
    /// ```
    ///
    /// A module in which no handler asks for a scope lists none.
    #[must_use]
    pub fn scopes_of_handlers_in(mut self, module: impl Into<String>) -> Self {
        self.scopes.only_in(module.into());
        self
    }

    /// Sets the name to show to people (`resource_name`).
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> Self {
        self.set("resource_name", name.into())
    }

    /// Sets the URL of a page for developers (`resource_documentation`).
    #[must_use]
    pub fn documentation(self, url: impl Into<String>) -> Self {
        self.set("resource_documentation", url.into())
    }

    /// Sets another parameter of RFC 9728 §2 or of the IANA registry, such as `jwks_uri`,
    /// `resource_policy_uri`, `dpop_signing_alg_values_supported` or
    /// `tls_client_certificate_bound_access_tokens`.
    ///
    /// An empty text, an empty list and `null` are an error when the configuration is built
    /// (§3.2: "parameters with zero values MUST be omitted"), and so are the parameters that
    /// have a setting of their own, algorithms `none`, and a `jwks_uri` that is no `https` URL.
    #[must_use]
    pub fn parameter(self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.set(name, value)
    }

    /// Sets how long clients and caches may keep the document, in seconds. The default is 3600.
    #[must_use]
    pub fn max_age(mut self, seconds: u32) -> Self {
        self.max_age = seconds;
        self
    }

    /// Sets whether the document of a resource with a path is also served at
    /// `/.well-known/oauth-protected-resource`, where a client of the Model Context Protocol looks
    /// last. On by default.
    ///
    /// Off where several resources share a host: the root can hold the document of one.
    #[must_use]
    pub fn at_root(mut self, on: bool) -> Self {
        self.at_root = on;
        self
    }

    fn set(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.parameters.insert(name.into(), value.into());
        self
    }
}

#[cfg(test)]
mod tests;
