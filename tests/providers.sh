#!/usr/bin/env bash
# Software that others wrote, against apps built with this project: `oidc-provider` and
# `django-oauth-toolkit` as issuers, `oauth4webapi` and the SDKs of MCP as clients, `schemathesis`
# with an OpenAPI document, curl with HTTP/2. All of it on the loopback interface.
#
# What it needs is installed below `tests/providers` as the lock files there say. What cannot be
# installed is skipped, with a line that cannot be overlooked.
set -euo pipefail
cd "$(dirname "$0")/.."

here=$PWD/tests/providers
skipped=()
skip() {
  skipped+=("$1")
  printf '\n!!!!!!!!!! SKIPPED: %s !!!!!!!!!!\n\n' "$1" >&2
}

# installed LOCK DIRECTORY COMMAND..: runs the command unless it has succeeded with this lock file.
installed() {
  local lock=$1 directory=$2
  shift 2
  cmp --silent "$lock" "$directory/.installed" && return
  (cd "$here" && timeout 600 "$@") >"$work/install.log" 2>&1 || { tail -5 "$work/install.log" >&2; return 1; }
  cp "$lock" "$directory/.installed"
}
python_packages() {
  python3 -m venv --clear venv && venv/bin/pip install --quiet --require-hashes --requirement requirements.txt
}
export -f python_packages

work=$(mktemp -d)
servers=()
trap 'for server in "${servers[@]}"; do kill "$server" 2>/dev/null || true; done; rm -rf "$work"' EXIT

cargo build --quiet -p auth-tests-providers
cargo build --quiet -p auth-examples --example mcp
cargo build --quiet -p auth-examples-extra --example openapi
target=${CARGO_TARGET_DIR:-$PWD/target}/debug
export RESOURCE_SERVER=$target/resource_server

has_node= has_python=
if command -v npm >/dev/null && [ "$(node -p 'parseInt(process.versions.node)')" -ge 20 ]; then
  installed "$here/package-lock.json" "$here/node_modules" npm ci --ignore-scripts --no-audit --no-fund && has_node=1
fi
if python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
  installed "$here/requirements.txt" "$here/venv" bash -ec python_packages && has_python=1
fi

# answers URL: waits until something does.
answers() {
  for _ in $(seq 100); do
    curl --silent --output /dev/null --noproxy '*' "$1" && return
    sleep 0.1
  done
  echo "providers: nothing answers at $1" >&2
  return 1
}
node_tests() { (cd "$here" && NODE_NO_WARNINGS=1 timeout 300 node --test --test-reporter=spec "$@"); }
python_tests() { (cd "$here" && timeout 300 venv/bin/pytest -q -p no:cacheprovider -W ignore::DeprecationWarning "$@"); }

port=$((10000 + RANDOM % 20000))
PORT=$port "$target/examples/mcp" >"$work/mcp.log" 2>&1 &
servers+=($!)
export MCP_URL=http://localhost:$port/mcp
answers "$MCP_URL"
export OPENAPI_URL=http://127.0.0.1:$((port + 1))
ADDRESS=${OPENAPI_URL#http://} "$target/examples/openapi" >"$work/openapi.log" 2>&1 &
servers+=($!)
answers "$OPENAPI_URL/openapi.json"

failed=()
check() { "$@" || failed+=("$*"); }
if [ "$has_node" ]; then
  check node_tests mcp.mjs
  check node_tests oidc.mjs
  check node_tests http2.mjs
else
  skip "oidc-provider, oauth4webapi, HTTP/2 with bodies and the TypeScript SDKs of MCP need Node.js 20 and npm"
fi
if [ "$has_python" ]; then
  check python_tests test_mcp.py
  check python_tests test_toolkit.py
  check python_tests test_openapi.py
else
  skip "django-oauth-toolkit, schemathesis and the Python SDK of MCP need Python 3.10 with venv"
fi
if curl --version | grep -q HTTP2; then
  check timeout 120 bash "$here/http2.sh"
else
  skip "HTTP/2 needs a curl that speaks it"
fi
for each in "${skipped[@]}"; do
  printf '!!!!!!!!!! SKIPPED: %s !!!!!!!!!!\n' "$each" >&2
done
if [ ${#failed[@]} -gt 0 ]; then
  printf 'providers: failed: %s\n' "${failed[@]}" >&2
  exit 1
fi
echo "providers: done, ${#skipped[@]} skipped"
