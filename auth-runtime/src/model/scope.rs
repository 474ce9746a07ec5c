//! Scopes: what they may be called, and which imply others.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

/// RFC 6749 §3.3: `scope-token = 1*( %x21 / %x23-5B / %x5D-7E )`.
pub(crate) fn is_scope(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~'))
}

/// What is wrong with the scopes that imply others.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScopeHierarchyError {
    /// This is not one scope (RFC 6749 §3.3).
    Scope(String),
    /// This scope is said to imply nothing.
    Nothing(String),
    /// Each of these scopes implies the next, and the last is the first again: they would be one
    /// scope of several names.
    Cycle(Vec<String>),
}

impl fmt::Display for ScopeHierarchyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scope(text) => write!(f, "{text:?} is not one scope (RFC 6749 §3.3)"),
            Self::Nothing(scope) => write!(f, "the scope `{scope}` is said to imply no scope"),
            Self::Cycle(scopes) => write!(
                f,
                "scopes imply each other in a circle: `{}`",
                scopes.join("` implies `")
            ),
        }
    }
}

impl std::error::Error for ScopeHierarchyError {}

/// Which scopes imply which, directly and by others in between.
#[derive(Debug)]
pub(crate) struct ScopeHierarchy {
    /// For a scope all broader ones: who holds one of them holds it.
    broader: HashMap<Box<str>, Vec<Box<str>>>,
}

/// What was declared: each scope with those that it implies.
pub(crate) type Implications = BTreeMap<String, BTreeSet<String>>;

impl ScopeHierarchy {
    /// The hierarchy of these declarations; `None` where there are none.
    pub(crate) fn new(declared: &Implications) -> Result<Option<Self>, ScopeHierarchyError> {
        for (scope, implied) in declared {
            if let Some(wrong) = [scope]
                .into_iter()
                .chain(implied)
                .find(|one| !is_scope(one))
            {
                return Err(ScopeHierarchyError::Scope(wrong.clone()));
            }
            if implied.is_empty() {
                return Err(ScopeHierarchyError::Nothing(scope.clone()));
            }
        }
        let mut broader: HashMap<Box<str>, Vec<Box<str>>> = HashMap::new();
        for scope in declared.keys() {
            for narrower in reachable(declared, scope)? {
                let held = broader.entry(narrower.into()).or_default();
                held.push(scope.as_str().into());
            }
        }
        Ok((!declared.is_empty()).then_some(Self { broader }))
    }

    /// The scopes any of which implies this one, itself left out.
    pub(crate) fn broader_than(&self, scope: &str) -> impl Iterator<Item = &str> {
        self.broader
            .get(scope)
            .into_iter()
            .flatten()
            .map(AsRef::as_ref)
    }
}

/// All that `scope` implies; an error where it is among them.
fn reachable<'a>(
    declared: &'a Implications,
    scope: &'a str,
) -> Result<BTreeSet<&'a str>, ScopeHierarchyError> {
    // Each scope that was reached, and from which: the way back to the first.
    let mut reached_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut waiting = vec![scope];
    while let Some(from) = waiting.pop() {
        for next in declared.get(from).into_iter().flatten() {
            if next == scope {
                let mut circle = vec![scope.to_owned(), from.to_owned()];
                let mut at = from;
                while let Some(earlier) = reached_from.get(at) {
                    circle.push((*earlier).to_owned());
                    at = earlier;
                }
                circle.reverse();
                return Err(ScopeHierarchyError::Cycle(circle));
            }
            if !reached_from.contains_key(next.as_str()) {
                reached_from.insert(next, from);
                waiting.push(next);
            }
        }
    }
    Ok(reached_from.into_keys().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hierarchy(
        declared: &[(&str, &[&str])],
    ) -> Result<Option<ScopeHierarchy>, ScopeHierarchyError> {
        let declared = declared
            .iter()
            .map(|(scope, implied)| {
                let implied = implied.iter().map(|one| (*one).to_owned()).collect();
                ((*scope).to_owned(), implied)
            })
            .collect();
        ScopeHierarchy::new(&declared)
    }

    fn circle(declared: &[(&str, &[&str])]) -> Vec<String> {
        match hierarchy(declared) {
            Err(ScopeHierarchyError::Cycle(scopes)) => scopes,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_scope_implies_what_the_implied_imply() {
        let found = hierarchy(&[
            ("admin", &["write", "audit"]),
            ("write", &["read"]),
            ("audit", &["read"]),
        ])
        .unwrap()
        .unwrap();
        let broader = |scope: &str| found.broader_than(scope).collect::<BTreeSet<_>>();
        assert_eq!(broader("read"), BTreeSet::from(["admin", "audit", "write"]));
        assert_eq!(broader("write"), BTreeSet::from(["admin"]));
        for none in ["admin", "rea", "read:all", ""] {
            assert_eq!(broader(none), BTreeSet::new(), "{none}");
        }
        assert!(hierarchy(&[]).unwrap().is_none());
    }

    #[test]
    fn a_circle_is_refused_and_shown() {
        assert_eq!(circle(&[("a", &["a"])]), ["a", "a"]);
        assert_eq!(circle(&[("a", &["b"]), ("b", &["a"])]), ["a", "b", "a"]);
        assert_eq!(
            circle(&[("a", &["x", "b"]), ("b", &["c"]), ("c", &["y", "b"])]),
            ["b", "c", "b"]
        );
        let error = hierarchy(&[("a", &["b"]), ("b", &["a"])]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "scopes imply each other in a circle: `a` implies `b` implies `a`"
        );
    }

    #[test]
    fn what_is_no_scope_is_refused() {
        for wrong in ["", "a b", "a\"", "a\\", "\u{e9}", " a"] {
            for declared in [[(wrong, &["b"][..])], [("b", &[wrong][..])]] {
                let error = hierarchy(&declared).unwrap_err();
                assert_eq!(error, ScopeHierarchyError::Scope(wrong.to_owned()));
            }
        }
        let error = hierarchy(&[("a", &[])]).unwrap_err();
        assert_eq!(error, ScopeHierarchyError::Nothing("a".to_owned()));
    }
}
