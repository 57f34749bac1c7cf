#!/usr/bin/env bash
# Runs a command, or a shell, inside the node.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=e2e/cluster/lib.sh
source "$OTLPIPE_ROOT/e2e/cluster/lib.sh"

need_root "entering the node"
node_pid >/dev/null || die "the cluster is not up"
if [ $# = 0 ]; then set -- bash; fi
in_node "$@"
