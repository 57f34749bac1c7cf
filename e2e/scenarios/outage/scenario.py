"""See README.md."""
from otlpe2e.collector import Collector
from otlpe2e.pipeline import NAME, Pipeline, gateway
from otlpe2e.traffic import Traffic

SPANS = 2000
RETRY = {"initialInterval": "200ms", "maxInterval": "2s"}


def run(t):
    collector = Collector(t.kubectl)
    pipeline = Pipeline(t.kubectl)
    collector.deploy()
    wanted = gateway(collector.endpoint)
    wanted["spec"]["exporters"][0]["otlpGrpc"]["retry"] = RETRY
    t.kubectl.apply(wanted)
    t.checks.must(t.checks.within(60, "the pipeline is Ready", lambda: pipeline.holds("Ready")))
    collector.wait()
    t.kubectl.run("scale", "deployment", collector.name, "--replicas=0")
    # Gone, not only going: a Collector that is being stopped still takes spans, which nobody could count afterwards.
    t.checks.within(30, "the backend is away", lambda: not t.kubectl.get("pods", selector=f"app.kubernetes.io/name={collector.name}"))

    traffic = Traffic(t.kubectl, f"{NAME}.{t.kubectl.namespace}.svc")
    traffic.start("traces", SPANS, timeout=60)
    t.checks.within(30, "the status says that the flow is not well", lambda: pipeline.condition("FlowHealthy").get("status") == "False")
    condition = pipeline.condition("FlowHealthy")
    t.checks.record("backend" in condition.get("message", ""), "and which exporter is to blame", condition.get("message", ""))
    t.checks.within(10, "with the exporter's last error", lambda: [
        e for e in pipeline.status()["exporters"] if e.get("health") in ("Failing", "Degraded") and e.get("lastError")])
    t.checks.record(traffic.ended() is None, "meanwhile the senders wait, as nothing is delivered")

    t.kubectl.run("scale", "deployment", collector.name, "--replicas=1")
    collector.wait()
    t.checks.must(t.checks.within(60, "with the backend back the senders end", lambda: traffic.ended() is not None))
    t.checks.equal("none of them failed", traffic.ended(), [])
    t.checks.within(15, "no span is missing", lambda: len(set(collector.span_ids())) == SPANS)
    t.checks.equal("no span came twice", len(collector.span_ids()), SPANS)
    t.checks.within(90, "the pipeline is Ready and the flow is well", lambda: pipeline.holds("Ready") and pipeline.holds("FlowHealthy"))
    t.checks.equal("nothing was dropped", pipeline.status().get("flow", {}).get("dropped", 0), 0)
