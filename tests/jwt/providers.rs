//! Tokens of the shape that providers document, through their presets.

use auth_runtime::Principal;
use auth_runtime::oauth::jwt::{Issuer, Jwt, JwtBuilder};
use serde_json::{Value, json};

use crate::asking::{ask, key};
use crate::minting::{NOW, RSA, merged};

const API: &str = "https://api.example";

fn jwt(issuer: Issuer) -> JwtBuilder {
    Jwt::builder()
        .audience(API)
        .issuer(issuer.key(key(&RSA, "RS256")))
}

/// A token with this `typ`, or none.
fn token(typ: &Value, claims: &Value) -> String {
    let header = merged(RSA.header(), &json!({ "typ": typ }));
    RSA.token(&header, claims)
}

struct Provider {
    issuer: fn() -> Issuer,
    typ: Value,
    claims: Value,
    roles: Value,
    scopes: Value,
    permissions: Value,
    /// What must not be in its place: another kind of token, of another client or service.
    refused: Vec<Value>,
}

fn times() -> Value {
    json!({"iat": NOW - 10, "nbf": NOW - 10, "exp": NOW + 600})
}

// A table.
#[allow(clippy::too_many_lines)]
fn providers() -> Vec<(&'static str, Provider)> {
    let id_token = json!({"nonce": "n", "at_hash": "h"});
    let elsewhere = json!({"aud": "https://another.example"});
    vec![
        (
            "Keycloak",
            Provider {
                issuer: || Issuer::keycloak("https://id.example", "shop"),
                typ: json!("JWT"),
                claims: json!({
                    "jti": "1", "iss": "https://id.example/realms/shop", "aud": [API, "account"],
                    "sub": "f:1:ada", "typ": "Bearer", "azp": "web", "sid": "s", "acr": "1",
                    "realm_access": {"roles": ["admin", "offline_access"]},
                    "resource_access": {"account": {"roles": ["view-profile"]}},
                    "scope": "openid articles:write", "preferred_username": "ada",
                }),
                roles: json!(["admin", "offline_access"]),
                scopes: json!(["openid", "articles:write"]),
                permissions: json!([]),
                refused: vec![
                    elsewhere.clone(),
                    json!({"typ": "ID"}),
                    json!({"typ": "Refresh"}),
                    json!({"iss": "https://id.example/realms/other"}),
                ],
            },
        ),
        (
            "Auth0",
            Provider {
                issuer: || Issuer::auth0("shop.eu.auth0.com"),
                typ: json!("JWT"),
                claims: json!({
                    "iss": "https://shop.eu.auth0.com/", "sub": "auth0|123456",
                    "aud": [API, "https://shop.eu.auth0.com/userinfo"],
                    "azp": "my_client_id", "scope": "openid profile read:articles",
                    "permissions": ["articles:write"],
                }),
                roles: json!([]),
                scopes: json!(["openid", "profile", "read:articles"]),
                permissions: json!(["articles:write"]),
                refused: vec![
                    elsewhere.clone(),
                    id_token.clone(),
                    json!({"iss": "https://shop.eu.auth0.com"}),
                ],
            },
        ),
        (
            "Okta",
            Provider {
                issuer: || Issuer::okta("https://shop.okta.com/oauth2/default"),
                typ: Value::Null,
                claims: json!({
                    "ver": 1, "jti": "AT.1", "iss": "https://shop.okta.com/oauth2/default",
                    "aud": API, "cid": "0oa1", "uid": "00u1", "scp": ["openid", "articles:write"],
                    "sub": "ada@shop.example", "groups": ["Everyone"],
                }),
                roles: json!(["group:Everyone"]),
                scopes: json!(["openid", "articles:write"]),
                permissions: json!([]),
                refused: vec![elsewhere.clone(), id_token.clone()],
            },
        ),
        (
            "Entra ID",
            Provider {
                issuer: || Issuer::entra_id("aaaabbbb-0000-cccc-1111-dddd2222eeee"),
                typ: json!("JWT"),
                claims: json!({
                    "aud": API,
                    "iss": "https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee/v2.0",
                    "azp": "client", "azpacr": "0", "oid": "o", "rh": "r", "ver": "2.0",
                    "scp": "Articles.Write User.Read", "roles": ["Editor"], "sub": "pairwise",
                    "tid": "aaaabbbb-0000-cccc-1111-dddd2222eeee", "uti": "u",
                }),
                roles: json!(["Editor"]),
                scopes: json!(["Articles.Write", "User.Read"]),
                permissions: json!([]),
                refused: vec![
                    elsewhere.clone(),
                    id_token.clone(),
                    json!({"iss": "https://login.microsoftonline.com/another/v2.0"}),
                ],
            },
        ),
        (
            "Amazon Cognito",
            Provider {
                issuer: || Issuer::cognito("us-west-2", "us-west-2_example", ["web", "app"]),
                typ: Value::Null,
                claims: json!({
                    "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "device_key": "d",
                    "cognito:groups": ["admin"], "token_use": "access",
                    "scope": "aws.cognito.signin.user.admin articles/write",
                    "auth_time": NOW - 10, "iss": "https://cognito-idp.us-west-2.amazonaws.com/us-west-2_example",
                    "jti": "1", "client_id": "app", "username": "ada", "origin_jti": "o",
                    "event_id": "e", "version": 2,
                }),
                roles: json!(["group:admin"]),
                scopes: json!(["aws.cognito.signin.user.admin", "articles/write"]),
                permissions: json!([]),
                refused: vec![
                    json!({"client_id": "another"}),
                    json!({"token_use": "id", "aud": "app"}),
                    json!({"token_use": null}),
                    json!({"client_id": null, "aud": "app"}),
                ],
            },
        ),
        (
            "Google",
            Provider {
                issuer: Issuer::google,
                typ: json!("JWT"),
                claims: json!({
                    "aud": API, "azp": "112233", "email": "caller@project.iam.gserviceaccount.com",
                    "email_verified": true, "iss": "https://accounts.google.com", "sub": "112233",
                }),
                roles: json!([]),
                scopes: json!([]),
                permissions: json!([]),
                refused: vec![elsewhere.clone(), id_token.clone()],
            },
        ),
        (
            "GitHub Actions",
            Provider {
                issuer: || Issuer::github_actions("octo-org/octo-repo"),
                typ: json!("JWT"),
                claims: json!({
                    "jti": "1", "sub": "repo:octo-org/octo-repo:environment:prod", "aud": API,
                    "environment": "prod", "ref": "refs/heads/main", "sha": "s",
                    "repository": "octo-org/octo-repo", "repository_owner": "octo-org",
                    "actor_id": "12", "repository_id": "74", "repository_owner_id": "65",
                    "run_id": "1", "event_name": "push", "ref_type": "branch",
                    "job_workflow_ref": "octo-org/octo-repo/.github/workflows/deploy.yml@refs/heads/main",
                    "iss": "https://token.actions.githubusercontent.com",
                }),
                roles: json!([]),
                scopes: json!([]),
                permissions: json!([]),
                refused: vec![
                    elsewhere.clone(),
                    json!({"repository": "evil/octo-repo"}),
                    json!({"repository": null}),
                ],
            },
        ),
        (
            "Kubernetes",
            Provider {
                issuer: || Issuer::kubernetes("https://kubernetes.default.svc.cluster.local"),
                typ: Value::Null,
                claims: json!({
                    "aud": [API], "iss": "https://kubernetes.default.svc.cluster.local", "jti": "1",
                    "kubernetes.io": {
                        "namespace": "shop", "node": {"name": "n", "uid": "u"},
                        "pod": {"name": "p", "uid": "u"},
                        "serviceaccount": {"name": "billing", "uid": "u"}, "warnafter": NOW + 300,
                    },
                    "sub": "system:serviceaccount:shop:billing",
                }),
                roles: json!([]),
                scopes: json!([]),
                permissions: json!([]),
                refused: vec![
                    elsewhere.clone(),
                    json!({"aud": ["https://kubernetes.default.svc.cluster.local"]}),
                    json!({"kubernetes.io": null}),
                ],
            },
        ),
        (
            "oidc-provider",
            Provider {
                issuer: || Issuer::new("https://op.example"),
                typ: json!("at+jwt"),
                claims: json!({
                    "jti": "1", "sub": "ada", "scope": "articles:write", "client_id": "web",
                    "iss": "https://op.example", "aud": API,
                }),
                roles: json!([]),
                scopes: json!(["articles:write"]),
                permissions: json!([]),
                refused: vec![elsewhere, json!({"cnf": {"jkt": "k"}})],
            },
        ),
    ]
}

/// Members that are `null` in `changes` are left out.
fn changed(claims: &Value, changes: &Value) -> Value {
    let mut claims = merged(merged(claims.clone(), &times()), changes);
    let members = claims.as_object_mut().unwrap();
    members.retain(|_, value| !value.is_null());
    claims
}

#[actix_web::test]
async fn a_token_of_each_provider_is_taken_by_its_preset() {
    for (name, provider) in providers() {
        let issuer = (provider.issuer)().algorithms([crate::asking::algorithm("RS256")]);
        let claims = changed(&provider.claims, &json!({}));
        let answer = ask(jwt(issuer), &token(&provider.typ, &claims)).await;
        assert!(answer.is_ok(), "{name}: {answer:?}");
        let body = answer.json();
        assert_eq!(body["subject"], provider.claims["sub"], "{name}");
        assert_eq!(body["roles"], provider.roles, "{name}");
        assert_eq!(body["scopes"], provider.scopes, "{name}");
        assert_eq!(body["permissions"], provider.permissions, "{name}");
    }
}

#[actix_web::test]
async fn jwt_26_another_token_of_the_provider_is_not() {
    for (name, provider) in providers() {
        for changes in &provider.refused {
            let issuer = (provider.issuer)().algorithms([crate::asking::algorithm("RS256")]);
            let claims = changed(&provider.claims, changes);
            let answer = ask(jwt(issuer), &token(&provider.typ, &claims)).await;
            assert_eq!(answer.status, 401, "{name}: {changes}");
        }
    }
}

/// `Issuer::google` and others say nothing of who may: the app does.
#[actix_web::test]
async fn an_account_that_the_app_does_not_know_is_refused() {
    let known = |principal: Principal| {
        (principal.subject() == "112233").then(|| principal.role("reporter"))
    };
    let (_, google) = providers().swap_remove(5);
    for (subject, expected) in [("112233", 200), ("445566", 401)] {
        let claims = changed(&google.claims, &json!({"sub": subject}));
        let jwt = jwt(Issuer::google()).user_sync(known);
        let answer = ask(jwt, &token(&google.typ, &claims)).await;
        assert_eq!(answer.status.as_u16(), expected, "{subject}");
    }
}
