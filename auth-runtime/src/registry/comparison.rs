//! Whether a requirement lets in more callers than another, or fewer.

use std::collections::BTreeSet;

use super::formula::{Atom, Formula};

/// As many atoms as are tried out in every combination: 65 536 of them.
const MOST_ATOMS: usize = 16;

/// Who gained and who lost from one requirement to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// Every combination was tried: callers who may now and could not before, and the reverse.
    Decided {
        gained: Option<String>,
        lost: Option<String>,
    },
    /// Too many names.
    Undecided,
}

/// Tries every combination of what the two requirements name.
///
/// The names are independent of each other, but for schemes: a caller is known by one at most.
pub(crate) fn compare(was: &Formula, is: &Formula) -> Comparison {
    let atoms: Vec<&Atom> = was
        .atoms()
        .into_iter()
        .chain(is.atoms())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    match (was.is_public(), is.is_public()) {
        (false, true) => {
            return Comparison::Decided {
                gained: Some("anyone".to_owned()),
                lost: None,
            };
        }
        (true, false) => {
            return Comparison::Decided {
                gained: None,
                lost: Some("anyone who is not known".to_owned()),
            };
        }
        (true, true) => {
            return Comparison::Decided {
                gained: None,
                lost: None,
            };
        }
        (false, false) => {}
    }
    if atoms.len() > MOST_ATOMS {
        return Comparison::Undecided;
    }
    let mut gained = None;
    let mut lost = None;
    for combination in 0..1_u32 << atoms.len() {
        let holding = Holding {
            atoms: &atoms,
            combination,
        };
        if holding.count("scheme") > 1 {
            continue;
        }
        let holds = |atom: &Atom| holding.holds(atom);
        match (was.admits(&holds), is.admits(&holds)) {
            (false, true) => keep_simplest(&mut gained, holding),
            (true, false) => keep_simplest(&mut lost, holding),
            _ => {}
        }
    }
    Comparison::Decided {
        gained: gained.map(|holding: Holding<'_>| holding.words()),
        lost: lost.map(|holding: Holding<'_>| holding.words()),
    }
}

fn keep_simplest<'a>(kept: &mut Option<Holding<'a>>, holding: Holding<'a>) {
    let is_simpler = kept.is_none_or(|kept| holding.size() < kept.size());
    if is_simpler {
        *kept = Some(holding);
    }
}

/// A caller, by which of the atoms are true of them.
#[derive(Clone, Copy)]
struct Holding<'a> {
    atoms: &'a [&'a Atom],
    /// One bit an atom.
    combination: u32,
}

impl<'a> Holding<'a> {
    fn held(self) -> impl Iterator<Item = &'a Atom> {
        let combination = self.combination;
        self.atoms
            .iter()
            .enumerate()
            .filter(move |(bit, _)| combination & (1 << bit) != 0)
            .map(|(_, atom)| *atom)
    }

    fn holds(self, atom: &Atom) -> bool {
        self.held().any(|held| held == atom)
    }

    fn count(self, kind: &str) -> usize {
        self.held().filter(|atom| atom.kind == kind).count()
    }

    fn size(self) -> u32 {
        self.combination.count_ones()
    }

    fn words(self) -> String {
        let names: Vec<_> = self.held().map(|atom| atom.text.as_str()).collect();
        if names.is_empty() && self.atoms.is_empty() {
            "anyone who is known".to_owned()
        } else if names.is_empty() {
            "somebody known, with none of the names".to_owned()
        } else {
            format!("somebody with {}", names.join(" and "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(was: &str, is: &str) -> (Option<String>, Option<String>) {
        let (was, is) = (Formula::parse(was).unwrap(), Formula::parse(is).unwrap());
        match compare(&was, &is) {
            Comparison::Decided { gained, lost } => (gained, lost),
            Comparison::Undecided => panic!("undecided"),
        }
    }

    fn kind(was: &str, is: &str) -> (bool, bool) {
        let (gained, lost) = of(was, is);
        (gained.is_some(), lost.is_some())
    }

    #[test]
    fn a_disjunction_widens_and_a_conjunction_narrows() {
        let a = r#"role("a")"#;
        assert_eq!(kind(a, r#"any(role("a"), role("b"))"#), (true, false));
        assert_eq!(kind(a, r#"all(role("a"), role("b"))"#), (false, true));
        assert_eq!(kind(a, r#"role("b")"#), (true, true));
        assert_eq!(kind(a, "authenticated"), (true, false));
        assert_eq!(kind("authenticated", a), (false, true));
        assert_eq!(kind(a, r#"public("r")"#), (true, false));
        assert_eq!(kind(r#"public("r")"#, "authenticated"), (false, true));
        assert_eq!(kind(r#"public("r")"#, r#"public("s")"#), (false, false));
    }

    #[test]
    fn other_words_for_the_same_are_the_same() {
        for (one, other) in [
            (
                r#"any(role("a"), role("b"))"#,
                r#"any(role("b"), role("a"))"#,
            ),
            (
                r#"not(all(role("a"), role("b")))"#,
                r#"any(not(role("a")), not(role("b")))"#,
            ),
            (
                r#"all(role("a"), any(role("b"), role("c")))"#,
                r#"any(all(role("a"), role("b")), all(role("a"), role("c")))"#,
            ),
            (r#"all(authenticated, role("a"))"#, r#"role("a")"#),
        ] {
            assert_eq!(kind(one, other), (false, false), "{one} {other}");
        }
    }

    #[test]
    fn a_caller_has_one_scheme() {
        let both = "all(scheme(Bearer), scheme(Basic))";
        let none = r#"all(role("a"), not(role("a")))"#;
        assert_eq!(kind(both, none), (false, false));
    }

    #[test]
    fn a_list_of_nothing_lets_nobody_in_negated_or_not() {
        for nothing in ["any()", "not(any())", "all()", "not(all())"] {
            assert_eq!(kind(nothing, "any()"), (false, false), "{nothing}");
            assert_eq!(kind("authenticated", nothing), (false, true), "{nothing}");
        }
    }

    #[test]
    fn the_simplest_caller_is_named() {
        let (gained, lost) = of(r#"role("admin")"#, r#"role("editor")"#);
        assert_eq!(gained.as_deref(), Some(r#"somebody with role("editor")"#));
        assert_eq!(lost.as_deref(), Some(r#"somebody with role("admin")"#));
        let (gained, _) = of(r#"role("admin")"#, "authenticated");
        assert_eq!(
            gained.as_deref(),
            Some("somebody known, with none of the names")
        );
    }

    #[test]
    fn too_many_names_are_not_guessed_about() {
        let names: Vec<_> = (0..17).map(|n| format!("role(\"r{n}\")")).collect();
        let many = Formula::parse(&format!("any({})", names.join(", "))).unwrap();
        let one = Formula::parse(r#"role("r0")"#).unwrap();
        assert_eq!(compare(&one, &many), Comparison::Undecided);
        // Sixteen are few enough.
        let fewer = Formula::parse(&format!("any({})", names[..16].join(", "))).unwrap();
        assert!(matches!(compare(&one, &fewer), Comparison::Decided { .. }));
    }
}
