#!/usr/bin/env bash
# Makes the certificates, keys and kubeconfigs of a new node. usage: pki.sh FOLDER API_ADDRESS SERVICE_ADDRESS NODE_NAME
set -euo pipefail
cd "$1"
api=$2 service=$3 node=$4

authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=$1" \
    -keyout "$1.key" -out "$1.crt" 2>/dev/null
}

# issue NAME AUTHORITY SUBJECT USAGE [SAN]
issue() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$3" -keyout "$1.key" -out "$1.csr" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA "$2.crt" -CAkey "$2.key" -set_serial "0x$(openssl rand -hex 8)" -days 3650 -out "$1.crt" \
    -extfile <(printf 'keyUsage=digitalSignature\nextendedKeyUsage=%s\n%s\n' "$4" "${5:+subjectAltName=$5}") 2>/dev/null
  rm "$1.csr"
}

kubeconfig() {
  cat >"$1.kubeconfig" <<END
apiVersion: v1
kind: Config
clusters: [{name: otlpipe, cluster: {server: "https://$api:6443", certificate-authority-data: $(base64 -w0 ca.crt)}}]
users: [{name: $1, user: {client-certificate-data: $(base64 -w0 "$1.crt"), client-key-data: $(base64 -w0 "$1.key")}}]
contexts: [{name: otlpipe, context: {cluster: otlpipe, user: $1}}]
current-context: otlpipe
END
}

umask 077
authority ca
authority front-proxy-ca
issue apiserver ca "/CN=kube-apiserver" serverAuth \
  "DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,DNS:localhost,IP:$api,IP:$service,IP:127.0.0.1"
issue apiserver-kubelet ca "/O=system:masters/CN=apiserver-kubelet" clientAuth
issue front-proxy front-proxy-ca "/CN=front-proxy" clientAuth
openssl ecparam -name prime256v1 -genkey -noout -out service-account.key
openssl ec -in service-account.key -pubout -out service-account.pub 2>/dev/null

issue admin ca "/O=system:masters/CN=admin" clientAuth
issue controller-manager ca "/CN=system:kube-controller-manager" clientAuth
issue scheduler ca "/CN=system:kube-scheduler" clientAuth
issue proxy ca "/CN=system:kube-proxy" clientAuth
issue kubelet ca "/O=system:nodes/CN=system:node:$node" clientAuth
for name in admin controller-manager scheduler proxy kubelet; do kubeconfig "$name"; done
