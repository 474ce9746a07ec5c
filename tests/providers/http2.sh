#!/usr/bin/env bash
# The resource server answers alike in HTTP/1.1 and HTTP/2 (h2c), as curl sees it: all that asks for
# no body, for curl takes an answer that comes before it has sent one for an error. See http2.mjs.
set -euo pipefail

work=$(mktemp -d)
port=$((10000 + RANDOM % 20000))
PORT=$port RUST_LOG=error "$RESOURCE_SERVER" 2>"$work/log" &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
url=http://localhost:$port
for _ in $(seq 100); do
  curl --silent --fail --output /dev/null "$url/health" && break
  sleep 0.05
done

fail() {
  printf 'http2: %s\n' "$*" >&2
  cat "$work"/answer.* >&2
  exit 1
}

# One answer: status, header lines that are not of the connection, body. The order of lines of one
# name is kept.
ask() {
  local version=$1
  shift
  : >"$work/body"
  curl --silent --show-error --max-time 10 --noproxy '*' "$version" --dump-header "$work/head" --output "$work/body" "$@"
  sed -n '1s/^HTTP[^ ]* \([0-9]*\).*/\1/p' "$work/head"
  tr -d '\r' <"$work/head" | sed 1d | grep -viE '^(date|connection|transfer-encoding):|^$' \
    | sed 's/^[^:]*/\L&/' | sort --stable --key=1,1 --field-separator=:
  # To `-I` curl writes the head again.
  [[ " $* " == *" -I "* ]] || cat "$work/body"
}

count=0
# expect STATUS CHALLENGES CURL-ARGUMENTS..
expect() {
  local status=$1 challenges=$2
  shift 2
  ask --http1.1 "$@" >"$work/answer.1"
  ask --http2-prior-knowledge "$@" >"$work/answer.2"
  cmp --silent "$work/answer.1" "$work/answer.2" || fail "differs: $*"
  [ "$(head -1 "$work/answer.2")" = "$status" ] || fail "not $status: $*"
  [ "$(grep -c '^www-authenticate:' "$work/answer.2" || true)" = "$challenges" ] || fail "not $challenges challenges: $*"
  count=$((count + 1))
}
says() { grep -qF -- "$1" "$work/answer.2" || fail "does not say: $1"; }
says_not() { ! grep -qF -- "$1" "$work/answer.2" || fail "says: $1"; }

reader='Authorization: Bearer demo-reader'
wrong='Authorization: Bearer wrong'
expect 200 0 "$url/health"
expect 200 0 "$url/api/me" -H "$reader"
says '"subject":"rob"'
expect 200 0 "$url/api/write" -H 'Authorization: Bearer demo-writer' -d text
says '4 bytes'
expect 200 0 "$url/api/me" -H 'X-Api-Key: demo-key'
# RFC 9113 §8.2.3: the cookies may be in lines of their own.
expect 200 0 "$url/api/me" -H 'Cookie: theme=dark' -H 'Cookie: session=demo-session'
says '"subject":"sue"'
expect 400 3 "$url/api/me" -H 'Cookie: session=demo-session' -H 'Cookie: session=another'

expect 401 3 "$url/api/me"
says_not 'error'
expect 401 3 "$url/api/me" -H 'Authorization: Basic YWRhOmFkYQ=='
says_not 'error'
expect 401 3 "$url/api/me" -H "$wrong"
says 'error="invalid_token"'
expect 401 3 "$url/api/me" -I
expect 200 0 "$url/api/me" -I -H "$reader"
expect 403 1 "$url/api/write" -H "$reader" -X POST
says 'error="insufficient_scope", scope="api:read api:write"'
expect 401 3 "$url/api/strong" -H "$reader"
says 'error="insufficient_user_authentication"'
says 'acr_values="urn:example:strong"'

expect 400 3 "$url/api/me" -H "$reader" -H "$reader"
expect 400 3 "$url/api/me" -H 'X-Api-Key: demo-key' -H 'X-Api-Key: demo-key'
expect 401 3 "$url/api/me?access_token=demo-reader"
expect 404 0 "$url/no-such-path"
expect 200 0 "$url/.well-known/oauth-protected-resource/api"

expect 200 0 "$url/api/hidden" -H 'Authorization: Bearer demo-admin' -d text

kill -0 "$server" || fail "the server has stopped"
echo "http2: $count answers are those of HTTP/1.1"
