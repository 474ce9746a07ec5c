use quote::quote;

use super::{closure::Closure, parse, rules};
use crate::{diagnostics::Diagnostics, rule::Rule};

fn satisfied_by(item: proc_macro2::TokenStream) -> Vec<Vec<usize>> {
    let mut diagnostics = Diagnostics::default();
    let item = syn::parse2(item).unwrap();
    let role_type = parse::role_type(&item, &mut diagnostics).unwrap();
    let closure = Closure::of(&role_type.variants, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{:?}", diagnostics.messages());
    closure.satisfied_by
}

#[test]
fn a_diamond_is_closed() {
    let closed = satisfied_by(quote! {
        enum R {
            #[role(implies(B, C))] A,
            #[role(implies(D))] B,
            #[role(implies(D))] C,
            D,
        }
    });
    assert_eq!(closed, [vec![0], vec![0, 1], vec![0, 2], vec![0, 1, 2, 3]]);
}

#[test]
fn a_chain_of_64_is_closed() {
    let variants = (0..64_usize).map(|position| {
        let ident = quote::format_ident!("R{position}");
        let next = quote::format_ident!("R{}", position + 1);
        if position < 63 {
            quote!(#[role(implies(#next))] #ident)
        } else {
            quote!(#ident)
        }
    });
    let closed = satisfied_by(quote!(enum R { #(#variants),* }));
    assert_eq!(closed[63], (0..64_usize).collect::<Vec<_>>());
    assert_eq!(closed[0], [0]);
}

#[test]
fn all_may_imply_one() {
    let variants = (1..20_usize).map(|position| {
        let ident = quote::format_ident!("R{position}");
        quote!(#[role(implies(R0))] #ident)
    });
    let closed = satisfied_by(quote!(enum R { R0, #(#variants),* }));
    assert_eq!(closed[0], (0..20_usize).collect::<Vec<_>>());
}

// One line a mistake.
#[allow(clippy::too_many_lines)]
#[test]
fn every_mistake_is_reported() {
    for (item, expected) in [
        (
            quote!(
                struct R;
            ),
            Rule::RoleNotAnEnum,
        ),
        (
            quote!(
                enum R<T> {
                    A(T),
                }
            ),
            Rule::RoleGeneric,
        ),
        (
            quote!(
                enum R {}
            ),
            Rule::RoleEmpty,
        ),
        (
            quote!(
                enum R {
                    A(u8),
                }
            ),
            Rule::RoleFields,
        ),
        (
            quote!(
                enum R {
                    #[role(name = "b")]
                    A,
                    B,
                }
            ),
            Rule::RoleName,
        ),
        (
            quote!(
                enum R {
                    #[role(name = " a")]
                    A,
                }
            ),
            Rule::RoleName,
        ),
        (
            quote!(
                enum R {
                    #[role(name = "")]
                    A,
                }
            ),
            Rule::RoleName,
        ),
        (
            quote!(
                enum R {
                    #[role(implies(C))]
                    A,
                    B,
                }
            ),
            Rule::RoleImpliesUnknown,
        ),
        (
            quote!(
                enum R {
                    #[role(implies(B))]
                    A,
                    #[role(implies(A))]
                    B,
                }
            ),
            Rule::RoleCycle,
        ),
        (
            quote!(
                enum R {
                    #[role(implies(A))]
                    A,
                }
            ),
            Rule::RoleCycle,
        ),
        (
            quote!(
                enum R {
                    #[role(grants("a:"))]
                    A,
                }
            ),
            Rule::RoleGrant,
        ),
        (
            quote!(
                enum R {
                    #[role(grants("a*:b"))]
                    A,
                }
            ),
            Rule::RoleGrant,
        ),
        (
            quote!(
                enum R {
                    #[role(grant("a:b"))]
                    A,
                }
            ),
            Rule::RoleAttribute,
        ),
        (
            quote!(
                enum R {
                    #[role(name = "a", name = "b")]
                    A,
                }
            ),
            Rule::RoleAttribute,
        ),
        (
            quote!(
                enum R {
                    #[role(implies())]
                    A,
                }
            ),
            Rule::RoleAttribute,
        ),
    ] {
        assert!(
            rules(item.clone()).contains(&expected),
            "{item} should be {expected:?}"
        );
    }
}

/// Random hierarchies against the definition: a path of steps downward.
// Positions are what this is about.
#[allow(clippy::needless_range_loop)]
#[test]
fn the_closure_is_reachability() {
    let mut state = 7_u64;
    let mut random = move |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for _ in 0..200 {
        let size = usize::try_from(2 + random(7)).unwrap();
        let mut direct = vec![vec![false; size]; size];
        for from in 0..size {
            for to in from + 1..size {
                direct[from][to] = random(3) == 0;
            }
        }
        let variants = (0..size).map(|from| {
            let ident = quote::format_ident!("R{from}");
            let implied: Vec<_> = (0..size)
                .filter(|to| direct[from][*to])
                .map(|to| quote::format_ident!("R{to}"))
                .collect();
            if implied.is_empty() {
                quote!(#ident)
            } else {
                quote!(#[role(implies(#(#implied),*))] #ident)
            }
        });
        let closed = satisfied_by(quote!(enum R { #(#variants),* }));
        let mut reaches = direct.clone();
        for middle in 0..size {
            for from in 0..size {
                for to in 0..size {
                    reaches[from][to] |= reaches[from][middle] && reaches[middle][to];
                }
            }
        }
        for to in 0..size {
            let expected: Vec<usize> = (0..size)
                .filter(|from| *from == to || reaches[*from][to])
                .collect();
            assert_eq!(closed[to], expected);
        }
    }
}
