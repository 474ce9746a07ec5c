#!/bin/sh
# Instructions, wall time and allocations in one run, and the table that holds them side by side.
set -eu
cd "$(dirname "$0")"
CARGO_TARGET_DIR=$(cd ../.. && pwd)/target
export CARGO_TARGET_DIR
cargo bench --bench instructions -- --save-summary=json
cargo bench --bench wall_time -- --noplot
cargo run --quiet --profile bench --bin allocations | tee "$CARGO_TARGET_DIR/allocations.txt"
python3 report.py "$CARGO_TARGET_DIR"
