#!/usr/bin/env bash
# bench.sh run [OPTIONS OF run.py] [SCENARIO…]: measures build/bin/otlpipe-worker beside the Collector (tests/bench/run.py).
# bench.sh check [--update] [--tolerance PERCENT]: counts the instructions of the hot path (tests/bench/hot/check.py).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh
# shellcheck source=e2e/tools/lib.sh
source e2e/tools/lib.sh

build_tools() {
  mkdir -p build
  cmake --preset bench >build/bench-configure.log 2>&1 || { cat build/bench-configure.log >&2; exit 3; }
  cmake --build build/bench -j "$(nproc)" --target "$@"
}

# Only the check needs it, so that what `make test` installs stays small.
need_valgrind() {
  command -v valgrind >/dev/null && return
  need_root "installing valgrind"
  say "bench: installing valgrind"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends valgrind >/dev/null
}

verb=${1:-run}
[ $# -eq 0 ] || shift
case $verb in
  run)
    [ -x build/bin/otlpipe-worker ] || die "build/bin/otlpipe-worker is not there; make build makes it"
    build_tools otlp_blast otlp_sink
    collector="$(tool otelcol)"
    exec python3 tests/bench/run.py --worker build/bin/otlpipe-worker --collector "$collector" --tools build/bench/bin "$@"
    ;;
  check)
    need_valgrind
    build_tools hot_bench
    exec python3 tests/bench/hot/check.py build/bench/bin/hot_bench "$@"
    ;;
  *) die "unknown verb \"$verb\"; known are run and check" ;;
esac
