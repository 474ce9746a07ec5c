#!/usr/bin/env bash
# In place of the compiler, through RUSTC_WRAPPER: instruments our own crates and leaves the rest
# alone. Needs no nightly toolchain. Procedural macros run inside of the compiler, which knows
# nothing of the fuzzer.
set -euo pipefail
case " $* " in
*" --crate-type proc-macro "*) ;;
*" --crate-name auth_runtime "* | *" --crate-name auth_attributes "* | *"/fuzz_targets/"* | *" fuzz_targets/"*)
  exec "$@" -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares
  ;;
esac
exec "$@"
