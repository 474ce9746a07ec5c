//! Which scopes the metadata lists.

use std::collections::BTreeSet;

use super::ResourceMetadataError;
use crate::model::requirement::Access;
use crate::model::scope::is_scope;

/// A handler's path and its decision, of those that may be spoken of.
pub(crate) type HandlerAccess = (&'static str, &'static Access);

/// Asks the authorization server for a refresh token: it is nothing that a resource needs.
const OFFLINE_ACCESS: &str = "offline_access";

/// What the app says of the scopes.
#[derive(Clone, Debug, Default)]
pub(super) struct Scopes {
    /// Instead of what the handlers require.
    listed: Option<Vec<String>>,
    added: Vec<String>,
    /// Whose handlers count; all where there are none.
    modules: Vec<String>,
}

impl Scopes {
    pub(super) fn list(&mut self, scopes: impl Iterator<Item = String>) {
        self.listed.get_or_insert_default().extend(scopes);
    }

    pub(super) fn add(&mut self, scopes: impl Iterator<Item = String>) {
        self.added.extend(scopes);
    }

    pub(super) fn only_in(&mut self, module: String) {
        self.modules.push(module);
    }

    /// The scopes to publish, each once.
    pub(super) fn publish(
        self,
        handlers: impl Iterator<Item = HandlerAccess>,
    ) -> Result<Vec<String>, ResourceMetadataError> {
        for scope in self.listed.iter().flatten().chain(&self.added) {
            if !is_scope(scope) || scope == OFFLINE_ACCESS {
                return Err(ResourceMetadataError::Scope(scope.clone()));
            }
        }
        let Self {
            listed,
            added,
            modules,
        } = self;
        let first = listed.unwrap_or_else(|| collect(&modules, handlers));
        let mut published: Vec<String> = Vec::with_capacity(first.len() + added.len());
        for scope in first.into_iter().chain(added) {
            if !published.contains(&scope) {
                published.push(scope);
            }
        }
        Ok(published)
    }
}

/// What the handlers require, in the order of the alphabet. What is no scope is left out: a
/// requirement that was written by hand can hold one, and no token could.
fn collect(modules: &[String], handlers: impl Iterator<Item = HandlerAccess>) -> Vec<String> {
    let mut found = BTreeSet::new();
    for (path, access) in handlers {
        if !modules.is_empty() && !modules.iter().any(|module| is_in(path, module)) {
            continue;
        }
        if let Access::Requires(requirement) = access {
            requirement.for_each_asked_scope(&mut |scope| {
                if is_scope(scope) && scope != OFFLINE_ACCESS {
                    found.insert(scope);
                }
            });
        }
    }
    found.into_iter().map(str::to_owned).collect()
}

/// Whether the handler `app::files::list` stands in the module `app::files`, or below it.
fn is_in(handler: &str, module: &str) -> bool {
    handler
        .strip_prefix(module)
        .is_some_and(|rest| rest.starts_with("::"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::requirement::Requirement;

    const READ: Requirement = Requirement::scope("read");
    const WRITE: Requirement = Requirement::scope("write");
    const HANDLERS: [(&str, Access); 5] = [
        (
            "app::files::list",
            Access::requires(Requirement::any(&[
                Requirement::all(&[WRITE, READ]),
                Requirement::not(&Requirement::scope("guest")),
            ])),
        ),
        (
            "app::files::deep::get",
            // Not not: asked for after all.
            Access::requires(Requirement::not(&Requirement::not(&Requirement::scope(
                "deep",
            )))),
        ),
        ("app::files_too::get", Access::requires(READ)),
        (
            "app::users::get",
            Access::requires(Requirement::all(&[
                Requirement::scope("users"),
                Requirement::scope("offline_access"),
                Requirement::scope("no scope"),
                Requirement::scope(""),
                Requirement::not(&Requirement::any(&[
                    Requirement::role("guest"),
                    Requirement::scope("banned"),
                ])),
            ])),
        ),
        ("app::health", Access::public("probe")),
    ];

    fn published(scopes: Scopes) -> Vec<String> {
        static ALL: [(&str, Access); 5] = HANDLERS;
        let handlers = ALL.iter().rev().map(|(path, access)| (*path, access));
        scopes.publish(handlers).unwrap()
    }

    fn texts(names: &[&str]) -> impl Iterator<Item = String> {
        names.iter().map(|name| (*name).to_owned())
    }

    #[test]
    fn what_is_asked_for_is_collected_and_what_is_excluded_is_not() {
        assert_eq!(
            published(Scopes::default()),
            ["deep", "read", "users", "write"]
        );
    }

    #[test]
    fn a_module_is_a_module_and_not_the_beginning_of_a_name() {
        let mut scopes = Scopes::default();
        scopes.only_in("app::files".into());
        assert_eq!(published(scopes.clone()), ["deep", "read", "write"]);
        scopes.only_in("app::users".into());
        assert_eq!(published(scopes), ["deep", "read", "users", "write"]);
        for nowhere in ["app::fil", "files", "app::health", ""] {
            let mut scopes = Scopes::default();
            scopes.only_in(nowhere.into());
            assert_eq!(published(scopes), [""; 0], "{nowhere}");
        }
    }

    #[test]
    fn a_list_replaces_and_more_adds() {
        let mut scopes = Scopes::default();
        scopes.add(texts(&["zoo", "read", "admin"]));
        assert_eq!(
            published(scopes.clone()),
            ["deep", "read", "users", "write", "zoo", "admin"]
        );
        scopes.list(texts(&["b", "a", "b"]));
        assert_eq!(published(scopes), ["b", "a", "zoo", "read", "admin"]);
        let mut none = Scopes::default();
        none.list(texts(&[]));
        assert_eq!(published(none), [""; 0]);
    }
}
