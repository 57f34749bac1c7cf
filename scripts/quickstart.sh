#!/usr/bin/env bash
# From a clone to a running pipeline with real telemetry through it, on a one-node Kubernetes of its own or on the cluster
# that KUBECONFIG names. Ends with a summary; fails when a single record is missing. scripts/quickstart-down.sh undoes it.
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

namespace=observability
records=10000
signals=(traces metrics logs)

k() {
  "$KUBECTL" -n "$namespace" "$@"
}

# counted SIGNAL: how many records of it the Collector has taken in since it started.
counted() {
  local word
  case $1 in traces) word=spans ;; metrics) word=metric_points ;; logs) word=log_records ;; esac
  k get --raw "/api/v1/namespaces/$namespace/services/collector:metrics/proxy/metrics" |
    awk -v name="^otelcol_receiver_accepted_${word}(_total)?[{]" '$0 ~ name {sum += $2} END {printf "%d\n", sum}'
}

deploy_pipeline() {
  say "pipeline: applying docs/examples/backend.yaml and docs/examples/gateway.yaml"
  sed "s|image: otel/.*|image: $(part_image collector)|" docs/examples/backend.yaml | k apply --server-side --force-conflicts -f - >/dev/null
  k rollout status deployment/collector --timeout=120s >/dev/null || {
    k get pods,events >&2
    die "the Collector did not become ready"
  }
  # Replaced as a whole: an apply would leave in its lists what somebody has added.
  if [ -n "$(k get otlppipeline gateway --ignore-not-found -o name)" ]; then
    k replace --save-config -f docs/examples/gateway.yaml >/dev/null
  else
    k create --save-config -f docs/examples/gateway.yaml >/dev/null
  fi
  # Workers of an earlier build would go on under the same name of their image.
  if k get deployment gateway >/dev/null 2>&1; then
    k patch deployment gateway --type=merge -p \
      "{\"spec\":{\"template\":{\"metadata\":{\"annotations\":{\"otlpipe.io/build\":\"$(operator_build)\"}}}}}" >/dev/null
    k rollout status deployment/gateway --timeout=120s >/dev/null || true
  fi
  if ! k wait --for=condition=Ready otlppipeline/gateway --timeout=120s >/dev/null; then
    k get otlppipeline gateway -o yaml >&2
    k get pods,events >&2
    die "the pipeline did not become Ready"
  fi
  say "pipeline: Ready, $(k get otlppipeline gateway -o jsonpath='{.status.readyReplicas}') workers"
}

# telemetrygen's processor of spans drops what its queue cannot hold, so the queue is made to hold all.
job() {
  local arguments
  # Two pods, so that both workers get connections.
  case $1 in
    traces) arguments="--traces=$((records / 2 / 5 / 2)), --child-spans=1" ;;
    *) arguments="--$1=$((records / 2 / 5))" ;;
  esac
  cat <<END
apiVersion: batch/v1
kind: Job
metadata: {name: telemetrygen-$1, labels: {app.kubernetes.io/name: telemetrygen}}
spec:
  completions: 2
  parallelism: 2
  backoffLimit: 0
  template:
    metadata: {labels: {app.kubernetes.io/name: telemetrygen}}
    spec:
      restartPolicy: Never
      containers:
        - name: telemetrygen
          image: $(part_image telemetrygen)
          imagePullPolicy: IfNotPresent
          args: [$1, --otlp-endpoint=gateway.$namespace.svc:4317, --otlp-insecure, --workers=5, --rate=0, $arguments]
          env: [{name: OTEL_BSP_MAX_QUEUE_SIZE, value: "20000"}]
          securityContext:
            allowPrivilegeEscalation: false
            capabilities: {drop: [ALL]}
            readOnlyRootFilesystem: true
            runAsNonRoot: true
            runAsUser: 65532
            seccompProfile: {type: RuntimeDefault}
---
END
}

finished() {
  local ended
  ended="$(k get jobs -l app.kubernetes.io/name=telemetrygen -o json |
    jq '[.items[] | select(any(.status.conditions[]?; .type == "Complete" or .type == "Failed"))] | length')"
  [ "$ended" = "${#signals[@]}" ]
}

send_telemetry() {
  local signal
  say "telemetry: sending $records spans, $records metric points and $records log records through the Service"
  k delete job --ignore-not-found --wait=true "${signals[@]/#/telemetrygen-}" >/dev/null
  for signal in "${signals[@]}"; do
    before[$signal]="$(counted "$signal")"
    job "$signal"
  done >"$work/jobs.yaml"
  k apply -f "$work/jobs.yaml" >/dev/null
  try_for 120 finished || die "telemetrygen did not finish; see kubectl -n $namespace logs -l app.kubernetes.io/name=telemetrygen"
}

all_arrived() {
  local signal all=0
  for signal in "${signals[@]}"; do
    arrived[$signal]=$(($(counted "$signal") - ${before[$signal]}))
    [ "${arrived[$signal]}" -ge "$records" ] || all=1
  done
  return $all
}

# The status follows the workers' counters within seconds.
status_followed() {
  [ "$(k get otlppipeline gateway -o jsonpath='{.status.flow.received}')" -ge $((3 * records)) ]
}

summary() {
  local signal
  echo
  k get otlppipeline gateway
  echo
  k get otlppipeline gateway -o json | jq -r '.status.conditions[] | "  \(.type)=\(.status)  \(.reason): \(.message)"'
  echo
  for signal in "${signals[@]}"; do
    printf '  %-8s %6d to be sent, %6d counted at the Collector\n' "$signal" "$records" "${arrived[$signal]}"
  done
  cat <<END

What to try next:
  export KUBECONFIG=$KUBECONFIG PATH=$(dirname "$KUBECTL"):\$PATH
  $KUBECTL explain otlppipeline.spec.exporters.otlpGrpc.queue
  $KUBECTL -n $namespace get otlpp gateway -o yaml
  $KUBECTL -n $namespace scale otlpp gateway --replicas=3
  $KUBECTL -n $namespace edit otlpp gateway       # a changed batch timeout applies within a second, without a restart
  build/bin/otlpipe status gateway -n $namespace
  make quickstart-down
END
}

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
declare -A before arrived

scripts/install.sh
if ! foreign_cluster; then need_root "make quickstart"; fi
say "building otlpipe"
scripts/build.sh
if ! foreign_cluster; then e2e/tools/build.sh; fi
use_cluster
provide_images operator worker collector telemetrygen
install_operator
deploy_pipeline
send_telemetry
try_for 15 all_arrived || true
all_arrived || true
try_for 12 status_followed || true
summary
for signal in "${signals[@]}"; do
  [ "${arrived[$signal]}" = "$records" ] || die "$signal: $records were to be sent, ${arrived[$signal]} counted at the Collector; see build/bin/otlpipe status gateway -n $namespace and $KUBECTL -n $namespace logs -l app.kubernetes.io/name=telemetrygen"
done
say "done: every record arrived"
