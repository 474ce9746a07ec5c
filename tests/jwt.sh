#!/usr/bin/env bash
# Starts the `jwt` example, runs the lines of its header, and compares the statuses with those that
# stand behind them. Then rotates under load: no answer may be a wrong one.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
cargo build --quiet -p auth-examples-extra --example jwt
port=$((20000 + RANDOM % 20000))
PORT=$port "${CARGO_TARGET_DIR:-target}/debug/examples/jwt" >"$work/log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
for _ in $(seq 100); do
  curl --silent --output /dev/null "http://127.0.0.1:$port/" && break
  sleep 0.1
done

grep -E '^//! (curl|[A-Z]+=)' examples/extra/jwt.rs | sed -e 's|^//! ||' -e "s/localhost:8080/127.0.0.1:$port/" >"$work/lines"
count=0
while IFS= read -r line; do
  expected=$(sed -n 's/.*# \([0-9][0-9][0-9]\).*/\1/p' <<<"$line")
  # Not in a pipe: the lines set variables.
  eval "$line" >"$work/answer" 2>"$work/errors"
  if [ -n "$expected" ]; then
    actual=$(sed -n '1s/^HTTP[^ ]* \([0-9]*\).*/\1/p' "$work/answer")
    if [ "$actual" != "$expected" ]; then
      echo "jwt: $line" >&2
      cat "$work/answer" >&2
      exit 1
    fi
    count=$((count + 1))
  fi
done <"$work/lines"
[ "$count" -ge 10 ]

url=http://127.0.0.1:$port
load() {
  for _ in $(seq 60); do
    token=$(curl -s -X POST "$url/issuer/token?user=$1&alg=$2")
    curl -s -o /dev/null -w '%{http_code}\n' "$url/me" -H "Authorization: Bearer $token"
  done
}
load ada EdDSA >"$work/first" &
first=$!
load rob ES256 >"$work/second" &
second=$!
for _ in 1 2 3; do
  sleep 1.1
  curl -s -o /dev/null -X POST "$url/issuer/rotate"
done
wait "$first" "$second"
wrong=$(cat "$work/first" "$work/second" | grep -vc '^200$' || true)
if [ "$wrong" != 0 ]; then
  echo "jwt: $wrong wrong answers under rotation" >&2
  exit 1
fi
echo "jwt: $count answers are as in the example's header, and $(cat "$work/first" "$work/second" | wc -l) under rotation"
