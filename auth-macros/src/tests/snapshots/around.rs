//! What is written where the attribute does not stand on a handler alone.

// Written by expect-test.
#![allow(clippy::needless_raw_string_hashes)]

use expect_test::expect;

use super::{snapshot, written};
use crate::{annotation::Kind, diagnostics::Diagnostics, named};

#[test]
fn impl_block() {
    snapshot(
        Kind::RequiresAuth,
        "",
        "impl Controller { pub async fn list(body: String) -> String { body } fn helper(&self) {} }",
        &expect![[r##"
            #[doc(hidden)]
            #[allow(non_camel_case_types, missing_debug_implementations, unreachable_pub)]
            pub enum __auth_Controller_list {}
            #[allow(non_local_definitions)]
            #[automatically_derived]
            impl ::auth_runtime::__private::Spec for __auth_Controller_list {
                const DECLARED: ::auth_runtime::__private::Declared = ::auth_runtime::__private::declared!(
                    __auth_Controller_list, "Controller::list",
                    ::auth_runtime::__private::Access::Requires(::auth_runtime::__private::Requirement::Authenticated),
                    ::auth_runtime::__private::Routes::None
                );
                type Checks = ::auth_runtime::__private::NoChecks;
            }
            impl Controller {
                /**
            Requires `authenticated`.*/
                pub async fn list(
                    ::auth_runtime::__private::Guarded {
                        args: (body,),
                        ..
                    }: ::auth_runtime::__private::Guarded<__auth_Controller_list, (String,)>,
                ) -> String {
                    body
                }
                fn helper(&self) {}
            }
        "##]],
    );
}

#[test]
fn module() {
    snapshot(
        Kind::RequiresAuth,
        "",
        r#"mod admin { #[get("/")] async fn list() -> String { body } fn helper() {} }"#,
        &expect![[r#"
            mod admin {
                #[doc(hidden)]
                #[allow(non_camel_case_types, missing_debug_implementations, unreachable_pub)]
                enum __auth_list {}
                #[allow(non_local_definitions)]
                #[automatically_derived]
                impl ::auth_runtime::__private::Spec for __auth_list {
                    const DECLARED: ::auth_runtime::__private::Declared = ::auth_runtime::__private::declared!(
                        __auth_list, "list",
                        ::auth_runtime::__private::Access::Requires(::auth_runtime::__private::Requirement::Authenticated),
                        ::auth_runtime::__private::Routes::One("GET", "/")
                    );
                    type Checks = ::auth_runtime::__private::NoChecks;
                }
                #[automatically_derived]
                #[allow(non_local_definitions)]
                impl ::auth_runtime::__private::Secured for list {}
                #[get("/")]
                /**
            Requires `authenticated`.*/
                async fn list(
                    ::auth_runtime::__private::Guarded {
                        args: (),
                        ..
                    }: ::auth_runtime::__private::Guarded<__auth_list, ()>,
                ) -> String {
                    body
                }
                fn helper() {}
            }
        "#]],
    );
}

#[test]
fn behind_a_reader() {
    snapshot(
        Kind::RequiresAuth,
        "",
        "#[utoipa::path(get)] async fn list(body: String) -> String { body }",
        &expect![[r##"
            #[doc(hidden)]
            #[allow(non_camel_case_types, missing_debug_implementations, unreachable_pub)]
            enum __auth_list {}
            const _: () = {
                const fn __auth_has_decision<S: ::auth_runtime::__private::Spec>() {}
                __auth_has_decision::<__auth_list>();
            };
            #[utoipa::path(get)]
            #[::auth_runtime::__private::__guard_signature(
                __auth_list,
                [::auth_runtime::__private],
                {#[allow(
                    non_local_definitions
                )]#[automatically_derived]impl::auth_runtime::__private::Spec
                for
                __auth_list{const
                DECLARED:::auth_runtime::__private::Declared = ::auth_runtime::__private::declared!(
                    __auth_list,
                    "list",
                    ::auth_runtime::__private::Access::Requires(
                        ::auth_runtime::__private::Requirement::Authenticated
                    ),
                    ::auth_runtime::__private::Routes::None
                );type
                Checks = ::auth_runtime::__private::NoChecks;}},
                "\nRequires `authenticated`."
            )]
            async fn list(body: String) -> String {
                body
            }
        "##]],
    );
}

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
            #[allow(non_camel_case_types, missing_debug_implementations)]
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
                #[allow(dead_code, unreachable_pub)]
                pub fn __auth_of() -> ::auth_runtime::__private::NoArguments {
                    |_, _| ::core::option::Option::None
                }
            }
        "#]],
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
            ///Requires `check(| user , id | user . has (id))` of `id: & u64`.
            #[allow(non_camel_case_types, missing_debug_implementations)]
            pub enum owns {}
            #[automatically_derived]
            impl ::auth_runtime::__private::NamedRequirement for owns {
                const NAME: &'static ::core::primitive::str = "owns";
                const REQUIREMENT: ::auth_runtime::__private::Requirement = ::auth_runtime::__private::Requirement::check(
                    "user, id",
                    0,
                );
                const QUESTIONS: &'static ::auth_runtime::__private::Questions = &::auth_runtime::__private::Questions::checks(
                    1,
                );
                const TAKES: &'static ::core::primitive::str = "`owns` takes an argument: write `owns(id)` with the names of the handler's arguments";
            }
            impl owns {
                #[doc(hidden)]
                #[allow(dead_code, unused_variables, unreachable_pub)]
                pub fn __auth_of<'__auth>(
                    __auth_argument0: &'__auth u64,
                ) -> impl ::core::ops::Fn(
                    ::core::primitive::usize,
                    &'__auth ::auth_runtime::__private::Principal,
                ) -> ::core::option::Option<::auth_runtime::__private::CheckFuture<'__auth>> {
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
