#!/usr/bin/env bash
# Formatting, shell scripts, Python syntax and the layering of includes. Prints one line a check.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 3
failed=0
check() {
  local name=$1
  shift
  local out
  if out=$("$@" 2>&1); then
    echo "ok   lint: $name"
  else
    printf 'FAIL lint: %s\n%s\n' "$name" "$out"
    failed=$((failed + 1))
  fi
}
mapfile -t cxx < <(git ls-files '*.h' '*.cc' '*.proto')
mapfile -t shell < <(git ls-files '*.sh' .ci/run)
mapfile -t python < <(git ls-files '*.py')
# SC2317 takes functions that a trap calls for unreachable.
check "clang-format" clang-format-19 --dry-run --Werror "${cxx[@]}"
check "shellcheck" shellcheck -x -e SC2317 "${shell[@]}"
check "python syntax" python3 -c 'import ast,sys; [ast.parse(open(f).read(), f) for f in sys.argv[1:]]' "${python[@]}"
check "includes" python3 tests/architecture/includes_test.py
check "tree" python3 tests/architecture/tree_test.py
exit $((failed > 0))
