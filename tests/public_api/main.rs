//! The public API as text, so that a change of it shows in review.
//!
//! `PUBLIC_API=write cargo test -p auth-tests --test public_api` writes it.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use auth_tests::is_expected_compiler;

fn items(package: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = root.join("../target");
    let target = env::var_os("CARGO_TARGET_DIR").map_or(target, Into::into);
    let status = Command::new(env!("CARGO"))
        .args([
            "rustdoc",
            "--quiet",
            "--lib",
            "--all-features",
            "--package",
            package,
        ])
        .arg("--target-dir")
        .arg(&target)
        .args([
            "--",
            "-Zunstable-options",
            "--output-format=json",
            "--cap-lints=allow",
        ])
        .current_dir(root)
        .env("RUSTDOC", root.join("public_api/rustdoc.sh"))
        .env_remove("RUSTDOCFLAGS")
        .status()
        .expect("cargo starts");
    assert!(status.success(), "{package} has no documentation");
    let json = target
        .join("doc")
        .join(package.replace('-', "_"))
        .with_extension("json");
    let api = public_api::Builder::from_rustdoc_json(&json)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build()
        .expect("the library reads what this compiler writes");
    let mut text = String::new();
    for item in api.items() {
        text += &item.to_string();
        text.push('\n');
    }
    text
}

#[test]
fn the_public_api_is_the_one_in_the_tree() {
    if !is_expected_compiler("the text of the public API") {
        return;
    }
    for package in ["auth-macros", "auth-runtime"] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("public_api")
            .join(package)
            .with_extension("txt");
        let now = items(package);
        assert!(now.contains("pub "), "{package} has no public items");
        if env::var_os("PUBLIC_API").is_some_and(|value| value == "write") {
            fs::write(&file, now).expect("the text can be written");
            continue;
        }
        let text = fs::read_to_string(&file).unwrap_or_default();
        let gone: Vec<&str> = text
            .lines()
            .filter(|line| !now.lines().any(|other| other == *line))
            .collect();
        let new: Vec<&str> = now
            .lines()
            .filter(|line| !text.lines().any(|other| other == *line))
            .collect();
        assert!(
            text == now,
            "the public API of {package} changed\ngone: {gone:#?}\nnew: {new:#?}\nif that is meant: PUBLIC_API=write cargo test -p auth-tests --test public_api"
        );
    }
}
