"""What is measured: the load, and how both systems are configured for it."""
import dataclasses
import json


@dataclasses.dataclass(frozen=True)
class Scenario:
    title: str
    signal: str = "traces"
    protocol: str = "grpc"  # of the receiver; the exporter always speaks gRPC
    compression_in: str = "none"
    compression_out: str = "none"
    records: int = 1000  # in a request
    batched: bool = False
    batch_timeout: str = "100ms"
    connections: int = 2
    in_flight: int = 4  # on a connection
    warmup: int = 200  # requests
    batch_items: int = 512
    # The Collector's own queue between its pipeline and its exporter. Off: it acknowledges on delivery, as otlpipe always does
    # here. With the batch processor it acknowledges before that anyway, and the queue makes it cheaper.
    collector_queue: bool = False

    def load(self):
        """The generator's flags, apart from how long or how much."""
        return {
            "protocol": self.protocol, "signal": self.signal, "records": self.records, "compression": self.compression_in,
            "connections": self.connections, "in-flight": self.in_flight, "warmup": self.warmup,
        }


# How much is under way at once is the same for both systems, and within otlpipe's default queue of 10,000 records (but for the load
# by the clock that measures latency).
SCENARIOS = {
    "grpc": Scenario("gRPC → gRPC, 1,000 spans"),
    "grpc-8": Scenario("gRPC → gRPC, 8 spans", records=8, connections=4, in_flight=32, warmup=8000),
    "grpc-100": Scenario("gRPC → gRPC, 100 spans", records=100, connections=4, in_flight=16, warmup=1500),
    "grpc-8000": Scenario("gRPC → gRPC, 8,000 spans", records=8000, connections=2, in_flight=1, warmup=30),
    "grpc-gzip": Scenario("gRPC gzip → gRPC gzip, 1,000 spans", compression_in="gzip", compression_out="gzip"),
    "grpc-gzip-to-zstd": Scenario("gRPC gzip → gRPC zstd, 1,000 spans", compression_in="gzip", compression_out="zstd"),
    "grpc-gzip-batched": Scenario("gRPC gzip → batch of 512 → gRPC gzip, 128 spans", compression_in="gzip", compression_out="gzip",
                                  records=128, batched=True, connections=8, in_flight=4, warmup=1000, collector_queue=True),
    "grpc-to-gzip": Scenario("gRPC → gRPC gzip, 1,000 spans", compression_out="gzip"),
    "grpc-to-zstd": Scenario("gRPC → gRPC zstd, 1,000 spans", compression_out="zstd"),
    "http-gzip-logs": Scenario("HTTP gzip → gRPC gzip, 1,000 log records", signal="logs", protocol="http", compression_in="gzip",
                               compression_out="gzip", connections=8, in_flight=1),
    "grpc-logs": Scenario("gRPC → gRPC, 1,000 log records", signal="logs"),
    "grpc-metrics": Scenario("gRPC → gRPC, 1,000 points", signal="metrics"),
    "grpc-8-batched": Scenario("gRPC → batch of 512 → gRPC, 8 spans", records=8, batched=True, connections=8, in_flight=64,
                               warmup=8000, collector_queue=True),
}


def worker_config(scenario, ports, backend, memory="256Mi"):
    exporter = {"endpoint": f"127.0.0.1:{backend}", "compression": scenario.compression_out, "tls": {"insecure": True}}
    processors = []
    if scenario.batched:
        processors = [{"name": "batch", "batch": {"maxItems": scenario.batch_items, "timeout": scenario.batch_timeout}}]
    listeners = [{"receiver": "otlp", "protocol": "grpc", "port": ports["grpc"]},
                 {"receiver": "otlp", "protocol": "http", "port": ports["http"]},
                 {"protocol": "metrics", "port": ports["metrics"]}]
    return json.dumps({
        "identity": {"namespace": "bench", "name": "gateway"},
        "receivers": [{"name": "otlp", "otlp": {"grpc": {}, "http": {}}}],
        "processors": processors,
        "exporters": [{"name": "backend", "otlpGrpc": exporter}],
        "pipelines": [{"name": "all", "receivers": ["otlp"], "processors": [p["name"] for p in processors],
                       "exporters": ["backend"]}],
        "listeners": [{**listener, "address": "127.0.0.1"} for listener in listeners],
        "telemetry": {"logLevel": "error"},
        "memoryBudget": memory,
    }, indent=2)


def collector_config(scenario, ports, backend):
    batch = ""
    names = ""
    if scenario.batched:
        # Without a largest size it sends what has come together: 512 spans here, since 512 is a multiple of 8 and 128.
        batch = f"processors:\n  batch: {{send_batch_size: {scenario.batch_items}, timeout: {scenario.batch_timeout}}}\n"
        names = "batch"
    # Its default is to drop what comes to a full queue, after it has acknowledged it.
    queue = "{enabled: true, block_on_overflow: true}" if scenario.collector_queue else "{enabled: false}"
    pipeline = f"{{receivers: [otlp], processors: [{names}], exporters: [otlp]}}"
    return f"""\
receivers:
  otlp:
    protocols:
      grpc: {{endpoint: "127.0.0.1:{ports['grpc']}", max_recv_msg_size_mib: 64}}
      http: {{endpoint: "127.0.0.1:{ports['http']}"}}
{batch}exporters:
  otlp:
    endpoint: "127.0.0.1:{backend}"
    compression: {scenario.compression_out}
    tls: {{insecure: true}}
    sending_queue: {queue}
service:
  telemetry:
    metrics: {{level: none}}
    logs: {{level: error}}
  pipelines:
    traces: {pipeline}
    metrics: {pipeline}
    logs: {pipeline}
"""
