//! What a token says.

use std::time::Duration;

use auth_runtime::Principal;
use auth_runtime::VerifyError;
use auth_runtime::oauth::jwt::{ClaimMapping, Issuer};
use serde_json::{Value, json};

use crate::asking::{Ask as _, Clock, app, ask, issuer, key, trusting, with};
use crate::minting::{AUDIENCE, ED, ISSUER, NOW, claims_of, merged};

#[actix_web::test]
async fn jwt_13_the_issuer_is_compared_whole() {
    for wrong in [
        json!("https://id.example/"),
        json!("https://ID.example"),
        json!("http://id.example"),
        json!("https://id.example "),
        json!("https://id.examplE"),
        json!("https://id.example.evil"),
        json!("id.example"),
        json!(""),
        json!(null),
        json!(1),
        json!([ISSUER]),
        json!({ISSUER: 1}),
    ] {
        let token = ED.good_with(&json!({"iss": wrong}));
        ask(trusting(&ED), &token)
            .await
            .assert_invalid(&wrong.to_string());
    }
}

#[actix_web::test]
async fn jwt_15_the_audience_is_this_service() {
    for right in [
        json!(AUDIENCE),
        json!([AUDIENCE]),
        json!(["https://other.example", AUDIENCE]),
    ] {
        ask(trusting(&ED), &ED.good_with(&json!({"aud": right})))
            .await
            .assert_ok();
    }
    for wrong in [
        json!(null),
        json!(""),
        json!("https://rs.example.evil"),
        json!("https://rs"),
        json!("https://RS.example"),
        json!("https://rs.example/"),
        json!("https://rs.example https://other.example"),
        json!([]),
        json!([[AUDIENCE]]),
        json!([AUDIENCE, 1]),
        json!({"aud": AUDIENCE}),
        json!(7),
        json!(true),
        json!(["https://other.example"]),
    ] {
        let token = ED.good_with(&json!({"aud": wrong}));
        ask(trusting(&ED), &token)
            .await
            .assert_invalid(&wrong.to_string());
        let untyped = with(issuer(&ED, "EdDSA").untyped());
        ask(untyped, &token)
            .await
            .assert_invalid(&wrong.to_string());
    }
    let own = || with(issuer(&ED, "EdDSA").audience("urn:own"));
    ask(own(), &ED.good_with(&json!({"aud": "urn:own"})))
        .await
        .assert_ok();
    ask(own(), &ED.good())
        .await
        .assert_invalid("that of the builder");
}

#[actix_web::test]
async fn jwt_16_the_required_claims_are_required() {
    for name in ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"] {
        let without = ED.good_with(&json!({ name: null }));
        ask(trusting(&ED), &without).await.assert_invalid(name);
        let claims = claims_of("ada").to_string();
        let null = merged(claims_of("ada"), &json!({ name: "@" }))
            .to_string()
            .replace("\"@\"", "null");
        assert_ne!(claims, null);
        let token = ED.token_of("EdDSA", ED.header().to_string(), null);
        ask(trusting(&ED), &token).await.assert_invalid(name);
    }
    ask(trusting(&ED), &ED.good_with(&json!({"sub": ""})))
        .await
        .assert_invalid("no subject");
    ask(trusting(&ED), &ED.good_with(&json!({"sub": 7})))
        .await
        .assert_invalid("a number");
    let untyped = || with(issuer(&ED, "EdDSA").untyped());
    let less = ED.good_with(&json!({"client_id": null, "iat": null, "jti": null}));
    ask(untyped(), &less).await.assert_ok();
    for name in ["iss", "exp", "aud", "sub"] {
        ask(untyped(), &ED.good_with(&json!({ name: null })))
            .await
            .assert_invalid(name);
    }
}

#[actix_web::test]
async fn required_claims_and_values_of_the_app_are_required() {
    let strict = || {
        with(
            issuer(&ED, "EdDSA")
                .require("tenant")
                .require_value("env", "prod"),
        )
    };
    let good = json!({"tenant": "t", "env": "prod"});
    ask(strict(), &ED.good_with(&good)).await.assert_ok();
    for wrong in [
        json!({"tenant": null}),
        json!({"env": "test"}),
        json!({"env": ["prod"]}),
        json!({"env": null}),
    ] {
        let token = ED.good_with(&merged(good.clone(), &wrong));
        ask(strict(), &token)
            .await
            .assert_invalid(&wrong.to_string());
    }
}

/// A token with this JSON text for a claim.
fn with_text(name: &str, text: &str) -> String {
    let claims = merged(claims_of("ada"), &json!({ name: "@" })).to_string();
    ED.token_of(
        "EdDSA",
        ED.header().to_string(),
        claims.replace("\"@\"", text),
    )
}

#[actix_web::test]
async fn jwt_17_a_token_ends_at_its_expiration_time() {
    for (offset, leeway, valid) in [
        (1, 0, true),
        (0, 0, false),
        (-1, 0, false),
        (-59, 60, true),
        (-60, 60, false),
        (-299, 300, true),
        (-300, 300, false),
    ] {
        let token = ED.good_with(&json!({"exp": NOW.checked_add_signed(offset).unwrap()}));
        let jwt = trusting(&ED).leeway(Duration::from_secs(leeway));
        let answer = ask(jwt, &token).await;
        if valid {
            answer.assert_ok();
        } else {
            answer.assert_expired();
        }
    }
    ask(trusting(&ED), &with_text("exp", &format!("{NOW}.5")))
        .await
        .assert_ok();
    ask(trusting(&ED), &with_text("exp", "1.9e9"))
        .await
        .assert_ok();
    ask(trusting(&ED), &with_text("exp", "0"))
        .await
        .assert_expired();
    for wrong in [
        "null",
        "\"1900000000\"",
        "NaN",
        "1e400",
        "-1",
        "-0.5",
        "1e300",
        "18446744073709551616",
        "[1900000000]",
        "{}",
        "true",
        "Infinity",
    ] {
        ask(trusting(&ED), &with_text("exp", wrong))
            .await
            .assert_invalid(wrong);
    }
}

#[actix_web::test]
async fn jwt_17_only_a_token_of_the_issuer_is_told_that_it_has_expired() {
    let token = ED.good_with(&json!({"exp": NOW - 1}));
    ask(trusting(&ED), &token).await.assert_expired();
    let (message, _) = token.rsplit_once('.').unwrap();
    ask(trusting(&ED), &format!("{message}.{}", "A".repeat(86)))
        .await
        .assert_invalid("forged");
}

#[actix_web::test]
async fn jwt_18_a_token_begins_at_its_not_before_time() {
    for (offset, leeway, valid) in [(0, 0, true), (1, 0, false), (60, 60, true), (61, 60, false)] {
        let token = ED.good_with(&json!({"nbf": NOW + offset}));
        let jwt = trusting(&ED).leeway(Duration::from_secs(leeway));
        let answer = ask(jwt, &token).await;
        if valid {
            answer.assert_ok();
        } else {
            answer.assert_invalid("not yet");
        }
    }
    for wrong in ["null", "\"0\"", "[]", "1e400", "-1", "true"] {
        ask(trusting(&ED), &with_text("nbf", wrong))
            .await
            .assert_invalid(wrong);
    }
}

#[actix_web::test]
async fn jwt_20_a_token_from_the_future_is_no_reason_to_refuse_it() {
    ask(trusting(&ED), &ED.good_with(&json!({"iat": NOW + 100})))
        .await
        .assert_ok();
    for wrong in ["\"0\"", "null", "[]", "1e400", "{}"] {
        ask(trusting(&ED), &with_text("iat", wrong))
            .await
            .assert_invalid(wrong);
        let untyped = with(issuer(&ED, "EdDSA").untyped());
        ask(untyped, &with_text("iat", wrong))
            .await
            .assert_invalid(wrong);
    }
}

#[actix_web::test]
async fn jwt_26_other_kinds_of_token_of_the_same_issuer_and_key_are_refused() {
    let id_token = json!({"typ": "JWT"});
    let claims = |changes: Value| merged(claims_of("ada"), &changes);
    let dpop = json!({"htm": "GET", "htu": "https://rs.example/p", "ath": "x"});
    let logout = json!({"events": {"http://schemas.openid.net/event/backchannel-logout": {}}});
    for (what, header, claims) in [
        ("an ID token", &id_token, claims(json!({"nonce": "n"}))),
        ("an ID token", &id_token, claims(json!({"at_hash": "h"}))),
        ("an ID token", &id_token, claims(json!({"c_hash": "h"}))),
        (
            "a DPoP proof",
            &json!({"typ": "dpop+jwt"}),
            claims(dpop.clone()),
        ),
        ("a DPoP proof", &json!({"typ": "JWT"}), claims(dpop)),
        (
            "a logout token",
            &json!({"typ": "logout+jwt"}),
            claims(logout.clone()),
        ),
        ("a logout token", &json!({"typ": "JWT"}), claims(logout)),
        (
            "a refresh token",
            &json!({"typ": "JWT"}),
            claims(json!({"typ": "Refresh"})),
        ),
        (
            "an ID token",
            &json!({"typ": "JWT"}),
            claims(json!({"typ": "ID"})),
        ),
        (
            "an offline token",
            &json!({"typ": "JWT"}),
            claims(json!({"typ": "Offline"})),
        ),
        (
            "a token of no kind",
            &json!({"typ": "JWT"}),
            claims(json!({"typ": 1})),
        ),
    ] {
        let token = ED.token(&merged(ED.header(), header), &claims);
        ask(trusting(&ED), &token).await.assert_invalid(what);
        let untyped = with(issuer(&ED, "EdDSA").untyped());
        ask(untyped, &token).await.assert_invalid(what);
    }
    // Keycloak's access tokens say so, and may have a nonce.
    let keycloak = ED.token(
        &merged(ED.header(), &id_token),
        &claims(json!({"typ": "Bearer", "nonce": "n"})),
    );
    ask(with(issuer(&ED, "EdDSA").untyped()), &keycloak)
        .await
        .assert_ok();
}

#[actix_web::test]
async fn a_token_that_is_bound_to_a_key_is_no_bearer_token() {
    for cnf in [
        json!({"jkt": "x"}),
        json!({"x5t#S256": "x"}),
        json!({}),
        json!("x"),
    ] {
        let token = ED.good_with(&json!({"cnf": cnf}));
        ask(trusting(&ED), &token).await.assert_invalid("bound");
    }
}

#[actix_web::test]
async fn jwt_29_every_failure_is_the_same_answer() {
    let mut answers = Vec::new();
    for token in [
        "x".to_owned(),
        ED.headed(&json!({"alg": "none"})),
        ED.headed(&json!({"typ": "JWT"})),
        ED.headed(&json!({"kid": "other"})),
        ED.good_with(&json!({"iss": "https://evil.example"})),
        ED.good_with(&json!({"aud": "https://evil.example"})),
        ED.good_with(&json!({"nbf": NOW + 9})),
    ] {
        answers.push(ask(trusting(&ED), &token).await);
    }
    answers[0].assert_invalid("all");
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );
}

async fn granted(issuer: Issuer, token: &str) -> Value {
    ask(with(issuer), token).await.assert_ok().json()
}

#[actix_web::test]
async fn jwt_31_claims_become_scopes_roles_and_permissions() {
    let token = ED.good_with(&json!({
        "scope": "a b:read", "scp": ["c"], "roles": ["admin", {"value": "editor", "display": "E"}],
        "groups": [{"value": "g1", "display": "Staff"}], "entitlements": ["reports:read"],
        "permissions": ["p"], "realm_access": {"roles": ["r"]},
    }));
    assert_eq!(
        granted(issuer(&ED, "EdDSA"), &token).await,
        json!({"subject": "ada", "roles": ["admin", "editor"], "scopes": ["a", "b:read"],
               "permissions": ["reports:read"]})
    );
    let mapping = ClaimMapping::none()
        .scopes("scp")
        .roles_with_prefix("group:", "groups")
        .roles(["realm_access", "roles"])
        .permissions("permissions");
    assert_eq!(
        granted(issuer(&ED, "EdDSA").mapping(mapping), &token).await,
        json!({"subject": "ada", "roles": ["group:g1", "r"], "scopes": ["c"], "permissions": ["p"]})
    );
    for wrong in [
        json!("admin"),
        json!(1),
        json!({"admin": true}),
        json!(["admin", 1]),
        json!([["admin"]]),
    ] {
        let token = ED.good_with(&json!({"roles": wrong, "entitlements": wrong}));
        let granted = granted(issuer(&ED, "EdDSA"), &token).await;
        assert_eq!(
            (&granted["roles"], &granted["permissions"]),
            (&json!([]), &json!([])),
            "{wrong}"
        );
    }
}

#[actix_web::test]
async fn the_presets_read_the_shapes_of_their_servers() {
    let jwt = json!({"typ": "JWT"});
    let mint = |claims: Value| {
        ED.token(
            &merged(ED.header(), &jwt),
            &merged(claims_of("ada"), &claims),
        )
    };
    let without = json!({"client_id": null, "jti": null});
    let keycloak = Issuer::keycloak("https://id.example/", "shop").key(key(&ED, "EdDSA"));
    let token = mint(json!({
        "iss": "https://id.example/realms/shop", "typ": "Bearer", "azp": "web", "client_id": null,
        "scope": "openid profile", "realm_access": {"roles": ["admin"]},
        "resource_access": {"web": {"roles": ["client-admin"]}},
    }));
    let answer = granted(keycloak, &token).await;
    assert_eq!(
        answer,
        json!({"subject": "ada", "roles": ["admin"], "scopes": ["openid", "profile"], "permissions": []})
    );
    let keycloak = || with(Issuer::keycloak("https://id.example", "shop").key(key(&ED, "EdDSA")));
    for kind in [json!("ID"), json!("Refresh"), json!(null)] {
        let token = mint(json!({"iss": "https://id.example/realms/shop", "typ": kind}));
        ask(keycloak(), &token)
            .await
            .assert_invalid(&kind.to_string());
    }

    let auth0 = Issuer::auth0("shop.eu.auth0.com").key(key(&ED, "EdDSA"));
    let token = mint(merged(
        without.clone(),
        &json!({
            "iss": "https://shop.eu.auth0.com/", "azp": "web", "scope": "read:all",
            "permissions": ["delete:all"], "roles": ["not-mapped"],
            "aud": [AUDIENCE, "https://shop.eu.auth0.com/userinfo"],
        }),
    ));
    // `without` holds nulls, which `mint` takes for removals.
    let answer = granted(auth0, &token).await;
    assert_eq!(
        answer,
        json!({"subject": "ada", "roles": [], "scopes": ["read:all"], "permissions": ["delete:all"]})
    );

    let server = "https://shop.okta.com/oauth2/default";
    let okta = Issuer::okta(server).key(key(&ED, "EdDSA"));
    let token = mint(
        json!({"iss": server, "cid": "web", "client_id": null, "scp": ["a", "b"], "groups": ["admin"]}),
    );
    let answer = granted(okta, &token).await;
    assert_eq!(
        answer,
        json!({"subject": "ada", "roles": ["group:admin"], "scopes": ["a", "b"], "permissions": []})
    );

    let tenant = "11111111-2222-3333-4444-555555555555";
    let entra = Issuer::entra_id(tenant).key(key(&ED, "EdDSA"));
    let token = mint(json!({
        "iss": format!("https://login.microsoftonline.com/{tenant}/v2.0"), "ver": "2.0", "tid": tenant,
        "azp": "web", "client_id": null, "jti": null, "scp": "Files.Read Files.Write", "roles": ["Admin"],
    }));
    let answer = granted(entra, &token).await;
    assert_eq!(
        answer,
        json!({"subject": "ada", "roles": ["Admin"], "scopes": ["Files.Read", "Files.Write"], "permissions": []})
    );
}

#[actix_web::test]
async fn jwt_32_one_subject_of_two_issuers_is_two_principals() {
    let other = "https://other.example";
    let both = with(issuer(&ED, "EdDSA").subject_prefix("a|")).issuer(
        Issuer::new(other)
            .key(key(&ED, "EdDSA"))
            .subject_prefix("b|"),
    );
    let app = app(both, Clock::new()).await;
    let ours = app.ask(&ED.good()).await.assert_ok().json();
    let theirs = app
        .ask(&ED.good_with(&json!({"iss": other})))
        .await
        .assert_ok()
        .json();
    assert_eq!(
        (&ours["subject"], &theirs["subject"]),
        (&json!("a|ada"), &json!("b|ada"))
    );
}

#[actix_web::test]
async fn a_hook_turns_the_claims_into_the_apps_user() {
    async fn find(subject: &str) -> Result<Option<&'static str>, std::io::Error> {
        actix_web::rt::task::yield_now().await;
        match subject {
            "ada" => Ok(Some("admin")),
            "down" => Err(std::io::Error::other("the database is away")),
            _ => Ok(None),
        }
    }
    let jwt = || {
        trusting(&ED).user(|principal: Principal| async move {
            let role = find(principal.subject())
                .await
                .map_err(VerifyError::unavailable_because)?;
            Ok::<_, VerifyError>(role.map(|role| principal.role(role)))
        })
    };
    let clock = Clock::new();
    let app = app(jwt(), clock.clone()).await;
    for _ in 0..2 {
        // The second time the token is cached, and the hook is asked all the same.
        assert_eq!(
            app.ask(&ED.good()).await.assert_ok().json()["roles"],
            json!(["admin"])
        );
        app.ask(&ED.good_with(&json!({"sub": "eve"})))
            .await
            .assert_invalid("nobody");
        app.ask(&ED.good_with(&json!({"sub": "down"})))
            .await
            .assert_unavailable();
    }
    let expired =
        trusting(&ED).user_sync(|_: Principal| Err::<Principal, _>(VerifyError::expired()));
    ask(expired, &ED.good()).await.assert_expired();
    let panics =
        trusting(&ED).user_sync(|_: Principal| -> Option<Principal> { panic!("a mistake") });
    assert_eq!(ask(panics, &ED.good()).await.status.as_u16(), 500);
}

#[actix_web::test]
async fn a_hook_is_not_asked_about_a_token_that_is_not_valid() {
    let jwt = trusting(&ED).user_sync(|_: Principal| -> Option<Principal> { panic!("asked") });
    ask(jwt, &ED.good_with(&json!({"aud": "x"})))
        .await
        .assert_invalid("another audience");
}
