//! `#[deny_by_default]` against modules that try to get a handler past it.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;

use crate::{diagnostics::Diagnostics, expand, rule::Rule};

fn rules(item: TokenStream) -> Vec<Rule> {
    let mut diagnostics = Diagnostics::default();
    expand::deny_by_default_into(TokenStream::new(), item, &mut diagnostics);
    diagnostics.rules()
}

/// What `macro_rules!` puts around what it captured.
fn captured(tokens: TokenStream) -> TokenTree {
    Group::new(Delimiter::None, tokens).into()
}

fn is_one_item(content: &TokenStream) -> bool {
    syn::parse2::<syn::File>(content.clone()).is_ok_and(|file| file.items.len() == 1)
}

#[test]
fn no_unprotected_handler_passes() {
    for content in [
        "#[get(\"/\")] async fn a() {}",
        "#[::actix_web::get(\"/\")] pub(in crate::x) async fn a() {}",
        "#[get[\"/\"]] async fn a() {}",
        "#[get{\"/\"}] async fn a() {}",
        "#[r#get(\"\")] async fn a() {}",
        "#[fetch(r\"/a\")] async fn a() {}",
        "#[fetch(r#\"/a\"#)] async fn a() {}",
        "#[routes] #[get(\"/\")] #[post(\"/\")] async fn a() {}",
        "#[get(\"/\")] fn a() -> impl Future<Output = ()> {}",
        "#[get(\"/\")] fn a() -> Alias {}",
        "#[cfg(test)] #[get(\"/\")] async fn a() {}",
        "#[cfg_attr(all(), get(\"/\"))] async fn a() {}",
        "#[cfg_attr(all(), cfg_attr(all(), get(\"/\")))] async fn a() {}",
        "#[cfg_attr(all(), fetch(\"/\"))] async fn a() {}",
        "pub mod b { pub mod c { #[get(\"/\")] async fn a() {} } }",
        "#[some::test] mod b { #[get(\"/\")] async fn a() {} }",
        "#[cfg(not(test))] mod b { #[get(\"/\")] async fn a() {} }",
        "fn b() { #[get(\"/\")] async fn a() {} }",
        "fn b() { || { if c { #[get(\"/\")] async fn a() {} } } }",
        "impl B { fn b(&self) { #[get(\"/\")] async fn a() {} } }",
        "impl T for B { fn b(&self) { #[get(\"/\")] async fn a() {} } }",
        "impl B<{ 1 }> { fn b() { #[get(\"/\")] async fn a() {} } }",
        "trait B { fn b() { #[get(\"/\")] async fn a() {} } }",
        "const B: fn() = || { #[get(\"/\")] async fn a() {} };",
        "static B: fn() = || { #[get(\"/\")] async fn a() {} };",
        "const _: () = { #[get(\"/\")] async fn a() {} };",
        "enum B { C = { #[get(\"/\")] async fn a() {} 1 } }",
        "struct B<const N: usize = { #[get(\"/\")] async fn a() {} 1 }>;",
        "type B = [u8; { #[get(\"/\")] async fn a() {} 1 }];",
        "struct B; #[get(\"/\")] async fn a() {}",
        "use b::c; #[get(\"/\")] async fn a() {}",
        "macro_rules! b { () => {} } #[get(\"/\")] async fn a() {}",
    ] {
        let content: TokenStream = content.parse().expect("tokens");
        assert_eq!(
            rules(quote!(mod api { #content })),
            [Rule::NoDecision],
            "{content}"
        );
        // As `$item`, and before another one.
        let item = captured(content.clone());
        if is_one_item(&content) {
            let another = quote!(#item #[get("/")] #[requires_auth] async fn decided() {});
            for content in [quote!(#item), another] {
                assert_eq!(
                    rules(quote!(mod api { #content })),
                    [Rule::NoDecision],
                    "captured: {content}"
                );
            }
        }
    }
}

#[test]
fn what_cannot_be_judged_does_not_pass() {
    for (content, expected) in [
        ("mod b;", Rule::TargetModuleFile),
        ("#[path = \"c.rs\"] mod b;", Rule::TargetModuleFile),
        ("include!(\"b.rs\");", Rule::MacroInBlock),
        ("b! { #[get(\"/\")] async fn a() {} }", Rule::MacroInBlock),
        ("self::b::c![];", Rule::MacroInBlock),
        ("#[cfg(all())] r#b!();", Rule::MacroInBlock),
        (
            "#[cfg_attr(all(), requires_auth)] #[get(\"/\")] async fn a() {}",
            Rule::HiddenByCfgAttr,
        ),
        (
            "#[cfg_attr(all(), r#requires_auth)] #[get(\"/\")] async fn a() {}",
            Rule::HiddenByCfgAttr,
        ),
    ] {
        let content: TokenStream = content.parse().expect("tokens");
        assert_eq!(rules(quote!(mod api { #content })), [expected], "{content}");
    }
}

#[test]
fn what_is_decided_or_no_handler_passes() {
    for content in [
        "#[get(\"/\")] #[requires_auth] async fn a() {}",
        "#[requires_auth] #[get(\"/\")] async fn a() {}",
        "#[get(\"/\")] #[auth_runtime::public(reason = \"b\")] async fn a() {}",
        "fn b() { #[get(\"/\")] #[requires_auth] async fn a() {} }",
        "#[cfg(test)] mod b { #[get(\"/\")] async fn a() {} }",
        "#[test] fn b() { #[get(\"/\")] async fn a() {} }",
        "#[getset(get = \"pub\")] struct B { #[get = \"pub\"] c: fn(u8) -> u8 }",
        "#[doc(\"/\")] fn a() {}",
        "#[instrument(name = \"/\")] async fn a(b: &str) {}",
        "#[not_a_handler] async fn a() {}",
        "#[auth_runtime::not_a_handler] b! {}",
        "fn b() { #[not_a_handler] async fn a() {} }",
        "trait B { async fn a(); async fn b(&self) {} }",
        "macro_rules! b { () => { #[get(\"/\")] async fn a() {} } }",
        "async fn a(&self) { map.get(\"/\") }",
    ] {
        let content: TokenStream = content.parse().expect("tokens");
        assert_eq!(rules(quote!(mod api { #content })), [], "{content}");
    }
}

#[test]
fn in_an_impl_block_every_function_that_may_be_mounted_needs_a_decision() {
    for content in [
        "async fn a() {}",
        "pub(crate) async fn a(_: u8) {}",
        "#[cfg(all())] async fn a() {}",
        "#[doc = \"#[requires_auth]\"] async fn a() {}",
        "const B: u8 = 1; async fn a() {}",
    ] {
        let content: TokenStream = content.parse().expect("tokens");
        assert_eq!(
            rules(quote!(impl Controller { #content })),
            [Rule::NoDecision],
            "{content}"
        );
        assert_eq!(
            rules(quote!(impl List for Controller { #content })),
            [Rule::TargetTraitImpl],
            "{content}"
        );
    }
    for content in [
        "fn new() -> Self {}",
        "async fn a(&self) {}",
        "#[requires_auth] async fn a() {}",
    ] {
        let content: TokenStream = content.parse().expect("tokens");
        assert_eq!(rules(quote!(impl Controller { #content })), [], "{content}");
    }
}
