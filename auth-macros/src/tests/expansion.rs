//! What an item becomes.

use quote::quote;

use crate::{
    model::annotation::Kind,
    rule::Rule,
    tests::{expand, expand_tokens},
};

fn expanded(kind: Kind, arguments: &str, item: &str) -> String {
    let outcome = expand(kind, arguments, item);
    assert_eq!(outcome.messages, Vec::<String>::new(), "{item}");
    outcome.tokens.to_string()
}

#[test]
fn a_handler_takes_one_argument_that_decides_before_it_extracts() {
    let outcome = expand_tokens(
        Kind::RequiresRole,
        quote!("admin"),
        quote! {
            /// Lists.
            #[inline]
            pub async fn list<T: Clone>(mut a: A<T>, web::Path(id): web::Path<u64>) -> R where T: B { a?; id }
        },
    );
    let expected = quote! {
        #[doc(hidden)]
        pub enum __auth_list {}
        #[automatically_derived]
        impl ::auth_runtime::__private::Spec for __auth_list {
            const DECLARED: ::auth_runtime::__private::Declared = ::auth_runtime::__private::declared!(
                __auth_list,
                "list",
                ::auth_runtime::__private::Access::Requires(
                    ::auth_runtime::__private::Requirement::Role("admin")
                ),
                ::auth_runtime::__private::Routes::None
            );
            type Checks = ::auth_runtime::__private::NoChecks;
        }
        /// Lists.
        #[inline]
        #[doc = "\nRequires `role(\"admin\")`."]
        pub async fn list<T: Clone>(
            ::auth_runtime::__private::Guarded { args: (mut a, web::Path(id),), .. }:
                ::auth_runtime::__private::Guarded<__auth_list, (A<T>, web::Path<u64>,)>
        ) -> R where T: B { a?; id }
    };
    assert_eq!(outcome.tokens.to_string(), expected.to_string());
}

#[test]
fn attributes_of_different_kinds_are_joined_in_source_order() {
    let tokens = expanded(
        Kind::RequiresRole,
        r#""admin""#,
        r#"#[auth_runtime::requires_scope("s", hide)] #[get("/")] #[requires(policy(p), crate = my)] async fn list() {}"#,
    );
    assert!(
        tokens.contains(
            &quote!(my::__private::Requirement::All(&[
                my::__private::Requirement::Role("admin"),
                my::__private::Requirement::Scope("s"),
                my::__private::Requirement::policy("p", 0)
            ]))
            .to_string()
        )
    );
    assert!(tokens.contains("HIDE"));
    assert!(
        !tokens.contains("[requires_scope"),
        "the attribute is taken"
    );
    assert!(
        tokens.contains("requires_scope as _"),
        "and its import is used"
    );
    assert!(tokens.contains("# [get (\"/\")]"));
}

#[test]
fn generated_code_decides_nothing() {
    let tokens = expanded(
        Kind::Requires,
        r#"any(all(role("a"), not(scope("b"))), policy(p), scheme(Basic)), hide"#,
        "async fn list(a: A) { body }",
    );
    for word in ["if", "match", "&&", "||", "loop", "return"] {
        assert!(
            !tokens.split_whitespace().any(|token| token == word),
            "{word} in {tokens}"
        );
    }
}

#[test]
fn a_policy_that_is_named_twice_is_listed_once() {
    let tokens = expanded(
        Kind::Requires,
        r#"any(all(policy(a::p), role("x")), all(policy(a::p), policy(q)))"#,
        "async fn list() {}",
    );
    assert_eq!(tokens.matches("run_policy").count(), 2);
    assert_eq!(tokens.matches("(\"a::p\" , 0)").count(), 2);
    assert_eq!(tokens.matches("(\"q\" , 1)").count(), 1);
}

#[test]
fn expansion_is_deterministic() {
    let once = || expanded(Kind::RequiresAuth, "", "async fn r#type(a: A) {}");
    assert_eq!(once(), once());
    assert!(once().contains("__auth_type"));
}

#[test]
fn a_guard_around_a_guard_has_a_name_of_its_own() {
    let inner = expanded(Kind::RequiresAuth, "", "async fn list(a: A) {}");
    let function = inner.split_once("async fn").expect("a function").1;
    let outer = expanded(
        Kind::RequiresRole,
        r#""x""#,
        &format!("async fn {function}"),
    );
    assert!(outer.contains("enum __auth___auth_list"));
    assert!(outer.contains(
        "Guarded < __auth___auth_list , (:: auth_runtime :: __private :: Guarded < __auth_list"
    ));
}

#[test]
fn a_reader_of_the_signature_sees_the_signature() {
    let tokens = expanded(
        Kind::RequiresRole,
        r#""admin""#,
        "#[utoipa::path(get)] async fn list(a: A) {}",
    );
    let (before, after) = tokens
        .split_once("# [utoipa :: path (get)]")
        .expect("the reader stays");
    assert!(before.contains("is_guarded :: < __auth_list , _ > ()"));
    // That it is so comes with the rewriting.
    assert!(!before.contains("GuardedBy"), "{before}");
    assert!(after.contains("__guard_signature"));
    assert!(after.ends_with("async fn list (a : A) { }"), "{after}");
}

#[test]
fn handlers_in_an_impl_block_have_their_decisions_beside_it() {
    let tokens = expanded(
        Kind::RequiresAuth,
        "",
        r#"impl api::Controller<u8> {
            const X: u8 = 1;
            #[requires_role("admin")] pub async fn list(a: A) {}
            async fn other() {}
            fn new() -> Self { Self }
            async fn method(&self) {}
        }"#,
    );
    assert!(tokens.contains("pub enum __auth_api_Controller_u8_list { }"));
    assert!(tokens.contains("enum __auth_api_Controller_u8_other_unless_not_a_handler { }"));
    assert!(tokens.contains("\"Controller::list\""));
    assert!(tokens.contains("fn new () -> Self { Self }"));
    assert!(tokens.contains("async fn method (& self) { }"));
    let (beside, block) = tokens.split_once("impl api").expect("the block stays");
    assert!(
        beside.contains("All (& [:: auth_runtime :: __private :: Requirement :: Authenticated")
    );
    assert!(!block.contains("enum"));
}

#[test]
fn a_module_reaches_every_handler_inside() {
    let tokens = expanded(
        Kind::RequiresRole,
        r#""admin""#,
        r#"mod admin {
            #![allow(dead_code)]
            use super::*;
            pub async fn list() {}
            mod inner { #[requires_scope("s")] #[get("/")] async fn deep() {} }
            fn helper() {}
        }"#,
    );
    assert!(tokens.contains("enum __auth_list"));
    assert!(tokens.contains("enum __auth_deep"));
    assert!(tokens.contains("Requirement :: Scope (\"s\")"));
    assert!(tokens.starts_with("mod admin { # ! [allow (dead_code)]"));
    assert_eq!(tokens.matches("Requirement :: Role (\"admin\")").count(), 2);
}

#[test]
fn attributes_in_a_module_of_tests_stay_where_they_are() {
    let module = |marker: &str| {
        expanded(
            Kind::RequiresAuth,
            "",
            &format!(
                r#"mod admin {{
                    async fn list() {{}}
                    {marker} mod tests {{ #[requires_role("admin")] async fn inner() {{}} }}
                }}"#
            ),
        )
    };
    let as_written = "# [requires_role (\"admin\")] async fn inner";
    let tokens = module("#[cfg(test)]");
    assert!(tokens.contains(as_written), "{tokens}");
    // What an attribute is called says nothing of where its module is compiled.
    for marker in ["#[some::test]", "#[cfg(not(test))]", "#[cfg(any(test, x))]"] {
        let tokens = module(marker);
        assert!(!tokens.contains(as_written), "{marker}: {tokens}");
    }
}

#[test]
fn a_route_is_a_handler_whatever_else_stands_on_it() {
    for marker in ["#[cfg(test)]", "#[some::test]", "#[cfg(feature = \"x\")]"] {
        let tokens = expanded(
            Kind::RequiresAuth,
            "",
            &format!("mod admin {{ {marker} #[get(\"/\")] async fn list(a: A) {{}} }}"),
        );
        assert!(
            tokens.contains("Guarded < __auth_list"),
            "{marker}: {tokens}"
        );
    }
    let tokens = expanded(
        Kind::RequiresAuth,
        "",
        "mod admin { async fn list() {} #[actix_web::test] async fn works() {} }",
    );
    assert!(!tokens.contains("__auth_works"));
}

#[test]
fn an_item_with_a_mistake_stays_without_our_attributes() {
    let outcome = expand(
        Kind::RequiresRole,
        r#""a", "b""#,
        r#"#[requires_scope("x y")] #[get("/")] async fn list(a: A) { body( }"#
            .replace("body( ", "body ")
            .as_str(),
    );
    assert_eq!(outcome.rules, [Rule::AnyOrAll, Rule::ScopeCharacter]);
    assert_eq!(
        outcome.tokens.to_string(),
        "# [get (\"/\")] async fn list (a : A) { body }"
    );
}

#[test]
fn a_mistake_on_a_block_is_said_once_however_many_handlers_it_has() {
    let outcome = expand(
        Kind::RequiresAuth,
        "",
        "#[requires_auth] impl C { async fn a() {} async fn b() {} }",
    );
    assert_eq!(
        outcome.rules,
        [Rule::SameAttributeTwice, Rule::SameAttributeTwice]
    );
    let outcome = expand(
        Kind::RequiresAuth,
        "",
        "#[requires_auth] mod m { async fn a() {} async fn b() {} }",
    );
    assert_eq!(
        outcome.rules,
        [Rule::SameAttributeTwice, Rule::SameAttributeTwice]
    );
}

#[test]
fn what_forgives_a_refusal_is_found_inside_other_types() {
    for ty in [
        "Option<Authenticated>",
        "Option<Authenticated<User>>",
        "Result<auth_runtime::Authenticated, Error>",
        "Either<web::Json<X>, MaybeAuthenticated>",
        "web::Data<Option<Authenticated>>",
        "(Option<Authenticated>, web::Path<u64>)",
        "Option<(Authenticated, web::Path<u64>)>",
        "std::option::Option<Authenticated>",
    ] {
        let outcome = expand(
            Kind::RequiresAuth,
            "",
            &format!("async fn list(a: {ty}) {{}}"),
        );
        assert_eq!(outcome.rules, [Rule::OptionalGuard], "{ty}");
    }
    for ty in [
        "Authenticated",
        "MaybeAuthenticated",
        "Option<web::Json<X>>",
        "(Authenticated, A)",
    ] {
        let outcome = expand(
            Kind::RequiresAuth,
            "",
            &format!("async fn list(a: {ty}) {{}}"),
        );
        assert_eq!(outcome.rules, [], "{ty}");
    }
}

#[test]
fn a_handler_that_overrides_what_is_around_it_says_so_and_hides_nothing() {
    let text = expanded(
        Kind::RequiresRole,
        r#""clerk", hide"#,
        r#"mod orders {
            #[get("/prices")]
            #[requires_scope("x")]
            async fn list() {}
            #[get("/prices")]
            #[public(reason = "printed in every shop", overrides)]
            async fn prices() {}
        }"#,
    );
    assert_eq!(text.matches("const OVERRIDES").count(), 1, "{text}");
    assert_eq!(text.matches("const HIDE").count(), 1, "{text}");
    let doc = "Anyone may call it: printed in every shop. \
               This overrides `role(\\\"clerk\\\")`, which is required around it.";
    assert!(text.contains(doc), "{text}");
}
