"""See README.md."""
from otlpe2e.collector import Collector
from otlpe2e.pipeline import NAME, Pipeline, gateway

KINDS = ("deployments", "replicasets", "pods", "services", "endpointslices", "configmaps", "serviceaccounts", "horizontalpodautoscalers",
         "poddisruptionbudgets",
         "leases", "secrets", "roles", "rolebindings", "jobs", "statefulsets", "daemonsets")


def children(t):
    """All that carries the pipeline's label or its name."""
    found = []
    for kind in KINDS:
        for thing in t.kubectl.get(kind):
            meta = thing["metadata"]
            if meta.get("labels", {}).get("app.kubernetes.io/instance") == NAME or meta["name"].split("-")[0] == NAME:
                found.append(f"{kind}/{meta['name']}")
    return found


def run(t):
    collector = Collector(t.kubectl)
    pipeline = Pipeline(t.kubectl)
    collector.deploy()
    wanted = gateway(collector.endpoint, podDisruptionBudget={"maxUnavailable": 1},
                     autoscaling={"minReplicas": 2, "maxReplicas": 3, "targetCPUUtilization": 80})
    t.kubectl.apply(wanted)
    t.checks.must(t.checks.within(60, "the pipeline is Ready", lambda: pipeline.holds("Ready")))
    kinds = {name.split("/")[0] for name in children(t)}
    t.checks.equal("it has children of every kind", sorted({"deployments", "services", "configmaps", "serviceaccounts", "horizontalpodautoscalers", "poddisruptionbudgets"} - kinds), [])

    t.kubectl.delete("otlppipelines", NAME, timeout=30)
    t.checks.equal("the pipeline is gone", pipeline.object(), None)
    t.checks.within(60, "no child is left", lambda: not children(t))
    t.checks.equal("none at all", children(t), [])
    t.checks.record(t.kubectl.get("deployments", collector.name) is not None, "what is not its own stays")

    t.kubectl.apply(wanted)
    t.checks.within(60, "the same name can be used again", lambda: pipeline.holds("Ready"))
