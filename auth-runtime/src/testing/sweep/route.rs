//! The routes of an app, as actix-web's introspection tells them, and paths that match them.

use std::collections::BTreeMap;

use actix_web::dev::ResourceDef;
use actix_web::introspection::{IntrospectionNode, IntrospectionTree, ResourceType};

/// What parameters are tried with, until one matches the pattern.
const SAMPLES: &[&str] = &[
    "1",
    "a",
    "sample",
    "00000000-0000-4000-8000-000000000000",
    "2026-01-31",
    "12:00",
    "1.0",
    "v1",
    "en",
    "en-GB",
    "A",
    "AAA",
    "12",
    "1234",
    "0123456789abcdef",
    "0123456789abcdef01234567",
    "a.txt",
    "a/b",
    "ada@example.org",
    "true",
    "",
];

/// A resource of the app, with all its methods.
#[derive(Clone, Debug)]
pub(super) struct AppRoute {
    pub(super) pattern: String,
    /// The resource's name, where it has one: `#[get]` gives it that of the handler.
    pub(super) name: Option<String>,
    /// In capital letters; empty where no route of the resource asks for one.
    pub(super) methods: Vec<String>,
    /// Other guards, such as a host or a header.
    pub(super) guards: Vec<String>,
    /// The path of a scope or a route that takes the requests of this one, or of a part of it.
    pub(super) shadow: Option<String>,
}

/// The resources, and the scopes, by path.
pub(super) fn of_tree(tree: &IntrospectionTree) -> (Vec<AppRoute>, Vec<String>) {
    let (mut routes, mut scopes) = (Vec::new(), Vec::new());
    collect(&tree.root, &mut routes, &mut scopes);
    (routes, scopes)
}

fn collect(node: &IntrospectionNode, routes: &mut Vec<AppRoute>, scopes: &mut Vec<String>) {
    match node.kind {
        ResourceType::Resource => {
            let methods: Vec<_> = node.methods.iter().map(ToString::to_string).collect();
            let is_of_method = |guard: &str| {
                // `GET`, `AnyGuard(GET, POST)`.
                guard
                    .split(|character: char| !character.is_ascii_alphanumeric())
                    .filter(|word| !matches!(*word, "" | "AnyGuard" | "AllGuard"))
                    .all(|word| methods.iter().any(|method| method == word))
            };
            routes.push(AppRoute {
                pattern: node.full_path.clone(),
                name: node.resource_name.clone(),
                guards: node
                    .guards
                    .iter()
                    .filter(|guard| !is_of_method(guard))
                    .cloned()
                    .collect(),
                methods,
                shadow: shadow(&node.reachability_notes),
            });
        }
        // A segment that is no scope of its own has no patterns.
        ResourceType::Scope if !node.patterns.is_empty() => scopes.push(node.full_path.clone()),
        _ => {}
    }
    for child in &node.children {
        collect(child, routes, scopes);
    }
}

/// What actix-web notes of a route behind another with the same path and methods, or in a scope
/// behind another with the same prefix.
fn shadow(notes: &[String]) -> Option<String> {
    let is_shadowed = notes
        .iter()
        .any(|note| note == "shadowed_by_route" || note == "shadowed_by_scope");
    let by = notes
        .iter()
        .find_map(|note| note.strip_prefix("shadowed_by_path:"));
    is_shadowed.then(|| by.unwrap_or("another").to_owned())
}

/// A path that the pattern matches; `None` where no sample does.
pub(super) fn path_of(pattern: &str, samples: &BTreeMap<String, String>) -> Option<String> {
    let resource = ResourceDef::new(pattern);
    SAMPLES.iter().find_map(|fallback| {
        let values = |name: &str| match samples.get(name) {
            Some(sample) => sample.clone(),
            None => (*fallback).to_owned(),
        };
        let path = fill(pattern, values)?;
        resource.is_match(&path).then_some(path)
    })
}

/// The pattern with its parameters replaced: `{name}`, `{name:regex}`, `{name}*`.
fn fill(pattern: &str, value: impl Fn(&str) -> String) -> Option<String> {
    let mut path = String::new();
    let mut rest = pattern;
    while let Some((before, behind)) = rest.split_once('{') {
        path.push_str(before);
        // A regular expression may hold braces: `{id:\d{4}}`.
        let mut depth = 1_usize;
        let (end, _) = behind.char_indices().find(|(_, character)| {
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            depth == 0
        })?;
        let inside = behind.get(..end)?;
        let name = inside.split(':').next().unwrap_or(inside);
        path.push_str(&value(name));
        rest = behind.get(end + 1..)?;
        rest = rest.strip_prefix('*').unwrap_or(rest);
    }
    path.push_str(rest);
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_for_every_usual_pattern() {
        for (pattern, path) in [
            ("/", "/"),
            ("/users/{id}", "/users/1"),
            (r"/{year:\d{4}}", "/1234"),
            ("/{tail:.*}", "/1"),
            ("/files/{tail}*", "/files/1"),
            (
                "/{id:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}}",
                "/00000000-0000-4000-8000-000000000000",
            ),
        ] {
            let found = path_of(pattern, &BTreeMap::new()).unwrap_or_default();
            assert_eq!(found, path, "{pattern}");
        }
    }

    #[test]
    fn a_sample_of_the_tests_own_goes_first() {
        let samples = BTreeMap::from([("id".to_owned(), "42".to_owned())]);
        assert_eq!(
            path_of(r"/users/{id:\d+}/{name:[a-z]+}", &samples).as_deref(),
            Some("/users/42/a")
        );
    }
}
