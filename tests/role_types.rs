//! Role types that try to break what the derive writes.

use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, get};
use auth_runtime::prelude::*;

/// Variants that are called like what generated code might name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Role)]
enum Hostile {
    Err,
    Ok,
    Some,
    None,
    #[allow(clippy::upper_case_acronyms)]
    ALL,
    String,
    Box,
    #[role(implies(r#Err, Ok))]
    #[allow(non_camel_case_types)]
    r#type,
    #[role(name = "*")]
    Star,
    #[role(name = "größe")]
    Größe,
    ÄußerstWichtig,
    #[cfg(any())]
    #[role(name = "err", implies(Nobody))]
    Configured,
    #[cfg_attr(all(), role(name = "by cfg_attr"))]
    ByCfgAttr,
}

#[test]
fn names_of_variants_do_not_meddle_with_generated_code() {
    let names: Vec<&str> = Hostile::ALL_ROLES.iter().map(|role| role.name()).collect();
    assert_eq!(
        names,
        [
            "err",
            "ok",
            "some",
            "none",
            "all",
            "string",
            "box",
            "type",
            "*",
            "größe",
            "äußerst-wichtig",
            "by cfg_attr"
        ]
    );
    for role in Hostile::ALL_ROLES {
        assert_eq!(role.name().parse(), Ok(*role));
        assert_eq!(role.to_string(), role.name());
        let text = serde_json::to_string(role).unwrap();
        assert_eq!(serde_json::from_str::<Hostile>(&text).unwrap(), *role);
    }
    assert!("Err".parse::<Hostile>().is_err());
    assert_eq!(Hostile::Err.set().satisfied_by, ["err", "type"]);
}

impl Hostile {
    const ALL_ROLES: &'static [Self] = <Self as RoleType>::ALL;
}

#[deny_by_default(roles = auth_tests::SharedRole)]
mod with_roles_of_another_crate {
    #[actix_web::get("/shared")]
    #[auth_runtime::requires_role("shared-editor")]
    pub(super) async fn shared() -> &'static str {
        "shared"
    }
}

/// The name of a role is a name, whatever it looks like: a star grants nothing.
#[get("/star")]
#[requires_role(Hostile::Star)]
async fn star() -> &'static str {
    "star"
}

#[get("/err")]
#[requires_role(Hostile::Err)]
async fn err() -> &'static str {
    "err"
}

#[actix_web::test]
async fn a_role_called_star_is_no_wildcard() {
    let auth = Auth::builder()
        .realm("roles")
        .roles::<Hostile>()
        .scheme(Bearer::sync(|token: Secret<'_>| {
            // A star is no character of a token.
            Some(Principal::new("p").role(token.expose().replace("star", "*")))
        }))
        .build()
        .unwrap();
    let app = init_service(
        App::new()
            .app_data(auth)
            .service(star)
            .service(err)
            .service(with_roles_of_another_crate::shared),
    )
    .await;
    for (path, role, expected) in [
        ("/star", "star", 200),
        ("/star", "err", 403),
        ("/err", "star", 403),
        ("/err", "type", 200),
        ("/err", "ok", 403),
        ("/shared", "shared-editor", 200),
        ("/shared", "star", 403),
    ] {
        let request = TestRequest::get()
            .uri(path)
            .insert_header(("authorization", format!("Bearer {role}")));
        let status = call_service(&app, request.to_request()).await.status();
        assert_eq!(status, expected, "{role} at {path}");
    }
}
