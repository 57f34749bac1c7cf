#!/usr/bin/env bash
# Ends the one-node Kubernetes, removes what outlives its namespaces, and checks that nothing is left.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=e2e/cluster/lib.sh
source "$OTLPIPE_ROOT/e2e/cluster/lib.sh"

# What up.sh recorded in settings.sh.
link='' cgroup='' network='' chains_before=0 controllers_before=''

in_namespace() {
  local entry
  for entry in /proc/[0-9]*/ns/pid; do
    if [ "$(readlink "$entry" 2>/dev/null)" = "$1" ]; then echo "$entry"; fi
  done
}

# The number of a namespace is used again after a reboot, so an old one's is not looked at.
end_node() {
  local pid namespace
  pid="$(node_pid)" || return 0
  namespace="$(cat "$CLUSTER_DIR/pid-namespace")"
  kill -KILL "$pid"
  for _ in $(seq 200); do
    [ -n "$(in_namespace "$namespace")" ] || return 0
    sleep 0.1
  done
}

remove_link() {
  if ip link show "$link" >/dev/null 2>&1; then ip link delete "$link"; fi
}

remove_cgroups() {
  local folder controller
  while read -r folder; do
    [ -d "$folder" ] || continue
    for _ in $(seq 50); do
      find "$folder" -depth -type d -exec rmdir {} + 2>/dev/null || true
      [ -d "$folder" ] || break
      sleep 0.1
    done
  done < <(cgroup_folders "$cgroup")
  # Somebody else may use by now what was switched on for the node; then it stays on.
  for controller in $(host_controllers); do
    if [[ " $controllers_before " != *" $controller "* ]]; then
      echo "-$controller" >/sys/fs/cgroup/cgroup.subtree_control 2>/dev/null || true
    fi
  done
}

left_over() {
  local folder namespace
  namespace="$(cat "$CLUSTER_DIR/pid-namespace" 2>/dev/null || true)"
  if [ -n "$was_running" ]; then in_namespace "$namespace" | sed 's/^/process: /'; fi
  grep -F " $CLUSTER_DIR" /proc/self/mounts | sed 's/^/mount: /' || true
  ip -o link show "$link" 2>/dev/null | sed 's/^/interface: /' || true
  ip -4 route show "$network" | sed 's/^/route: /'
  while read -r folder; do
    if [ -d "$folder" ]; then echo "cgroup: $folder"; fi
  done < <(cgroup_folders "$cgroup")
  if [ "$(host_chains)" -gt "$chains_before" ]; then echo "iptables chains: $(host_chains), and $chains_before before"; fi
}

need_root "make cluster-down"
if [ ! -e "$CLUSTER_MARK" ]; then
  say "cluster: is down"
  exit
fi
was_running="$(node_pid || true)"
if [ -e "$CLUSTER_DIR/settings.sh" ]; then
  # shellcheck source=/dev/null
  source "$CLUSTER_DIR/settings.sh"
  end_node
  remove_link
  remove_cgroups
  left="$(left_over)"
  [ -z "$left" ] || die "the cluster left something behind:"$'\n'"$left"
fi
# An earlier run's mounts must be gone before anything is deleted below them.
if grep -qF " $CLUSTER_DIR" /proc/self/mounts; then die "something is mounted below $CLUSTER_DIR"; fi
rm -rf "$CLUSTER_DIR"
say "cluster: is down, nothing is left"
