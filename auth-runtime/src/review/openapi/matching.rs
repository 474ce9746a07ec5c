//! Whose operation it is.
//!
//! A document has of each operation its method, path and tags, and the function's bare name. That
//! name alone proves nothing: a handler that is in no document may have it too.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use actix_web::http::Method;
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::Operation;

use super::error::{DocumentProblem, UnmatchedCause};
use super::operation::OperationSecurity;
use super::place::{Place, operations_of};
use crate::model::handler::HandlerName;

/// The extension that the attributes write into `#[utoipa::path]` below them.
const MARK: &str = "x-auth-handler";

/// What marks the operation of the handler of this path. It says nothing to those who read a
/// document from which it was not taken away.
#[doc(hidden)]
#[must_use]
pub fn mark(handler: &str) -> String {
    let mut hasher = DefaultHasher::new();
    handler.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// An operation of a document, as far as it tells whose it is.
pub(super) struct Listed {
    method: Method,
    path: String,
    id: Option<String>,
    tags: Vec<String>,
    mark: Option<String>,
}

/// The operations of a document, whose marks are taken away, in its order.
pub(super) fn listed(document: &mut OpenApi) -> Vec<Listed> {
    let mut all = Vec::new();
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations_of(item) {
            all.push(Listed {
                method,
                path: path.clone(),
                id: operation.operation_id.clone(),
                tags: operation.tags.clone().unwrap_or_default(),
                mark: take_mark(operation),
            });
        }
    }
    all
}

fn take_mark(operation: &mut Operation) -> Option<String> {
    let extensions = operation.extensions.as_mut()?;
    let mark = extensions.remove(MARK)?;
    if extensions.is_empty() {
        operation.extensions = None;
    }
    Some(mark.as_str()?.to_owned())
}

/// The decision of one of the operations.
pub(super) fn find<'a>(
    securities: &'a [OperationSecurity],
    listed: &[Listed],
    operation: &Listed,
) -> Result<&'a OperationSecurity, DocumentProblem> {
    let placed: Vec<_> = securities
        .iter()
        .filter(|security| operation.is_placed(security))
        .collect();
    if !placed.is_empty() {
        return operation.one_decision(&placed);
    }
    if let Some(mark_of_handler) = &operation.mark {
        let marked: Vec<_> = securities
            .iter()
            .filter(|security| mark(security.handler.path) == *mark_of_handler)
            .collect();
        return operation.one_decision(&marked);
    }
    let named: Vec<_> = securities
        .iter()
        .filter(|security| operation.is_named(security))
        .collect();
    let proven: Vec<_> = named
        .iter()
        .copied()
        .filter(|security| operation.is_of(security))
        .collect();
    if proven.is_empty() && !named.is_empty() {
        return Err(operation.unmatched(UnmatchedCause::NotProven, &named));
    }
    let found = operation.one_decision(&proven)?;
    let fits_elsewhere = listed.iter().any(|other| {
        other.path != operation.path
            && other.mark.is_none()
            && other.is_named(found)
            && other.is_of(found)
    });
    if fits_elsewhere {
        return Err(operation.unmatched(UnmatchedCause::Shared, &[found]));
    }
    Ok(found)
}

impl Listed {
    /// Whether the app says that it stands here.
    fn is_placed(&self, security: &OperationSecurity) -> bool {
        matches!(&security.place, Some(Place::At(method, path))
            if *method == self.method && *path == self.path)
    }

    /// Whether the name fits, and the route that the attribute saw.
    fn is_named(&self, security: &OperationSecurity) -> bool {
        let place = security.place.as_ref();
        self.id.as_deref() == Some(security.name())
            && place.is_none_or(|place| place.is(&self.method, &self.path))
    }

    /// Whether the tag that utoipa makes of `paths(articles::list)` is the handler's module; without
    /// one, whether the app itself gave the handler for this document.
    fn is_of(&self, security: &OperationSecurity) -> bool {
        let mut modules = self.tags.iter().filter_map(|tag| module(tag)).peekable();
        if modules.peek().is_none() {
            return !security.is_recorded;
        }
        modules.any(|module| ends_with(security.handler.path, &module))
    }

    fn one_decision<'a>(
        &self,
        found: &[&'a OperationSecurity],
    ) -> Result<&'a OperationSecurity, DocumentProblem> {
        let Some(first) = found.first().copied() else {
            return Err(self.unmatched(UnmatchedCause::NoDecision, &[]));
        };
        let decision = |security: &OperationSecurity| {
            (security.access, security.is_hidden, security.is_optional)
        };
        if found.iter().all(|other| decision(other) == decision(first)) {
            Ok(first)
        } else {
            Err(self.unmatched(UnmatchedCause::Ambiguous, found))
        }
    }

    fn unmatched(
        &self,
        cause: UnmatchedCause,
        candidates: &[&OperationSecurity],
    ) -> DocumentProblem {
        let candidates: BTreeMap<_, HandlerName> = candidates
            .iter()
            .map(|security| security.handler)
            .map(|handler| ((handler.path, handler.file, handler.line), handler))
            .collect();
        DocumentProblem::Unmatched {
            method: self.method.clone(),
            path: self.path.clone(),
            cause,
            candidates: candidates.into_values().collect(),
        }
    }
}

/// The names of a module's path, where a tag is one: `crate` first, where it is whole.
fn module(tag: &str) -> Option<Vec<&str>> {
    let names: Vec<_> = tag
        .split("::")
        .map(|name| name.strip_prefix("r#").unwrap_or(name))
        .filter(|name| !matches!(*name, "self" | "super" | ""))
        .collect();
    let is_name = |name: &&str| {
        name.chars()
            .all(|character| character.is_alphanumeric() || character == '_')
    };
    (!names.is_empty() && names.iter().all(is_name)).then_some(names)
}

/// Whether a handler stands in this module.
fn ends_with(handler: &str, module: &[&str]) -> bool {
    let Some((path, _)) = handler.rsplit_once("::") else {
        return false;
    };
    let path: Vec<_> = path.split("::").collect();
    match (module, path.as_slice()) {
        (["crate", module @ ..], [_, path @ ..]) => module == path,
        (module, path) => path.ends_with(module),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_the_module_of_a_handler_to_the_last_name() {
        for (tag, handler, expected) in [
            ("articles", "app::articles::list", true),
            ("articles", "app::old_articles::list", false),
            ("articles", "app::articles::old::list", false),
            ("api::articles", "app::api::articles::list", true),
            ("api::articles", "app::articles::list", false),
            ("crate::articles", "app::articles::list", true),
            ("crate::articles", "app::api::articles::list", false),
            ("super::articles", "app::api::articles::list", true),
            ("crate", "app::list", true),
            ("crate", "app::articles::list", false),
            ("r#type", "app::type::list", true),
            ("articles", "list", false),
        ] {
            let names = module(tag).unwrap();
            assert_eq!(ends_with(handler, &names), expected, "{tag} {handler}");
        }
        for tag in ["", "All articles", "articles/v1", "self"] {
            assert_eq!(module(tag), None, "{tag}");
        }
    }
}
