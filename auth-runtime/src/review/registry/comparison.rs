//! Whether a requirement lets in more callers than another, or fewer.

use std::collections::{BTreeMap, BTreeSet};

use super::formula::{Atom, Formula};

/// As many callers are tried: all that two requirements with 16 independent names tell apart.
const MOST_CALLERS: usize = 65_536;

/// Who gained and who lost from one requirement to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// Every caller was tried: those who may now and could not before, and the reverse.
    Decided {
        gained: Option<String>,
        lost: Option<String>,
    },
    /// Too many names.
    Unclear,
}

/// Tries every caller that the two requirements tell apart.
pub(crate) fn compare(was: &Formula, is: &Formula) -> Comparison {
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
                lost: Some("unauthenticated callers".to_owned()),
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
    let traits = Traits::of(was.atoms().into_iter().chain(is.atoms()).collect());
    let Some(callers) = traits.count_callers() else {
        return Comparison::Unclear;
    };
    let mut gained = None;
    let mut lost = None;
    for number in 0..callers {
        let caller = Caller::of(&traits, number);
        let holds = |atom: &Atom| caller.holds(atom);
        match (was.admits(&holds), is.admits(&holds)) {
            (false, true) => keep_simplest(&mut gained, caller),
            (true, false) => keep_simplest(&mut lost, caller),
            _ => {}
        }
    }
    let words = |caller: Caller<'_>| caller.words();
    Comparison::Decided {
        gained: gained.map(words),
        lost: lost.map(words),
    }
}

fn keep_simplest<'a>(kept: &mut Option<Caller<'a>>, caller: Caller<'a>) {
    let is_simpler = kept.as_ref().is_none_or(|kept| caller.size() < kept.size());
    if is_simpler {
        *kept = Some(caller);
    }
}

/// What can be true of a caller: traits that are independent of each other.
struct Traits<'a> {
    list: Vec<Trait<'a>>,
    places: BTreeMap<&'a Atom, Place>,
}

/// What can be true of a caller whatever else is: a role, or one of several schemes.
struct Trait<'a> {
    /// The name of each state but the first, in which nothing holds.
    states: Vec<&'a Atom>,
    /// What holds in a state holds in those behind it as well.
    is_chain: bool,
}

/// Where a name holds.
#[derive(Clone, Copy)]
struct Place {
    of: usize,
    /// From 1.
    state: usize,
}

impl<'a> Traits<'a> {
    fn of(atoms: BTreeSet<&'a Atom>) -> Self {
        let mut traits = Self {
            list: Vec::new(),
            places: BTreeMap::new(),
        };
        let (mut schemes, mut ways) = (Vec::new(), Vec::new());
        let mut ages = BTreeMap::<u64, Vec<_>>::new();
        for atom in atoms {
            match (atom.kind.as_str(), seconds(atom)) {
                // A caller is known by one scheme, and authenticated in one way, at most.
                ("scheme", _) => schemes.push(vec![atom]),
                ("acr", _) => ways.push(vec![atom]),
                // Who authenticated a minute ago did so within the hour.
                ("max_age", Some(seconds)) => ages.entry(seconds).or_default().push(atom),
                _ => traits.push(&[vec![atom]], false),
            }
        }
        traits.push(&schemes, false);
        traits.push(&ways, false);
        let ages: Vec<_> = ages.into_values().rev().collect();
        traits.push(&ages, true);
        traits
    }

    /// Adds a trait with these states, each with its names.
    fn push(&mut self, states: &[Vec<&'a Atom>], is_chain: bool) {
        let of = self.list.len();
        for (names, state) in states.iter().zip(1..) {
            let places = names.iter().map(|name| (*name, Place { of, state }));
            self.places.extend(places);
        }
        let states: Vec<_> = states
            .iter()
            .filter_map(|names| names.first().copied())
            .collect();
        if !states.is_empty() {
            self.list.push(Trait { states, is_chain });
        }
    }

    /// `None` where they are too many.
    fn count_callers(&self) -> Option<usize> {
        self.list.iter().try_fold(1_usize, |callers, of_one| {
            callers
                .checked_mul(of_one.states.len() + 1)
                .filter(|callers| *callers <= MOST_CALLERS)
        })
    }
}

/// The time of a `max_age`, as [`Requirement`](crate::model::Requirement) writes it.
fn seconds(atom: &Atom) -> Option<u64> {
    let unit = atom.name.chars().next_back()?;
    let count: u64 = atom.name.strip_suffix(unit)?.parse().ok()?;
    let size = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    count.checked_mul(size)
}

/// A caller, by what is true of them.
struct Caller<'a> {
    traits: &'a Traits<'a>,
    /// Of each trait; 0 where nothing of it holds.
    states: Vec<usize>,
}

impl<'a> Caller<'a> {
    /// The caller of this number, each digit of which is the state of a trait.
    fn of(traits: &'a Traits<'a>, mut number: usize) -> Self {
        let digit = |of_one: &Trait<'_>| {
            let base = of_one.states.len() + 1;
            let digit = number % base;
            number /= base;
            digit
        };
        Self {
            traits,
            states: traits.list.iter().map(digit).collect(),
        }
    }

    fn holds(&self, atom: &Atom) -> bool {
        let holds = || {
            let place = self.traits.places.get(atom)?;
            let state = *self.states.get(place.of)?;
            let is_chain = self.traits.list.get(place.of)?.is_chain;
            Some(state == place.state || (is_chain && state > place.state))
        };
        holds().unwrap_or(false)
    }

    /// Of how many traits something holds.
    fn size(&self) -> usize {
        self.states.iter().filter(|state| **state > 0).count()
    }

    fn words(&self) -> String {
        let held = self.states.iter().zip(&self.traits.list);
        let names = held.filter_map(|(state, of_one)| of_one.states.get(state.checked_sub(1)?));
        let names: Vec<_> = names.map(|atom| atom.text.as_str()).collect();
        if self.traits.list.is_empty() {
            "any authenticated caller".to_owned()
        } else if names.is_empty() {
            "an authenticated caller with none of the names".to_owned()
        } else {
            format!("a caller with {}", names.join(" and "))
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
            Comparison::Unclear => panic!("unclear"),
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
    fn a_longer_time_since_the_authentication_is_wider() {
        let quarter = r#"max_age("15m")"#;
        let hour = r#"max_age("1h")"#;
        assert_eq!(kind(quarter, hour), (true, false));
        assert_eq!(kind(hour, quarter), (false, true));
        let (gained, _) = of(quarter, hour);
        assert_eq!(gained.as_deref(), Some(r#"a caller with max_age("1h")"#));
        let (_, lost) = of(hour, r#"any(max_age("15m"), role("a"))"#);
        assert_eq!(lost.as_deref(), Some(r#"a caller with max_age("1h")"#));
        // Negated, and beside what it implies.
        assert_eq!(
            kind(r#"not(max_age("15m"))"#, r#"not(max_age("1h"))"#),
            (false, true)
        );
        for (one, other) in [
            (r#"all(max_age("15m"), max_age("1h"))"#, quarter),
            (r#"any(max_age("15m"), max_age("1h"))"#, hour),
            (r#"all(max_age("15m"), not(max_age("1h")))"#, "any()"),
            // In other words, as one may have written it by hand.
            (r#"max_age("60m")"#, hour),
            (r#"max_age("900s")"#, quarter),
        ] {
            assert_eq!(kind(one, other), (false, false), "{one} {other}");
        }
    }

    #[test]
    fn a_time_that_cannot_be_read_is_a_name_like_others() {
        for odd in ["soon", "15x", "m", "", "99999999999999999999d", "é"] {
            let odd = format!("max_age({odd:?})");
            assert_eq!(kind(&odd, r#"max_age("1h")"#), (true, true), "{odd}");
        }
    }

    #[test]
    fn a_caller_has_authenticated_in_one_way() {
        let one = r#"acr("one")"#;
        assert_eq!(kind(one, r#"any(acr("one"), acr("two"))"#), (true, false));
        assert_eq!(
            kind(r#"all(acr("one"), acr("two"))"#, "any()"),
            (false, false)
        );
        assert_eq!(
            kind(r#"all(acr("one"), not(acr("two")))"#, one),
            (false, false)
        );
    }

    #[test]
    fn the_same_name_in_another_spelling_is_the_same() {
        assert_eq!(kind(r#"role("a")"#, r#"role("\u{61}")"#), (false, false));
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
        assert_eq!(gained.as_deref(), Some(r#"a caller with role("editor")"#));
        assert_eq!(lost.as_deref(), Some(r#"a caller with role("admin")"#));
        let (gained, _) = of(r#"role("admin")"#, "authenticated");
        assert_eq!(
            gained.as_deref(),
            Some("an authenticated caller with none of the names")
        );
    }

    #[test]
    fn too_many_names_are_not_guessed_about() {
        let names: Vec<_> = (0..17).map(|n| format!("role(\"r{n}\")")).collect();
        let many = Formula::parse(&format!("any({})", names.join(", "))).unwrap();
        let one = Formula::parse(r#"role("r0")"#).unwrap();
        assert_eq!(compare(&one, &many), Comparison::Unclear);
        // Sixteen are few enough.
        let fewer = Formula::parse(&format!("any({})", names[..16].join(", "))).unwrap();
        assert!(matches!(compare(&one, &fewer), Comparison::Decided { .. }));
        // And so are many times, which are of one caller.
        let times: Vec<_> = (0..1000).map(|n| format!("max_age(\"{n}s\")")).collect();
        let times = Formula::parse(&format!("any({})", times.join(", "))).unwrap();
        assert!(matches!(compare(&one, &times), Comparison::Decided { .. }));
    }
}
