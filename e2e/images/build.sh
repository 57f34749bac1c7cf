#!/usr/bin/env bash
# Builds images, by default those of the project. usage: build.sh [NAME…]
#   operator worker                                     from their Dockerfiles and the release binaries in build/bin
#   pause coredns metrics-server collector telemetrygen   what the tests need around them
# OTLPIPE_REGISTRY=host/path names the project's images so and pushes every image built.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=e2e/tools/lib.sh
source "$OTLPIPE_ROOT/e2e/tools/lib.sh"
# shellcheck source=e2e/images/lib.sh
source "$OTLPIPE_ROOT/e2e/images/lib.sh"
# shellcheck source=e2e/images/builder.sh
source "$OTLPIPE_ROOT/e2e/images/builder.sh"

build_scratch() {
  local name=$1 archive binary work
  archive="$(image_archive "$name")"
  [ ! -e "$archive" ] || return 0
  mkdir -p "$(dirname "$archive")"
  work="$(mktemp -d "$(dirname "$archive")/.$name-XXXXXX")"
  if [ "$name" = pause ]; then
    binary="$work/pause"
    "${CC:-gcc}" -O2 -static -s -o "$binary" "$OTLPIPE_ROOT/e2e/images/pause.c"
  else
    "$OTLPIPE_ROOT/e2e/tools/build.sh" "$name"
    binary="$(tool "$(binary_of "$name")")"
  fi
  python3 "$OTLPIPE_ROOT/e2e/images/scratch.py" "$work/image.tar" "$(image_name "$name")" "$binary"
  mv "$work/image.tar" "$archive"
  rm -rf "$work"
  say "images: built $(image_name "$name")"
}

build_project() {
  local name=$1 archive context stamp
  archive="$(image_archive "$name")"
  context="$OTLPIPE_ROOT/build/images/$name"
  local binary="$OTLPIPE_ROOT/build/bin/otlpipe-$name"
  [ -x "$binary" ] || die "$binary is missing; make build makes it"
  stamp="$(digest "$binary" "$OTLPIPE_ROOT/$name/Dockerfile" <(image_name "$name"))"
  if [ -e "$archive" ] && [ "$(cat "$archive.stamp" 2>/dev/null)" = "$stamp" ]; then return 0; fi
  rm -rf "$context"
  mkdir -p "$context/build/bin"
  # Without symbols: they are in build/bin, for who needs them.
  install -s -m 755 "$binary" "$context/build/bin/"
  build_dockerfile "$OTLPIPE_ROOT/$name/Dockerfile" "$context" "$(image_name "$name")" "$archive"
  rm -rf "$context"
  echo "$stamp" >"$archive.stamp"
  say "images: built $(image_name "$name"), $(($(stat -c %s "$archive") / 1048576)) MiB"
}

if [ $# = 0 ]; then set -- "${PROJECT_IMAGES[@]}"; fi
for name in "$@"; do
  if [[ " ${PROJECT_IMAGES[*]} " == *" $name "* ]]; then
    locked "$OTLPIPE_CACHE/locks/image-$name" build_project "$name"
  elif [[ " ${SCRATCH_IMAGES[*]} " == *" $name "* ]]; then
    locked "$OTLPIPE_CACHE/locks/image-$name" build_scratch "$name"
  else
    die "there is no image $name; there are: ${PROJECT_IMAGES[*]} ${SCRATCH_IMAGES[*]}"
  fi
  if [ -n "${OTLPIPE_REGISTRY:-}" ]; then push "$(image_archive "$name")" "$(image_name "$name")"; fi
done
