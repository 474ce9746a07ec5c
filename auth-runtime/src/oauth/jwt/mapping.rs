//! From claims to roles, scopes and permissions.

use serde_json::{Map, Value};

use crate::model::principal::Principal;

/// Where a claim stands: its name, or the names on the way to it.
///
/// A text is one name, dots and slashes included: `"https://example.com/roles"`. An array is a way
/// down: `["realm_access", "roles"]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimPath(Vec<String>);

impl ClaimPath {
    fn find<'a>(&self, claims: &'a Map<String, Value>) -> Option<&'a Value> {
        let (first, rest) = self.0.split_first()?;
        rest.iter().try_fold(claims.get(first)?, |value, name| {
            value.as_object()?.get(name)
        })
    }
}

impl From<&str> for ClaimPath {
    fn from(name: &str) -> Self {
        Self(vec![name.to_owned()])
    }
}

impl From<String> for ClaimPath {
    fn from(name: String) -> Self {
        Self(vec![name])
    }
}

impl<T: Into<String>, const N: usize> From<[T; N]> for ClaimPath {
    fn from(names: [T; N]) -> Self {
        Self(names.into_iter().map(Into::into).collect())
    }
}

/// Which claims give scopes, roles and permissions.
///
/// The default is that of RFC 9068 §2.2.3: `scope`, `roles`, and `entitlements` as permissions.
/// What is not mapped grants nothing, but stays readable in
/// [`Principal::claims`](crate::Principal::claims).
///
/// ```
/// use auth_runtime::oauth::jwt::ClaimMapping;
///
/// let mapping = ClaimMapping::none()
///     .scopes("scp")
///     .roles(["realm_access", "roles"])
///     .permissions("permissions")
///     .roles_with_prefix("group:", "groups");
/// ```
///
/// # Security
///
/// A claim of the wrong shape grants nothing, not even in part: a `roles` array with a number in
/// it, or a `roles` that is a text. An element is a string, or a SCIM object with a string `value`
/// (RFC 7643 §4.1.2). Permissions are whole names; a `*` in a token has no power.
#[derive(Clone, Debug)]
pub struct ClaimMapping(Vec<(Target, ClaimPath)>);

#[derive(Clone, Debug)]
enum Target {
    Scopes,
    Roles { prefix: String },
    Role,
    Permissions,
}

impl Default for ClaimMapping {
    fn default() -> Self {
        Self::none()
            .scopes("scope")
            .roles("roles")
            .permissions("entitlements")
    }
}

impl ClaimMapping {
    /// A mapping by which no claim grants anything.
    #[must_use]
    pub fn none() -> Self {
        Self(Vec::new())
    }

    /// Takes scopes from a text of tokens with spaces between them (RFC 8693 §4.2), or from an
    /// array of texts.
    #[must_use]
    pub fn scopes(self, claim: impl Into<ClaimPath>) -> Self {
        self.with(Target::Scopes, claim)
    }

    /// Takes roles from an array.
    #[must_use]
    pub fn roles(self, claim: impl Into<ClaimPath>) -> Self {
        self.roles_with_prefix("", claim)
    }

    /// Takes roles from an array and puts `prefix` before each: `group:` for groups, so that none
    /// of them is taken for a role of the same name.
    #[must_use]
    pub fn roles_with_prefix(self, prefix: impl Into<String>, claim: impl Into<ClaimPath>) -> Self {
        let prefix = prefix.into();
        self.with(Target::Roles { prefix }, claim)
    }

    /// Takes one role from a claim that is a text. It is not split.
    #[must_use]
    pub fn role(self, claim: impl Into<ClaimPath>) -> Self {
        self.with(Target::Role, claim)
    }

    /// Takes permissions from an array.
    #[must_use]
    pub fn permissions(self, claim: impl Into<ClaimPath>) -> Self {
        self.with(Target::Permissions, claim)
    }

    fn with(mut self, target: Target, claim: impl Into<ClaimPath>) -> Self {
        self.0.push((target, claim.into()));
        self
    }

    /// Gives the principal what the claims say.
    pub(super) fn apply(&self, principal: Principal, claims: &Map<String, Value>) -> Principal {
        self.0.iter().fold(principal, |principal, (target, path)| {
            let Some(value) = path.find(claims) else {
                return principal;
            };
            match target {
                Target::Scopes => match value {
                    Value::String(text) => principal.scopes(text.split(' ')),
                    _ => principal.scopes(texts(value).unwrap_or_default()),
                },
                Target::Roles { prefix } => {
                    let names = texts(value).unwrap_or_default().into_iter();
                    principal.roles(
                        names
                            .filter(|name| !name.is_empty())
                            .map(|name| format!("{prefix}{name}")),
                    )
                }
                Target::Role => principal.roles(value.as_str()),
                Target::Permissions => principal.permissions(texts(value).unwrap_or_default()),
            }
        })
    }
}

/// The elements of an array of texts or SCIM objects; `None` where any is something else.
fn texts(value: &Value) -> Option<Vec<&str>> {
    value
        .as_array()?
        .iter()
        .map(|element| match element {
            Value::String(text) => Some(text.as_str()),
            Value::Object(object) => object.get("value")?.as_str(),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(claims: &Value, mapping: &ClaimMapping) -> Principal {
        mapping.apply(Principal::new("s"), claims.as_object().unwrap())
    }

    #[test]
    fn the_default_is_that_of_rfc_9068() {
        let claims = json!({
            "scope": "a:read b",
            "roles": ["admin", {"value": "editor", "display": "Editor"}],
            "entitlements": ["reports:*"],
            "groups": ["staff"], "scp": ["c"], "permissions": ["p"],
        });
        let principal = map(&claims, &ClaimMapping::default());
        let scopes: Vec<_> = principal.scope_names().collect();
        let roles: Vec<_> = principal.role_names().collect();
        let permissions: Vec<_> = principal.permission_names().collect();
        assert_eq!(
            (scopes, roles, permissions),
            (
                vec!["a:read", "b"],
                vec!["admin", "editor"],
                vec!["reports:*"]
            )
        );
        assert!(!principal.has_permission("reports:read"));
    }

    #[test]
    fn a_claim_of_the_wrong_shape_grants_nothing() {
        for wrong in [
            json!(null),
            json!("admin"),
            json!(1),
            json!({"value": "admin"}),
            json!({"0": "admin"}),
            json!(["admin", 1]),
            json!(["admin", null]),
            json!(["admin", ["admin"]]),
            json!([{"display": "admin"}]),
            json!([{"value": ["admin"]}]),
            json!([""]),
            json!([]),
        ] {
            let claims =
                json!({"roles": wrong, "entitlements": wrong, "scope": [1], "groups": wrong});
            let mapping = ClaimMapping::default().roles_with_prefix("group:", "groups");
            let principal = map(&claims, &mapping);
            assert_eq!(principal.role_names().count(), 0, "{claims}");
            assert_eq!(principal.permission_names().count(), 0, "{claims}");
            assert_eq!(principal.scope_names().count(), 0, "{claims}");
        }
    }

    #[test]
    fn a_path_is_a_way_down_and_a_text_is_one_name() {
        let claims = json!({
            "realm_access": {"roles": ["nested"]},
            "realm_access.roles": ["dotted"],
            "single": "one two",
        });
        let nested = map(
            &claims,
            &ClaimMapping::none().roles(["realm_access", "roles"]),
        );
        assert!(nested.has_role("nested") && !nested.has_role("dotted"));
        let dotted = map(&claims, &ClaimMapping::none().roles("realm_access.roles"));
        assert!(dotted.has_role("dotted") && !dotted.has_role("nested"));
        let single = map(&claims, &ClaimMapping::none().role("single"));
        assert!(single.has_role("one two") && !single.has_role("one"));
        let missing = map(&claims, &ClaimMapping::none().roles(["single", "roles"]));
        assert_eq!(missing.role_names().count(), 0);
    }
}
