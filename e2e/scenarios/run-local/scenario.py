"""See README.md."""
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile

from otlpe2e.local import Process, free_port, virtual_environment

NEEDS_CLUSTER = False
NUMBER = 200
HERE = os.path.dirname(os.path.abspath(__file__))


def collector_config(folder, port):
    path = os.path.join(folder, "collector.json")
    exporters = {f"file/{name}": {"path": os.path.join(folder, f"{name}.jsonl"), "flush_interval": "100ms"}
                 for name in ("traces", "metrics", "logs")}
    with open(path, "w", encoding="utf-8") as file:
        json.dump({
            "receivers": {"otlp": {"protocols": {"grpc": {"endpoint": f"127.0.0.1:{port}"}}}},
            "exporters": exporters,
            "service": {"telemetry": {"metrics": {"level": "none"}},
                        "pipelines": {name: {"receivers": ["otlp"], "exporters": [f"file/{name}"]}
                                      for name in ("traces", "metrics", "logs")}},
        }, file)
    return path


def arrived(folder, kind, run):
    """The items of that kind whose resource carries the run."""
    found = []
    with open(os.path.join(folder, f"{kind}.jsonl"), encoding="utf-8") as file:
        for line in file:
            for resource in json.loads(line)[{"traces": "resourceSpans", "metrics": "resourceMetrics", "logs": "resourceLogs"}[kind]]:
                if not any(a["key"] == "e2e.run" and a["value"]["stringValue"] == run for a in resource["resource"]["attributes"]):
                    continue
                for scope in resource[{"traces": "scopeSpans", "metrics": "scopeMetrics", "logs": "scopeLogs"}[kind]]:
                    found += scope[{"traces": "spans", "metrics": "metrics", "logs": "logRecords"}[kind]]
    return found


def points(folder, run):
    return [point for metric in arrived(folder, "metrics", run) if metric["name"] == "e2e.requests"
            for point in metric["sum"]["dataPoints"]]


def check_protocol(t, python, folder, protocol, port):
    run = f"{protocol}-{secrets.token_hex(4)}"
    done = subprocess.run([python, os.path.join(HERE, "client.py"), protocol, f"127.0.0.1:{port}", run, str(NUMBER)],
                          capture_output=True, text=True, timeout=60)
    t.checks.record(done.returncode == 0 and not done.stderr.strip(), f"{protocol}: the SDK sends without complaint", done.stderr[-300:])
    indices = list(range(NUMBER))

    def numbers(items):
        return sorted(int(a["value"]["intValue"]) for item in items for a in item["attributes"] if a["key"] == "index")

    t.checks.within(10, f"{protocol}: every span arrives once, with its attributes", lambda: numbers(arrived(folder, "traces", run)) == indices)
    t.checks.within(10, f"{protocol}: every metric point arrives once", lambda: numbers(points(folder, run)) == indices)
    t.checks.within(10, f"{protocol}: every log record arrives once", lambda: sorted(
        r["body"]["stringValue"] for r in arrived(folder, "logs", run)) == sorted(f"record {i}" for i in indices))
    texts = {a["value"]["stringValue"] for s in arrived(folder, "traces", run) for a in s["attributes"] if a["key"] == "text"}
    t.checks.equal(f"{protocol}: text beyond ASCII survives", texts, {"grüße"})


def check_drain(t, python, folder, otlpipe, port):
    """What the client was told is delivered is delivered, and what is under way when Ctrl-C comes is drained."""
    run = f"drain-{secrets.token_hex(4)}"
    subprocess.run([python, os.path.join(HERE, "client.py"), "grpc", f"127.0.0.1:{port}", run, str(NUMBER)],
                   capture_output=True, timeout=60, check=False)
    otlpipe.signal(signal.SIGINT)
    t.checks.equal("Ctrl-C ends it with 0", otlpipe.wait(15), 0)
    t.checks.within(5, "and nothing is lost", lambda: len(arrived(folder, "traces", run)) == NUMBER)


def check_errors(t, program, example, arguments):
    second = subprocess.run([program, *arguments, "--set-port", "metrics=0"], capture_output=True, text=True, timeout=20)
    # The worker's log goes the same way; its lines begin with the time.
    told = [line for line in second.stderr.splitlines() if not re.match(r"\d{4}-\d\d-\d\dT", line)]
    t.checks.equal("a port in use ends with 3", second.returncode, 3)
    t.checks.record(len(told) == 1 and "in use" in told[0] and "grpc" in told[0] and "gateway.yaml" in told[0],
                    "and with one line that says which, of which file", "\n".join(told))
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as broken:
        with open(example, encoding="utf-8") as file:
            broken.write(file.read().replace("maxItems: 512", "maxItems: many").replace("[backend]", "[nowhere]"))
        broken.flush()
        done = subprocess.run([program, "validate", "-f", broken.name], capture_output=True, text=True, timeout=20)
        t.checks.equal("validate refuses a broken file with 1", done.returncode, 1)
        for word in ("maxItems", "nowhere"):
            told = [line for line in done.stderr.splitlines() if word in line and line.startswith(broken.name + ":")]
            t.checks.equal(f"and tells of {word} in one line with its place", len(told), 1)
    done = subprocess.run([program, "validate", "-f", example], capture_output=True, text=True, timeout=20)
    t.checks.equal("validate takes the example", (done.returncode, done.stderr), (0, ""))


def libraries_of(worker):
    with open(f"/proc/{worker}/maps", encoding="utf-8") as maps:
        return {os.path.basename(line.split()[-1]) for line in maps}


def worker_of(otlpipe):
    pid = otlpipe.process.pid
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
        return int(children.read().split()[0])


def run(t):
    python = virtual_environment(os.path.join(HERE, "requirements.txt"))
    program = os.path.join(t.root, "build/bin/otlpipe")
    example = os.path.join(t.root, "docs/examples/gateway.yaml")
    folder = tempfile.mkdtemp(prefix="otlpipe-e2e-")
    behind, grpc, http, metrics = free_port(), free_port(), free_port(), free_port()
    arguments = ["run", "-f", example, "--set-port", f"otlp.grpc={grpc}", "--set-port", f"otlp.http={http}"]
    listening = ["--set-port", f"metrics={metrics}"]
    os.environ["OTLP_ENDPOINT"] = f"127.0.0.1:{behind}"
    with Process([os.environ["E2E_OTELCOL"], "--config", collector_config(folder, behind)]) as collector, \
            Process([program, *arguments, *listening]) as otlpipe:
        up = collector.says("Everything is ready", 20)
        t.checks.must(t.checks.record(up, "the Collector runs", "" if up else collector.tail()))
        told = otlpipe.says(f"listening otlp/grpc 127.0.0.1:{grpc}", 10) and otlpipe.says(f"listening otlp/http 127.0.0.1:{http}", 10)
        if not t.checks.record(told, "otlpipe run tells where it listens", "" if told else otlpipe.tail()):
            return
        t.checks.record(any(name.startswith("libmimalloc.") for name in libraries_of(worker_of(otlpipe))), "the worker has mimalloc")
        check_protocol(t, python, folder, "grpc", grpc)
        check_protocol(t, python, folder, "http", http)
        check_errors(t, program, example, arguments)
        check_drain(t, python, folder, otlpipe, grpc)
    if t.checks.failed:
        print(otlpipe.tail(), file=sys.stderr)
