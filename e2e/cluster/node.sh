#!/usr/bin/env bash
# Process 1 of the node: prepares its namespaces, starts the parts of Kubernetes and restarts those that end.
# up.sh starts it in fresh namespaces; it is not for use by hand. usage: node.sh STATE_FOLDER TOOLS_FOLDER
set -euo pipefail
state=$1 tools=$2
# shellcheck source=/dev/null
source "$state/settings.sh"
: "${node_name:?}" "${host_address:?}" "${node_address:?}" "${services:?}" "${cgroup_version:?}"
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# Values that the kubelet wants and would otherwise write to the kernel that the host shares.
cover_sysctl() {
  [ -e "/proc/sys/$1" ] || return 0
  local file="/run/sysctl/${1//\//.}"
  echo "$2" >"$file"
  mount --bind "$file" "/proc/sys/$1"
}

prepare_mounts() {
  mount --make-rprivate /
  mount --make-shared /
  mount -t proc proc /proc
  if [ "$cgroup_version" = 2 ]; then
    umount -R /sys/fs/cgroup
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
    local controller
    read -ra controllers </sys/fs/cgroup/cgroup.controllers
    for controller in "${controllers[@]}"; do
      echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control || echo "cgroup controller $controller cannot be enabled"
    done
  fi
  mount --bind "$tools" "$state/var/lib/node/bin"
  mount --rbind "$state/var/log" /var/log
  mount --rbind "$state/var/lib" /var/lib
  mount -t tmpfs -o mode=755 tmpfs /run
  mkdir -p /run/sysctl /run/lock
  cover_sysctl vm/overcommit_memory 1
  cover_sysctl vm/panic_on_oom 0
  cover_sysctl kernel/panic 10
  cover_sysctl kernel/panic_on_oops 1
  cover_sysctl kernel/keys/root_maxkeys 1000000
  cover_sysctl kernel/keys/root_maxbytes 25000000
}

# The host's number of this process, and when it started: /proc is still the host's here.
record_identity() {
  local stat
  read -r stat </proc/self/stat
  readlink "/proc/${stat%% *}/ns/pid" >"$state/pid-namespace"
  echo "${stat%% *} $(awk '{print $20}' <<<"${stat##*) }") $(cat /proc/sys/kernel/random/boot_id)" >"$state/init"
}

prepare_network() {
  ip link set lo up
  # up.sh moves our end of the pair in, as the last thing it does before the parts may start.
  for _ in $(seq 400); do
    if ip link show eth0 >/dev/null 2>&1; then break; fi
    sleep 0.05
  done
  ip address add "$node_address/30" dev eth0
  ip link set eth0 up
  ip route add default via "$host_address"
  echo 1 >/proc/sys/net/ipv4/ip_forward
}

# part NAME COMMAND…
part() {
  local name=$1
  shift
  (
    while :; do
      echo "--- start $(date -Is)"
      "$@" || echo "--- ended with $?"
      sleep 1
    done >>"/var/log/node/$name.log" 2>&1 </dev/null
  ) &
}

start_parts() {
  local bin=/var/lib/node/bin pki=/var/lib/node/pki
  part containerd containerd --config /var/lib/node/containerd.toml
  part etcd $bin/etcd --name node --data-dir /var/lib/etcd --unsafe-no-fsync --log-level warn \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380
  part kube-apiserver $bin/kube-apiserver --advertise-address="$node_address" --etcd-servers=http://127.0.0.1:2379 \
    --service-cluster-ip-range="$services" --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction \
    --allow-privileged=true --enable-aggregator-routing=true --kubelet-preferred-address-types=InternalIP \
    --client-ca-file=$pki/ca.crt --tls-cert-file=$pki/apiserver.crt --tls-private-key-file=$pki/apiserver.key \
    --kubelet-client-certificate=$pki/apiserver-kubelet.crt --kubelet-client-key=$pki/apiserver-kubelet.key \
    --service-account-issuer=https://kubernetes.default.svc.cluster.local \
    --service-account-key-file=$pki/service-account.pub --service-account-signing-key-file=$pki/service-account.key \
    --requestheader-client-ca-file=$pki/front-proxy-ca.crt --requestheader-allowed-names=front-proxy \
    --requestheader-username-headers=X-Remote-User --requestheader-group-headers=X-Remote-Group \
    --requestheader-extra-headers-prefix=X-Remote-Extra- \
    --proxy-client-cert-file=$pki/front-proxy.crt --proxy-client-key-file=$pki/front-proxy.key
  part kube-controller-manager $bin/kube-controller-manager --kubeconfig=$pki/controller-manager.kubeconfig \
    --leader-elect=false --root-ca-file=$pki/ca.crt --service-account-private-key-file=$pki/service-account.key \
    --use-service-account-credentials --horizontal-pod-autoscaler-sync-period=5s \
    --horizontal-pod-autoscaler-initial-readiness-delay=5s
  part kube-scheduler $bin/kube-scheduler --kubeconfig=$pki/scheduler.kubeconfig --leader-elect=false
  part kubelet $bin/kubelet --config=/var/lib/node/kubelet.yaml --kubeconfig=$pki/kubelet.kubeconfig \
    --hostname-override="$node_name" --node-ip="$node_address" --cert-dir=/var/lib/kubelet/pki
  part kube-proxy $bin/kube-proxy --config=/var/lib/node/kube-proxy.yaml
}

record_identity
hostname "$node_name"
prepare_network
prepare_mounts
start_parts
# Process 1 must not end, and bash reaps what is left to it.
sleep infinity &
while :; do wait || true; done
