//! What a reviewer sees, and what a forgotten handler does: an application with the tests that the
//! guide gives it, changed as its developers would change it.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The application, in a directory of its own.
struct Application(PathBuf);

impl Application {
    fn new() -> Self {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
        let workspace = tests.parent().unwrap();
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("review");
        let runtime = workspace.join("auth-runtime");
        for file in [
            "Cargo.toml",
            "src/lib.rs",
            "tests/access.rs",
            "tests/stranger.rs",
        ] {
            let to = directory.join(file);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            let text = fs::read_to_string(tests.join("review/fixture").join(file)).unwrap();
            fs::write(to, text.replace("@runtime@", runtime.to_str().unwrap())).unwrap();
        }
        // The versions that everything else here is built with, without asking a registry.
        fs::copy(workspace.join("Cargo.lock"), directory.join("Cargo.lock")).unwrap();
        for lock in ["access.lock", "stranger.lock"] {
            let _ = fs::remove_file(directory.join(lock));
        }
        Self(directory)
    }

    /// Runs a test of it: whether it passes, and what it says.
    fn test(&self, name: &str, mode: Option<&str>) -> (bool, String) {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
        cargo
            .args(["test", "--offline", "--quiet", "--test", name])
            .current_dir(&self.0)
            .env("CARGO_TARGET_DIR", self.0.join("target"))
            .env("RUST_BACKTRACE", "0")
            // Not those of a coverage run or a sanitizer of the outer build.
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env_remove("AUTH_ACCESS_LOCK");
        if let Some(mode) = mode {
            cargo.env("AUTH_ACCESS_LOCK", mode);
        }
        let output = cargo.output().unwrap();
        let [told, wrong] =
            [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        (output.status.success(), format!("{told}{wrong}"))
    }

    /// Changes the source, in one place.
    fn edit(&self, before: &str, after: &str) {
        let path = self.0.join("src/lib.rs");
        let source = fs::read_to_string(&path).unwrap();
        assert_eq!(source.matches(before).count(), 1, "{before}");
        fs::write(path, source.replace(before, after)).unwrap();
    }

    fn lock(&self) -> BTreeSet<String> {
        let text = fs::read_to_string(self.0.join("access.lock")).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

#[test]
fn a_reviewer_sees_one_line_and_a_forgotten_handler_fails_by_name() {
    let app = Application::new();

    // The first time there is no file, and the test says what to do.
    let (passes, told) = app.test("access", None);
    assert!(
        !passes && told.contains("AUTH_ACCESS_LOCK=write cargo test"),
        "{told}"
    );
    let (passes, told) = app.test("access", Some("write"));
    assert!(passes, "{told}");
    let (passes, told) = app.test("access", None);
    assert!(passes, "{told}");
    let reviewed = app.lock();

    // A test that has no handlers is told so, and writes nothing.
    for mode in [None, Some("write")] {
        let (passes, told) = app.test("stranger", mode);
        assert!(!passes && told.contains("use my_app as _;"), "{told}");
        assert!(!app.0.join("stranger.lock").exists());
    }

    app.edit(
        r#"#[requires_role("admin")]"#,
        r#"#[requires_role("editor")]"#,
    );
    let (passes, told) = app.test("access", None);
    assert!(!passes, "{told}");
    assert!(
        told.contains(
            r#"widened and narrowed: my_app::publish
  - role("admin")
  + role("editor")
    lets in:     a caller with role("editor")
    no longer:   a caller with role("admin")
"#
        ),
        "{told}"
    );
    let (passes, told) = app.test("access", Some("write"));
    assert!(passes, "{told}");
    let changed = app.lock();
    let gone: Vec<_> = reviewed.difference(&changed).collect();
    let new: Vec<_> = changed.difference(&reviewed).collect();
    assert_eq!(gone, [r#"my_app::publish role("admin")"#]);
    assert_eq!(new, [r#"my_app::publish role("editor")"#]);

    app.edit("#[requires_role(\"accountant\")]\n", "");
    let (passes, told) = app.test("access", None);
    assert!(!passes, "{told}");
    for part in [
        "unprotected: `GET /invoices` (`list_invoices`) answers 200 to anonymous",
        "gone: my_app::list_invoices",
    ] {
        assert!(told.contains(part), "{told}");
    }
}
