#!/usr/bin/env bash
# Scenario: curl, over HTTP/1.1, HTTP/1.0 and HTTP/2 with prior knowledge, to one port of the echo server.
# Guarantee: every request is answered as it should be, large and chunked ones and those that expect 100-continue included.
# usage: curl_test.sh ECHO_SERVER
set -euo pipefail
coproc SERVER { exec "$1" http; }
read -r port <&"${SERVER[0]}"
base="http://127.0.0.1:$port"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT  # the server ends with its standard input, which is this shell's
head -c 3000000 /dev/urandom >"$work/large"
passed=0

# check NAME EXPECTED ARGUMENT…: what curl prints, after "BODY" is cut to 60 characters, must be EXPECTED.
check() {
  local name=$1 expected=$2 got
  shift 2
  got="$(curl -sS --max-time 20 "$@")" || { echo "FAILED: $name: curl exit $?"; exit 1; }
  [ "$got" = "$expected" ] || { printf 'FAILED: %s\n  got      %s\n  expected %s\n' "$name" "$got" "$expected"; exit 1; }
  passed=$((passed + 1))
}

check "HTTP/1.1 POST" "POST /v1/traces spans 1.1" -d spans -w ' %{http_version}' "$base/v1/traces"
check "HTTP/1.0 POST" "POST /x y" -0 -d y "$base/x"
check "HTTP/2 POST" "POST /v1/logs logs 2" --http2-prior-knowledge -d logs -w ' %{http_version}' "$base/v1/logs"
check "keep-alive" "POST /1 aPOST /2 b0" -d a "$base/1" --next -sS -d b -w '%{num_connects}' "$base/2"
check "HEAD" "200 8" -I -o /dev/null -w '%{http_code} %header{content-length}' "$base/x"
for version in --http1.1 --http2-prior-knowledge; do
  check "large upload $version" "200 3000007" "$version" -T "$work/large" -o "$work/back" -w '%{http_code} %{size_download}' "$base/x"
  tail -c +8 "$work/back" | cmp - "$work/large"
done
check "chunked upload" "200" -H 'Transfer-Encoding: chunked' --data-binary "@$work/large" -o /dev/null -w '%{http_code}' "$base/x"
check "100-continue" "200" -H 'Expect: 100-continue' --data-binary "@$work/large" -o /dev/null -w '%{http_code}' "$base/x"
head -c 70000000 /dev/zero >"$work/over"
check "over the limit" "413" -H 'Expect:' --data-binary "@$work/over" -o /dev/null -w '%{http_code}' "$base/x"
gzip -c "$work/large" >"$work/large.gz"
check "gzip" "200 3000008" -H 'Content-Encoding: gzip' --data-binary "@$work/large.gz" -o /dev/null -w '%{http_code} %{size_download}' "$base/x"
check "not gzip" "400" -H 'Content-Encoding: gzip' -d nonsense -o /dev/null -w '%{http_code}' "$base/x"
echo "$passed passed, 0 failed"
