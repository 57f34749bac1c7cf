#!/usr/bin/env bash
# Runs the end-to-end scenarios, or the named ones, against a one-node cluster that it starts and ends, or the one that is
# up, or the one that KUBECONFIG names. usage: run.sh [SCENARIO…]
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

# The quickest and most telling first.
all=(run-local gateway reload rejected-config rollout outage delete operator-restart scale)
if [ $# = 0 ]; then set -- "${all[@]}"; fi
for name in "$@"; do
  [ -e "e2e/scenarios/$name/scenario.py" ] || die "there is no scenario $name; there are: ${all[*]}"
done

only_local() {
  local name
  for name in "$@"; do
    [ "$name" = run-local ] || return 1
  done
}

binaries=(build/bin/otlpipe build/bin/otlpipe-worker build/bin/otlpipe-operator)
for binary in "${binaries[@]}"; do
  if [ ! -x "$binary" ]; then
    say "building otlpipe"
    scripts/build.sh
    break
  fi
done

cleanup() {
  if [ -n "${started:-}" ] && [ -z "${OTLPIPE_KEEP_CLUSTER:-}" ]; then e2e/cluster/down.sh; fi
}
trap cleanup EXIT

e2e/tools/build.sh collector
E2E_OTELCOL="$(tool otelcol)"
export E2E_OTELCOL
if ! only_local "$@"; then
  e2e/tools/build.sh
  if ! foreign_cluster && ! node_pid >/dev/null; then started=1; fi
  use_cluster
  provide_images operator worker collector telemetrygen
  install_operator
  E2E_IMAGE_COLLECTOR="$(part_image collector)"
  E2E_IMAGE_TELEMETRYGEN="$(part_image telemetrygen)"
  export E2E_IMAGE_COLLECTOR E2E_IMAGE_TELEMETRYGEN
fi
status=0
python3 e2e/lib/run_scenarios.py "$@" || status=$?
exit "$status"
