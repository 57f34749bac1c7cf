#!/usr/bin/env bash
# Undoes quickstart: ends the one-node cluster, or removes what quickstart put into the cluster that KUBECONFIG names.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh
# shellcheck source=e2e/tools/lib.sh
source e2e/tools/lib.sh
# shellcheck source=e2e/images/lib.sh
source e2e/images/lib.sh
# shellcheck source=e2e/cluster/lib.sh
source e2e/cluster/lib.sh
# shellcheck source=e2e/lib/deploy.sh
source e2e/lib/deploy.sh

if ! foreign_cluster; then
  exec e2e/cluster/down.sh
fi
use_cluster
say "removing the pipeline, the backend and the operator"
"$KUBECTL" delete --ignore-not-found -f docs/examples/gateway.yaml >/dev/null 2>&1 || true
"$KUBECTL" delete --ignore-not-found -f docs/examples/backend.yaml >/dev/null
operator_objects | "$KUBECTL" delete --ignore-not-found -f - >/dev/null
say "done"
