#!/usr/bin/env bash
# Builds the pinned tools of the end-to-end tests where they are missing: all of them, or the named modules or binaries.
# usage: e2e/tools/build.sh [NAME…]
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh
# shellcheck source=e2e/tools/lib.sh
source e2e/tools/lib.sh

ldflags() {
  case $1 in
    kubernetes) echo "-s -w -X k8s.io/component-base/version.gitVersion=$(pinned k8s.io/kubernetes) -X k8s.io/client-go/pkg/version.gitVersion=$(pinned k8s.io/kubernetes)" ;;
    *) echo "-s -w" ;;
  esac
}

# pinned MODULE: the version of it in the current folder's go.mod.
pinned() {
  "$GO" list -m -f '{{.Version}}' "$1"
}

# CoreDNS has a main package here; the others are what their go.mod names as tools.
packages() {
  if [ "$1" = coredns ]; then echo .; else echo tool; fi
}

# The Collector's builder writes the sources; its own go.mod is replaced by the one in the tree, which pins everything.
generate_collector() {
  (cd "$TOOLS_DIR/builder" && "$GO" build -o "$1/ocb" go.opentelemetry.io/collector/cmd/builder)
  cp "$TOOLS_DIR/collector/manifest.yaml" "$1/"
  (cd "$1" && ./ocb --config manifest.yaml --skip-compilation --skip-get-modules)
  cp "$TOOLS_DIR/collector/go.mod" "$TOOLS_DIR/collector/go.sum" "$1/build/"
}

compile() {
  local module=$1 out=$2
  if [ "$module" = collector ]; then
    generate_collector "$out"
    cd "$out/build"
    "$GO" build -v -ldflags "$(ldflags collector)" -o "$out/bin/otelcol" .
  else
    cd "$TOOLS_DIR/$module"
    "$GO" build -v -ldflags "$(ldflags "$module")" -o "$out/bin/" "$(packages "$module")"
  fi
}

progress() {
  local module=$1 log=$2
  while sleep 20 >/dev/null 2>&1; do
    say "tools: $module: $(grep -c '^[a-z].*/' "$log" || true) packages compiled"
  done
}

build_module() {
  local module=$1 folder out log name ticker failed=
  folder="$(tool_folder "$module")"
  if [ -d "$folder" ]; then return; fi
  use_go
  mkdir -p "$OTLPIPE_CACHE/tools"
  out="$(mktemp -d "$OTLPIPE_CACHE/tools/.$module-XXXXXX")"
  log="$out/build.log"
  mkdir "$out/bin"
  say "tools: $module: building $(tools_of "$module")"
  : >"$log"
  progress "$module" "$log" &
  ticker=$!
  (compile "$module" "$out") >"$log" 2>&1 || failed=1
  kill "$ticker"
  wait "$ticker" 2>/dev/null || true
  if [ -n "$failed" ]; then
    tail -n 30 "$log" >&2
    rm -rf "$out"
    die "building $module failed"
  fi
  # Kubernetes has its server of etcd as a command named "server".
  if [ "$module" = kubernetes ]; then mv "$out/bin/server" "$out/bin/etcd"; fi
  for name in $(tools_of "$module"); do
    [ -x "$out/bin/$name" ] || die "building $module gave no $name"
  done
  mv "$out/bin" "$folder"
  rm -rf "$out"
  say "tools: $module: done"
}

module_of() {
  local module
  for module in "${TOOL_MODULES[@]}"; do
    if [ "$1" = "$module" ] || [[ " $(tools_of "$module") " == *" $1 "* ]]; then
      echo "$module"
      return
    fi
  done
  die "there is no tool $1; there are: ${TOOL_MODULES[*]}"
}

[ $# -gt 0 ] || set -- "${TOOL_MODULES[@]}"
need_command flock jq sha256sum
for name in "$@"; do
  module="$(module_of "$name")"
  [ -d "$(tool_folder "$module")" ] || locked "$OTLPIPE_CACHE/locks/tools-$module" build_module "$module"
done
say "tools: ready: $*"
