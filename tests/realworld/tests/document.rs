//! The OpenAPI document.

use std::collections::BTreeMap;

use auth_tests_realworld::authentication;
use auth_tests_realworld::docs;
use serde_json::json;

use crate::EXPECTED;

#[test]
fn every_operation_says_what_its_handler_asks_for() {
    let document = docs::document(&authentication().unwrap()).unwrap();
    let document = serde_json::to_value(&document).unwrap();
    let mut found = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let requirement = &operation["x-requirement"];
            let security = operation["security"].as_array().unwrap();
            // OpenAPI 3.1.1: an empty object where the caller may be anonymous.
            let is_optional = security.contains(&json!({}));
            let is_open = security.is_empty() || is_optional;
            assert_eq!(is_open, requirement == "public", "{method} {path}");
            assert_eq!(is_optional, path == "/api/profiles/{username}");
            let may_refuse = operation["responses"].get("401").is_some();
            assert_eq!(may_refuse, !is_open || is_optional, "{method} {path}");
            let operation = format!("{} {path}", method.to_uppercase());
            found.insert(operation, requirement.as_str().unwrap().to_owned());
        }
    }
    let expected = EXPECTED.map(|(operation, asks)| (operation.to_owned(), asks.to_owned()));
    assert_eq!(found, BTreeMap::from(expected));
}
