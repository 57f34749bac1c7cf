"""Figures as text: a table while measuring, and docs/benchmarks/README.md from results.json."""

SYSTEM_NAMES = {"otlpipe": "otlpipe", "collector": "Collector"}


def thousands(value):
    return f"{value:,.0f}"


def mib(value):
    return f"{value / 2**20:,.0f}"


def ms(microseconds):
    value = microseconds / 1e3
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"


HEADER = f"{'scenario':<18} {'system':<10} {'CPU ns/record':>14} {'records/s':>12} {'p50 ms':>8} {'p99 ms':>8} {'RSS MiB':>8} {'busy':>6} {'load':>6}"


def line(name, system, figures):
    return (f"{name:<18} {SYSTEM_NAMES[system]:<10} {figures['ns_per_record']:>14,.0f} {figures['records_per_second']:>12,.0f} "
            f"{ms(figures['p50_us']):>8} {ms(figures['p99_us']):>8} {mib(figures['peak_rss']):>8} {figures['busy']:>6.0%} "
            f"{figures['load_busy']:>6.0%}")


def _main_table(results):
    yield ("| | otlpipe: CPU ns a record | Collector: CPU ns a record | ratio | otlpipe: records/s | Collector: records/s | "
           "otlpipe: p50 / p99 ms | Collector: p50 / p99 ms | otlpipe: peak RSS MiB | Collector: peak RSS MiB |")
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    for scenario in results["scenarios"].values():
        o, c = scenario["otlpipe"], scenario["collector"]
        yield (f"| {scenario['title']} | {thousands(o['ns_per_record'])} | {thousands(c['ns_per_record'])} | "
               f"**{scenario['ratio']:.1f}** | {thousands(o['records_per_second'])} | {thousands(c['records_per_second'])} | "
               f"{ms(o['p50_us'])} / {ms(o['p99_us'])} | {ms(c['p50_us'])} / {ms(c['p99_us'])} | {mib(o['peak_rss'])} | "
               f"{mib(c['peak_rss'])} |")


def _idle(r):
    yield "## At rest\n"
    yield "Five seconds after the start, without load.\n"
    yield "| | RSS MiB | CPU % of a core |\n|---|--:|--:|"
    for system, figures in r.items():
        yield f"| {SYSTEM_NAMES[system]} | {mib(figures['rss'])} | {figures['cpu_percent']:.2f} |"


def _rss(r):
    yield "## Memory under the same load\n"
    yield (f"Both do what the Collector can do at most: {thousands(r['records_per_second'])} spans a second. Peak RSS: otlpipe "
           f"{mib(r['otlpipe']['peak_rss'])} MiB, Collector {mib(r['collector']['peak_rss'])} MiB.")


def _latency(r):
    yield "## Latency\n"
    yield ("At half of the most that each can do by itself: requests of 8 spans, batches of 512 with a timeout of 1 ms, due by the "
           "clock, however many are under way. \"Added\" is what is more than with the generator and the sink alone at the same "
           "rate. The Collector's batch processor answers before the data is delivered, otlpipe after. Medians of five rounds or "
           "more, the systems in turns.\n")
    yield "| | requests/s | p50 ms | p99 ms | added p50 ms | added p99 ms | added p99, least to most |\n|---|--:|--:|--:|--:|--:|--:|"
    for system, f in r.items():
        yield (f"| {SYSTEM_NAMES.get(system, system)} | {thousands(f['requests_per_second'])} | {ms(f['p50_us'])} | {ms(f['p99_us'])} | "
               f"{ms(f['added_p50_us'])} | {ms(f['added_p99_us'])} | "
               f"{ms(min(f['added_p99_us_rounds']))} to {ms(max(f['added_p99_us_rounds']))} |")


def _cores(r):
    yield "## Two cores against one\n"
    yield (f"{r['title']}. The generator and the sink share the two cores with the worker, so not all of "
           f"both is its; the sink does not inflate here.\n\n| cores | spans/s | ns a span | cores used by otlpipe | by generator and "
           "sink |\n|---|--:|--:|--:|--:|")
    for n in ("1", "2"):
        f = r[n]
        yield (f"| {n} | {thousands(f['records_per_second'])} | {thousands(f['ns_per_record'])} | {f['system_cores']:.2f} | "
               f"{f['load_cores']:.2f} |")
    rounds = sorted(r["ratio_rounds"])
    quarter = len(rounds) // 4
    yield (f"\nRatio of throughput: **{r['ratio']:.2f}** (the median of {len(rounds)} pairs of rounds of {r['seconds']:g} s; the middle half lies between "
           f"{rounds[quarter]:.2f} and {rounds[-1 - quarter]:.2f}).")


def _stall(r):
    again = r["seconds_to_full_speed"]
    yield "## A backend that stands still\n"
    yield (f"otlpipe with memoryBudget 64Mi, 128 requests of 1,000 spans always under way, and a backend that reads nothing for "
           f"{r['stall_seconds']:.0f} s: peak RSS {mib(r['peak_rss'])} MiB; {thousands(r['refused_and_sent_again'])} requests were told "
           f"to come back and did; {thousands(r['acknowledged'])} spans were acknowledged and {thousands(r['arrived'])} arrived "
           f"({thousands(r['delivered_again'])} again, because the backend answered later than the exporter's timeout); back at full speed ({thousands(r['records_per_second'])} spans/s) "
           + (f"{again:.1f} s after the backend went on." if again is not None else "not within 8 s."))


def _ceiling(r):
    yield "## What the tools cost\n"
    yield ("The generator (core 1) straight to the sink (core 0). A system that is faster than this could not be measured with "
           "them.\n\n| | records/s | generator ns a record | sink ns a record |\n|---|--:|--:|--:|")
    for f in r.values():
        yield (f"| {f['title']} | {thousands(f['records_per_second'])} | {thousands(f['blast_ns_per_record'])} | "
               f"{thousands(f['sink_ns_per_record'])} |")


def _queue(r):
    yield "## The Collector's sending queue\n"
    yield ("With it off the Collector answers on delivery, as otlpipe does, so it is off wherever there is no batch processor; with "
           "one the Collector answers earlier in any case, and the queue is on.\n\n| | off, ns a record | on, ns a record |\n|---|--:|--:|")
    for f in r.values():
        yield f"| {f['title']} | {thousands(f['off_ns_per_record'])} | {thousands(f['on_ns_per_record'])} |"


SECTIONS = {"idle": _idle, "rss": _rss, "latency": _latency, "cores": _cores, "stall": _stall, "ceiling": _ceiling,
            "sending-queue": _queue}

METHOD = """\
## Method

- `make bench` builds everything and repeats all of this; `make bench SCENARIO=grpc` measures one scenario and leaves this folder
  alone. The tools are in [tests/bench](../../tests/bench/README.md).
- Each system runs pinned to core 0, with one thread of work: `--cores 1`, `GOMAXPROCS=1`. The generator and the sink are pinned to
  core 1. Systems alternate within a round, in turn the one and the other first; figures are medians over {rounds} rounds of
  {seconds:g} s after a warm-up; where more are taken it says so.
- Peak RSS is the most since 0.3 s after the start, so that it says what the work takes.
- CPU ns a record is the system's own processor time (its process clock, user and system) over what was measured, divided by the
  records acknowledged meanwhile. It holds whether or not the other core keeps up.
- records/s is what one core does with a fixed number of requests under way, the same for both systems; p50 and p99 are those of
  that saturated load, mostly queueing. The latency section is about load below that.
- The sink decompresses and counts every record. A run fails unless as many arrived as were acknowledged.
- Requests hold several resources and scopes with attributes as instrumented services send them{sizes}.
- Collector: otlp receiver, otlp exporter, own metrics off, log level error. otlpipe: defaults, memoryBudget 256Mi, log level error.
- Batched: otlpipe `batch: {{maxItems: 512, timeout: 100ms}}`, Collector `batch: {{send_batch_size: 512, timeout: 100ms}}` without a
  largest size; with requests of 8 or 128 both make batches of exactly 512.
"""


def _sizes(scenarios):
    """What the records of the measured requests weigh."""
    parts = [f"{name} of {scenarios[key]['otlpipe']['bytes_per_record']:.0f} bytes"
             for key, name in (("grpc", "spans"), ("grpc-logs", "log records"), ("grpc-metrics", "points")) if key in scenarios]
    if "grpc-gzip" in scenarios:
        figures = scenarios["grpc-gzip"]["otlpipe"]
        parts.append(f"gzip makes the spans {figures['bytes_per_record'] / figures['wire_bytes_per_record']:.1f} times smaller")
    return ": " + ", ".join(parts).replace(", \n", ",\n") if parts else ""


def readme(results):
    machine = results["machine"]
    lines = ["# Benchmarks\n",
             "otlpipe's worker beside the OpenTelemetry Collector, on one core each, in one run.\n",
             "![CPU time a record](cpu.svg)\n", "![How many times less](ratio.svg)\n", "## Cost a record\n",
             *_main_table(results),
             "\nRead the ratio as: what one core of otlpipe does takes so many cores of the Collector.\n"]
    for name, section in SECTIONS.items():
        if name in results.get("special", {}):
            lines += [*section(results["special"][name]), ""]
    lines += [METHOD.format(sizes=_sizes(results["scenarios"]), **results),
              "## Machine\n",
              f"{machine['date']}, {machine['system']}, kernel {machine['kernel']}, {machine['cores']} cores of {machine['cpu']}, "
              f"{machine['memory_gib']:g} GiB. {machine['otlpipe']} ({machine['commit']}), {machine['collector']}. Load average before "
              f"the start: {machine['load_before']:.1f}.\n",
              "All figures, with those of every round, are in [results.json](results.json)."]
    return "\n".join(lines) + "\n"
