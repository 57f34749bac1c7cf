#!/usr/bin/env python3
"""Measures otlpipe's worker beside the OpenTelemetry Collector. scripts/bench.sh builds what it needs and calls it."""
import argparse
import json
import os
import statistics
import sys
import tempfile
import time

import machine
import plots
import report
from measure import SYSTEMS, Bench, run
from scenarios import SCENARIOS
from special import SPECIAL

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worker", required=True, help="otlpipe-worker")
    parser.add_argument("--collector", required=True, help="otelcol")
    parser.add_argument("--tools", required=True, help="the folder of otlp_blast and otlp_sink")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each measurement")
    parser.add_argument("--stall-seconds", type=float, help="default: 60 when everything is measured, 20 otherwise")
    parser.add_argument("--out", help="where README.md, results.json and the plots go; default: nowhere, unless everything is measured")
    parser.add_argument("--render", metavar="RESULTS", help="only write the page and the plots of these results again")
    parser.add_argument("scenario", nargs="*", help=f"default: all of {', '.join([*SCENARIOS, *SPECIAL])}")
    parsed = parser.parse_args()
    unknown = [name for name in parsed.scenario if name not in SCENARIOS and name not in SPECIAL]
    if unknown:
        parser.error(f"no scenario {', '.join(unknown)}; there are {', '.join([*SCENARIOS, *SPECIAL])}")
    parsed.stall_seconds = parsed.stall_seconds or (20.0 if parsed.scenario else 60.0)
    if not parsed.scenario and not parsed.out:
        parsed.out = os.path.join(ROOT, "docs", "benchmarks")
    return parsed


def median_of(runs):
    return {key: statistics.median(r[key] for r in runs) for key in runs[0]}


def compare(bench, name, options):
    """All rounds of one scenario."""
    scenario, runs = SCENARIOS[name], {system: [] for system in SYSTEMS}
    for number in range(options.rounds):
        for system in SYSTEMS if number % 2 == 0 else reversed(SYSTEMS):
            runs[system].append(run(bench, system, scenario, options.seconds))
    medians = {system: median_of(r) for system, r in runs.items()}
    ratio = medians["collector"]["ns_per_record"] / medians["otlpipe"]["ns_per_record"]
    for system in SYSTEMS:
        costs = [r["ns_per_record"] for r in runs[system]]
        print(f"{report.line(name, system, medians[system])}   {min(costs):,.0f}–{max(costs):,.0f}", flush=True)
    print(f"{'':<18} ratio {ratio:.1f}", flush=True)
    return {"title": scenario.title, "ratio": ratio, **{s: {**medians[s], "runs": runs[s]} for s in SYSTEMS}}


def write(folder, results):
    os.makedirs(folder, exist_ok=True)
    files = {"results.json": json.dumps(results, indent=1) + "\n", "README.md": report.readme(results),
             "cpu.svg": plots.cpu(results), "ratio.svg": plots.ratio(results)}
    for name, text in files.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    print(f"written: {', '.join(files)} in {os.path.relpath(folder)}")


def rounded(value):
    """Six figures are more than any measurement here is good for."""
    if isinstance(value, dict):
        return {key: rounded(v) for key, v in value.items()}
    if isinstance(value, list):
        return [rounded(v) for v in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def main():
    options = arguments()
    if options.render:
        with open(options.render, encoding="utf-8") as file:
            write(options.out or os.path.dirname(options.render), json.load(file))
        return 0
    if len(os.sched_getaffinity(0)) < 2:
        print("bench: two cores are needed, one for the system and one for the load", file=sys.stderr)
        return 3
    wanted = options.scenario or [*SCENARIOS, *SPECIAL]
    began, failures = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="otlpipe-bench-") as folder:
        bench = Bench(options.worker, options.collector, options.tools, folder)
        results = {"machine": machine.describe(bench, ROOT), "rounds": options.rounds, "seconds": options.seconds, "scenarios": {},
                   "special": {}}
        if results["machine"]["load_before"] > 0.5:
            print(f"bench: the machine is busy (load average {results['machine']['load_before']:.1f}); figures will be worse than "
                  "they are", file=sys.stderr)
        print(report.HEADER + "   spread of ns/record", flush=True)
        for name in wanted:
            try:
                if name in SCENARIOS:
                    results["scenarios"][name] = rounded(compare(bench, name, options))
                else:
                    print(f"{name}: {SPECIAL[name].__doc__.split('. ')[0].split(chr(10))[0]}", flush=True)
                    results["special"][name] = rounded(SPECIAL[name](bench, options))
                    print(json.dumps(results["special"][name], indent=1), flush=True)
            except (RuntimeError, OSError) as error:
                failures.append(name)
                print(f"{name}: FAILED: {error}", flush=True)
    if options.out and not failures:
        write(options.out, results)
    print(f"{len(wanted) - len(failures)} passed, {len(failures)} failed; {time.monotonic() - began:.0f} s")
    for name in failures:
        print(f"failed: {name}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
