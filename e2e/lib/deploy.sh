# Chooses a cluster, brings the images to it and installs the operator. Source it after scripts/lib.sh, e2e/tools/lib.sh,
# e2e/images/lib.sh and e2e/cluster/lib.sh.
# shellcheck shell=bash

OPERATOR_NAMESPACE=otlpipe-system

# foreign_cluster: whether the user named a cluster; else the one-node cluster of this tree is used.
foreign_cluster() {
  [ -n "${KUBECONFIG:-}" ] && [ "$(realpath -m "$KUBECONFIG")" != "$CLUSTER_DIR/kubeconfig" ]
}

use_cluster() {
  if foreign_cluster; then
    KUBECTL="$(command -v kubectl || true)"
    if [ -z "$KUBECTL" ]; then
      "$OTLPIPE_ROOT/e2e/tools/build.sh" kubectl
      KUBECTL="$(tool kubectl)"
    fi
    "$KUBECTL" get --raw /readyz >/dev/null || die "the cluster that KUBECONFIG ($KUBECONFIG) names does not answer"
    say "cluster: using the one that KUBECONFIG names"
  else
    "$OTLPIPE_ROOT/e2e/cluster/up.sh"
    export KUBECONFIG="$CLUSTER_DIR/kubeconfig"
    KUBECTL="$CLUSTER_DIR/kubectl"
  fi
  export KUBECTL
}

# provide_images NAME…: builds them and brings them where the cluster finds them.
provide_images() {
  if foreign_cluster && [ -z "${OTLPIPE_REGISTRY:-}" ]; then
    say "images: the cluster has to find $(image_name operator) and $(image_name worker) by itself;" \
      "make images makes archives of them in build/images to load, or set OTLPIPE_REGISTRY=host/path to push them"
    return
  fi
  "$OTLPIPE_ROOT/e2e/images/build.sh" "$@"
  if ! foreign_cluster; then "$OTLPIPE_ROOT/e2e/images/load.sh" "$@"; fi
}

# part_image NAME: what a foreign cluster can pull, or what was brought to it.
part_image() {
  if foreign_cluster && [ -z "${OTLPIPE_REGISTRY:-}" ]; then
    case $1 in
      collector) echo "otel/opentelemetry-collector-contrib:0.161.0" ;;
      telemetrygen) echo "ghcr.io/open-telemetry/opentelemetry-collector-contrib/telemetrygen:v0.161.0" ;;
    esac
  else
    image_name "$1"
  fi
}

# What tells one build of the operator from another of the same version.
operator_build() {
  cat "$OTLPIPE_ROOT/build/images/operator.tar.stamp" "$OTLPIPE_ROOT/build/images/worker.tar.stamp" 2>/dev/null | sha256sum | cut -c1-12
}

operator_objects() {
  "$KUBECTL" kustomize "$OTLPIPE_ROOT/manifests/overlays/default" |
    sed "s|ghcr.io/otlpipe/otlpipe-\([a-z]*\):[^\"' ]*|$IMAGE_PREFIX/otlpipe-\1:$OTLPIPE_VERSION|"
}

install_operator() {
  operator_objects | "$KUBECTL" apply --server-side --force-conflicts -f - >/dev/null
  "$KUBECTL" wait --for=condition=Established crd/otlppipelines.otlpipe.io --timeout=30s >/dev/null
  # A new build under the same name has to replace the one that runs.
  "$KUBECTL" -n "$OPERATOR_NAMESPACE" patch deployment otlpipe-operator --type=merge -p \
    "{\"spec\":{\"template\":{\"metadata\":{\"annotations\":{\"otlpipe.io/build\":\"$(operator_build)\"}}}}}" >/dev/null
  if ! "$KUBECTL" -n "$OPERATOR_NAMESPACE" rollout status deployment/otlpipe-operator --timeout=120s >/dev/null; then
    "$KUBECTL" -n "$OPERATOR_NAMESPACE" get pods,events >&2 || true
    "$KUBECTL" -n "$OPERATOR_NAMESPACE" logs deployment/otlpipe-operator --tail=50 >&2 || true
    die "the operator did not become ready"
  fi
  say "operator: ready"
}
