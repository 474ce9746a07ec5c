//! The modules of auth-runtime in their order: arrows point downward, so that there is no circle.

mod order;
mod source;

use std::collections::BTreeSet;
use std::path::Path;

use self::order::{KNOWN, ORDER};
use self::source::Source;

/// What the lowest layer must not speak of.
const NOT_PURE: &[&str] = &[
    "actix_web",
    "actix_http",
    "async",
    "await",
    "futures_util",
    "tokio",
    "Future",
    "HttpRequest",
    "RequestHead",
];

/// A file that is longer holds more than one concept.
const LONGEST: usize = 500;

#[test]
fn every_module_has_its_place() {
    let source = source();
    let modules: BTreeSet<&str> = source.0.keys().map(String::as_str).collect();
    let listed: BTreeSet<&str> = ORDER.iter().copied().chain([""]).collect();
    assert_eq!(listed.len(), ORDER.len() + 1, "a module is listed twice");
    let arrows = source.arrows();
    let missing: Vec<_> = modules
        .difference(&listed)
        .map(|module| {
            let used = arrows.iter().filter(|(from, _)| from == module);
            let below = used.filter_map(|(_, to)| ORDER.iter().position(|listed| listed == to));
            let behind = below.max().map_or("nothing", |place| ORDER[place]);
            format!("`{module}`, behind `{behind}`")
        })
        .collect();
    assert!(
        missing.is_empty(),
        "not in tests/layering/order.rs: {missing:#?}"
    );
    let gone: Vec<_> = listed.difference(&modules).collect();
    assert!(gone.is_empty(), "no such modules: {gone:?}");
}

#[test]
fn arrows_point_downward() {
    let place = |module: &str| ORDER.iter().position(|listed| *listed == module);
    let upward: BTreeSet<(String, String)> = source()
        .arrows()
        .into_iter()
        .filter(|(from, to)| place(from) < place(to))
        .collect();
    let known: BTreeSet<(String, String)> = KNOWN
        .iter()
        .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()))
        .collect();
    let new: Vec<_> = upward.difference(&known).collect();
    assert!(new.is_empty(), "these use what is above them: {new:#?}");
    let gone: Vec<_> = known.difference(&upward).collect();
    assert!(gone.is_empty(), "no exceptions any more: {gone:#?}");
}

#[test]
fn the_lowest_layer_knows_no_http_and_waits_for_nothing() {
    for (name, module) in source().0 {
        if name == "model" || name.starts_with("model::") {
            let code = module.code();
            let words: BTreeSet<&str> = code.split(' ').collect();
            for word in NOT_PURE {
                assert!(!words.contains(word), "{name} speaks of `{word}`");
            }
        }
    }
}

/// A refusal is made where it is told, logged, hidden and given its look: nowhere else.
#[test]
fn a_decision_has_one_ending() {
    for (name, module) in source().0 {
        let is_of_a_kit = name.starts_with("enforce::kit") || name.starts_with("testing");
        if name == "enforce::finish" || name.starts_with("denial") || is_of_a_kit {
            continue;
        }
        let code = module.code();
        for ending in [
            "Denial :: new",
            ". hidden (",
            ". explained (",
            ". rendered (",
        ] {
            assert!(!code.contains(ending), "{name} ends a decision: `{ending}`");
        }
    }
}

#[test]
fn nothing_in_the_runtime_uses_what_is_for_expansions() {
    for (name, module) in source().0.iter().filter(|(name, _)| !name.is_empty()) {
        // What a macro writes is in the user's crate.
        let code = module.code().replace("$ crate :: __private", "");
        assert!(!code.contains("__private"), "{name}");
    }
}

#[test]
fn the_root_holds_no_logic() {
    let code = source().0[""].code();
    for word in code.split(' ') {
        let is_logic =
            ["fn", "impl", "let", "match", "if", "macro_rules", "static"].contains(&word);
        assert!(!is_logic, "lib.rs has a `{word}`");
    }
}

#[test]
fn the_public_modules_are_few() {
    let source = source();
    let public = source.0[""].public_children();
    assert!(public.len() <= 12, "{public:?}");
}

/// The prelude, and what is for expansions, are there to say things again.
#[test]
fn each_item_has_one_public_path() {
    let paths = source().public_paths();
    assert!(paths.len() > 100, "{}", paths.len());
    for (item, paths) in paths {
        let paths: Vec<_> = paths
            .iter()
            .filter(|path| !path.starts_with("prelude::") && !path.starts_with("__private::"))
            .collect();
        assert!(paths.len() <= 1, "`{item}` is at {paths:?}");
    }
}

#[test]
fn no_file_is_too_long() {
    for (name, module) in source().0 {
        let lines = module.text.lines().count();
        assert!(lines <= LONGEST, "{name} has {lines} lines");
    }
}

fn source() -> Source {
    Source::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../auth-runtime/src"))
}
