#!/usr/bin/env python3
"""Counts the instructions of the hot path a record and compares them with baseline.json: the same on a busy machine as on a
quiet one. scripts/bench.sh check builds what it needs and calls it."""
import argparse
import json
import os
import re
import subprocess
import sys

BASELINE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "baseline.json")


def instructions_a_record(program, name):
    run = subprocess.run(
        ["valgrind", "--tool=callgrind", "--toggle-collect=hot_region", "--callgrind-out-file=/dev/null", program, name],
        capture_output=True, text=True, timeout=300, check=False)
    counted = re.search(r"Collected\s*:\s*(\d+)", run.stderr)
    if run.returncode or not counted or not int(counted.group(1)):
        raise RuntimeError(f"{name}: {run.stderr[-500:]}")
    return int(counted.group(1)) / int(run.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", help="hot_bench, built with the flags of a release")
    parser.add_argument("--tolerance", type=float, default=5.0, help="per cent, either way")
    parser.add_argument("--update", action="store_true", help="make what is counted now the baseline")
    options = parser.parse_args()
    names = subprocess.run([options.program], capture_output=True, text=True, check=True, timeout=60).stdout.split()
    baseline = {}
    if os.path.exists(BASELINE):
        with open(BASELINE, encoding="utf-8") as file:
            baseline = json.load(file)
    counted, bad = {}, 0
    print(f"{'instructions a record':<22} {'now':>10} {'baseline':>10} {'change':>8}")
    for name in names:
        now = counted[name] = round(instructions_a_record(options.program, name), 2)
        before = baseline.get(name)
        change = 100 * (now / before - 1) if before else None
        good = change is not None and abs(change) <= options.tolerance
        bad += not good
        print(f"{name:<22} {now:>10,.1f} {before if before is not None else '-':>10} "
              f"{'new' if change is None else f'{change:+.1f} %':>8}{'' if good or options.update else '  <- FAIL'}", flush=True)
    if options.update:
        with open(BASELINE, "w", encoding="utf-8") as file:
            json.dump(counted, file, indent=1)
            file.write("\n")
        print("baseline.json has these figures now; commit it with what changed them")
        return 0
    print(f"{len(names) - bad} passed, {bad} failed")
    if bad:
        print("More than the tolerance is a regression, or less is progress that should be kept: when it is meant, run "
              "`scripts/bench.sh check --update` and commit tests/bench/hot/baseline.json.")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
