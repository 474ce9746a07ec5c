use super::*;

const A: Requirement = Requirement::scope("a");
const B: Requirement = Requirement::scope("b");
const ADMIN: Requirement = Requirement::role("admin");

fn lack(requirement: &Requirement, principal: &Principal) -> Lack {
    explain(requirement, principal, &[])
}

#[test]
fn all_needed_scopes_are_named_though_one_is_there() {
    const R: Requirement = Requirement::all(&[A, B]);
    let principal = Principal::new("p").scope("a");
    assert_eq!(lack(&R, &principal), Lack::Scopes(vec!["a", "b"]));
}

#[test]
fn missing_role_is_never_a_missing_scope() {
    const R: Requirement = Requirement::all(&[ADMIN, A]);
    assert_eq!(lack(&R, &Principal::new("p")), Lack::Other(ADMIN));
    assert_eq!(
        lack(&R, &Principal::new("p").scope("a")),
        Lack::Other(ADMIN)
    );
    assert_eq!(
        lack(&R, &Principal::new("p").role("admin")),
        Lack::Scopes(vec!["a"])
    );
}

#[test]
fn of_alternatives_the_one_that_scopes_open_is_named() {
    const R: Requirement = Requirement::any(&[Requirement::all(&[ADMIN, A]), B]);
    assert_eq!(lack(&R, &Principal::new("p")), Lack::Scopes(vec!["b"]));
    assert_eq!(
        lack(&R, &Principal::new("p").role("admin")),
        Lack::Scopes(vec!["a"])
    );
}

#[test]
fn an_excluded_scope_is_not_asked_for() {
    const R: Requirement = Requirement::not(&A);
    assert_eq!(lack(&R, &Principal::new("p").scope("a")), Lack::Other(R));
}

#[test]
fn scopes_before_an_unasked_policy_are_asked_for() {
    const R: Requirement = Requirement::all(&[A, Requirement::policy("p", 0)]);
    assert_eq!(lack(&R, &Principal::new("p")), Lack::Scopes(vec!["a"]));
    assert_eq!(
        explain(&R, &Principal::new("p"), &[PolicyAnswer::Denied]),
        Lack::Other(A),
        "no scope changes what a policy denied"
    );
}

mod step_up {
    use std::time::Duration;

    use super::*;
    use crate::model::requirement::evaluate::{evaluate, evaluate_at};

    const FRESH: Requirement = Requirement::max_age(300);
    const STRONG: Requirement = Requirement::acr(&["phr", "phrh"]);

    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000)
    }

    fn aged(seconds: u64) -> Principal {
        Principal::new("p").with_authenticated_at(now() - Duration::from_secs(seconds))
    }

    fn lack(requirement: &Requirement, principal: &Principal) -> Lack {
        explain_at(requirement, principal, &[], now())
    }

    fn needs(max_age: Option<u64>, acr_values: &[&'static str], scopes: &[&'static str]) -> Lack {
        Lack::StepUp(StepUp {
            max_age,
            acr_values: acr_values.to_vec(),
            scopes: scopes.to_vec(),
        })
    }

    #[test]
    fn stepup_05_age_is_judged_at_its_boundaries() {
        let verdict = |principal: &Principal| evaluate_at(&FRESH, principal, &[], now());
        assert_eq!(verdict(&aged(0)), Verdict::Granted);
        assert_eq!(verdict(&aged(300)), Verdict::Granted);
        assert_eq!(verdict(&aged(301)), Verdict::Refused);
        assert_eq!(verdict(&Principal::new("p")), Verdict::Refused, "not known");
        let ahead = |seconds| {
            Principal::new("p").with_authenticated_at(now() + Duration::from_secs(seconds))
        };
        assert_eq!(verdict(&ahead(60)), Verdict::Granted);
        assert_eq!(verdict(&ahead(61)), Verdict::Refused, "from the future");
    }

    #[test]
    fn without_a_clock_age_neither_grants_nor_refuses() {
        const NOT: Requirement = Requirement::not(&FRESH);
        for requirement in [FRESH, NOT] {
            assert_eq!(evaluate(&requirement, &aged(0), &[]), Verdict::Failed);
        }
    }

    #[test]
    fn acr_is_compared_byte_by_byte() {
        for (acr, verdict) in [
            ("phr", Verdict::Granted),
            ("phrh", Verdict::Granted),
            ("PHR", Verdict::Refused),
            ("phr ", Verdict::Refused),
            ("phr phrh", Verdict::Refused),
            ("", Verdict::Refused),
        ] {
            let principal = Principal::new("p").with_acr(acr);
            assert_eq!(evaluate(&STRONG, &principal, &[]), verdict, "{acr:?}");
        }
        assert_eq!(
            evaluate(
                &Requirement::acr(&[]),
                &Principal::new("p").with_acr("x"),
                &[]
            ),
            Verdict::Failed
        );
    }

    #[test]
    fn it_is_owed_before_roles_and_scopes_are_looked_at() {
        const R: Requirement = Requirement::all(&[ADMIN, A, FRESH, STRONG]);
        assert_eq!(
            lack(&R, &aged(301).with_acr("phr")),
            needs(Some(300), &["phr", "phrh"], &["a"])
        );
        assert_eq!(
            lack(&R, &aged(301).with_acr("phr").scope("a").role("admin")),
            needs(Some(300), &["phr", "phrh"], &[])
        );
        assert_eq!(lack(&R, &aged(0).with_acr("phr")), Lack::Other(ADMIN));
        assert_eq!(
            lack(&R, &aged(0).with_acr("phr").role("admin")),
            Lack::Scopes(vec!["a"])
        );
    }

    #[test]
    fn it_is_not_asked_for_where_it_would_not_help() {
        const EDITOR: Requirement = Requirement::role("editor");
        const R: Requirement = Requirement::any(&[ADMIN, Requirement::all(&[EDITOR, FRESH])]);
        assert_eq!(
            lack(&R, &aged(301).role("editor")),
            needs(Some(300), &[], &[])
        );
        assert_eq!(lack(&R, &aged(301)), Lack::Other(R));
    }

    #[test]
    fn alternative_ways_are_listed_in_order_and_joined_ones_intersect() {
        const BOTH: Requirement = Requirement::all(&[STRONG, Requirement::acr(&["phrh"])]);
        const EITHER: Requirement =
            Requirement::any(&[Requirement::acr(&["phr"]), Requirement::acr(&["phrh"])]);
        assert_eq!(lack(&EITHER, &aged(0)), needs(None, &["phr", "phrh"], &[]));
        assert_eq!(lack(&BOTH, &aged(0)), needs(None, &["phrh"], &[]));
    }

    #[test]
    fn an_excluded_way_is_not_asked_for() {
        const WEAK: Requirement = Requirement::acr(&["pwd"]);
        const R: Requirement = Requirement::all(&[Requirement::not(&WEAK), FRESH]);
        assert_eq!(
            lack(&R, &aged(0).with_acr("pwd")),
            Lack::Other(Requirement::not(&WEAK))
        );
    }

    #[test]
    fn scopes_for_a_stranger_are_those_of_one_way() {
        const ROLE_TOO: Requirement =
            Requirement::any(&[Requirement::all(&[ADMIN, A]), Requirement::all(&[ADMIN, B])]);
        const R: Requirement = Requirement::any(&[ADMIN, Requirement::all(&[A, B])]);
        assert_eq!(scopes_of(&R), ["a", "b"]);
        assert_eq!(scopes_of(&ROLE_TOO), ["a"]);
        assert!(scopes_of(&Requirement::not(&A)).is_empty());
        assert!(scopes_of(&Requirement::any(&[Requirement::AUTHENTICATED, A])).is_empty());
    }

    #[test]
    fn what_is_asked_for_and_excluded_at_once_is_not_asked_for() {
        const MFA: Requirement = Requirement::acr(&["mfa"]);
        const R: Requirement = Requirement::all(&[MFA, Requirement::not(&MFA), FRESH]);
        let stale = aged(301);
        assert!(matches!(lack(&R, &stale), Lack::Other(_)));
    }
}
