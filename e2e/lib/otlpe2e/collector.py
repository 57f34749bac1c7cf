"""A real OpenTelemetry Collector in the scenario's namespace, and what it has counted."""
import json
import re

from . import api, images

METRIC = {"traces": "spans", "metrics": "metric_points", "logs": "log_records"}

CONFIG = {
    "receivers": {"otlp": {"protocols": {"grpc": {"endpoint": "0.0.0.0:4317"}, "http": {"endpoint": "0.0.0.0:4318"}}}},
    # A line a span, with its identity: that tells a duplicate from a span that is missing.
    "exporters": {"debug": {"verbosity": "normal", "use_internal_logger": False}, "nop": {}},
    "extensions": {"health_check": {"endpoint": "0.0.0.0:13133"}},
    "service": {
        "extensions": ["health_check"],
        "telemetry": {"metrics": {"readers": [
            {"pull": {"exporter": {"prometheus": {"host": "0.0.0.0", "port": 8888}}}}]}},
        "pipelines": {"traces": {"receivers": ["otlp"], "exporters": ["debug"]},
                      "metrics": {"receivers": ["otlp"], "exporters": ["nop"]},
                      "logs": {"receivers": ["otlp"], "exporters": ["nop"]}},
    },
}

SPAN = re.compile(r"^\S+ ([0-9a-f]{32}) ([0-9a-f]{16})\b", re.MULTILINE)

RESTRICTED = {
    "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": True,
    "runAsNonRoot": True, "runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"},
}


class Collector:
    def __init__(self, kubectl, name="collector"):
        self.kubectl = kubectl
        self.name = name

    @property
    def endpoint(self):
        return f"{self.name}.{self.kubectl.namespace}.svc:4317"

    def deploy(self):
        labels = {"app.kubernetes.io/name": self.name}
        ports = {"grpc": 4317, "http": 4318, "metrics": 8888}
        container = {
            "name": "collector", "image": images.part("collector"), "imagePullPolicy": "IfNotPresent",
            "args": ["--config=/etc/collector/config.yaml"],
            "ports": [{"name": name, "containerPort": port} for name, port in ports.items()],
            "readinessProbe": {"httpGet": {"path": "/", "port": 13133}, "periodSeconds": 1},
            "securityContext": RESTRICTED,
            "volumeMounts": [{"name": "config", "mountPath": "/etc/collector"}],
        }
        pod = {"terminationGracePeriodSeconds": 1, "containers": [container],
               "volumes": [{"name": "config", "configMap": {"name": self.name}}]}
        self.kubectl.apply([
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name},
             "data": {"config.yaml": json.dumps(CONFIG)}},
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": self.name},
             "spec": {"replicas": 1, "selector": {"matchLabels": labels},
                      "template": {"metadata": {"labels": labels}, "spec": pod}}},
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": self.name},
             "spec": {"selector": labels, "ports": [{"name": name, "port": port, "targetPort": name}
                                                    for name, port in ports.items()]}},
        ])

    def wait(self):
        self.kubectl.run("rollout", "status", f"deployment/{self.name}", "--timeout=90s", timeout=100)

    def counts(self):
        """Records taken in since it started, by signal."""
        text = api.read(f"/api/v1/namespaces/{self.kubectl.namespace}/services/{self.name}:metrics/proxy/metrics") or ""
        result = dict.fromkeys(METRIC, 0)
        for signal, word in METRIC.items():
            for value in re.findall(rf"^otelcol_receiver_accepted_{word}(?:_total)?\{{.*\}} (\S+)$", text, re.MULTILINE):
                result[signal] += int(float(value))
        return result

    def span_ids(self):
        """The identities of the spans that came, as a list: a span that came twice is in it twice."""
        return SPAN.findall(self.kubectl.logs(f"deployment/{self.name}"))
