#!/usr/bin/env bash
# Starts the `web_app` example, runs the lines of its header, and compares the statuses with those
# that stand behind them.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
cargo build --quiet -p auth-examples-extra --example web_app
port=$((20000 + RANDOM % 20000))
TMPDIR=$work PORT=$port "${CARGO_TARGET_DIR:-target}/debug/examples/web_app" >"$work/log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
for _ in $(seq 100); do
  curl --silent --output /dev/null "http://127.0.0.1:$port/" && break
  sleep 0.1
done

export TMPDIR=$work
grep -E '^//! (curl|[A-Z]+=)' examples/extra/web_app.rs | sed -e 's|^//! ||' -e "s/localhost:8080/localhost:$port/" >"$work/lines"
count=0
while IFS= read -r line; do
  expected=$(sed -n 's/.*# \([0-9][0-9][0-9]\).*/\1/p' <<<"$line")
  # A stream is cut off by its client, which is an error of curl.
  eval "$line" >"$work/answer" 2>"$work/errors" || [[ $line == *--max-time* ]]
  if [ -n "$expected" ]; then
    actual=$(sed -n '1s/^HTTP[^ ]* \([0-9]*\).*/\1/p' "$work/answer")
    if [ "$actual" != "$expected" ]; then
      echo "web_app: $line" >&2
      cat "$work/answer" >&2
      exit 1
    fi
    count=$((count + 1))
  fi
done <"$work/lines"
[ "$count" -ge 16 ]
echo "web_app: $count answers are as in the example's header"
