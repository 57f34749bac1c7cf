"""See README.md."""
import os
import subprocess

from otlpe2e.collector import Collector
from otlpe2e.pipeline import Pipeline
from otlpe2e.traffic import Traffic

OVER_GRPC, OVER_HTTP = 10000, 1000
SIGNALS = ("traces", "metrics", "logs")


def example(t):
    with open(os.path.join(t.root, "docs/examples/gateway.yaml"), encoding="utf-8") as file:
        return file.read().replace("observability", t.kubectl.namespace)


def check_objects(t, pipeline):
    uid = pipeline.object()["metadata"]["uid"]
    for kind, name in (("deployments", "gateway"), ("services", "gateway"), ("services", "gateway-headless"),
                       ("configmaps", "gateway-config"), ("serviceaccounts", "gateway")):
        found = t.kubectl.get(kind, name) or {"metadata": {}}
        owners = [(owner["uid"], owner.get("controller")) for owner in found["metadata"].get("ownerReferences", [])]
        t.checks.equal(f"{kind} {name} is there and controlled by the pipeline", owners, [(uid, True)])
        labels = found["metadata"].get("labels", {})
        missing = [word for word in ("name", "instance", "component", "managed-by", "part-of", "version")
                   if f"app.kubernetes.io/{word}" not in labels]
        t.checks.equal(f"{kind} {name} carries the recommended labels", missing, [])
    for pod in pipeline.pods():
        contexts = [container.get("securityContext", {}) for container in pod["spec"]["containers"]]
        t.checks.record(all(c.get("readOnlyRootFilesystem") for c in contexts), "a worker's root file system is read-only")


def send(t, collector):
    traffic = Traffic(t.kubectl, f"gateway.{t.kubectl.namespace}.svc")
    for signal in SIGNALS:
        traffic.start(signal, OVER_GRPC)
        traffic.start(signal, OVER_HTTP, http=True)
    t.checks.must(t.checks.within(120, "telemetrygen sends everything", lambda: traffic.ended() is not None))
    t.checks.equal("no sender failed", traffic.ended(), [])
    t.checks.within(15, "every record is counted at the Collector", lambda: collector.counts() == traffic.sent)
    t.checks.equal("no more than was sent", collector.counts(), traffic.sent)
    spans = collector.span_ids()
    t.checks.equal("every span came once", (len(spans), len(set(spans))), (traffic.sent["traces"],) * 2)
    return traffic


def check_status(t, pipeline, traffic):
    sent = sum(traffic.sent.values())
    t.checks.within(10, "the status shows what was received and sent",
                    lambda: pipeline.status().get("flow", {}).get("received") == sent
                    and pipeline.status()["flow"].get("sent") == sent)
    status = pipeline.status()
    t.checks.equal("nothing was refused or dropped", (status["flow"].get("refused", 0), status["flow"].get("dropped", 0)), (0, 0))
    t.checks.equal("the exporter is Healthy", [(e["name"], e.get("health")) for e in status.get("exporters", [])],
                   [("backend", "Healthy")])
    ns = t.kubectl.namespace
    t.checks.equal("the endpoints are named", status.get("endpoints"),
                   {"grpc": f"gateway.{ns}.svc:4317", "http": f"http://gateway.{ns}.svc:4318"})
    t.checks.equal("all conditions hold", sorted(c["type"] for c in status["conditions"] if c["status"] == "True"),
                   ["Available", "ConfigurationValid", "FlowHealthy", "Progressing", "Ready"])


def check_words(t):
    header, line = t.kubectl.run("get", "otlpp", "gateway").splitlines()
    t.checks.equal("kubectl get shows the columns", header.split(),
                   ["NAME", "MODE", "READY", "REPLICAS", "RECEIVED", "DROPPED", "AGE"])
    t.checks.record("Deployment" in line, "kubectl get tells the state in one line", line)
    explained = t.kubectl.run("explain", "otlppipeline.spec.exporters.otlpGrpc.queue")
    wanted = ("maxItems", "maxBytes", "overflow", "acknowledge", "DESCRIPTION")
    t.checks.equal("kubectl explain describes the queue", [word for word in wanted if word not in explained], [])
    done = subprocess.run([os.path.join(t.root, "build/bin/otlpipe"), "status", "gateway", "-n", t.kubectl.namespace],
                          capture_output=True, text=True, timeout=30)
    t.checks.record(done.returncode == 0 and "gateway" in done.stdout and "Ready" in done.stdout,
                    "otlpipe status tells the state", (done.stdout + done.stderr).strip()[:300] if done.returncode else "")


def run(t):
    collector = Collector(t.kubectl)
    pipeline = Pipeline(t.kubectl)
    collector.deploy()
    t.kubectl.apply(example(t))
    t.checks.must(t.checks.within(60, "the pipeline is Ready", lambda: pipeline.holds("Ready")))
    collector.wait()
    status = pipeline.status()
    t.checks.equal("with two workers", (status.get("replicas"), status.get("readyReplicas")), (2, 2))
    t.checks.within(10, "both report and run the wanted configuration",
                    lambda: pipeline.status().get("workers", {}).items() >= {"reporting": 2, "applied": 2}.items())
    check_objects(t, pipeline)
    traffic = send(t, collector)
    check_status(t, pipeline, traffic)
    check_words(t)
