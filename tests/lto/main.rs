//! No record is lost by a linker: crates of both editions that forbid unsafe code, one of which
//! renames the runtime, linked in every way that can lose a static.

use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// What the fixture's app prints: its own handlers and those of the crate that it uses.
const RECORDS: [&str; 7] = [
    "app::index authenticated @ GET /",
    "app::unused::dead role(\"nobody\")",
    "shop::orders::Stock::count public(\"shown in the shop's window\")",
    "shop::orders::list any(role(\"clerk\"), scope(\"orders:read\"))",
    "shop::orders::show role(\"clerk\") hide",
    "shop::quiet::ledger role(\"auditor\")",
    "shop::quiet::private role(\"janitor\")",
];

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

fn fixture() -> &'static Path {
    static FIXTURE: OnceLock<PathBuf> = OnceLock::new();
    FIXTURE.get_or_init(|| {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
        let workspace = tests.parent().unwrap();
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lto");
        let runtime = workspace.join("auth-runtime");
        let runtime = runtime.to_str().unwrap();
        copy(&tests.join("lto/fixture"), &directory, runtime);
        // The versions that everything else here is built with, without asking a registry.
        fs::copy(workspace.join("Cargo.lock"), directory.join("Cargo.lock")).unwrap();
        directory
    })
}

/// Runs cargo on the fixture, and gives the folder of what it built. `compiler` are arguments of the
/// compiler, for the last crate alone.
fn cargo(arguments: &[&str], compiler: &[&str]) -> PathBuf {
    let target = fixture().join("target");
    let mut command = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    command.args(arguments).args(["--offline", "--quiet"]);
    if !compiler.is_empty() {
        command.arg("--").args(compiler);
    }
    command
        .current_dir(fixture())
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_INCREMENTAL", "0")
        // Not those of a coverage run or a sanitizer of the outer build.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    let status = command.status().unwrap();
    assert!(status.success(), "the fixture does not build: {command:?}");
    target
}

/// The standard output of a program that succeeds.
fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Builds the app in this way, and looks at what it prints.
fn assert_no_record_is_lost(profile: &str, folder: &str, compiler: &[&str]) {
    let build = ["rustc", "--package", "app", "--profile", profile];
    let target = cargo(&build, compiler);
    let text = output(&mut Command::new(target.join(folder).join("app")));
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(lines, RECORDS, "{profile} {compiler:?}");
}

#[test]
fn no_record_is_lost_by_link_time_optimization() {
    assert_no_record_is_lost("release", "release", &[]);
    assert_no_record_is_lost("release", "release", &["-Clto=thin", "-Ccodegen-units=16"]);
}

/// Each linker as it is, and as it takes most away.
#[test]
fn no_record_is_lost_by_any_linker() {
    let folded = "-Clink-arg=-Wl,--icf=all";
    let collected = "-Clink-arg=-Wl,--gc-sections,-O2,--strip-all";
    let of_lld = "-Clink-arg=-Wl,-z,start-stop-gc";
    assert_no_record_is_lost("dev", "debug", &[]);
    assert_no_record_is_lost("dev", "debug", &["-Clink-dead-code=no", "-Copt-level=3"]);
    for (linker, program, most) in [
        ("bfd", "ld.bfd", &[collected][..]),
        ("gold", "ld.gold", &[collected, folded]),
        ("lld", "ld.lld", &[collected, folded, of_lld]),
        ("mold", "mold", &[collected, folded]),
    ] {
        if Command::new(program).arg("--version").output().is_err() {
            // Where they are installed before the tests, they have to be there; distributions give
            // gold up.
            let is_expected = env::var_os("CI").is_some() && linker != "gold";
            assert!(!is_expected, "`{program}` is not installed");
            // Past the harness, which shows nothing of a test that passes.
            let note = format!("SKIPPED: `{program}` is not installed: not tried with it\n");
            io::stderr().write_all(note.as_bytes()).unwrap();
            continue;
        }
        let linker = format!("-Clink-arg=-fuse-ld={linker}");
        assert_no_record_is_lost("dev", "debug", &[&linker]);
        assert_no_record_is_lost("dev", "debug", &[&[linker.as_str()], most].concat());
    }
}

#[test]
fn the_tests_of_a_crate_have_its_records() {
    cargo(&["test", "--package", "shop"], &[]);
}

#[test]
fn a_shared_library_has_its_records() {
    let target = cargo(&["build", "--package", "plugin"], &[]);
    let library = target.join("debug");
    let program = target.join("plugin-main");
    output(
        Command::new("cc")
            .arg(fixture().join("plugin/main.c"))
            .arg("-o")
            .arg(&program)
            .arg("-L")
            .arg(&library)
            .arg("-lplugin"),
    );
    let text = output(Command::new(program).env("LD_LIBRARY_PATH", library));
    // Its own, and those of the crate that it uses.
    assert_eq!(text, "6\n");
}
