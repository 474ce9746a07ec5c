#!/usr/bin/env python3
"""What 500 guarded handlers cost `cargo check`, against the same crate without the attributes.

Both crates have the same dependencies, built beforehand; only the crate itself is checked, without
the incremental cache, the two by turns. The median of the runs counts, and the ratio of the
medians. Beside the wall time stand the time on the processor, which a busy machine disturbs less,
and the time that macro expansion takes (`-Z time-passes`, which a stable compiler allows with
RUSTC_BOOTSTRAP=1). With `--instructions` valgrind counts what the compiler executes, which is the
same on every run (within one in a thousand). With `--only-instructions` nothing else is measured,
which is all that says something on a machine with other work.

    python3 compile_time.py [--handlers 500] [--runs 9] [--target-dir DIR]
                            [--instructions | --only-instructions]
"""

import argparse
import os
import re
import resource
import shlex
import statistics
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

MANIFEST = """\
[package]
name = "{name}"
version = "0.0.0"
edition = "2024"
publish = false

[workspace]

[dependencies]
actix-web = {{ version = "4.18", default-features = false, features = ["macros"] }}
auth-runtime = {{ path = "{runtime}" }}
serde = {{ version = "1", features = ["derive"] }}
"""

PRELUDE = """\
#![allow(unused_imports, clippy::unused_async)]
use actix_web::{HttpResponse, Responder, get, post, web};
use auth_runtime::prelude::*;

#[derive(serde::Deserialize, serde::Serialize)]
pub struct Article {
    title: String,
    body: String,
}
"""

# The forms in equal parts: by role, by scope, an expression, nothing but authentication.
ATTRIBUTES = [
    '#[requires_role("admin")]',
    '#[requires_scope(any("articles:read", "articles:write"))]',
    '#[requires(all(role("editor"), any(scope("articles:write"), permission("articles:edit"))))]',
    "#[requires_auth]",
]

READ = """
#[get("/articles/{index}/{{id}}")]
{attribute}
pub async fn read_{index}(id: web::Path<u64>, query: web::Query<Article>) -> impl Responder {{
    let id = id.into_inner();
    if id == {index} {{
        return HttpResponse::NotFound().finish();
    }}
    HttpResponse::Ok().json(query.into_inner())
}}
"""

WRITE = """
#[post("/articles/{index}/{{id}}")]
{attribute}
pub async fn write_{index}(
    id: web::Path<u64>,
    article: web::Json<Article>,
) -> Result<HttpResponse, actix_web::Error> {{
    if article.title.is_empty() {{
        return Err(actix_web::error::ErrorBadRequest("no title"));
    }}
    Ok(HttpResponse::Created().body(format!("{{}} of {{id}}", article.body)))
}}
"""


def source(handlers, guarded):
    parts, services = [PRELUDE], []
    for index in range(handlers):
        form, kind = (READ, "read") if index % 2 == 0 else (WRITE, "write")
        attribute = ATTRIBUTES[index // 2 % len(ATTRIBUTES)] if guarded else ""
        parts.append(form.format(index=index, attribute=attribute))
        services.append(f"    config.service({kind}_{index});\n")
    parts.append("\npub fn configure(config: &mut web::ServiceConfig) {\n" + "".join(services) + "}\n")
    return "".join(parts)


class Crate:
    def __init__(self, name, handlers, guarded, target):
        self.folder = target / "compile-time" / name
        self.target = target / "compile-time" / "target"
        # Build scripts look at RUSTC_BOOTSTRAP: in one folder each would undo the other's builds.
        self.target_of_passes = target / "compile-time" / "target-of-passes"
        (self.folder / "src").mkdir(parents=True, exist_ok=True)
        runtime = os.path.relpath(ROOT / "auth-runtime", self.folder)
        (self.folder / "Cargo.toml").write_text(MANIFEST.format(name=name, runtime=runtime))
        self.lib = self.folder / "src/lib.rs"
        self.lib.write_text(source(handlers, guarded))
        # The same versions of everything as in the workspace.
        (self.folder / "Cargo.lock").write_text((ROOT / "Cargo.lock").read_text())

    def cargo(self, *arguments, target=None, **variables):
        environment = os.environ | {"CARGO_INCREMENTAL": "0"} | variables
        command = ["cargo", *arguments, "--target-dir", str(target or self.target)]
        return command, environment

    def check(self):
        """Seconds of `cargo check` of this crate alone: on the clock, and on the processor."""
        os.utime(self.lib)
        command, environment = self.cargo("check", "--quiet", "--offline")
        start, busy = time.monotonic(), processor()
        subprocess.run(command, cwd=self.folder, env=environment, check=True)
        return time.monotonic() - start, processor() - busy

    def expansion(self):
        """Seconds that the compiler spends on expanding macros."""
        os.utime(self.lib)
        command, environment = self.cargo(
            "rustc", "--profile", "check", target=self.target_of_passes, RUSTC_BOOTSTRAP="1"
        )
        command += ["--", "-Ztime-passes"]
        done = subprocess.run(
            command, cwd=self.folder, env=environment, check=True, capture_output=True, text=True
        )
        # Of all crates that are built the last one is this.
        found = re.findall(r"time:\s+([\d.]+).*\smacro_expand_crate$", done.stdout + done.stderr, re.M)
        return (float(found[-1]),)

    def instructions(self):
        """Instructions of the compiler on this crate alone, counted by cachegrind."""
        os.utime(self.lib)
        command, environment = self.cargo("check", "--offline", "--verbose")
        done = subprocess.run(
            command, cwd=self.folder, env=environment, check=True, capture_output=True, text=True
        )
        name = f"--crate-name {self.folder.name} "
        (line,) = (line for line in done.stderr.splitlines() if "Running" in line and name in line)
        arguments = shlex.split(line.split("`")[1])
        sysroot = Path(
            subprocess.run(
                ["rustc", "--print", "sysroot"], check=True, capture_output=True, text=True
            ).stdout.strip()
        )
        compiler = next(i for i, argument in enumerate(arguments) if argument.endswith("rustc"))
        counted = subprocess.run(
            ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
            + [str(sysroot / "bin/rustc"), *arguments[compiler + 1 :]],
            cwd=self.folder,
            env=environment | {"LD_LIBRARY_PATH": str(sysroot / "lib")},
            check=True,
            capture_output=True,
            text=True,
        )
        return int(re.search(r"refs:\s+([\d,]+)", counted.stderr)[1].replace(",", ""))


def processor():
    """Seconds that the processes started from here have spent on the processor."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def medians(crates, runs, measure):
    """The medians of each figure that `measure` gives: unguarded and guarded."""
    measured = {name: [] for name in crates}
    for _ in range(runs):
        for name, crate in crates.items():
            measured[name].append(measure(crate))
    columns = (zip(*measured[name]) for name in ("unguarded", "guarded"))
    return list(zip(*([statistics.median(column) for column in figures] for figures in columns)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--handlers", type=int, default=500)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--target-dir", type=Path, default=ROOT / "target")
    parser.add_argument("--instructions", action="store_true")
    parser.add_argument("--only-instructions", action="store_true")
    options = parser.parse_args()

    crates = {
        name: Crate(name, options.handlers, guarded, options.target_dir.resolve())
        for name, guarded in (("unguarded", False), ("guarded", True))
    }
    for crate in crates.values():
        command, environment = crate.cargo("check", "--quiet")
        subprocess.run(command, cwd=crate.folder, env=environment, check=True)
        if not options.only_instructions:
            crate.expansion()

    print(f"| {options.handlers} handlers | unguarded | guarded | ratio | for one handler |")
    print("|---|--:|--:|--:|--:|")
    if not options.only_instructions:
        times(crates, options)
    if options.instructions or options.only_instructions:
        before, after = (crates[name].instructions() for name in ("unguarded", "guarded"))
        each = (after - before) / options.handlers / 1e6
        print(
            f"| `rustc`, instructions | {before / 1e6:.0f} M | {after / 1e6:.0f} M "
            f"| {after / before:.3f} | {each:.2f} M |"
        )


def times(crates, options):
    clock, busy = medians(crates, options.runs, Crate.check)
    (expansion,) = medians(crates, options.runs, Crate.expansion)
    for name, (before, after) in (
        ("`cargo check`, on the clock", clock),
        ("`cargo check`, on the processor", busy),
        ("of it macro expansion", expansion),
    ):
        each = (after - before) / options.handlers * 1e6
        print(f"| {name} | {before:.2f} s | {after:.2f} s | {after / before:.2f} | {each:.0f} µs |")


if __name__ == "__main__":
    main()
