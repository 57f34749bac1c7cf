#!/usr/bin/env bash
# Loads built images into the one-node cluster. usage: load.sh NAME…
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=e2e/tools/lib.sh
source "$OTLPIPE_ROOT/e2e/tools/lib.sh"
# shellcheck source=e2e/images/lib.sh
source "$OTLPIPE_ROOT/e2e/images/lib.sh"
# shellcheck source=e2e/cluster/lib.sh
source "$OTLPIPE_ROOT/e2e/cluster/lib.sh"

need_root "loading images"
node_pid >/dev/null || die "the cluster is not up"
mkdir -p "$CLUSTER_DIR/images"
for name in "$@"; do
  archive="$(image_archive "$name")"
  [ -e "$archive" ] || die "the image $name is not built; e2e/images/build.sh $name builds it"
  # What an archive of the cache holds follows from its name; the project's own have always the same name.
  stamp="$archive $(stat -c %Y.%s "$archive")"
  if [ "$(cat "$CLUSTER_DIR/images/$name" 2>/dev/null)" = "$stamp" ]; then continue; fi
  try_for 30 in_node ctr version || die "containerd does not answer; see $CLUSTER_DIR/var/log/node/containerd.log"
  in_node ctr -n k8s.io images import - <"$archive" >/dev/null
  in_node ctr -n k8s.io images ls -q | grep -xF "$(image_name "$name")" >/dev/null || die "containerd does not list $(image_name "$name")"
  echo "$stamp" >"$CLUSTER_DIR/images/$name"
  say "images: loaded $(image_name "$name")"
done
