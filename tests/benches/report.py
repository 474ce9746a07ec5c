#!/usr/bin/env python3
"""Puts what `run.sh` measured side by side: python3 report.py TARGET_DIR"""

import json
import sys
from pathlib import Path

GUARDS = {
    "bare": "no guard",
    "hand_written": "by hand",
    "hand_written_stored": "by hand, all duties",
    "annotated": "this crate",
    "annotated_async": "this crate, `Bearer::new`",
    "grants": "actix-web-grants",
    "httpauth": "actix-web-httpauth and a role check",
}
PATHS = ["granted", "no_credentials", "wrong_role"]
BODIES = ["wrong_role_16_byte_body", "wrong_role_1_mib_body"]


def instructions(target, path, guard):
    folder = target / "gungraun/auth-benches/instructions/paths" / f"{path}.{guard}"
    summary = json.loads((folder / "summary.json").read_text())
    (total,) = (profile["data"]["total"] for profile in summary["profiles"])
    return total["metrics"]["Ir"]["values"]["new"]


def nanoseconds(target, path, guard):
    estimates = target / "criterion" / path / guard / "new/estimates.json"
    return json.loads(estimates.read_text())["median"]["point_estimate"]


def allocations(target):
    lines = (target / "allocations.txt").read_text().splitlines()[1:]
    return {tuple(line.split()[:2]): line.split()[2:] for line in lines}


def main():
    target = Path(sys.argv[1])
    counted = allocations(target)
    for path in PATHS:
        of = {guard: instructions(target, path, guard) for guard in GUARDS}
        over = {guard: count - of["bare"] for guard, count in of.items()}
        print(f"\n### {path.replace('_', ' ').capitalize()}\n")
        print("| guard | instructions | over no guard | allocations | bytes | wall time, ns |")
        print("|---|--:|--:|--:|--:|--:|")
        for guard, name in GUARDS.items():
            number, size = counted[path, guard]
            time = nanoseconds(target, path, guard)
            print(f"| {name} | {of[guard]} | {over[guard]:+} | {number} | {size} | {time:.0f} |")
        if path == "granted":
            ratios = {
                "by hand": over["annotated"] / over["hand_written"],
                "by hand, all duties": over["annotated"] / over["hand_written_stored"],
                "actix-web-grants": over["annotated"] / over["grants"],
            }
            print("\nThis crate over no guard, against others over no guard:", end=" ")
            print(", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items()) + ".")
    print("\n### Wrong role, by the size of the body\n")
    print("| guard | 16 bytes | 1 MiB |")
    print("|---|--:|--:|")
    for guard in ("hand_written", "hand_written_stored", "annotated", "annotated_async"):
        print(f"| {GUARDS[guard]} |", " | ".join(str(instructions(target, path, guard)) for path in BODIES), "|")


if __name__ == "__main__":
    main()
