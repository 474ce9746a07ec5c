//! Reading a role type.

use proc_macro2::Ident;
use quote::ToTokens as _;
use syn::{
    Data, DeriveInput, Fields, LitStr, Token, ext::IdentExt as _, meta::ParseNestedMeta,
    parse::ParseStream, punctuated::Punctuated, token,
};

use super::{RoleType, Variant};
use crate::{
    diagnostics::{Diagnostics, Place, nearest},
    rule::Rule,
    runtime_path::RuntimePath,
};

const OPTIONS: [&str; 3] = ["name", "implies", "grants"];

/// `None` where the item is no enum that could be a role type.
pub(super) fn role_type(item: &DeriveInput, diagnostics: &mut Diagnostics) -> Option<RoleType> {
    let Data::Enum(data) = &item.data else {
        not_an_enum(item, diagnostics);
        return None;
    };
    if !item.generics.params.is_empty() {
        generic(item, diagnostics);
        return None;
    }
    if data.variants.is_empty() {
        empty(item, diagnostics);
        return None;
    }
    let runtime = runtime_path(item, diagnostics);
    let mut variants = Vec::new();
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            with_fields(variant, diagnostics);
        }
        variants.push(read(variant, diagnostics));
    }
    two_of_one_name(&variants, diagnostics);
    Some(RoleType {
        name: item.ident.clone(),
        variants,
        runtime,
    })
}

/// A role is one of a known set.
fn not_an_enum(item: &DeriveInput, diagnostics: &mut Diagnostics) {
    diagnostics.report_with_help(
        Rule::RoleNotAnEnum,
        item.ident.span(),
        "a role type is an enum",
        format!("write `enum {} {{ Admin, Editor }}`", item.ident),
    );
}

/// The set of roles is the same for all callers.
fn generic(item: &DeriveInput, diagnostics: &mut Diagnostics) {
    diagnostics.report_with_help(
        Rule::RoleGeneric,
        Place::over(&item.generics),
        "a role type has no parameters",
        format!("write `enum {}`", item.ident),
    );
}

/// Of no roles none could be required.
fn empty(item: &DeriveInput, diagnostics: &mut Diagnostics) {
    diagnostics.report_with_help(
        Rule::RoleEmpty,
        item.ident.span(),
        "a role type without roles",
        "add a variant for each role",
    );
}

/// A role is its name and nothing more.
fn with_fields(variant: &syn::Variant, diagnostics: &mut Diagnostics) {
    diagnostics.report_with_help(
        Rule::RoleFields,
        Place::over(&variant.fields),
        format!("the role `{}` has fields", variant.ident),
        "write a variant without fields; what differs from user to user belongs to the principal",
    );
}

/// A principal holds a role by its name.
fn two_of_one_name(variants: &[Variant], diagnostics: &mut Diagnostics) {
    for (position, variant) in variants.iter().enumerate() {
        let mut earlier = variants.iter().take(position);
        if let Some(first) = earlier.find(|other| other.name == variant.name) {
            diagnostics.report_with_help(
                Rule::RoleName,
                variant.name_place,
                format!("two roles are named `{}`", variant.name),
                "give one of them another name with `#[role(name = \"...\")]`",
            );
            diagnostics.report(Rule::RoleName, first.name_place, "the first is here");
        }
    }
}

fn runtime_path(item: &DeriveInput, diagnostics: &mut Diagnostics) -> RuntimePath {
    let mut runtime = RuntimePath::DEFAULT;
    for attribute in item
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("role"))
    {
        let read = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("crate") {
                let path = meta.value()?.call(syn::Path::parse_mod_style)?;
                runtime = RuntimePath::written(path.into_token_stream());
                Ok(())
            } else {
                Err(meta.error("unknown argument in `#[role]` of a role type\n\n  = help: expected `crate = path`"))
            }
        });
        report(read, diagnostics);
    }
    runtime
}

fn read(variant: &syn::Variant, diagnostics: &mut Diagnostics) -> Variant {
    let mut role = Variant {
        ident: variant.ident.clone(),
        name: kebab(&variant.ident.unraw().to_string()),
        name_place: variant.ident.span().into(),
        implies: Vec::new(),
        grants: Vec::new(),
    };
    let mut seen: Vec<&str> = Vec::new();
    for attribute in variant
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("role"))
    {
        let read = attribute.parse_nested_meta(|meta| {
            let Some(option) = OPTIONS
                .into_iter()
                .find(|option| meta.path.is_ident(option))
            else {
                return Err(unknown(&meta));
            };
            if seen.contains(&option) {
                return Err(meta.error(format!(
                    "`{option}` is duplicated on one role\n\n  = help: remove one"
                )));
            }
            seen.push(option);
            match option {
                "name" => {
                    let text: LitStr = meta.value()?.parse()?;
                    role.name_place = text.span().into();
                    role.name = text.value();
                }
                "implies" => {
                    role.implies = list(&meta, "name a role, as in `implies(Editor)`", implied)?;
                }
                _ => {
                    let help = "name a permission, as in `grants(\"articles:*\")`";
                    for text in list(&meta, help, <LitStr as syn::parse::Parse>::parse)? {
                        grant(&text, diagnostics);
                        role.grants.push(text.value());
                    }
                }
            }
            Ok(())
        });
        report(read, diagnostics);
    }
    name(&role, diagnostics);
    role
}

fn list<T>(
    meta: &ParseNestedMeta<'_>,
    help: &str,
    item: fn(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<Vec<T>> {
    if !meta.input.peek(token::Paren) {
        return Err(meta.error(format!(
            "expected a list in parentheses\n\n  = help: {help}"
        )));
    }
    let content;
    syn::parenthesized!(content in meta.input);
    let items = Punctuated::<T, Token![,]>::parse_terminated_with(&content, item)?;
    if items.is_empty() {
        return Err(meta.error(format!("an empty list says nothing\n\n  = help: {help}")));
    }
    Ok(items.into_iter().collect())
}

/// A variant by its name alone: the enum is this one, and wire names may change.
fn implied(input: ParseStream<'_>) -> syn::Result<Ident> {
    if input.peek(LitStr) {
        let text: LitStr = input.parse()?;
        return Err(syn::Error::new(
            text.span(),
            "expected a variant, and not its wire name\n\n  = help: write the variant alone, as in `implies(Editor)`",
        ));
    }
    let path = input.call(syn::Path::parse_mod_style)?;
    match (path.get_ident(), path.segments.last()) {
        (None, Some(last)) => Err(syn::Error::new_spanned(
            &path,
            format!(
                "expected a variant of this enum\n\n  = help: write `implies({})`",
                last.ident
            ),
        )),
        (Some(ident), _) => Ok(ident.clone()),
        (None, None) => Err(input.error("expected a variant")),
    }
}

fn unknown(meta: &ParseNestedMeta<'_>) -> syn::Error {
    let written = meta.path.to_token_stream().to_string();
    let help = match nearest(&written, OPTIONS) {
        Some(near) => format!("there is an argument of a similar name: `{near}`"),
        None => String::from("expected `name = \"...\"`, `implies(...)` or `grants(...)`"),
    };
    meta.error(format!(
        "unknown argument `{written}` in `#[role]`\n\n  = help: {help}"
    ))
}

fn report(read: syn::Result<()>, diagnostics: &mut Diagnostics) {
    if let Err(error) = read {
        diagnostics.report(Rule::RoleAttribute, error.span(), error.to_string());
    }
}

/// Names are compared byte by byte: one that is empty or has white space at its ends is a mistake.
fn name(role: &Variant, diagnostics: &mut Diagnostics) {
    let (message, help) = if role.name.trim().is_empty() {
        (
            String::from("the name of the role is empty"),
            String::from("write a name such as `name = \"admin\"`"),
        )
    } else if role.name.trim() != role.name {
        (
            String::from("the name of the role begins or ends with white space"),
            format!("write `name = {:?}`", role.name.trim()),
        )
    } else if let Some(control) = role.name.chars().find(|letter| letter.is_control()) {
        (
            format!("the name of the role holds the control character {control:?}"),
            String::from("use printable characters"),
        )
    } else {
        return;
    };
    diagnostics.report_with_help(Rule::RoleName, role.name_place, message, help);
}

/// A pattern is `resource:action`, or more parts, with `*` only as a whole part.
fn grant(pattern: &LitStr, diagnostics: &mut Diagnostics) {
    let text = pattern.value();
    let parts = || text.split(':');
    let message = if parts().any(str::is_empty) {
        "a part of the permission is empty"
    } else if parts().any(|part| part != "*" && part.contains('*')) {
        "`*` stands for a whole part of a permission"
    } else if parts().any(|part| part.trim() != part) {
        "a part of the permission begins or ends with white space"
    } else if text.chars().any(char::is_control) {
        "the permission holds a control character"
    } else {
        return;
    };
    diagnostics.report_with_help(
        Rule::RoleGrant,
        pattern.span(),
        message,
        "write `\"articles:edit\"`, or `\"articles:*\"` for every permission of a resource",
    );
}

/// `SuperAdmin` is `super-admin`, `HTTPReader` is `http-reader`.
fn kebab(ident: &str) -> String {
    let mut name = String::with_capacity(ident.len() + 4);
    let mut characters = ident.chars().peekable();
    let mut before: Option<char> = None;
    while let Some(character) = characters.next() {
        if character == '_' {
            if before.is_some_and(|before| before != '-') {
                name.push('-');
            }
            before = Some('-');
            continue;
        }
        let begins_word = character.is_uppercase()
            && before.is_some_and(|before| {
                before != '-'
                    && (!before.is_uppercase()
                        || characters.peek().is_some_and(|next| next.is_lowercase()))
            });
        if begins_word {
            name.push('-');
        }
        name.extend(character.to_lowercase());
        before = Some(character);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::kebab;

    #[test]
    fn variant_names_become_kebab_case() {
        for (ident, name) in [
            ("Admin", "admin"),
            ("SuperAdmin", "super-admin"),
            ("HTTPReader", "http-reader"),
            ("Level2", "level2"),
            ("ReadOnly_User", "read-only-user"),
            ("A", "a"),
            ("AB", "ab"),
        ] {
            assert_eq!(kebab(ident), name, "{ident}");
        }
    }
}
