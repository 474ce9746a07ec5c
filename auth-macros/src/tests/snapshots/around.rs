//! What is written where the attribute does not stand on a handler alone.

// Written by expect-test.
#![allow(clippy::needless_raw_string_hashes)]

use expect_test::expect;

use crate::{model::annotation::Kind, tests::snapshots::snapshot};

#[test]
fn impl_block() {
    snapshot(
        Kind::RequiresAuth,
        "",
        "impl Controller { pub async fn list(body: String) -> String { body } fn helper(&self) {} }",
        &expect![[r##"
            #[doc(hidden)]
            pub enum __auth_Controller_list_unless_not_a_handler {}
            #[automatically_derived]
            impl ::auth_runtime::__private::Spec for __auth_Controller_list_unless_not_a_handler {
                const DECLARED: ::auth_runtime::__private::Declared = ::auth_runtime::__private::declared!(
                    __auth_Controller_list_unless_not_a_handler, "Controller::list",
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
                    }: ::auth_runtime::__private::Guarded<
                        __auth_Controller_list_unless_not_a_handler,
                        (String,),
                    >,
                ) -> String {
                    body
                }
                fn helper(&self) {}
            }
            const _: () = {
                use ::auth_runtime::__private::proof::methods::*;
                fn __auth_proofs() {
                    let () = ::auth_runtime::__private::proof::function1(<Controller>::helper)
                        .__auth_item()
                        .__auth_found()
                        .__auth_is_decided();
                }
            };
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
                enum __auth_list {}
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
                impl ::auth_runtime::__private::Protected for list {}
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
                const _: () = {
                    use ::auth_runtime::__private::proof::methods::*;
                    fn __auth_proofs() {
                        let () = ::auth_runtime::__private::proof::function0(self::helper)
                            .__auth_item()
                            .__auth_found()
                            .__auth_is_decided();
                    }
                };
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
            enum __auth_list {}
            const _: () = ::auth_runtime::__private::proof::is_guarded::<__auth_list, _>();
            #[automatically_derived]
            impl ::auth_runtime::__private::Spec for __auth_list {
                const DECLARED: ::auth_runtime::__private::Declared = ::auth_runtime::__private::declared!(
                    __auth_list, "list",
                    ::auth_runtime::__private::Access::Requires(::auth_runtime::__private::Requirement::Authenticated),
                    ::auth_runtime::__private::Routes::None
                );
                type Checks = ::auth_runtime::__private::NoChecks;
            }
            #[utoipa::path(get)]
            #[::auth_runtime::__private::__guard_signature(
                __auth_list,
                [::auth_runtime::__private],
                "\nRequires `authenticated`."
            )]
            async fn list(body: String) -> String {
                body
            }
        "##]],
    );
}
