//! What an attribute writes, in full: for the reviewer, who sees every change of it here.
//!
//! `UPDATE_EXPECT=1 cargo test -p auth-macros` writes them anew.

// Written by expect-test.
#![allow(clippy::needless_raw_string_hashes)]

mod around;
mod names;

use expect_test::{Expect, expect};
use proc_macro2::TokenStream;

use crate::{model::annotation::Kind, tests::expand};

/// A handler of any kind stays small enough to be read.
const MOST_LINES: usize = 40;

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
            pub enum __auth_me {}
            #[automatically_derived]
            impl ::auth_runtime::__private::Spec for __auth_me {
                const DECLARED: ::auth_runtime::__private::Declared = ::auth_runtime::__private::declared!(
                    __auth_me, "me",
                    ::auth_runtime::__private::Access::Requires(::auth_runtime::__private::Requirement::Authenticated),
                    ::auth_runtime::__private::Routes::None
                );
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
            enum __auth_list {}
            #[automatically_derived]
            impl ::auth_runtime::__private::Spec for __auth_list {
                const DECLARED: ::auth_runtime::__private::Declared = ::auth_runtime::__private::declared!(
                    __auth_list, "list",
                    ::auth_runtime::__private::Access::Requires(::auth_runtime::__private::Requirement::Any(&
                    [::auth_runtime::__private::Requirement::Role("admin"),
                    ::auth_runtime::__private::Requirement::typed_role(||
                    ::auth_runtime::__private::role_set(Role::Editor))])),
                    ::auth_runtime::__private::Routes::One("GET", "/")
                );
                type Checks = ::auth_runtime::__private::NoChecks;
            }
            #[automatically_derived]
            impl ::auth_runtime::__private::Protected for list {}
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
            enum __auth_list {}
            #[automatically_derived]
            impl ::auth_runtime::__private::Spec for __auth_list {
                const DECLARED: ::auth_runtime::__private::Declared = ::auth_runtime::__private::declared!(
                    __auth_list, "list",
                    ::auth_runtime::__private::Access::Requires(::auth_runtime::__private::Requirement::Scope("reports:read")),
                    ::auth_runtime::__private::Routes::None
                );
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
        &expect![[r#"
            use requires_role as _;
            #[doc(hidden)]
            enum __auth_list {}
            #[automatically_derived]
            impl ::auth_runtime::__private::Spec for __auth_list {
                const DECLARED: ::auth_runtime::__private::Declared = ::auth_runtime::__private::declared!(
                    __auth_list, "list",
                    ::auth_runtime::__private::Access::Requires(::auth_runtime::__private::Requirement::All(&
                    [::auth_runtime::__private::Requirement::Permission("articles:edit"),
                    ::auth_runtime::__private::Requirement::Role("author")])),
                    ::auth_runtime::__private::Routes::None
                );
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
        "#]],
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
            enum __auth_list {}
            #[automatically_derived]
            impl ::auth_runtime::__private::Spec for __auth_list {
                const DECLARED: ::auth_runtime::__private::Declared = ::auth_runtime::__private::declared!(
                    __auth_list, "list",
                    ::auth_runtime::__private::Access::Requires(::auth_runtime::__private::Requirement::Any(&
                    [::auth_runtime::__private::Requirement::Scheme("Basic"),
                    ::auth_runtime::__private::Requirement::policy("is_author", 0)])),
                    ::auth_runtime::__private::Routes::None
                );
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
            enum __auth_list {}
            #[automatically_derived]
            impl ::auth_runtime::__private::Spec for __auth_list {
                const DECLARED: ::auth_runtime::__private::Declared = ::auth_runtime::__private::declared!(
                    __auth_list, "list",
                    ::auth_runtime::__private::Access::Requires(::auth_runtime::__private::Requirement::written_check("user, body",
                    0,
                    "|user: &Principal, body: &web::Json<Transfer>| body.from == user.subject()")),
                    ::auth_runtime::__private::Routes::None
                );
                type Checks = Self;
            }
            #[automatically_derived]
            impl ::auth_runtime::__private::Checks<(web::Json<Transfer>,)> for __auth_list {
                const CHECKS: ::auth_runtime::__private::CheckFns<(web::Json<Transfer>,)> = &[
                    |__auth_caller, __auth_arguments| ::auth_runtime::__private::check2(
                        |user: &Principal, body: &web::Json<Transfer>| body.from == user.subject(),
                        ::auth_runtime::__private::given(__auth_caller),
                        ::auth_runtime::__private::given(&__auth_arguments.0),
                    ),
                ];
            }
            /**
            Requires `check(|user: &Principal, body: &web::Json<Transfer>| body.from == user.subject())`.*/
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
            enum __auth_list {}
            #[automatically_derived]
            impl ::auth_runtime::__private::Spec for __auth_list {
                const DECLARED: ::auth_runtime::__private::Declared = ::auth_runtime::__private::declared!(
                    __auth_list, "list",
                    ::auth_runtime::__private::Access::Requires(::auth_runtime::__private::Requirement::written_check("user, id",
                    0, "async |user: &Account, id| is_free(user, id).await")),
                    ::auth_runtime::__private::Routes::None
                );
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
            /**
            Requires `check(async |user: &Account, id| is_free(user, id).await)`.*/
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
            enum __auth_list {}
            #[automatically_derived]
            impl ::auth_runtime::__private::Spec for __auth_list {
                const DECLARED: ::auth_runtime::__private::Declared = ::auth_runtime::__private::declared!(
                    __auth_list, "list",
                    ::auth_runtime::__private::Access::Requires(::auth_runtime::__private::Requirement::All(&
                    [< CanDelete as ::auth_runtime::__private::NamedRequirement > ::PART.alone(0),
                    ::auth_runtime::__private::Requirement::Scope("users")])),
                    ::auth_runtime::__private::Routes::None
                );
                const NAMED: &'static [::auth_runtime::__private::AskedName] = &[
                    <CanDelete as ::auth_runtime::__private::NamedRequirement>::GRANTED,
                ];
                type Checks = ::auth_runtime::__private::NoChecks;
            }
            #[automatically_derived]
            impl ::auth_runtime::__private::Grants<CanDelete> for __auth_list {}
            const _: ::auth_runtime::__private::Declared = <__auth_list as ::auth_runtime::__private::Spec>::DECLARED;
            const _: () = ::auth_runtime::__private::grants::<__auth_list, CanDelete>();
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
            enum __auth_health {}
            #[automatically_derived]
            impl ::auth_runtime::__private::Spec for __auth_health {
                const DECLARED: ::auth_runtime::__private::Declared = ::auth_runtime::__private::declared!(
                    __auth_health, "health",
                    ::auth_runtime::__private::Access::Public("load balancer probe"),
                    ::auth_runtime::__private::Routes::None
                );
                type Checks = ::auth_runtime::__private::NoChecks;
            }
            /**
            Anyone may call it: load balancer probe.*/
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
