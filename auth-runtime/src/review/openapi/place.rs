//! Operations of a document, and where a handler stands among them.

use std::collections::BTreeMap;

use actix_web::http::Method;
use utoipa::openapi::path::{Operation, PathItem};

/// Where an operation stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// As the document has it.
    At(Method, String),
    /// As an attribute of a route has it, without the prefixes of scopes around it: it tells
    /// handlers of one name apart and finds none by itself.
    Below(Method, String),
}

impl Place {
    pub(super) fn is(&self, method: &Method, path: &str) -> bool {
        match self {
            Self::At(held, at) => held == method && at == path,
            Self::Below(held, at) => held == method && path.ends_with(at.as_str()),
        }
    }
}

/// A path of actix-web as a document has it: with a slash in front, and the parameters without
/// their patterns.
pub(super) fn template(path: &str) -> String {
    let mut template = String::with_capacity(path.len() + 1);
    if !path.is_empty() && !path.starts_with('/') {
        template.push('/');
    }
    let mut depth = 0_usize;
    let mut is_pattern = false;
    for character in path.chars() {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ':' if depth == 1 => is_pattern = true,
            _ => {}
        }
        is_pattern &= depth > 0;
        if !is_pattern {
            template.push(character);
        }
    }
    template
}

/// The operations of a path, by method.
pub(super) fn operations_of(item: &mut PathItem) -> Vec<(Method, &mut Operation)> {
    let PathItem {
        get,
        put,
        post,
        delete,
        options,
        head,
        patch,
        trace,
        query,
        additional_operations,
        ..
    } = item;
    let named = [
        ("GET", get),
        ("PUT", put),
        ("POST", post),
        ("DELETE", delete),
        ("OPTIONS", options),
        ("HEAD", head),
        ("PATCH", patch),
        ("TRACE", trace),
        ("QUERY", query),
    ];
    let named = named
        .into_iter()
        .filter_map(|(name, operation)| Some((name, operation.as_mut()?)));
    let additional: &mut BTreeMap<String, Operation> = additional_operations;
    let additional = additional
        .iter_mut()
        .map(|(name, operation)| (name.as_str(), operation));
    named
        .chain(additional)
        .filter_map(|(name, operation)| {
            Some((Method::from_bytes(name.as_bytes()).ok()?, operation))
        })
        .collect()
}

/// Takes an operation out of its path; whether the path has none left.
pub(super) fn remove(item: &mut PathItem, method: &Method) -> bool {
    match method.as_str() {
        "GET" => item.get = None,
        "PUT" => item.put = None,
        "POST" => item.post = None,
        "DELETE" => item.delete = None,
        "OPTIONS" => item.options = None,
        "HEAD" => item.head = None,
        "PATCH" => item.patch = None,
        "TRACE" => item.trace = None,
        "QUERY" => item.query = None,
        _ => {}
    }
    item.additional_operations.remove(method.as_str());
    operations_of(item).is_empty()
}

#[cfg(test)]
mod tests {
    use super::template;

    #[test]
    fn patterns_are_no_part_of_a_template() {
        for (path, expected) in [
            ("", ""),
            ("/", "/"),
            ("x", "/x"),
            ("/a/{id}/b", "/a/{id}/b"),
            (r"/a/{id:\d{1,3}}/b:c", "/a/{id}/b:c"),
            ("/{a:[^{}]+}/{b}", "/{a}/{b}"),
            ("/}{a:x", "/}{a"),
        ] {
            assert_eq!(template(path), expected, "{path}");
        }
    }
}
