"""See README.md."""
from otlpe2e.collector import Collector
from otlpe2e.pipeline import NAME, Pipeline, gateway
from otlpe2e.traffic import Traffic

SPANS, SECONDS = 6000, 30
RESOURCES = {"requests": {"cpu": "110m", "memory": "128Mi"}, "limits": {"cpu": "210m", "memory": "256Mi"}}


def settled(pipeline, old, replicas):
    """Whether so many workers are ready and none of the old ones is left."""
    pods = pipeline.pods()
    status = pipeline.status()
    return (len(pods) == replicas and not old & {pod["metadata"]["uid"] for pod in pods}
            and (status.get("readyReplicas"), status.get("replicas")) == (replicas, replicas))


def run(t):
    collector = Collector(t.kubectl)
    pipeline = Pipeline(t.kubectl)
    collector.deploy()
    t.kubectl.apply(gateway(collector.endpoint))
    t.checks.must(t.checks.within(60, "the pipeline is Ready", lambda: pipeline.holds("Ready")))
    collector.wait()
    old = {pod["metadata"]["uid"] for pod in pipeline.pods()}

    traffic = Traffic(t.kubectl, f"{NAME}.{t.kubectl.namespace}.svc")
    traffic.start("traces", SPANS, seconds=SECONDS)
    t.checks.must(t.checks.within(30, "traffic flows", lambda: collector.counts()["traces"] > 0))
    t.kubectl.apply(gateway(collector.endpoint, resources=RESOURCES))
    t.checks.within(60, "changed resources replace every worker", lambda: settled(pipeline, old, 2))
    t.kubectl.run("scale", "otlppipeline", NAME, "--replicas=3")
    t.checks.within(60, "a third worker is added", lambda: settled(pipeline, old, 3))
    t.kubectl.run("scale", "otlppipeline", NAME, "--replicas=1")
    t.checks.within(60, "and two are taken away", lambda: settled(pipeline, old, 1))
    t.checks.record(traffic.ended() is None, "all of it under traffic")

    t.checks.must(t.checks.within(90, "telemetrygen sends everything", lambda: traffic.ended() is not None))
    t.checks.equal("no sender failed", traffic.ended(), [])
    t.checks.within(15, "no span is missing", lambda: len(set(collector.span_ids())) == SPANS)
    t.checks.equal("no span came twice", len(collector.span_ids()), SPANS)
    t.checks.within(15, "the pipeline is Ready", lambda: pipeline.holds("Ready"))
