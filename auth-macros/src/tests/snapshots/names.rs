//! What is written for requirements with a name, and for their uses.

// Written by expect-test.
#![allow(clippy::needless_raw_string_hashes)]

use expect_test::expect;

use crate::{
    diagnostics::Diagnostics,
    model::annotation::Kind,
    named,
    tests::snapshots::{snapshot, written},
};

#[test]
fn requirement() {
    let input = "/// Who may change articles.\npub editors = any(role(\"editor\"), owners);";
    let mut diagnostics = Diagnostics::default();
    let tokens = named::requirement_into(input.parse().expect("tokens"), &mut diagnostics);
    assert!(diagnostics.is_empty());
    written(
        tokens,
        &expect![[r#"
            /// Who may change articles.
            ///
            ///Requires `any(role("editor"), owners)`.
            pub enum editors {}
            #[automatically_derived]
            impl ::auth_runtime::__private::NamedRequirement for editors {
                const NAME: &'static ::core::primitive::str = "editors";
                const REQUIREMENT: ::auth_runtime::__private::Requirement = ::auth_runtime::__private::Requirement::Any(
                    &[
                        ::auth_runtime::__private::Requirement::Role("editor"),
                        <owners as ::auth_runtime::__private::NamedRequirement>::PART.alone(0),
                    ],
                );
                const QUESTIONS: &'static ::auth_runtime::__private::Questions = &::auth_runtime::__private::Questions::new(
                    &[],
                    &[<owners as ::auth_runtime::__private::NamedRequirement>::ASKED],
                    0,
                );
            }
            #[automatically_derived]
            impl editors {
                #[doc(hidden)]
                pub fn __auth_of() -> ::auth_runtime::__private::NoArguments {
                    |_, _| ::core::option::Option::None
                }
            }
        "#]],
    );
}

#[test]
fn named_with_arguments() {
    snapshot(
        Kind::Requires,
        "access::owns(id)",
        "async fn list(id: web::Path<u64>) -> String { id }",
        &expect![[r##"
            #[doc(hidden)]
            enum __auth_list {}
            #[automatically_derived]
            impl ::auth_runtime::__private::Spec for __auth_list {
                const DECLARED: ::auth_runtime::__private::Declared = ::auth_runtime::__private::declared!(
                    __auth_list, "list", ::auth_runtime::__private::Access::Requires(< access::owns
                    as ::auth_runtime::__private::NamedRequirement > ::PART.of(0, "id")),
                    ::auth_runtime::__private::Routes::None
                );
                const NAMED: &'static [::auth_runtime::__private::AskedName] = &[
                    <access::owns as ::auth_runtime::__private::NamedRequirement>::ASKED,
                ];
                type Checks = Self;
            }
            #[automatically_derived]
            impl ::auth_runtime::__private::Checks<(web::Path<u64>,)> for __auth_list {
                const NAMED: ::auth_runtime::__private::NamedCheckFns<(web::Path<u64>,)> = &[
                    |__auth_number, __auth_caller, __auth_arguments| <access::owns>::__auth_of(
                        &__auth_arguments.0,
                    )(__auth_number, __auth_caller),
                ];
            }
            const _: ::auth_runtime::__private::Declared = <__auth_list as ::auth_runtime::__private::Spec>::DECLARED;
            /**
            Requires `access::owns(id)`.*/
            async fn list(
                ::auth_runtime::__private::Guarded {
                    args: (id,),
                    ..
                }: ::auth_runtime::__private::Guarded<__auth_list, (web::Path<u64>,)>,
            ) -> String {
                id
            }
        "##]],
    );
}

#[test]
fn requirement_with_parameters() {
    let input = "pub owns(id: &u64) = check(|user, id| user.has(id));";
    let mut diagnostics = Diagnostics::default();
    let tokens = named::requirement_into(input.parse().expect("tokens"), &mut diagnostics);
    assert!(diagnostics.is_empty());
    written(
        tokens,
        &expect![[r#"
            ///
            ///Requires `check(|user, id| user.has(id))` of `id: &u64`.
            pub enum owns {}
            #[automatically_derived]
            impl ::auth_runtime::__private::NamedRequirement for owns {
                const NAME: &'static ::core::primitive::str = "owns";
                const REQUIREMENT: ::auth_runtime::__private::Requirement = ::auth_runtime::__private::Requirement::written_check(
                    "user, id",
                    0,
                    "|user, id| user.has(id)",
                );
                const QUESTIONS: &'static ::auth_runtime::__private::Questions = &::auth_runtime::__private::Questions::checks(
                    1,
                );
                const TAKES: &'static ::core::primitive::str = "`owns` takes an argument: write `owns(id)` with the names of the handler's arguments";
            }
            impl owns {
                #[doc(hidden)]
                pub fn __auth_of<'__auth>(
                    __auth_argument0: &'__auth u64,
                ) -> impl ::auth_runtime::__private::AskNamed<'__auth> {
                    move |__auth_number, __auth_caller| ::auth_runtime::__private::ask_named(
                        <Self as ::auth_runtime::__private::NamedRequirement>::QUESTIONS,
                        __auth_number,
                        &[],
                        &[
                            &|| ::auth_runtime::__private::check2(
                                |user, id| user.has(id),
                                ::auth_runtime::__private::given(__auth_caller),
                                ::auth_runtime::__private::given(__auth_argument0),
                            ),
                        ],
                    )
                }
            }
        "#]],
    );
}
