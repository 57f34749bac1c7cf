"""See README.md."""
from otlpe2e.collector import Collector
from otlpe2e.pipeline import NAME, Pipeline, gateway
from otlpe2e.traffic import Traffic

SPANS, SECONDS = 4000, 20
OPERATOR = "otlpipe-operator"
SELECTOR = "app.kubernetes.io/name=otlpipe-operator"


def kill_operator(t):
    for pod in t.operator.pods(SELECTOR):
        t.operator.run("delete", "pod", pod["metadata"]["name"], "--grace-period=0", "--force", "--wait=false")


def without_operator(t, pipeline):
    t.operator.run("scale", "deployment", OPERATOR, "--replicas=0")
    t.checks.within(60, "there is no operator", lambda: not t.operator.get("pods", selector=SELECTOR))
    victim = pipeline.pods()[0]["metadata"]["name"]
    t.kubectl.run("delete", "pod", victim, "--wait=true", timeout=90)
    t.checks.within(60, "a worker that starts without an operator becomes ready",
                    lambda: t.kubectl.get("deployments", NAME)["status"].get("readyReplicas") == 2)


def run(t):
    collector = Collector(t.kubectl)
    pipeline = Pipeline(t.kubectl)
    collector.deploy()
    t.kubectl.apply(gateway(collector.endpoint))
    t.checks.must(t.checks.within(60, "the pipeline is Ready", lambda: pipeline.holds("Ready")))
    collector.wait()
    before = pipeline.incarnations()

    traffic = Traffic(t.kubectl, f"{NAME}.{t.kubectl.namespace}.svc")
    traffic.start("traces", SPANS, seconds=SECONDS)
    t.checks.must(t.checks.within(30, "traffic flows", lambda: collector.counts()["traces"] > 0))
    kill_operator(t)
    t.checks.record(traffic.ended() is None, "the operator is killed under traffic")
    t.checks.within(60, "a new operator is ready", lambda: [
        condition for pod in t.operator.pods(SELECTOR) for condition in pod["status"].get("conditions", [])
        if condition["type"] == "Ready" and condition["status"] == "True"])
    t.checks.must(t.checks.within(60, "telemetrygen sends everything", lambda: traffic.ended() is not None))
    t.checks.equal("no sender failed", traffic.ended(), [])
    t.checks.within(15, "no span is missing", lambda: len(set(collector.span_ids())) == SPANS)
    t.checks.equal("no span came twice", len(collector.span_ids()), SPANS)
    t.checks.equal("no worker was replaced or restarted", pipeline.incarnations(), before)

    t.kubectl.patch_json("otlppipelines", NAME, [{"op": "replace", "path": "/spec/processors/0/batch/timeout", "value": "50ms"}])
    t.checks.within(45, "the status recovers and a change is taken", lambda: pipeline.applied_everywhere(2))
    t.checks.within(10, "the pipeline is Ready", lambda: pipeline.holds("Ready"))

    try:
        without_operator(t, pipeline)
        again = Traffic(t.kubectl, f"{NAME}.{t.kubectl.namespace}.svc", name="again")
        again.start("traces", 1000)
        t.checks.within(60, "and the pipeline serves", lambda: again.ended() == [])
        t.checks.within(15, "every span arrives", lambda: len(set(collector.span_ids())) == SPANS + 1000)
    finally:
        t.operator.run("scale", "deployment", OPERATOR, "--replicas=1")
    t.checks.within(60, "with an operator again all workers report", lambda: pipeline.status().get("workers", {}).get("reporting") == 2
                    and pipeline.holds("Ready"))
