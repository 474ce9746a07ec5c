//! What the grammar takes and what it refuses.

use crate::{
    diagnostics::{Diagnostics, Place},
    model::annotation::{Annotation, Kind},
    rule::Rule,
    tests::{expand, mistakes},
};

/// The requirement that an attribute's arguments come to, as it is written in `#[requires]`.
fn read(kind: Kind, arguments: &str) -> String {
    let mut diagnostics = Diagnostics::default();
    let place = Place::from(proc_macro2::Span::call_site());
    let tokens = arguments.parse().expect("arguments are tokens");
    let annotation = Annotation::parse(kind, place, tokens, &mut diagnostics);
    assert_eq!(diagnostics.messages(), Vec::<&str>::new(), "{arguments}");
    annotation
        .requirement
        .map(|found| found.to_string())
        .unwrap_or_default()
}

#[test]
fn every_form_is_read_as_it_is_written() {
    for form in [
        "authenticated",
        r#"role("admin")"#,
        r#"scope("articles:write")"#,
        r#"permission("articles:edit")"#,
        r#"permission("edit")"#,
        "policy(is_author)",
        "policy(crate::policies::is_author)",
        r#"scheme("Bearer")"#,
        r#"not(role("guest"))"#,
        r#"all(role("a"), scope("b"))"#,
        r#"any(role("a"), not(all(scope("b"), policy(c))))"#,
        "all(authenticated)",
    ] {
        assert_eq!(read(Kind::Requires, form), form);
    }
}

#[test]
fn strings_stand_alone_where_the_attribute_names_their_kind() {
    assert_eq!(read(Kind::RequiresRole, r#""admin""#), r#"role("admin")"#);
    assert_eq!(
        read(Kind::RequiresScope, r#"any("a", "b")"#),
        r#"any(scope("a"), scope("b"))"#
    );
    assert_eq!(
        read(Kind::RequiresPermission, r#"all("a:b", not("c:d"))"#),
        r#"all(permission("a:b"), not(permission("c:d")))"#
    );
    assert_eq!(read(Kind::RequiresRole, r##"r#"a"b"#"##), r#"role("a\"b")"#);
}

#[test]
fn a_scheme_is_a_name_or_a_string() {
    assert_eq!(
        read(Kind::Requires, "scheme(Bearer)"),
        r#"scheme("Bearer")"#
    );
    assert_eq!(
        read(Kind::Requires, r#"scheme("X-Key")"#),
        r#"scheme("X-Key")"#
    );
}

#[test]
fn commas_may_end_a_list_and_options_follow() {
    assert_eq!(
        read(
            Kind::RequiresRole,
            r#"any("a", "b",), hide, crate = my::auth,"#
        ),
        r#"any(role("a"), role("b"))"#
    );
    assert_eq!(read(Kind::RequiresAuth, "hide"), "authenticated");
    assert_eq!(read(Kind::RequiresAuth, ""), "authenticated");
    assert_eq!(read(Kind::Public, r#"reason = "probe""#), "");
}

#[test]
fn nothing_that_was_written_is_ignored() {
    for arguments in [
        r#""admin" "editor""#,
        r#""admin" || "editor""#,
        r#""admin" && "editor""#,
        r#"!"admin""#,
        r#""admin"; "editor""#,
        r#"any("a", "b") "c""#,
        r#"any("a" "b")"#,
        r#"any("a", "b" | "c")"#,
        r#"("admin")"#,
        r#"["admin"]"#,
        r#"any["a"]"#,
        r#"any{"a"}"#,
        r#""a".len()"#,
        r#""admin", hide = true"#,
        r#""admin", hide()"#,
        r#""admin", crate"#,
        r#""admin", crate = "my_auth""#,
        r#""admin", crate = my_auth extra"#,
        r#""admin"suffix"#,
        r#"b"admin""#,
        "42",
        "'a'",
        "-1",
        ",",
        "any(,)",
        r#""admin",,hide"#,
    ] {
        assert!(
            !mistakes(Kind::RequiresRole, arguments).is_empty(),
            "{arguments}"
        );
    }
}

#[test]
fn every_mistake_is_reported_at_once() {
    let found = mistakes(
        Kind::RequiresRole,
        r#"any("", rolle("x"), "a" "b"), mode = 1, hide, hide"#,
    );
    assert_eq!(
        found,
        [
            Rule::UnknownForm,
            Rule::TrailingTokens,
            Rule::UnknownArgument,
            Rule::OptionTwice,
            Rule::OptionTwice,
        ],
    );
}

#[test]
fn a_slip_of_the_keyboard_is_named() {
    let outcome = expand(Kind::Requires, r#"rolle("admin")"#, "async fn list() {}");
    assert_eq!(outcome.rules, [Rule::UnknownForm]);
    assert!(
        outcome
            .messages
            .iter()
            .any(|message| message.ends_with("`role`"))
    );
}

#[test]
fn a_list_is_answered_with_text_to_paste() {
    let outcome = expand(Kind::RequiresRole, r#""a", not("b")"#, "async fn list() {}");
    assert_eq!(
        outcome.messages,
        ["ambiguous list of roles\n\n  = help: \
          write `any(\"a\", not(\"b\"))` or `all(\"a\", not(\"b\"))`"],
    );
}

#[test]
fn scopes_are_tokens_of_rfc_6749_section_3_3() {
    for code in 0_u32..0x180 {
        let Some(character) = char::from_u32(code) else {
            continue;
        };
        let is_allowed = matches!(code, 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
        let arguments = format!("{:?}", format!("a{character}b"));
        let expected: &[Rule] = if is_allowed {
            &[]
        } else {
            &[Rule::ScopeCharacter]
        };
        assert_eq!(
            mistakes(Kind::RequiresScope, &arguments),
            expected,
            "U+{code:04X}"
        );
    }
}

#[test]
fn names_are_checked_byte_by_byte() {
    for (kind, arguments, rule) in [
        (Kind::RequiresRole, r#""""#, Rule::EmptyString),
        (
            Kind::RequiresRole,
            r#"" admin""#,
            Rule::SurroundingWhitespace,
        ),
        (
            Kind::RequiresRole,
            r#""admin\u{a0}""#,
            Rule::SurroundingWhitespace,
        ),
        (Kind::RequiresRole, r#""ad\0min""#, Rule::ControlCharacter),
        (
            Kind::RequiresRole,
            r#""ad\u{85}min""#,
            Rule::ControlCharacter,
        ),
        (
            Kind::RequiresPermission,
            r#""articles:""#,
            Rule::PermissionPart,
        ),
        (Kind::RequiresPermission, r#"":edit""#, Rule::PermissionPart),
        (Kind::RequiresPermission, r#""a::b""#, Rule::PermissionPart),
        (
            Kind::RequiresPermission,
            r#""articles:*""#,
            Rule::PermissionWildcard,
        ),
        (
            Kind::RequiresPermission,
            r#""articles:edit ""#,
            Rule::SurroundingWhitespace,
        ),
        (Kind::Requires, r#"scheme("Bear er")"#, Rule::SchemeName),
        (Kind::Requires, r#"scheme("")"#, Rule::EmptyString),
        (Kind::Requires, r#"not(any(scope("")))"#, Rule::EmptyString),
    ] {
        assert_eq!(mistakes(kind, arguments), [rule], "{arguments}");
    }
}
