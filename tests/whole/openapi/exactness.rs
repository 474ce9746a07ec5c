//! The security list against the requirement: it lets in whom the guard lets in, and nobody else,
//! as far as roles and schemes decide.

use auth_runtime::model::Requirement;
use auth_runtime::review::openapi::DocumentSecurity;
use proptest::prelude::*;
use serde_json::Value;

use super::auth;
use super::refusals::security_of;

const SCHEMES: [&str; 3] = ["Bearer", "Basic", "ApiKey"];
const ROLES: [&str; 3] = ["a", "b", "c"];

fn requirement() -> impl Strategy<Value = Requirement> {
    let scheme = || prop::sample::select(SCHEMES.to_vec()).prop_map(Requirement::scheme);
    let leaf = prop_oneof![
        3 => prop::sample::select(ROLES.to_vec()).prop_map(Requirement::role),
        1 => scheme(),
        1 => scheme().prop_map(|part| Requirement::not(Box::leak(Box::new(part)))),
        1 => Just(Requirement::AUTHENTICATED),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        let parts = || prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            parts().prop_map(|parts| Requirement::all(parts.leak())),
            parts().prop_map(|parts| Requirement::any(parts.leak())),
        ]
    })
}

/// Somebody who is known by this scheme and has these roles.
struct Caller {
    scheme: &'static str,
    roles: Vec<&'static str>,
}

fn callers() -> impl Iterator<Item = Caller> {
    SCHEMES.into_iter().flat_map(|scheme| {
        (0..8_u8).map(move |bits| Caller {
            scheme,
            roles: ROLES
                .into_iter()
                .enumerate()
                .filter(|(bit, _)| bits & (1 << bit) != 0)
                .map(|(_, role)| role)
                .collect(),
        })
    })
}

/// What the requirement means, said once more.
fn grants(requirement: &Requirement, caller: &Caller) -> bool {
    match requirement {
        Requirement::Authenticated => true,
        Requirement::Role(name) => caller.roles.contains(name),
        Requirement::Scheme(name) => caller.scheme == *name,
        Requirement::Not(part) => !grants(part, caller),
        Requirement::All(parts) => {
            !parts.is_empty() && parts.iter().all(|part| grants(part, caller))
        }
        Requirement::Any(parts) => parts.iter().any(|part| grants(part, caller)),
        other => unreachable!("{other}"),
    }
}

/// OpenAPI 3.1.1, Security Requirement Object: one of the objects, and all that it lists.
fn documents(security: &Value, caller: &Caller) -> bool {
    security.as_array().unwrap().iter().any(|object| {
        object.as_object().unwrap().iter().all(|(scheme, roles)| {
            let mut roles = roles.as_array().unwrap().iter();
            caller.scheme == scheme
                && roles.all(|role| caller.roles.contains(&role.as_str().unwrap()))
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn oas_01_the_list_lets_in_whom_the_guard_lets_in(requirement in requirement()) {
        let security = security_of(DocumentSecurity::new(&auth()), requirement);
        let list = security.as_array().unwrap();
        prop_assert!(!list.is_empty(), "an empty list is for everybody: {requirement}");
        for object in list {
            prop_assert!(object != &serde_json::json!({}), "so is an empty object: {requirement}");
        }
        for caller in callers() {
            prop_assert_eq!(
                documents(&security, &caller),
                grants(&requirement, &caller),
                "{} for {} with {:?}: {}",
                requirement, caller.scheme, caller.roles, security
            );
        }
    }
}
