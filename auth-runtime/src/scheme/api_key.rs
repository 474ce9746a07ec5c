//! Keys in a header of the app's choice.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use actix_web::http::header::HeaderName;

use super::{Attempt, IntoVerified, Scheme, Verification, VerifyError};
use crate::http::credentials::Credentials;
use crate::model::principal::Principal;
use crate::model::secret::Secret;

/// Verifies a key: the trait form of [`ApiKey::new`], for a verifier with state.
pub trait VerifyKey: Send + Sync + 'static {
    /// The principal that the key stands for, or `None` where the key is not known.
    ///
    /// # Errors
    ///
    /// See [`VerifyError`].
    fn verify(
        &self,
        key: Secret<'static>,
    ) -> impl Future<Output = Result<Option<Principal>, VerifyError>>;
}

type Verify = dyn Fn(&str) -> Verification + Send + Sync;

/// The longest key that is looked at, in bytes.
const MAX_LENGTH: usize = 8192;

/// A key in a header, such as `X-Api-Key: 1f0a…`.
///
/// A missing or wrong key is answered with 401 and `ApiKey realm="…"`. The scheme name `ApiKey` is
/// in common use but not registered with IANA (registration needs IETF review, RFC 9110 §16.4.1);
/// [`scheme_name`](Self::scheme_name) sets another.
///
/// ```
/// use auth_runtime::{ApiKey, Auth, Principal, Secret};
///
/// let auth = Auth::builder()
///     .realm("articles")
///     .scheme(ApiKey::sync("X-Api-Key", |key: Secret<'_>| {
///         key.ct_eq("1f0a6c").then(|| Principal::new("build server").role("deploy"))
///     }))
///     .build()?;
/// # Ok::<(), auth_runtime::ConfigurationError>(())
/// ```
///
/// A key that clients send as `Authorization: Bearer …` is a token: use [`Bearer`](crate::Bearer).
#[derive(Clone)]
pub struct ApiKey {
    header: Result<HeaderName, String>,
    name: &'static str,
    verify: Arc<Verify>,
}

impl ApiKey {
    /// Reads the key from `header` and verifies it with an async closure or function.
    ///
    /// A `header` that is no header name, or is `Authorization`, is an error when the
    /// configuration is built.
    pub fn new<F, Fut>(header: &str, verify: F) -> Self
    where
        F: Fn(Secret<'static>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: IntoVerified> + 'static,
    {
        Self::from_arc(
            header,
            Arc::new(move |key| Verification::pending(verify(Secret::new(key.to_owned())))),
        )
    }

    /// Reads the key from `header` and verifies it with a function that answers at once.
    pub fn sync<F, V>(header: &str, verify: F) -> Self
    where
        F: Fn(Secret<'_>) -> V + Send + Sync + 'static,
        V: IntoVerified,
    {
        Self::from_arc(
            header,
            Arc::new(move |key| Verification::ready(verify(Secret::new(key)))),
        )
    }

    /// Reads the key from `header` and verifies it with an implementation of [`VerifyKey`].
    pub fn verifier(header: &str, verifier: impl VerifyKey) -> Self {
        let verifier = Arc::new(verifier);
        Self::new(header, move |key| {
            let verifier = Arc::clone(&verifier);
            async move { verifier.verify(key).await }
        })
    }

    /// Sets the scheme's name in the challenge and in `scheme(..)`. The default is `ApiKey`.
    #[must_use]
    pub fn scheme_name(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    fn from_arc(header: &str, verify: Arc<Verify>) -> Self {
        let header = match HeaderName::try_from(header) {
            Ok(name) if name != actix_web::http::header::AUTHORIZATION => Ok(name),
            _ => Err(header.to_owned()),
        };
        Self {
            header,
            name: "ApiKey",
            verify,
        }
    }
}

impl Scheme for ApiKey {
    fn name(&self) -> &'static str {
        self.name
    }

    fn credential_header(&self) -> Option<&HeaderName> {
        self.header.as_ref().ok()
    }

    fn configuration_error(&self) -> Option<String> {
        self.header
            .as_ref()
            .err()
            .map(|header| format!("{header:?} cannot be the header of an API key"))
    }

    fn is_ambient(&self) -> bool {
        false
    }

    fn authenticate(&self, credentials: &Credentials<'_>) -> Attempt {
        let Ok(header) = &self.header else {
            return Attempt::invalid();
        };
        let value = match credentials.header(header) {
            Ok(Some(value)) => value,
            Ok(None) => return Attempt::Absent,
            Err(_) => return Attempt::Ambiguous,
        };
        match std::str::from_utf8(value) {
            Ok("") => Attempt::Absent,
            Ok(key)
                if key.len() <= MAX_LENGTH && key.bytes().all(|byte| byte.is_ascii_graphic()) =>
            {
                Attempt::Presented((self.verify)(key))
            }
            _ => Attempt::invalid(),
        }
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKey")
            .field("header", &self.header)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
