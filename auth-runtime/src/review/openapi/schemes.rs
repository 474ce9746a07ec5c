//! The schemes of a configuration, as OpenAPI 3.1.1 has them (Security Scheme Object).

use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
};

use crate::config::Auth;

/// A scheme, its key in the document's components, and what it is there.
pub(super) struct Named {
    pub(super) name: &'static str,
    pub(super) key: String,
    pub(super) scheme: SecurityScheme,
}

impl Named {
    /// A requirement of this scheme and nothing more.
    pub(super) fn without_names(&self) -> SecurityRequirement {
        SecurityRequirement::new::<_, [String; 0], String>(self.key.clone(), [])
    }

    /// Whether the list of a requirement holds scopes; otherwise it holds roles.
    pub(super) fn has_scopes(&self) -> bool {
        matches!(
            self.scheme,
            SecurityScheme::OAuth2(_) | SecurityScheme::OpenIdConnect(_)
        )
    }
}

/// A requirement of all of them at once.
pub(super) fn together(schemes: &[Named]) -> SecurityRequirement {
    schemes
        .iter()
        .fold(SecurityRequirement::default(), |object, named| {
            object.add::<_, [String; 0], String>(named.key.clone(), [])
        })
}

/// In the order in which they are tried.
pub(super) fn of(auth: &Auth) -> Vec<Named> {
    let mut all: Vec<Named> = Vec::new();
    for scheme in auth.accepted(None) {
        let mut key = key(scheme.name());
        // Of two names that are alike but for what a key cannot hold.
        while all.iter().any(|other| other.key == key) {
            key.push('_');
        }
        all.push(Named {
            name: scheme.name(),
            key,
            scheme: match scheme.credential_header() {
                Some(header) => {
                    SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new(header.as_str())))
                }
                None => of_http(scheme.name()),
            },
        });
    }
    all
}

fn of_http(name: &str) -> SecurityScheme {
    // RFC 9110 §11.1: a scheme's name is case-insensitive.
    let known = match name.to_ascii_lowercase().as_str() {
        "basic" => HttpAuthScheme::Basic,
        "bearer" => HttpAuthScheme::Bearer,
        "digest" => HttpAuthScheme::Digest,
        "hoba" => HttpAuthScheme::Hoba,
        "mutual" => HttpAuthScheme::Mutual,
        "negotiate" => HttpAuthScheme::Negotiate,
        "oauth" => HttpAuthScheme::OAuth,
        "scram-sha-1" => HttpAuthScheme::ScramSha1,
        "scram-sha-256" => HttpAuthScheme::ScramSha256,
        "vapid" => HttpAuthScheme::Vapid,
        // utoipa's list is closed.
        _ => {
            let description = format!("Credentials of the scheme `{name}`.");
            let value = ApiKeyValue::with_description("Authorization", description.as_str());
            return SecurityScheme::ApiKey(ApiKey::Header(value));
        }
    };
    SecurityScheme::Http(Http::new(known))
}

/// OpenAPI 3.1.1, Components Object: a key of the components is of these characters.
fn key(name: &str) -> String {
    name.chars()
        .map(|character| match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' => character,
            _ => '_',
        })
        .collect()
}
