"""Measurements that are not a cost a record: at rest, latency, cores, a backend that stands still, memory, the tools themselves."""
import contextlib
import dataclasses
import statistics
import threading
import time

from measure import LOAD_CORE, SYSTEM_CORE, SYSTEMS, drive, running, settled
from scenarios import SCENARIOS
from system import cpu_seconds, memory_bytes

# At least so many of what is compared with a limit: a round of some seconds is at the mercy of the machine's other guests.
NOISY_ROUNDS = 5
# One core and two are compared in many pairs of rounds next to each other: the machine's speed changes from minute to minute.
CORE_PAIRS = 30
_LATENCY = dataclasses.replace(SCENARIOS["grpc-8-batched"], batch_timeout="1ms")


def idle(bench, options):
    """Resident memory five seconds after the start, without any load."""
    out = {}
    for system in SYSTEMS:
        with bench.sink(LOAD_CORE) as sink:
            process, _ = bench.start(system, SCENARIOS["grpc"], sink.port, SYSTEM_CORE)
            with running(process):
                time.sleep(5)
                before = cpu_seconds(process.pid)
                time.sleep(options.seconds)
                out[system] = {"rss": memory_bytes(process.pid, "VmRSS"),
                               "cpu_percent": 100 * (cpu_seconds(process.pid) - before) / options.seconds}
    return out


def _through(bench, system, scenario, load, **how):
    """Drives a fresh system; the generator's result with the system's peak memory."""
    with bench.sink(LOAD_CORE) as sink:
        process, port = bench.start(system, scenario, sink.port, SYSTEM_CORE, **how)
        with running(process):
            result = drive(bench, port, load, {"system": process, "sink": sink})
            counted = settled(sink, result["acknowledged_records"])
            result["peak_rss"] = memory_bytes(process.pid)
    if counted != result["acknowledged_records"]:
        raise RuntimeError(f"{system}: {result['acknowledged_records']} records were acknowledged, {counted} arrived")
    return result


def _direct(bench, load, options=()):
    """The generator and the sink with nothing in between."""
    with bench.sink(SYSTEM_CORE, options) as sink:
        return drive(bench, sink.port, load, {"sink": sink})


def _added(bench, system, load):
    """The latencies of one round through the system, and with nothing in between right after it."""
    through, direct = _through(bench, system, _LATENCY, load), _direct(bench, load)
    out = {"requests_per_second": through["requests"] / through["seconds"], "retries": through["retries"]}
    for p in ("p50", "p99", "max"):
        out[f"{p}_us"], out[f"direct_{p}_us"] = through[f"{p}_us"], direct[f"{p}_us"]
        out[f"added_{p}_us"] = through[f"{p}_us"] - direct[f"{p}_us"]
    return out


def latency(bench, options):
    """Added latency at half of the most that each system can do, requests of 8 spans batched with a timeout of 1 ms. The load
    falls due by the clock, and latency counts from then. Medians; the systems take turns."""
    full = {system: statistics.median(_through(bench, system, _LATENCY, {**_LATENCY.load(), "seconds": options.seconds})["rate"]
                                      for _ in range(options.rounds)) for system in SYSTEMS}
    half = {system: full[system] / _LATENCY.records / 2 for system in SYSTEMS}
    cases = {"otlpipe": ("otlpipe", half["otlpipe"]), "collector": ("collector", half["collector"]),
             "otlpipe at the Collector's rate": ("otlpipe", half["collector"])}
    rounds = {name: [] for name in cases}
    for number in range(max(options.rounds, NOISY_ROUNDS)):
        for name in (list(cases) if number % 2 == 0 else reversed(cases)):
            system, rate = cases[name]
            # So many at once that none waits for another one's answer: what falls due goes out.
            load = {**_LATENCY.load(), "in-flight": 8 * _LATENCY.in_flight, "seconds": options.seconds, "rate": rate,
                    "warmup": max(1, int(rate))}
            rounds[name].append(_added(bench, system, load))
    return {name: {**{figure: statistics.median(r[figure] for r in those) for figure in those[0]},
                   "added_p99_us_rounds": [r["added_p99_us"] for r in those]} for name, those in rounds.items()}


def _with_cores(bench, process, port, sink, load):
    result = drive(bench, port, load, {"system": process, "sink": sink}, None)
    return {"records_per_second": result["rate"], "ns_per_record": 1e9 * result["spent"]["system"] / result["records"],
            "system_cores": result["spent"]["system"] / result["seconds"],
            "load_cores": (result["cpu_seconds"] + result["spent"]["sink"]) / result["seconds"]}


def cores(bench, options):
    """Throughput of otlpipe with two cores against one: the median of many pairs of rounds. Generator and sink share the two cores
    with it, so the load is one that costs them little and the worker much: bodies are compressed in advance, the worker compresses
    them anew, and the sink only counts requests."""
    # The warm-up gives the worker the time to spread over its cores what the kernel's spread of the connections leaves uneven.
    scenario = dataclasses.replace(SCENARIOS["grpc-gzip-to-zstd"], connections=10, in_flight=1, warmup=600)
    load = {**scenario.load(), "seconds": options.seconds}
    with bench.sink(None, ["--count-requests-only"]) as sink, contextlib.ExitStack() as stack:
        workers = {}
        for threads in (1, 2):
            workers[str(threads)] = bench.start("otlpipe", scenario, sink.port, None, threads=threads)
            stack.enter_context(running(workers[str(threads)][0]))
        pairs = [{threads: _with_cores(bench, *workers[threads], sink, load) for threads in ("12", "21")[number % 2]}
                 for number in range(max(options.rounds, CORE_PAIRS))]
    out = {threads: {figure: statistics.median(pair[threads][figure] for pair in pairs) for figure in pairs[0][threads]}
           for threads in pairs[0]}
    out["title"], out["seconds"] = scenario.title, options.seconds
    out["ratio_rounds"] = [pair["2"]["records_per_second"] / pair["1"]["records_per_second"] for pair in pairs]
    out["ratio"] = statistics.median(out["ratio_rounds"])
    return out


def rss(bench, options):
    """Peak memory of both while they do what the Collector can do at most."""
    scenario = SCENARIOS["grpc"]
    load = {**scenario.load(), "seconds": options.seconds}
    collector = _through(bench, "collector", scenario, load)
    rate = collector["rate"] / scenario.records
    otlpipe = _through(bench, "otlpipe", scenario, {**load, "rate": rate, "warmup": max(1, int(rate))})
    return {"records_per_second": collector["rate"], "otlpipe": {"peak_rss": otlpipe["peak_rss"]},
            "collector": {"peak_rss": collector["peak_rss"]}}


def ceiling(bench, options):
    """What the generator and the sink cost and can do by themselves."""
    out = {}
    for name in ("grpc", "grpc-8", "grpc-gzip", "grpc-logs", "grpc-metrics"):
        scenario = SCENARIOS[name]
        result = _direct(bench, {**scenario.load(), "seconds": options.seconds})
        out[name] = {"title": scenario.title, "records_per_second": result["rate"],
                     "blast_ns_per_record": 1e9 * result["cpu_seconds"] / result["records"],
                     "sink_ns_per_record": 1e9 * result["spent"]["sink"] / result["records"]}
    return out


def sending_queue(bench, options):
    """Which setting of its sending queue costs the Collector less; medians."""
    out = {}
    for name in ("grpc", "grpc-8-batched"):
        costs = {False: [], True: []}
        for _ in range(options.rounds):
            for queue, figures in costs.items():
                scenario = dataclasses.replace(SCENARIOS[name], collector_queue=queue)
                result = _through(bench, "collector", scenario, {**scenario.load(), "seconds": options.seconds})
                figures.append(1e9 * result["spent"]["system"] / result["records"])
        out[name] = {"title": SCENARIOS[name].title, "off_ns_per_record": statistics.median(costs[False]),
                     "on_ns_per_record": statistics.median(costs[True])}
    return out


class _Watch:
    """The sink's totals and a process's memory, ten times a second."""

    def __init__(self, sink, process):
        self.samples, self.peak, self._over = [], 0, threading.Event()
        self._sink, self._process = sink, process
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.lock = threading.Lock()
        self._thread.start()

    def _run(self):
        while not self._over.wait(0.1):
            with self.lock:
                self.samples.append((time.monotonic(), self._sink.records()))
            self.peak = max(self.peak, memory_bytes(self._process.pid, "VmRSS"))

    def stop(self):
        self._over.set()
        self._thread.join(30)

    def rate(self, since, until):
        inside = [s for s in self.samples if since <= s[0] <= until]
        return (inside[-1][1] - inside[0][1]) / (inside[-1][0] - inside[0][0]) if len(inside) > 1 else 0.0

    def full_again(self, since, rate, window=0.5):
        """When, after `since`, the first half second with 90 % of the rate began."""
        for begin, _ in self.samples:
            if begin >= since and self.samples[-1][0] >= begin + window and self.rate(begin, begin + window + 0.05) >= 0.9 * rate:
                return begin - since
        return None


def stall(bench, options):
    """A backend that stops reading under full load: memory stays bounded, nothing acknowledged is lost, and it goes on."""
    scenario = dataclasses.replace(SCENARIOS["grpc"], connections=8, in_flight=16)
    before, after = 4.0, 8.0
    load = {**scenario.load(), "seconds": before + options.stall_seconds + after, "limit": options.stall_seconds + 180}
    with bench.sink(LOAD_CORE) as sink:
        process, port = bench.start("otlpipe", scenario, sink.port, SYSTEM_CORE, memory="64Mi")
        with running(process), bench.blast(port, load, LOAD_CORE) as blast:
            blast.event("measuring", 60)
            watch = _Watch(sink, process)
            begin = time.monotonic()
            time.sleep(before)
            speed = watch.rate(begin, time.monotonic())
            with watch.lock:
                sink.send("stall")
            stalled = time.monotonic()
            print(f"  full speed is {speed:,.0f} records/s; the backend stands still for {options.stall_seconds:.0f} s", flush=True)
            time.sleep(options.stall_seconds)
            during = watch.rate(stalled + 0.5, time.monotonic())
            with watch.lock:
                sink.send("go")
            gone_on = time.monotonic()
            blast.event("measured", 180)
            result = blast.result(180)
            watch.stop()
            counted = settled(sink, result["acknowledged_records"])
            peak = memory_bytes(process.pid)
    if result["failures"]:
        raise RuntimeError(f"{result['failures']} requests failed, the first with: {result['first_failure']}")
    if counted < result["acknowledged_records"]:
        raise RuntimeError(f"{result['acknowledged_records']} records were acknowledged, only {counted} arrived")
    return {"stall_seconds": options.stall_seconds, "memory_budget": 64 << 20, "peak_rss": peak, "records_per_second": speed,
            "records_per_second_while_stalled": during, "acknowledged": result["acknowledged_records"], "arrived": counted,
            "delivered_again": counted - result["acknowledged_records"], "refused_and_sent_again": result["retries"],
            "seconds_to_full_speed": watch.full_again(gone_on, speed)}


SPECIAL = {"ceiling": ceiling, "idle": idle, "latency": latency, "cores": cores, "rss": rss, "stall": stall,
           "sending-queue": sending_queue}
