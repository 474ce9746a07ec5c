//! The document as it is published.

use serde_json::Value;

use super::scopes::HandlerAccess;
use super::url::split;
use super::{ResourceMetadata, ResourceMetadataError};

impl ResourceMetadata {
    /// Checks everything and writes the document.
    pub(crate) fn publish(
        self,
        takes_bearer_header: bool,
        handlers: impl Iterator<Item = HandlerAccess>,
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
        let scopes = self.scopes.publish(handlers)?;
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
        if !scopes.is_empty() {
            document.insert("scopes_supported".into(), scopes.into());
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
