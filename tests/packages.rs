//! What the packages hold when they are published.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The files below a folder, if there is one.
fn pages(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .flat_map(|path| {
            if path.is_dir() {
                pages(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

#[test]
fn a_package_holds_what_it_needs_and_no_tests() {
    for package in ["auth-macros", "auth-runtime"] {
        let output = Command::new(env!("CARGO"))
            .args([
                "package",
                "--list",
                "--allow-dirty",
                "--offline",
                "--package",
                package,
            ])
            .current_dir(root())
            .output()
            .expect("cargo starts");
        let list = String::from_utf8(output.stdout).expect("paths are UTF-8");
        let files: Vec<&str> = list.lines().collect();
        for needed in [
            "CHANGELOG.md",
            "LICENSE-APACHE",
            "LICENSE-MIT",
            "README.md",
            "src/lib.rs",
        ] {
            let is_there = files.iter().any(|file| file.replace('\\', "/") == needed);
            assert!(is_there, "{package} lacks {needed}: {files:#?}");
        }
        for page in pages(&root().join(package).join("docs")) {
            let page = page
                .strip_prefix(root().join(package))
                .expect("it is inside");
            let is_there = files.iter().any(|file| Path::new(file) == page);
            assert!(
                is_there,
                "{package} lacks {}, which its documentation includes",
                page.display()
            );
        }
        let tests: Vec<_> = files
            .iter()
            .filter(|file| file.contains("tests/") || file.ends_with("tests.rs"))
            .collect();
        assert!(tests.is_empty(), "{package} has tests: {tests:#?}");
    }
}

#[test]
fn licences_in_the_packages_are_those_of_the_project() {
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        let ours = fs::read_to_string(root().join(name)).expect("the project has a licence");
        for package in ["auth-macros", "auth-runtime"] {
            let text = fs::read_to_string(root().join(package).join(name)).unwrap_or_default();
            assert!(text == ours, "{package}/{name} differs");
        }
    }
}
