# Where the pinned tools are, and the Go toolchain that builds them. Source it after scripts/lib.sh.
# shellcheck shell=bash

TOOLS_DIR="$OTLPIPE_ROOT/e2e/tools"
TOOL_MODULES=(kubernetes coredns metrics-server collector telemetrygen)

GO_MINIMUM=1.26.4
GO_PINNED=1.26.8
GO_PINNED_SUM="h1:ZOmGe1OnfREDMIdb1Qi4G9JSuDPBLGExZMQ4nis1RXM="

# tools_of MODULE: the names of the binaries that a module gives.
tools_of() {
  case $1 in
    kubernetes) echo etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl ;;
    coredns) echo coredns ;;
    metrics-server) echo metrics-server ;;
    collector) echo otelcol ;;
    telemetrygen) echo telemetrygen ;;
    *) return 1 ;;
  esac
}

# tool_folder MODULE: where its binaries are, once built. The name changes with the pins.
tool_folder() {
  local files=("$TOOLS_DIR/$1/go.mod" "$TOOLS_DIR/$1/go.sum" "$TOOLS_DIR/build.sh")
  if [ "$1" = coredns ]; then files+=("$TOOLS_DIR/coredns/main.go"); fi
  if [ "$1" = collector ]; then files+=("$TOOLS_DIR/collector/manifest.yaml" "$TOOLS_DIR/builder/go.mod"); fi
  echo "$OTLPIPE_CACHE/tools/$1-$(digest "${files[@]}")"
}

# tool NAME: the path of a built tool; fails when it is not built.
tool() {
  local module
  for module in "${TOOL_MODULES[@]}"; do
    if [[ " $(tools_of "$module") " == *" $1 "* ]]; then
      local path
      path="$(tool_folder "$module")/$1"
      [ -x "$path" ] || die "$1 is not built; e2e/tools/build.sh $module builds it"
      echo "$path"
      return
    fi
  done
  die "there is no tool $1"
}

go_is_new_enough() {
  local version
  version="$(GOTOOLCHAIN=local "$1" version 2>/dev/null | sed -n 's/^go version go\([0-9.]*\).*/\1/p')"
  [ -n "$version" ] && [ "$(printf '%s\n' "$GO_MINIMUM" "$version" | sort -V | head -n1)" = "$GO_MINIMUM" ]
}

# Any Go can fetch the pinned one, which is itself a module. Debian 12 has 1.19, which is too old to build with and
# does not know that a toolchain module needs two finishing touches: its executable bits and the go.mod of its library.
fetch_go() {
  local old json dir
  old="$(command -v go || compgen -G '/usr/lib/go-*/bin/go' | sort -V | tail -n1 || true)"
  if [ -z "$old" ]; then
    need_root "installing Go"
    say "tools: installing Debian's Go, which fetches Go $GO_PINNED" >&2
    { apt-get update -q && apt-get install -yq --no-install-recommends golang-1.19-go; } >/dev/null 2>&1 ||
      die "no Go found, and Debian's package golang-1.19-go cannot be installed"
    old=/usr/lib/go-1.19/bin/go
  fi
  say "tools: fetching Go $GO_PINNED" >&2
  json="$(cd / && GOFLAGS=-modcacherw GOTOOLCHAIN=local "$old" mod download -json "golang.org/toolchain@v0.0.1-go$GO_PINNED.linux-amd64")" ||
    die "cannot fetch Go $GO_PINNED from the module proxy"
  [ "$(jq -r .Sum <<<"$json")" = "$GO_PINNED_SUM" ] || die "Go $GO_PINNED does not have the pinned checksum"
  dir="$(jq -r .Dir <<<"$json")"
  chmod -R u+w "$dir"
  find "$dir/bin" "$dir/pkg/tool" -type f -exec chmod +x {} +
  [ -e "$dir/src/go.mod" ] || cp "$dir/src/_go.mod" "$dir/src/go.mod"
  echo "$dir/bin/go"
}

# Sets GO and the environment of every build of a tool. The module and build caches are kept beside the results.
use_go() {
  export GOMODCACHE="$OTLPIPE_CACHE/go/mod" GOCACHE="$OTLPIPE_CACHE/go/build"
  export CGO_ENABLED=0 GOTOOLCHAIN=local GOWORK=off GOFLAGS="-buildvcs=false -modcacherw -trimpath"
  # The compiler spends a good part of its time on collecting garbage; where there is memory it need not.
  if [ "$(awk '/^MemAvailable/ {print $2}' /proc/meminfo)" -gt $((8 << 20)) ]; then export GOGC=400; fi
  local found
  found="$(compgen -G "$GOMODCACHE/golang.org/toolchain@v0.0.1-go$GO_PINNED.linux-amd64/bin/go" || true)"
  for GO in go /usr/local/go/bin/go "$found"; do
    if [ -n "$GO" ] && go_is_new_enough "$GO"; then break; fi
    GO=
  done
  GO="${GO:-$(fetch_go)}"
  go_is_new_enough "$GO" || die "$GO is older than Go $GO_MINIMUM"
  GO="$(command -v "$GO")"
  unset GOROOT
  PATH="$(dirname "$GO"):$PATH"
  export GO PATH
}
