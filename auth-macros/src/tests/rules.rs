//! Every rule has a case in `tests/ui` that breaks it, and every case breaks what its name says.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;

use crate::{
    diagnostics::Diagnostics, expand, item::exempt, model::annotation::Kind, mount, named, role,
    routes, rule::Rule, tests::expand_tokens,
};

/// What rustc refuses by itself, without a rule of ours.
const REFUSED_BY_RUSTC: &str = "rustc_";

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/ui");
    let mut cases: Vec<PathBuf> = fs::read_dir(root)
        .expect("tests/ui is there")
        .filter_map(|attribute| fs::read_dir(attribute.ok()?.path().join("fail")).ok())
        .flatten()
        .filter_map(|case| Some(case.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    cases.sort();
    cases
}

/// The rule whose name a case's name begins with; the longest, where there are several.
fn rule(stem: &str) -> Option<Rule> {
    Rule::ALL
        .iter()
        .copied()
        .filter(|rule| {
            stem.strip_prefix(rule.name())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        })
        .max_by_key(|rule| rule.name().len())
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

#[test]
fn every_rule_has_a_fail_case() {
    let mut cases_of: BTreeMap<&str, usize> = BTreeMap::new();
    for path in cases() {
        if let Some(rule) = rule(&stem(&path)) {
            *cases_of.entry(rule.name()).or_default() += 1;
        }
    }
    let without: Vec<&str> = Rule::ALL
        .iter()
        .map(|rule| rule.name())
        .filter(|name| !cases_of.contains_key(name))
        .collect();
    assert!(
        without.is_empty(),
        "no case in tests/ui/*/fail for: {without:?}"
    );
}

#[test]
fn every_fail_case_breaks_the_rule_in_its_name_and_no_other() {
    let mut wrong = Vec::new();
    for path in cases() {
        let stem = stem(&path);
        let found = broken(&path);
        let is_as_named = if stem.starts_with(REFUSED_BY_RUSTC) {
            found.is_empty()
        } else {
            let named = rule(&stem);
            !found.is_empty() && found.iter().all(|broken| Some(*broken) == named)
        };
        if !is_as_named {
            wrong.push(format!("{}: breaks {found:?}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_case_is_small() {
    for path in cases() {
        let lines = fs::read_to_string(&path)
            .expect("a case is text")
            .lines()
            .count();
        assert!(lines <= 25, "{} has {lines} lines", path.display());
    }
}

#[test]
fn names_of_rules_are_unique() {
    let mut names: Vec<&str> = Rule::ALL.iter().map(|rule| rule.name()).collect();
    names.sort_unstable();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all);
}

/// The rules that a case breaks, found as the compiler would: the first attribute of ours on an
/// item expands, with what stands below it.
fn broken(path: &Path) -> Vec<Rule> {
    let text = fs::read_to_string(path).expect("a case is text");
    let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    file.items.iter().flat_map(expand_item).collect()
}

/// Expands the item, or what stands in it where nothing of ours stands on it.
fn expand_item(item: &syn::Item) -> Vec<Rule> {
    if derives_role(item) {
        return role::rules(item.to_token_stream());
    }
    if let syn::Item::Macro(call) = item
        && call.mac.path.is_ident("requirement")
    {
        let mut diagnostics = Diagnostics::default();
        named::requirement_into(call.mac.tokens.clone(), &mut diagnostics);
        return diagnostics.rules();
    }
    let mut mount_points = Diagnostics::default();
    expand_mount_points(item.to_token_stream(), &mut mount_points);
    if !mount_points.is_empty() {
        return mount_points.rules();
    }
    let inside: Vec<TokenStream> = match item {
        syn::Item::Impl(item) => item.items.iter().map(ToTokens::to_token_stream).collect(),
        syn::Item::Trait(item) => item.items.iter().map(ToTokens::to_token_stream).collect(),
        _ => Vec::new(),
    };
    expand_tree(item.to_token_stream()).unwrap_or_else(|| {
        inside
            .into_iter()
            .filter_map(expand_tree)
            .flatten()
            .collect()
    })
}

/// Expands every `require!(..)` in a function.
fn expand_mount_points(tokens: TokenStream, diagnostics: &mut Diagnostics) {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    for (position, tree) in trees.iter().enumerate() {
        let TokenTree::Group(group) = tree else {
            continue;
        };
        match trees.get(..position) {
            Some([.., TokenTree::Ident(name), TokenTree::Punct(bang)])
                if name == "require" && bang.as_char() == '!' =>
            {
                mount::require_into(group.stream(), diagnostics);
            }
            _ => expand_mount_points(group.stream(), diagnostics),
        }
    }
}

fn derives_role(item: &syn::Item) -> bool {
    let attributes = match item {
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        _ => return false,
    };
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("derive")
            && routes::mentions(attribute.to_token_stream(), &|name| name == "Role")
    })
}

fn expand_tree(item: TokenStream) -> Option<Vec<Rule>> {
    let parser = |input: syn::parse::ParseStream<'_>| {
        let attributes = input.call(syn::Attribute::parse_outer)?;
        Ok((attributes, input.parse::<TokenStream>()?))
    };
    let (mut attributes, rest) =
        syn::parse::Parser::parse2(parser, item).expect("an item has attributes first");
    let name = |attribute: &syn::Attribute| routes::last_segment(attribute.path()).cloned();
    let is_deny = |name: &proc_macro2::Ident| name == "deny_by_default";
    let is_word = |name: &proc_macro2::Ident| name == "not_a_handler";
    let ours = attributes.iter().position(|attribute| {
        name(attribute)
            .is_some_and(|name| Kind::named(&name).is_some() || is_deny(&name) || is_word(&name))
    });
    let attribute = attributes.remove(ours?);
    let name = name(&attribute).expect("one of ours");
    let arguments = match &attribute.meta {
        syn::Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    let mut item: TokenStream = attributes.iter().map(ToTokens::to_token_stream).collect();
    item.extend(rest);
    if is_deny(&name) {
        let mut diagnostics = Diagnostics::default();
        expand::deny_by_default_into(arguments, item, &mut diagnostics);
        return Some(diagnostics.rules());
    }
    if is_word(&name) {
        let mut diagnostics = Diagnostics::default();
        exempt::expand_into(&arguments, &mut diagnostics);
        return Some(diagnostics.rules());
    }
    let kind = Kind::named(&name).expect("one of ours");
    Some(expand_tokens(kind, arguments, item).rules)
}
