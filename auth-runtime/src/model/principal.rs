//! Who a request comes from.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use serde_json::{Map, Value};

use crate::model::names::Names;
use crate::model::role::RolesOfApp;
use crate::model::scope::ScopeHierarchy;

/// The authenticated identity of a caller: a subject, its roles, scopes, permissions and claims.
///
/// A verifier makes one; the guard authorizes it; handlers receive it with
/// [`Authenticated`](crate::Authenticated). It is a cheap handle: a clone shares the data, so that
/// a session store can hand out the same principal to many requests.
///
/// ```
/// use auth_runtime::Principal;
///
/// #[derive(Debug)]
/// struct User { id: u64 }
///
/// let ada = Principal::new("ada")
///     .role("admin")
///     .scope("reports:read")
///     .permission("articles:edit")
///     .with(User { id: 7 });
///
/// assert_eq!(ada.subject(), "ada");
/// assert!(ada.has_role("admin") && !ada.has_role("Admin"));
/// assert_eq!(ada.get::<User>().map(|user| user.id), Some(7));
/// ```
///
/// # Security
///
/// Roles, scopes and permissions are compared byte by byte: no case folding, no trimming, no
/// Unicode normalisation, no prefixes. `Debug` shows neither claim values nor the app's own value.
#[derive(Clone)]
pub struct Principal {
    shared: Arc<Shared>,
    scheme: Option<&'static str>,
    roles_of_app: Option<&'static RolesOfApp>,
    scope_hierarchy: Option<Arc<ScopeHierarchy>>,
}

#[derive(Clone, Default)]
struct Shared {
    subject: Box<str>,
    roles: Names,
    scopes: Names,
    permissions: Names,
    grants: Names,
    claims: Map<String, Value>,
    values: Vec<Arc<dyn Any + Send + Sync>>,
    acr: Option<Box<str>>,
    authenticated_at: Option<SystemTime>,
    expires_at: Option<SystemTime>,
}

impl Principal {
    /// A principal of this subject, with no roles, scopes or permissions.
    ///
    /// The subject is whatever identifies a caller in the app: a user name, a key, the `sub` of a
    /// token. It appears in logs and audit events.
    #[must_use]
    pub fn new(subject: impl Into<String>) -> Self {
        Self {
            shared: Arc::new(Shared {
                subject: subject.into().into_boxed_str(),
                ..Shared::default()
            }),
            scheme: None,
            roles_of_app: None,
            scope_hierarchy: None,
        }
    }

    /// Adds a role, by name or of a role type. An empty name adds nothing.
    #[must_use]
    pub fn role(mut self, name: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.shared).roles.add(name.into());
        self
    }

    /// Adds several roles.
    #[must_use]
    pub fn roles<I: IntoIterator<Item: Into<String>>>(self, names: I) -> Self {
        names.into_iter().fold(self, Self::role)
    }

    /// Adds one scope, as one token of the `scope` value (RFC 6749 §3.3). An empty one adds
    /// nothing. A text with spaces is one scope that no requirement can name: split a `scope`
    /// claim first, with [`scopes`](Self::scopes) and `split(' ')`.
    #[must_use]
    pub fn scope(mut self, name: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.shared).scopes.add(name.into());
        self
    }

    /// Adds several scopes: `principal.scopes("reports:read reports:write".split(' '))`.
    #[must_use]
    pub fn scopes<I: IntoIterator<Item: Into<String>>>(self, names: I) -> Self {
        names.into_iter().fold(self, Self::scope)
    }

    /// Adds a permission by its whole name, such as `articles:edit`. A `*` in it is an ordinary
    /// character; see [`grant`](Self::grant) for wildcards.
    #[must_use]
    pub fn permission(mut self, name: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.shared).permissions.add(name.into());
        self
    }

    /// Adds several permissions by their whole names.
    #[must_use]
    pub fn permissions<I: IntoIterator<Item: Into<String>>>(self, names: I) -> Self {
        names.into_iter().fold(self, Self::permission)
    }

    /// Grants permissions by a pattern of `:`-separated parts: a part `*` stands for one part, and
    /// at the end for one or more. `articles:*` covers `articles:edit` and `articles:edit:own`,
    /// but not `articles`.
    ///
    /// Patterns are for what the app itself declares. Names that come from a token go to
    /// [`permission`](Self::permission), where a `*` has no power.
    #[must_use]
    pub fn grant(mut self, pattern: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.shared).grants.add(pattern.into());
        self
    }

    /// Sets one claim.
    #[must_use]
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        Arc::make_mut(&mut self.shared)
            .claims
            .insert(name.into(), value.into());
        self
    }

    /// Replaces all claims.
    #[must_use]
    pub fn with_claims(mut self, claims: Map<String, Value>) -> Self {
        Arc::make_mut(&mut self.shared).claims = claims;
        self
    }

    /// Attaches a value of the app's own, read back with [`get`](Self::get) or, in a handler, with
    /// `Authenticated<T>`. One value a type: a second of the same type replaces the first.
    #[must_use]
    pub fn with<T: Any + Send + Sync>(mut self, value: T) -> Self {
        let values = &mut Arc::make_mut(&mut self.shared).values;
        values.retain(|held| !held.is::<T>());
        values.push(Arc::new(value));
        self
    }

    /// Sets when they authenticated: when the password was entered, not when the request came.
    #[must_use]
    pub fn with_authenticated_at(mut self, at: SystemTime) -> Self {
        Arc::make_mut(&mut self.shared).authenticated_at = Some(at);
        self
    }

    /// Sets how they authenticated, by the name that the identity provider has for it: the `acr`
    /// claim (OpenID Connect Core §2, RFC 9470 §6.1). An empty name sets nothing.
    #[must_use]
    pub fn with_acr(mut self, acr: impl Into<String>) -> Self {
        let acr = acr.into();
        if !acr.is_empty() {
            Arc::make_mut(&mut self.shared).acr = Some(acr.into_boxed_str());
        }
        self
    }

    /// The same principal, who authenticated at this time and in this way, whatever was said before.
    #[cfg(feature = "session")]
    #[must_use]
    pub(crate) fn authenticated_as(mut self, at: Option<SystemTime>, acr: Option<&str>) -> Self {
        let shared = Arc::make_mut(&mut self.shared);
        shared.authenticated_at = at;
        shared.acr = acr.map(Into::into);
        self
    }

    /// Sets when this knowledge ends. From that instant on the credentials count as expired
    /// (RFC 7519 §4.1.4: "on or after").
    #[must_use]
    pub fn with_expires_at(mut self, at: SystemTime) -> Self {
        Arc::make_mut(&mut self.shared).expires_at = Some(at);
        self
    }

    /// Who: as given to [`new`](Self::new).
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.shared.subject
    }

    /// The roles, each once, in the order in which they were added.
    pub fn role_names(&self) -> impl Iterator<Item = &str> {
        self.shared.roles.iter()
    }

    /// The scopes, each once, in the order in which they were added; without those that they imply.
    pub fn scope_names(&self) -> impl Iterator<Item = &str> {
        self.shared.scopes.iter()
    }

    /// The permissions held by whole name, each once, in the order in which they were added;
    /// without what [`grant`](Self::grant) covers.
    pub fn permission_names(&self) -> impl Iterator<Item = &str> {
        self.shared.permissions.iter()
    }

    /// Whether they have this role, or one that implies it by the app's role type
    /// ([`AuthBuilder::roles`](crate::AuthBuilder::roles)), as `requires_role(Role::Reader)` asks.
    ///
    /// `requires_role("reader")` asks for that very name: see
    /// [`role_names`](Self::role_names) to do the same.
    #[must_use]
    pub fn has_role(&self, name: &str) -> bool {
        self.has_this_role(name)
            || self.roles_of_app.is_some_and(|roles| {
                let better = (roles.satisfied_by)(name);
                better.iter().any(|better| self.has_this_role(better))
            })
    }

    /// Whether they have the role of this very name.
    pub(crate) fn has_this_role(&self, name: &str) -> bool {
        self.shared.roles.contains(name)
    }

    /// Whether they have this very scope, or one that implies it
    /// ([`AuthBuilder::scope_implies`](crate::AuthBuilder::scope_implies)).
    #[must_use]
    pub fn has_scope(&self, name: &str) -> bool {
        self.shared.scopes.contains(name)
            || self.scope_hierarchy.as_ref().is_some_and(|hierarchy| {
                hierarchy
                    .broader_than(name)
                    .any(|broader| self.shared.scopes.contains(broader))
            })
    }

    /// Whether they have this permission: by name, by a granted pattern, or by what one of their
    /// roles grants ([`AuthBuilder::roles`](crate::AuthBuilder::roles)).
    #[must_use]
    pub fn has_permission(&self, name: &str) -> bool {
        self.shared.permissions.contains(name)
            || self
                .shared
                .grants
                .iter()
                .any(|pattern| covers(pattern, name))
            || self.roles_of_app.is_some_and(|roles| {
                self.role_names()
                    .flat_map(roles.grants_of)
                    .any(|pattern| covers(pattern, name))
            })
    }

    /// The claims: by name, in the order of the map; empty where the scheme has none.
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        &self.shared.claims
    }

    /// The app's own value of type `T`.
    #[must_use]
    pub fn get<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.shared
            .values
            .iter()
            .find_map(|value| value.downcast_ref())
    }

    /// The name of the scheme that authenticated them, such as `Bearer`; set by the runtime.
    #[must_use]
    pub fn scheme(&self) -> Option<&'static str> {
        self.scheme
    }

    /// When they authenticated (UTC), where the verifier knows it.
    #[must_use]
    pub fn authenticated_at(&self) -> Option<SystemTime> {
        self.shared.authenticated_at
    }

    /// How they authenticated (`acr`), where the verifier knows it.
    #[must_use]
    pub fn acr(&self) -> Option<&str> {
        self.shared.acr.as_deref()
    }

    /// From when on this is no longer true (UTC), where the verifier knows it.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.shared.expires_at
    }

    /// The app's own value of type `T`, shared.
    pub(crate) fn value_of<T: Any>(&self) -> Option<Arc<dyn Any + Send + Sync>> {
        self.shared
            .values
            .iter()
            .find(|value| value.is::<T>())
            .cloned()
    }

    /// The same principal as a scheme of an app knows it: whose roles grant what the app's role type
    /// says, and whose scopes imply what the app says.
    #[must_use]
    #[inline]
    pub(crate) fn known_by(
        mut self,
        scheme: &'static str,
        roles_of_app: Option<&'static RolesOfApp>,
        scope_hierarchy: Option<&Arc<ScopeHierarchy>>,
    ) -> Self {
        self.scheme = Some(scheme);
        self.roles_of_app = roles_of_app;
        if scope_hierarchy.is_some() || self.scope_hierarchy.is_some() {
            self.scope_hierarchy = scope_hierarchy.cloned();
        }
        self
    }
}

/// Whether the pattern stands for the name; see [`Principal::grant`].
fn covers(pattern: &str, name: &str) -> bool {
    if name.is_empty() {
        return false;
    }
    let mut wanted = name.split(':');
    let mut parts = pattern.split(':').peekable();
    while let Some(part) = parts.next() {
        let Some(actual) = wanted.next() else {
            return false;
        };
        if part == "*" {
            if parts.peek().is_none() {
                return true;
            }
        } else if part != actual {
            return false;
        }
    }
    wanted.next().is_none()
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Principal")
            .field("subject", &self.shared.subject)
            .field("roles", &self.shared.roles)
            .field("scopes", &self.shared.scopes)
            .field("permissions", &self.shared.permissions)
            .field("grants", &self.shared.grants)
            .field("claims", &self.shared.claims.keys().collect::<Vec<_>>())
            .field("scheme", &self.scheme)
            .field("authenticated_at", &self.shared.authenticated_at)
            .field("acr", &self.shared.acr)
            .field("expires_at", &self.shared.expires_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_compared_byte_by_byte() {
        let principal = Principal::new("p").role("admin");
        assert!(principal.has_role("admin"));
        for near in [
            "Admin",
            "ADMIN",
            "admin ",
            " admin",
            "admin\0",
            "admin2",
            "admi",
            "ROLE_admin",
            "adm\u{131}n",
            "\u{ff41}dmin",
            "",
        ] {
            assert!(!principal.has_role(near), "{near:?}");
        }
    }

    #[test]
    fn empty_names_neither_are_held_nor_match() {
        let principal = Principal::new("p")
            .role("")
            .scope("")
            .permission("")
            .grant("");
        assert!(
            !principal.has_role("") && !principal.has_scope("") && !principal.has_permission("")
        );
        assert_eq!(principal.role_names().count(), 0);
    }

    #[test]
    fn scopes_are_whole_tokens() {
        let principal = Principal::new("p").scopes("readonly a\tb".split(' '));
        assert!(principal.has_scope("readonly"));
        assert!(
            !principal.has_scope("read") && !principal.has_scope("a") && !principal.has_scope("b")
        );
    }

    #[test]
    fn wildcards_have_power_in_grants_only() {
        let named = Principal::new("p").permission("articles:*").permission("*");
        assert!(!named.has_permission("articles:edit"));
        let granted = Principal::new("p").grant("articles:*").grant("*:read");
        for yes in ["articles:edit", "articles:edit:own", "users:read"] {
            assert!(granted.has_permission(yes), "{yes}");
        }
        for no in [
            "articles",
            "article:edit",
            "users:write",
            "users:read:all",
            "read",
            "",
        ] {
            assert!(!granted.has_permission(no), "{no}");
        }
        assert!(
            Principal::new("p")
                .grant("*")
                .has_permission("anything:at:all")
        );
    }

    #[test]
    fn a_clone_is_not_changed_by_what_is_added_to_the_other() {
        let base = Principal::new("p");
        let admin = base.clone().role("admin");
        assert!(admin.has_role("admin") && !base.has_role("admin"));
    }

    #[test]
    fn debug_shows_no_claim_values_and_no_app_value() {
        let principal = Principal::new("p")
            .claim("email", "a@b.example")
            .with(String::from("s3cret"));
        let text = format!("{principal:?}");
        assert!(
            text.contains("email") && !text.contains("a@b") && !text.contains("s3cret"),
            "{text}"
        );
    }
}
