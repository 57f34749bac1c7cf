"""See README.md."""
import copy

from otlpe2e.collector import Collector
from otlpe2e.kubectl import KubectlError
from otlpe2e.pipeline import NAME, Pipeline, gateway
from otlpe2e.traffic import Traffic

# What is wrong, how to make it so, and the words that the refusal has to contain.
INVALID = [
    ("a batch out of bounds", lambda s: s["processors"][0]["batch"].update(maxItems=0), ["maxItems"]),
    ("a batch of a wrong type", lambda s: s["processors"][0]["batch"].update(maxItems="many"), ["maxItems"]),
    ("an unknown field", lambda s: s["receivers"][0]["otlp"]["grpc"].update(prot=4317), ["prot"]),
    ("an unknown mode", lambda s: s.update(mode="Deploymnet"), ["spec.mode", "Deployment"]),
    ("a mode that comes later", lambda s: s.update(mode="DaemonSet"), ["spec", "mode"]),
    ("a pipeline that names no exporter there is", lambda s: s["pipelines"][0].update(exporters=["nowhere"]), ["spec.pipelines", "exporters"]),
    ("two exporters of one name", lambda s: s["exporters"].append(copy.deepcopy(s["exporters"][0])), ["spec.exporters", "backend"]),
    ("an exporter without a kind", lambda s: s["exporters"][0].pop("otlpGrpc"), ["spec.exporters"]),
    ("a port out of bounds", lambda s: s["receivers"][0]["otlp"]["http"].update(port=70000), ["port"]),
    ("a duration that is none", lambda s: s["processors"][0]["batch"].update(timeout="soon"), ["timeout"]),
    ("a queue on disk, which comes later", lambda s: s["exporters"][0]["otlpGrpc"].update(queue={"type": "disk"}), ["queue"]),
    ("no pipeline at all", lambda s: s.update(pipelines=[]), ["spec.pipelines"]),
]


def refused(t, what, spoil, words):
    wanted = gateway(Collector(t.kubectl).endpoint)
    spoil(wanted["spec"])
    try:
        t.kubectl.apply(wanted)
        t.checks.record(False, f"{what} is refused", "it was accepted")
    except KubectlError as error:
        missing = [word for word in words if word not in str(error)]
        t.checks.record(not missing, f"{what} is refused and the field is named", f"without {missing}: {error}"[:500] if missing else "")


def judged_by_workers(t, pipeline, traffic):
    good = pipeline.status()["workers"]
    t.kubectl.patch_json("otlppipelines", NAME, [
        {"op": "replace", "path": "/spec/exporters/0/otlpGrpc/endpoint", "value": "${env:E2E_NOT_SET}"}])
    t.checks.within(10, "what only a worker can judge becomes ConfigurationValid=False",
                    lambda: pipeline.condition("ConfigurationValid").get("status") == "False")
    message = pipeline.condition("ConfigurationValid").get("message", "")
    t.checks.record("exporters" in message and "endpoint" in message and "E2E_NOT_SET" in message, "its message names the field", message)
    t.checks.within(10, "the pipeline is not Ready", lambda: pipeline.condition("Ready").get("status") == "False")
    t.checks.record(good["applied"] == 2, "before it both workers had applied theirs", str(good))

    other = gateway(Collector(t.kubectl).endpoint, replicas=1)
    other["metadata"]["name"] = "other"
    t.kubectl.apply(other)
    t.checks.within(60, "another pipeline becomes Ready meanwhile", lambda: Pipeline(t.kubectl, "other").holds("Ready"))

    traffic.start("traces", 1000)
    t.checks.within(60, "the workers go on with the last good one", lambda: traffic.ended() == [])
    t.checks.within(10, "and deliver with it", lambda: Collector(t.kubectl).counts() == traffic.sent)


def run(t):
    collector = Collector(t.kubectl)
    pipeline = Pipeline(t.kubectl)
    collector.deploy()
    t.kubectl.apply(gateway(collector.endpoint))
    t.checks.must(t.checks.within(60, "the pipeline is Ready", lambda: pipeline.holds("Ready")))
    collector.wait()
    t.checks.within(10, "both workers report", lambda: pipeline.status().get("workers", {}).get("applied") == 2)
    before, generation = pipeline.incarnations(), pipeline.object()["metadata"]["generation"]
    operator_before = restarts(t)

    for what, spoil, words in INVALID:
        refused(t, what, spoil, words)
    t.checks.equal("the refused changes changed nothing", pipeline.object()["metadata"]["generation"], generation)

    judged_by_workers(t, pipeline, Traffic(t.kubectl, f"{NAME}.{t.kubectl.namespace}.svc"))
    t.kubectl.apply(gateway(collector.endpoint))
    t.checks.within(10, "a good configuration makes it Ready again", lambda: pipeline.holds("Ready"))
    t.checks.equal("no worker was replaced or restarted", pipeline.incarnations(), before)
    t.checks.equal("the operator did not restart", restarts(t), operator_before)


def restarts(t):
    return [(pod["metadata"]["name"], [c["restartCount"] for c in pod["status"]["containerStatuses"]])
            for pod in t.operator.pods("app.kubernetes.io/name=otlpipe-operator")]
