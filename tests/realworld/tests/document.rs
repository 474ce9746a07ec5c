//! The OpenAPI document.

use std::collections::BTreeMap;

use auth_tests_realworld::authentication;
use auth_tests_realworld::docs;
use serde_json::Value;

use crate::EXPECTED;

#[test]
fn every_operation_says_what_its_handler_asks_for() {
    let (document, unknown) = docs::document(&authentication().unwrap());
    assert_eq!(unknown, Vec::<String>::new());
    let document = serde_json::to_value(&document).unwrap();
    let mut found = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let requirement = &operation["x-requirement"];
            let is_open = operation["security"] == Value::Array(Vec::new());
            assert_eq!(is_open, requirement == "public", "{method} {path}");
            let asks = operation["responses"].get("401").is_some();
            let may_ask = path == "/api/profiles/{username}" && method == "get";
            assert_eq!(asks, !is_open || may_ask, "{method} {path}");
            let operation = format!("{} {path}", method.to_uppercase());
            found.insert(operation, requirement.as_str().unwrap().to_owned());
        }
    }
    let expected = EXPECTED.map(|(operation, asks)| (operation.to_owned(), asks.to_owned()));
    assert_eq!(found, BTreeMap::from(expected));
}
