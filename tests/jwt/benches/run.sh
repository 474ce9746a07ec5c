#!/bin/sh
# Instructions, wall time and memory of one verification, beside jsonwebtoken's own `decode`.
# The instructions are those of a processor without SHA extensions, which valgrind shows to the
# program. README.md has what came of it.
set -eu
cd "$(dirname "$0")"
CARGO_TARGET_DIR=$(cd ../../.. && pwd)/target
export CARGO_TARGET_DIR
cargo bench --bench instructions
cargo bench --bench wall_time -- --noplot
cargo run --quiet --profile bench --bin memory
