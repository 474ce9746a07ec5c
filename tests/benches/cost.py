#!/usr/bin/env python3
"""Instructions of one request, each figure beside its target.

    python3 tests/benches/cost.py [--keep FOLDER] [WORD ...]

Builds `src/bin/cost.rs` as `cargo bench` would, and runs it under callgrind once for each guard and
case. WORDs choose: guards or cases by name. `--keep` leaves the profiles in a folder, for
`callgrind_annotate`. Needs `valgrind` and nothing else.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", HERE.parent.parent / "target"))
NOT_MEASURED = "not measured"

BY_HAND = "hand_written_stored"
GRANTED, BODY = "granted", "granted_body"


def over_bare(of, guard, case=GRANTED):
    return of[guard, case] - of["bare", GRANTED]


def added(of, feature, case=GRANTED, base="body"):
    """What a feature adds to the same app without it."""
    return of[feature, case] - of[base, case]


# Text, target, what is measured.
RATIOS = [
    ("granted, over a bare handler: by hand", 1.15,
     lambda of: over_bare(of, "annotated") / over_bare(of, BY_HAND)),
    ("granted, over a bare handler: actix-web-grants", 0.36,
     lambda of: over_bare(of, "annotated") / over_bare(of, "grants")),
    ("`Bearer::new`, ready at once: by hand", 1.35,
     lambda of: over_bare(of, "annotated_async") / over_bare(of, BY_HAND)),
    ("401: by hand", 1.10,
     lambda of: of["annotated", "no_credentials"] / of[BY_HAND, "no_credentials"]),
    ("401 with 12 request headers: by hand", 1.15,
     lambda of: of["annotated", "no_credentials_12_headers"] / of[BY_HAND, "no_credentials_12_headers"]),
    ("403: by hand", 1.12,
     lambda of: of["annotated", "wrong_role"] / of[BY_HAND, "wrong_role"]),
    ("1,000 network prefixes, over a bare handler: ten", 1.5,
     lambda of: over_bare(of, "networks_1000") / over_bare(of, "networks_10")),
    ("typed role, 64 in the hierarchy, 100 of the caller, over a bare handler: one and one", 3,
     lambda of: over_bare(of, "typed_role_64_of_100") / over_bare(of, "typed_role_1_of_1")),
    ("caller with 500 permissions, over a bare handler: one", 2,
     lambda of: over_bare(of, "permission_500") / over_bare(of, "permission_1")),
    ("caller with 100 roles, over a bare handler: two", 2,
     lambda of: over_bare(of, "role_100") / over_bare(of, "body")),
]
ADDED = [
    ("`check` on a body", 1480, lambda of: added(of, "check", BODY)),
    ("`policy` without arguments", 925, lambda of: added(of, "policy")),
    ("audit queue", 1163, lambda of: added(of, "audit")),
    ("`DenyUndecided` instead of an empty middleware", 500,
     lambda of: added(of, "deny_unprotected", base="empty_middleware")),
    ("API key instead of a token", None,
     lambda of: of["api_key", "granted_by_api_key"] - of["body", GRANTED]),
    ("`Basic` instead of a token", None,
     lambda of: of["basic", "granted_by_basic"] - of["body", GRANTED]),
    ("three schemes", None, lambda of: added(of, "three_schemes")),
    ("two guards", None, lambda of: added(of, "two_guards")),
    ("mount point instead of an empty middleware", None,
     lambda of: added(of, "mount_point", base="empty_middleware")),
    ("attribute of a module", None, lambda of: added(of, "module")),
    ("`MaybeAuthenticated`", None, lambda of: added(of, "maybe")),
    ("ten network prefixes", None, lambda of: added(of, "networks_10")),
]


def build():
    subprocess.run(
        ["cargo", "build", "--quiet", "--profile", "bench", "--bin", "cost", "--target-dir", TARGET],
        cwd=HERE, check=True)
    return TARGET / "release/cost"


def count(binary, guard, case, profile):
    ran = subprocess.run(
        ["valgrind", "--tool=callgrind", "--toggle-collect=cost::measured",
         f"--callgrind-out-file={profile}", binary, guard, case],
        check=True, capture_output=True, text=True)
    return int(re.search(r"Collected : (\d+)", ran.stderr).group(1))


def verdict(value, target):
    if target is None:
        return "", ""
    return f"{target:g}", "reached" if value <= target else "missed"


def tables(of):
    print("\n| instructions | " + " | ".join(CASES) + " |")
    print("|---|" + "--:|" * len(CASES))
    for guard in GUARDS:
        cells = [str(of.get((guard, case), "")) for case in CASES]
        print(f"| {guard} | " + " | ".join(cells) + " |")
    for title, rows, form in [("ratio", RATIOS, "{:.2f}"), ("instructions more", ADDED, "{:+}")]:
        print(f"\n| {title} | target | measured | |\n|---|--:|--:|---|")
        for text, target, measure in rows:
            try:
                value = measure(of)
            except KeyError:
                print(f"| {text} | {'' if target is None else target} | {NOT_MEASURED} | |")
                continue
            wanted, reached = verdict(value, target)
            print(f"| {text} | {wanted} | {form.format(value)} | {reached} |")


def main():
    arguments = sys.argv[1:]
    folder = tempfile.mkdtemp()
    if arguments[:1] == ["--keep"]:
        folder, arguments = arguments[1], arguments[2:]
        Path(folder).mkdir(parents=True, exist_ok=True)
    binary = build()
    listed = subprocess.run([binary], check=True, capture_output=True, text=True).stdout
    of = {}
    for line in listed.splitlines():
        guard, case = line.split()
        if not arguments or guard in arguments or case in arguments:
            of[guard, case] = count(binary, guard, case, Path(folder) / f"{guard}.{case}")
    global GUARDS, CASES
    GUARDS, CASES = dict.fromkeys(key[0] for key in of), dict.fromkeys(key[1] for key in of)
    tables(of)


if __name__ == "__main__":
    main()
