#!/usr/bin/env bash
# Builds the release binaries into build/bin/, with ninja's own progress.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mkdir -p build
echo "build: configuring (build/release-configure.log)"
cmake --preset release >build/release-configure.log 2>&1 || { cat build/release-configure.log >&2; exit 3; }
cmake --build build/release -j "$(nproc)"
mkdir -p build/bin
for binary in otlpipe otlpipe-worker otlpipe-operator; do
  # A new file rather than a changed one: the old one may be running.
  cp --remove-destination "build/release/bin/$binary" "build/bin/$binary"
done
ln -sf otlpipe build/bin/kubectl-otlpipe  # what makes `kubectl otlpipe` work where build/bin is on the PATH
