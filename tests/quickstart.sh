#!/usr/bin/env bash
# Starts the quickstart and compares its answers with the transcripts in the README and the guide.
# `tests/quickstart.sh --write` puts the answers there instead.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
cargo build --quiet --example quickstart
port=$((20000 + RANDOM % 20000))
PORT=$port "${CARGO_TARGET_DIR:-target}/debug/examples/quickstart" >"$work/log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
for _ in $(seq 100); do
  curl --silent --output /dev/null "http://127.0.0.1:$port/" && break
  sleep 0.1
done

# The order of the header lines is not the same each time, so they are sorted by name. Date is left
# out, and Connection, which depends on how much of a refused body had arrived.
answer() {
  tr -d '\r' | awk -v sort="LC_ALL=C sort -s -t: -k1,1" '
    NR == 1 { print; next }
    !body && $0 == "" { close(sort); body = 1; print; next }
    !body { if (tolower($0) !~ /^(date|connection):/) print | sort; fflush(); next }
    { print }
  '
}
trim() { sed -e 's/[[:space:]]*$//' "$1" | cat -s | sed -e '${/^$/d}'; }

status=0
for page in README.md auth-runtime/docs/guide/first_app.md; do
  # Between the fences; every line `$ curl ..` is followed by its answer.
  awk '/^```console$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$page" > "$work/expected"
  count=$(grep -c '^\$ curl' "$work/expected")
  grep '^\$ curl' "$work/expected" | while IFS= read -r line; do
    printf '%s\n' "$line"
    command=${line#\$ }
    eval "${command//localhost:8080/127.0.0.1:$port} --silent" | answer
    printf '\n\n'
  done | sed -e 's/[[:space:]]*$//' | cat -s > "$work/actual"

  if [ "${1:-}" = --write ]; then
    awk -v actual="$work/actual" '
      /^```console$/ { print; while ((getline line < actual) > 0) { if (line == "") { gap = 1 } else { if (gap) print ""; gap = 0; print line } } inside = 1; next }
      /^```$/ { inside = 0 }
      !inside { print }
    ' "$page" > "$work/page"
    cp "$work/page" "$page"
  elif diff <(trim "$work/expected") <(trim "$work/actual"); then
    echo "quickstart: $count answers are as in $page"
  else
    echo "quickstart: $page says what is marked <, the app what is marked >" >&2
    status=1
  fi
done
exit "$status"
