# What up, down and their helpers know about the node. Source it after scripts/lib.sh.
# shellcheck shell=bash

CLUSTER_DIR="$(realpath -m "${OTLPIPE_CLUSTER_DIR:-$OTLPIPE_ROOT/build/cluster}")"
CLUSTER_MARK="$CLUSTER_DIR/.otlpipe-cluster"
export CLUSTER_DIR CLUSTER_MARK

# identity PID: what tells a process from a later one of the same number, also across a reboot.
identity() {
  local stat
  [ -n "$1" ] && stat="$(cat "/proc/$1/stat" 2>/dev/null)" || return 1
  # The name in brackets may hold blanks; the start time is the 20th word after it.
  echo "$1 $(awk '{print $20}' <<<"${stat##*) }") $(cat /proc/sys/kernel/random/boot_id)"
}

# node_pid: the host's number of the node's process 1; fails when the node does not run.
node_pid() {
  local recorded pid
  recorded="$(cat "$CLUSTER_DIR/init" 2>/dev/null)" || return 1
  pid="${recorded%% *}"
  [ "$(identity "$pid")" = "$recorded" ] || return 1
  echo "$pid"
}

cgroup_v2() {
  [ -e /sys/fs/cgroup/cgroup.controllers ]
}

# cgroup_folders NAME: the node's folder in each hierarchy, whether or not it exists.
cgroup_folders() {
  if cgroup_v2; then
    echo "/sys/fs/cgroup/$1"
    return
  fi
  awk -v name="$1" '/ - cgroup2? / {print $5 "/" name}' /proc/self/mountinfo
}

# The controllers that the host's root group hands to its children, under version 2.
host_controllers() {
  cat /sys/fs/cgroup/cgroup.subtree_control 2>/dev/null || true
}

# The chains that Kubernetes and CNI plugins make, as far as the host has any: ours are in the node's namespace.
host_chains() {
  { iptables-save 2>/dev/null || true; } | grep -cE '^:(KUBE|CNI)-' || true
}

in_node() {
  nsenter --target "$(node_pid)" --mount --net --pid --ipc --uts "$@"
}

cluster_kubectl() {
  "$CLUSTER_DIR/kubectl" --kubeconfig "$CLUSTER_DIR/kubeconfig" "$@"
}
