#!/usr/bin/env bash
# ctest.sh PRESET: configures, builds and runs the tests of one preset, and ends with ctest's summary.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
preset=${1:?usage: ctest.sh PRESET (dev, asan-ubsan, tsan, coverage, fuzz)}
mkdir -p build
cmake --preset "$preset" >"build/$preset-configure.log" 2>&1 || { cat "build/$preset-configure.log" >&2; exit 3; }
cmake --build "build/$preset" -j "$(nproc)" --target check_programs
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_stack_use_after_return=1:strict_string_checks=1}"
export LSAN_OPTIONS="${LSAN_OPTIONS:-suppressions=$PWD/tests/lsan.supp:print_suppressions=0}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"
# The distribution's gRPC, Abseil and cpprestsdk are not instrumented: what they do inside themselves cannot be judged.
export TSAN_OPTIONS="${TSAN_OPTIONS:-suppressions=$PWD/tests/tsan.supp:ignore_noninstrumented_modules=1:report_thread_leaks=0:halt_on_error=1:second_deadlock_stack=1}"
# A second try is for a machine that stood still at the wrong moment; both outcomes are in the log.
ctest --test-dir "build/$preset" -j "$(nproc)" --output-on-failure --no-tests=error --repeat until-pass:2
