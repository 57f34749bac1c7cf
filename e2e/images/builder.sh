# Builds a Dockerfile with what the machine has. Source it after scripts/lib.sh.
# shellcheck shell=bash

# Docker or podman where one works; else buildah, which needs no daemon.
image_builder() {
  local name
  for name in docker podman; do
    if command -v "$name" >/dev/null && "$name" info >/dev/null 2>&1; then
      echo "$name"
      return
    fi
  done
  need_command buildah mmdebstrap
  echo buildah
}

# Buildah keeps its images and layers in the cache folder, so that nothing of the machine's own is touched.
run_buildah() {
  buildah --root "$OTLPIPE_CACHE/buildah/storage" --runroot "$OTLPIPE_CACHE/buildah/run" --storage-driver "$(storage_driver)" "$@"
}

storage_driver() {
  case "$(stat -f -c %T "$OTLPIPE_CACHE")" in overlay*) echo vfs ;; *) echo overlay ;; esac
}

# The base that the Dockerfiles name, made from Debian's packages: no registry is asked.
ensure_base() {
  local base="docker.io/library/debian:bookworm-slim" tar="$OTLPIPE_CACHE/images/debian-bookworm.tar" work
  need_root "building images with buildah"
  if run_buildah images -q "$base" >/dev/null 2>&1; then return; fi
  if [ ! -e "$tar" ]; then
    say "images: making the Debian base"
    mkdir -p "$(dirname "$tar")"
    mmdebstrap --quiet --variant=apt --include=ca-certificates bookworm "$tar.part.tar"
    mv "$tar.part.tar" "$tar"
  fi
  work="$(run_buildah from scratch)"
  run_buildah add --quiet "$work" "$tar" / >/dev/null
  run_buildah config --cmd bash "$work"
  run_buildah commit --quiet --rm "$work" "$base" >/dev/null
}

# build_dockerfile FILE CONTEXT IMAGE ARCHIVE
build_dockerfile() {
  local file=$1 context=$2 image=$3 archive=$4 builder
  builder="$(image_builder)"
  mkdir -p "$(dirname "$archive")"
  rm -f "$archive"
  local arguments=(--build-arg "VERSION=$OTLPIPE_VERSION" -f "$file" -t "$image")
  say "images: building $image with $builder"
  if [ "$builder" = buildah ]; then
    ensure_base
    run_buildah bud --quiet --layers --isolation chroot --network host --pull-never "${arguments[@]}" "$context" >"$archive.log" 2>&1 ||
      { tail -n 20 "$archive.log" >&2 && die "building $image failed"; }
    run_buildah push --quiet "$image" "docker-archive:$archive:$image" >/dev/null
  else
    "$builder" build "${arguments[@]}" "$context" >"$archive.log" 2>&1 ||
      { tail -n 20 "$archive.log" >&2 && die "building $image failed"; }
    "$builder" save -o "$archive" "$image"
  fi
}

# push ARCHIVE IMAGE: to the registry that the image's name begins with; the login is the builder's own.
push() {
  local builder
  builder="$(image_builder)"
  say "images: pushing $2"
  if [ "$builder" = buildah ]; then
    run_buildah push --quiet "$(run_buildah pull --quiet "docker-archive:$1")" "docker://$2" >/dev/null
  else
    "$builder" load -q -i "$1" >/dev/null
    "$builder" push -q "$2" >/dev/null
  fi
}
