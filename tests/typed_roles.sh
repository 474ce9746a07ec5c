#!/usr/bin/env bash
# Starts the `typed_roles` example, runs the lines of its header, and compares the answers with the
# statuses and texts that stand below them.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
cargo build --quiet --example typed_roles
port=$((20000 + RANDOM % 20000))
PORT=$port "${CARGO_TARGET_DIR:-target}/debug/examples/typed_roles" >"$work/log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
for _ in $(seq 100); do
  curl --silent --output /dev/null "http://127.0.0.1:$port/health" && break
  sleep 0.1
done

# Lines that end with a backslash are joined with the next.
sed -n 's|^//! \{0,1\}||p' examples/typed_roles.rs |
  sed -e ':join' -e '/\\$/ { N; s/\\\n */ /; b join' -e '}' |
  grep -E '^(curl|# [0-9])' >"$work/lines"
count=0
command=
while IFS= read -r line; do
  if [[ $line == curl* ]]; then
    if [ -n "$command" ]; then
      echo "typed_roles: no answer stands below: $command" >&2
      exit 1
    fi
    command=$line
    continue
  fi
  status=$(cut -d' ' -f2 <<<"$line")
  text=$(cut -s -d' ' -f3- <<<"$line")
  eval "${command//localhost:8080/127.0.0.1:$port} --silent" | tr -d '\r' >"$work/answer"
  actual=$(sed -n '1s/^HTTP[^ ]* \([0-9]*\).*/\1/p' "$work/answer")
  body=$(sed '1,/^$/d' "$work/answer")
  # Refusals have bodies of their own, which the header does not repeat.
  if [ "$actual" != "$status" ] || { [ -n "$text" ] && [ "$body" != "$text" ]; }; then
    echo "typed_roles: $command" >&2
    echo "expected: $status $text" >&2
    cat "$work/answer" >&2
    exit 1
  fi
  count=$((count + 1))
  command=
done <"$work/lines"
if [ -n "$command" ] || [ "$count" != "$(grep -c '^//! curl' examples/typed_roles.rs)" ]; then
  echo "typed_roles: not every line of the header has an answer below it" >&2
  exit 1
fi
echo "typed_roles: $count answers are as in the example's header"
