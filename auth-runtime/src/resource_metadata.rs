//! Protected resource metadata (RFC 9728): where a client learns whom to ask for a token.

use std::fmt;

use serde_json::{Map, Value};

/// What a protected resource says of itself (RFC 9728 §2): its identifier, the authorization
/// servers whose tokens it takes, and the scopes it knows.
///
/// Given to [`AuthBuilder::resource_metadata`](crate::auth::AuthBuilder::resource_metadata), it is
/// named in the challenges (`resource_metadata`, §5.1), and
/// [`Auth::resource_metadata_service`](crate::Auth::resource_metadata_service) serves it. The
/// Model Context Protocol asks for both.
///
/// ```
/// use auth_runtime::{Auth, Bearer, Principal, ResourceMetadata, Secret};
///
/// let auth = Auth::builder()
///     .realm("files")
///     .scheme(Bearer::sync(|_: Secret<'_>| None::<Principal>))
///     .resource_metadata(
///         ResourceMetadata::new("https://api.example.com/files")
///             .authorization_server("https://login.example.com")
///             .scopes_supported(["files:read", "files:write"]),
///     )
///     .build()?;
/// # Ok::<(), auth_runtime::ConfigurationError>(())
/// ```
///
/// # Security
///
/// Everything in it is public. List only scopes that anyone may know of (RFC 9728 §7.2). The
/// identifier comes from here and never from a request's `Host`. It is also the audience that a
/// token for this resource names: have the verifier check it.
#[derive(Clone, Debug)]
pub struct ResourceMetadata {
    resource: String,
    authorization_servers: Vec<String>,
    scopes_supported: Vec<String>,
    parameters: Map<String, Value>,
    max_age: u32,
    at_root: bool,
}

/// What is wrong with the metadata of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResourceMetadataError {
    /// The identifier is no `https` URL without user, fragment and percent-encoding
    /// (RFC 9728 §1.2); `http` is taken on the loopback interface.
    Resource(String),
    /// There is no authorization server, so that nobody could find out where to get a token.
    NoAuthorizationServer,
    /// The issuer is no `https` URL without query and fragment (RFC 8414 §2); `http` is taken on
    /// the loopback interface.
    AuthorizationServer(String),
    /// This is not one scope (RFC 6749 §3.3), or is `offline_access`, which is between the client
    /// and the authorization server.
    Scope(String),
    /// The parameter has a setting of its own, or its value has none of the form it must have.
    Parameter(String),
}

impl fmt::Display for ResourceMetadataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resource(text) => write!(
                f,
                "{text:?} is no resource identifier: write an https URL without user, fragment and percent-encoding (RFC 9728 §1.2)"
            ),
            Self::NoAuthorizationServer => f.write_str(
                "the metadata of the resource names no authorization server: call `.authorization_server(\"https://...\")`",
            ),
            Self::AuthorizationServer(text) => write!(
                f,
                "{text:?} is no issuer: write an https URL without query and fragment (RFC 8414 §2)"
            ),
            Self::Scope(text) => write!(f, "{text:?} is no scope of a resource (RFC 6749 §3.3)"),
            Self::Parameter(name) => write!(
                f,
                "the metadata parameter `{name}` cannot be set to this value, or not in this way (RFC 9728 §2)"
            ),
        }
    }
}

impl std::error::Error for ResourceMetadataError {}

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
            scopes_supported: Vec::new(),
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

    /// Adds scopes that clients may ask for, each once. None by default.
    #[must_use]
    pub fn scopes_supported<I: IntoIterator<Item: Into<String>>>(mut self, scopes: I) -> Self {
        for scope in scopes.into_iter().map(Into::into) {
            if !self.scopes_supported.contains(&scope) {
                self.scopes_supported.push(scope);
            }
        }
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

    /// Checks everything and writes the document.
    pub(crate) fn publish(
        self,
        takes_bearer_header: bool,
    ) -> Result<PublishedMetadata, ResourceMetadataError> {
        use ResourceMetadataError as Error;
        let resource =
            split(&self.resource).ok_or_else(|| Error::Resource(self.resource.clone()))?;
        if self.authorization_servers.is_empty() {
            return Err(Error::NoAuthorizationServer);
        }
        for issuer in &self.authorization_servers {
            // RFC 8414 §2: "a URL that uses the https scheme and has no query or fragment".
            if split(issuer).is_none_or(|url| url.query.is_some()) {
                return Err(Error::AuthorizationServer(issuer.clone()));
            }
        }
        for scope in &self.scopes_supported {
            if !is_scope(scope) || scope == "offline_access" {
                return Err(Error::Scope(scope.clone()));
            }
        }
        for (name, value) in &self.parameters {
            if !is_publishable(name, value) {
                return Err(Error::Parameter(name.clone()));
            }
        }
        // RFC 9728 §3.1: the well-known path stands between the host and the resource's own path,
        // behind which a slash alone is left out.
        let own_path = if resource.path == "/" {
            ""
        } else {
            resource.path
        };
        let path = format!("{WELL_KNOWN}{own_path}");
        let query = resource.query.map(str::to_owned);
        let suffix = resource
            .query
            .map_or_else(String::new, |query| format!("?{query}"));
        let url = format!("{}{path}{suffix}", resource.origin);
        let is_below_root = path != WELL_KNOWN || query.is_some();

        let mut document = self.parameters;
        document.insert("resource".into(), self.resource.into());
        document.insert(
            "authorization_servers".into(),
            self.authorization_servers.into(),
        );
        if !self.scopes_supported.is_empty() {
            document.insert("scopes_supported".into(), self.scopes_supported.into());
        }
        if takes_bearer_header {
            // RFC 6750 §2.1 is the one way there is here.
            document.insert("bearer_methods_supported".into(), vec!["header"].into());
        }
        Ok(PublishedMetadata {
            url,
            path,
            query,
            root: (self.at_root && is_below_root).then_some(WELL_KNOWN),
            document: Value::Object(document).to_string(),
            max_age: self.max_age,
        })
    }
}

/// RFC 9728 §3.
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// Metadata that was checked, and where it is found.
#[derive(Debug)]
pub(crate) struct PublishedMetadata {
    url: String,
    path: String,
    query: Option<String>,
    root: Option<&'static str>,
    document: String,
    max_age: u32,
}

impl PublishedMetadata {
    /// The absolute URL of the document.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The path of the document on its host.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The query that belongs to the path, where the resource has one.
    pub(crate) fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// The second path of the document, where it has one.
    pub(crate) fn root(&self) -> Option<&'static str> {
        self.root
    }

    /// The document, in JSON.
    pub(crate) fn document(&self) -> &str {
        &self.document
    }

    /// How long it may be kept, in seconds.
    pub(crate) fn max_age(&self) -> u32 {
        self.max_age
    }
}

/// The parts of an absolute URL that this crate may publish or call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Url<'a> {
    pub(crate) origin: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
}

/// Splits a URL with scheme `https`, or `http` on the loopback interface; `None` where it is
/// anything else, has a user or a fragment, or holds what would have to be decoded first.
pub(crate) fn split(url: &str) -> Option<Url<'_>> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at_checked(end)?;
    let host = match authority.strip_prefix('[') {
        Some(address) => {
            let (address, port) = address.split_once(']')?;
            let is_address = address
                .bytes()
                .all(|byte| byte.is_ascii_hexdigit() || byte == b':');
            (is_address && is_port(port)).then_some(address)?
        }
        None => {
            let end = authority.find(':').unwrap_or(authority.len());
            let (host, port) = authority.split_at_checked(end)?;
            let is_name = host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
            (is_name && is_port(port)).then_some(host)?
        }
    };
    let is_loopback = matches!(host, "localhost" | "127.0.0.1" | "::1");
    let is_protected = scheme == "https" || (scheme == "http" && is_loopback);
    let (path, query) = match tail.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (tail, None),
    };
    // RFC 3986 §3.3 and §3.4, without percent-encoding.
    let is_path = path.bytes().all(is_path_byte);
    let is_query = query.is_none_or(|query| {
        !query.is_empty() && query.bytes().all(|byte| is_path_byte(byte) || byte == b'?')
    });
    if host.is_empty() || !is_protected || !is_path || !is_query {
        return None;
    }
    let origin = url.get(..url.len() - tail.len())?;
    Some(Url {
        origin,
        path,
        query,
    })
}

fn is_port(text: &str) -> bool {
    text.is_empty()
        || text
            .strip_prefix(':')
            .is_some_and(|digits| digits.parse::<u16>().is_ok_and(|port| port > 0))
}

fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/".contains(&byte)
}

/// RFC 6749 §3.3: `scope-token = 1*( %x21 / %x23-5B / %x5D-7E )`.
fn is_scope(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~'))
}

/// Whether the parameter may be published with this value.
fn is_publishable(name: &str, value: &Value) -> bool {
    const OWN: [&str; 4] = [
        "resource",
        "authorization_servers",
        "scopes_supported",
        "bearer_methods_supported",
    ];
    if name.is_empty() || OWN.contains(&name) {
        return false;
    }
    match value {
        // RFC 9728 §3.2: zero values are left out.
        Value::Null => false,
        Value::String(text) if text.is_empty() => false,
        Value::Array(items) if items.is_empty() => false,
        Value::Object(members) if members.is_empty() => false,
        Value::String(text) if name == "jwks_uri" => {
            text.starts_with("https://") && split(text).is_some()
        }
        // RFC 9728 §2: "The value none MUST NOT be used".
        Value::Array(items) if name.ends_with("_alg_values_supported") => {
            items.iter().all(|item| {
                item.as_str()
                    .is_some_and(|name| !name.eq_ignore_ascii_case("none"))
            })
        }
        _ => name != "jwks_uri",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published(resource: &str) -> Result<PublishedMetadata, ResourceMetadataError> {
        ResourceMetadata::new(resource)
            .authorization_server("https://as.example")
            .publish(true)
    }

    #[test]
    fn prm_01_the_well_known_path_stands_behind_the_host() {
        for (resource, url) in [
            (
                "https://h",
                "https://h/.well-known/oauth-protected-resource",
            ),
            (
                "https://h/",
                "https://h/.well-known/oauth-protected-resource",
            ),
            (
                "https://h/mcp",
                "https://h/.well-known/oauth-protected-resource/mcp",
            ),
            (
                "https://h/a/b/",
                "https://h/.well-known/oauth-protected-resource/a/b/",
            ),
            (
                "https://h/t?x=1",
                "https://h/.well-known/oauth-protected-resource/t?x=1",
            ),
            (
                "https://h/?x=1",
                "https://h/.well-known/oauth-protected-resource?x=1",
            ),
            (
                "https://h:8443/t",
                "https://h:8443/.well-known/oauth-protected-resource/t",
            ),
            (
                "https://[::2]/t",
                "https://[::2]/.well-known/oauth-protected-resource/t",
            ),
            (
                "http://localhost:8080/t",
                "http://localhost:8080/.well-known/oauth-protected-resource/t",
            ),
        ] {
            assert_eq!(published(resource).unwrap().url(), url);
        }
    }

    #[test]
    fn prm_03_what_is_no_identifier_is_refused() {
        for resource in [
            "",
            "h",
            "http://h",
            "ftp://h",
            "https://",
            "https:///t",
            "https://h#f",
            "https://h/t#f",
            "https://u@h/",
            "https://u:p@h/",
            "https://h/\"",
            "https://h/a b",
            "https://h/%41",
            "https://h/{x}",
            "https://h/\u{e9}",
            "https://h/t?",
            "https://h:x/",
            "https://h:0/",
            "https://h:99999/",
            "http://localhost.evil.example/",
            "http://127.0.0.1.evil.example/",
            "HTTPS://h/",
        ] {
            let error = published(resource).unwrap_err();
            assert_eq!(error, ResourceMetadataError::Resource(resource.to_owned()));
        }
    }

    #[test]
    fn prm_05_zero_values_are_not_published() {
        let build = |name: &str, value: Value| {
            ResourceMetadata::new("https://h")
                .authorization_server("https://as.example")
                .parameter(name, value)
                .publish(true)
                .map(|published| published.document().to_owned())
        };
        for value in [
            Value::Null,
            "".into(),
            Value::Array(vec![]),
            Value::Object(Map::new()),
        ] {
            assert!(build("resource_policy_uri", value).is_err());
        }
        assert!(build("scopes_supported", "x".into()).is_err());
        assert!(build("jwks_uri", "http://h/jwks".into()).is_err());
        assert!(build("jwks_uri", true.into()).is_err());
        for none in ["none", "None"] {
            let algorithms = Value::from(vec!["ES256", none]);
            assert!(build("resource_signing_alg_values_supported", algorithms).is_err());
        }
        let document = build("dpop_bound_access_tokens_required", false.into()).unwrap();
        assert!(!document.contains("scopes_supported"), "{document}");
    }

    #[test]
    fn mcp_05_offline_access_is_no_scope_of_a_resource() {
        for scope in ["offline_access", "", "a b", "a\"b", "\u{e9}"] {
            let error = ResourceMetadata::new("https://h")
                .authorization_server("https://as.example")
                .scopes_supported([scope])
                .publish(true)
                .unwrap_err();
            assert_eq!(error, ResourceMetadataError::Scope(scope.to_owned()));
        }
    }

    #[test]
    fn mcp_03_there_is_an_authorization_server() {
        let without = ResourceMetadata::new("https://h")
            .publish(true)
            .unwrap_err();
        assert_eq!(without, ResourceMetadataError::NoAuthorizationServer);
        for issuer in [
            "http://as.example",
            "https://as.example?x",
            "https://as.example#x",
            "",
        ] {
            let metadata = ResourceMetadata::new("https://h").authorization_server(issuer);
            assert_eq!(
                metadata.publish(true).unwrap_err(),
                ResourceMetadataError::AuthorizationServer(issuer.to_owned())
            );
        }
    }
}
