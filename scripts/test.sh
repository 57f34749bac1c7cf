#!/usr/bin/env bash
# Every check of the project, stage after stage, with the time each took. A stage that fails does not stop the others, so that
# one run tells everything. Ends with one line: "N passed, N failed".
# OTLPIPE_STAGES="lint fuzz" runs only those.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 3
mkdir -p build/test
stages=${OTLPIPE_STAGES:-lint tools asan-ubsan tsan fuzz tidy build e2e}
passed=0
failed=0
started=$SECONDS
failures=()

# count LOG STATUS: adds what the log's own closing line counts; a stage without one counts as one check.
count() {
  local log=$1 status=$2 ok=0 bad=0 total line
  if line=$(grep -E '^[0-9]+% tests passed, [0-9]+ tests failed out of [0-9]+' "$log" | tail -n 1) && [[ -n $line ]]; then
    bad=$(sed -E 's/.*passed, ([0-9]+) tests.*/\1/' <<<"$line")
    total=$(sed -E 's/.*out of ([0-9]+).*/\1/' <<<"$line")
    ok=$((total - bad))
  elif line=$(grep -E '^([a-z0-9-]+: )?[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1) && [[ -n $line ]]; then
    ok=$(sed -E 's/(.*: )?([0-9]+) passed.*/\2/' <<<"$line")
    bad=$(sed -E 's/.*passed, ([0-9]+) failed.*/\1/' <<<"$line")
  elif ok=$(grep -c '^ok  ' "$log") && ((ok > 0)); then
    bad=$(grep -c '^FAIL' "$log")
  elif ((status == 0)); then
    ok=1
  fi
  if ((status != 0 && bad == 0)); then bad=1; fi
  passed=$((passed + ok))
  failed=$((failed + bad))
}

run() {
  local name=$1
  shift
  local log=build/test/$name.log begin=$SECONDS status
  echo "== $name"
  "$@" 2>&1 | tee "$log" | grep --line-buffered -vE '^\[[0-9]+/[0-9]+\] (Building|Linking|Generating|Running|Copying)|^ *Start +[0-9]+:|^ *[0-9]+/[0-9]+ Test +#.* Passed '
  status=${PIPESTATUS[0]}
  count "$log" "$status"
  if ((status != 0)); then failures+=("$name (build/test/$name.log)"); fi
  printf '== %s: %s after %d:%02d, %d:%02d in all\n' "$name" "$( ((status == 0)) && echo passed || echo "FAILED")" \
    $(((SECONDS - begin) / 60)) $(((SECONDS - begin) % 60)) $(((SECONDS - started) / 60)) $(((SECONDS - started) % 60))
}

for stage in $stages; do
  case $stage in
    lint) run lint scripts/lint.sh ;;
    tools) run tools e2e/tools/build.sh ;;
    dev | asan-ubsan | tsan | fuzz | coverage) run "$stage" scripts/ctest.sh "$stage" ;;
    tidy) run tidy scripts/tidy.py ;;
    build) run build scripts/build.sh ;;
    e2e) run e2e e2e/run.sh ;;
    *) echo "test.sh: unknown stage \"$stage\"; known are lint, tools, dev, asan-ubsan, tsan, fuzz, coverage, tidy, build, e2e" >&2; exit 2 ;;
  esac
done

for failure in "${failures[@]}"; do echo "failed: $failure"; done
echo "$passed passed, $failed failed"
exit $((failed > 0))
