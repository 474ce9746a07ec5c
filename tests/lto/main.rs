//! No record is lost by the linker: two crates, one of which renames the runtime, built for
//! release with link-time optimisation over all of them.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Copies the fixture, with the path of the runtime in its manifests.
fn copy(from: &Path, to: &Path, runtime: &str) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to, runtime);
        } else {
            let text = fs::read_to_string(&from).unwrap();
            let text = text.replace("@runtime@", runtime);
            // What has not changed is not built again.
            if fs::read_to_string(&to).ok().as_deref() != Some(&text) {
                fs::write(&to, text).unwrap();
            }
        }
    }
}

fn build() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = tests.parent().unwrap();
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lto");
    let runtime = workspace.join("auth-runtime");
    copy(
        &tests.join("lto/fixture"),
        &directory,
        runtime.to_str().unwrap(),
    );
    // The versions that everything else here is built with, without asking a registry.
    fs::copy(workspace.join("Cargo.lock"), directory.join("Cargo.lock")).unwrap();
    let target = directory.join("target");
    let status = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()))
        .args(["build", "--release", "--offline", "--quiet"])
        .current_dir(&directory)
        .env("CARGO_TARGET_DIR", &target)
        // Not those of a coverage run or a sanitizer of the outer build.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .status()
        .unwrap();
    assert!(status.success(), "the fixture does not build");
    target.join("release").join("app")
}

#[test]
fn no_record_is_lost_in_a_release_build_of_two_crates_with_lto() {
    let output = Command::new(build()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(
        lines,
        [
            "app::index authenticated @ GET /",
            "app::unused::dead role(\"nobody\")",
            "shop::orders::Stock::count public(\"shown in the shop's window\")",
            "shop::orders::list any(role(\"clerk\"), scope(\"orders:read\"))",
            "shop::orders::show role(\"clerk\") hide",
            "shop::quiet::ledger role(\"auditor\")",
            "shop::quiet::private role(\"janitor\")",
        ]
    );
}
