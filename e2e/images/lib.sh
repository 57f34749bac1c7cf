# The images' names and archives. Source it after scripts/lib.sh and e2e/tools/lib.sh.
# shellcheck shell=bash

# The images of the project itself, from its Dockerfiles.
PROJECT_IMAGES=(operator worker)
# The parts around it in the tests: one static binary each.
SCRATCH_IMAGES=(pause coredns metrics-server collector telemetrygen)
export PROJECT_IMAGES SCRATCH_IMAGES

IMAGE_PREFIX="${OTLPIPE_REGISTRY:-ghcr.io/otlpipe}"

image_name() {
  case $1 in
    operator | worker) echo "$IMAGE_PREFIX/otlpipe-$1:$OTLPIPE_VERSION" ;;
    # With a registry the parts of the tests go there too.
    *) echo "${OTLPIPE_REGISTRY:-e2e.otlpipe.io}/$1:1" ;;
  esac
}

# image_archive NAME: where its archive is, once built.
image_archive() {
  local images="$OTLPIPE_ROOT/e2e/images" folder
  case $1 in
    operator | worker) echo "$OTLPIPE_ROOT/build/images/$1.tar" ;;
    pause) echo "$OTLPIPE_CACHE/images/pause-$(digest "$images/pause.c" "$images/scratch.py").tar" ;;
    *)
      folder="$(basename "$(tool_folder "$1")")"
      echo "$OTLPIPE_CACHE/images/$folder-$(digest "$images/scratch.py").tar"
      ;;
  esac
}

# binary_of NAME: the tool that a scratch image holds.
binary_of() {
  if [ "$1" = collector ]; then echo otelcol; else echo "$1"; fi
}
