# Functions that the scripts share. Source it; it runs nothing by itself.
# shellcheck shell=bash

OTLPIPE_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
OTLPIPE_CACHE="${OTLPIPE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/otlpipe}"
OTLPIPE_VERSION="$(cat "$OTLPIPE_ROOT/VERSION")"
# Scripts started by other scripts go on counting from the first one's start.
OTLPIPE_STARTED="${OTLPIPE_STARTED:-$(date +%s)}"
export OTLPIPE_ROOT OTLPIPE_CACHE OTLPIPE_VERSION OTLPIPE_STARTED

say() {
  local s=$(($(date +%s) - OTLPIPE_STARTED))
  printf '[%3d:%02d] %s\n' $((s / 60)) $((s % 60)) "$*"
}

die() {
  printf '%s: error: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

need_root() {
  [ "$(id -u)" = 0 ] || die "$1 needs root: run it with sudo"
}

need_command() {
  local name
  for name in "$@"; do
    command -v "$name" >/dev/null || die "$name is not installed; scripts/install.sh installs what is needed"
  done
}

# try_for SECONDS COMMAND…: repeats the command until it succeeds; 1 when the time is up.
try_for() {
  local end=$(($(date +%s) + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$(date +%s)" -lt "$end" ] || return 1
    sleep 0.2
  done
}

# digest FILE…: twelve hex digits that change when any of the files does.
digest() {
  cat -- "$@" | sha256sum | cut -c1-12
}

# locked FILE COMMAND…: runs the command while holding the lock, so that two builds of one thing do not meet.
locked() {
  local file=$1
  shift
  mkdir -p "$(dirname "$file")"
  (
    exec 9>"$file"
    flock 9
    "$@" 9>&-
  )
}
