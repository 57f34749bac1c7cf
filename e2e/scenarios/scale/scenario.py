"""See README.md."""
from otlpe2e.collector import Collector
from otlpe2e.pipeline import NAME, Pipeline, gateway
from otlpe2e.traffic import Traffic

# Little is requested, so that a load this machine can make is a high share of it.
RESOURCES = {"requests": {"cpu": "20m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}}


def ready(pipeline, replicas):
    status = pipeline.status()
    return (status.get("replicas"), status.get("readyReplicas")) == (replicas, replicas)


def by_hand(t, pipeline):
    t.kubectl.run("scale", "otlppipeline", NAME, "--replicas=3")
    t.checks.within(60, "kubectl scale makes it three workers", lambda: ready(pipeline, 3))
    t.checks.within(15, "and all three report", lambda: pipeline.status().get("workers", {}).get("applied") == 3)
    t.kubectl.run("scale", "otlppipeline", NAME, "--replicas=1")
    t.checks.within(60, "and back to one", lambda: ready(pipeline, 1))
    t.checks.within(20, "the scale subresource selects the workers", lambda: len(
        t.kubectl.pods(pipeline.status()["selector"])) == 1)


def by_load(t, pipeline, collector):
    t.kubectl.apply(gateway(collector.endpoint, replicas=1, resources=RESOURCES,
                            processors=[{"name": "batch", "batch": {"maxItems": 512, "timeout": "5ms"}}],
                            autoscaling={"minReplicas": 1, "maxReplicas": 3, "targetCPUUtilization": 50}))
    found = t.checks.must(t.checks.within(15, "autoscaling makes a HorizontalPodAutoscaler", lambda: t.kubectl.get("horizontalpodautoscalers", NAME)))
    t.checks.equal("with the bounds of the spec", (found["spec"]["minReplicas"], found["spec"]["maxReplicas"]), (1, 3))
    t.checks.within(60, "the workers with the new resources are ready", lambda: pipeline.holds("Ready"))
    t.checks.must(t.checks.within(120, "it reads the CPU use", lambda: t.kubectl.get("horizontalpodautoscalers", NAME)["status"].get("currentMetrics", [{}])[0]
                                  .get("resource", {}).get("current", {}).get("averageUtilization") is not None))
    traffic = Traffic(t.kubectl, f"{NAME}.{t.kubectl.namespace}.svc")
    # Small requests and short waits for a batch: about a thousand requests a second.
    traffic.start("logs", 1200000, seconds=120)
    if not t.checks.within(120, "CPU load makes it raise the replicas",
                           lambda: t.kubectl.get("deployments", NAME)["spec"]["replicas"] > 1):
        print(t.kubectl.run("describe", "hpa", NAME), flush=True)
    t.checks.within(30, "the status follows", lambda: pipeline.status().get("readyReplicas", 0) > 1)
    t.kubectl.run("delete", "jobs", "--all", "--cascade=foreground", "--timeout=30s")


def run(t):
    collector = Collector(t.kubectl)
    pipeline = Pipeline(t.kubectl)
    collector.deploy()
    t.kubectl.apply(gateway(collector.endpoint))
    t.checks.must(t.checks.within(60, "the pipeline is Ready", lambda: pipeline.holds("Ready")))
    collector.wait()
    by_hand(t, pipeline)
    by_load(t, pipeline, collector)
    t.kubectl.apply(gateway(collector.endpoint, replicas=2, resources=RESOURCES))
    t.checks.within(15, "without autoscaling the HorizontalPodAutoscaler goes", lambda: t.kubectl.get("horizontalpodautoscalers", NAME) is None)
    t.checks.within(60, "and the replicas are the spec's", lambda: ready(pipeline, 2))
