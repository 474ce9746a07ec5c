//! What an attribute writes, in full: for the reviewer, who sees every change of it here.
//!
//! `UPDATE_EXPECT=1 cargo test -p auth-macros` writes them anew.

// Written by expect-test.
#![allow(clippy::needless_raw_string_hashes)]

use expect_test::{Expect, expect};
use proc_macro2::TokenStream;

use super::expand;
use crate::{annotation::Kind, diagnostics::Diagnostics, named};

/// A handler of any kind stays small enough to be read. Eight of the lines are its record in the
/// registry.
const MOST_LINES: usize = 48;

fn written(tokens: TokenStream, expected: &Expect) {
    let file = syn::parse2(tokens).expect("an expansion is items");
    let text = prettyplease::unparse(&file);
    let lines = text.lines().count();
    assert!(lines < MOST_LINES, "{lines} lines:\n{text}");
    expected.assert_eq(&text);
}

fn snapshot(kind: Kind, arguments: &str, item: &str, expected: &Expect) {
    let outcome = expand(kind, arguments, item);
    assert_eq!(outcome.messages, Vec::<String>::new());
    written(outcome.tokens, expected);
}

#[test]
fn requires_auth() {
    snapshot(
        Kind::RequiresAuth,
        "",
        "/// The caller.\npub async fn me(caller: Authenticated) -> String { caller.subject().into() }",
        &expect![[r##"
            #[doc(hidden)]
            #[allow(non_camel_case_types, missing_debug_implementations, unreachable_pub)]
            pub enum __auth_me {}
            #[allow(non_local_definitions)]
            #[automatically_derived]
            impl ::auth_runtime::__private::Spec for __auth_me {
                const HANDLER: ::auth_runtime::__private::HandlerName = ::auth_runtime::__private::handler_name!(
                    "me"
                );
                const ACCESS: ::auth_runtime::__private::Access = ::auth_runtime::__private::Access::requires(
                    ::auth_runtime::__private::Requirement::AUTHENTICATED,
                );
                const RECORDED: () = {
                    #[::auth_runtime::__private::linkme::distributed_slice(
                        ::auth_runtime::__private::HANDLERS
                    )]
                    #[linkme(crate = ::auth_runtime::__private::linkme)]
                    static __AUTH_RECORD: &'static ::auth_runtime::__private::HandlerRecord = &::auth_runtime::__private::HandlerRecord::of::<
                        __auth_me,
                    >(&[]);
                };
                type Checks = ::auth_runtime::__private::NoChecks;
            }
            /// The caller.
            /**
            Requires `authenticated`.*/
            pub async fn me(
                ::auth_runtime::__private::Guarded {
                    args: (caller,),
                    ..
                }: ::auth_runtime::__private::Guarded<__auth_me, (Authenticated,)>,
            ) -> String {
                caller.subject().into()
            }
        "##]],
    );
}

#[test]
fn requires_role() {
    snapshot(
        Kind::RequiresRole,
        r#"any("admin", Role::Editor)"#,
        r#"#[get("/")] async fn list(page: web::Query<Page>) -> HttpResponse { page.await? }"#,
        &expect![[r##"
            #[doc(hidden)]
            #[allow(non_camel_case_types, missing_debug_implementations, unreachable_pub)]
            enum __auth_list {}
            #[allow(non_local_definitions)]
            #[automatically_derived]
            impl ::auth_runtime::__private::Spec for __auth_list {
                const HANDLER: ::auth_runtime::__private::HandlerName = ::auth_runtime::__private::handler_name!(
                    "list"
                );
                const ACCESS: ::auth_runtime::__private::Access = ::auth_runtime::__private::Access::requires(
                    ::auth_runtime::__private::Requirement::any(
                        &[
                            ::auth_runtime::__private::Requirement::role("admin"),
                            ::auth_runtime::__private::Requirement::typed_role(|| ::auth_runtime::__private::role_set(
                                Role::Editor,
                            )),
                        ],
                    ),
                );
                const RECORDED: () = {
                    #[::auth_runtime::__private::linkme::distributed_slice(
                        ::auth_runtime::__private::HANDLERS
                    )]
                    #[linkme(crate = ::auth_runtime::__private::linkme)]
                    static __AUTH_RECORD: &'static ::auth_runtime::__private::HandlerRecord = &::auth_runtime::__private::HandlerRecord::of::<
                        __auth_list,
                    >(&[::auth_runtime::__private::RouteRecord::new(&["GET"], "/")]);
                };
                type Checks = ::auth_runtime::__private::NoChecks;
            }
            #[automatically_derived]
            #[allow(non_local_definitions)]
            impl ::auth_runtime::__private::Secured for list {}
            #[get("/")]
            /**
            Requires `any(role("admin"), role(Role::Editor))`.*/
            async fn list(
                ::auth_runtime::__private::Guarded {
                    args: (page,),
                    ..
                }: ::auth_runtime::__private::Guarded<__auth_list, (web::Query<Page>,)>,
            ) -> HttpResponse {
                page.await?
            }
        "##]],
    );
}

#[test]
fn requires_scope_hidden() {
    snapshot(
        Kind::RequiresScope,
        r#""reports:read", hide"#,
        "async fn list() -> String { body() }",
        &expect![[r##"
            #[doc(hidden)]
            #[allow(non_camel_case_types, missing_debug_implementations, unreachable_pub)]
            enum __auth_list {}
            #[allow(non_local_definitions)]
            #[automatically_derived]
            impl ::auth_runtime::__private::Spec for __auth_list {
                const HANDLER: ::auth_runtime::__private::HandlerName = ::auth_runtime::__private::handler_name!(
                    "list"
                );
                const ACCESS: ::auth_runtime::__private::Access = ::auth_runtime::__private::Access::requires(
                    ::auth_runtime::__private::Requirement::scope("reports:read"),
                );
                const RECORDED: () = {
                    #[::auth_runtime::__private::linkme::distributed_slice(
                        ::auth_runtime::__private::HANDLERS
                    )]
                    #[linkme(crate = ::auth_runtime::__private::linkme)]
                    static __AUTH_RECORD: &'static ::auth_runtime::__private::HandlerRecord = &::auth_runtime::__private::HandlerRecord::of::<
                        __auth_list,
                    >(&[]);
                };
                const HIDE: ::core::primitive::bool = true;
                type Checks = ::auth_runtime::__private::NoChecks;
            }
            /**
            Requires `scope("reports:read")`.*/
            async fn list(
                ::auth_runtime::__private::Guarded {
                    args: (),
                    ..
                }: ::auth_runtime::__private::Guarded<__auth_list, ()>,
            ) -> String {
                body()
            }
        "##]],
    );
}

#[test]
fn requires_permission() {
    snapshot(
        Kind::RequiresPermission,
        r#""articles:edit""#,
        r#"#[requires_role("author")] async fn list<T: FromRequest + 'static>(mut body: T) -> String where T: Clone { body() }"#,
        &expect![[r##"
            #[allow(unused_imports)]
            use requires_role as _;
            #[doc(hidden)]
            #[allow(non_camel_case_types, missing_debug_implementations, unreachable_pub)]
            enum __auth_list {}
            #[allow(non_local_definitions)]
            #[automatically_derived]
            impl ::auth_runtime::__private::Spec for __auth_list {
                const HANDLER: ::auth_runtime::__private::HandlerName = ::auth_runtime::__private::handler_name!(
                    "list"
                );
                const ACCESS: ::auth_runtime::__private::Access = ::auth_runtime::__private::Access::requires(
                    ::auth_runtime::__private::Requirement::all(
                        &[
                            ::auth_runtime::__private::Requirement::permission("articles:edit"),
                            ::auth_runtime::__private::Requirement::role("author"),
                        ],
                    ),
                );
                const RECORDED: () = {
                    #[::auth_runtime::__private::linkme::distributed_slice(
                        ::auth_runtime::__private::HANDLERS
                    )]
                    #[linkme(crate = ::auth_runtime::__private::linkme)]
                    static __AUTH_RECORD: &'static ::auth_runtime::__private::HandlerRecord = &::auth_runtime::__private::HandlerRecord::of::<
                        __auth_list,
                    >(&[]);
                };
                type Checks = ::auth_runtime::__private::NoChecks;
            }
            /**
            Requires `all(permission("articles:edit"), role("author"))`.*/
            async fn list<T: FromRequest + 'static>(
                ::auth_runtime::__private::Guarded {
                    args: (mut body,),
                    ..
                }: ::auth_runtime::__private::Guarded<__auth_list, (T,)>,
            ) -> String
            where
                T: Clone,
            {
                body()
            }
        "##]],
    );
}

#[test]
fn policy() {
    snapshot(
        Kind::Requires,
        "any(scheme(Basic), policy(is_author))",
        "async fn list() -> String { body() }",
        &expect![[r##"
            #[doc(hidden)]
            #[allow(non_camel_case_types, missing_debug_implementations, unreachable_pub)]
            enum __auth_list {}
            #[allow(non_local_definitions)]
            #[automatically_derived]
            impl ::auth_runtime::__private::Spec for __auth_list {
                const HANDLER: ::auth_runtime::__private::HandlerName = ::auth_runtime::__private::handler_name!(
                    "list"
                );
                const ACCESS: ::auth_runtime::__private::Access = ::auth_runtime::__private::Access::requires(
                    ::auth_runtime::__private::Requirement::any(
                        &[
                            ::auth_runtime::__private::Requirement::scheme("Basic"),
                            ::auth_runtime::__private::Requirement::policy("is_author", 0),
                        ],
                    ),
                );
                const RECORDED: () = {
                    #[::auth_runtime::__private::linkme::distributed_slice(
                        ::auth_runtime::__private::HANDLERS
                    )]
                    #[linkme(crate = ::auth_runtime::__private::linkme)]
                    static __AUTH_RECORD: &'static ::auth_runtime::__private::HandlerRecord = &::auth_runtime::__private::HandlerRecord::of::<
                        __auth_list,
                    >(&[]);
                };
                const POLICIES: &'static [::auth_runtime::__private::PolicyFn] = &[
                    |__auth_request| ::auth_runtime::__private::run_policy(is_author, __auth_request),
                ];
                type Checks = ::auth_runtime::__private::NoChecks;
            }
            /**
            Requires `any(scheme("Basic"), policy(is_author))`.*/
            async fn list(
                ::auth_runtime::__private::Guarded {
                    args: (),
                    ..
                }: ::auth_runtime::__private::Guarded<__auth_list, ()>,
            ) -> String {
                body()
            }
        "##]],
    );
}

#[test]
fn check() {
    snapshot(
        Kind::Requires,
        "check(|user: &Principal, body: &web::Json<Transfer>| body.from == user.subject())",
        "async fn list(body: web::Json<Transfer>) -> String { body }",
        &expect![[r##"
            #[doc(hidden)]
            #[allow(non_camel_case_types, missing_debug_implementations, unreachable_pub)]
            enum __auth_list {}
            #[allow(non_local_definitions)]
            const _: () = {
                #[automatically_derived]
                impl ::auth_runtime::__private::Spec for __auth_list {
                    const HANDLER: ::auth_runtime::__private::HandlerName = ::auth_runtime::__private::handler_name!(
                        "list"
                    );
                    const ACCESS: ::auth_runtime::__private::Access = ::auth_runtime::__private::Access::requires(
                        ::auth_runtime::__private::Requirement::check("user, body", 0),
                    );
                    const RECORDED: () = {
                        #[::auth_runtime::__private::linkme::distributed_slice(
                            ::auth_runtime::__private::HANDLERS
                        )]
                        #[linkme(crate = ::auth_runtime::__private::linkme)]
                        static __AUTH_RECORD: &'static ::auth_runtime::__private::HandlerRecord = &::auth_runtime::__private::HandlerRecord::of::<
                            __auth_list,
                        >(&[]);
                    };
                    type Checks = Self;
                }
                #[automatically_derived]
                impl ::auth_runtime::__private::Checks<(web::Json<Transfer>,)> for __auth_list {
                    const CHECKS: ::auth_runtime::__private::CheckFns<(web::Json<Transfer>,)> = &[
                        |__auth_caller, __auth_arguments| ::auth_runtime::__private::check2(
                            |user: &Principal, body: &web::Json<Transfer>| {
                                body.from == user.subject()
                            },
                            ::auth_runtime::__private::given(__auth_caller),
                            ::auth_runtime::__private::given(&__auth_arguments.0),
                        ),
                    ];
                }
            };
            /**
            Requires `check(| user : & Principal , body : & web :: Json < Transfer >| body . from == user . subject ())`.*/
            async fn list(
                ::auth_runtime::__private::Guarded {
                    args: (body,),
                    ..
                }: ::auth_runtime::__private::Guarded<__auth_list, (web::Json<Transfer>,)>,
            ) -> String {
                body
            }
        "##]],
    );
}

#[test]
fn check_that_waits() {
    snapshot(
        Kind::Requires,
        "check(async |user: &Account, id| is_free(user, id).await)",
        "async fn list(id: web::Path<u64>) -> String { id }",
        &expect![[r##"
            #[doc(hidden)]
            #[allow(non_camel_case_types, missing_debug_implementations, unreachable_pub)]
            enum __auth_list {}
            #[allow(non_local_definitions)]
            const _: () = {
                #[automatically_derived]
                impl ::auth_runtime::__private::Spec for __auth_list {
                    const HANDLER: ::auth_runtime::__private::HandlerName = ::auth_runtime::__private::handler_name!(
                        "list"
                    );
                    const ACCESS: ::auth_runtime::__private::Access = ::auth_runtime::__private::Access::requires(
                        ::auth_runtime::__private::Requirement::check("user, id", 0),
                    );
                    const RECORDED: () = {
                        #[::auth_runtime::__private::linkme::distributed_slice(
                            ::auth_runtime::__private::HANDLERS
                        )]
                        #[linkme(crate = ::auth_runtime::__private::linkme)]
                        static __AUTH_RECORD: &'static ::auth_runtime::__private::HandlerRecord = &::auth_runtime::__private::HandlerRecord::of::<
                            __auth_list,
                        >(&[]);
                    };
                    type Checks = Self;
                }
                #[automatically_derived]
                impl ::auth_runtime::__private::Checks<(web::Path<u64>,)> for __auth_list {
                    const CHECKS: ::auth_runtime::__private::CheckFns<(web::Path<u64>,)> = &[
                        |__auth_caller, __auth_arguments| ::auth_runtime::__private::async_check2(
                            async |user: &Account, id| is_free(user, id).await,
                            ::auth_runtime::__private::own::<Account>(__auth_caller),
                            ::auth_runtime::__private::given(&__auth_arguments.0),
                        ),
                    ];
                }
            };
            /**
            Requires `check(async | user : & Account , id | is_free (user , id) . await)`.*/
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
fn named() {
    snapshot(
        Kind::Requires,
        r#"all(CanDelete, scope("users"))"#,
        "async fn list(may: Authorized<CanDelete>) -> String { may }",
        &expect![[r##"
            #[doc(hidden)]
            #[allow(non_camel_case_types, missing_debug_implementations, unreachable_pub)]
            enum __auth_list {}
            #[allow(non_local_definitions)]
            const _: () = {
                #[automatically_derived]
                impl ::auth_runtime::__private::Spec for __auth_list {
                    const HANDLER: ::auth_runtime::__private::HandlerName = ::auth_runtime::__private::handler_name!(
                        "list"
                    );
                    const ACCESS: ::auth_runtime::__private::Access = ::auth_runtime::__private::Access::requires(
                        ::auth_runtime::__private::Requirement::all(
                            &[
                                <CanDelete as ::auth_runtime::__private::NamedRequirement>::PART
                                    .alone(0),
                                ::auth_runtime::__private::Requirement::scope("users"),
                            ],
                        ),
                    );
                    const RECORDED: () = {
                        #[::auth_runtime::__private::linkme::distributed_slice(
                            ::auth_runtime::__private::HANDLERS
                        )]
                        #[linkme(crate = ::auth_runtime::__private::linkme)]
                        static __AUTH_RECORD: &'static ::auth_runtime::__private::HandlerRecord = &::auth_runtime::__private::HandlerRecord::of::<
                            __auth_list,
                        >(&[]);
                    };
                    const NAMED: &'static [::auth_runtime::__private::AskedName] = &[
                        <CanDelete as ::auth_runtime::__private::NamedRequirement>::GRANTED,
                    ];
                    type Checks = ::auth_runtime::__private::NoChecks;
                }
                impl ::auth_runtime::__private::Grants<CanDelete> for __auth_list {}
                const _: () = ::auth_runtime::__private::grants::<__auth_list, CanDelete>();
            };
            /**
            Requires `all(CanDelete, scope("users"))`.*/
            async fn list(
                ::auth_runtime::__private::Guarded {
                    args: (may,),
                    ..
                }: ::auth_runtime::__private::Guarded<__auth_list, (Authorized<CanDelete>,)>,
            ) -> String {
                may
            }
        "##]],
    );
}

#[test]
fn public() {
    snapshot(
        Kind::Public,
        r#"reason = "load balancer probe""#,
        r#"async fn health() -> &'static str { "ok" }"#,
        &expect![[r##"
            #[doc(hidden)]
            #[allow(non_camel_case_types, missing_debug_implementations, unreachable_pub)]
            enum __auth_health {}
            #[allow(non_local_definitions)]
            #[automatically_derived]
            impl ::auth_runtime::__private::Spec for __auth_health {
                const HANDLER: ::auth_runtime::__private::HandlerName = ::auth_runtime::__private::handler_name!(
                    "health"
                );
                const ACCESS: ::auth_runtime::__private::Access = ::auth_runtime::__private::Access::public(
                    "load balancer probe",
                );
                const RECORDED: () = {
                    #[::auth_runtime::__private::linkme::distributed_slice(
                        ::auth_runtime::__private::HANDLERS
                    )]
                    #[linkme(crate = ::auth_runtime::__private::linkme)]
                    static __AUTH_RECORD: &'static ::auth_runtime::__private::HandlerRecord = &::auth_runtime::__private::HandlerRecord::of::<
                        __auth_health,
                    >(&[]);
                };
                type Checks = ::auth_runtime::__private::NoChecks;
            }
            /**
            Anybody may call it: load balancer probe.*/
            async fn health(
                ::auth_runtime::__private::Guarded {
                    args: (),
                    ..
                }: ::auth_runtime::__private::Guarded<__auth_health, ()>,
            ) -> &'static str {
                "ok"
            }
        "##]],
    );
}

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
                const HANDLER: ::auth_runtime::__private::HandlerName = ::auth_runtime::__private::handler_name!(
                    "Controller::list"
                );
                const ACCESS: ::auth_runtime::__private::Access = ::auth_runtime::__private::Access::requires(
                    ::auth_runtime::__private::Requirement::AUTHENTICATED,
                );
                const RECORDED: () = {
                    #[::auth_runtime::__private::linkme::distributed_slice(
                        ::auth_runtime::__private::HANDLERS
                    )]
                    #[linkme(crate = ::auth_runtime::__private::linkme)]
                    static __AUTH_RECORD: &'static ::auth_runtime::__private::HandlerRecord = &::auth_runtime::__private::HandlerRecord::of::<
                        __auth_Controller_list,
                    >(&[]);
                };
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
                    const HANDLER: ::auth_runtime::__private::HandlerName = ::auth_runtime::__private::handler_name!(
                        "list"
                    );
                    const ACCESS: ::auth_runtime::__private::Access = ::auth_runtime::__private::Access::requires(
                        ::auth_runtime::__private::Requirement::AUTHENTICATED,
                    );
                    const RECORDED: () = {
                        #[::auth_runtime::__private::linkme::distributed_slice(
                            ::auth_runtime::__private::HANDLERS
                        )]
                        #[linkme(crate = ::auth_runtime::__private::linkme)]
                        static __AUTH_RECORD: &'static ::auth_runtime::__private::HandlerRecord = &::auth_runtime::__private::HandlerRecord::of::<
                            __auth_list,
                        >(&[::auth_runtime::__private::RouteRecord::new(&["GET"], "/")]);
                    };
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
                HANDLER:::auth_runtime::__private::HandlerName = ::auth_runtime::__private::handler_name!(
                    "list"
                );const
                ACCESS:::auth_runtime::__private::Access = ::auth_runtime::__private::Access::requires(
                    ::auth_runtime::__private::Requirement::AUTHENTICATED
                );const
                RECORDED:(

                )= {#[::auth_runtime::__private::linkme::distributed_slice(
                    ::auth_runtime::__private::HANDLERS
                )]#[linkme(crate = ::auth_runtime::__private::linkme)]static
                __AUTH_RECORD:&'static::auth_runtime::__private::HandlerRecord = &::auth_runtime::__private::HandlerRecord::of::<__auth_list>(
                    &[]
                );};type
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
                const REQUIREMENT: ::auth_runtime::__private::Requirement = ::auth_runtime::__private::Requirement::any(
                    &[
                        ::auth_runtime::__private::Requirement::role("editor"),
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
fn named_with_arguments() {
    snapshot(
        Kind::Requires,
        "access::owns(id)",
        "async fn list(id: web::Path<u64>) -> String { id }",
        &expect![[r##"
            #[doc(hidden)]
            #[allow(non_camel_case_types, missing_debug_implementations, unreachable_pub)]
            enum __auth_list {}
            #[allow(non_local_definitions)]
            const _: () = {
                #[automatically_derived]
                impl ::auth_runtime::__private::Spec for __auth_list {
                    const HANDLER: ::auth_runtime::__private::HandlerName = ::auth_runtime::__private::handler_name!(
                        "list"
                    );
                    const ACCESS: ::auth_runtime::__private::Access = ::auth_runtime::__private::Access::requires(
                        <access::owns as ::auth_runtime::__private::NamedRequirement>::PART
                            .of(0, "id"),
                    );
                    const RECORDED: () = {
                        #[::auth_runtime::__private::linkme::distributed_slice(
                            ::auth_runtime::__private::HANDLERS
                        )]
                        #[linkme(crate = ::auth_runtime::__private::linkme)]
                        static __AUTH_RECORD: &'static ::auth_runtime::__private::HandlerRecord = &::auth_runtime::__private::HandlerRecord::of::<
                            __auth_list,
                        >(&[]);
                    };
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
            };
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
            ///Requires `check(| user , id | user . has (id))` of `id: &u64`.
            #[allow(non_camel_case_types, missing_debug_implementations)]
            pub enum owns {}
            #[automatically_derived]
            impl ::auth_runtime::__private::NamedRequirement for owns {
                const NAME: &'static ::core::primitive::str = "owns";
                const REQUIREMENT: ::auth_runtime::__private::Requirement = ::auth_runtime::__private::Requirement::check(
                    "user, id",
                    0,
                );
                const QUESTIONS: &'static ::auth_runtime::__private::Questions = &::auth_runtime::__private::Questions::new(
                    &[],
                    &[],
                    1,
                );
                const TAKES: &'static ::core::primitive::str = "`owns` takes an argument: write `owns(id)` with the names of the handler's arguments";
            }
            #[automatically_derived]
            impl owns {
                #[doc(hidden)]
                #[allow(dead_code, unused_variables, unreachable_pub)]
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
