#!/usr/bin/env bash
# Installs the Debian packages that the build and the tests need. Asks apt only when one is missing, so that a second run
# takes no time and works without a network.
set -euo pipefail

build_packages=(
  g++ cmake ninja-build make git pkg-config ccache mold
  libcpprest-dev libgrpc++-dev libgrpc-dev libprotobuf-dev libprotoc-dev protobuf-compiler protobuf-compiler-grpc
  libre2-dev libyaml-cpp-dev libssl-dev prometheus-cpp-dev libgtest-dev libgmock-dev libnghttp2-dev libboost-dev libboost-system-dev
  libmimalloc-dev libisal-dev libdeflate-dev libzstd-dev libbrotli-dev zlib1g-dev nlohmann-json3-dev libcli11-dev libexpected-dev
)
check_packages=(clang-19 clang-tidy-19 clang-format-19 libclang-rt-19-dev llvm-19 shellcheck python3 python3-venv curl jq openssl)
cluster_packages=(
  containerd runc buildah mmdebstrap containernetworking-plugins iptables conntrack iproute2 kmod procps socat ca-certificates
  golang-go
)

missing=()
for package in "${build_packages[@]}" "${check_packages[@]}" "${cluster_packages[@]}"; do
  # A Go that is already on the PATH does as well as the distribution's.
  if [[ $package == golang-go ]] && command -v go >/dev/null; then continue; fi
  if [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null) != ii* ]]; then missing+=("$package"); fi
done
if ((${#missing[@]} == 0)); then exit 0; fi

as_root=()
if ((EUID != 0)); then
  if ! command -v sudo >/dev/null; then
    echo "install: run this as root, or install: ${missing[*]}" >&2
    exit 3
  fi
  as_root=(sudo)
fi
echo "install: ${#missing[@]} Debian packages: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
echo "install: done"
