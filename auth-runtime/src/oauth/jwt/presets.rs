//! The shapes of the tokens of common issuers. The table is in the documentation of
//! [`oauth`](crate::oauth), the tests with their tokens in `tests/jwt/providers.rs`.

use super::issuer::Issuer;
use super::mapping::ClaimMapping;

impl Issuer {
    /// A realm of Keycloak: `Issuer::keycloak("https://id.example", "shop")`.
    ///
    /// Its tokens are [untyped](Self::untyped), with `typ: "Bearer"` among the claims, and give
    /// scopes in `scope` and roles in `realm_access.roles`. Roles of a client are added with
    /// `.mapping(..)` and the path `["resource_access", "the-client", "roles"]`. Keycloak writes
    /// an `aud` only for clients with an audience mapper.
    pub fn keycloak(base: impl AsRef<str>, realm: impl AsRef<str>) -> Self {
        let base = base.as_ref().trim_end_matches('/');
        Self::new(format!("{base}/realms/{}", realm.as_ref()))
            .untyped()
            .require_value("typ", "Bearer")
            .mapping(
                ClaimMapping::none()
                    .scopes("scope")
                    .roles(["realm_access", "roles"]),
            )
    }

    /// A tenant of Auth0, by its domain: `Issuer::auth0("shop.eu.auth0.com")`.
    ///
    /// Its tokens are [untyped](Self::untyped), unless the API is set to the RFC 9068 profile, and
    /// give scopes in `scope` and, with RBAC on, `permissions`. Roles are in a claim of the
    /// tenant's own choice: `.mapping(ClaimMapping::none().roles("https://shop.example/roles"))`.
    pub fn auth0(domain: impl AsRef<str>) -> Self {
        Self::new(format!("https://{}/", domain.as_ref()))
            .untyped()
            .mapping(
                ClaimMapping::none()
                    .scopes("scope")
                    .permissions("permissions"),
            )
    }

    /// An authorization server of Okta: `Issuer::okta("https://shop.okta.com/oauth2/default")`.
    ///
    /// Its tokens are [untyped](Self::untyped) and give scopes in the array `scp`. A `groups`
    /// claim, where the server is set to send one, gives roles named `group:<name>`.
    pub fn okta(server: impl Into<String>) -> Self {
        Self::new(server).untyped().mapping(
            ClaimMapping::none()
                .scopes("scp")
                .roles_with_prefix("group:", "groups"),
        )
    }

    /// A tenant of Microsoft Entra ID, by its id, with tokens of version 2.0.
    ///
    /// Its tokens are [untyped](Self::untyped) and give scopes in the text `scp` and app roles in
    /// `roles`. The audience is the app's client id. The name `common` is in no token: use the
    /// id of the tenant.
    pub fn entra_id(tenant: impl AsRef<str>) -> Self {
        let tenant = tenant.as_ref();
        Self::new(format!("https://login.microsoftonline.com/{tenant}/v2.0"))
            .untyped()
            .mapping(ClaimMapping::none().scopes("scp").roles("roles"))
    }

    /// A user pool of Amazon Cognito, with the app clients whose tokens are for this service:
    /// `Issuer::cognito("eu-west-1", "eu-west-1_AbCdEf123", ["the-client-id"])`.
    ///
    /// Its access tokens have no `typ`, and no `aud` unless the client asks for a resource: what is
    /// checked instead is `client_id`, with `token_use: "access"`, so that its ID tokens are refused.
    /// They give scopes in `scope`. Groups are roles named `group:<name>`.
    pub fn cognito<I: IntoIterator<Item: Into<String>>>(
        region: impl AsRef<str>,
        pool: impl AsRef<str>,
        clients: I,
    ) -> Self {
        let (region, pool) = (region.as_ref(), pool.as_ref());
        Self::new(format!("https://cognito-idp.{region}.amazonaws.com/{pool}"))
            .untyped()
            .any_audience()
            .require_value("token_use", "access")
            .require_one_of("client_id", clients)
            .mapping(
                ClaimMapping::none()
                    .scopes("scope")
                    .roles_with_prefix("group:", "cognito:groups"),
            )
    }

    /// The identity tokens of Google's service accounts, as one service of Google Cloud presents
    /// them to another. The audience is what the caller asked for: the URL of this service.
    ///
    /// `sub` is the numeric id of the account, which is not given to another one, and `email` its
    /// address. They give neither scopes nor roles: turn accounts into callers with
    /// [`JwtBuilder::user`](super::JwtBuilder::user).
    ///
    /// # Security
    ///
    /// Everyone can have a service account, and get a token of it for any audience: an account that
    /// the app does not know is to be refused. Access tokens of Google are opaque, and the ID tokens
    /// of its users are for the client that asked for them.
    pub fn google() -> Self {
        Self::new("https://accounts.google.com")
            .untyped()
            .mapping(ClaimMapping::none())
    }

    /// The workflows of one repository of GitHub Actions: `Issuer::github_actions("octo-org/octo-repo")`.
    ///
    /// The audience is what the workflow asks for, by default `https://github.com/octo-org`. `sub`
    /// is such as `repo:octo-org/octo-repo:ref:refs/heads/main`. They give neither scopes nor roles:
    /// decide by `ref`, `environment` or `job_workflow_ref`, with [`require_value`](Self::require_value)
    /// or in [`JwtBuilder::user`](super::JwtBuilder::user).
    ///
    /// # Security
    ///
    /// Every repository of GitHub gets tokens of this issuer for any audience: hence the
    /// repository, which is required. A name can be given to another owner later; require
    /// `repository_owner_id` or `repository_id` as well. Workflows of pull requests run with the
    /// repository's name, too: require the `ref` or `environment` where that matters.
    pub fn github_actions(repository: impl Into<String>) -> Self {
        Self::new("https://token.actions.githubusercontent.com")
            .untyped()
            .require_value("repository", repository)
            .mapping(ClaimMapping::none())
    }

    /// The projected tokens of the service accounts of a Kubernetes cluster, by the cluster's issuer:
    /// `Issuer::kubernetes("https://kubernetes.default.svc.cluster.local")`.
    ///
    /// The audience is that of the projected volume or of the `TokenRequest`. `sub` is
    /// `system:serviceaccount:<namespace>:<name>`. They give neither scopes nor roles: turn accounts
    /// into callers with [`JwtBuilder::user`](super::JwtBuilder::user). Tokens that are kept in
    /// secrets have neither audience nor end, and are refused.
    ///
    /// The keys are found by discovery, inside the cluster with its certificate authority
    /// (`HttpSettings::certificate`), where the service account of this service may read them
    /// unauthenticated (`system:service-account-issuer-discovery`), or come from a file.
    pub fn kubernetes(issuer: impl Into<String>) -> Self {
        Self::new(issuer)
            .untyped()
            .require("kubernetes.io")
            .mapping(ClaimMapping::none())
    }
}
