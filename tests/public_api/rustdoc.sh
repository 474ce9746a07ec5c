#!/bin/sh
# The compiler of `cargo rustdoc`, with its JSON, which is not stable yet. Only here: in the
# environment of cargo the variable would have everything built anew.
RUSTC_BOOTSTRAP=1 exec rustdoc "$@"
