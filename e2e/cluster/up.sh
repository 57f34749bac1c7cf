#!/usr/bin/env bash
# Starts the one-node Kubernetes, or says that it is up. See README.md.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=e2e/tools/lib.sh
source "$OTLPIPE_ROOT/e2e/tools/lib.sh"
# shellcheck source=e2e/cluster/lib.sh
source "$OTLPIPE_ROOT/e2e/cluster/lib.sh"
here="$OTLPIPE_ROOT/e2e/cluster"
node_name=otlpipe-node

new_state_folder() {
  if [ -d "$CLUSTER_DIR" ]; then
    [ -e "$CLUSTER_MARK" ] || [ -z "$(ls -A "$CLUSTER_DIR")" ] || die "$CLUSTER_DIR is not a cluster's folder: set OTLPIPE_CLUSTER_DIR to another"
    say "cluster: clearing away one that has ended"
    "$here/down.sh" >/dev/null
  fi
  mkdir -p "$CLUSTER_DIR"
  touch "$CLUSTER_MARK"
  mkdir -p "$CLUSTER_DIR"/var/log/node "$CLUSTER_DIR"/var/lib/{containerd,etcd,kubelet,cni,node/{bin,pki,cni}}
  chmod 700 "$CLUSTER_DIR"/var/lib/{etcd,node/pki}
}

choose_settings() {
  local n
  n="$(python3 "$here/subnet.py")" || die "no network for the cluster"
  pods="10.$n.0.0/17" services="10.$n.128.0/18" dns="10.$n.128.10" api_service="10.$n.128.1"
  host_address="10.$n.255.1" node_address="10.$n.255.2"
  link="otlpipe$n" cgroup="otlpipe-$n"
  cgroup_version=1 cgroup_root="/$cgroup" snapshotter=overlayfs
  if cgroup_v2; then cgroup_version=2 cgroup_root=/; fi
  case "$(stat -f -c %T "$CLUSTER_DIR")" in overlay*) snapshotter=native ;; esac
  cat >"$CLUSTER_DIR/settings.sh" <<END
node_name=$node_name
host_address=$host_address
node_address=$node_address
network=10.$n.0.0/16
pods=$pods
services=$services
dns=$dns
link=$link
cgroup=$cgroup
cgroup_version=$cgroup_version
chains_before=$(host_chains)
controllers_before="$(host_controllers)"
END
}

fill_config() {
  sed -e "s|@SNAPSHOTTER@|$snapshotter|" -e "s|@CGROUP_ROOT@|$cgroup_root|" -e "s|@DNS@|$dns|" -e "s|@PODS@|$pods|" \
    -e "s|@NODE@|$node_name|" "$1" >"$2"
}

write_config() {
  local node="$CLUSTER_DIR/var/lib/node" file
  for file in containerd.toml kubelet.yaml kube-proxy.yaml; do fill_config "$here/config/$file" "$node/$file"; done
  fill_config "$here/config/cni.conflist" "$node/cni/10-otlpipe.conflist"
  : >"$node/resolv.conf"
  "$here/pki.sh" "$node/pki" "$node_address" "$api_service" "$node_name"
  install -m 600 "$node/pki/admin.kubeconfig" "$CLUSTER_DIR/kubeconfig"
  ln -sf "$(tool kubectl)" "$CLUSTER_DIR/kubectl"
}

make_cgroups() {
  local folder
  while read -r folder; do
    case "$folder" in /sys/fs/cgroup/unified/*) continue ;; esac
    mkdir -p "$folder"
    # Under version 1 a new group has no processors and no memory nodes until it is told.
    for file in cpuset.mems cpuset.cpus; do
      if [ -e "$folder/$file" ] && ! cgroup_v2; then cat "$folder/../$file" >"$folder/$file"; fi
    done
  done < <(cgroup_folders "$cgroup")
  if cgroup_v2; then
    for controller in cpuset cpu memory hugetlb pids; do
      echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control 2>/dev/null || true
    done
    mkdir -p "/sys/fs/cgroup/$cgroup/node"
  fi
}

start_node() {
  local flags=(--net --mount --pid --ipc --uts --fork --kill-child) outer pid
  if cgroup_v2; then flags+=(--cgroup); fi
  # shellcheck disable=SC2016 # the inner shell's own number is meant
  # The namespace of a cgroup begins where its first process is, so it joins before.
  CGROUP="$cgroup" setsid bash -c '
    if [ -e /sys/fs/cgroup/cgroup.controllers ]; then echo $$ >"/sys/fs/cgroup/$CGROUP/cgroup.procs"; fi
    exec unshare "$@"' - "${flags[@]}" \
    "$here/node.sh" "$CLUSTER_DIR" "$(tool_folder kubernetes)" \
    </dev/null >"$CLUSTER_DIR/var/log/node/init.log" 2>&1 &
  outer=$!
  disown
  try_for 10 node_pid || die "the node did not start: $(cat "$CLUSTER_DIR/var/log/node/init.log")"
  pid="$(node_pid)"
  if cgroup_v2; then
    echo "$outer" >"/sys/fs/cgroup/$cgroup/node/cgroup.procs"
    echo "$pid" >"/sys/fs/cgroup/$cgroup/node/cgroup.procs"
  fi
  ip link add "$link" type veth peer name eth0 netns "$pid"
  ip address add "$host_address/30" dev "$link"
  ip link set "$link" up
  ip route add "10.${link#otlpipe}.0.0/16" via "$node_address"
}

wait_until_ready() {
  try_for 240 cluster_kubectl get --raw /readyz || die "the API server did not come up; see $CLUSTER_DIR/var/log/node"
  say "cluster: the API server answers"
  "$OTLPIPE_ROOT/e2e/images/load.sh" pause coredns metrics-server
  try_for 120 cluster_kubectl get serviceaccount default -n default || die "no service account appeared; see $CLUSTER_DIR/var/log/node"
  for addon in "$here"/addons/*.yaml; do
    sed "s|@DNS@|$dns|" "$addon" | cluster_kubectl apply --server-side -f - >/dev/null
  done
  cluster_kubectl wait --for=condition=Ready "node/$node_name" --timeout=240s >/dev/null
  say "cluster: the node is ready"
  cluster_kubectl -n kube-system rollout status deployment/coredns deployment/metrics-server --timeout=240s >/dev/null
  cluster_kubectl wait --for=condition=Available apiservice/v1beta1.metrics.k8s.io --timeout=240s >/dev/null
  say "cluster: DNS and metrics work"
}

print_use() {
  printf 'export KUBECONFIG=%s/kubeconfig\n' "$CLUSTER_DIR"
}

need_root "make cluster-up"
if node_pid >/dev/null && [ -e "$CLUSTER_DIR/ready" ]; then
  say "cluster: is up"
  print_use
  exit
fi
need_command containerd runc ip iptables unshare nsenter openssl python3
"$OTLPIPE_ROOT/e2e/tools/build.sh" kubernetes coredns metrics-server
"$OTLPIPE_ROOT/e2e/images/build.sh" pause coredns metrics-server
say "cluster: starting Kubernetes"
new_state_folder
choose_settings
write_config
make_cgroups
start_node
wait_until_ready
touch "$CLUSTER_DIR/ready"
print_use
