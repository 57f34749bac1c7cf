"""See README.md."""
import time

from otlpe2e.collector import Collector
from otlpe2e.pipeline import NAME, Pipeline, gateway
from otlpe2e.traffic import Traffic

SPANS, SECONDS = 4000, 20


def change(t, what, path, value, probe):
    """Patches the spec and checks that probe() holds within 2 seconds of the API server's answer."""
    t.kubectl.patch_json("otlppipelines", NAME, [{"op": "replace", "path": path, "value": value}])
    return t.checks.within(2, what, probe)


def template(t):
    return t.kubectl.get("deployments", NAME)["spec"]["template"]


def run(t):
    first, second = Collector(t.kubectl, "first"), Collector(t.kubectl, "second")
    pipeline = Pipeline(t.kubectl)
    first.deploy()
    second.deploy()
    t.kubectl.apply(gateway(first.endpoint))
    t.checks.must(t.checks.within(60, "the pipeline is Ready", lambda: pipeline.holds("Ready")))
    first.wait()
    second.wait()
    before, template_before = pipeline.incarnations(), template(t)

    traffic = Traffic(t.kubectl, f"{NAME}.{t.kubectl.namespace}.svc")
    traffic.start("traces", SPANS, seconds=SECONDS)
    t.checks.must(t.checks.within(30, "traffic flows to the first Collector", lambda: first.counts()["traces"] > 0))
    change(t, "a changed batch timeout applies within 2 s", "/spec/processors/0/batch/timeout", "50ms",
           lambda: pipeline.applied_everywhere(2))
    time.sleep(3)
    change(t, "a changed endpoint applies within 2 s", "/spec/exporters/0/otlpGrpc/endpoint", second.endpoint,
           lambda: pipeline.applied_everywhere(2) and second.counts()["traces"] > 0)
    at_change = first.counts()["traces"]
    t.checks.record(traffic.ended() is None, "traffic was flowing at both changes")
    t.checks.must(t.checks.within(60, "telemetrygen sends everything", lambda: traffic.ended() is not None))
    t.checks.equal("no sender failed", traffic.ended(), [])

    def spans():
        return first.span_ids() + second.span_ids()

    t.checks.within(15, "no span is missing", lambda: len(set(spans())) == SPANS)
    t.checks.equal("no span came twice", len(spans()), SPANS)
    t.checks.equal("after the change the first Collector gets nothing more", first.counts()["traces"] - at_change, 0)
    t.checks.equal("no worker was replaced or restarted", pipeline.incarnations(), before)
    t.checks.equal("the pod template is as it was", template(t), template_before)
    t.checks.within(10, "the pipeline is Ready", lambda: pipeline.holds("Ready"))
    hashes = {pipeline.status().get("configHash")}
    t.checks.record(hashes != {None}, "the status names the configuration", str(hashes))
