//! Rules on the strings of a requirement.

use crate::{
    diagnostics::Diagnostics,
    model::expression::{Expression, Leaf, LeafKind, duration_seconds},
    rule::Rule,
};

/// Checks the strings of a requirement, at every depth.
pub(super) fn every(expression: &Expression, diagnostics: &mut Diagnostics) {
    match expression {
        Expression::Authenticated(_)
        | Expression::TypedRole(_)
        | Expression::Policy(_)
        | Expression::Check(_)
        | Expression::Named(_) => {}
        Expression::Leaf(leaf) => check(leaf, diagnostics),
        Expression::Group(group) => {
            for member in &group.members {
                every(member, diagnostics);
            }
        }
        Expression::Not(not) => every(&not.operand, diagnostics),
    }
}

fn check(leaf: &Leaf, diagnostics: &mut Diagnostics) {
    if is_empty(leaf, diagnostics) {
        return;
    }
    match leaf.kind {
        LeafKind::Scope => scope_characters(leaf, diagnostics),
        LeafKind::Scheme => scheme_name(leaf, diagnostics),
        LeafKind::Acr => acr_characters(leaf, diagnostics),
        LeafKind::MaxAge => duration(leaf, diagnostics),
        LeafKind::Role => plain_text(leaf, diagnostics),
        LeafKind::Permission => {
            plain_text(leaf, diagnostics);
            permission_parts(leaf, diagnostics);
            permission_wildcard(leaf, diagnostics);
        }
    }
}

/// An empty name is a name that was forgotten.
fn is_empty(leaf: &Leaf, diagnostics: &mut Diagnostics) -> bool {
    let name = leaf.kind.name();
    if leaf.value.is_empty() {
        diagnostics.report_with_help(
            Rule::EmptyString,
            leaf.span,
            format!("the {name} is empty"),
            format!("name the {name}"),
        );
    }
    leaf.value.is_empty()
}

/// Names are compared byte by byte, so that an invisible space makes a name no caller has; and what
/// cannot be printed cannot be reviewed.
fn plain_text(leaf: &Leaf, diagnostics: &mut Diagnostics) {
    let name = leaf.kind.name();
    let trimmed = leaf.value.trim();
    if trimmed != leaf.value {
        diagnostics.report_with_help(
            Rule::SurroundingWhitespace,
            leaf.span,
            format!("the {name} begins or ends with white space"),
            format!("write `{trimmed:?}`"),
        );
    } else if let Some(character) = leaf.value.chars().find(|character| character.is_control()) {
        diagnostics.report_with_help(
            Rule::ControlCharacter,
            leaf.span,
            format!("the {name} holds the control character {character:?}"),
            "use printable characters",
        );
    }
}

/// RFC 6749 §3.3: `scope-token = 1*( %x21 / %x23-5B / %x5D-7E )`, which leaves out the space that
/// separates scopes, the quote and the backslash.
fn scope_characters(leaf: &Leaf, diagnostics: &mut Diagnostics) {
    let is_allowed = |character: &char| matches!(character, '!' | '#'..='[' | ']'..='~');
    let Some(character) = leaf.value.chars().find(|character| !is_allowed(character)) else {
        return;
    };
    let words: Vec<String> = leaf
        .value
        .split_whitespace()
        .map(|word| format!("{word:?}"))
        .collect();
    let help = if character == ' ' && words.len() > 1 {
        let list = words.join(", ");
        format!("a scope is one word: write `all({list})` or `any({list})`")
    } else {
        String::from(
            "use ASCII letters, digits and punctuation without quotes and backslashes (RFC 6749 §3.3)",
        )
    };
    diagnostics.report_with_help(
        Rule::ScopeCharacter,
        leaf.span,
        format!("the scope holds {character:?}"),
        help,
    );
}

/// A permission is `resource:action`, or more parts, or one word; none of them empty.
fn permission_parts(leaf: &Leaf, diagnostics: &mut Diagnostics) {
    if leaf.value.split(':').any(str::is_empty) {
        diagnostics.report_with_help(
            Rule::PermissionPart,
            leaf.span,
            "a part of the permission is empty",
            "write `resource:action`, as in `\"articles:edit\"`",
        );
    }
}

/// Wildcards say what a principal was granted. What a handler asks for is one thing.
fn permission_wildcard(leaf: &Leaf, diagnostics: &mut Diagnostics) {
    if leaf.value.contains('*') {
        diagnostics.report_with_help(
            Rule::PermissionWildcard,
            leaf.span,
            "a permission that is asked for holds no `*`",
            "name the permission; wildcards belong to what a principal is granted (`Principal::grant`)",
        );
    }
}

/// RFC 9110 §11.1: `auth-scheme = token`.
fn scheme_name(leaf: &Leaf, diagnostics: &mut Diagnostics) {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if !leaf.value.bytes().all(is_allowed) {
        diagnostics.report_with_help(
            Rule::SchemeName,
            leaf.span,
            "this is not the name of a scheme",
            "write a name such as `scheme(Bearer)` (RFC 9110 §11.1)",
        );
    }
}

/// RFC 9470 §3: `acr_values` is a list separated by spaces, and it stands in a quoted-string.
fn acr_characters(leaf: &Leaf, diagnostics: &mut Diagnostics) {
    let is_allowed = |character: &char| matches!(character, '!' | '#'..='[' | ']'..='~');
    if let Some(character) = leaf.value.chars().find(|character| !is_allowed(character)) {
        diagnostics.report_with_help(
            Rule::AcrCharacter,
            leaf.span,
            format!("the acr holds {character:?}"),
            "name one acr, in ASCII without spaces, quotes and backslashes (RFC 9470 §3)",
        );
    }
}

/// RFC 9470 §3: `max_age` is "a non-negative integer".
fn duration(leaf: &Leaf, diagnostics: &mut Diagnostics) {
    if duration_seconds(&leaf.value).is_none() {
        diagnostics.report_with_help(
            Rule::Duration,
            leaf.span,
            format!("{:?} is no duration", leaf.value),
            "write a whole number and `s`, `m`, `h` or `d`, as in `max_age(\"15m\")`",
        );
    }
}
