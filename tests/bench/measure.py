"""One run of one system under one load, and what it cost."""
import contextlib
import os
import time

import scenarios
from system import Blast, Process, Sink, cpu_seconds, forget_peak, free_port, memory_bytes

SYSTEM_CORE = {0}
LOAD_CORE = {1}
SYSTEMS = ("otlpipe", "collector")


class Bench:
    """Where the programs are, and where their files go."""

    def __init__(self, worker, collector, tools, folder):
        self.worker, self.collector, self.folder = worker, collector, folder
        self.blast_binary, self.sink_binary = os.path.join(tools, "otlp_blast"), os.path.join(tools, "otlp_sink")

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def sink(self, cores=None, options=()):
        return Sink(self.sink_binary, cores, options)

    def blast(self, port, options, cores=None):
        return Blast(self.blast_binary, port, options, cores, self.path("blast.log"))

    def start(self, system, scenario, backend, cores=None, threads=1, memory="256Mi"):
        """A running system and the port to send to."""
        ports = {name: free_port() for name in ("grpc", "http", "metrics")}
        if system == "otlpipe":
            config = self.write(f"worker-{ports['grpc']}.json", scenarios.worker_config(scenario, ports, backend, memory))
            command, environment = [self.worker, "--config", config, "--cores", str(threads)], {}
        else:
            config = self.write("collector.yaml", scenarios.collector_config(scenario, ports, backend))
            command, environment = [self.collector, "--config", config], {"GOMAXPROCS": str(threads)}
        process = Process(system, command, cores, environment, self.path(f"{system}-{ports['grpc']}.log"))
        try:
            process.wait_for_port(ports[scenario.protocol])
            # What counts is memory at work; both have something to tidy up behind their start.
            time.sleep(0.3)
            forget_peak(process.pid)
        except BaseException:
            process.stop()
            raise
        return process, ports[scenario.protocol]


@contextlib.contextmanager
def running(process):
    try:
        yield process
    finally:
        process.stop()


def settled(sink, wanted, seconds=20):
    """What the sink has counted once it is as much as is wanted, or has stopped growing."""
    end = time.monotonic() + seconds
    while (records := sink.records()) < wanted and time.monotonic() < end:
        time.sleep(0.05)
    return records


def drive(bench, port, options, watched, cores=LOAD_CORE):
    """Runs the generator. `watched`: processes by name, whose processor time while measuring is taken."""
    limit = float(options.get("seconds", 60)) + 120
    with bench.blast(port, options, cores) as blast:
        blast.event("measuring", limit)
        before = {name: cpu_seconds(process.pid) for name, process in watched.items()}
        blast.event("measured", limit)
        spent = {name: cpu_seconds(process.pid) - before[name] for name, process in watched.items()}
        result = blast.result(limit)
    if result["failures"]:
        raise RuntimeError(f"{result['failures']} requests failed, the first with: {result['first_failure']}")
    if not result["records"]:
        raise RuntimeError("nothing was acknowledged while measuring")
    result["spent"] = spent
    result["rate"] = result["records"] / result["seconds"]
    return result


def run(bench, system, scenario, seconds, **how):
    """The figures of one run."""
    load = {**scenario.load(), "seconds": seconds}
    with bench.sink(LOAD_CORE) as sink:
        process, port = bench.start(system, scenario, sink.port, SYSTEM_CORE, **how)
        with running(process):
            result = drive(bench, port, load, {"system": process, "sink": sink})
            counted = settled(sink, result["acknowledged_records"])
            peak = memory_bytes(process.pid)
    if counted != result["acknowledged_records"]:
        raise RuntimeError(f"{system}: {result['acknowledged_records']} records were acknowledged, {counted} arrived")
    spent = result["spent"]
    return {
        "ns_per_record": 1e9 * spent["system"] / result["records"],
        "records_per_second": result["rate"],
        "records_per_cpu_second": result["records"] / spent["system"],
        "busy": spent["system"] / result["seconds"],
        "load_busy": (result["cpu_seconds"] + spent["sink"]) / result["seconds"],
        "blast_ns_per_record": 1e9 * result["cpu_seconds"] / result["records"],
        "sink_ns_per_record": 1e9 * spent["sink"] / result["records"],
        "p50_us": result["p50_us"], "p99_us": result["p99_us"], "max_us": result["max_us"],
        "peak_rss": peak, "retries": result["retries"],
        "bytes_per_record": result["payload_bytes"] / scenario.records,
        "wire_bytes_per_record": result["wire_bytes"] / scenario.records,
    }
