//! Copies the sources of `auth-macros`, with a root that is one of a plain library.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let sources = Path::new("../../../auth-macros/src");
    println!("cargo::rerun-if-changed={}", sources.display());
    let copy = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it")).join("auth-macros");
    if copy.exists() {
        fs::remove_dir_all(&copy)?;
    }
    copy_tree(sources, &copy)?;
    let root = fs::read_to_string(sources.join("lib.rs"))?;
    let imported = "use proc_macro::TokenStream;";
    assert!(
        root.contains(imported),
        "the root has another form: adapt this script"
    );
    // Documentation, too, which includes files that are not copied.
    let left_out = ["//!", "///", "#![", "#[doc", "#[proc_macro"];
    let is_for_the_compiler = |line: &&str| left_out.iter().any(|start| line.starts_with(start));
    let lines: Vec<&str> = root
        .lines()
        .filter(|line| !is_for_the_compiler(line))
        .collect();
    let root = lines
        .join("\n")
        .replace(imported, "use proc_macro2::TokenStream;");
    fs::write(copy.join("lib.rs"), root)
}

fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
